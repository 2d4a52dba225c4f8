/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registry: all live buffers by id, for QUERY. What it hands out is pinned
 * as a struct, not as a dma-buf: reading a buffer never keeps it alive.
 */
#ifndef _DMABUF_HEAP_REGISTRY_H
#define _DMABUF_HEAP_REGISTRY_H

#include <linux/types.h>

struct heap_buffer;

void dmabuf_heap_registry_add(struct heap_buffer *buf);
void dmabuf_heap_registry_remove(struct heap_buffer *buf);
struct heap_buffer *dmabuf_heap_registry_get(u64 id);
struct heap_buffer *dmabuf_heap_registry_next(u64 after);

#endif /* _DMABUF_HEAP_REGISTRY_H */
