// SPDX-License-Identifier: GPL-2.0
/*
 * Limits: comparing, merging, and naming the one that is in the way. Every
 * limit here has one order: a value is either tighter than another or not.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#endif

#include "limits.h"

/* The value that limits nothing. */
static __u64 limit_loosest(__u32 type)
{
	return type == DMABUF_HEAP_LIMIT_CONTIGUOUS ? 0 : ~0ULL;
}

/* All limits but CONTIGUOUS are tighter the smaller they are. */
static bool limit_is_tighter(__u32 type, __u64 value, __u64 than)
{
	return type == DMABUF_HEAP_LIMIT_CONTIGUOUS ? value > than : value < than;
}

static __u64 limit_value(const struct heap_limits *limits, __u32 type)
{
	return dmabuf_heap_limits_has(limits, type) ? limits->value[type] : limit_loosest(type);
}

/**
 * dmabuf_heap_limits_set() - set one limit
 * @limits: changed
 * @type: enum dmabuf_heap_limit_type
 * @value: the limit; one that limits nothing takes the limit away
 */
void dmabuf_heap_limits_set(struct heap_limits *limits, __u32 type, __u64 value)
{
	if (value == limit_loosest(type)) {
		limits->valid &= ~(1U << type);
		limits->value[type] = 0;
	} else {
		limits->valid |= 1U << type;
		limits->value[type] = value;
	}
}

/**
 * dmabuf_heap_limits_narrow() - add further limits to the same device
 * @limits: changed: of each limit the tighter of the two stays
 * @more: the further limits
 */
void dmabuf_heap_limits_narrow(struct heap_limits *limits, const struct heap_limits *more)
{
	__u32 type;

	for (type = 0; type < DMABUF_HEAP_LIMIT_COUNT; type++) {
		__u64 value = limit_value(more, type);

		if (limit_is_tighter(type, value, limit_value(limits, type)))
			dmabuf_heap_limits_set(limits, type, value);
	}
}

/**
 * dmabuf_heap_limits_drop_physical() - keep only what holds behind an IOMMU
 * @limits: changed: what would choose memory goes, what shapes a scatter-gather
 *	table stays
 */
void dmabuf_heap_limits_drop_physical(struct heap_limits *limits)
{
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_MAX_ADDR, ~0ULL);
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0);
}

/**
 * dmabuf_heap_limits_merge() - let an attachment's limits join the others'
 * @merged: changed: of each limit the tighter stays, on a tie the earlier
 * @limits: the attachment's limits
 * @id: the attachment
 */
void dmabuf_heap_limits_merge(struct heap_merged *merged, const struct heap_limits *limits,
			      __u64 id)
{
	__u32 type;

	for (type = 0; type < DMABUF_HEAP_LIMIT_COUNT; type++) {
		__u64 value = limit_value(limits, type);

		if (!limit_is_tighter(type, value, limit_value(&merged->limits, type)))
			continue;
		dmabuf_heap_limits_set(&merged->limits, type, value);
		merged->set_by[type] = id;
	}
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
	return a->valid == b->valid && !memcmp(a->value, b->value, sizeof(a->value));
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
 * @limits: limits of one attachment, or of all
 * @placement: how the memory lies
 * @length: the buffer's bytes
 * @conflict: filled in when not
 *
 * Return: true when it can.
 */
bool dmabuf_heap_limits_suit(const struct heap_limits *limits,
			     const struct heap_placement *placement, __u64 length,
			     struct heap_conflict *conflict)
{
	__u64 max_addr = dmabuf_heap_limits_max_addr(limits);

	if (placement->last_addr > max_addr)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_MAX_ADDR, max_addr,
				     addr_blur(placement->last_addr));
	if (dmabuf_heap_limits_contiguous(limits) && placement->runs > 1)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_CONTIGUOUS, length,
				     placement->run_max);
	return true;
}

/**
 * dmabuf_heap_limits_feasible() - whether this machine has memory that could serve
 * @limits: limits of all attachments
 * @machine: what memory there is
 * @length: the buffer's bytes
 * @conflict: filled in when not
 *
 * Says nothing of how much of it is free.
 *
 * Return: true when it has.
 */
bool dmabuf_heap_limits_feasible(const struct heap_limits *limits,
				 const struct heap_machine *machine, __u64 length,
				 struct heap_conflict *conflict)
{
	if (length > machine->room)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_MAX_ADDR,
				     dmabuf_heap_limits_max_addr(limits), machine->room);
	if (dmabuf_heap_limits_contiguous(limits) && length > machine->max_block)
		return conflict_fill(conflict, DMABUF_HEAP_LIMIT_CONTIGUOUS, length,
				     machine->max_block);
	return true;
}

static bool limit_is_wellformed(__u32 type, __u64 value, __u64 page_size)
{
	switch (type) {
	case DMABUF_HEAP_LIMIT_CONTIGUOUS:
		return value <= 1;
	case DMABUF_HEAP_LIMIT_MAX_SEGMENT:
		return value && !(value & (page_size - 1));
	case DMABUF_HEAP_LIMIT_BOUNDARY:
		return !(value & (value + 1)) && value >= page_size - 1;
	default:
		return true;
	}
}

/**
 * dmabuf_heap_limits_import() - take a requirement from a caller
 * @limits: filled in
 * @from: what the caller says; not trusted
 * @page_size: bytes
 *
 * Return: 0, or -EINVAL for a limit that is unknown or malformed, or a field
 * that must be 0 and isn't.
 */
int dmabuf_heap_limits_import(struct heap_limits *limits, const struct dmabuf_heap_limits *from,
			      __u64 page_size)
{
	__u32 type;

	memset(limits, 0, sizeof(*limits));
	if (from->valid >> DMABUF_HEAP_LIMIT_COUNT)
		return -EINVAL;
	for (type = 0; type < DMABUF_HEAP_LIMIT_ROOM; type++) {
		const struct dmabuf_heap_limit *limit = &from->limit[type];

		if (limit->set_by)
			return -EINVAL;
		if (!(from->valid & (1ULL << type))) {
			if (limit->value)
				return -EINVAL;
			continue;
		}
		if (!limit_is_wellformed(type, limit->value, page_size))
			return -EINVAL;
		dmabuf_heap_limits_set(limits, type, limit->value);
	}
	return 0;
}

/**
 * dmabuf_heap_limits_export() - write limits for a caller
 * @to: filled in whole
 * @limits: the limits
 * @set_by: attachment for each limit, or NULL
 */
void dmabuf_heap_limits_export(struct dmabuf_heap_limits *to, const struct heap_limits *limits,
			       const __u64 *set_by)
{
	__u32 type;

	memset(to, 0, sizeof(*to));
	to->valid = limits->valid;
	for (type = 0; type < DMABUF_HEAP_LIMIT_COUNT; type++) {
		if (!dmabuf_heap_limits_has(limits, type))
			continue;
		to->limit[type].value = limits->value[type];
		to->limit[type].set_by = set_by ? set_by[type] : 0;
	}
}
