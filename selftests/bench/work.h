/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that can be done with any dma-buf: what of it is measured, and what has to
 * be done before and after.
 */
#ifndef WORK_H
#define WORK_H

#include <linux/types.h>

#include "../kmod/mapper.h"
#include "peer.h"

/*
 * struct scene - what a piece of work has before it
 * @peer: who makes the buffer
 * @length: of the buffer
 * @device: an importer, an fd of kmod/mapper; -1 where there is none
 * @buffer: the buffer's fd, from where it is created on
 * @map: where a process maps it
 * @given: what the device was given by its last map
 */
struct scene {
	const struct peer *peer;
	__u64 length;
	int device;
	int buffer;
	char *map;
	struct mapper_map given;
};

/* Which device takes part. */
enum work_device {
	WORK_NO_DEVICE,
	WORK_DEVICE_WIDE,	/* without limits */
	WORK_DEVICE_64K,	/* segments of 64 KiB: a driver that never said */
	WORK_DEVICES,
};

/*
 * struct work - one thing to measure
 * @name: for people and for JSON
 * @device: who takes part
 * @before, @work, @after: only @work is measured. @before and @after may be NULL.
 */
struct work {
	const char *name;
	enum work_device device;
	void (*before)(struct scene *scene);
	void (*work)(struct scene *scene);
	void (*after)(struct scene *scene);
};

#define WORKS	12
extern const struct work works[WORKS];

/* The importer: an fd, or -errno where kmod/mapper is not loaded. */
int work_device_open(enum work_device device);

#endif /* WORK_H */
