// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl top on the screen: looks, and what keys do.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "screen.h"
#include "shown.h"
#include "text.h"

static bool row_has(const struct row *row, const struct view *view, const char *text)
{
	size_t i;

	for (i = 0; i < view->count; i++) {
		const char *cell = row->cells[view->columns[i]].text;

		if (cell && strcasestr(cell, text))
			return true;
	}
	return false;
}

/* The selection stays with its row, wherever that is now. */
static void live_follow(struct live *live)
{
	size_t i;

	for (i = 0; i < live->count; i++)
		if (live->rows[i]->cells[0].number == live->selected)
			break;
	if (i < live->count)
		scroll_select(&live->scroll, i);
	if (live->count)
		live->selected = live->rows[live->scroll.selected]->cells[0].number;
}

static void live_arrange(struct live *live)
{
	const struct table *table = live->top->survey.table;
	const struct view *view = top_view(live->top);
	size_t i, count = 0;

	free(live->rows);
	live->rows = table_sort(table, view);
	for (i = 0; i < table->count; i++)
		if (!*live->filter || row_has(live->rows[i], view, live->filter))
			live->rows[count++] = live->rows[i];
	live->count = count;
	scroll_fit(&live->scroll, count, live_height());
	live_follow(live);
}

static int live_look(struct live *live)
{
	size_t lines, columns;
	int error;

	screen_size(&lines, &columns);
	error = top_look(live->top, columns);
	if (!error)
		live_arrange(live);
	return error;
}

static void live_help(struct live *live)
{
	static const char text[] =
		"  Up, Down, PgUp, PgDn,  select a row\n"
		"  Home, End\n"
		"  Left, Right            see what is cut at the right\n"
		"  Enter                  show all that is known of the buffer\n"
		"  p                      rows are processes that hold buffers, or buffers\n"
		"  / or F4                show only rows with a text in them\n"
		"\n"
		"  F6                     choose the column to sort by\n"
		"  < or >                 sort by the column to the left or right\n"
		"  I                      invert the order\n"
		"  M                      sort by size, largest first\n"
		"  R                      sort by maps per second, most first\n"
		"  T                      sort by age, oldest first\n"
		"\n"
		"  h or F1                this help\n"
		"  q or F10               quit\n"
		"\n"
		"MAPS/S counts maps by devices since the look before. HOLDERS, and all that is\n"
		"known of processes, may be a little older: looking for them takes time.";

	live->is_menu = false;
	page_open(&live->page, "Keys of dmabuf-ctl top", text_copy(text), false);
}

static void live_show(struct live *live)
{
	char title[PAGE_TITLE_SIZE];

	if (!live->count || live->top->survey.rows != SURVEY_BUFFERS)
		return;
	snprintf(title, sizeof(title), PROGRAM_NAME " show %" PRIu64, live->selected);
	live->is_menu = false;
	page_open(&live->page, title, shown_read(live->selected), false);
}

static void live_menu(struct live *live)
{
	const struct view *view = top_view(live->top);
	const struct layout *layout = view->layout;
	char *text = NULL;
	size_t i, size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	for (i = 0; i < layout->count; i++)
		fprintf(out, "%-16s %s\n", layout->columns[i].name,
			layout->columns[i].help);
	fclose(out);
	live->is_menu = true;
	page_open(&live->page, "Sort by", text, true);
	scroll_fit(&live->page.scroll, layout->count, live_height());
	scroll_select(&live->page.scroll, view->sort_column);
}

/* Of numbers one wants to see the largest, of texts the first. */
static void live_sort(struct live *live, size_t column)
{
	struct view *view = top_view(live->top);

	view->is_sorted = true;
	view->sort_column = column;
	view->is_falling = view->layout->columns[column].type != COLUMN_TEXT &&
			   view->layout->columns[column].type != COLUMN_SUMMARY;
	live_arrange(live);
	scroll_select(&live->scroll, 0);
	if (live->count)
		live->selected = live->rows[0]->cells[0].number;
}

static void live_sort_by(struct live *live, const char *name)
{
	size_t column;

	if (layout_find(top_view(live->top)->layout, name, &column))
		live_sort(live, column);
}

