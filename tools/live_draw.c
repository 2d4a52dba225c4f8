// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl top on the screen: how it looks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "headlines.h"
#include "live.h"
#include "print.h"
#include "screen.h"
#include "text.h"

#define FEWEST_LINES	10
#define FEWEST_COLUMNS	40
#define LINE_SIZE	512

size_t live_height(void)
{
	size_t lines, columns;

	screen_size(&lines, &columns);
	/* Headlines, the table's own header, and the line of keys. */
	return lines > HEADLINES + 2 ? lines - HEADLINES - 2 : 1;
}

/* Text at the left and at the right of a line; the right gives way. */
static void line_draw(size_t line, const char *left, const char *right)
{
	size_t lines, columns, used = strlen(left), more = strlen(right);
	char text[LINE_SIZE];

	screen_size(&lines, &columns);
	if (columns >= sizeof(text) || used + 2 + more > columns)
		right = "";
	snprintf(text, sizeof(text), "%s%*s", left,
		 *right ? (int)(columns - used) : 0, right);
	screen_write(line, text, 0, SCREEN_PLAIN);
}

static void order_write(struct live *live, char text[LINE_SIZE])
{
	const struct view *view = top_view(live->top);
	const char *name = view->layout->columns[view->sort_column].name;

	*text = '\0';
	if (*live->filter)
		snprintf(text, LINE_SIZE, "\"%s\": %zu of %zu, ", live->filter,
			 live->count, live->top->survey.table->count);
	snprintf(text + strlen(text), LINE_SIZE - strlen(text), "by %s, %s", name,
		 view->is_falling ? "falling" : "rising");
}

static void live_draw_headlines(struct live *live)
{
	char lines[HEADLINES][HEADLINE_SIZE], order[LINE_SIZE], clock[16];
	time_t now = time(NULL);
	struct tm parts;

	localtime_r(&now, &parts);
	strftime(clock, sizeof(clock), "%H:%M:%S", &parts);
	headlines_write(&live->top->survey, lines);
	order_write(live, order);
	line_draw(0, lines[0], "");
	line_draw(1, lines[1], clock);
	line_draw(2, lines[2], order);
}

/* The column that rows are sorted by, if it is there to be seen. */
static void live_mark_column(const struct live *live, const char *header)
{
	const struct view *view = top_view(live->top);
	const char *name = view->layout->columns[view->sort_column].name;
	size_t length = strlen(name), skip = live->scroll.skip, column;
	const char *at = header;

	while ((at = strstr(at, name))) {
		column = (size_t)(at - header);
		if ((at == header || at[-1] == ' ') && !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ-/",
							       at[length]) &&
		    column >= skip)
			screen_style_part(HEADLINES, column - skip, length, SCREEN_MARKED);
		at += length;
	}
}

/* The rows that are seen, and a header whose columns fit those. */
static char *live_write_rows(struct live *live, size_t *shown)
{
	const struct scroll *scroll = &live->scroll;
	size_t lines, columns;
	char *text;

	screen_size(&lines, &columns);
	*shown = live->count - scroll->first;
	if (*shown > scroll->height)
		*shown = scroll->height;
	/* Whoever goes to the right wants to see what is cut. */
	if (table_write(live->top->survey.table, top_view(live->top),
			live->rows + scroll->first, *shown,
			scroll->skip ? 0 : columns, &text))
		return text_copy("");
	return text;
}

static enum screen_style row_style(const struct live *live, size_t row)
{
	if (row == live->scroll.selected)
		return SCREEN_SELECTED;
	return live->rows[row]->color ? SCREEN_FAINT : SCREEN_PLAIN;
}

static void live_draw_rows(struct live *live)
{
	size_t i, shown, skip = live->scroll.skip;
	char *text = live_write_rows(live, &shown);
	char *line, *rest = text;

	line = strsep(&rest, "\n");
	screen_write(HEADLINES, line, skip, SCREEN_TITLE);
	live_mark_column(live, line);
	for (i = 0; i < shown && rest; i++)
		screen_write(HEADLINES + 1 + i, strsep(&rest, "\n"), skip,
			     row_style(live, live->scroll.first + i));
	free(text);
}

static void live_draw_keys(const struct live *live, size_t line)
{
	bool by_process = live->top->survey.rows == SURVEY_PROCESSES;
	char text[LINE_SIZE];

	if (live->is_typing)
		snprintf(text, sizeof(text), "Filter: %s_   Enter: keep it   Esc: show all",
			 live->filter);
	else
		snprintf(text, sizeof(text),
			 "F1 Help  / Filter  F6 Sort  I Invert  p %s  q Quit",
			 by_process ? "Buffers" : "Processes  Enter Show");
	screen_write(line, text, 0, SCREEN_TITLE);
}

void live_draw(struct live *live)
{
	size_t lines, columns;
	char text[LINE_SIZE];

	screen_size(&lines, &columns);
	if (lines < FEWEST_LINES || columns < FEWEST_COLUMNS) {
		snprintf(text, sizeof(text), "Too small: %d columns, %d lines needed",
			 FEWEST_COLUMNS, FEWEST_LINES);
		screen_erase();
		screen_write(0, text, 0, SCREEN_PLAIN);
		screen_show();
		return;
	}
	if (live->page.text) {
		page_draw(&live->page);
		return;
	}
	scroll_fit(&live->scroll, live->count, live_height());
	screen_erase();
	live_draw_headlines(live);
	live_draw_rows(live);
	live_draw_keys(live, lines - 1);
	screen_show();
}
