/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looking at all buffers again and again: rows of buffers or of the processes that
 * hold them, what all add up to, and what has happened since the look before.
 */
#ifndef DMABUF_CTL_SURVEY_H
#define DMABUF_CTL_SURVEY_H

#include "counters.h"
#include "proc.h"
#include "rates.h"
#include "table.h"
#include "totals.h"

enum survey_rows {
	SURVEY_BUFFERS,
	SURVEY_PROCESSES,
	SURVEY_ROWS_COUNT,
};

struct survey {
	/* What the caller sets, before any look. */
	struct dmabuf_heap *heap;
	enum survey_rows rows;
	bool wants_holders;	/* also for rows of buffers */

	/* What a look finds. */
	struct table *table;	/* its layout is survey_layout()'s */
	struct totals totals;
	uint64_t maps;		/* by devices since the look before */
	struct counters counters;
	struct counters before;

	struct rates rates;
	struct holders *holders;	/* of the last walk over /proc, or NULL */
	uint64_t next_walk_ns;
};

/**
 * survey_layout() - what rows have
 * @rows: of what
 *
 * Those of buffers have the columns of buffers_layout, and rates.
 *
 * Return: the layout. The first column tells a row from all others.
 */
const struct layout *survey_layout(enum survey_rows rows);

/**
 * survey_narrow() - the usual columns where there is little room
 * @rows: of what
 *
 * Return: their names, for view_choose().
 */
const char *survey_narrow(enum survey_rows rows);

/**
 * survey_look() - look at all buffers
 * @survey: 0 at first but for what the caller sets
 *
 * Asks the kernel for many buffers at a time, and walks over /proc only if holders
 * are wanted, for at most a tenth of the time: else those of the last walk count.
 *
 * Return: 0, or the error of the library, which leaves no table.
 */
int survey_look(struct survey *survey);

/**
 * survey_end() - end the looks
 * @survey: what was found goes with it; the heap stays
 */
void survey_end(struct survey *survey);

/**
 * survey_now() - the time as rates have it
 *
 * Return: nanoseconds of CLOCK_MONOTONIC.
 */
uint64_t survey_now(void);

#endif
