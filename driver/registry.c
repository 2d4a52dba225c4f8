// SPDX-License-Identifier: GPL-2.0
/*
 * An xarray from id to buffer. Ids are inode numbers, which only grow, so the
 * order of ids is the order of creation and a cursor never meets a buffer twice.
 */
#include <linux/xarray.h>

#include "buffer.h"
#include "memory.h"
#include "registry.h"

static DEFINE_XARRAY(buffers);

/**
 * dmabuf_heap_registry_reserve() - make sure that a buffer can be added
 * @id: its id
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM. dmabuf_heap_registry_remove() ends it.
 */
int dmabuf_heap_registry_reserve(u64 id)
{
	return dmabuf_heap_knob_fail() ? -ENOMEM : xa_reserve(&buffers, id, HEAP_GFP);
}

/**
 * dmabuf_heap_registry_add() - let QUERY see a buffer
 * @buf: complete; its id is reserved, so this can't fail
 */
void dmabuf_heap_registry_add(struct heap_buffer *buf)
{
	xa_store(&buffers, buf->id, buf, 0);
}

/**
 * dmabuf_heap_registry_remove() - forget a buffer or a reservation
 * @id: its id
 */
void dmabuf_heap_registry_remove(u64 id)
{
	xa_erase(&buffers, id);
}

/**
 * dmabuf_heap_registry_get() - find a buffer
 * @id: its id
 *
 * Return: the buffer, to be put by dmabuf_heap_buffer_put(), or NULL.
 */
struct heap_buffer *dmabuf_heap_registry_get(u64 id)
{
	struct heap_buffer *buf;

	rcu_read_lock();
	buf = xa_load(&buffers, id);
	if (buf && !refcount_inc_not_zero(&buf->refs))
		buf = NULL;
	rcu_read_unlock();
	return buf;
}

/**
 * dmabuf_heap_registry_next() - find the next buffer
 * @after: id that it must be above
 *
 * Return: the buffer of the lowest such id, to be put by
 * dmabuf_heap_buffer_put(), or NULL when there is none.
 */
struct heap_buffer *dmabuf_heap_registry_next(u64 after)
{
	unsigned long id = after;
	struct heap_buffer *buf;

	rcu_read_lock();
	do {
		buf = xa_find_after(&buffers, &id, ULONG_MAX, XA_PRESENT);
	} while (buf && !refcount_inc_not_zero(&buf->refs));
	rcu_read_unlock();
	return buf;
}
