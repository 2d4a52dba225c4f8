// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for one placement, and back: who is asked for it and in which order, and the
 * views of it that others need.
 *
 * A highest address is met by zone and by check: the zones' borders are where
 * they are, so what a zone gives is compared with the limit. Where that is too high,
 * room is made below the limit; the lowest memory, of which there is least, is asked
 * last.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/vmalloc.h>

#include "backing.h"
#include "compat/compat.h"
#include "machine.h"
#include "memory.h"
#include "pages.h"
#include "range.h"
#include "site.h"

static void piece_free(struct page *page, unsigned long pages, enum heap_source source)
{
	if (source == HEAP_SOURCE_CMA)
		dmabuf_heap_range_cma_free(page, pages);
	else
		dmabuf_heap_pages_free(page, pages);
}

static void pieces_free(struct list_head *list, enum heap_source source)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, list, lru) {
		piece_free(page, heap_piece_take(page), source);
		cond_resched();
	}
}

/* Makes chunks of the pieces on @list, which is empty afterwards, also on error. */
static int backing_take(struct heap_backing *backing, struct list_head *list, long count)
{
	struct heap_chunk *chunk = &backing->only;
	struct page *page, *next;
	unsigned long first = 0;

	if (count > 1)
		chunk = dmabuf_heap_alloc_array(count, sizeof(*chunk));
	if (!chunk) {
		pieces_free(list, backing->source);
		return -ENOMEM;
	}
	backing->chunks = chunk;
	backing->count = count;
	list_for_each_entry_safe(page, next, list, lru) {
		chunk->page = page;
		chunk->first = first;
		chunk->pages = heap_piece_take(page);
		first += chunk->pages;
		chunk++;
	}
	return 0;
}

/* Who can be asked for memory, in this order. */
static const struct {
	enum heap_source source;
	gfp_t zone;
} sources[] = {
	{ HEAP_SOURCE_PAGES, 0 },
	{ HEAP_SOURCE_PAGES, GFP_DMA32 },
	{ HEAP_SOURCE_CMA, 0 },
	{ HEAP_SOURCE_RANGE, 0 },
	{ HEAP_SOURCE_PAGES, GFP_DMA },
};

/*
 * Whether to ask source @i; @zone_ret is what the last zone said. One that was out of
 * memory has asked all lower ones. Room is made only for what no zone stands for.
 */
static bool source_may_help(int i, const struct heap_site *site, long zone_ret)
{
	switch (sources[i].source) {
	case HEAP_SOURCE_CMA:
		return site->one_run && site->pages > 1UL << DMABUF_HEAP_MAX_ORDER;
	case HEAP_SOURCE_RANGE:
		return site->one_run || site->max_addr != U64_MAX || zone_ret == -ERANGE;
	default:
		/* The highest zone can't help with a limit that lies below it. */
		return (sources[i].zone || site->max_addr > U32_MAX) && zone_ret != -ENOMEM;
	}
}

static long source_collect(int i, struct list_head *list, const struct heap_site *site)
{
	switch (sources[i].source) {
	case HEAP_SOURCE_CMA:
		return dmabuf_heap_range_cma(list, site);
	case HEAP_SOURCE_RANGE:
		return dmabuf_heap_range_collect(list, site);
	default:
		return dmabuf_heap_pages_collect(list, site, sources[i].zone);
	}
}

/*
 * Whether @pages can be had by any means, as far as one can tell. What can't be must
 * not be tried: that would take all that is left, and whoever needs a page in that
 * moment is killed for it, or makes the kernel kill another.
 */
static bool memory_may_do(unsigned long pages)
{
	return si_mem_available() + get_nr_swap_pages() >= (long)pages;
}

