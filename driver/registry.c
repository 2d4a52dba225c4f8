// SPDX-License-Identifier: GPL-2.0
/*
 * A tree of buffers by id. Ids are inode numbers, which only grow, so the order of
 * ids is the order of creation and a cursor never meets a buffer twice. A buffer
 * brings its node along: adding it can't fail.
 */
#include <linux/rbtree.h>
#include <linux/spinlock.h>

#include "buffer.h"
#include "event.h"
#include "registry.h"

static struct rb_root buffers = RB_ROOT;
static DEFINE_SPINLOCK(lock);

static struct heap_buffer *buffer_of(struct rb_node *node)
{
	return rb_entry(node, struct heap_buffer, registry);
}

static bool registry_less(struct rb_node *a, const struct rb_node *b)
{
	return buffer_of(a)->id < rb_entry(b, struct heap_buffer, registry)->id;
}

/**
 * dmabuf_heap_registry_add() - let QUERY and watchers see a buffer
 * @buf: complete; nobody else has it yet, so that its creation is its first event
 */
void dmabuf_heap_registry_add(struct heap_buffer *buf)
{
	spin_lock(&lock);
	rb_add(&buf->registry, &buffers, registry_less);
	spin_unlock(&lock);
	dmabuf_heap_event_buffer(buf, DMABUF_HEAP_EVENT_CREATE);
}

/**
 * dmabuf_heap_registry_remove() - forget a buffer
 * @buf: a buffer that was added, or never was
 */
void dmabuf_heap_registry_remove(struct heap_buffer *buf)
{
	if (RB_EMPTY_NODE(&buf->registry))
		return;
	spin_lock(&lock);
	rb_erase(&buf->registry, &buffers);
	spin_unlock(&lock);
	dmabuf_heap_event_buffer(buf, DMABUF_HEAP_EVENT_RELEASE);
}

/* The buffer of the lowest id that is at least @id. */
static struct heap_buffer *registry_find(u64 id)
{
	struct rb_node *node = buffers.rb_node;
	struct heap_buffer *found = NULL;

	lockdep_assert_held(&lock);
	while (node) {
		if (buffer_of(node)->id < id) {
			node = node->rb_right;
		} else {
			found = buffer_of(node);
			node = node->rb_left;
		}
	}
	return found;
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

	spin_lock(&lock);
	buf = registry_find(id);
	if (buf && buf->id != id)
		buf = NULL;
	/* The dma-buf's reference lasts until it is removed here. */
	if (buf)
		refcount_inc(&buf->refs);
	spin_unlock(&lock);
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
	struct heap_buffer *buf = NULL;

	spin_lock(&lock);
	if (after != U64_MAX)
		buf = registry_find(after + 1);
	if (buf)
		refcount_inc(&buf->refs);
	spin_unlock(&lock);
	return buf;
}
