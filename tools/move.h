/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a buffer's memory would move to let a device in. The kernel only says
 * that the device would be accepted; what is known of the memory tells the rest.
 */
#ifndef DMABUF_CTL_MOVE_H
#define DMABUF_CTL_MOVE_H

#include <dmabuf-heap.h>

enum move {
	MOVE_NONE,	/* it stays */
	MOVE_UNKNOWN,	/* it depends on where exactly it lies */
	MOVE_NEEDED,	/* it can't stay */
};

/**
 * move_expect() - whether the memory would move
 * @info: the buffer
 * @reply: of a device that it would accept
 *
 * Return: what is to be expected.
 */
enum move move_expect(const struct dmabuf_heap_buffer_info *info,
		      const struct dmabuf_heap_reply *reply);

#endif
