// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers as memory of a process: mapped into windows, moved, cut, touched. All
 * addresses are in windows, so whatever is unmapped or overlaid was a buffer's.
 * Lengths are bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>
#include <sys/mman.h>

#include "calls.h"
#include "heap.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif

static const int protections[] = {
	PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_WRITE, PROT_NONE,
	PROT_READ | PROT_EXEC,
};

static long result(long rc)
{
	return rc < 0 ? -errno : rc;
}

static long map_result(const void *map)
{
	return map == MAP_FAILED ? -errno : 0;
}

static size_t some_length(struct worker *worker)
{
	__u32 choice = worker_below(worker, 16);

	if (choice == 0)
		return worker_below(worker, WINDOW_PAGES) * HEAP_PAGE;
	if (choice == 1)
		return HEAP_PAGE * 17 - worker_below(worker, 17 * HEAP_PAGE);
	if (choice < 10)
		return HEAP_PAGE;
	return HEAP_PAGE * (1 + worker_below(worker, 16));
}

long call_mmap(struct worker *worker)
{
	static const int flags[] = {
		MAP_SHARED, MAP_SHARED, MAP_SHARED, MAP_SHARED, MAP_SHARED | MAP_POPULATE,
		MAP_SHARED, MAP_SHARED, MAP_SHARED, MAP_SHARED_VALIDATE, MAP_PRIVATE,
		MAP_SHARED | MAP_LOCKED, MAP_PRIVATE | MAP_POPULATE,
	};
	static const __u64 offsets[] = {
		HEAP_PAGE, HEAP_PAGE, 2 * HEAP_PAGE, 15 * HEAP_PAGE, 1ULL << 32, -HEAP_PAGE,
		1ULL << 62, 1,
	};
	char *window = worker_window(worker);
	size_t length = some_length(worker);
	int fd = worker_fd(worker, SLOT_BUFFER);
	int protection = worker_one_of(worker, protections);
	int how = worker_one_of(worker, flags) | MAP_FIXED;
	__u64 offset = worker_once_in(worker, 6) ? worker_one_of(worker, offsets) : 0;
	void *map;

	worker_fail_begin(worker);
	map = mmap(window, length, protection, how, fd, offset);
	worker_fail_end(worker);
	return map_result(map);
}

long call_munmap(struct worker *worker)
{
	char *page = worker_below(worker, 2) ? worker_window(worker) : worker_window_page(worker);

	return result(munmap(page, some_length(worker)));
}

long call_mremap(struct worker *worker)
{
	static const int flags[] = {
		0, MREMAP_MAYMOVE | MREMAP_FIXED, MREMAP_MAYMOVE | MREMAP_FIXED,
		MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
	};
	char *from = worker_below(worker, 2) ? worker_window(worker) : worker_window_page(worker);
	char *to = worker_window(worker);
	size_t old = some_length(worker), new = worker_below(worker, 2) ? old : some_length(worker);

	/* An old length of 0 maps shared memory once more. */
	if (worker_once_in(worker, 8))
		old = 0;
	return map_result(mremap(from, old, new, worker_one_of(worker, flags), to));
}

long call_mprotect(struct worker *worker)
{
	char *page = worker_window_page(worker);
	size_t length = some_length(worker);

	return result(mprotect(page, length, worker_one_of(worker, protections)));
}

/* Not those that say a page is broken: that would be the machine's page. */
long call_madvise(struct worker *worker)
{
	static const int advice[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE,
		MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK, MADV_MERGEABLE, MADV_HUGEPAGE,
		MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP, MADV_WIPEONFORK, MADV_COLD,
		MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_DONTNEED,
	};
	char *page = worker_window_page(worker);
	size_t length = some_length(worker);

	return result(madvise(page, length, worker_one_of(worker, advice)));
}

/* Some pages from there on, at least one; the first that isn't there ends it. */
long call_touch(struct worker *worker)
{
	char *page = worker_below(worker, 2) ? worker_window(worker) : worker_window_page(worker);
	__u32 pages = 1 + worker_below(worker, 16), i;
	bool writes = worker_below(worker, 2);
	__u64 word = worker->trace;
	int rc = 0;

	for (i = 0; i < pages && !rc; i++, page += HEAP_PAGE)
		rc = writes ? worker_copy(worker, page, &word, sizeof(word)) :
			      worker_copy(worker, &word, page, sizeof(word));
	return i > 1 ? 0 : rc;
}

long call_lock(struct worker *worker)
{
	char *page = worker_window_page(worker);
	size_t length = some_length(worker);

	return result(worker_below(worker, 2) ? mlock(page, length) : munlock(page, length));
}

/* As a debugger looks at memory: by no page table. */
long call_peek(struct worker *worker)
{
	char *page = worker_window_page(worker), bytes[64] = {};
	bool writes = worker_below(worker, 2);
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	long rc;

	if (fd < 0)
		return -errno;
	rc = writes ? pwrite(fd, bytes, sizeof(bytes), (uintptr_t)page) :
		      pread(fd, bytes, sizeof(bytes), (uintptr_t)page);
	rc = result(rc);
	close(fd);
	return rc;
}

/* Changes the memory where other threads' calls may have their structs just now. */
long call_shared(struct worker *worker)
{
	char *page = worker->process->shared + HEAP_PAGE * worker_below(worker, 2);
	__u64 word = worker_number(worker);
	__u32 at = worker_below(worker, 32) * sizeof(word), times = 1 + worker_below(worker, 64);

	switch (worker_below(worker, 4)) {
	case 0:
		return result(mprotect(page, HEAP_PAGE, worker_one_of(worker, protections)));
	case 1:
		return result(madvise(page, HEAP_PAGE, MADV_DONTNEED));
	case 2:
		return result(mprotect(page, HEAP_PAGE, PROT_READ | PROT_WRITE));
	}
	while (times--)
		if (worker_copy(worker, page + at, &word, sizeof(word)))
			return -EFAULT;
	return 0;
}
