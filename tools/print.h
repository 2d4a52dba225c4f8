/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables on stdout, by libsmartcols.
 */
#ifndef DMABUF_CTL_PRINT_H
#define DMABUF_CTL_PRINT_H

#include "table.h"

/**
 * table_print() - print one table as the view asks
 * @table: the table
 * @view: its columns are used if its layout is the table's
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence.
 */
enum status table_print(const struct table *table, const struct view *view);

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
 * table_can_color() - whether colours are wanted on stdout
 *
 * Return: true on a terminal that knows colours, unless NO_COLOR forbids them.
 */
bool table_can_color(void);

#endif
