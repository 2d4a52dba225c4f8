// SPDX-License-Identifier: GPL-2.0
/*
 * Tables on stdout, by libsmartcols. People see sizes as "4 MiB"; JSON and raw
 * output have every value in its base unit.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "print.h"
#include "text.h"

#define NAME_SIZE	32

bool table_can_color(void)
{
	const char *refused = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(refused && *refused) && terminal &&
	       strcmp(terminal, "dumb");
}

static bool view_is_exact(const struct view *view)
{
	return view->format != VIEW_TABLE;
}

/* A number as @view wants it. */
static void number_write(const struct view *view, enum column_type type,
			 uint64_t number, char text[TEXT_NUMBER_SIZE])
{
	if (type == COLUMN_FLAG)
		snprintf(text, TEXT_NUMBER_SIZE, "%s", number ? "yes" : "no");
	else if (type == COLUMN_BYTES && !view_is_exact(view) && !view->bytes)
		dmabuf_heap_size_describe(number, text, TEXT_NUMBER_SIZE);
	else if (type == COLUMN_ADDRESS && number == UINT64_MAX)
		snprintf(text, TEXT_NUMBER_SIZE, "any");
	else if (type == COLUMN_ADDRESS && !view_is_exact(view) && !view->bytes)
		dmabuf_heap_limit_describe(DBHEAP_LIMIT_MAX_ADDR, number, text,
					   TEXT_NUMBER_SIZE);
	else if (type == COLUMN_TIME && !view_is_exact(view))
		text_age_write(number, text);
	else if (type == COLUMN_RATE && !view_is_exact(view))
		text_rate_write(number, text);
	else
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64, number);
}

/* JSON keys are in small letters (libsmartcols does that), with _ for -. */
static void column_name_write(const struct view *view, const char *name,
			      char text[NAME_SIZE])
{
	size_t i;

	snprintf(text, NAME_SIZE, "%s", name);
	if (view->format != VIEW_JSON)
		return;
	for (i = 0; text[i]; i++)
		if (text[i] == '-')
			text[i] = '_';
}

static int column_json_type(enum column_type type)
{
	switch (type) {
	case COLUMN_TEXT:
	case COLUMN_SUMMARY:
		return SCOLS_JSON_STRING;
	case COLUMN_FLAG:
		return SCOLS_JSON_BOOLEAN_OPTIONAL;
	default:
		return SCOLS_JSON_NUMBER;
	}
}

static int column_flags(const struct view *view, enum column_type type)
{
	if (view->format != VIEW_TABLE)
		return 0;
	switch (type) {
	case COLUMN_NUMBER:
	case COLUMN_BYTES:
	case COLUMN_TIME:
	case COLUMN_RATE:
		return SCOLS_FL_RIGHT;
	case COLUMN_TEXT:
		/* On a terminal that is too narrow for all. */
		return SCOLS_FL_TRUNC;
	default:
		return 0;
	}
}

size_t view_columns(const struct view *view, const struct layout *layout,
		    size_t columns[LAYOUT_MAX_COLUMNS])
{
	size_t i, count = 0;

	if (view->layout == layout && view->count) {
		memcpy(columns, view->columns, view->count * sizeof(*columns));
		return view->count;
	}
	for (i = 0; i < layout->count; i++) {
		bool is_wanted = view->format == VIEW_JSON ?
				 layout->columns[i].type != COLUMN_SUMMARY :
				 layout_is_default(layout, i);

		if (is_wanted)
			columns[count++] = i;
	}
	return count;
}

static int scols_column_add(struct libscols_table *scols,
			    const struct column *column, const struct view *view)
{
	struct libscols_column *added;
	char name[NAME_SIZE];

	column_name_write(view, column->name, name);
	added = scols_table_new_column(scols, name, 0,
				       column_flags(view, column->type));
	if (!added)
		return -ENOMEM;
	return scols_column_set_json_type(added, column_json_type(column->type));
}

/* The largest 64-bit number stands for no limit, which is no number elsewhere. */
static bool cell_has_value(const struct cell *cell, enum column_type type,
			   const struct view *view)
{
	return cell->is_known && !(type == COLUMN_ADDRESS &&
				   view_is_exact(view) &&
				   cell->number == UINT64_MAX);
}

const char *cell_text(const struct cell *cell, enum column_type type,
		      const struct view *view, char number[TEXT_NUMBER_SIZE])
{
	if (!cell_has_value(cell, type, view))
		return NULL;
	if (cell->text)
		return cell->text;
	number_write(view, type, cell->number, number);
	return number;
}

static int scols_cell_fill(struct libscols_line *line, size_t place,
			   const struct cell *cell, enum column_type type,
			   const struct view *view)
{
	char number[TEXT_NUMBER_SIZE];
	const char *text = cell_text(cell, type, view, number);

	if (!text && view->format == VIEW_RAW)
		text = "-";
	return text ? scols_line_set_data(line, place, text) : 0;
}