/* Among the columns that are shown, no further than to the ends. */
static void live_sort_beside(struct live *live, bool is_right)
{
	const struct view *view = top_view(live->top);
	size_t i;

	for (i = 0; i < view->count; i++)
		if (view->columns[i] == view->sort_column)
			break;
	if (i == view->count)
		i = 0;
	else if (is_right && i + 1 < view->count)
		i++;
	else if (!is_right && i)
		i--;
	live_sort(live, view->columns[i]);
}

static void live_invert(struct live *live)
{
	struct view *view = top_view(live->top);

	view->is_falling = !view->is_falling;
	live_arrange(live);
}

static void live_type(struct live *live, int key)
{
	size_t length = strlen(live->filter);

	if (key == SCREEN_ENTER) {
		live->is_typing = false;
	} else if (key == SCREEN_ESCAPE) {
		live->is_typing = false;
		length = 0;
	} else if (key == SCREEN_BACKSPACE && length) {
		/* A character beyond ASCII is several bytes. */
		do {
			length--;
		} while (length && (live->filter[length] & 0xc0) == 0x80);
	} else if (key >= ' ' && key < 256 && length + 1 < FILTER_SIZE) {
		live->filter[length++] = (char)key;
	}
	live->filter[length] = '\0';
	live_arrange(live);
}

static void live_page_key(struct live *live, int key)
{
	enum page_answer answer = page_key(&live->page, key);
	size_t line = live->page.scroll.selected;

	if (answer == PAGE_STAYS)
		return;
	page_close(&live->page);
	if (answer == PAGE_CHOSEN && live->is_menu)
		live_sort(live, line);
}

/* Returns true when that takes a look before anything else. */
static bool live_turn(struct live *live)
{
	struct survey *survey = &live->top->survey;

	survey->rows = survey->rows == SURVEY_BUFFERS ? SURVEY_PROCESSES : SURVEY_BUFFERS;
	live->scroll = (struct scroll){ 0 };
	return true;
}

static void live_row_key(struct live *live, int key)
{
	if (!scroll_key(&live->scroll, key))
		return;
	if (live->count)
		live->selected = live->rows[live->scroll.selected]->cells[0].number;
}

/* Returns as live_turn(). */
static bool live_key(struct live *live, int key)
{
	switch (key) {
	case 'q':
	case SCREEN_F10:
		live->is_over = true;
		break;
	case 'h':
	case SCREEN_F1:
		live_help(live);
		break;
	case '/':
	case SCREEN_F4:
		live->is_typing = true;
		break;
	case SCREEN_F6:
		live_menu(live);
		break;
	case '<':
	case '>':
		live_sort_beside(live, key == '>');
		break;
	case 'I':
		live_invert(live);
		break;
	case 'M':
		live_sort_by(live, "SIZE");
		break;
	case 'R':
		live_sort_by(live, "MAPS/S");
		break;
	case 'T':
		live_sort_by(live, "AGE");
		break;
	case 'p':
		return live_turn(live);
	case SCREEN_ENTER:
		live_show(live);
		break;
	default:
		live_row_key(live, key);
	}
	return false;
}

static bool live_take_key(struct live *live, int key)
{
	if (key == SCREEN_GONE)
		live->is_over = true;
	else if (key == SCREEN_NOTHING)
		return false;
	else if (live->page.text)
		live_page_key(live, key);
	else if (live->is_typing)
		live_type(live, key);
	else
		return live_key(live, key);
	return false;
}

static int live_loop(struct live *live)
{
	const struct top *top = live->top;
	uint64_t next = survey_now(), looks = 0;
	int error;

	while (!live->is_over) {
		if (survey_now() >= next) {
			if (top->times && looks++ == top->times)
				break;
			error = live_look(live);
			if (error)
				return error;
			next = survey_now() + top->delay_ns;
		}
		live_draw(live);
		if (live_take_key(live, screen_wait(next))) {
			error = live_look(live);
			if (error)
				return error;
		}
	}
	return 0;
}

enum status live_run(struct top *top)
{
	struct live live = { .top = top };
	enum status status = screen_begin();
	int error;

	if (status)
		return status;
	error = live_loop(&live);
	screen_end();
	page_close(&live.page);
	free(live.rows);
	if (error)
		return message_call(DBHEAP_CALL_QUERY, error, "the buffers");
	return STATUS_OK;
}
