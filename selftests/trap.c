// SPDX-License-Identifier: GPL-2.0
/*
 * Traps for whoever writes to an arena: see trap.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#include "trap.h"

int trap_set(const struct arena *arena)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_PAGEFAULT_FLAG_WP,
	};
	struct uffdio_register area = {
		.range = { (uintptr_t)arena->start, ARENA_LENGTH },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect protect = {
		.range = area.range,
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	/* One that would wait in read() can't be polled. */
	int trap = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (trap < 0)
		return -errno;
	/* Only pages that are there can be write-protected. */
	if (madvise(arena->start, ARENA_LENGTH, MADV_POPULATE_WRITE) ||
	    ioctl(trap, UFFDIO_API, &api) || ioctl(trap, UFFDIO_REGISTER, &area) ||
	    ioctl(trap, UFFDIO_WRITEPROTECT, &protect)) {
		close(trap);
		return -EOPNOTSUPP;
	}
	return trap;
}

bool trap_has_caught(int trap)
{
	struct pollfd poll_trap = { .fd = trap, .events = POLLIN };
	struct uffd_msg message;

	return poll(&poll_trap, 1, 10000) == 1 &&
	       read(trap, &message, sizeof(message)) == sizeof(message) &&
	       message.event == UFFD_EVENT_PAGEFAULT &&
	       message.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP;
}

int trap_open(int trap, const struct arena *arena)
{
	struct uffdio_writeprotect allow = {
		.range = { (uintptr_t)arena->start, ARENA_LENGTH },
	};

	return ioctl(trap, UFFDIO_WRITEPROTECT, &allow) ? -errno : 0;
}
