/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows as paragraphs, for text that is read far from any terminal: no line is
 * wider than 80 columns unless a word is.
 */
#ifndef DMABUF_CTL_RECORD_H
#define DMABUF_CTL_RECORD_H

#include "table.h"

/**
 * record_print_fields() - the first row of a table, a line for each column
 * @table: the table, with a row
 * @view: its columns are used if its layout is the table's
 */
void record_print_fields(const struct table *table, const struct view *view);

/**
 * record_print_rows() - all rows, a paragraph for each
 * @table: the table
 * @view: its columns are used if its layout is the table's; the first of them
 *	stands in front of the paragraph, the others in it behind their names
 */
void record_print_rows(const struct table *table, const struct view *view);

/**
 * record_print_pairs() - all rows, a line for each that has two values
 * @table: the table
 * @view: its columns are used if its layout is the table's: the first two
 */
void record_print_pairs(const struct table *table, const struct view *view);

#endif
