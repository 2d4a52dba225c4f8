/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A walk over all buffers that the user may see.
 */
#ifndef DMABUF_CTL_WALK_H
#define DMABUF_CTL_WALK_H

#include <dmabuf-heap.h>

/* What is done with each; both arguments end with the call. */
typedef void walk_step(void *context, const struct dmabuf_heap_buffer_info *info,
		       const struct dmabuf_heap_attachment_list *attachments);

/**
 * walk_buffers() - see every buffer once, by rising id
 * @heap: the open device
 * @step: called for each
 * @context: passed to @step
 *
 * Return: 0, or a negative errno of DBHEAP_CALL_QUERY.
 */
int walk_buffers(struct dmabuf_heap *heap, walk_step *step, void *context);

#endif
