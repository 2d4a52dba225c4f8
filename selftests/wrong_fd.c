// SPDX-License-Identifier: GPL-2.0
/*
 * Fds that are no buffer and no device: see wrong_fd.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "device.h"
#include "wrong_fd.h"

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

/* None of these is a buffer, and none of them is or belongs to a device that does DMA. */
static const char * const paths[] = {
	"/", "/proc/self", "/proc/self/status",
	"/dev", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/hpet", "/dev/ptmx",
	"/dev/vda", "/dev/loop0", "/dev/ram0",
	"/sys", "/sys/kernel", "/sys/class/misc", "/sys/bus/pci/devices",
	"/sys/bus/pci/drivers", "/sys/module/vgem", "/sys/kernel/uevent_seqnum",
	/* Devices, but without DMA. */
	"/sys/class/mem/null", "/sys/class/misc/dmabuf-heap", "/sys/devices/pci0000:00",
	"/sys/devices/system/cpu/cpu0", "/sys/devices/virtual/block/loop0",
};

static void add(struct wrong_fds *fds, const char *what, int fd, int buffer_error,
		int device_error)
{
	if (fds->count == WRONG_FD_ROOM)
		return;
	fds->fd[fds->count++] = (struct wrong_fd) {
		.what = what,
		.fd = fd,
		.buffer_error = buffer_error,
		.device_error = device_error,
	};
}

/* An fd that is ours to close; nothing where it couldn't be opened. */
static void add_opened(struct wrong_fds *fds, const char *what, int fd, int buffer_error,
		       int device_error)
{
	if (fd < 0)
		return;
	add(fds, what, fd, buffer_error, device_error);
	fds->fd[fds->count - 1].opened = true;
}

/* Only a name of the buffer: nothing can be done with it. */
static int path_of(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_PATH | O_CLOEXEC);
}

static void add_special(struct wrong_fds *fds)
{
	int pair[2];

	if (!pipe2(pair, O_CLOEXEC)) {
		add_opened(fds, "a pipe to read", pair[0], EINVAL, ENODEV);
		add_opened(fds, "a pipe to write", pair[1], EINVAL, ENODEV);
	}
	add_opened(fds, "a socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), EINVAL,
		   ENODEV);
	add_opened(fds, "an epoll", epoll_create1(EPOLL_CLOEXEC), EINVAL, ENODEV);
	add_opened(fds, "an eventfd", eventfd(0, EFD_CLOEXEC), EINVAL, ENODEV);
	add_opened(fds, "a memfd", memfd_create("wrong", MFD_CLOEXEC), EINVAL, ENODEV);
	add_opened(fds, "another's dma-buf", device_foreign_buffer(), EINVAL, ENODEV);
}

void wrong_fds_open(struct wrong_fds *fds, const struct subject *on)
{
	size_t i;
	int closed;

	memset(fds, 0, sizeof(*fds));
	for (i = 0; i < ROWS(paths); i++)
		add_opened(fds, paths[i], open(paths[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC),
			   EINVAL, ENODEV);
	add_special(fds);
	add_opened(fds, "an O_PATH of the buffer", path_of(on->buffer), EBADF, EBADF);
	add_opened(fds, "an O_PATH of a device",
		   open("/dev/dri/card0", O_PATH | O_CLOEXEC), EBADF, EBADF);
	add(fds, "the heap itself", on->heap, EINVAL, ENODEV);
	add(fds, "the buffer", on->buffer, 0, ENODEV);
	add(fds, "-1", -1, EBADF, 0);
	add(fds, "-2", -2, EBADF, EBADF);
	add(fds, "the smallest number", -0x7fffffff - 1, EBADF, EBADF);
	add(fds, "the largest number", 0x7fffffff, EBADF, EBADF);
	closed = fcntl(on->heap, F_DUPFD_CLOEXEC, 500);
	close(closed);
	add(fds, "a closed one", closed, EBADF, EBADF);
}

void wrong_fds_close(struct wrong_fds *fds)
{
	while (fds->count--)
		if (fds->fd[fds->count].opened)
			close(fds->fd[fds->count].fd);
}

static void fd_set_at(union subject_arg *arg, size_t offset, int fd)
{
	memcpy((char *)arg + offset, &fd, sizeof(fd));
}

void wrong_fds_as_buffer(const struct wrong_fds *fds, struct subject *on,
			 struct wrong_witness *witness)
{
	static const struct {
		int cmd;
		size_t offset;
	} places[] = {
		{ DMABUF_HEAP_CMD_ATTACH, offsetof(struct dmabuf_heap_attach, fd) },
		{ DMABUF_HEAP_CMD_DETACH, offsetof(struct dmabuf_heap_detach, fd) },
		{ DMABUF_HEAP_CMD_COMMIT, offsetof(struct dmabuf_heap_commit, fd) },
		{ DMABUF_HEAP_CMD_SEAL, offsetof(struct dmabuf_heap_seal, fd) },
		{ DMABUF_HEAP_CMD_QUERY, offsetof(struct dmabuf_heap_query, fd) },
		{ DMABUF_HEAP_CMD_QUERY_ATTACHMENTS,
		  offsetof(struct dmabuf_heap_query_attachments, fd) },
	};
	union subject_arg arg;
	char what[128];
	size_t i;
	int j;

	for (i = 0; i < ROWS(places); i++) {
		const struct subject_call *call = &subject_calls[places[i].cmd];

		for (j = 0; j < fds->count; j++) {
			if (!fds->fd[j].buffer_error)
				continue;
			subject_fill(on, call->number, &arg);
			fd_set_at(&arg, places[i].offset, fds->fd[j].fd);
			snprintf(what, sizeof(what), "%s.fd = %s", call->name,
				 fds->fd[j].what);
			wrong_tell(witness, what, fds->fd[j].buffer_error,
				   heap_ioctl(on->heap, call->number, &arg));
		}
	}
}

void wrong_fds_as_device(const struct wrong_fds *fds, struct subject *on,
			 struct wrong_witness *witness)
{
	static const __u32 flags[] = { 0, DMABUF_HEAP_ATTACH_TEST };
	union subject_arg arg;
	char what[128];
	size_t i;
	int j;

	for (i = 0; i < ROWS(flags); i++) {
		for (j = 0; j < fds->count; j++) {
			if (!fds->fd[j].device_error)
				continue;
			subject_fill(on, DMABUF_HEAP_IOC_ATTACH, &arg);
			arg.attach.flags = flags[i];
			arg.attach.device_fd = fds->fd[j].fd;
			snprintf(what, sizeof(what), "attach.device_fd = %s%s",
				 fds->fd[j].what, flags[i] ? " (TEST)" : "");
			wrong_tell(witness, what, fds->fd[j].device_error,
				   heap_ioctl(on->heap, DMABUF_HEAP_IOC_ATTACH, &arg));
		}
	}
}
