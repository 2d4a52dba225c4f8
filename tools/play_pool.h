/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The buffers that go round between camera and display, all of one length, made
 * by libdmabuf-heap. A buffer is known by its slot: the same number in the pool,
 * at the camera and at the display.
 *
 * Functions that can fail say why on stderr and return -1.
 */
#ifndef PLAY_POOL_H
#define PLAY_POOL_H

#include <linux/videodev2.h>
#include <stdint.h>

#include "../lib/dmabuf-heap.h"

/**
 * struct pool - the buffers; starts all zero
 * @heap: the open /dev/dmabuf-heap
 * @buffer: by slot
 * @count: how many there are
 */
struct pool {
	struct dmabuf_heap *heap;
	struct dmabuf_heap_buffer *buffer[VIDEO_MAX_FRAME];
	unsigned int count;
};

/**
 * pool_create() - make the buffers, without memory
 * @pool: what was made before an error is in it, too
 * @count: how many, at most VIDEO_MAX_FRAME
 * @length: bytes of each
 */
int pool_create(struct pool *pool, unsigned int count, uint64_t length);

/**
 * pool_attach() - declare that a device will use the buffers
 * @pool: the buffers, all of them
 * @fd: the device's open node
 * @path: its name for the user
 * @access: bits of enum dbheap_access
 * @label: what it does with them
 *
 * When it is refused, says which limit of which device is in the way.
 */
int pool_attach(struct pool *pool, int fd, const char *path,
		unsigned int access, const char *label);

/**
 * pool_get_fd() - a buffer's fd, which stays the pool's
 * @pool: the buffers
 * @slot: which
 *
 * Return: the fd.
 */
int pool_get_fd(const struct pool *pool, unsigned int slot);

/**
 * pool_say_refused() - say why a driver did not take a buffer
 * @pool: the buffers
 * @slot: which
 * @path: the driver's node
 *
 * Drivers flatten their errors, so it is the buffer that is asked; when it knows
 * of no conflict, what errno says has to do.
 *
 * Return: -1.
 */
int pool_say_refused(struct pool *pool, unsigned int slot, const char *path);

/**
 * pool_destroy() - let go of all buffers
 * @pool: drivers that still hold some keep them alive
 */
void pool_destroy(struct pool *pool);

#endif /* PLAY_POOL_H */
