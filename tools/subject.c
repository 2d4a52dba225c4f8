// SPDX-License-Identifier: GPL-2.0
/*
 * The one buffer that a command is about.
 */
#include <errno.h>
#include <inttypes.h>

#include "subject.h"

bool subject_expect(struct invocation *invocation, struct reference *reference,
		    enum status *status)
{
	if (!invocation_expect(invocation, 1, "a buffer", status))
		return false;
	if (reference_read(invocation->argv[0], reference))
		return true;
	*status = invocation_misused(invocation,
				     "\"%s\" is neither an id nor PID:FD",
				     invocation->argv[0]);
	return false;
}

static enum status subject_read_id(struct subject *subject,
				   struct dmabuf_heap *heap, uint64_t id)
{
	int error;

	error = dmabuf_heap_buffer_info_read_id(heap, id, &subject->info);
	if (!error)
		error = dmabuf_heap_attachment_list_read_id(heap, id,
							    &subject->attachments);
	if (error == -ENOENT)
		return message_error(STATUS_NOT_FOUND,
				     "there is no buffer %" PRIu64 " that you may see",
				     id);
	if (error)
		return message_call(DBHEAP_CALL_QUERY, error, "the buffer");
	return STATUS_OK;
}

static enum status subject_read_fd(struct subject *subject,
				   struct dmabuf_heap *heap,
				   const struct reference *reference)
{
	struct dmabuf_heap_buffer *buffer;
	enum status status;
	int error;

	status = reference_open(reference, heap, &buffer);
	if (status)
		return status;
	error = dmabuf_heap_buffer_info_read(buffer, &subject->info);
	if (!error)
		error = dmabuf_heap_attachment_list_read(buffer,
							 &subject->attachments);
	dmabuf_heap_buffer_close(buffer);
	if (error)
		return message_call(DBHEAP_CALL_QUERY, error, "the buffer");
	return STATUS_OK;
}

enum status subject_read(struct subject *subject, struct dmabuf_heap *heap,
			 const struct reference *reference)
{
	if (reference->is_fd)
		return subject_read_fd(subject, heap, reference);
	return subject_read_id(subject, heap, reference->id);
}

void subject_free(struct subject *subject)
{
	dmabuf_heap_attachment_list_free(subject->attachments);
	dmabuf_heap_buffer_info_free(subject->info);
}
