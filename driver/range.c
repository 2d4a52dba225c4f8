// SPDX-License-Identifier: GPL-2.0
/*
 * The page allocator knows blocks of a few MiB and the borders of its zones; this
 * finds memory for all other wishes. It walks down through the zones, from the
 * highest address that is allowed, and takes ranges that hold nothing but free and
 * movable pages: the kernel moves the latter elsewhere. No memory cgroup is charged
 * for such memory, since the kernel offers no way to.
 */
#include <linux/mm.h>
#include <linux/highmem.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>

#include "compat/compat.h"
#include "knobs.h"
#include "range.h"
#include "site.h"

/* Scattered memory is looked for in pieces of a block, then an eighth of that, and again. */
#define PIECE_SHRINK	3

/*
 * Places that turn out to hold something stuck, after which a search gives up: each
 * costs about a millisecond, others wait for it, and a large machine has very many.
 */
#define TRIES_MAX	1024

/*
 * Two who make room in the same place are in each other's way, and both would give
 * the place up. Nests inside a buffer's lock and outside of reclaim.
 */
static DEFINE_MUTEX(range_lock);

/* A search: for pieces of @piece pages each, until none of @left is left. */
struct range_search {
	const struct heap_site *site;
	struct list_head *list;
	unsigned long piece;
	unsigned long left;
	long count;
	int failures;
};

/**
 * dmabuf_heap_range_can() - whether this kernel makes room at all
 *
 * Return: true if dmabuf_heap_range_collect() can succeed.
 */
bool dmabuf_heap_range_can(void)
{
	return DMABUF_HEAP_CONTIG_RANGE;
}

/*
 * Nothing moves this page; one that is told so wrongly costs a failed attempt. Slab
 * pages have no count on newer kernels. Huge pages are the administrator's, and one of
 * 1 GiB would be answered like a lack of memory. A page that is still being read may
 * stay locked for as long as its file's server likes, and moving waits for that.
 */
static bool page_is_stuck(struct page *page)
{
	if (PageReserved(page) || PageSlab(page) || PageHuge(page))
		return true;
	if (PageLocked(page) && !PageUptodate(page))
		return true;
	return page_count(page) && !PageLRU(page) && !page->mapping;
}

/* The first page from @start on that can't be had; @end if there is none. */
static unsigned long range_obstacle(struct zone *zone, unsigned long start, unsigned long end)
{
	struct page *page = NULL;
	unsigned long pfn;

	for (pfn = start; pfn < end; pfn++) {
		/* Memory comes and goes in blocks that are larger than these. */
		if (!page || IS_ALIGNED(pfn, pageblock_nr_pages)) {
			cond_resched();
			page = pfn_to_online_page(pfn);
		} else {
			page++;
		}
		if (!page || page_zone(page) != zone || page_is_stuck(page))
			return pfn;
	}
	return end;
}

static void range_zero(struct page *page, unsigned long pages)
{
	for (; pages; pages--, page++) {
		clear_highpage(page);
		cond_resched();
	}
}

static void search_add(struct range_search *search, struct page *page, unsigned long pages)
{
	range_zero(page, pages);
	heap_piece_set(page, pages);
	/* The search goes down: what was found last comes first. */
	list_add(&page->lru, search->list);
	search->left -= pages;
	search->count++;
}

/* How far apart pieces begin: few places to look at, and blocks stay whole. */
static unsigned long search_step(const struct range_search *search)
{
	unsigned long step = min(roundup_pow_of_two(search->piece), 1UL << DMABUF_HEAP_MAX_ORDER);

	return max(step, search->site->align);
}

/*
 * One place, at @start; @end is set to where to go on downwards, and to the end of the
 * place where nothing is known but that it can't be had. Without memory to move pages
 * to, the search is over.
 */
static int search_place(struct range_search *search, struct zone *zone, unsigned long start,
			unsigned long pages, unsigned long *end)
{
	int ret;

	*end = range_obstacle(zone, start, start + pages);
	if (*end < start + pages)
		return 0;
	ret = dmabuf_heap_compat_contig_range(start, start + pages);
	if (!ret) {
		search_add(search, pfn_to_page(start), pages);
		*end = start;
	} else if (ret == -ENOMEM || ++search->failures == TRIES_MAX) {
		return -ENOMEM;
	}
	return 0;
}

