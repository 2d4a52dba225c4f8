// SPDX-License-Identifier: GPL-2.0
/*
 * Pages for one placement, and back. Scattered memory comes in the largest
 * chunks that the page allocator has: large chunks mean short scatter-gather
 * tables, and don't sprinkle unmovable pages all over memory. Contiguous memory
 * is one block, cut to size.
 *
 * A highest address is met by zone and by check: the zones' borders are where
 * they are, so what a zone gives is compared with the limit, and the next lower
 * zone is asked when it is too high.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>

#include "backing.h"
#include "compat/compat.h"
#include "memory.h"

/* As HEAP_GFP says. Large chunks are a bonus that nothing is reclaimed for. */
#define BACKING_GFP	(HEAP_GFP | GFP_USER | __GFP_ZERO)
#define LARGE_GFP	((BACKING_GFP | __GFP_COMP | __GFP_NORETRY) & \
			 ~(__GFP_RECLAIM | __GFP_RETRY_MAYFAIL))

/* From the highest memory to the lowest. */
static const gfp_t zones[] = { 0, GFP_DMA32, GFP_DMA };

static bool chunk_is_below(struct page *page, unsigned long pages, u64 max_addr)
{
	return page_to_phys(page) + ((u64)pages << PAGE_SHIFT) - 1 <= max_addr;
}

/* Tries @order and all below; on success @order is what it got. */
static struct page *chunk_alloc(gfp_t zone, unsigned int *order)
{
	struct page *page;

	if (dmabuf_heap_knob_fail())
		return NULL;
	for (; *order; (*order)--) {
		page = alloc_pages(LARGE_GFP | zone, *order);
		if (page)
			return page;
	}
	return alloc_page(BACKING_GFP | zone);
}

/* What was cut to size is single pages; the rest is as the page allocator gave it. */
static void chunk_free(struct heap_chunk *chunk)
{
	if (PageCompound(chunk->page) || chunk->pages == 1)
		__free_pages(chunk->page, compound_order(chunk->page));
	else
		free_pages_exact(page_address(chunk->page), chunk->pages << PAGE_SHIFT);
}

static void chunk_list_free(struct list_head *list)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, list, lru) {
		list_del(&page->lru);
		__free_pages(page, compound_order(page));
		cond_resched();
	}
}

/*
 * Collects chunks on @list, linked by page->lru. Returns their number, or
 * -ERANGE when the zone gave memory above @max_addr.
 */
static long chunk_list_alloc(struct list_head *list, unsigned long pages, gfp_t zone, u64 max_addr)
{
	unsigned int order = dmabuf_heap_knob_scatter() ? 0 : DMABUF_HEAP_MAX_ORDER;
	long count = 0;

	while (pages) {
		struct page *page;

		if (fatal_signal_pending(current))
			return -EINTR;
		order = min_t(unsigned int, order, ilog2(pages));
		page = chunk_alloc(zone, &order);
		if (!page)
			return -ENOMEM;
		if (dmabuf_heap_knob_scatter())
			dmabuf_heap_knob_place(page, list);
		else
			list_add_tail(&page->lru, list);
		if (!chunk_is_below(page, 1UL << order, max_addr))
			return -ERANGE;
		pages -= 1UL << order;
		count++;
		cond_resched();
	}
	return count;
}

static int backing_alloc_scattered(struct heap_backing *backing, gfp_t zone, u64 max_addr)
{
	unsigned long first = 0;
	struct heap_chunk *chunk;
	struct page *page, *next;
	LIST_HEAD(list);
	long count;

	count = chunk_list_alloc(&list, backing->pages, zone, max_addr);
	if (count < 0)
		goto free_list;
	chunk = count == 1 ? &backing->only : dmabuf_heap_alloc_array(count, sizeof(*chunk));
	if (!chunk) {
		count = -ENOMEM;
		goto free_list;
	}

	backing->chunks = chunk;
	backing->count = count;
	list_for_each_entry_safe(page, next, &list, lru) {
		list_del(&page->lru);
		chunk->page = page;
		chunk->first = first;
		chunk->pages = compound_nr(page);
		first += chunk->pages;
		chunk++;
	}
	return 0;

free_list:
	chunk_list_free(&list);
	return count;
}

