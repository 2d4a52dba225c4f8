// SPDX-License-Identifier: GPL-2.0
/*
 * Reaching a buffer through a process that has it open.
 */
#include <inttypes.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "proc.h"
#include "reach.h"
#include "subject.h"

/* The process may have closed it since, and opened something else. */
static bool holder_open(const struct holder *holder, struct dmabuf_heap *heap,
			struct dmabuf_heap_buffer **buffer)
{
	int process, fd, error;

	process = pidfd_open(holder->pid, 0);
	if (process < 0)
		return false;
	fd = pidfd_getfd(process, holder->fd, 0);
	close(process);
	if (fd < 0)
		return false;
	error = dmabuf_heap_buffer_from_fd(heap, fd, buffer);
	close(fd);
	if (error)
		return false;
	if (dmabuf_heap_buffer_get_id(*buffer) == holder->inode)
		return true;
	dmabuf_heap_buffer_close(*buffer);
	return false;
}

/* A buffer that is there, but out of reach. */
static enum status reach_explain(const struct holders *holders,
				 const struct holder *refused, uint64_t id)
{
	if (refused)
		return message_error(STATUS_FAILURE, "buffer %" PRIu64
				     " is fd %d of process %d (%s), which this user may not look into",
				     id, refused->fd, refused->pid, refused->comm);
	return message_error(STATUS_FAILURE, "no process%s has buffer %" PRIu64
			     " as an fd, and only by an fd can it be asked",
			     holders_is_complete(holders) ? "" :
			     " that this user may look into", id);
}

static enum status reach_id(const struct holders *holders,
			    const struct reference *reference,
			    struct dmabuf_heap *heap,
			    struct dmabuf_heap_buffer **buffer)
{
	const struct holder *all, *refused = NULL;
	struct subject subject = { 0 };
	enum status status;
	size_t i, count;

	all = holders_find(holders, reference->id, &count);
	for (i = 0; i < count; i++) {
		if (all[i].fd == HOLDER_MAPPING)
			continue;
		if (holder_open(&all[i], heap, buffer))
			return STATUS_OK;
		refused = &all[i];
	}
	status = subject_read(&subject, heap, reference);
	subject_free(&subject);
	return status ? status : reach_explain(holders, refused, reference->id);
}

enum status reach_buffer(const struct reference *reference,
			 struct dmabuf_heap *heap,
			 struct dmabuf_heap_buffer **buffer)
{
	struct holders *holders;
	enum status status;

	if (reference->is_fd)
		return reference_open(reference, heap, buffer);
	holders = holders_collect(PROC_PATH);
	status = reach_id(holders, reference, heap, buffer);
	holders_free(holders);
	return status;
}
