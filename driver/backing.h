/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Backing: the pages behind a buffer, allocated for one set of merged limits,
 * and the views of them that others need. Knows nothing of dma-buf, devices or
 * attachments. The caller serialises: a backing is built once, read by many,
 * freed once.
 */
#ifndef _DMABUF_HEAP_BACKING_H
#define _DMABUF_HEAP_BACKING_H

#include <linux/mm_types.h>
#include <linux/scatterlist.h>

#include "limits.h"

/**
 * struct heap_chunk - pages that follow each other, and came as one
 * @page: the first
 * @first: index in the buffer of the first
 * @pages: how many
 */
struct heap_chunk {
	struct page *page;
	unsigned long first;
	unsigned long pages;
};

/**
 * enum heap_source - who gave a buffer's memory
 * @HEAP_SOURCE_PAGES: the page allocator, and a memory cgroup pays for it
 * @HEAP_SOURCE_RANGE: range allocation
 * @HEAP_SOURCE_CMA: the kernel's reserve of contiguous memory
 */
enum heap_source {
	HEAP_SOURCE_PAGES,
	HEAP_SOURCE_RANGE,
	HEAP_SOURCE_CMA,
};

/**
 * struct heap_backing - a buffer's memory
 * @chunks: in the order of the buffer, NULL while there is no memory
 * @only: where @chunks points when there is just one
 * @count: number of chunks
 * @pages: pages in all of them
 * @source: who gave them
 * @placement: how they lie
 */
struct heap_backing {
	struct heap_chunk *chunks;
	struct heap_chunk only;
	unsigned long count;
	unsigned long pages;
	enum heap_source source;
	struct heap_placement placement;
};

/**
 * dmabuf_heap_backing_ranged() - what no memory cgroup pays for
 * @backing: memory
 *
 * Return: bytes; all of them or none.
 */
static inline u64 dmabuf_heap_backing_ranged(const struct heap_backing *backing)
{
	return backing->source == HEAP_SOURCE_PAGES ? 0 : (u64)backing->pages << PAGE_SHIFT;
}

int dmabuf_heap_backing_alloc(struct heap_backing *backing, u64 length,
			      const struct heap_merged *merged);
void dmabuf_heap_backing_free(struct heap_backing *backing);
unsigned long dmabuf_heap_backing_pfn(const struct heap_backing *backing, unsigned long index,
				      unsigned long *pages);
u64 dmabuf_heap_backing_segments(const struct heap_backing *backing,
				 const struct heap_limits *limits);
int dmabuf_heap_backing_table(const struct heap_backing *backing, const struct heap_limits *limits,
			      struct sg_table *table);
void dmabuf_heap_backing_copy(const struct heap_backing *to, const struct heap_backing *from);
void dmabuf_heap_backing_swap(struct heap_backing *a, struct heap_backing *b);
void *dmabuf_heap_backing_vmap(const struct heap_backing *backing);
void dmabuf_heap_backing_vunmap(const struct heap_backing *backing, void *vaddr);

#endif /* _DMABUF_HEAP_BACKING_H */
