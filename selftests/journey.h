/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A journey: all that can happen to buffers, once, by every importer that there
 * is, with the calls that fail among them. It ends where it began: what it leaves
 * behind is a leak. Functions return 0 or -errno.
 */
#ifndef JOURNEY_H
#define JOURNEY_H

#include <stdbool.h>

#include "v4l2.h"

struct journey {
	int heap;
	int vgem;			/* -1 where there is none, as in the next three */
	int cirrus;
	struct v4l2_queue cpu_camera;	/* vivid's, which uses the CPU */
	struct v4l2_queue dma_camera;	/* vivid's, which maps */
	bool cgroups;
	int importers;			/* how many of the four there are */
	void *readonly;			/* a page that can't be written */
	const char *stage;		/* how far the last journey came */
};

int journey_init(struct journey *journey, int heap);
void journey_free(struct journey *journey);

/* One of everything. On failure, @stage names the part that went wrong. */
int journey_make(struct journey *journey);

#endif /* JOURNEY_H */
