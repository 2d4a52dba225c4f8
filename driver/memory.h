/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How this module asks for memory of its own: records, tables, arrays. Charged to
 * the active memory cgroup, which is the buffer's creator's. RETRY_MAYFAIL makes
 * a cgroup at its limit an ENOMEM for whoever asks; without it, a small
 * allocation would kill a task of that cgroup instead.
 */
#ifndef _DMABUF_HEAP_MEMORY_H
#define _DMABUF_HEAP_MEMORY_H

#include <linux/mm.h>
#include <linux/slab.h>

#include "knobs.h"

#define HEAP_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/* A record, zeroed; kfree() ends it. */
static inline void *dmabuf_heap_alloc(size_t size)
{
	return dmabuf_heap_knob_fail() ? NULL : kzalloc(size, HEAP_GFP);
}

/* A record of which there are many, zeroed; kmem_cache_free() ends it. */
static inline void *dmabuf_heap_alloc_from(struct kmem_cache *cache)
{
	return dmabuf_heap_knob_fail() ? NULL : kmem_cache_zalloc(cache, HEAP_GFP);
}

/* An array, not zeroed; kvfree() ends it. */
static inline void *dmabuf_heap_alloc_array(size_t count, size_t size)
{
	return dmabuf_heap_knob_fail() ? NULL : kvmalloc_array(count, size, HEAP_GFP);
}

#endif /* _DMABUF_HEAP_MEMORY_H */
