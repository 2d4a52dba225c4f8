/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attachments: the records of who will use a buffer. Declared by a process ahead
 * of time, or imported: made when a driver calls dma_buf_attach(). Joining is
 * where limits are merged, or compared with memory that exists.
 */
#ifndef _DMABUF_HEAP_ATTACHMENT_H
#define _DMABUF_HEAP_ATTACHMENT_H

#include <linux/dma-direction.h>
#include <linux/list.h>

#include "device.h"
#include "limits.h"

struct heap_buffer;
struct heap_mapping;
struct pid;

/**
 * struct heap_attachment - one record
 * @entry: in &heap_buffer.attachments
 * @id: never 0, never used again within the buffer
 * @declared: for an imported one, the declared one of its device when there is
 *	just one; else NULL
 * @created_ns: when it was made
 * @last_map_ns: when its device last mapped, 0 for never
 * @bytes_mapped: by maps held now
 * @maps_ever: maps so far by enum dmabuf_heap_direction
 * @maps: maps held now
 * @flags: DMABUF_HEAP_ATTACHMENT_*
 * @access: DMABUF_HEAP_ACCESS_*
 * @device: who
 * @asked: the device's limits with the requirement's: what its table must obey
 * @limits: what counts in the merge: @asked without what an IOMMU makes
 *	meaningless
 * @pid: process that made it
 * @comm: task that made it
 * @label: what the requirement is about
 * @mappings: maps held now, see export.c; protected by the buffer's lock
 * @spare: of an imported one, a map that is over, kept for the next; may be NULL;
 *	protected by the buffer's lock
 *
 * The buffer's lock and snap protect the rest as they do the buffer's own
 * fields. A declared record pins what its device's description pins.
 */
struct heap_attachment {
	struct list_head entry;
	u64 id;
	const struct heap_attachment *declared;
	u64 created_ns;
	u64 last_map_ns;
	u64 bytes_mapped;
	u64 maps_ever[DMABUF_HEAP_DIR_COUNT];
	u32 maps[DMABUF_HEAP_DIR_COUNT];
	u32 flags;
	u32 access;
	struct heap_device device;
	struct heap_limits asked;
	struct heap_limits limits;
	struct pid *pid;
	char comm[DMABUF_HEAP_COMM_LEN];
	char label[DMABUF_HEAP_NAME_LEN];
	struct list_head mappings;
	struct heap_mapping *spare;
};

/**
 * struct heap_declaration - what ATTACH asks
 * @device: the device with its limits as read
 * @requirement: the caller's limits on top
 * @access: DMABUF_HEAP_ACCESS_*
 * @test: change nothing
 * @label: ends in NUL
 */
struct heap_declaration {
	struct heap_device device;
	struct heap_limits requirement;
	u32 access;
	bool test;
	char label[DMABUF_HEAP_NAME_LEN];
};

/**
 * dmabuf_heap_attachment_is_declared_for() - whether a process declared this device
 * @att: attachment
 * @device: device
 *
 * Return: true for a declared attachment of the device.
 */
static inline bool dmabuf_heap_attachment_is_declared_for(const struct heap_attachment *att,
							  const struct heap_device *device)
{
	return att->flags & DMABUF_HEAP_ATTACHMENT_DECLARED &&
	       dmabuf_heap_device_is(&att->device, device);
}

int dmabuf_heap_attachment_init(void);
void dmabuf_heap_attachment_exit(void);
void dmabuf_heap_attachment_set_limits(struct heap_attachment *att,
				       const struct heap_limits *asked);
u64 dmabuf_heap_attachment_next_id(struct heap_buffer *buf);
struct heap_attachment *dmabuf_heap_attachment_find(struct heap_buffer *buf, u64 id);
void dmabuf_heap_attachment_shape(struct heap_buffer *buf, const struct heap_attachment *att,
				  const struct heap_attachment *except,
				  struct heap_limits *shape);
int dmabuf_heap_attachment_declare(struct heap_buffer *buf, const struct heap_declaration *what,
				   struct dmabuf_heap_answer *answer, u64 *id);
int dmabuf_heap_attachment_detach(struct heap_buffer *buf, u64 id);
void dmabuf_heap_attachment_undo(struct heap_buffer *buf, u64 id);
struct heap_attachment *dmabuf_heap_attachment_import(struct heap_buffer *buf, struct device *dev);
void dmabuf_heap_attachment_end(struct heap_buffer *buf, struct heap_attachment *att);
int dmabuf_heap_attachment_check_map(struct heap_buffer *buf, struct heap_attachment *att,
				     struct device *dev, struct heap_limits *shape);
u32 dmabuf_heap_attachment_access(enum dma_data_direction dir);
void dmabuf_heap_attachment_count_map(struct heap_buffer *buf, struct heap_attachment *att,
				      enum dma_data_direction dir, int change);
void dmabuf_heap_attachment_free_all(struct heap_buffer *buf);

#endif /* _DMABUF_HEAP_ATTACHMENT_H */
