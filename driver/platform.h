/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Platforms: those who know more of a device than its struct device says. What
 * they are asked is in linux/dmabuf-heap-kernel.h; here is who asks. V4L2, DRM and
 * accel are built in and registered like any other.
 */
#ifndef _DMABUF_HEAP_PLATFORM_H
#define _DMABUF_HEAP_PLATFORM_H

#include <linux/dmabuf-heap-kernel.h>

#include "limits.h"

/**
 * struct heap_platform_answer - an answer that was checked
 * @dma: device that does the DMA, with a reference; NULL for CPU only
 * @limits: what it has beyond its struct device
 */
struct heap_platform_answer {
	struct device *dma;
	struct heap_limits limits;
};

int dmabuf_heap_platform_enter(void);
void dmabuf_heap_platform_leave(int inside);
struct dmabuf_heap_platform *
dmabuf_heap_platform_next(struct dmabuf_heap_platform *after, const struct file *file,
			  const struct device *node);
int dmabuf_heap_platform_read(struct dmabuf_heap_platform *platform, struct file *file,
			      struct device *node, struct heap_platform_answer *answer);
bool dmabuf_heap_platform_limit(struct device *dev, struct heap_limits *limits);

#endif /* _DMABUF_HEAP_PLATFORM_H */
