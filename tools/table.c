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
	row->place = table->count++;
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

bool layout_find(const struct layout *layout, const char *name, size_t *column)
{
	return layout_next(layout, &name, column) && !*name;
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

static enum status column_missing(const char *name)
{
	return message_error(STATUS_USAGE,
			     "there is no column \"%.*s\" (see --list-columns)",
			     (int)strcspn(name, ","), name);
}

void table_forget(struct table *table, const char *list)
{
	struct row *row;
	size_t column;

	while (layout_next(table->layout, &list, &column)) {
		for (row = table->first; row; row = row->next) {
			free(row->cells[column].text);
			row->cells[column] = (struct cell){ 0 };
		}
		if (*list++ != ',')
			break;
	}
}

/* JSON would have the same key twice, so a column appears once. */
static enum status view_add(struct view *view, const char *list)
{
	size_t column;

	do {
		if (!layout_next(view->layout, &list, &column))
			return column_missing(list);
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

enum status view_choose_order(struct view *view, const char *order)
{
	const char *end;

	view->is_falling = *order == '-';
	if (view->is_falling)
		order++;
	end = order;
	if (!layout_next(view->layout, &end, &view->sort_column))
		return column_missing(order);
	if (*end)
		return message_error(STATUS_USAGE,
				     "\"%s\": rows are sorted by one column", order);
	view->is_sorted = true;
	return STATUS_OK;
}

static int cell_compare(const struct cell *a, const struct cell *b)
{
	if (a->text && b->text)
		return strverscmp(a->text, b->text);
	return (a->number > b->number) - (a->number < b->number);
}

static int row_compare(const void *one, const void *other, void *context)
{
	const struct row *a = *(const struct row * const *)one;
	const struct row *b = *(const struct row * const *)other;
	const struct view *view = context;
	const struct cell *left = &a->cells[view->sort_column];
	const struct cell *right = &b->cells[view->sort_column];
	int order = 0;

	if (left->is_known != right->is_known)
		return left->is_known ? -1 : 1;
	if (left->is_known)
		order = cell_compare(left, right);
	if (!order)
		return a->place < b->place ? -1 : 1;
	return view->is_falling ? -order : order;
}

const struct row **table_sort(const struct table *table, const struct view *view)
{
	const struct row **rows = text_allocate(table->count, sizeof(*rows));
	const struct row *row;

	for (row = table->first; row; row = row->next)
		rows[row->place] = row;
	if (view->is_sorted && view->layout == table->layout)
		qsort_r(rows, table->count, sizeof(*rows), row_compare, (void *)view);
	return rows;
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
