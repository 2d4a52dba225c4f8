/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a user names a buffer: by its id, or by a process that has it open and the
 * number of the fd there.
 */
#ifndef DMABUF_CTL_REFERENCE_H
#define DMABUF_CTL_REFERENCE_H

#include <stdbool.h>
#include <sys/types.h>

#include "message.h"

struct reference {
	bool is_fd;
	uint64_t id;	/* if not */
	pid_t pid;	/* if so */
	int fd;
};

/**
 * reference_read() - understand the name of a buffer
 * @text: "1234", "PID:FD" or "/proc/PID/fd/FD"
 * @reference: written on success
 *
 * Return: true; false for anything else.
 */
bool reference_read(const char *text, struct reference *reference);

/**
 * reference_open_fd() - a file that another process has open
 * @reference: a process and its fd
 * @fd: written on success; to be closed
 *
 * Return: STATUS_OK, or after a sentence STATUS_NOT_FOUND when there is no such
 * process or fd, else STATUS_FAILURE.
 */
enum status reference_open_fd(const struct reference *reference, int *fd);

/**
 * reference_open() - hold a buffer that another process has open
 * @reference: a process and its fd
 * @heap: the open device
 * @buffer: written on success; end it with dmabuf_heap_buffer_close()
 *
 * Return: STATUS_OK, or after a sentence STATUS_NOT_FOUND when there is no such
 * process, fd or buffer, else STATUS_FAILURE.
 */
enum status reference_open(const struct reference *reference,
			   struct dmabuf_heap *heap,
			   struct dmabuf_heap_buffer **buffer);

#endif
