// SPDX-License-Identifier: GPL-2.0
/*
 * Who was refused last by each buffer, as rows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "refusal.h"
#include "text.h"

#define SENTENCE_SIZE	512

enum { COL_BUFFER, COL_AGE, COL_ERROR, COL_LIMIT, COL_WANTED, COL_FOUND, COL_REASON };

static const struct column columns[] = {
	[COL_BUFFER] = { "BUFFER", COLUMN_NUMBER, "buffer that has refused" },
	[COL_AGE] = { "AGE", COLUMN_TIME, "time since then" },
	[COL_ERROR] = { "ERROR", COLUMN_TEXT, "name of the error" },
	[COL_LIMIT] = { "LIMIT", COLUMN_TEXT, "which limit can't be met" },
	[COL_WANTED] = { "WANTED", COLUMN_NUMBER, "what it asks" },
	[COL_FOUND] = { "FOUND", COLUMN_NUMBER, "what there is" },
	[COL_REASON] = { "REASON", COLUMN_TEXT, "the same in words" },
};

const struct layout refusals_layout = {
	"conflicts", columns, sizeof(columns) / sizeof(columns[0]),
	"BUFFER,AGE,ERROR,REASON",
};

/* "when cat filled it" becomes "when a process filled it". */
static void reason_forget(char text[SENTENCE_SIZE], const char *process)
{
	char needle[SENTENCE_SIZE], rest[SENTENCE_SIZE];
	char *found, *next;

	snprintf(needle, sizeof(needle), "when %s ", process);
	found = strstr(text, needle);
	if (!found)
		return;
	/* A label may have the same words, but comes before. */
	while ((next = strstr(found + 1, needle)))
		found = next;
	snprintf(rest, sizeof(rest), "%s", found + strlen(needle));
	snprintf(found, (size_t)(text + SENTENCE_SIZE - found),
		 "when a process %s", rest);
}

static void reason_write(const struct dmabuf_heap_conflict *conflict,
			 bool is_anonymous, char text[SENTENCE_SIZE])
{
	dmabuf_heap_conflict_explain(conflict, NULL, text, SENTENCE_SIZE);
	if (is_anonymous && conflict->first_map != DBHEAP_FIRST_DEVICE)
		reason_forget(text, conflict->first_map_by);
}

void refusal_add(struct table *table, const struct dmabuf_heap_buffer_info *info,
		 bool is_anonymous)
{
	const struct dmabuf_heap_conflict *conflict = info->conflict;
	char reason[SENTENCE_SIZE];
	struct row *row;

	if (!conflict)
		return;
	reason_write(conflict, is_anonymous, reason);
	row = table_add(table);
	row_set_number(row, COL_BUFFER, info->id);
	row_set_number(row, COL_AGE, text_age(conflict->time_ns));
	row_set_text(row, COL_ERROR, strerrorname_np(conflict->error));
	row_set_text(row, COL_REASON, reason);
	/* A sealed buffer refuses whoever it doesn't know, for no limit's sake. */
	if (conflict->error == EPERM)
		return;
	row_set_text(row, COL_LIMIT, limit_name(conflict->limit));
	row_set_number(row, COL_WANTED, conflict->wanted);
	row_set_number(row, COL_FOUND, conflict->found);
}
