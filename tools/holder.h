/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who keeps a buffer alive, as rows: processes by fd or mapping, and drivers.
 */
#ifndef DMABUF_CTL_HOLDER_H
#define DMABUF_CTL_HOLDER_H

#include "proc.h"
#include "subject.h"
#include "table.h"

extern const struct layout holders_layout;

/**
 * holders_warn() - say so if holders may be missing
 * @holders: of holders_collect()
 * @what: begins the sentence: "holders"
 *
 * On stderr, which leaves tables as they are.
 */
void holders_warn(const struct holders *holders, const char *what);

/**
 * holders_tabulate() - a table of all that holds a buffer
 * @holders: of holders_collect()
 * @subject: the buffer. If it was asked about after the walk, a buffer without
 *	processes isn't just one that has gone meanwhile.
 *
 * Return: the table, to be freed. Processes come first, by pid.
 */
struct table *holders_tabulate(const struct holders *holders,
			       const struct subject *subject);

/**
 * holder_describe_process() - how one process holds a dma-buf
 * @all: of holders_find(); the first one is of the process
 * @count: how many, at least 1
 * @text: written: "fd 5, fd 6, mapping"
 * @size: bytes at @text
 *
 * Return: how many of @all are of that process; the next one is of another.
 */
size_t holder_describe_process(const struct holder *all, size_t count, char *text,
			       size_t size);

/**
 * holders_describe() - the processes that hold a buffer, on a line
 * @holders: of holders_collect()
 * @id: the buffer
 * @text: written: "camera (812), viewer (900)"; empty for none
 * @size: bytes at @text
 */
void holders_describe(const struct holders *holders, uint64_t id, char *text, size_t size);

/**
 * holders_print() - the processes that hold a buffer, as facts
 * @holders: of holders_collect()
 * @id: the buffer
 */
void holders_print(const struct holders *holders, uint64_t id);

#endif
