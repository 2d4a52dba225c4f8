/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Snapshots: what QUERY and QUERY_ATTACHMENTS say of a buffer, taken at one
 * moment under a lock that no allocation is made under.
 */
#ifndef _DMABUF_HEAP_SNAPSHOT_H
#define _DMABUF_HEAP_SNAPSHOT_H

#include <linux/types.h>
#include <linux/dmabuf-heap.h>

struct dma_buf;
struct heap_buffer;

void dmabuf_heap_snapshot_name(struct dma_buf *dmabuf, char *name);
bool dmabuf_heap_snapshot_take(struct heap_buffer *buf, struct dmabuf_heap_buffer_record *rec);
int dmabuf_heap_snapshot_attachments(struct heap_buffer *buf,
				     struct dmabuf_heap_attachment_record *recs, u32 count,
				     u32 *total);

#endif /* _DMABUF_HEAP_SNAPSHOT_H */
