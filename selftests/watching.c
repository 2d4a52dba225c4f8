// SPDX-License-Identifier: GPL-2.0
/*
 * Open files that watch: see watching.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "heap.h"
#include "watching.h"

int watching_set(int fd, __u64 events, __u64 id)
{
	struct dmabuf_heap_watch watch = {
		.size = sizeof(watch),
		.event_size = sizeof(struct dmabuf_heap_event),
		.events = events,
		.id = id,
	};

	return heap_ioctl(fd, DMABUF_HEAP_IOC_WATCH, &watch);
}

int watching_end(int fd)
{
	struct dmabuf_heap_watch watch = { .size = sizeof(watch) };

	return heap_ioctl(fd, DMABUF_HEAP_IOC_WATCH, &watch);
}

int watching_open(__u64 events, __u64 id)
{
	int fd = heap_open(), rc;

	if (fd < 0)
		return fd;
	rc = fcntl(fd, F_SETFL, O_NONBLOCK) ? -errno : watching_set(fd, events, id);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

int watching_read(int fd, struct dmabuf_heap_event *events, int room)
{
	ssize_t bytes = read(fd, events, room * sizeof(*events));

	if (bytes < 0)
		return -errno;
	return bytes % sizeof(*events) ? -EPROTO : (int)(bytes / sizeof(*events));
}

int watching_next(int fd, struct dmabuf_heap_event *event)
{
	int count = watching_read(fd, event, 1);

	return count == 1 ? 0 : count < 0 ? count : -EPROTO;
}

int watching_find(int fd, enum dmabuf_heap_event_type type, __u64 id,
		  struct dmabuf_heap_event *event)
{
	int rc;

	do
		rc = watching_next(fd, event);
	while (!rc && (event->type != type || event->id != id));
	return rc;
}
