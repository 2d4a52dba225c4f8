// SPDX-License-Identifier: MIT
/*
 * Waiting for devices, by the fences that a dma-buf carries. Times here are
 * milliseconds.
 */
#include <errno.h>
#include <linux/dma-buf.h>
#include <poll.h>

#include "access.h"
#include "api.h"
#include "buffer.h"
#include "heap.h"

/* A dma-buf is "readable" without writers, and "writable" without any DMA. */
DBHEAP_API int dmabuf_heap_buffer_wait(struct dmabuf_heap_buffer *buffer,
				       unsigned int access, int timeout_ms)
{
	struct pollfd poll_fd = {
		.fd = buffer->fd,
		.events = access & DBHEAP_WRITE ? POLLOUT : POLLIN,
	};

	if (!dbheap_access_is_valid(access) || timeout_ms < -1)
		return -EINVAL;
	switch (poll(&poll_fd, 1, timeout_ms)) {
	case -1:
		return -errno;
	case 0:
		return -ETIMEDOUT;
	}
	return poll_fd.revents & poll_fd.events ? 0 : -EIO;
}

DBHEAP_API int
dmabuf_heap_buffer_export_fence(struct dmabuf_heap_buffer *buffer,
				unsigned int access, int *fd)
{
	struct dma_buf_export_sync_file export = {
		.flags = access,
		.fd = -1,
	};
	int error;

	error = dbheap_call(buffer->fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &export);
	if (error)
		return error;
	*fd = export.fd;
	return 0;
}

DBHEAP_API int
dmabuf_heap_buffer_import_fence(struct dmabuf_heap_buffer *buffer,
				unsigned int access, int fd)
{
	struct dma_buf_import_sync_file import = {
		.flags = access,
		.fd = fd,
	};

	return dbheap_call(buffer->fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &import);
}
