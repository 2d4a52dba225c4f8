/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each process holds: the buffers added up by who holds them, as rows.
 */
#ifndef DMABUF_CTL_HELD_H
#define DMABUF_CTL_HELD_H

#include "proc.h"
#include "table.h"

extern const struct layout held_layout;

/* All processes so far. */
struct held;

/**
 * held_new() - nobody yet
 *
 * Return: the processes, to be ended with held_free().
 */
struct held *held_new(void);

/**
 * held_add() - count one buffer for each process that holds it
 * @held: the processes
 * @holders: of holders_collect()
 * @info: the buffer
 * @maps: maps by devices since the look before
 */
void held_add(struct held *held, const struct holders *holders,
	      const struct dmabuf_heap_buffer_info *info, uint64_t maps);

/**
 * held_tabulate() - a row for each process
 * @held: the processes
 * @span_ns: the time since the look before; 0 if there was none
 *
 * Return: the table, to be freed.
 */
struct table *held_tabulate(const struct held *held, uint64_t span_ns);

/**
 * held_free() - end the sums
 * @held: may be NULL
 */
void held_free(struct held *held);

#endif
