// SPDX-License-Identifier: GPL-2.0
/*
 * Counting this machine's memory. What is counted is what there is, not what is free:
 * a refusal by these numbers is for good.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "compat/compat.h"
#include "machine.h"
#include "range.h"

/* Bytes of @zone at or below @max_addr, as far as kernel memory can be there. */
static u64 zone_room(struct zone *zone, u64 max_addr)
{
	u64 start = (u64)zone->zone_start_pfn << PAGE_SHIFT;
	u64 end = max_addr == U64_MAX ? U64_MAX : max_addr + 1;

	if (!managed_zone(zone) || zone_idx(zone) == ZONE_MOVABLE || is_highmem(zone) ||
	    end <= start)
		return 0;
	return min((u64)zone_managed_pages(zone) << PAGE_SHIFT,
		   (end - start) >> PAGE_SHIFT << PAGE_SHIFT);
}

/* The largest power of two that has a multiple in @zone, at or below @max_addr. */
static u64 zone_align(struct zone *zone, u64 max_addr)
{
	u64 start = (u64)zone->zone_start_pfn << PAGE_SHIFT;
	u64 last = min(((u64)zone_end_pfn(zone) << PAGE_SHIFT) - PAGE_SIZE, max_addr);
	int bit;

	for (bit = fls64(last) - 1; bit > PAGE_SHIFT; bit--)
		if (last >> bit << bit >= start)
			break;
	return BIT_ULL(max(bit, PAGE_SHIFT));
}

/**
 * dmabuf_heap_machine_read() - what memory there is for these limits
 * @limits: merged limits
 * @machine: filled in
 *
 * Context: any.
 */
void dmabuf_heap_machine_read(const struct heap_limits *limits, struct heap_machine *machine)
{
	u64 max_addr = dmabuf_heap_limits_max_addr(limits);
	int nid, i;

	memset(machine, 0, sizeof(*machine));
	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];
			u64 room = zone_room(zone, max_addr);

			if (!room)
				continue;
			machine->room += room;
			machine->max_block = max(machine->max_block, room);
			machine->max_align = max(machine->max_align, zone_align(zone, max_addr));
		}
	}
	if (!dmabuf_heap_range_can())
		machine->max_block = min_t(u64, machine->max_block,
					   (u64)PAGE_SIZE << DMABUF_HEAP_MAX_ORDER);
}

/**
 * dmabuf_heap_machine_end() - where this machine's memory ends
 *
 * Context: any.
 * Return: the address after the last byte.
 */
u64 dmabuf_heap_machine_end(void)
{
	unsigned long end = 0;
	int nid, i;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];

			if (populated_zone(zone))
				end = max(end, zone_end_pfn(zone));
		}
	}
	return (u64)end << PAGE_SHIFT;
}
