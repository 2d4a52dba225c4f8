/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A site: where memory shall lie. What merged limits ask, in the terms of those who
 * look for memory: pages.c, which asks the page allocator, and range.c, which makes
 * room where the page allocator has none.
 */
#ifndef _DMABUF_HEAP_SITE_H
#define _DMABUF_HEAP_SITE_H

#include <linux/list.h>
#include <linux/mm.h>

/**
 * struct heap_site - where memory shall lie
 * @pages: how many
 * @one_run: they must follow each other
 * @max_addr: highest address that the last byte may have
 * @align: every piece begins at a multiple of this; a power of two, in pages
 * @chunk: pieces of so many pages are worth an effort; a power of two
 * @node: NUMA node to try first, or NUMA_NO_NODE
 */
struct heap_site {
	unsigned long pages;
	bool one_run;
	u64 max_addr;
	unsigned long align;
	unsigned long chunk;
	int node;
};

/*
 * Those who look for memory collect pieces on a list, linked by the lru of their first
 * pages, whose private says how many pages there are.
 */
static inline void heap_piece_set(struct page *page, unsigned long pages)
{
	set_page_private(page, pages);
}

static inline unsigned long heap_piece_take(struct page *page)
{
	unsigned long pages = page_private(page);

	list_del(&page->lru);
	set_page_private(page, 0);
	return pages;
}

static inline bool heap_piece_is_below(struct page *page, unsigned long pages, u64 max_addr)
{
	return page_to_phys(page) + ((u64)pages << PAGE_SHIFT) - 1 <= max_addr;
}

#endif /* _DMABUF_HEAP_SITE_H */