/* Fills in @backing, which is empty, but for its placement. */
static int backing_collect(struct heap_backing *backing, const struct heap_site *site)
{
	long ret, zone_ret = 0;
	LIST_HEAD(list);
	int i;

	if (!memory_may_do(site->pages))
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		if (!source_may_help(i, site, zone_ret))
			continue;
		ret = source_collect(i, &list, site);
		backing->source = sources[i].source;
		if (ret > 0)
			return backing_take(backing, &list, ret);
		pieces_free(&list, backing->source);
		if (ret == -EINTR)
			return -EINTR;
		/* Memory that nobody is charged for is no way round a cgroup's limit. */
		if (ret == -EDQUOT)
			return -ENOMEM;
		if (backing->source == HEAP_SOURCE_PAGES)
			zone_ret = ret;
	}
	return -ENOMEM;
}

/*
 * The physical run that @chunk starts: chunks that follow each other in memory
 * too are one. Returns the first chunk after it.
 */
static const struct heap_chunk *backing_run(const struct heap_backing *backing,
					    const struct heap_chunk *chunk, phys_addr_t *addr,
					    u64 *bytes)
{
	const struct heap_chunk *end = backing->chunks + backing->count;

	*addr = page_to_phys(chunk->page);
	*bytes = 0;
	do {
		*bytes += (u64)chunk->pages << PAGE_SHIFT;
		chunk++;
	} while (chunk < end && page_to_phys(chunk->page) == *addr + *bytes);
	return chunk;
}

/* One run more begins at page @first. */
static void backing_mark(struct heap_backing *backing, unsigned long first)
{
	u64 part = (u64)first * DMABUF_HEAP_PARTS / backing->pages;
	u8 *starts = &backing->placement.run_starts[part];

	if (*starts < U8_MAX)
		(*starts)++;
}

static void backing_measure(struct heap_backing *backing)
{
	const struct heap_chunk *end = backing->chunks + backing->count;
	const struct heap_chunk *chunk = backing->chunks;
	struct heap_placement *p = &backing->placement;
	u64 starts = 0;

	memset(p, 0, sizeof(*p));
	p->run_min = U64_MAX;
	for (; chunk < end; chunk++)
		p->nodes |= BIT_ULL(min(page_to_nid(chunk->page), 63));
	chunk = backing->chunks;
	while (chunk < end) {
		phys_addr_t addr;
		u64 bytes;

		backing_mark(backing, chunk->first);
		chunk = backing_run(backing, chunk, &addr, &bytes);
		p->runs++;
		p->run_min = min(p->run_min, bytes);
		p->run_max = max(p->run_max, bytes);
		p->last_addr = max_t(u64, p->last_addr, addr + bytes - 1);
		starts |= addr;
	}
	/* Address 0 is a multiple of whatever one likes. */
	p->align = starts ? starts & -starts : BIT_ULL(63);
}

static void site_init(struct heap_site *site, u64 length, const struct heap_merged *merged)
{
	const struct heap_limits *limits = &merged->limits;
	u64 align = max_t(u64, dmabuf_heap_limits_alignment(merged), PAGE_SIZE);

	memset(site, 0, sizeof(*site));
	site->pages = length >> PAGE_SHIFT;
	site->one_run = dmabuf_heap_limits_one_run(merged);
	/* A limit beyond all memory is none. */
	site->max_addr = dmabuf_heap_limits_max_addr(limits);
	if (site->max_addr != U64_MAX && site->max_addr >= dmabuf_heap_machine_end() - 1)
		site->max_addr = U64_MAX;
	site->align = align >> PAGE_SHIFT;
	/* One that no block is as large as: then the largest. */
	site->chunk = dmabuf_heap_limits_has(limits, DMABUF_HEAP_LIMIT_CHUNK) ?
		      min_t(u64, limits->value[DMABUF_HEAP_LIMIT_CHUNK] >> PAGE_SHIFT,
			    1UL << DMABUF_HEAP_MAX_ORDER) : 0;
	site->node = NUMA_NO_NODE;
	if (dmabuf_heap_limits_has(limits, DMABUF_HEAP_LIMIT_NODE) &&
	    dmabuf_heap_machine_has_node(limits->value[DMABUF_HEAP_LIMIT_NODE]))
		site->node = limits->value[DMABUF_HEAP_LIMIT_NODE];
}

