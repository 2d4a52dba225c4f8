// SPDX-License-Identifier: MIT
/*
 * Events as they happen: an open file of its own that watches, read many events
 * at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "api.h"
#include "conflict.h"
#include "heap.h"

/* All that can be asked for. */
#define ALL_EVENTS	((1ULL << DMABUF_HEAP_EVENT_COUNT) - 1 - \
			 (1ULL << DMABUF_HEAP_EVENT_MISSED))

/* Events per call. */
#define WATCHER_BATCH	32

struct dmabuf_heap_watcher {
	int fd;
	unsigned int next;	/* place in @events */
	unsigned int count;	/* events that are valid */
	struct dmabuf_heap_event_info info;
	struct dmabuf_heap_conflict conflict;
	struct dmabuf_heap_event events[WATCHER_BATCH];
};

static int watcher_begin(int fd, uint64_t events, uint64_t id)
{
	struct dmabuf_heap_watch watch = {
		.size = sizeof(watch),
		.event_size = sizeof(struct dmabuf_heap_event),
		.events = events ? events : ALL_EVENTS,
		.id = id,
	};

	return dbheap_call(fd, DMABUF_HEAP_IOC_WATCH, &watch);
}

DBHEAP_API int
dmabuf_heap_watcher_create(struct dmabuf_heap *heap, uint64_t events, uint64_t id,
			   struct dmabuf_heap_watcher **watcher)
{
	struct dmabuf_heap_watcher *new;
	int error;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->fd = open(heap->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (new->fd < 0) {
		error = -errno;
		goto free_watcher;
	}
	error = watcher_begin(new->fd, events, id);
	if (error)
		goto close_fd;
	*watcher = new;
	return 0;

close_fd:
	close(new->fd);
free_watcher:
	free(new);
	return error;
}

DBHEAP_API int
dmabuf_heap_watcher_get_fd(const struct dmabuf_heap_watcher *watcher)
{
	return watcher->fd;
}

DBHEAP_API void
dmabuf_heap_watcher_free(struct dmabuf_heap_watcher *watcher)
{
	if (!watcher)
		return;
	close(watcher->fd);
	free(watcher);
}

static int watcher_fetch(struct dmabuf_heap_watcher *watcher)
{
	ssize_t bytes;

	bytes = read(watcher->fd, watcher->events, sizeof(watcher->events));
	if (bytes < 0)
		return errno == EAGAIN ? 0 : -errno;
	watcher->count = (size_t)bytes / sizeof(watcher->events[0]);
	watcher->next = 0;
	return 0;
}

static void event_fill_memory(struct dmabuf_heap_event_info *info,
			      const struct dmabuf_heap_event *event)
{
	info->first_map = (enum dbheap_first_map)event->first_map;
	info->runs = event->runs;
	info->addr_bits = event->addr_bits;
	info->duration_ns = event->duration_ns;
}

static void event_fill_attachment(struct dmabuf_heap_event_info *info,
				  const struct dmabuf_heap_event *event)
{
	info->attachment_id = event->attachment;
	info->attachment_flags = event->flags;
	info->access = event->access;
	info->segments = event->segments;
	info->label = event->label;
}

static void event_fill(struct dmabuf_heap_event_info *info,
		       struct dmabuf_heap_conflict *conflict,
		       const struct dmabuf_heap_event *event)
{
	*info = (struct dmabuf_heap_event_info){ .label = "" };
	info->type = event->type;
	info->time_ns = event->time_ns;
	info->count = event->count;
	info->id = event->id;
	info->length = event->length;
	info->name = event->name;
	info->uid = event->uid;
	info->pid = event->pid;
	info->comm = event->comm;
	info->device = event->device;
	event_fill_memory(info, event);
	if (event->attachment) {
		event_fill_attachment(info, event);
	} else {
		info->movable = event->flags & DMABUF_HEAP_BUFFER_MOVABLE;
		info->sealed = event->flags & DMABUF_HEAP_BUFFER_SEALED;
	}
	if (dbheap_conflict_fill(conflict, &event->report))
		info->conflict = conflict;
}

DBHEAP_API int
dmabuf_heap_watcher_next(struct dmabuf_heap_watcher *watcher,
			 const struct dmabuf_heap_event_info **event)
{
	int error;

	if (watcher->next == watcher->count) {
		error = watcher_fetch(watcher);
		if (error)
			return error;
	}
	if (watcher->next == watcher->count) {
		*event = NULL;
		return 0;
	}
	event_fill(&watcher->info, &watcher->conflict,
		   &watcher->events[watcher->next++]);
	*event = &watcher->info;
	return 0;
}
