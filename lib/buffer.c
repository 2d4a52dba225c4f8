// SPDX-License-Identifier: MIT
/*
 * Buffers: made here or received from elsewhere, committed, sealed, closed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "buffer.h"
#include "heap.h"
#include "query.h"

#define BUFFER_FLAGS	(DBHEAP_CREATE_READ_ONLY | DBHEAP_CREATE_INHERIT | \
			 DBHEAP_CREATE_MOVABLE)

static int buffer_flags_to_fd_flags(unsigned int flags)
{
	return (flags & DBHEAP_CREATE_READ_ONLY ? O_RDONLY : O_RDWR) |
	       (flags & DBHEAP_CREATE_INHERIT ? 0 : O_CLOEXEC);
}

DBHEAP_API int dmabuf_heap_buffer_create(struct dmabuf_heap *heap,
					 uint64_t length, unsigned int flags,
					 const char *name,
					 struct dmabuf_heap_buffer **buffer)
{
	struct dmabuf_heap_create create = {
		.size = sizeof(create),
		.length = length,
		.fd_flags = buffer_flags_to_fd_flags(flags),
	};
	struct dmabuf_heap_buffer *new;
	int error;

	if (flags & ~BUFFER_FLAGS)
		return -EINVAL;
	if (flags & DBHEAP_CREATE_MOVABLE) {
		if (!(heap->info.out_features & DMABUF_HEAP_FEATURE_MOVE))
			return -E2BIG;
		create.flags = DMABUF_HEAP_CREATE_MOVABLE;
	}
	if (!name)
		name = "";
	if (strlen(name) >= sizeof(create.name))
		return -EINVAL;
	strcpy(create.name, name);

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	error = dbheap_call(heap->fd, DMABUF_HEAP_IOC_CREATE, &create);
	if (error) {
		free(new);
		return error;
	}
	new->heap = heap;
	new->fd = create.out_fd;
	new->writable = !(flags & DBHEAP_CREATE_READ_ONLY);
	new->id = create.out_id;
	new->length = create.out_length;
	*buffer = new;
	return 0;
}

/* What can be asked of a buffer's fd; fails when it isn't one of the heap's. */
static int buffer_init_from_fd(struct dmabuf_heap_buffer *buffer)
{
	struct dmabuf_heap_buffer_record record;
	int flags;
	int error;

	error = dbheap_query_one(buffer->heap, DMABUF_HEAP_QUERY_FD, buffer->fd,
				 0, &record);
	if (error)
		return error;
	flags = fcntl(buffer->fd, F_GETFL);
	if (flags < 0)
		return -errno;
	buffer->writable = (flags & O_ACCMODE) == O_RDWR;
	buffer->id = record.id;
	buffer->length = record.length;
	return 0;
}

DBHEAP_API int dmabuf_heap_buffer_from_fd(struct dmabuf_heap *heap, int fd,
					  struct dmabuf_heap_buffer **buffer)
{
	struct dmabuf_heap_buffer *new;
	int error;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->heap = heap;
	new->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (new->fd < 0) {
		error = -errno;
		goto free_buffer;
	}
	error = buffer_init_from_fd(new);
	if (error)
		goto close_fd;
	*buffer = new;
	return 0;

close_fd:
	close(new->fd);
free_buffer:
	free(new);
	return error;
}

DBHEAP_API void dmabuf_heap_buffer_close(struct dmabuf_heap_buffer *buffer)
{
	if (!buffer)
		return;
	close(buffer->fd);
	free(buffer);
}

DBHEAP_API int
dmabuf_heap_buffer_get_fd(const struct dmabuf_heap_buffer *buffer)
{
	return buffer->fd;
}

DBHEAP_API uint64_t
dmabuf_heap_buffer_get_id(const struct dmabuf_heap_buffer *buffer)
{
	return buffer->id;
}

DBHEAP_API uint64_t
dmabuf_heap_buffer_get_length(const struct dmabuf_heap_buffer *buffer)
{
	return buffer->length;
}

DBHEAP_API bool
dmabuf_heap_buffer_is_writable(const struct dmabuf_heap_buffer *buffer)
{
	return buffer->writable;
}

DBHEAP_API int dmabuf_heap_buffer_commit(struct dmabuf_heap_buffer *buffer)
{
	struct dmabuf_heap_commit commit = {
		.size = sizeof(commit),
		.fd = buffer->fd,
	};

	return dbheap_call(buffer->heap->fd, DMABUF_HEAP_IOC_COMMIT, &commit);
}

DBHEAP_API int dmabuf_heap_buffer_seal(struct dmabuf_heap_buffer *buffer)
{
	struct dmabuf_heap_seal seal = {
		.size = sizeof(seal),
		.fd = buffer->fd,
	};

	return dbheap_call(buffer->heap->fd, DMABUF_HEAP_IOC_SEAL, &seal);
}
