// SPDX-License-Identifier: GPL-2.0
/*
 * What any holder can do with a dma-buf's fd: copy it, send it to another process,
 * wait on it, synchronise, fork. Lengths are bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>

#include "calls.h"
#include "heap.h"

/* Newer than some headers. */
struct fence_export {
	__u32 flags;
	__s32 fd;
};

#define FENCE_EXPORT	_IOWR(DMA_BUF_BASE, 2, struct fence_export)
#define FENCE_IMPORT	_IOW(DMA_BUF_BASE, 3, struct fence_export)

static long result(long rc)
{
	return rc < 0 ? -errno : rc;
}

/* Few kinds are closed often: the others are made seldom. */
long call_close(struct worker *worker)
{
	enum slot_kind kind = worker_below(worker, 8);

	return worker_drop(worker, kind < SLOT_KINDS && kind != SLOT_HEAP ? kind : SLOT_BUFFER);
}

long call_dup(struct worker *worker)
{
	int fd = worker_fd(worker, SLOT_BUFFER);

	return worker_keep(worker, SLOT_BUFFER,
			   result(fcntl(fd, F_DUPFD_CLOEXEC, worker_below(worker, 64))));
}

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(3 * sizeof(int))];
};

long call_send(struct worker *worker)
{
	int count = 1 + worker_below(worker, 3), i, fd;
	union control control = {};
	struct iovec data = { .iov_base = &count, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
	for (i = 0; i < count; i++) {
		fd = worker_fd(worker, SLOT_BUFFER);
		memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &fd, sizeof(int));
	}
	return result(sendmsg(worker->process->socket[0], &message, MSG_DONTWAIT));
}

long call_receive(struct worker *worker)
{
	union control control = {};
	char byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int i, fd, count = 0;
	long rc;

	rc = recvmsg(worker->process->socket[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (rc > 0 && message.msg_controllen >= CMSG_LEN(0))
		count = (control.header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
	for (i = 0; i < count; i++) {
		memcpy(&fd, CMSG_DATA(&control.header) + i * sizeof(int), sizeof(int));
		worker_keep(worker, SLOT_BUFFER, fd);
	}
	return result(rc);
}

long call_poll(struct worker *worker)
{
	static const short events[] = { POLLIN, POLLOUT, POLLIN | POLLOUT, POLLPRI, 0 };
	struct pollfd fds[3];
	int i;

	for (i = 0; i < 3; i++) {
		fds[i].fd = worker_fd(worker, i == 2 ? SLOT_SYNC : SLOT_BUFFER);
		fds[i].events = worker_one_of(worker, events);
	}
	return result(poll(fds, 3, worker_below(worker, 2)));
}

long call_sync(struct worker *worker)
{
	static const __u64 flags[] = {
		DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW,
		DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ,
		DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE,
		0, 0x80, ~0ULL,
	};
	struct dma_buf_sync sync = { .flags = worker_one_of(worker, flags) };

	return result(ioctl(worker_fd(worker, SLOT_BUFFER), DMA_BUF_IOCTL_SYNC, &sync));
}

long call_set_name(struct worker *worker)
{
	static const char *const names[] = {
		"", "name", "a\nb", "\x01", "0123456789012345678901234567890",
		"longer than any name of a dma-buf can be, by much",
	};
	const char *name = worker_one_of(worker, names);

	if (worker_once_in(worker, 8))
		name = worker_place(worker, 32, NULL);
	return result(ioctl(worker_fd(worker, SLOT_BUFFER), DMA_BUF_SET_NAME, name));
}

long call_export_fence(struct worker *worker)
{
	struct fence_export fence = { .flags = worker_below(worker, 5), .fd = -1 };
	long rc = result(ioctl(worker_fd(worker, SLOT_BUFFER), FENCE_EXPORT, &fence));

	return rc ? rc : worker_keep(worker, SLOT_SYNC, fence.fd);
}

long call_import_fence(struct worker *worker)
{
	struct fence_export fence = { .flags = worker_below(worker, 5) };

	fence.fd = worker_fd(worker, SLOT_SYNC);
	return result(ioctl(worker_fd(worker, SLOT_BUFFER), FENCE_IMPORT, &fence));
}

long call_seek(struct worker *worker)
{
	off_t offset = worker_number(worker);

	return result(lseek(worker_fd(worker, SLOT_BUFFER), offset, worker_below(worker, 5)) < 0 ?
		      -1 : 0);
}

long call_fdinfo(struct worker *worker)
{
	char path[64], text[256];
	long rc;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", worker_fd(worker, SLOT_BUFFER));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = result(read(fd, text, sizeof(text)));
	close(fd);
	return rc;
}

/* A dma-buf can't be opened by its link, whatever the mode. */
long call_reopen(struct worker *worker)
{
	static const int flags[] = { O_RDONLY, O_RDWR, O_PATH, O_RDWR | O_APPEND };
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", worker_fd(worker, SLOT_BUFFER));
	fd = open(path, worker_one_of(worker, flags) | O_CLOEXEC | O_NONBLOCK);
	return worker_keep(worker, SLOT_BUFFER, result(fd));
}

/* The child has its parent's fds and maps; it uses some, and ends. */
long call_fork(struct worker *worker)
{
	char *page = worker_window_page(worker);
	bool writes = worker_below(worker, 2);
	int fd = worker_fd(worker, SLOT_BUFFER), status;
	pid_t child = fork();
	char byte;

	if (child < 0)
		return -errno;
	if (child) {
		waitpid(child, &status, 0);
		return WIFSIGNALED(status) ? -WTERMSIG(status) : 0;
	}
	worker_copy(worker, &byte, page, 1);
	if (writes)
		worker_copy(worker, page, &byte, 1);
	heap_commit(worker->process->fds[SLOT_HEAP][0], fd);
	munmap(page, HEAP_PAGE);
	close(fd);
	_exit(0);
}

/* From the kernel's own heap, where there is one. */
static int foreign_heap(__u64 length)
{
	struct dma_heap_allocation_data data = {
		.len = length,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC), rc;

	if (heap < 0)
		return -errno;
	rc = ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data);
	close(heap);
	return rc < 0 ? rc : (int)data.fd;
}

static int foreign_udmabuf(__u64 length)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = length };
	int node = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), rc = -1;

	if (node < 0)
		return -errno;
	create.memfd = memfd_create("fuzz", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if (!ftruncate(create.memfd, length) &&
	    !fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		rc = ioctl(node, UDMABUF_CREATE, &create);
	close(create.memfd);
	close(node);
	return rc;
}

/* A dma-buf that isn't the heap's, among those that are. */
long call_foreign(struct worker *worker)
{
	bool is_heap = worker_below(worker, 2);
	__u64 length = HEAP_PAGE * (1 + worker_below(worker, 4));
	int fd = is_heap ? foreign_heap(length) : foreign_udmabuf(length);

	return worker_keep(worker, SLOT_BUFFER, fd < 0 ? -errno : fd);
}
