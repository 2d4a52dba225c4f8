// SPDX-License-Identifier: GPL-2.0
/*
 * Asking the page allocator. Scattered memory comes in the largest chunks that it
 * has: large chunks mean short scatter-gather tables, and don't sprinkle unmovable
 * pages all over memory. One run is one block, cut to size.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "compat/compat.h"
#include "memory.h"
#include "pages.h"
#include "site.h"

/* As HEAP_GFP says. Large chunks are a bonus that nothing is reclaimed for. */
#define PAGES_GFP	(HEAP_GFP | GFP_USER | __GFP_ZERO)
#define LARGE_GFP	((PAGES_GFP | __GFP_COMP | __GFP_NORETRY) & \
			 ~(__GFP_RECLAIM | __GFP_RETRY_MAYFAIL))
/* Those that somebody prefers are worth one attempt to make room. */
#define CHUNK_GFP	((PAGES_GFP | __GFP_COMP | __GFP_NORETRY) & ~__GFP_RETRY_MAYFAIL)

static struct page *pages_get(const struct heap_site *site, gfp_t gfp, unsigned int order)
{
	/* Without a wish, the task's own memory policy holds. */
	if (site->node == NUMA_NO_NODE)
		return alloc_pages(gfp, order);
	return alloc_pages_node(site->node, gfp, order);
}

/*
 * 2^@order pages without which it can't go on. Returns -EDQUOT when there are such, but
 * the memory cgroup has no more: without a charge they can be had.
 */
static struct page *pages_need(const struct heap_site *site, gfp_t gfp, unsigned int order)
{
	struct page *page = pages_get(site, gfp, order);

	if (page)
		return page;
	page = pages_get(site, gfp & ~__GFP_ACCOUNT, order);
	if (!page)
		return ERR_PTR(-ENOMEM);
	__free_pages(page, order);
	/* Or there were none just before: now that there are, only the charge can fail. */
	page = pages_get(site, gfp, order);
	return page ?: ERR_PTR(-EDQUOT);
}

/* A block of 2^@order pages, of which only the first @pages are kept, as single pages. */
static struct page *pages_need_cut(const struct heap_site *site, gfp_t zone, unsigned int order,
				   unsigned long pages)
{
	struct page *page = pages_need(site, PAGES_GFP | zone, order);
	unsigned long i;

	if (IS_ERR(page) || !order)
		return page;
	split_page(page, order);
	for (i = pages; i < 1UL << order; i++)
		__free_page(page + i);
	return page;
}

/*
 * A chunk of 2^@order pages, or fewer where there is none; @least are the fewest that
 * alignment allows. On success @order is what it got.
 */
static struct page *chunk_get(const struct heap_site *site, gfp_t zone, unsigned int least,
			      unsigned int *order)
{
	struct page *page;

	if (dmabuf_heap_knob_fail())
		return ERR_PTR(-ENOMEM);
	for (; *order > least; (*order)--) {
		gfp_t gfp = 1UL << *order == site->chunk ? CHUNK_GFP : LARGE_GFP;

		page = pages_get(site, gfp | zone, *order);
		if (page)
			return page;
	}
	return pages_need(site, PAGES_GFP | zone | (*order ? __GFP_COMP : 0), *order);
}

static void chunk_put_on(struct list_head *list, struct page *page, unsigned long pages)
{
	heap_piece_set(page, pages);
	if (dmabuf_heap_knob_scatter() && pages == 1)
		dmabuf_heap_knob_place(page, list);
	else
		list_add_tail(&page->lru, list);
}

static long pages_collect_chunks(struct list_head *list, const struct heap_site *site, gfp_t zone)
{
	unsigned int least = ilog2(site->align);
	unsigned int order = dmabuf_heap_knob_scatter() ? least : DMABUF_HEAP_MAX_ORDER;
	unsigned long left = site->pages;
	long count = 0;

	while (left) {
		unsigned long pages;
		struct page *page;

		if (fatal_signal_pending(current))
			return -EINTR;
		order = min_t(unsigned int, order, ilog2(left));
		if (order >= least)
			page = chunk_get(site, zone, least, &order);
		else
			page = pages_need_cut(site, zone, least, left);
		if (IS_ERR(page))
			return PTR_ERR(page);
		pages = order >= least ? 1UL << order : left;
		chunk_put_on(list, page, pages);
		if (!heap_piece_is_below(page, pages, site->max_addr))
			return -ERANGE;
		left -= pages;
		count++;
		cond_resched();
	}
	return count;
}

static long pages_collect_run(struct list_head *list, const struct heap_site *site, gfp_t zone)
{
	unsigned long block = max(roundup_pow_of_two(site->pages), site->align);
	struct page *page;

	if (ilog2(block) > DMABUF_HEAP_MAX_ORDER)
		return -ERANGE;
	page = dmabuf_heap_knob_fail() ? ERR_PTR(-ENOMEM) :
	       pages_need_cut(site, zone, ilog2(block), site->pages);
	if (IS_ERR(page))
		return PTR_ERR(page);
	heap_piece_set(page, site->pages);
	list_add_tail(&page->lru, list);
	return heap_piece_is_below(page, site->pages, site->max_addr) ? 1 : -ERANGE;
}

/**
 * dmabuf_heap_pages_collect() - collect memory for a site
 * @list: pieces are added here, also when an error follows
 * @site: where it shall lie
 * @zone: GFP_DMA, GFP_DMA32 or 0
 *
 * All memory is zero. It is charged to the active memory cgroup.
 *
 * Context: may sleep.
 * Return: number of pieces; -ENOMEM; -EDQUOT when the memory cgroup has no more;
 * -EINTR on a fatal signal; -ERANGE when this zone has no such memory, or gives memory
 * above the highest address first.
 */
long dmabuf_heap_pages_collect(struct list_head *list, const struct heap_site *site, gfp_t zone)
{
	if (site->one_run)
		return pages_collect_run(list, site, zone);
	if (ilog2(site->align) > DMABUF_HEAP_MAX_ORDER)
		return -ERANGE;
	return pages_collect_chunks(list, site, zone);
}

/**
 * dmabuf_heap_pages_free() - give a piece back
 * @page: its first page; what was cut to size, or came as a range, is single pages,
 *	the rest is as the page allocator gave it
 * @pages: how many
 *
 * Context: any.
 */
void dmabuf_heap_pages_free(struct page *page, unsigned long pages)
{
	unsigned long i;

	if (PageCompound(page)) {
		__free_pages(page, compound_order(page));
		return;
	}
	for (i = 0; i < pages; i++)
		__free_page(page + i);
}
