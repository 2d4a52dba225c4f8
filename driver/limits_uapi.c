// SPDX-License-Identifier: GPL-2.0
/*
 * Limits at the border: from a caller's struct, of which nothing is trusted, and to it.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#endif

#include "limits.h"

static bool limit_is_wellformed(__u32 type, __u64 value, __u64 page_size)
{
	switch (type) {
	case DMABUF_HEAP_LIMIT_CONTIGUOUS:
		return value <= 1;
	case DMABUF_HEAP_LIMIT_MAX_SEGMENT:
		return value && !(value & (page_size - 1));
	case DMABUF_HEAP_LIMIT_BOUNDARY:
		return !(value & (value + 1)) && value >= page_size - 1;
	case DMABUF_HEAP_LIMIT_MAX_SEGMENTS:
		return value;
	case DMABUF_HEAP_LIMIT_ALIGNMENT:
	case DMABUF_HEAP_LIMIT_CHUNK:
		return !(value & (value - 1)) && value >= page_size;
	case DMABUF_HEAP_LIMIT_NODE:
		return value < DMABUF_HEAP_MAX_NODES;
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
