// SPDX-License-Identifier: GPL-2.0
/*
 * How a user names a buffer.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "reference.h"
#include "text.h"

/* Two numbers and what stands before, between and behind them. */
static bool reference_read_pair(const char *text, const char *between,
				struct reference *reference)
{
	const char *divider = strstr(text, between);
	char process[TEXT_NUMBER_SIZE];
	uint64_t pid, fd;

	if (!divider || (size_t)(divider - text) >= sizeof(process))
		return false;
	memcpy(process, text, (size_t)(divider - text));
	process[divider - text] = '\0';
	if (!strcmp(process, "self"))
		pid = (uint64_t)getpid();
	else if (!text_number_read(process, INT_MAX, &pid))
		return false;
	if (!text_number_read(divider + strlen(between), INT_MAX, &fd))
		return false;
	reference->is_fd = true;
	reference->pid = (pid_t)pid;
	reference->fd = (int)fd;
	return true;
}

bool reference_read(const char *text, struct reference *reference)
{
	static const char proc[] = "/proc/";

	if (!strncmp(text, proc, strlen(proc)))
		return reference_read_pair(text + strlen(proc), "/fd/", reference);
	if (strchr(text, ':'))
		return reference_read_pair(text, ":", reference);
	reference->is_fd = false;
	return text_number_read(text, UINT64_MAX, &reference->id);
}

enum status reference_open_fd(const struct reference *reference, int *fd)
{
	int process, error;

	process = pidfd_open(reference->pid, 0);
	if (process < 0)
		return message_error(errno == ESRCH || errno == EINVAL ?
				     STATUS_NOT_FOUND : STATUS_FAILURE,
				     "there is no process %d", reference->pid);
	*fd = pidfd_getfd(process, reference->fd, 0);
	error = errno;
	close(process);
	if (*fd >= 0)
		return STATUS_OK;
	switch (error) {
	case EBADF:
		return message_error(STATUS_NOT_FOUND, "process %d has no fd %d",
				     reference->pid, reference->fd);
	case EPERM:
		return message_error(STATUS_FAILURE,
				     "this user may not look into process %d",
				     reference->pid);
	default:
		return message_error(STATUS_FAILURE, "fd %d of process %d: %s",
				     reference->fd, reference->pid,
				     strerror(error));
	}
}

enum status reference_open(const struct reference *reference,
			   struct dmabuf_heap *heap,
			   struct dmabuf_heap_buffer **buffer)
{
	char subject[64];
	enum status status;
	int fd = -1;
	int error;

	status = reference_open_fd(reference, &fd);
	if (status)
		return status;
	error = dmabuf_heap_buffer_from_fd(heap, fd, buffer);
	close(fd);
	if (error == -EINVAL)
		return message_error(STATUS_NOT_FOUND,
				     "fd %d of process %d is no buffer of dmabuf-heap",
				     reference->fd, reference->pid);
	if (!error)
		return STATUS_OK;
	snprintf(subject, sizeof(subject), "fd %d of process %d", reference->fd,
		 reference->pid);
	return message_call(DBHEAP_CALL_FROM_FD, error, subject);
}
