// SPDX-License-Identifier: GPL-2.0
/*
 * A walk over all buffers that the user may see.
 */
#include "walk.h"

static int walk_visit(struct dmabuf_heap_iterator *iterator,
		      const struct dmabuf_heap_buffer_info *info,
		      walk_step *step, void *context)
{
	struct dmabuf_heap_attachment_list *attachments;
	int error = dmabuf_heap_iterator_get_attachments(iterator, &attachments);

	if (error)
		return error;
	step(context, info, attachments);
	dmabuf_heap_attachment_list_free(attachments);
	return 0;
}

int walk_buffers(struct dmabuf_heap *heap, walk_step *step, void *context)
{
	const struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_iterator *iterator;
	int error;

	error = dmabuf_heap_iterator_create(heap, &iterator);
	if (error)
		return error;
	do {
		error = dmabuf_heap_iterator_next(iterator, &info);
		if (!error && info)
			error = walk_visit(iterator, info, step, context);
	} while (!error && info);
	dmabuf_heap_iterator_free(iterator);
	return error;
}
