/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits on their way to the user: as columns of a table, as words, and
 * merged with the attachment that set each.
 */
#ifndef DMABUF_CTL_LIMITS_H
#define DMABUF_CTL_LIMITS_H

#include "table.h"

/* The columns of limits, in the order of enum dbheap_limit, from @first on. */
#define LIMIT_COLUMNS(first)						\
	[first] = { "MAX-ADDRESS", COLUMN_ADDRESS,			\
		    "highest address that its DMA reaches; null for all" },	\
	[(first) + 1] = { "CONTIGUOUS", COLUMN_FLAG,			\
			  "whether the buffer must lie in one run" },	\
	[(first) + 2] = { "MAX-SEGMENT", COLUMN_BYTES,			\
			  "largest scatter-gather segment" },		\
	[(first) + 3] = { "BOUNDARY", COLUMN_BYTES,			\
			  "no segment crosses a multiple of this" },	\
	[(first) + 4] = { "MAX-SEGMENTS", COLUMN_NUMBER,		\
			  "most segments that it takes the buffer in" },	\
	[(first) + 5] = { "ALIGNMENT", COLUMN_BYTES,			\
			  "every run begins at a multiple of this" },	\
	[(first) + 6] = { "CHUNK", COLUMN_BYTES,			\
			  "preferred: runs of at least this" },		\
	[(first) + 7] = { "NUMA-NODE", COLUMN_NUMBER,			\
			  "preferred: NUMA node that memory lies on" }

extern const struct layout limits_layout;

/**
 * limit_name() - a limit as JSON has it
 * @limit: enum dbheap_limit, or one that a newer kernel has
 *
 * Return: "max_address" and so on; "unknown".
 */
const char *limit_name(unsigned int limit);

/**
 * limits_fill() - fill the columns of limits
 * @row: the row
 * @first: the first of the LIMIT_COLUMNS()
 * @flags: bits of enum dbheap_attachment; a device that leaves all to the CPU has
 *	no limits
 * @limits: the limits
 */
void limits_fill(struct row *row, size_t first, unsigned int flags,
		 const struct dmabuf_heap_limits_info *limits);

/**
 * limits_describe() - those limits that choose memory, in words
 * @limits: the limits
 * @text: written: "below 4 GiB, contiguous, aligned to 64 KiB"; "none"
 * @size: bytes at @text
 */
void limits_describe(const struct dmabuf_heap_limits_info *limits, char *text,
		     size_t size);

/**
 * limits_collect() - a table of merged limits and who set them
 * @merged: the limits of a buffer, or NULL for none
 * @list: its attachments
 *
 * Return: the table, of limits_layout, to be freed.
 */
struct table *limits_collect(const struct dmabuf_heap_limits_info *merged,
			     const struct dmabuf_heap_attachment_list *list);

/**
 * limits_print() - merged limits and who set them, one line each
 * @title: in front of the first line
 * @merged: the limits of a buffer
 * @list: its attachments
 */
void limits_print(const char *title,
		  const struct dmabuf_heap_limits_info *merged,
		  const struct dmabuf_heap_attachment_list *list);

#endif