/* Pieces from @zone, below the page @end, until there are enough. */
static int search_zone(struct range_search *search, struct zone *zone, unsigned long end)
{
	unsigned long step = search_step(search);

	while (search->left) {
		unsigned long pages = min(search->piece, search->left);
		unsigned long start;
		int ret;

		if (fatal_signal_pending(current))
			return -EINTR;
		if (end < zone->zone_start_pfn + pages)
			return 0;
		start = ALIGN_DOWN(end - pages, step);
		if (start < zone->zone_start_pfn)
			return 0;
		ret = search_place(search, zone, start, pages, &end);
		if (ret)
			return ret;
		/* Where a place is taken but for a part of it, the next may overlap it. */
		if (end == start + pages)
			end -= min(step, pages);
		cond_resched();
	}
	return 0;
}

/* The end of what may be used of @zone, as a page. */
static unsigned long zone_end_below(struct zone *zone, u64 max_addr)
{
	unsigned long end = zone_end_pfn(zone);

	return max_addr == U64_MAX ? end : min_t(u64, end, PHYS_PFN(max_addr + 1));
}

static int search_node(struct range_search *search, int nid)
{
	int i, ret = 0;

	for (i = MAX_NR_ZONES - 1; i >= 0 && search->left && !ret; i--) {
		struct zone *zone = &NODE_DATA(nid)->node_zones[i];

		/* ZONE_MOVABLE is kept free of what doesn't move. */
		if (managed_zone(zone) && i != ZONE_MOVABLE && !is_highmem(zone))
			ret = search_zone(search, zone,
					  zone_end_below(zone, search->site->max_addr));
	}
	return ret;
}

static int search_nodes(struct range_search *search)
{
	int near = search->site->node, ret = 0, nid;

	if (near != NUMA_NO_NODE)
		ret = search_node(search, near);
	for_each_online_node(nid) {
		if (ret || !search->left)
			break;
		if (nid != near)
			ret = search_node(search, nid);
	}
	return ret;
}

static int search_run(struct range_search *search)
{
	const struct heap_site *site = search->site;
	int ret;

	if (site->one_run) {
		search->piece = site->pages;
		return search_nodes(search);
	}
	search->piece = max(1UL << DMABUF_HEAP_MAX_ORDER, site->align);
	for (;;) {
		ret = search_nodes(search);
		if (ret || !search->left || search->piece == site->align)
			return ret;
		search->piece = max(search->piece >> PIECE_SHRINK, site->align);
	}
}

/**
 * dmabuf_heap_range_collect() - make room for a site
 * @list: pieces are added here, also when an error follows
 * @site: where it shall lie
 *
 * All memory is zero, and consists of single pages: dmabuf_heap_pages_free() ends it.
 *
 * Context: may sleep.
 * Return: number of pieces; -ENOMEM; -EINTR on a fatal signal.
 */
long dmabuf_heap_range_collect(struct list_head *list, const struct heap_site *site)
{
	struct range_search search = { .site = site, .list = list, .left = site->pages };
	int ret;

	if (!dmabuf_heap_range_can() || dmabuf_heap_knob_fail())
		return -ENOMEM;
	ret = mutex_lock_killable(&range_lock);
	if (ret)
		return ret;
	ret = search_run(&search);
	mutex_unlock(&range_lock);
	if (ret)
		return ret;
	return search.left ? -ENOMEM : search.count;
}

/**
 * dmabuf_heap_range_cma() - take one run from the kernel's own reserve
 * @list: the piece is added here
 * @site: where it shall lie; one run
 *
 * Context: may sleep.
 * Return: 1; -ENOMEM when there is no such reserve for modules, when it is used up,
 * or lies too high. dmabuf_heap_range_cma_free() ends it.
 */
long dmabuf_heap_range_cma(struct list_head *list, const struct heap_site *site)
{
	struct page *page;

	if (dmabuf_heap_knob_fail())
		return -ENOMEM;
	page = dmabuf_heap_compat_cma_alloc(site->pages, ilog2(site->align));
	if (!page)
		return -ENOMEM;
	if (!heap_piece_is_below(page, site->pages, site->max_addr)) {
		dmabuf_heap_compat_cma_release(page, site->pages);
		return -ENOMEM;
	}
	range_zero(page, site->pages);
	heap_piece_set(page, site->pages);
	list_add(&page->lru, list);
	return 1;
}

/**
 * dmabuf_heap_range_cma_free() - give a run back to the kernel's reserve
 * @page: its first page
 * @pages: how many
 *
 * Context: may sleep.
 */
void dmabuf_heap_range_cma_free(struct page *page, unsigned long pages)
{
	dmabuf_heap_compat_cma_release(page, pages);
}
