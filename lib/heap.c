// SPDX-License-Identifier: MIT
/*
 * The device: opened once, asked once what it is, and read only from then on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "api.h"
#include "heap.h"

int dbheap_call(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

DBHEAP_API int dmabuf_heap_open(const char *path, struct dmabuf_heap **heap)
{
	struct dmabuf_heap *new;
	int error;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->path = strdup(path ? path : DBHEAP_DEFAULT_PATH);
	if (!new->path) {
		error = -ENOMEM;
		goto free_heap;
	}
	new->fd = open(new->path, O_RDWR | O_CLOEXEC);
	if (new->fd < 0) {
		error = -errno;
		goto free_path;
	}
	new->info.size = sizeof(new->info);
	error = dbheap_call(new->fd, DMABUF_HEAP_IOC_INFO, &new->info);
	if (error)
		goto close_fd;
	*heap = new;
	return 0;

close_fd:
	close(new->fd);
free_path:
	free(new->path);
free_heap:
	free(new);
	return error;
}

DBHEAP_API void dmabuf_heap_close(struct dmabuf_heap *heap)
{
	if (!heap)
		return;
	close(heap->fd);
	free(heap->path);
	free(heap);
}

DBHEAP_API int dmabuf_heap_get_fd(const struct dmabuf_heap *heap)
{
	return heap->fd;
}

DBHEAP_API unsigned int dmabuf_heap_get_abi(const struct dmabuf_heap *heap)
{
	return heap->info.out_abi;
}

DBHEAP_API uint64_t dmabuf_heap_get_features(const struct dmabuf_heap *heap)
{
	return heap->info.out_features;
}

DBHEAP_API size_t dmabuf_heap_get_page_size(const struct dmabuf_heap *heap)
{
	return heap->info.out_page_size;
}

DBHEAP_API uint64_t dmabuf_heap_get_max_length(const struct dmabuf_heap *heap)
{
	return heap->info.out_max_length;
}

DBHEAP_API bool dmabuf_heap_can_require(const struct dmabuf_heap *heap,
					enum dbheap_limit limit)
{
	return (unsigned int)limit < DBHEAP_LIMIT_COUNT &&
	       heap->info.out_limits >> limit & 1;
}
