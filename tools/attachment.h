/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A buffer's attachments as rows, and each as a name.
 */
#ifndef DMABUF_CTL_ATTACHMENT_H
#define DMABUF_CTL_ATTACHMENT_H

#include "table.h"

#define ATTACHMENT_NAME_SIZE	192

/*
 * For buffers that are in use, for those that are only planned, and for attachments
 * of several buffers.
 */
extern const struct layout attachments_layout;
extern const struct layout planned_layout;
extern const struct layout all_attachments_layout;

/**
 * attachments_collect() - a table of a buffer's attachments
 * @layout: attachments_layout or planned_layout
 * @list: the attachments, or NULL for none
 *
 * Return: the table, to be freed.
 */
struct table *attachments_collect(const struct layout *layout,
				  const struct dmabuf_heap_attachment_list *list);

/**
 * attachments_add() - add one buffer's attachments to a table of several
 * @table: of all_attachments_layout
 * @buffer: the buffer's id
 * @list: its attachments
 */
void attachments_add(struct table *table, uint64_t buffer,
		     const struct dmabuf_heap_attachment_list *list);

/**
 * attachments_add_refused() - a row for a driver that a sealed buffer kept out
 * @table: of attachments_collect()
 * @conflict: the buffer's last one; may be NULL, and of another kind adds nothing
 */
void attachments_add_refused(struct table *table,
			     const struct dmabuf_heap_conflict *conflict);

/**
 * attachment_name_write() - what to call an attachment in a sentence
 * @list: the buffer's attachments
 * @id: the one
 * @name: written: "video1 (vivid.0)", "the requirement "scanout""
 */
void attachment_name_write(const struct dmabuf_heap_attachment_list *list,
			   uint64_t id, char name[ATTACHMENT_NAME_SIZE]);

/**
 * attachment_dma_name() - how a device reaches memory
 * @flags: bits of enum dbheap_attachment
 *
 * Return: "direct", "IOMMU", "CPU only", or "none" for a requirement alone.
 */
const char *attachment_dma_name(unsigned int flags);

/**
 * attachment_access_name() - what is done with a buffer
 * @access: bits of enum dbheap_access
 *
 * Return: "r", "w", "rw", or "" for nothing.
 */
const char *attachment_access_name(unsigned int access);

/**
 * attachment_maps_write() - counts by direction in short
 * @maps: counts, by enum dbheap_direction
 * @text: written: "1r 2rw", "none"
 * @size: bytes at @text
 */
void attachment_maps_write(const uint64_t maps[DBHEAP_DIR_COUNT], char *text,
			   size_t size);

#endif
