/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers as rows: one row has all that there is to know about a buffer except
 * its attachments one by one.
 */
#ifndef DMABUF_CTL_BUFFER_H
#define DMABUF_CTL_BUFFER_H

#include "other.h"
#include "table.h"

/*
 * "buffers" for many, and for many among the dma-bufs of others; "buffer" for an array
 * of just one. All have the same columns.
 */
extern const struct layout buffers_layout;
extern const struct layout all_layout;
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
 * buffer_view_has_holders() - whether the user asks how many processes hold buffers
 * @view: a view of one of the layouts
 *
 * Finding out takes a walk over all processes, so it isn't known unasked.
 *
 * Return: true if that column was chosen, or rows are sorted by it.
 */
bool buffer_view_has_holders(const struct view *view);

/**
 * buffer_is_mapped() - whether a device maps a buffer now
 * @info: the buffer
 *
 * Return: true if so.
 */
bool buffer_is_mapped(const struct dmabuf_heap_buffer_info *info);

/**
 * buffer_knows_holders() - whether it is known which processes hold a buffer
 * @info: the buffer
 * @holders: of holders_collect(), or NULL
 *
 * Return: false without a walk, or when the buffer was made after the walk had begun.
 */
bool buffer_knows_holders(const struct dmabuf_heap_buffer_info *info,
			  const struct holders *holders);

/**
 * buffer_is_orphan() - whether a buffer is known to be held by no process
 * @info: the buffer
 * @holders: of holders_collect(), or NULL
 *
 * Return: true if so.
 */
bool buffer_is_orphan(const struct dmabuf_heap_buffer_info *info,
		      const struct holders *holders);

/**
 * buffer_fill_holders() - add to a row which processes hold the buffer
 * @row: as buffer_fill() left it
 * @holders: of holders_collect()
 * @id: the buffer
 */
void buffer_fill_holders(struct row *row, const struct holders *holders, uint64_t id);

/**
 * buffer_fill_other() - a dma-buf of which only /proc tells as a row
 * @row: of a table of all_layout
 * @other: the dma-buf
 * @holders: of holders_collect()
 */
void buffer_fill_other(struct row *row, const struct other *other,
		       const struct holders *holders);

/**
 * buffer_nodes_write() - NUMA nodes of a mask
 * @nodes: bit n for node n
 * @text: written: "0", "0,2"
 * @size: bytes at @text
 */
void buffer_nodes_write(uint64_t nodes, char *text, size_t size);

#define BUFFER_BAR_SIZE	(DBHEAP_PARTS + 1)

/**
 * buffer_bar_write() - the buffer from its first byte to its last, as a bar
 * @info: a buffer that has memory
 * @text: written: in each of DBHEAP_PARTS equal parts, "|" where a run begins, ":"
 *	where several do, "#" for ten or more, "-" where one goes on
 */
void buffer_bar_write(const struct dmabuf_heap_buffer_info *info,
		      char text[BUFFER_BAR_SIZE]);

#endif
