/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What dmabuf-ctl top was asked for, on the screen or as a log.
 */
#ifndef DMABUF_CTL_TOP_H
#define DMABUF_CTL_TOP_H

#include "survey.h"

struct top {
	struct survey survey;
	struct view views[SURVEY_ROWS_COUNT];
	bool has_own_columns[SURVEY_ROWS_COUNT];	/* those the user wants, of any width */
	uint64_t delay_ns;	/* from one look to the next */
	uint64_t times;		/* looks to take; 0 for no end */
};

/**
 * top_view() - how to show what is shown now
 * @top: the rows
 *
 * Return: the view, part of @top.
 */
struct view *top_view(struct top *top);

/**
 * top_look() - look at all buffers
 * @top: its survey has the result
 * @width: columns that there are for a line; 0 for any number
 *
 * Return: 0, or the error of the library.
 */
int top_look(struct top *top, size_t width);

#endif
