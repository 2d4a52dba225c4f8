/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watching: open files that collect what happens to buffers.
 */
#ifndef _DMABUF_HEAP_WATCH_H
#define _DMABUF_HEAP_WATCH_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/poll.h>
#include <linux/uidgid.h>
#include <linux/dmabuf-heap.h>

/* Bits of the events that somebody watches; changed by watch.c only. */
extern u64 dmabuf_heap_watch_events;

/**
 * dmabuf_heap_watch_wants() - whether anybody watches such events
 * @type: the type
 *
 * Return: false when there is no need to build one.
 */
static inline bool dmabuf_heap_watch_wants(enum dmabuf_heap_event_type type)
{
	return READ_ONCE(dmabuf_heap_watch_events) & BIT_ULL(type);
}

int dmabuf_heap_watch(struct file *file, const struct dmabuf_heap_watch *watch);
void dmabuf_heap_watch_tell(struct dmabuf_heap_event *event, kuid_t uid);
ssize_t dmabuf_heap_watch_read(struct file *file, char __user *to, size_t size, loff_t *offset);
__poll_t dmabuf_heap_watch_poll(struct file *file, poll_table *table);
int dmabuf_heap_watch_release(struct inode *inode, struct file *file);

#endif /* _DMABUF_HEAP_WATCH_H */
