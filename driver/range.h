/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ranges: memory at addresses of one's choice, made free by moving away what is
 * there.
 */
#ifndef _DMABUF_HEAP_RANGE_H
#define _DMABUF_HEAP_RANGE_H

#include <linux/list.h>
#include <linux/types.h>

struct heap_site;
struct page;

bool dmabuf_heap_range_can(void);
long dmabuf_heap_range_collect(struct list_head *list, const struct heap_site *site);
long dmabuf_heap_range_cma(struct list_head *list, const struct heap_site *site);
void dmabuf_heap_range_cma_free(struct page *page, unsigned long pages);

#endif /* _DMABUF_HEAP_RANGE_H */
