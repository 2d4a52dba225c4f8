/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes: the platforms that are built in, each of which knows one subsystem's
 * devices. Reading other subsystems' structures is confined to probe_*.c; in the kernel
 * tree these would be helpers that the subsystems export. The module must not
 * depend on any of them, so nothing of theirs is linked: only inline functions
 * and fields of their public headers are used.
 */
#ifndef _DMABUF_HEAP_PROBE_H
#define _DMABUF_HEAP_PROBE_H

#include <linux/types.h>

struct device;
struct dmabuf_heap_platform;

bool dmabuf_heap_probe_v4l2_forgets(struct device *dev);

extern struct dmabuf_heap_platform dmabuf_heap_probe_v4l2;
extern struct dmabuf_heap_platform dmabuf_heap_probe_drm;
extern struct dmabuf_heap_platform dmabuf_heap_probe_accel;

#endif /* _DMABUF_HEAP_PROBE_H */
