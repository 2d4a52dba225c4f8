// SPDX-License-Identifier: MIT
/*
 * Limits: read one out of a snapshot, and put one into words.
 */
#include "api.h"
#include "limits.h"

DBHEAP_API bool
dmabuf_heap_limits_info_get(const struct dmabuf_heap_limits_info *limits,
			    enum dbheap_limit limit, uint64_t *value,
			    uint64_t *set_by)
{
	const struct dmabuf_heap_limits *from = &limits->limits;

	if ((unsigned int)limit >= DMABUF_HEAP_LIMIT_ROOM ||
	    !(from->valid >> limit & 1))
		return false;
	if (value)
		*value = from->limit[limit].value;
	if (set_by)
		*set_by = from->limit[limit].set_by;
	return true;
}

static void limit_add_segment(struct dbheap_text *text, uint64_t value)
{
	if (value == UINT64_MAX) {
		dbheap_text_add(text, "segments of any size");
		return;
	}
	dbheap_text_add(text, "segments of at most ");
	dbheap_text_add_bytes(text, value);
}

static void limit_add_boundary(struct dbheap_text *text, uint64_t value)
{
	if (value == UINT64_MAX) {
		dbheap_text_add(text, "segments across any boundary");
		return;
	}
	dbheap_text_add(text, "no segment across ");
	dbheap_text_add_bytes(text, value + 1);
}

static void limit_add_segments(struct dbheap_text *text, uint64_t value)
{
	if (value == UINT64_MAX)
		dbheap_text_add(text, "any number of segments");
	else if (value == 1)
		dbheap_text_add(text, "one segment");
	else
		dbheap_text_add(text, "at most %llu segments",
				(unsigned long long)value);
}

static void limit_add_alignment(struct dbheap_text *text, uint64_t value)
{
	if (!value) {
		dbheap_text_add(text, "any alignment");
		return;
	}
	dbheap_text_add(text, "aligned to ");
	dbheap_text_add_bytes(text, value);
}

static void limit_add_chunk(struct dbheap_text *text, uint64_t value)
{
	if (!value) {
		dbheap_text_add(text, "runs of any size");
		return;
	}
	dbheap_text_add(text, "preferably runs of ");
	dbheap_text_add_bytes(text, value);
}

static void limit_add_node(struct dbheap_text *text, uint64_t value)
{
	if (value == UINT64_MAX)
		dbheap_text_add(text, "any NUMA node");
	else
		dbheap_text_add(text, "preferably NUMA node %llu",
				(unsigned long long)value);
}

void dbheap_limit_add(struct dbheap_text *text, enum dbheap_limit limit,
		      uint64_t value)
{
	switch (limit) {
	case DBHEAP_LIMIT_MAX_ADDR:
		if (value)
			dbheap_text_add_below(text, value);
		else
			dbheap_text_add(text, "no address without bouncing");
		break;
	case DBHEAP_LIMIT_CONTIGUOUS:
		dbheap_text_add(text, value ? "contiguous" : "any number of runs");
		break;
	case DBHEAP_LIMIT_MAX_SEGMENT:
		limit_add_segment(text, value);
		break;
	case DBHEAP_LIMIT_BOUNDARY:
		limit_add_boundary(text, value);
		break;
	case DBHEAP_LIMIT_MAX_SEGMENTS:
		limit_add_segments(text, value);
		break;
	case DBHEAP_LIMIT_ALIGNMENT:
		limit_add_alignment(text, value);
		break;
	case DBHEAP_LIMIT_CHUNK:
		limit_add_chunk(text, value);
		break;
	case DBHEAP_LIMIT_NODE:
		limit_add_node(text, value);
		break;
	default:
		break;
	}
}

DBHEAP_API size_t dmabuf_heap_limit_describe(enum dbheap_limit limit,
					     uint64_t value, char *text,
					     size_t size)
{
	struct dbheap_text to;

	dbheap_text_begin(&to, text, size);
	dbheap_limit_add(&to, limit, value);
	return to.length;
}

DBHEAP_API size_t dmabuf_heap_size_describe(uint64_t bytes, char *text,
					    size_t size)
{
	struct dbheap_text to;

	dbheap_text_begin(&to, text, size);
	dbheap_text_add_bytes(&to, bytes);
	return to.length;
}
