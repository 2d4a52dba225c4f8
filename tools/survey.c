// SPDX-License-Identifier: GPL-2.0
/*
 * Looking at all buffers again and again.
 */
#include <string.h>

#include "buffer.h"
#include "held.h"
#include "survey.h"
#include "text.h"

/* Times what a walk took is how long the next one waits: a tenth is spent on them. */
#define WALK_REST	9

#define COL_RATE	(buffers_layout.count)
#define COL_NEW_MAPS	(buffers_layout.count + 1)

static const struct column rate_columns[] = {
	{ "MAPS/S", COLUMN_RATE, "maps by devices per second" },
	{ "NEW-MAPS", COLUMN_NUMBER, "maps by devices since the look before" },
};

#define RATE_COUNT	(sizeof(rate_columns) / sizeof(rate_columns[0]))

uint64_t survey_now(void)
{
	return text_age(0);	/* since the clock began */
}

static const struct layout *buffers_with_rates(void)
{
	static struct column columns[LAYOUT_MAX_COLUMNS];
	static struct layout layout = {
		"buffers", columns, 0,
		"ID,SIZE,BACKED,STATE,MAPS/S,MAPS,CPU-MAPS,HOLDERS,DEVICES,CREATOR,AGE,NAME",
	};

	if (!layout.count) {
		memcpy(columns, buffers_layout.columns,
		       buffers_layout.count * sizeof(*columns));
		memcpy(columns + buffers_layout.count, rate_columns,
		       sizeof(rate_columns));
		layout.count = buffers_layout.count + RATE_COUNT;
	}
	return &layout;
}

const struct layout *survey_layout(enum survey_rows rows)
{
	return rows == SURVEY_PROCESSES ? &held_layout : buffers_with_rates();
}

const char *survey_narrow(enum survey_rows rows)
{
	return rows == SURVEY_PROCESSES ? held_layout.defaults :
	       "ID,SIZE,BACKED,MAPS/S,MAPS,HOLDERS,DEVICES,AGE,NAME";
}

static uint64_t survey_add_maps(struct survey *survey, uint64_t id,
				const struct dmabuf_heap_attachment_list *list)
{
	size_t i, count = dmabuf_heap_attachment_list_count(list);
	uint64_t maps = 0;

	for (i = 0; i < count; i++) {
		const struct dmabuf_heap_attachment_info *info;
		uint64_t ever = 0;
		size_t way;

		info = dmabuf_heap_attachment_list_get(list, i);
		for (way = 0; way < DBHEAP_DIR_COUNT; way++)
			ever += info->maps_ever[way];
		maps += rates_add(&survey->rates, id, info->id, ever);
	}
	return maps;
}

static void survey_add_row(struct survey *survey,
			   const struct dmabuf_heap_buffer_info *info,
			   const struct dmabuf_heap_attachment_list *list,
			   uint64_t maps)
{
	uint64_t span = rates_span(&survey->rates);
	struct row *row = table_add(survey->table);

	buffer_fill(row, info, list);
	if (buffer_knows_holders(info, survey->holders))
		buffer_fill_holders(row, survey->holders, info->id);
	if (!span)
		return;
	row_set_number(row, COL_RATE, rate_of(maps, span));
	row_set_number(row, COL_NEW_MAPS, maps);
}

static int survey_add(struct survey *survey, struct held *held,
		      struct dmabuf_heap_iterator *iterator,
		      const struct dmabuf_heap_buffer_info *info)
{
	struct dmabuf_heap_attachment_list *list;
	int error = dmabuf_heap_iterator_get_attachments(iterator, &list);
	uint64_t maps;

	if (error)
		return error;
	maps = survey_add_maps(survey, info->id, list);
	survey->maps += maps;
	totals_add(&survey->totals, info);
	if (buffer_is_orphan(info, survey->holders))
		totals_add_orphan(&survey->totals, info);
	if (survey->rows == SURVEY_BUFFERS)
		survey_add_row(survey, info, list, maps);
	else
		held_add(held, survey->holders, info, maps);
	dmabuf_heap_attachment_list_free(list);
	return 0;
}

static int survey_walk(struct survey *survey, struct held *held)
{
	const struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_iterator *iterator;
	int error;

	error = dmabuf_heap_iterator_create(survey->heap, &iterator);
	if (error)
		return error;
	do {
		error = dmabuf_heap_iterator_next(iterator, &info);
		if (!error && info)
			error = survey_add(survey, held, iterator, info);
	} while (!error && info);
	dmabuf_heap_iterator_free(iterator);
	return error;
}

/* Before the buffers, so that one that has gone meanwhile isn't an orphan. */
static void survey_find_holders(struct survey *survey)
{
	uint64_t begin = survey_now(), end;

	if (survey->rows == SURVEY_BUFFERS && !survey->wants_holders) {
		holders_free(survey->holders);
		survey->holders = NULL;
		return;
	}
	if (survey->holders && begin < survey->next_walk_ns)
		return;
	holders_free(survey->holders);
	survey->holders = holders_collect(PROC_PATH);
	end = survey_now();
	survey->next_walk_ns = end + WALK_REST * (end - begin);
}

static void survey_clear(struct survey *survey)
{
	table_free(survey->table);
	survey->table = NULL;
	memset(&survey->totals, 0, sizeof(survey->totals));
	survey->maps = 0;
	survey->before = survey->counters;
}

int survey_look(struct survey *survey)
{
	struct held *held = held_new();
	int error;

	survey_clear(survey);
	survey_find_holders(survey);
	survey->totals.knows_orphans = survey->holders &&
				       holders_is_complete(survey->holders);
	if (survey->rows == SURVEY_BUFFERS)
		survey->table = table_new(survey_layout(SURVEY_BUFFERS));
	rates_begin(&survey->rates, survey_now());
	counters_read(&survey->counters);
	error = survey_walk(survey, held);
	if (error)
		survey_clear(survey);
	else if (survey->rows == SURVEY_PROCESSES)
		survey->table = held_tabulate(held, rates_span(&survey->rates));
	held_free(held);
	return error;
}

void survey_end(struct survey *survey)
{
	survey_clear(survey);
	holders_free(survey->holders);
	rates_free(&survey->rates);
}
