// SPDX-License-Identifier: GPL-2.0
/*
 * Rows as paragraphs: a name on the left, and right of it text that is wrapped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "record.h"
#include "text.h"

#define RECORD_WIDTH	80
#define RECORD_INDENT	2

/* Characters, not bytes: those that go on with one aren't counted. */
static int text_width(const char *text, size_t length)
{
	int width = 0;
	size_t i;

	for (i = 0; i < length; i++)
		width += (text[i] & 0xc0) != 0x80;
	return width;
}

/* What stays on one line: all up to a semicolon where a line has room for it, or a word. */
static size_t text_unit_length(const char *text, bool is_begin, int room)
{
	size_t length = strcspn(text, ";");

	if (text[length])
		length++;
	return is_begin && text_width(text, length) <= room ?
	       length : strcspn(text, " ");
}

static void paragraph_print(const char *name, int name_width, const char *text)
{
	int left = RECORD_INDENT + name_width + 2;
	int place = RECORD_INDENT + text_width(name, strlen(name));
	bool is_first = true, is_begin = true;

	printf("%*s%s", RECORD_INDENT, "", name);
	while (*(text += strspn(text, " "))) {
		size_t length = text_unit_length(text, is_begin, RECORD_WIDTH - left);
		int width = text_width(text, length);

		if (!is_first && place + 1 + width > RECORD_WIDTH) {
			printf("\n");
			place = 0;
		}
		if (place < left)
			place += printf("%*s", left - place, "");
		else
			place += printf(" ");
		printf("%.*s", (int)length, text);
		place += width;
		text += length;
		is_first = false;
		is_begin = text[-1] == ';';
	}
	printf("\n");
}

void record_print_fields(const struct table *table, const struct view *view)
{
	size_t columns[LAYOUT_MAX_COLUMNS];
	size_t i, count = view_columns(view, table->layout, columns);
	int longest = 0;

	for (i = 0; i < count; i++) {
		int width = (int)strlen(table->layout->columns[columns[i]].name);

		if (width > longest)
			longest = width;
	}
	for (i = 0; i < count; i++) {
		const struct column *column = &table->layout->columns[columns[i]];
		char number[TEXT_NUMBER_SIZE];
		const char *text = cell_text(&table->first->cells[columns[i]],
					     column->type, view, number);

		if (text)
			paragraph_print(column->name, longest, text);
	}
}

/* "SIZE 4 KiB; STATE backed": what is known, but for the first column. */
static char *row_describe(const struct row *row, const struct table *table,
			  const struct view *view, const size_t *columns,
			  size_t count)
{
	char *text = NULL;
	size_t i, size;
	FILE *out = open_memstream(&text, &size);
	const char *separator = "";

	for (i = 1; out && i < count; i++) {
		const struct column *column = &table->layout->columns[columns[i]];
		char number[TEXT_NUMBER_SIZE];
		const char *value = cell_text(&row->cells[columns[i]],
					      column->type, view, number);

		if (!value)
			continue;
		fprintf(out, "%s%s %s", separator, column->name, value);
		separator = "; ";
	}
	if (!out || fclose(out))
		exit(message_error(STATUS_FAILURE, "out of memory"));
	return text;
}

/* How wide the first column is. */
static int rows_name_width(const struct table *table, const struct view *view,
			   size_t column)
{
	enum column_type type = table->layout->columns[column].type;
	char number[TEXT_NUMBER_SIZE];
	const struct row *row;
	int longest = 0;

	for (row = table->first; row; row = row->next) {
		const char *name = cell_text(&row->cells[column], type, view, number);
		int width = name ? text_width(name, strlen(name)) : 0;

		if (width > longest)
			longest = width;
	}
	return longest;
}

static void rows_print(const struct table *table, const struct view *view,
		       bool has_names)
{
	size_t columns[LAYOUT_MAX_COLUMNS];
	size_t count = view_columns(view, table->layout, columns);
	const struct column *all = table->layout->columns;
	int width = rows_name_width(table, view, columns[0]);
	const struct row *row;

	for (row = table->first; row; row = row->next) {
		char number[TEXT_NUMBER_SIZE], other[TEXT_NUMBER_SIZE];
		const char *name = cell_text(&row->cells[columns[0]],
					     all[columns[0]].type, view, number);
		char *described = has_names ?
				  row_describe(row, table, view, columns, count) : NULL;
		const char *text = described ? described :
				   cell_text(&row->cells[columns[1]],
					     all[columns[1]].type, view, other);

		paragraph_print(name ? name : "", width, text ? text : "");
		free(described);
	}
}

void record_print_rows(const struct table *table, const struct view *view)
{
	rows_print(table, view, true);
}

void record_print_pairs(const struct table *table, const struct view *view)
{
	rows_print(table, view, false);
}
