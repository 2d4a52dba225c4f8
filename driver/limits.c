// SPDX-License-Identifier: GPL-2.0
/*
 * Limits: comparing, merging, cutting memory into segments, and naming the one
 * that is in the way. Every limit here has one order: a value is either tighter
 * than another or not.
 */
#ifdef __KERNEL__
#include <asm/page.h>
#endif

#include "limits.h"

/* A segment's length is an unsigned int: the largest power of two below its end. */
#define SEGMENT_MOST	0x80000000ULL

/* No node is tighter than another: the first that is named stays. */
static bool limit_is_tighter(__u32 type, __u64 value, __u64 than)
{
	if (type == DMABUF_HEAP_LIMIT_NODE)
		return value != ~0ULL && than == ~0ULL;
	return dmabuf_heap_limits_grows(type) ? value > than : value < than;
}

static __u64 limit_value(const struct heap_limits *limits, __u32 type)
{
	return dmabuf_heap_limits_has(limits, type) ? limits->value[type] :
						      dmabuf_heap_limits_loosest(type);
}

/* Lets one limit that @by has hold where it is tighter: it limits something then. */
static bool limit_tighten(struct heap_limits *limits, __u32 type, const struct heap_limits *by)
{
	if (!limit_is_tighter(type, by->value[type], limit_value(limits, type)))
		return false;
	limits->valid |= 1U << type;
	limits->value[type] = by->value[type];
	return true;
}

/**
 * dmabuf_heap_limits_narrow() - add further limits to the same device
 * @limits: changed: of each limit the tighter of the two stays
 * @more: the further limits
 */
void dmabuf_heap_limits_narrow(struct heap_limits *limits, const struct heap_limits *more)
{
	__u32 type;

	for (type = 0; more->valid >> type; type++)
		if (dmabuf_heap_limits_has(more, type))
			limit_tighten(limits, type, more);
}

/**
 * dmabuf_heap_limits_drop_physical() - keep only what holds behind an IOMMU
 * @limits: changed: what memory would be refused for goes, what shapes a
 *	scatter-gather table and what is only preferred stays
 */
void dmabuf_heap_limits_drop_physical(struct heap_limits *limits)
{
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_MAX_ADDR, ~0ULL);
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0);
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, ~0ULL);
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_ALIGNMENT, 0);
}

static __u64 round_up_power(__u64 value)
{
	__u64 power = 1;

	while (power && power < value)
		power <<= 1;
	return power;
}

/* What lies between two boundaries, 0 for no boundary. */
static __u64 limit_window(const struct heap_limits *limits)
{
	return limit_value(limits, DMABUF_HEAP_LIMIT_BOUNDARY) + 1;
}

/* The longest segment; where alignment allows, the next one is aligned too. */
static __u64 limit_segment(const struct heap_limits *limits)
{
	__u64 align = limit_value(limits, DMABUF_HEAP_LIMIT_ALIGNMENT);
	__u64 most = limit_value(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT);

	if (most > SEGMENT_MOST)
		most = SEGMENT_MOST;
	return align && align <= most ? most & ~(align - 1) : most;
}

/**
 * dmabuf_heap_limits_segment() - the segment that begins at an address
 * @limits: limits of one attachment
 * @addr: where it begins
 * @bytes: what there is in one run
 *
 * Return: bytes of the segment.
 */
__u64 dmabuf_heap_limits_segment(const struct heap_limits *limits, __u64 addr, __u64 bytes)
{
	__u64 window = limit_window(limits);
	__u64 most = limit_segment(limits);

	if (window && window - (addr & (window - 1)) < most)
		most = window - (addr & (window - 1));
	return bytes < most ? bytes : most;
}

static __u64 divide_up(__u64 value, __u64 by)
{
	return value / by + !!(value % by);
}

/**
 * dmabuf_heap_limits_segments() - how many segments a run is cut into
 * @limits: limits of one attachment
 * @addr: where the run begins
 * @bytes: its length
 *
 * Return: their number.
 */
__u64 dmabuf_heap_limits_segments(const struct heap_limits *limits, __u64 addr, __u64 bytes)
{
	__u64 window = limit_window(limits);
	__u64 most = limit_segment(limits);
	__u64 head;

	if (!window)
		return divide_up(bytes, most);
	head = window - (addr & (window - 1));
	if (head > bytes)
		head = bytes;
	bytes -= head;
	return divide_up(head, most) + bytes / window * divide_up(window, most) +
	       divide_up(bytes % window, most);
}

