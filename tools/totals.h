/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What many buffers add up to: how many, their handles' sizes, and the memory
 * behind them. Sizes are bytes.
 */
#ifndef DMABUF_CTL_TOTALS_H
#define DMABUF_CTL_TOTALS_H

#include "table.h"

struct totals {
	uint64_t buffers;
	uint64_t size;
	uint64_t backed_buffers;
	uint64_t backed;
	uint64_t mapped_buffers;	/* by devices, now */
	uint64_t mapped;
	bool knows_orphans;		/* the next two count */
	uint64_t orphaned_buffers;
	uint64_t orphaned;
	bool knows_others;		/* the next two count */
	uint64_t others;		/* dma-bufs besides */
	uint64_t others_size;		/* of those whose length is known */
	uint64_t others_unsized;
};

/**
 * totals_add() - count one more buffer
 * @totals: 0 at first
 * @info: the buffer
 */
void totals_add(struct totals *totals, const struct dmabuf_heap_buffer_info *info);

/**
 * totals_add_orphan() - count a buffer that no process holds
 * @totals: the sums; the buffer was added already
 * @info: the buffer
 */
void totals_add_orphan(struct totals *totals, const struct dmabuf_heap_buffer_info *info);

/**
 * totals_add_other() - count one more dma-buf that isn't among the buffers
 * @totals: the sums
 * @size: its length, 0 if that isn't known
 */
void totals_add_other(struct totals *totals, uint64_t size);

/**
 * totals_print() - the lines under a table of buffers
 * @totals: the sums
 * @view: whether sizes are to be in bytes
 */
void totals_print(const struct totals *totals, const struct view *view);

/**
 * totals_collect() - the sums as a table of one row, for JSON
 * @totals: the sums
 *
 * Return: the table, to be freed.
 */
struct table *totals_collect(const struct totals *totals);

#endif