static int backing_alloc_contiguous(struct heap_backing *backing, gfp_t zone, u64 max_addr)
{
	size_t size = backing->pages << PAGE_SHIFT;
	void *vaddr;

	if (get_order(size) > DMABUF_HEAP_MAX_ORDER)
		return -EOPNOTSUPP;
	vaddr = dmabuf_heap_knob_fail() ? NULL : alloc_pages_exact(size, BACKING_GFP | zone);
	if (!vaddr)
		return -ENOMEM;
	if (!chunk_is_below(virt_to_page(vaddr), backing->pages, max_addr)) {
		free_pages_exact(vaddr, size);
		return -ERANGE;
	}
	backing->chunks = &backing->only;
	backing->count = 1;
	backing->chunks->page = virt_to_page(vaddr);
	backing->chunks->first = 0;
	backing->chunks->pages = backing->pages;
	return 0;
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

/**
 * dmabuf_heap_backing_alloc() - allocate memory that suits
 * @backing: filled in on success, untouched by an error
 * @length: bytes, whole pages
 * @merged: limits that the memory must serve
 *
 * All memory is zero. It is charged to the active memory cgroup.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; -EINTR on a fatal signal; -EOPNOTSUPP when contiguous
 * memory of this length can't be allocated on this machine at all.
 */
int dmabuf_heap_backing_alloc(struct heap_backing *backing, u64 length,
			      const struct heap_merged *merged)
{
	u64 max_addr = dmabuf_heap_limits_max_addr(&merged->limits);
	struct heap_backing new = { .pages = length >> PAGE_SHIFT };
	int ret = -ENOMEM;
	int i;

	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		/* The highest zones can't help with a limit that lies below them. */
		if (!zones[i] && max_addr <= U32_MAX)
			continue;
		if (dmabuf_heap_limits_one_run(merged))
			ret = backing_alloc_contiguous(&new, zones[i], max_addr);
		else
			ret = backing_alloc_scattered(&new, zones[i], max_addr);
		/* A zone that is out of memory has asked all lower ones. */
		if (ret != -ERANGE)
			break;
	}
	if (ret)
		return ret == -ERANGE ? -ENOMEM : ret;
	backing_measure(&new);
	*backing = new;
	if (new.chunks == &new.only)
		backing->chunks = &backing->only;
	return 0;
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
		chunk_free(&backing->chunks[i]);
		cond_resched();
	}
	if (backing->chunks != &backing->only)
		kvfree(backing->chunks);
	memset(backing, 0, sizeof(*backing));
}

/*
 * Bytes of @zone that are sure to be below @max_addr and that kernel memory can
 * be. Of a zone that reaches beyond the limit, some allocations would pass the
 * check and some wouldn't: that is no room to promise.
 */
static u64 zone_room(struct zone *zone, u64 max_addr)
{
	if (!managed_zone(zone) || zone_idx(zone) == ZONE_MOVABLE || is_highmem(zone))
		return 0;
	if (((u64)zone_end_pfn(zone) << PAGE_SHIFT) - 1 > max_addr)
		return 0;
	return (u64)zone_managed_pages(zone) << PAGE_SHIFT;
}

/**
 * dmabuf_heap_backing_machine() - what memory there is for these limits
 * @limits: merged limits
 * @machine: filled in
 *
 * Context: any.
 */
void dmabuf_heap_backing_machine(const struct heap_limits *limits, struct heap_machine *machine)
{
	u64 max_addr = dmabuf_heap_limits_max_addr(limits);
	int nid, i;

	machine->room = 0;
	machine->max_align = PAGE_SIZE;
	machine->max_block = (u64)PAGE_SIZE << DMABUF_HEAP_MAX_ORDER;
	for_each_online_node(nid)
		for (i = 0; i < MAX_NR_ZONES; i++)
			machine->room += zone_room(&NODE_DATA(nid)->node_zones[i], max_addr);
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
