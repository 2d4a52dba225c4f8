/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory from the page allocator.
 */
#ifndef _DMABUF_HEAP_PAGES_H
#define _DMABUF_HEAP_PAGES_H

#include <linux/gfp.h>
#include <linux/list.h>

struct heap_site;
struct page;

long dmabuf_heap_pages_collect(struct list_head *list, const struct heap_site *site, gfp_t zone);
void dmabuf_heap_pages_free(struct page *page, unsigned long pages);

#endif /* _DMABUF_HEAP_PAGES_H */