static int backing_build(struct heap_backing *backing, const struct heap_site *site)
{
	int ret;

	memset(backing, 0, sizeof(*backing));
	backing->pages = site->pages;
	ret = backing_collect(backing, site);
	if (ret)
		return ret;
	backing_measure(backing);
	return 0;
}

/**
 * dmabuf_heap_backing_alloc() - allocate memory that suits
 * @backing: filled in on success; empty after an error
 * @length: bytes, whole pages
 * @merged: limits that the memory must serve
 *
 * All memory is zero. What comes from the page allocator is charged to the active
 * memory cgroup.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; -EINTR on a fatal signal.
 */
int dmabuf_heap_backing_alloc(struct heap_backing *backing, u64 length,
			      const struct heap_merged *merged)
{
	struct heap_site site;
	int ret;

	site_init(&site, length, merged);
	ret = backing_build(backing, &site);
	if (!ret && merged->runs && backing->placement.runs > merged->runs) {
		/* Somebody counts segments: then one run, cut at as few boundaries as can be. */
		dmabuf_heap_backing_free(backing);
		site.one_run = true;
		site.align = max_t(u64, site.align, merged->window >> PAGE_SHIFT);
		ret = backing_build(backing, &site);
	}
	if (ret)
		memset(backing, 0, sizeof(*backing));
	return ret;
}

/**
 * dmabuf_heap_backing_free() - give the memory back
 * @backing: emptied; may be empty
 *
 * Context: may sleep. Nobody may use the memory any more.
 */
void dmabuf_heap_backing_free(struct heap_backing *backing)
{
	unsigned long i;

	for (i = 0; i < backing->count; i++) {
		piece_free(backing->chunks[i].page, backing->chunks[i].pages, backing->source);
		cond_resched();
	}
	if (backing->chunks != &backing->only)
		kvfree(backing->chunks);
	memset(backing, 0, sizeof(*backing));
}

/**
 * dmabuf_heap_backing_pfn() - find a page
 * @backing: memory
 * @index: page of the buffer, below @backing->pages
 * @pages: set to how many pages from this one on follow each other in memory
 *
 * Context: any.
 * Return: its page frame number.
 */
unsigned long dmabuf_heap_backing_pfn(const struct heap_backing *backing, unsigned long index,
				      unsigned long *pages)
{
	unsigned long low = 0, high = backing->count - 1;
	const struct heap_chunk *chunk;

	while (low < high) {
		unsigned long mid = high - (high - low) / 2;

		if (backing->chunks[mid].first <= index)
			low = mid;
		else
			high = mid - 1;
	}
	chunk = &backing->chunks[low];
	*pages = chunk->pages - (index - chunk->first);
	return page_to_pfn(chunk->page) + (index - chunk->first);
}

/**
 * dmabuf_heap_backing_segments() - how many segments limits cut the memory into
 * @backing: memory
 * @limits: limits of one device
 *
 * Context: any.
 * Return: their number.
 */
u64 dmabuf_heap_backing_segments(const struct heap_backing *backing,
				 const struct heap_limits *limits)
{
	const struct heap_chunk *end = backing->chunks + backing->count;
	const struct heap_chunk *chunk = backing->chunks;
	u64 count = 0;

	while (chunk < end) {
		phys_addr_t addr;
		u64 bytes;

		chunk = backing_run(backing, chunk, &addr, &bytes);
		count += dmabuf_heap_limits_segments(limits, addr, bytes);
	}
	return count;
}

static void backing_fill_table(const struct heap_backing *backing,
			       const struct heap_limits *limits, struct scatterlist *sg)
{
	const struct heap_chunk *end = backing->chunks + backing->count;
	const struct heap_chunk *chunk = backing->chunks;

	while (chunk < end) {
		phys_addr_t addr;
		u64 bytes;

		chunk = backing_run(backing, chunk, &addr, &bytes);
		while (bytes) {
			u64 segment = dmabuf_heap_limits_segment(limits, addr, bytes);

			sg_set_page(sg, pfn_to_page(PHYS_PFN(addr)), segment,
				    offset_in_page(addr));
			sg = sg_next(sg);
			addr += segment;
			bytes -= segment;
		}
	}
}

