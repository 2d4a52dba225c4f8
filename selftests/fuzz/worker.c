// SPDX-License-Identifier: GPL-2.0
/*
 * Workers: see worker.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "heap.h"
#include "program.h"
#include "worker.h"

/* Far from where the kernel and the C library place things by themselves. */
#define WINDOWS_START	0x2000000000ULL

static __thread struct worker *current;

/* @size bytes, with a page after them that isn't there. */
static char *map_with_end(size_t size, int protection)
{
	char *map = mmap(NULL, size + HEAP_PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	memset(map, 0, size);
	if (mprotect(map + size, HEAP_PAGE, PROT_NONE) || mprotect(map, size, protection))
		return NULL;
	return map;
}

int process_init(struct process *process, unsigned int number, const int *socket)
{
	int kind, heap, i;

	memset(process, 0, sizeof(*process));
	process->number = number;
	memcpy(process->socket, socket, sizeof(process->socket));
	for (kind = 0; kind < SLOT_KINDS; kind++)
		for (i = 0; i < SLOTS; i++)
			process->fds[kind][i] = -1;
	process->shared = map_with_end(2 * HEAP_PAGE, PROT_READ | PROT_WRITE);
	if (!process->shared)
		return -ENOMEM;
	heap = heap_open();
	process->fds[SLOT_HEAP][0] = heap;
	if (heap < 0)
		return heap;
	/* Nobody waits for events in read(). */
	return fcntl(heap, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

int worker_init(struct worker *worker, struct process *process)
{
	memset(worker, 0, sizeof(*worker));
	worker->process = process;
	worker->fail_nth = -1;
	worker->arena = map_with_end(PLACE_ROOM, PROT_READ | PROT_WRITE);
	worker->constant = map_with_end(HEAP_PAGE, PROT_READ);
	return worker->arena && worker->constant ? 0 : -ENOMEM;
}

static void on_fault(int signal_number)
{
	if (current && current->is_guarded) {
		current->is_guarded = 0;
		siglongjmp(current->escape, 1);
	}
	signal(signal_number, SIG_DFL);
}

void worker_catch_faults(struct worker *worker)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	current = worker;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static __u16 worker_word(struct worker *worker)
{
	__u16 word = worker->words[worker->at++ % CALL_WORDS];

	worker->trace = (worker->trace ^ word) * 0x100000001b3ULL;
	return word;
}

__u32 worker_below(struct worker *worker, __u32 limit)
{
	return worker_word(worker) * limit >> 16;
}

bool worker_once_in(struct worker *worker, __u32 times)
{
	return !worker_below(worker, times);
}

__u64 worker_number(struct worker *worker)
{
	__u32 shift = worker_below(worker, 64);
	__u64 number = 1ULL << shift;

	switch (worker_below(worker, 8)) {
	case 0:
		return number;
	case 1:
		return number - 1;
	case 2:
		return -number;
	case 3:
		return number + worker_word(worker);
	case 4:
		return ~0ULL;
	case 5:
		return 0;
	default:
		return worker_word(worker);
	}
}

int worker_fd(struct worker *worker, enum slot_kind kind)
{
	__u32 choice = worker_below(worker, 64), slot = worker_below(worker, SLOTS);
	static const int bad[] = { -1, -2, 0, 1023, 0x7fffffff, -0x7fffffff };

	if (choice == 0)
		return worker_one_of(worker, bad);
	if (choice == 1)
		kind = worker_below(worker, SLOT_KINDS);
	/* Half of all go to few, so that threads meet. */
	if (choice & 1)
		slot &= 3;
	if (kind == SLOT_HEAP)
		slot = choice == 2;
	return worker->process->fds[kind][slot];
}

int worker_keep(struct worker *worker, enum slot_kind kind, int fd)
{
	__u32 slot = worker_below(worker, 2) ? worker_below(worker, SLOTS) :
					       worker_below(worker, 4);
	int old;

	if (kind == SLOT_HEAP)
		slot = 1;
	if (fd < 0)
		return fd;
	old = atomic_exchange(&worker->process->fds[kind][slot], fd);
	if (old >= 0)
		close(old);
	return fd;
}

int worker_drop(struct worker *worker, enum slot_kind kind)
{
	__u32 slot = kind == SLOT_HEAP ? 1 : worker_below(worker, SLOTS);
	int fd = atomic_exchange(&worker->process->fds[kind][slot], -1);

	return close(fd) ? -errno : 0;
}

static void *place_bad(struct worker *worker)
{
	static const __u64 bad[] = {
		0, 1, HEAP_PAGE, 0x7ffffffff000, 0x800000000000, 0x8000000000000000,
		0xffff800000000000, 0xffffffff81000000, 0xfffffffffffff000, ~0ULL,
	};

	return (void *)(uintptr_t)worker_one_of(worker, bad);
}

static void *place_in_order(struct worker *worker, size_t size)
{
	char *place = worker->arena + worker->used;

	if (size > PLACE_ROOM - worker->used)
		return worker->arena;
	worker->used += (size + 15) & ~15ULL;
	return place;
}

void *worker_place(struct worker *worker, size_t size, bool *is_own)
{
	char *end = worker->arena + PLACE_ROOM;
	__u32 choice = worker_below(worker, 40);

	if (size > PLACE_ROOM)
		size = PLACE_ROOM;
	if (is_own)
		*is_own = choice == 0 || choice > 6;
	switch (choice) {
	case 0:
		return end - size;
	case 1:
		return end - worker_below(worker, size + 1);
	case 2:
		return worker->constant + worker_below(worker, HEAP_PAGE);
	case 3:
		return worker->process->shared;
	case 4:
		return worker->process->shared + worker_below(worker, 2 * HEAP_PAGE);
	case 5:
		return worker_window_page(worker) + worker_below(worker, HEAP_PAGE);
	case 6:
		return place_bad(worker);
	default:
		return place_in_order(worker, size);
	}
}

int worker_copy(struct worker *worker, void *to, const void *from, size_t size)
{
	if (sigsetjmp(worker->escape, 0))
		return -EFAULT;
	worker->is_guarded = 1;
	memcpy(to, from, size);
	worker->is_guarded = 0;
	return 0;
}

char *worker_window(struct worker *worker)
{
	return (char *)WINDOWS_START +
	       worker_below(worker, WINDOWS) * WINDOW_PAGES * HEAP_PAGE;
}

char *worker_window_page(struct worker *worker)
{
	__u32 page = worker_once_in(worker, 8) ? worker_below(worker, WINDOW_PAGES / 4) :
						 worker_below(worker, 3);

	return worker_window(worker) + page * HEAP_PAGE;
}

static void worker_fail_set(struct worker *worker, unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	if (write(worker->fail_nth, text, length) != length)
		worker->fail_nth = -1;
}

void worker_fail_begin(struct worker *worker)
{
	__u32 nth = 1 + worker_below(worker, 24);

	worker->is_failing = worker_once_in(worker, 12) && worker->fail_nth >= 0;
	if (worker->is_failing)
		worker_fail_set(worker, nth);
}

void worker_fail_end(struct worker *worker)
{
	if (worker->is_failing)
		worker_fail_set(worker, 0);
}
