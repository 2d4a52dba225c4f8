/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers as rows: one row has all that there is to know about a buffer except
 * its attachments one by one.
 */
#ifndef DMABUF_CTL_BUFFER_H
#define DMABUF_CTL_BUFFER_H

#include "table.h"

/* "buffers" for many, "buffer" for an array of just one. */
extern const struct layout buffers_layout;
extern const struct layout buffer_layout;

/**
 * buffer_fill() - one buffer as a row
 * @row: of a table of one of the layouts
 * @info: the buffer
 * @list: its attachments, or NULL if they aren't known
 */
void buffer_fill(struct row *row, const struct dmabuf_heap_buffer_info *info,
		 const struct dmabuf_heap_attachment_list *list);

/**
 * buffer_nodes_write() - NUMA nodes of a mask
 * @nodes: bit n for node n
 * @text: written: "0", "0,2"
 * @size: bytes at @text
 */
void buffer_nodes_write(uint64_t nodes, char *text, size_t size);

#endif