/**
 * dmabuf_heap_limits_merge_runs() - let what limits ask by counting segments join
 * @merged: changed: the fewest runs stay, on a tie the earlier
 * @limits: of an attachment or, together, of several of one device; as for
 *	dmabuf_heap_limits_merge(), which does this too
 * @id: the attachment
 * @length: the buffer's bytes
 *
 * One that begins at a boundary is cut in the fewest that one run can be. With
 * boundaries, a run that begins elsewhere may be cut once more; each further run is one
 * cut more in any case.
 */
void dmabuf_heap_limits_merge_runs(struct heap_merged *merged, const struct heap_limits *limits,
				   __u64 id, __u64 length)
{
	__u64 window = limit_window(limits), most, runs;

	if (!dmabuf_heap_limits_has(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS))
		return;
	most = limits->value[DMABUF_HEAP_LIMIT_MAX_SEGMENTS];
	/* Where each page by itself isn't too much, no memory is. */
	if (most / dmabuf_heap_limits_segments(limits, 0, PAGE_SIZE) >= length / PAGE_SIZE)
		return;
	runs = most - dmabuf_heap_limits_segments(limits, 0, length) + 1;
	if (window)
		runs /= 2;
	if (!runs)
		runs = 1;
	if (!merged->runs || runs < merged->runs) {
		merged->runs = runs;
		merged->runs_by = id;
		merged->runs_most = most;
	}
	/* One that is as long as the run, or longer, is crossed nowhere. */
	if (window && window > round_up_power(length))
		window = round_up_power(length);
	if (window > merged->window)
		merged->window = window;
}

/**
 * dmabuf_heap_limits_merge() - let an attachment's limits join the others'
 * @merged: changed: of each limit the tighter stays, on a tie the earlier
 * @limits: the attachment's limits, for which dmabuf_heap_limits_shapable()
 * @id: the attachment
 * @length: the buffer's bytes
 */
void dmabuf_heap_limits_merge(struct heap_merged *merged, const struct heap_limits *limits,
			      __u64 id, __u64 length)
{
	__u32 type;

	dmabuf_heap_limits_merge_runs(merged, limits, id, length);
	for (type = 0; limits->valid >> type; type++)
		if (dmabuf_heap_limits_has(limits, type) &&
		    limit_tighten(&merged->limits, type, limits))
			merged->set_by[type] = id;
}

/**
 * dmabuf_heap_limits_same() - whether two limit the same
 * @a: one
 * @b: the other
 *
 * Return: true when they do.
 */
bool dmabuf_heap_limits_same(const struct heap_limits *a, const struct heap_limits *b)
{
	__u32 type;

	if (a->valid != b->valid)
		return false;
	for (type = 0; a->valid >> type; type++)
		if (a->value[type] != b->value[type])
			return false;
	return true;
}

/**
 * dmabuf_heap_limits_max_addr() - highest address that is allowed
 * @limits: limits
 *
 * Return: the address, all ones when there is no limit.
 */
__u64 dmabuf_heap_limits_max_addr(const struct heap_limits *limits)
{
	return limit_value(limits, DMABUF_HEAP_LIMIT_MAX_ADDR);
}

/**
 * dmabuf_heap_limits_contiguous() - whether memory must be one run
 * @limits: limits
 *
 * Return: true when it must.
 */
bool dmabuf_heap_limits_contiguous(const struct heap_limits *limits)
{
	return limit_value(limits, DMABUF_HEAP_LIMIT_CONTIGUOUS);
}

/**
 * dmabuf_heap_limits_one_run() - whether memory must be one run for all
 * @merged: merged limits
 *
 * Return: true when it must.
 */
bool dmabuf_heap_limits_one_run(const struct heap_merged *merged)
{
	return dmabuf_heap_limits_contiguous(&merged->limits) || merged->runs == 1;
}

/**
 * dmabuf_heap_limits_alignment() - where runs must begin
 * @merged: merged limits
 *
 * Return: the power of two that each must begin at a multiple of; 0 for anywhere.
 */
__u64 dmabuf_heap_limits_alignment(const struct heap_merged *merged)
{
	__u64 align = limit_value(&merged->limits, DMABUF_HEAP_LIMIT_ALIGNMENT);

	return merged->runs == 1 && merged->window > align ? merged->window : align;
}

/**
 * dmabuf_heap_limits_addr_bits() - bits that an address needs
 * @last_addr: the address
 *
 * Return: 0 to 64.
 */
__u32 dmabuf_heap_limits_addr_bits(__u64 last_addr)
{
	__u32 bits = 0;

	for (; last_addr; last_addr >>= 1)
		bits++;
	return bits;
}

