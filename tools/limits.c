// SPDX-License-Identifier: GPL-2.0
/*
 * Limits on their way to the user.
 */
#include <inttypes.h>
#include <stdio.h>

#include "attachment.h"
#include "facts.h"
#include "limits.h"
#include "text.h"

#define LIMIT_SIZE	96

enum { COL_LIMIT, COL_VALUE, COL_WORDS, COL_SET_BY, COL_NODE, COL_DEVICE, COL_LABEL };

static const struct column limits_columns[] = {
	[COL_LIMIT] = { "LIMIT", COLUMN_TEXT, "which limit" },
	[COL_VALUE] = { "VALUE", COLUMN_NUMBER, "its value; 1 for contiguous" },
	[COL_WORDS] = { "MEANING", COLUMN_TEXT, "the same in words" },
	[COL_SET_BY] = { "SET-BY", COLUMN_NUMBER, "attachment that set it" },
	[COL_NODE] = { "NODE", COLUMN_TEXT, "that attachment's node" },
	[COL_DEVICE] = { "DEVICE", COLUMN_TEXT, "that attachment's device" },
	[COL_LABEL] = { "LABEL", COLUMN_TEXT, "that attachment's label" },
};

const struct layout limits_layout = {
	"limits", limits_columns,
	sizeof(limits_columns) / sizeof(limits_columns[0]),
	"LIMIT,MEANING,SET-BY,NODE,DEVICE,LABEL",
};

static const char * const limit_names[DBHEAP_LIMIT_COUNT] = {
	[DBHEAP_LIMIT_MAX_ADDR] = "max_address",
	[DBHEAP_LIMIT_CONTIGUOUS] = "contiguous",
	[DBHEAP_LIMIT_MAX_SEGMENT] = "max_segment",
	[DBHEAP_LIMIT_BOUNDARY] = "boundary",
	[DBHEAP_LIMIT_MAX_SEGMENTS] = "max_segments",
	[DBHEAP_LIMIT_ALIGNMENT] = "alignment",
	[DBHEAP_LIMIT_CHUNK] = "chunk",
	[DBHEAP_LIMIT_NODE] = "numa_node",
};

/* Those that choose memory, or would like to. */
static const enum dbheap_limit limits_of_memory[] = {
	DBHEAP_LIMIT_MAX_ADDR, DBHEAP_LIMIT_CONTIGUOUS, DBHEAP_LIMIT_MAX_SEGMENTS,
	DBHEAP_LIMIT_ALIGNMENT, DBHEAP_LIMIT_CHUNK, DBHEAP_LIMIT_NODE,
};

const char *limit_name(unsigned int limit)
{
	return limit < DBHEAP_LIMIT_COUNT ? limit_names[limit] : "unknown";
}

/* A limit that limits something. */
static bool limit_get(const struct dmabuf_heap_limits_info *limits,
		      enum dbheap_limit limit, uint64_t *value, uint64_t *set_by)
{
	if (!dmabuf_heap_limits_info_get(limits, limit, value, set_by))
		return false;
	switch (limit) {
	case DBHEAP_LIMIT_CONTIGUOUS:
	case DBHEAP_LIMIT_ALIGNMENT:
	case DBHEAP_LIMIT_CHUNK:
		return *value;
	default:
		return *value != UINT64_MAX;
	}
}

/* The kernel has a mask for the boundary; users see a size. */
static uint64_t limit_shown(enum dbheap_limit limit, uint64_t value)
{
	return limit == DBHEAP_LIMIT_BOUNDARY ? value + 1 : value;
}

void limits_fill(struct row *row, size_t first, unsigned int flags,
		 const struct dmabuf_heap_limits_info *limits)
{
	enum dbheap_limit limit;
	uint64_t value;

	if (flags & DBHEAP_ATTACHMENT_CPU_ONLY)
		return;
	/* That any memory will do is worth saying. */
	row_set_number(row, first + DBHEAP_LIMIT_MAX_ADDR, UINT64_MAX);
	row_set_number(row, first + DBHEAP_LIMIT_CONTIGUOUS, 0);
	for (limit = 0; limit < DBHEAP_LIMIT_COUNT; limit++)
		if (limit_get(limits, limit, &value, NULL))
			row_set_number(row, first + limit,
				       limit_shown(limit, value));
}

void limits_describe(const struct dmabuf_heap_limits_info *limits, char *text,
		     size_t size)
{
	char words[LIMIT_SIZE];
	uint64_t value;
	size_t i;

	*text = '\0';
	for (i = 0; i < sizeof(limits_of_memory) / sizeof(limits_of_memory[0]); i++) {
		if (!limit_get(limits, limits_of_memory[i], &value, NULL))
			continue;
		dmabuf_heap_limit_describe(limits_of_memory[i], value, words,
					   sizeof(words));
		text_append(text, size, ", ", words);
	}
	if (!*text)
		text_append(text, size, "", "none");
}

struct table *limits_collect(const struct dmabuf_heap_limits_info *merged,
			     const struct dmabuf_heap_attachment_list *list)
{
	struct table *table = table_new(&limits_layout);
	const struct dmabuf_heap_attachment_info *by;
	enum dbheap_limit limit;
	uint64_t value, set_by;
	char words[LIMIT_SIZE];

	for (limit = 0; merged && limit < DBHEAP_LIMIT_COUNT; limit++) {
		struct row *row;

		if (!limit_get(merged, limit, &value, &set_by))
			continue;
		dmabuf_heap_limit_describe(limit, value, words, sizeof(words));
		row = table_add(table);
		row_set_text(row, COL_LIMIT, limit_name(limit));
		row_set_number(row, COL_VALUE, limit_shown(limit, value));
		row_set_text(row, COL_WORDS, words);
		row_set_number(row, COL_SET_BY, set_by);
		by = dmabuf_heap_attachment_list_find(list, set_by);
		if (!by)
			continue;
		row_set_text(row, COL_NODE, by->node);
		row_set_text(row, COL_DEVICE, by->device);
		row_set_text(row, COL_LABEL, by->label);
	}
	return table;
}

void limits_print(const char *title,
		  const struct dmabuf_heap_limits_info *merged,
		  const struct dmabuf_heap_attachment_list *list)
{
	char words[LIMIT_SIZE], name[ATTACHMENT_NAME_SIZE];
	enum dbheap_limit limit;
	uint64_t value, set_by;

	for (limit = 0; limit < DBHEAP_LIMIT_COUNT; limit++) {
		if (!limit_get(merged, limit, &value, &set_by))
			continue;
		dmabuf_heap_limit_describe(limit, value, words, sizeof(words));
		attachment_name_write(list, set_by, name);
		facts_print(title, "%s, because of %s", words, name);
		title = "";
	}
	if (*title)
		facts_print(title, "none");
}
