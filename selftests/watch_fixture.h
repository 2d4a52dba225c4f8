/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of watching start with: a buffer, and an open file that watches what
 * is attached to it. A requirement that comes and goes is an event here whose
 * attachment id counts up by one each time, so that a gap shows. Include
 * kselftest_harness.h before this header.
 */
#ifndef WATCH_FIXTURE_H
#define WATCH_FIXTURE_H

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "heap.h"
#include "watching.h"

#define ROOM		2000	/* more than are ever kept */
#define KEPT_AT_LEAST	1000
#define SIZE		sizeof(struct dmabuf_heap_event)

FIXTURE(watch) {
	struct heap_state heap;
	int buffer;
	__u64 id;
	int watcher;		/* of what is attached to the buffer */
	__u64 made;		/* events so far */
	__u64 seen;		/* of these, read or known to be missed */
	struct dmabuf_heap_event event;
	struct dmabuf_heap_event *events;
};

FIXTURE_SETUP(watch)
{
	heap_setup(&self->heap);
	self->buffer = must_open(heap_create_id(self->heap.fd, HEAP_PAGE, &self->id));
	self->watcher = must_open(watching_open(WATCHING(ATTACH), self->id));
	self->events = calloc(ROOM, SIZE);
	ASSERT_NE(NULL, self->events);
}

FIXTURE_TEARDOWN(watch)
{
	free(self->events);
	if (self->watcher >= 0)
		close(self->watcher);
	close(self->buffer);
	heap_teardown(&self->heap);
}

/* One event; the requirement goes again, so that there is never no room for it. */
static inline int happen(int heap, int buffer)
{
	__u64 id;
	int rc = heap_require_limit(heap, buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0, &id, NULL);

	return rc ?: heap_detach(heap, buffer, id);
}

#define make_events(count) do {							\
	int make_i;								\
										\
	for (make_i = 0; make_i < (int)(count); make_i++)			\
		must_pass(happen(self->heap.fd, self->buffer));			\
	self->made += (count);							\
} while (0)

/* Reads up to @room events, which follow what was seen, and leave no gap untold. */
#define read_events(room) ({							\
	int read_count = watching_read(self->watcher, self->events, room), read_i; \
										\
	ASSERT_LE(0, read_count);						\
	for (read_i = 0; read_i < read_count; read_i++) {			\
		self->event = self->events[read_i];				\
		if (self->event.type == DMABUF_HEAP_EVENT_MISSED) {		\
			ASSERT_LT(0, self->event.count);			\
			self->seen += self->event.count;			\
			continue;						\
		}								\
		ASSERT_EQ(DMABUF_HEAP_EVENT_ATTACH, self->event.type);		\
		ASSERT_EQ(++self->seen, self->event.attachment);		\
	}									\
	read_count;								\
})

#define expect_nothing() must_fail(EAGAIN, watching_next(self->watcher, &self->event))

/* What poll() says without waiting. */
static inline int polled(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) < 0 ? -errno : poll_fd.revents;
}

#endif /* WATCH_FIXTURE_H */