/* The highest address of as many bits: says where memory lies, but not the address. */
static __u64 addr_blur(__u64 addr)
{
	__u32 bits = dmabuf_heap_limits_addr_bits(addr);

	return bits ? ~0ULL >> (64 - bits) : 0;
}

static bool conflict_fill(struct heap_conflict *conflict, __u32 limit, __u64 wanted, __u64 found)
{
	conflict->limit = limit;
	conflict->wanted = wanted;
	conflict->found = found;
	return false;
}

/**
 * dmabuf_heap_limits_suit() - whether memory that exists can serve
 * @limits: limits of one attachment
 * @placement: how the memory lies
 * @length: the buffer's bytes
 * @segments: what @limits cut it into
 * @conflict: filled in when not
 *
 * Return: true when it can.
 */
bool dmabuf_heap_limits_suit(const struct heap_limits *limits,
			     const struct heap_placement *placement, __u64 length,
			     __u64 segments, struct heap_conflict *conflict)
{
	__u64 max_addr = dmabuf_heap_limits_max_addr(limits);
	__u64 most = limit_value(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS);
	__u64 align = limit_value(limits, DMABUF_HEAP_LIMIT_ALIGNMENT);

	if (placement->last_addr > max_addr)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_MAX_ADDR, max_addr,
				     addr_blur(placement->last_addr));
	if (dmabuf_heap_limits_contiguous(limits) && placement->runs > 1)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_CONTIGUOUS, length,
				     placement->run_max);
	if (segments > most)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, most, segments);
	if (align > placement->align)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_ALIGNMENT, align,
				     placement->align);
	return true;
}

/**
 * dmabuf_heap_limits_shapable() - whether any memory could be cut as limits ask
 * @limits: limits of one attachment
 * @length: the buffer's bytes
 * @conflict: filled in when not
 *
 * By the best that can be promised: one run that begins at a boundary. Only where
 * largest segments don't fill what lies between two boundaries, and the buffer is
 * longer than that, might pieces that happen to lie well be cut less often.
 *
 * Return: true when it could.
 */
bool dmabuf_heap_limits_shapable(const struct heap_limits *limits, __u64 length,
				 struct heap_conflict *conflict)
{
	__u64 most = limit_value(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS);
	__u64 least = dmabuf_heap_limits_segments(limits, 0, length);

	if (least > most)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, most, least);
	return true;
}

/* The fewest runs that blocks of this machine make; more than any for no blocks. */
static __u64 runs_least(const struct heap_machine *machine, __u64 length)
{
	return machine->max_block ? divide_up(length, machine->max_block) : ~0ULL;
}

/* There are no runs so few, or that begin so well: @extra more would be cut. */
static bool conflict_fill_runs(struct heap_conflict *conflict, const struct heap_merged *merged,
			       __u64 extra)
{
	return conflict_fill(conflict, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, merged->runs_most,
			     merged->runs_most + extra);
}

/**
 * dmabuf_heap_limits_feasible() - whether this machine has memory that could serve
 * @merged: limits of all attachments
 * @machine: what memory there is
 * @length: the buffer's bytes
 * @conflict: filled in when not; the culprit of MAX_SEGMENTS is @merged->runs_by,
 *	of others @merged->set_by.
 *
 * Says nothing of how much of it is free.
 *
 * Return: true when it has.
 */
bool dmabuf_heap_limits_feasible(const struct heap_merged *merged,
				 const struct heap_machine *machine, __u64 length,
				 struct heap_conflict *conflict)
{
	__u64 align = limit_value(&merged->limits, DMABUF_HEAP_LIMIT_ALIGNMENT);
	__u64 least = runs_least(machine, length);

	if (length > machine->room)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_MAX_ADDR,
				     dmabuf_heap_limits_max_addr(&merged->limits),
				     machine->room);
	if (dmabuf_heap_limits_contiguous(&merged->limits) && least > 1)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_CONTIGUOUS, length,
				     machine->max_block);
	if (merged->runs && least > merged->runs)
		/* Each further run is one more; no memory at all is as bad as that. */
		return conflict_fill_runs(conflict, merged,
					  machine->max_block ? least - merged->runs : 1);
	if (align > machine->max_align)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_ALIGNMENT, align,
				     machine->max_align);
	/* One run, and none begins at a boundary: it is crossed once more. */
	if (dmabuf_heap_limits_alignment(merged) > machine->max_align)
		return conflict_fill_runs(conflict, merged, 1);
	return true;
}
