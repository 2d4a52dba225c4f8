// SPDX-License-Identifier: GPL-2.0
/*
 * A plan that can't be served: the refusal, and what to leave out instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "text.h"
#include "way.h"

#define SENTENCE_SIZE	512

enum {
	CONFLICT_ENTRY, CONFLICT_TARGET, CONFLICT_ERROR, CONFLICT_LIMIT,
	CONFLICT_WANTED, CONFLICT_FOUND, CONFLICT_SET_BY, CONFLICT_LEAST,
	CONFLICT_REASON,
};

static const struct column conflict_columns[] = {
	[CONFLICT_ENTRY] = { "ENTRY", COLUMN_NUMBER, "who is refused, 1 for the first" },
	[CONFLICT_TARGET] = { "TARGET", COLUMN_TEXT, "the same, as it was given" },
	[CONFLICT_ERROR] = { "ERROR", COLUMN_TEXT, "name of the error" },
	[CONFLICT_LIMIT] = { "LIMIT", COLUMN_TEXT, "which limit can't be met" },
	[CONFLICT_WANTED] = { "WANTED", COLUMN_NUMBER, "what it asks" },
	[CONFLICT_FOUND] = { "FOUND", COLUMN_NUMBER, "what this machine has" },
	[CONFLICT_SET_BY] = { "SET-BY", COLUMN_NUMBER, "entry that set the limit" },
	[CONFLICT_LEAST] = { "LEAST", COLUMN_FLAG,
			     "whether no way leaves out fewer than those found" },
	[CONFLICT_REASON] = { "REASON", COLUMN_TEXT, "the same in words" },
};

static const struct layout conflict_layout = {
	"conflict", conflict_columns,
	sizeof(conflict_columns) / sizeof(conflict_columns[0]),
	"ENTRY,TARGET,ERROR,REASON",
};

enum { WAY_WAY, WAY_ENTRY, WAY_TARGET, WAY_PLACEMENT, WAY_RUNS, WAY_ADDRESS_BITS };

static const struct column way_columns[] = {
	[WAY_WAY] = { "WAY", COLUMN_NUMBER, "number of the way, from 1" },
	[WAY_ENTRY] = { "ENTRY", COLUMN_NUMBER, "who is left out, 1 for the first" },
	[WAY_TARGET] = { "TARGET", COLUMN_TEXT, "the same, as it was given" },
	[WAY_PLACEMENT] = { "PLACEMENT", COLUMN_TEXT,
			    "how memory for the rest would lie" },
	[WAY_RUNS] = { "RUNS", COLUMN_NUMBER,
		       "physical runs of it; 0: any number is fine" },
	[WAY_ADDRESS_BITS] = { "ADDRESS-BITS", COLUMN_NUMBER,
			       "most bits of its highest address" },
};

static const struct layout way_layout = {
	"without", way_columns, sizeof(way_columns) / sizeof(way_columns[0]),
	"WAY,ENTRY,TARGET,PLACEMENT",
};

struct table *conflict_collect(const struct target *targets,
			       const struct dmabuf_heap_plan_result *result)
{
	const struct dmabuf_heap_conflict *conflict = result->conflict;
	struct table *table = table_new(&conflict_layout);
	char reason[SENTENCE_SIZE];
	struct row *row;

	if (!conflict)
		return table;
	dmabuf_heap_conflict_explain(conflict, NULL, reason, sizeof(reason));
	row = table_add(table);
	row_set_number(row, CONFLICT_ENTRY, result->refused + 1);
	row_set_text(row, CONFLICT_TARGET, targets[result->refused].text);
	row_set_text(row, CONFLICT_ERROR, strerrorname_np(conflict->error));
	row_set_text(row, CONFLICT_LIMIT, limit_name(conflict->limit));
	row_set_number(row, CONFLICT_WANTED, conflict->wanted);
	row_set_number(row, CONFLICT_FOUND, conflict->found);
	row_set_number(row, CONFLICT_SET_BY, result->set_by + 1);
	row_set_number(row, CONFLICT_LEAST, result->is_least);
	row_set_text(row, CONFLICT_REASON, reason);
	return table;
}

static void way_add(struct table *table, size_t number,
		    const struct dmabuf_heap_plan_way *way,
		    const struct target *targets)
{
	char placement[SENTENCE_SIZE];
	size_t i;

	dmabuf_heap_buffer_info_describe_placement(way->info, placement,
						   sizeof(placement));
	for (i = 0; i < way->count; i++) {
		struct row *row = table_add(table);

		row_set_number(row, WAY_WAY, number);
		row_set_number(row, WAY_ENTRY, way->entries[i] + 1);
		row_set_text(row, WAY_TARGET, targets[way->entries[i]].text);
		row_set_text(row, WAY_PLACEMENT, placement);
		row_set_number(row, WAY_RUNS, way->info->runs);
		row_set_number(row, WAY_ADDRESS_BITS, way->info->addr_bits);
	}
}

struct table *ways_collect(const struct target *targets,
			   const struct dmabuf_heap_plan_result *result)
{
	struct table *table = table_new(&way_layout);
	size_t i;

	for (i = 0; i < result->way_count; i++)
		way_add(table, i + 1, dmabuf_heap_plan_result_get_way(result, i),
			targets);
	return table;
}

/* "A", "A and B", "A, B and C" */
static void way_print_names(const struct dmabuf_heap_plan_way *way,
			    const struct target *targets)
{
	size_t i;

	for (i = 0; i < way->count; i++) {
		char *name = text_copy(targets[way->entries[i]].text);

		if (i)
			printf(i + 1 < way->count ? ", " : " and ");
		text_clean(name);
		printf("%s", name);
		free(name);
	}
}

void ways_print(const struct target *targets, size_t count,
		const struct dmabuf_heap_plan_result *result)
{
	char placement[SENTENCE_SIZE];
	size_t i;

	for (i = 0; i < result->way_count; i++) {
		const struct dmabuf_heap_plan_way *way;

		way = dmabuf_heap_plan_result_get_way(result, i);
		if (way->count == count)
			continue;
		dmabuf_heap_buffer_info_describe_placement(way->info, placement,
							   sizeof(placement));
		printf("Without ");
		way_print_names(way, targets);
		printf(" the rest could be served: %s\n", placement);
	}
}
