// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a buffer's memory would move to let a device in.
 */
#include "move.h"

static uint64_t limit_value(const struct dmabuf_heap_limits_info *limits,
			    enum dbheap_limit limit, uint64_t otherwise)
{
	uint64_t value;

	return dmabuf_heap_limits_info_get(limits, limit, &value, NULL) ? value :
									  otherwise;
}

static unsigned int bits_count(uint64_t last)
{
	return last ? 64 - (unsigned int)__builtin_clzll(last) : 0;
}

/* Of the memory's last byte only the number of address bits is known. */
static enum move move_for_address(const struct dmabuf_heap_buffer_info *info,
				  const struct dmabuf_heap_limits_info *limits)
{
	uint64_t last = limit_value(limits, DBHEAP_LIMIT_MAX_ADDR, UINT64_MAX);
	unsigned int bits = bits_count(last);

	if (info->addr_bits > bits)
		return MOVE_NEEDED;
	/* With all bits set it is the highest that has so many. */
	if (info->addr_bits < bits || !(last & (last + 1)))
		return MOVE_NONE;
	return MOVE_UNKNOWN;
}

static enum move move_for_runs(const struct dmabuf_heap_buffer_info *info,
			       const struct dmabuf_heap_limits_info *limits)
{
	uint64_t align = limit_value(limits, DBHEAP_LIMIT_ALIGNMENT, 0);

	if (limit_value(limits, DBHEAP_LIMIT_CONTIGUOUS, 0) && info->runs > 1)
		return MOVE_NEEDED;
	return bits_count(align) > info->align_bits + 1 ? MOVE_NEEDED : MOVE_NONE;
}

/*
 * Each run is at least one segment. None is cut more often than where a largest
 * segment is full and where a boundary is, and once more at its beginning and end.
 */
static enum move move_for_segments(const struct dmabuf_heap_buffer_info *info,
				   const struct dmabuf_heap_reply *reply)
{
	const struct dmabuf_heap_limits_info *all = reply->merged;
	uint64_t segment = limit_value(all, DBHEAP_LIMIT_MAX_SEGMENT, UINT64_MAX);
	uint64_t boundary = limit_value(all, DBHEAP_LIMIT_BOUNDARY, UINT64_MAX);
	uint64_t most = 2 * info->runs;

	if (info->runs > limit_value(reply->limits, DBHEAP_LIMIT_MAX_SEGMENTS,
				     UINT64_MAX))
		return MOVE_NEEDED;
	if (segment)
		most += info->length / segment;
	if (boundary < UINT64_MAX)
		most += info->length / (boundary + 1);
	return most > limit_value(all, DBHEAP_LIMIT_MAX_SEGMENTS, UINT64_MAX) ?
	       MOVE_UNKNOWN : MOVE_NONE;
}

static enum move move_worse(enum move a, enum move b)
{
	return a > b ? a : b;
}

enum move move_expect(const struct dmabuf_heap_buffer_info *info,
		      const struct dmabuf_heap_reply *reply)
{
	enum move move;

	if (!info->movable || info->state == DBHEAP_UNBACKED)
		return MOVE_NONE;
	/* An IOMMU puts any memory where the device wants it. */
	if (reply->flags & DBHEAP_ATTACHMENT_REMAPPED)
		return MOVE_NONE;
	move = move_worse(move_for_address(info, reply->limits),
			  move_for_runs(info, reply->limits));
	return move_worse(move, move_for_segments(info, reply));
}
