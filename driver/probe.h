/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes: what one subsystem knows about its devices beyond their struct device.
 * Reading other subsystems' structures is confined to probe_*.c; in the kernel
 * tree these would be helpers that the subsystems export. The module must not
 * depend on any of them, so nothing of theirs is linked: only inline functions
 * and fields of their public headers are used.
 */
#ifndef _DMABUF_HEAP_PROBE_H
#define _DMABUF_HEAP_PROBE_H

#include <linux/device.h>
#include <linux/fs.h>

/**
 * struct heap_probe_answer - what a probe found out
 * @dma: device that does the DMA, valid while the owner's lock is held
 * @cpu_only: nobody does: the driver touches buffers by the CPU
 * @contiguous: its DMA addresses must have no gap
 */
struct heap_probe_answer {
	struct device *dma;
	bool cpu_only;
	bool contiguous;
};

/**
 * struct heap_probe - what one class of device nodes is asked
 * @class: name of the class
 * @major: of its nodes, which are all of this subsystem's making
 * @read: fills in the answer for @node, which @file is an open file of. Called
 *	with the lock of the node's parent held, so that its driver stays
 *	bound; may sleep. Returns 0; -ENOENT when this node knows no more
 *	than its struct device; -ENODEV when @file isn't of this node or the node is
 *	gone.
 */
struct heap_probe {
	const char *class;
	unsigned int major;
	int (*read)(struct file *file, struct device *node, struct heap_probe_answer *answer);
};

bool dmabuf_heap_probe_v4l2_forgets(struct device *dev);

extern const struct heap_probe dmabuf_heap_probe_v4l2;
extern const struct heap_probe dmabuf_heap_probe_drm;
extern const struct heap_probe dmabuf_heap_probe_accel;

#endif /* _DMABUF_HEAP_PROBE_H */