static int scols_row_add(struct libscols_table *scols, const struct row *row,
			 const struct table *table, const struct view *view,
			 const size_t *columns, size_t count)
{
	struct libscols_line *line = scols_table_new_line(scols, NULL);
	size_t i;
	int error;

	if (!line)
		return -ENOMEM;
	if (row->color)
		scols_line_set_color(line, row->color);
	for (i = 0; i < count; i++) {
		size_t n = columns[i];

		error = scols_cell_fill(line, i, &row->cells[n],
					table->layout->columns[n].type, view);
		if (error)
			return error;
	}
	return 0;
}

static int scols_set_up(struct libscols_table *scols, const struct table *table,
			const struct view *view)
{
	scols_table_enable_json(scols, view->format == VIEW_JSON);
	scols_table_enable_raw(scols, view->format == VIEW_RAW);
	scols_table_enable_noheadings(scols, view->noheadings);
	return scols_table_set_name(scols, table->layout->name);
}

static int scols_fill_rows(struct libscols_table *scols, const struct table *table,
			   const struct view *view, const struct row **rows,
			   size_t row_count)
{
	size_t columns[LAYOUT_MAX_COLUMNS];
	size_t i, count = view_columns(view, table->layout, columns);
	int error;

	error = scols_set_up(scols, table, view);
	for (i = 0; i < count && !error; i++)
		error = scols_column_add(scols, &table->layout->columns[columns[i]],
					 view);
	for (i = 0; i < row_count && !error; i++)
		error = scols_row_add(scols, rows[i], table, view, columns, count);
	return error;
}

static int scols_fill(struct libscols_table *scols, const struct table *table,
		      const struct view *view)
{
	const struct row **rows = table_sort(table, view);
	int error;

	scols_table_enable_colors(scols, view->format == VIEW_TABLE &&
				  table_can_color());
	error = scols_fill_rows(scols, table, view, rows, table->count);
	free(rows);
	return error;
}

/* libsmartcols prints no header for an empty table, so print that of a blank row. */
static int scols_print_header(struct libscols_table *scols)
{
	char *text;
	int error;

	if (scols_table_is_noheadings(scols))
		return 0;
	if (!scols_table_new_line(scols, NULL))
		return -ENOMEM;
	error = scols_print_table_to_string(scols, &text);
	if (error)
		return error;
	printf("%.*s\n", (int)strcspn(text, "\n"), text);
	free(text);
	return 0;
}

static int scols_print(struct libscols_table *scols)
{
	if (scols_table_is_empty(scols) && !scols_table_is_json(scols))
		return scols_print_header(scols);
	return scols_print_table(scols);
}

int table_write(const struct table *table, const struct view *view,
		const struct row **rows, size_t count, size_t width, char **text)
{
	struct libscols_table *scols = scols_new_table();
	int error = -ENOMEM;

	if (!scols)
		return error;
	error = scols_fill_rows(scols, table, view, rows, count);
	/* Only then is there a header; the caller knows how many rows there are. */
	if (!error && !count && !scols_table_new_line(scols, NULL))
		error = -ENOMEM;
	scols_table_set_termforce(scols, width ? SCOLS_TERMFORCE_ALWAYS :
				  SCOLS_TERMFORCE_NEVER);
	scols_table_set_termwidth(scols, width);
	if (!error)
		error = scols_print_table_to_string(scols, text);
	scols_unref_table(scols);
	return error;
}

static enum status print_result(int error)
{
	if (!error)
		return STATUS_OK;
	return message_error(STATUS_FAILURE, "the table can't be printed: %s",
			     strerror(-error));
}

enum status table_print(const struct table *table, const struct view *view)
{
	struct libscols_table *scols = scols_new_table();
	int error = -ENOMEM;

	if (scols) {
		error = scols_fill(scols, table, view);
		if (!error)
			error = scols_print(scols);
	}
	scols_unref_table(scols);
	return print_result(error);
}

/* What is between the outer braces of an object. */
static void json_print_inside(const char *object)
{
	const char *begin = strchr(object, '{');
	const char *end = strrchr(object, '}');

	if (!begin || !end)
		return;
	begin++;
	while (end > begin && isspace((unsigned char)end[-1]))
		end--;
	fwrite(begin, 1, (size_t)(end - begin), stdout);
}

/* libsmartcols makes an object of each table; here several share one. */
static int json_print_member(const struct table *table, const struct view *view)
{
	struct libscols_table *scols = scols_new_table();
	char *text = NULL;
	int error = -ENOMEM;

	if (scols) {
		error = scols_fill(scols, table, view);
		if (!error)
			error = scols_print_table_to_string(scols, &text);
		if (!error)
			json_print_inside(text);
	}
	free(text);
	scols_unref_table(scols);
	return error;
}

enum status table_print_json(const struct table *const *tables, size_t count,
			     const struct view *view)
{
	size_t i;
	int error = 0;

	printf("{");
	for (i = 0; i < count && !error; i++) {
		if (i)
			printf(",");
		error = json_print_member(tables[i], view);
	}
	printf("\n}\n");
	return print_result(error);
}
