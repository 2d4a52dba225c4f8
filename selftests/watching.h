/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Open files that watch, and the events that they have. Functions return 0, an fd
 * or a count, or -errno.
 */
#ifndef WATCHING_H
#define WATCHING_H

#include <linux/dmabuf-heap.h>

#define WATCHING(type)	(1ULL << DMABUF_HEAP_EVENT_##type)
#define WATCHING_ALL	((1ULL << DMABUF_HEAP_EVENT_COUNT) - 2)

/* WATCH; @id: of the only buffer, or 0. */
int watching_set(int fd, __u64 events, __u64 id);
int watching_end(int fd);

/* A new open file that watches, and doesn't wait in read(): an fd. */
int watching_open(__u64 events, __u64 id);

/* Up to @room events: how many. */
int watching_read(int fd, struct dmabuf_heap_event *events, int room);

/* The next one. */
int watching_next(int fd, struct dmabuf_heap_event *event);

/* The next one of the type, or of the buffer; what is before it is dropped. */
int watching_find(int fd, enum dmabuf_heap_event_type type, __u64 id,
		  struct dmabuf_heap_event *event);

#endif /* WATCHING_H */
