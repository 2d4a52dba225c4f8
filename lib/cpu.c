// SPDX-License-Identifier: MIT
/*
 * The CPU and a buffer: maps, syncs, and bytes at an offset.
 */
#include <assert.h>
#include <errno.h>
#include <linux/dma-buf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "access.h"
#include "api.h"
#include "buffer.h"
#include "heap.h"

static_assert(sizeof(off_t) == sizeof(uint64_t), "offsets need 64 bits");

static bool buffer_has_bytes(const struct dmabuf_heap_buffer *buffer,
			     uint64_t offset, size_t length)
{
	return offset <= buffer->length && length <= buffer->length - offset;
}

static int access_to_prot(unsigned int access)
{
	return (access & DBHEAP_READ ? PROT_READ : 0) |
	       (access & DBHEAP_WRITE ? PROT_WRITE : 0);
}

static size_t page_mask(void)
{
	return (size_t)sysconf(_SC_PAGESIZE) - 1;
}

DBHEAP_API int dmabuf_heap_buffer_map(struct dmabuf_heap_buffer *buffer,
				      uint64_t offset, size_t length,
				      unsigned int access, void **address)
{
	size_t before = offset & page_mask();
	char *pages;

	if (!dbheap_access_is_valid(access) || !length ||
	    !buffer_has_bytes(buffer, offset, length))
		return -EINVAL;
	if (access & DBHEAP_WRITE && !buffer->writable)
		return -EACCES;
	if (length > SIZE_MAX - before)
		return -ENOMEM;
	pages = mmap(NULL, before + length, access_to_prot(access), MAP_SHARED,
		     buffer->fd, offset - before);
	if (pages == MAP_FAILED)
		return -errno;
	*address = pages + before;
	return 0;
}

/* The map's own pages are found again by rounding, so nothing is remembered. */
DBHEAP_API int dmabuf_heap_buffer_unmap(void *address, size_t length)
{
	size_t before = (uintptr_t)address & page_mask();

	if (munmap((char *)address - before, before + length))
		return -errno;
	return 0;
}

/*
 * Waiting for fences is cut short by any signal: the sync is not done then, and
 * to give up would leave the caller without a way to tell.
 */
static int buffer_sync(struct dmabuf_heap_buffer *buffer, unsigned int access,
		       uint64_t stage)
{
	struct dma_buf_sync sync = {
		.flags = access | stage,
	};
	int error;

	if (!dbheap_access_is_valid(access))
		return -EINVAL;
	do {
		error = dbheap_call(buffer->fd, DMA_BUF_IOCTL_SYNC, &sync);
	} while (error == -EINTR || error == -EAGAIN);
	return error;
}

DBHEAP_API int dmabuf_heap_buffer_sync_begin(struct dmabuf_heap_buffer *buffer,
					     unsigned int access)
{
	return buffer_sync(buffer, access, DMA_BUF_SYNC_START);
}

DBHEAP_API int dmabuf_heap_buffer_sync_end(struct dmabuf_heap_buffer *buffer,
					   unsigned int access)
{
	return buffer_sync(buffer, access, DMA_BUF_SYNC_END);
}

/* Between map and unmap: copies bytes one way with a sync on both sides. */
static int buffer_copy(struct dmabuf_heap_buffer *buffer, unsigned int access,
		       void *to, const void *from, size_t length)
{
	int error;

	error = dmabuf_heap_buffer_sync_begin(buffer, access);
	if (error)
		return error;
	memcpy(to, from, length);
	return dmabuf_heap_buffer_sync_end(buffer, access);
}

DBHEAP_API int dmabuf_heap_buffer_read(struct dmabuf_heap_buffer *buffer,
				       uint64_t offset, void *data,
				       size_t length)
{
	void *from;
	int error;

	if (!length)
		return buffer_has_bytes(buffer, offset, 0) ? 0 : -EINVAL;
	error = dmabuf_heap_buffer_map(buffer, offset, length, DBHEAP_READ,
				       &from);
	if (error)
		return error;
	error = buffer_copy(buffer, DBHEAP_READ, data, from, length);
	dmabuf_heap_buffer_unmap(from, length);
	return error;
}

DBHEAP_API int dmabuf_heap_buffer_write(struct dmabuf_heap_buffer *buffer,
					uint64_t offset, const void *data,
					size_t length)
{
	void *to;
	int error;

	if (!length)
		return buffer_has_bytes(buffer, offset, 0) ? 0 : -EINVAL;
	error = dmabuf_heap_buffer_map(buffer, offset, length, DBHEAP_WRITE,
				       &to);
	if (error)
		return error;
	error = buffer_copy(buffer, DBHEAP_WRITE, to, data, length);
	dmabuf_heap_buffer_unmap(to, length);
	return error;
}