/**
 * dmabuf_heap_backing_table() - describe the memory to one device
 * @backing: memory
 * @limits: the device's limits, which cut the memory into segments
 * @table: built; not yet mapped. sg_free_table() ends it.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; -EOPNOTSUPP for more segments than a table can hold.
 */
int dmabuf_heap_backing_table(const struct heap_backing *backing, const struct heap_limits *limits,
			      struct sg_table *table)
{
	u64 count = dmabuf_heap_backing_segments(backing, limits);
	int ret;

	if (count > INT_MAX)
		return -EOPNOTSUPP;
	ret = dmabuf_heap_knob_fail() ? -ENOMEM : sg_alloc_table(table, count, HEAP_GFP);
	if (ret)
		return ret;
	backing_fill_table(backing, limits, table->sgl);
	return 0;
}

/**
 * dmabuf_heap_backing_copy() - copy all bytes
 * @to: memory of the same length
 * @from: memory
 *
 * Context: may sleep. Nobody writes to @from any more.
 */
void dmabuf_heap_backing_copy(const struct heap_backing *to, const struct heap_backing *from)
{
	unsigned long index, to_pages = 0, from_pages = 0, to_pfn = 0, from_pfn = 0;

	for (index = 0; index < to->pages; index++) {
		if (!to_pages)
			to_pfn = dmabuf_heap_backing_pfn(to, index, &to_pages);
		if (!from_pages)
			from_pfn = dmabuf_heap_backing_pfn(from, index, &from_pages);
		copy_highpage(pfn_to_page(to_pfn++), pfn_to_page(from_pfn++));
		to_pages--;
		from_pages--;
		cond_resched();
	}
}

/**
 * dmabuf_heap_backing_swap() - exchange the memory of two
 * @a: one
 * @b: the other
 */
void dmabuf_heap_backing_swap(struct heap_backing *a, struct heap_backing *b)
{
	swap(*a, *b);
	if (a->chunks == &b->only)
		a->chunks = &a->only;
	if (b->chunks == &a->only)
		b->chunks = &b->only;
}

/* One run in lowmem has a kernel address already: no memory needed, so no failure. */
static bool backing_has_address(const struct heap_backing *backing)
{
	return backing->placement.runs == 1 && !PageHighMem(backing->chunks->page);
}

/**
 * dmabuf_heap_backing_vmap() - give the memory a kernel address
 * @backing: memory
 *
 * Context: may sleep.
 * Return: the address, or NULL when there was no memory for the mapping.
 */
void *dmabuf_heap_backing_vmap(const struct heap_backing *backing)
{
	unsigned long index, pages, i = 0;
	struct page **list;
	void *vaddr;

	if (backing_has_address(backing))
		return page_address(backing->chunks->page);

	list = dmabuf_heap_alloc_array(backing->pages, sizeof(*list));
	if (!list)
		return NULL;
	for (index = 0; index < backing->pages; index += pages) {
		struct page *page = pfn_to_page(dmabuf_heap_backing_pfn(backing, index, &pages));
		unsigned long n;

		for (n = 0; n < pages; n++)
			list[i++] = page + n;
	}
	vaddr = dmabuf_heap_knob_fail() ? NULL : vmap(list, backing->pages, VM_MAP, PAGE_KERNEL);
	kvfree(list);
	return vaddr;
}

/**
 * dmabuf_heap_backing_vunmap() - take the kernel address back
 * @backing: memory
 * @vaddr: what dmabuf_heap_backing_vmap() gave
 *
 * Context: may sleep.
 */
void dmabuf_heap_backing_vunmap(const struct heap_backing *backing, void *vaddr)
{
	if (!backing_has_address(backing))
		vunmap(vaddr);
}
