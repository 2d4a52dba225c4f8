/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables on stdout, by libsmartcols.
 */
#ifndef DMABUF_CTL_PRINT_H
#define DMABUF_CTL_PRINT_H

#include "table.h"
#include "text.h"

/**
 * table_print() - print one table as the view asks
 * @table: the table
 * @view: its columns are used if its layout is the table's
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence.
 */
enum status table_print(const struct table *table, const struct view *view);

/**
 * table_write() - some rows of a table as text, as table_print() has them
 * @table: the table
 * @view: as for table_print(); its order doesn't matter
 * @rows: the rows, in order
 * @count: how many
 * @width: columns of the terminal that the text is for; 0 for any number
 * @text: set on success to one line for the header and one per row, to be freed
 *
 * Return: 0, or a negative errno.
 */
int table_write(const struct table *table, const struct view *view,
		const struct row **rows, size_t count, size_t width, char **text);

/**
 * table_print_json() - print several tables as one JSON object
 * @tables: the tables
 * @count: how many
 * @view: as for table_print()
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence.
 */
enum status table_print_json(const struct table *const *tables, size_t count,
			     const struct view *view);

/**
 * view_columns() - which columns of a layout are printed, and in which order
 * @view: as chosen, if its layout is this one, else what is usual
 * @layout: the layout
 * @columns: written: indexes into the layout
 *
 * Return: how many.
 */
size_t view_columns(const struct view *view, const struct layout *layout,
		    size_t columns[LAYOUT_MAX_COLUMNS]);

/**
 * cell_text() - one value as it is printed
 * @cell: the value
 * @type: its column's type
 * @view: how the user wants to see it
 * @number: room for a number's text
 *
 * Return: the text, which is the cell's or @number; NULL for what isn't known.
 */
const char *cell_text(const struct cell *cell, enum column_type type,
		      const struct view *view, char number[TEXT_NUMBER_SIZE]);

/**
 * table_can_color() - whether colours are wanted on stdout
 *
 * Return: true on a terminal that knows colours, unless NO_COLOR forbids them.
 */
bool table_can_color(void);

#endif
