/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A plan that can't be served: the refusal, and what to leave out instead.
 */
#ifndef DMABUF_CTL_WAY_H
#define DMABUF_CTL_WAY_H

#include "table.h"
#include "target.h"

/**
 * conflict_collect() - the refusal as a table of at most one row
 * @targets: the plan's entries
 * @result: of the plan
 *
 * Return: the table, to be freed.
 */
struct table *conflict_collect(const struct target *targets,
			       const struct dmabuf_heap_plan_result *result);

/**
 * ways_collect() - what to leave out, one row for each entry of each way
 * @targets: the plan's entries
 * @result: of the plan
 *
 * Return: the table, to be freed.
 */
struct table *ways_collect(const struct target *targets,
			   const struct dmabuf_heap_plan_result *result);

/**
 * ways_print() - a sentence for each way that leaves something to be served
 * @targets: the plan's entries
 * @count: how many
 * @result: of the plan
 *
 * "Without /dev/video0 the rest could be served: contiguous, below 4 GiB"
 */
void ways_print(const struct target *targets, size_t count,
		const struct dmabuf_heap_plan_result *result);

#endif
