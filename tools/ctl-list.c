// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl list: all buffers that the user may see.
 */
#include <stddef.h>

#include "buffer.h"
#include "ctl.h"
#include "print.h"

/* A buffer that is gone by now is shown without its devices. */
static void list_add(struct table *table, struct dmabuf_heap *heap,
		     const struct dmabuf_heap_buffer_info *info)
{
	struct dmabuf_heap_attachment_list *attachments;

	if (dmabuf_heap_attachment_list_read_id(heap, info->id, &attachments))
		attachments = NULL;
	buffer_fill(table_add(table), info, attachments);
	dmabuf_heap_attachment_list_free(attachments);
}

static int list_collect(struct table *table, struct dmabuf_heap *heap)
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
			list_add(table, heap, info);
	} while (!error && info);
	dmabuf_heap_iterator_free(iterator);
	return error;
}

static enum status list_run(struct invocation *invocation)
{
	struct dmabuf_heap *heap;
	struct table *table;
	enum status status;
	int error;

	if (!invocation_expect(invocation, 0, "", &status))
		return status;
	status = message_heap_open(&heap);
	if (status)
		return status;
	table = table_new(&buffers_layout);
	error = list_collect(table, heap);
	if (error)
		status = message_call(DBHEAP_CALL_QUERY, error, "the buffers");
	else
		status = table_print(table, &invocation->view);
	table_free(table);
	dmabuf_heap_close(heap);
	return status;
}

const struct command command_list = {
	.name = "list",
	.arguments = "[OPTION]...",
	.summary = "Show all buffers that you may see",
	.notes = "MAPS counts what devices map now: 1r 2w 3rw is one map for reading, two for\n"
		 "writing, three for both. You see your own buffers, and as root all.",
	.layout = &buffers_layout,
	.run = list_run,
};
