// SPDX-License-Identifier: GPL-2.0
/*
 * Tables: layouts, the columns that a user chose, and rows of values in base
 * units.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "table.h"
#include "text.h"

struct table *table_new(const struct layout *layout)
{
	struct table *table = text_allocate(1, sizeof(*table));

	table->layout = layout;
	table->end = &table->first;
	return table;
}

void table_free(struct table *table)
{
	struct row *row, *next;
	size_t i;

	if (!table)
		return;
	for (row = table->first; row; row = next) {
		next = row->next;
		for (i = 0; i < table->layout->count; i++)
			free(row->cells[i].text);
		free(row);
	}
	free(table);
}

struct row *table_add(struct table *table)
{
	struct row *row;

	row = text_allocate(1, sizeof(*row) +
			    table->layout->count * sizeof(row->cells[0]));
	*table->end = row;
	table->end = &row->next;
	return row;
}

void row_set_text(struct row *row, size_t column, const char *text)
{
	struct cell *cell = &row->cells[column];

	free(cell->text);
	cell->text = text_copy(text);
	text_clean(cell->text);
	cell->is_known = *text;
}

void row_set_number(struct row *row, size_t column, uint64_t number)
{
	row->cells[column].number = number;
	row->cells[column].is_known = true;
}

void row_set_color(struct row *row, const char *color)
{
	row->color = color;
}

/* One name out of a list that commas divide; moves on to the next. */
static bool layout_next(const struct layout *layout, const char **list,
			size_t *column)
{
	size_t length = strcspn(*list, ",");
	size_t i;

	for (i = 0; i < layout->count; i++) {
		const char *name = layout->columns[i].name;

		if (strlen(name) == length && !strncasecmp(name, *list, length))
			break;
	}
	if (i == layout->count)
		return false;
	*column = i;
	*list += length;
	return true;
}

bool layout_is_default(const struct layout *layout, size_t column)
{
	const char *list = layout->defaults;
	size_t found;

	while (layout_next(layout, &list, &found)) {
		if (found == column)
			return true;
		if (*list++ != ',')
			break;
	}
	return false;
}

static bool view_has(const struct view *view, size_t column)
{
	size_t i;

	for (i = 0; i < view->count; i++)
		if (view->columns[i] == column)
			return true;
	return false;
}

/* JSON would have the same key twice, so a column appears once. */
static enum status view_add(struct view *view, const char *list)
{
	size_t column;

	do {
		if (!layout_next(view->layout, &list, &column))
			return message_error(STATUS_USAGE,
					     "there is no column \"%.*s\" (see --list-columns)",
					     (int)strcspn(list, ","), list);
		if (!view_has(view, column))
			view->columns[view->count++] = column;
	} while (*list++ == ',');
	return STATUS_OK;
}

enum status view_choose(struct view *view, const char *list)
{
	view->count = 0;
	if (*list != '+')
		return view_add(view, list);
	view_add(view, view->layout->defaults);
	return view_add(view, list + 1);
}

const char *column_type_name(enum column_type type)
{
	switch (type) {
	case COLUMN_TEXT:
	case COLUMN_SUMMARY:
		return "string";
	case COLUMN_FLAG:
		return "boolean";
	default:
		return "number";
	}
}
