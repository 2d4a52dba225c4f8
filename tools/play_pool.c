// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers by libdmabuf-heap. The point of it all is the order: every device is
 * attached to every buffer before the first driver maps one.
 */
#include "play_pool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "play_say.h"

/* The library's sentences fit. */
#define SENTENCE	512

static int pool_say_error(enum dbheap_call call, int error, const char *what)
{
	char text[SENTENCE];

	dmabuf_heap_error_explain(call, error, text, sizeof(text));
	return say_error("%s: %s", what, text);
}

int pool_create(struct pool *pool, unsigned int count, uint64_t length)
{
	char name[32];
	int rc;

	rc = dmabuf_heap_open(NULL, &pool->heap);
	if (rc < 0)
		return pool_say_error(DBHEAP_CALL_OPEN, rc, DBHEAP_DEFAULT_PATH);
	while (pool->count < count) {
		snprintf(name, sizeof(name), "picture %u", pool->count + 1);
		rc = dmabuf_heap_buffer_create(pool->heap, length, 0, name,
					       &pool->buffer[pool->count]);
		if (rc < 0)
			return pool_say_error(DBHEAP_CALL_CREATE, rc,
					      "can't make a buffer");
		pool->count++;
	}
	return 0;
}

static int pool_say_conflict(const struct dmabuf_heap_conflict *conflict,
			     const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *node = slash ? slash + 1 : path;
	char text[SENTENCE];

	/* What asks for the limit may be the other device. */
	if (conflict->attachment_id)
		node = NULL;
	dmabuf_heap_conflict_explain(conflict, node, text, sizeof(text));
	return say_error("%s", text);
}

static int pool_attach_one(struct dmabuf_heap_buffer *buffer, int fd,
			   const char *path, unsigned int access,
			   const struct dmabuf_heap_requirement *label)
{
	struct dmabuf_heap_reply *reply;
	int rc;

	rc = dmabuf_heap_buffer_attach(buffer, fd, access, label, 0, NULL,
				       &reply);
	if (rc < 0 && reply)
		pool_say_conflict(reply->conflict, path);
	else if (rc < 0)
		pool_say_error(DBHEAP_CALL_ATTACH, rc, path);
	dmabuf_heap_reply_free(reply);
	return rc < 0 ? -1 : 0;
}

int pool_attach(struct pool *pool, int fd, const char *path,
		unsigned int access, const char *label)
{
	struct dmabuf_heap_requirement *requirement;
	unsigned int i;
	int rc;

	rc = dmabuf_heap_requirement_create(label, &requirement);
	if (rc < 0)
		return pool_say_error(DBHEAP_CALL_ATTACH, rc, path);
	for (i = 0; i < pool->count && !rc; i++)
		rc = pool_attach_one(pool->buffer[i], fd, path, access,
				     requirement);
	dmabuf_heap_requirement_free(requirement);
	return rc;
}

int pool_get_fd(const struct pool *pool, unsigned int slot)
{
	return dmabuf_heap_buffer_get_fd(pool->buffer[slot]);
}

int pool_say_refused(struct pool *pool, unsigned int slot, const char *path)
{
	struct dmabuf_heap_buffer_info *info = NULL;
	int error = errno;

	dmabuf_heap_buffer_info_read(pool->buffer[slot], &info);
	errno = error;
	if (info && info->conflict)
		pool_say_conflict(info->conflict, path);
	else
		say_error("%s does not take the buffer: %m", path);
	dmabuf_heap_buffer_info_free(info);
	return -1;
}

void pool_destroy(struct pool *pool)
{
	while (pool->count > 0)
		dmabuf_heap_buffer_close(pool->buffer[--pool->count]);
	dmabuf_heap_close(pool->heap);
	pool->heap = NULL;
}
