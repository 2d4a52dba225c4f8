/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reaching a buffer: what isn't just looked at but asked needs an fd, and some
 * process has one.
 */
#ifndef DMABUF_CTL_REACH_H
#define DMABUF_CTL_REACH_H

#include "reference.h"

/**
 * reach_buffer() - hold a buffer through a process that has it open
 * @reference: the buffer; for an id, all processes are looked through for an fd of it
 * @heap: the open device
 * @buffer: written on success; end it with dmabuf_heap_buffer_close()
 *
 * Return: STATUS_OK, or after a sentence STATUS_NOT_FOUND when there is no such
 * buffer, process or fd, else STATUS_FAILURE.
 */
enum status reach_buffer(const struct reference *reference,
			 struct dmabuf_heap *heap,
			 struct dmabuf_heap_buffer **buffer);

#endif
