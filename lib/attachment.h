/* SPDX-License-Identifier: MIT */
/*
 * A walk over the attachments of all buffers, in step with one over the buffers.
 */
#ifndef DBHEAP_ATTACHMENT_H
#define DBHEAP_ATTACHMENT_H

#include <linux/dmabuf-heap.h>
#include "dmabuf-heap.h"

/* Begins as zeroes. */
struct dbheap_attachment_walk {
	struct dmabuf_heap_attachment_record *records;
	size_t next;	/* place in @records */
	size_t count;	/* records that are valid */
	uint64_t last;	/* no attachment of a buffer up to this id is yet to come */
};

/* Those of buffer @id, which is no lower than that of the call before. */
int dbheap_attachment_walk_read(struct dbheap_attachment_walk *walk,
				const struct dmabuf_heap *heap, uint64_t id,
				struct dmabuf_heap_attachment_list **list);

void dbheap_attachment_walk_end(struct dbheap_attachment_walk *walk);

#endif /* DBHEAP_ATTACHMENT_H */
