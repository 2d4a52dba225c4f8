/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reach: the limits of a struct device's DMA.
 */
#ifndef _DMABUF_HEAP_REACH_H
#define _DMABUF_HEAP_REACH_H

#include <linux/types.h>

struct device;
struct heap_limits;

bool dmabuf_heap_reach_read(struct device *dev, struct heap_limits *limits, u32 *flags);

#endif /* _DMABUF_HEAP_REACH_H */
