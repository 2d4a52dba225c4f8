/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits: what DMA can reach, what several devices can reach together, and
 * which of them is in the way. Pure functions on values: no locks, no memory,
 * no kernel; also compiled into a test in userspace. Units are those of
 * enum dmabuf_heap_limit_type.
 */
#ifndef _DMABUF_HEAP_LIMITS_H
#define _DMABUF_HEAP_LIMITS_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif
#include <linux/types.h>
#include <linux/dmabuf-heap.h>

/**
 * struct heap_limits - the limits of one device or requirement
 * @valid: bit n is set when value[n] is a limit
 * @value: indexed by enum dmabuf_heap_limit_type, 0 where not valid
 *
 * A value that limits nothing (an address of all ones, not contiguous) is never
 * valid here. CHUNK and NODE are preferences, which travel with the limits and
 * refuse nothing.
 */
struct heap_limits {
	__u32 valid;
	__u64 value[DMABUF_HEAP_LIMIT_COUNT];
};

/**
 * struct heap_merged - limits of several attachments together
 * @limits: what holds for all of them
 * @set_by: for each limit, the attachment that set it first
 * @runs: physical runs that suit every attachment's MAX_SEGMENTS, however they
 *	lie; 0 for any number. With 1, the run begins at a multiple of @window.
 * @runs_by: the attachment that set @runs first
 * @runs_most: its MAX_SEGMENTS; others' may be less, and ask less
 * @window: a power of two; a run that begins at a multiple of it crosses no more
 *	boundaries than it must. 0 when no attachment counts its segments.
 *
 * How many segments an attachment gets depends on its own largest segment and
 * boundary, so MAX_SEGMENTS says little when merged with others' limits; @runs
 * says what it asks of memory.
 */
struct heap_merged {
	struct heap_limits limits;
	__u64 set_by[DMABUF_HEAP_LIMIT_COUNT];
	__u64 runs;
	__u64 runs_by;
	__u64 runs_most;
	__u64 window;
};

/**
 * struct heap_placement - how a buffer's memory lies
 * @runs: physically contiguous runs
 * @run_min: bytes of the smallest run
 * @run_max: bytes of the largest run
 * @nodes: bit mask of NUMA nodes
 * @last_addr: physical address of the highest byte; never leaves the kernel
 * @align: the largest power of two that every run begins at a multiple of
 * @run_starts: as in struct dmabuf_heap_buffer_record
 */
struct heap_placement {
	__u64 runs;
	__u64 run_min;
	__u64 run_max;
	__u64 nodes;
	__u64 last_addr;
	__u64 align;
	__u8 run_starts[DMABUF_HEAP_PARTS];
};

/**
 * struct heap_machine - what memory there is to choose from
 * @room: bytes of memory at or below the highest address that is allowed
 * @max_block: bytes of the largest contiguous block that can lie there
 * @max_align: the largest power of two that an address there is a multiple of
 */
struct heap_machine {
	__u64 room;
	__u64 max_block;
	__u64 max_align;
};

/**
 * struct heap_conflict - the first limit that can't be met
 * @limit: enum dmabuf_heap_limit_type
 * @wanted: as in struct dmabuf_heap_report
 * @found: as in struct dmabuf_heap_report
 */
struct heap_conflict {
	__u32 limit;
	__u64 wanted;
	__u64 found;
};

/**
 * dmabuf_heap_limits_has() - whether a limit is there
 * @limits: limits
 * @type: enum dmabuf_heap_limit_type
 *
 * Return: true when the limit is valid.
 */
static inline bool dmabuf_heap_limits_has(const struct heap_limits *limits, __u32 type)
{
	return limits->valid & (1U << type);
}

/**
 * dmabuf_heap_limits_grows() - whether a larger value asks for more
 * @type: enum dmabuf_heap_limit_type
 *
 * Return: true when it does; a smaller one does otherwise.
 */
static inline bool dmabuf_heap_limits_grows(__u32 type)
{
	return type == DMABUF_HEAP_LIMIT_CONTIGUOUS || type == DMABUF_HEAP_LIMIT_ALIGNMENT ||
	       type == DMABUF_HEAP_LIMIT_CHUNK;
}

/**
 * dmabuf_heap_limits_loosest() - the value that limits nothing
 * @type: enum dmabuf_heap_limit_type
 *
 * Return: the value.
 */
static inline __u64 dmabuf_heap_limits_loosest(__u32 type)
{
	return dmabuf_heap_limits_grows(type) ? 0 : ~0ULL;
}

/**
 * dmabuf_heap_limits_set() - set one limit
 * @limits: changed
 * @type: enum dmabuf_heap_limit_type; a constant makes this a few instructions, which
 *	counts where limits are read for each map
 * @value: the limit; one that limits nothing takes the limit away
 */
static inline void dmabuf_heap_limits_set(struct heap_limits *limits, __u32 type, __u64 value)
{
	if (value == dmabuf_heap_limits_loosest(type)) {
		limits->valid &= ~(1U << type);
		limits->value[type] = 0;
	} else {
		limits->valid |= 1U << type;
		limits->value[type] = value;
	}
}

void dmabuf_heap_limits_narrow(struct heap_limits *limits, const struct heap_limits *more);
void dmabuf_heap_limits_drop_physical(struct heap_limits *limits);
void dmabuf_heap_limits_merge_runs(struct heap_merged *merged, const struct heap_limits *limits,
				   __u64 id, __u64 length);
void dmabuf_heap_limits_merge(struct heap_merged *merged, const struct heap_limits *limits,
			      __u64 id, __u64 length);
__u64 dmabuf_heap_limits_segment(const struct heap_limits *limits, __u64 addr, __u64 bytes);
__u64 dmabuf_heap_limits_segments(const struct heap_limits *limits, __u64 addr, __u64 bytes);
bool dmabuf_heap_limits_suit(const struct heap_limits *limits,
			     const struct heap_placement *placement, __u64 length,
			     __u64 segments, struct heap_conflict *conflict);
bool dmabuf_heap_limits_shapable(const struct heap_limits *limits, __u64 length,
				 struct heap_conflict *conflict);
bool dmabuf_heap_limits_feasible(const struct heap_merged *merged,
				 const struct heap_machine *machine, __u64 length,
				 struct heap_conflict *conflict);
bool dmabuf_heap_limits_same(const struct heap_limits *a, const struct heap_limits *b);
__u64 dmabuf_heap_limits_max_addr(const struct heap_limits *limits);
bool dmabuf_heap_limits_contiguous(const struct heap_limits *limits);
bool dmabuf_heap_limits_one_run(const struct heap_merged *merged);
__u64 dmabuf_heap_limits_alignment(const struct heap_merged *merged);
__u32 dmabuf_heap_limits_addr_bits(__u64 last_addr);
int dmabuf_heap_limits_import(struct heap_limits *limits, const struct dmabuf_heap_limits *from,
			      __u64 page_size);
void dmabuf_heap_limits_export(struct dmabuf_heap_limits *to, const struct heap_limits *limits,
			       const __u64 *set_by);

#endif /* _DMABUF_HEAP_LIMITS_H */
