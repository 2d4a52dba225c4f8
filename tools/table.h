/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables: rows are collected first, as values in base units (bytes, nanoseconds),
 * and then printed for people, as JSON, or raw. A layout's columns drive all
 * three, and --help, -o and --list-columns too.
 */
#ifndef DMABUF_CTL_TABLE_H
#define DMABUF_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

/* What a column holds, and how people see it. */
enum column_type {
	COLUMN_TEXT,
	COLUMN_SUMMARY,		/* other columns in short; JSON has those instead */
	COLUMN_NUMBER,
	COLUMN_BYTES,		/* "4 MiB" */
	COLUMN_ADDRESS,		/* highest address: "below 4 GiB"; none: "any" */
	COLUMN_TIME,		/* a span of nanoseconds: "3.2 s" */
	COLUMN_RATE,		/* events in 1000 seconds: "0.4" a second */
	COLUMN_FLAG,		/* "yes" or "no" */
};

/* The name is for -o and headers; JSON has it in small letters with _ for -. */
struct column {
	const char *name;
	enum column_type type;
	const char *help;
};

/* What rows of a kind have: array of columns, and which people see unasked. */
struct layout {
	const char *name;	/* of the array in JSON */
	const struct column *columns;
	size_t count;
	const char *defaults;	/* "ID,SIZE" */
};

#define LAYOUT_MAX_COLUMNS	64

enum view_format {
	VIEW_TABLE,
	VIEW_JSON,
	VIEW_RAW,
};

/* How the user wants to see a layout. */
struct view {
	const struct layout *layout;
	enum view_format format;
	bool bytes;
	bool noheadings;
	size_t columns[LAYOUT_MAX_COLUMNS];	/* indexes into the layout */
	size_t count;				/* 0: the default ones */
	bool is_sorted;
	bool is_falling;
	size_t sort_column;			/* index into the layout */
};

/* One value. What isn't known is null in JSON and empty elsewhere. */
struct cell {
	bool is_known;
	uint64_t number;
	char *text;		/* of text columns */
};

struct row {
	struct row *next;
	size_t place;		/* rows that were there before */
	const char *color;	/* NULL for none */
	struct cell cells[];	/* one per column of the layout */
};

struct table {
	const struct layout *layout;
	struct row *first;
	struct row **end;	/* where the next row is hung */
	size_t count;
};

/**
 * table_new() - an empty table
 * @layout: its columns; must outlive the table
 *
 * Return: the table, to be ended with table_free().
 */
struct table *table_new(const struct layout *layout);

/**
 * table_free() - end a table
 * @table: its rows go with it; may be NULL
 */
void table_free(struct table *table);

/**
 * table_add() - one more row, of which nothing is known yet
 * @table: the table
 *
 * Return: the row, part of @table.
 */
struct row *table_add(struct table *table);

/**
 * table_forget() - empty some columns
 * @table: the table
 * @list: "NAME,NAME"; what its rows have there is no longer known
 */
void table_forget(struct table *table, const char *list);

/**
 * row_set_text() - fill a cell of a text column
 * @row: the row
 * @column: index into the layout
 * @text: copied and cleaned; empty counts as not known
 */
void row_set_text(struct row *row, size_t column, const char *text);

/**
 * row_set_number() - fill a cell of any other column
 * @row: the row
 * @column: index into the layout
 * @number: in base units; 0 or 1 for a flag
 */
void row_set_number(struct row *row, size_t column, uint64_t number);

/**
 * row_set_color() - how the row looks where colours are wanted
 * @row: the row
 * @color: a name that libsmartcols knows, static
 */
void row_set_color(struct row *row, const char *color);

/**
 * view_choose() - read the argument of -o
 * @view: its layout is set; columns are written
 * @list: "NAME,NAME" instead of the default columns, or "+NAME,NAME" after them
 *
 * Return: STATUS_OK, or STATUS_USAGE after a sentence.
 */
enum status view_choose(struct view *view, const char *list);

/**
 * view_choose_order() - read the argument of --sort
 * @view: its layout is set; the order is written
 * @order: "NAME", or "-NAME" for the largest first
 *
 * Return: STATUS_OK, or STATUS_USAGE after a sentence.
 */
enum status view_choose_order(struct view *view, const char *order);

/**
 * table_sort() - a table's rows in the order that the user wants
 * @table: the table, which stays as it is
 * @view: its order counts if its layout is the table's
 *
 * Numbers are compared by value, also those within texts: video9 is before
 * video10. What isn't known comes last in either direction, and rows that are
 * equal stay in the order in which they were added.
 *
 * Return: an array of all rows, to be freed; the rows stay the table's.
 */
const struct row **table_sort(const struct table *table, const struct view *view);

/**
 * layout_find() - a column by its name
 * @layout: the layout
 * @name: in capitals or small letters
 * @column: its index, written if there is one
 *
 * Return: true if there is.
 */
bool layout_find(const struct layout *layout, const char *name, size_t *column);

/**
 * layout_is_default() - whether people see a column unasked
 * @layout: the layout
 * @column: index
 *
 * Return: true if so.
 */
bool layout_is_default(const struct layout *layout, size_t column);

/**
 * column_type_name() - a column's type as JSON has it
 * @type: the type
 *
 * Return: "string", "number" or "boolean".
 */
const char *column_type_name(enum column_type type);

#endif
