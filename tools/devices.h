/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices as rows: every V4L2 and DRM node with the limits of its DMA, asked for
 * with TEST, which leaves no trace.
 */
#ifndef DMABUF_CTL_DEVICES_H
#define DMABUF_CTL_DEVICES_H

#include "table.h"

extern const struct layout devices_layout;

/**
 * devices_probe_create() - a buffer to ask with
 * @heap: the open device
 * @probe: written on success; end it with dmabuf_heap_buffer_close()
 *
 * Return: 0, or what dmabuf_heap_buffer_create() fails with.
 */
int devices_probe_create(struct dmabuf_heap *heap,
			 struct dmabuf_heap_buffer **probe);

/**
 * devices_collect() - a table of all devices
 * @probe: a buffer to ask with; without one (NULL), limits aren't known
 *
 * Return: the table, of devices_layout, to be freed.
 */
struct table *devices_collect(struct dmabuf_heap_buffer *probe);

#endif
