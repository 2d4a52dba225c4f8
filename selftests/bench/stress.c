// SPDX-License-Identifier: GPL-2.0
/*
 * How often contiguous memory is found, and how long that takes, on a machine that
 * is fresh, one that is full of pages which can be moved away, and one whose memory
 * is deliberately sprinkled with pages that can't. For a boot with little memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "bench.h"
#include "../load.h"

#define TRIES		8
#define RESERVE		(64 * HEAP_MIB)	/* what the machine itself can't do without */
#define PIECE		(256 * HEAP_KIB)	/* what is sprinkled, and what is free in between */

static const __u64 stress_lengths[] = { 4 * HEAP_MIB, 33 * HEAP_MIB, 64 * HEAP_MIB };

/* What fills memory, and how to be rid of it. */
struct filling {
	void *movable;
	__u64 length;
	int *pieces;
	long count;
};

/* Memory that can still be filled. */
static __u64 memory_free(void)
{
	__u64 bytes = heap_file_field("/proc/meminfo", "MemFree") * HEAP_KIB;

	return bytes > RESERVE ? bytes - RESERVE : 0;
}

/*
 * Pages of a file in memory: they have to stay, but it doesn't matter where. There is
 * room for them elsewhere, or nothing could be made free.
 */
static void fill_movable(struct filling *filling)
{
	filling->length = memory_free() - 2 * stress_lengths[2];
	filling->movable = mmap(NULL, filling->length, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (filling->movable == MAP_FAILED)
		bench_fd(-errno);
	memset(filling->movable, 1, filling->length);
}

/*
 * Most of memory in small buffers, of which every @keep -th stays where it is. What
 * they cost beyond their memory is seen as they come.
 */
static void fill_pieces(struct filling *filling, int keep)
{
	long most = memory_free() / PIECE, i;
	int heap = bench_fd(heap_open());

	filling->pieces = bench_pointer(calloc(most, sizeof(int)));
	bench_fd(load_fds(most));
	for (i = 0; i < most && memory_free() >= PIECE; i++) {
		filling->pieces[i] = bench_fd(heap_create(heap, PIECE));
		bench_fd(heap_commit(heap, filling->pieces[i]));
	}
	filling->count = i;
	for (i = 0; i < filling->count; i++) {
		if (i % keep) {
			close(filling->pieces[i]);
			filling->pieces[i] = -1;
		}
	}
	close(heap);
}

static void fill_dense(struct filling *filling)
{
	fill_pieces(filling, 4 * HEAP_MIB / PIECE);
}

static void fill_sparse(struct filling *filling)
{
	fill_pieces(filling, 256 * HEAP_MIB / PIECE);
}

static void filling_end(struct filling *filling)
{
	if (filling->movable)
		munmap(filling->movable, filling->length);
	while (filling->count--)
		if (filling->pieces[filling->count] >= 0)
			close(filling->pieces[filling->count]);
	free(filling->pieces);
}

static const struct state {
	const char *name, *found, *took;
	void (*fill)(struct filling *filling);
} states[] = {
	{ "fresh", "contiguous, fresh: found", "contiguous, fresh: took", NULL },
	{ "full of movable pages", "contiguous, movable: found",
	  "contiguous, movable: took", fill_movable },
	{ "256 KiB stuck in every 256 MiB", "contiguous, sparse: found",
	  "contiguous, sparse: took", fill_sparse },
	{ "256 KiB stuck in every 4 MiB", "contiguous, dense: found",
	  "contiguous, dense: took", fill_dense },
};

/* One buffer. How long it took, found or not. */
static __u64 stress_try(int heap, __u64 length, int *found)
{
	int buffer = bench_fd(heap_create(heap, length)), rc;
	__u64 start;

	bench_fd(heap_require_limit(heap, buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1, NULL, NULL));
	start = heap_now();
	rc = heap_commit(heap, buffer);
	start = heap_now() - start;
	close(buffer);
	if (rc && rc != -ENOMEM)
		bench_fd(rc);
	*found += !rc;
	return start;
}

static void stress_state(int heap, const struct state *state)
{
	struct spread took, counted;
	__u64 samples[TRIES];
	unsigned int i;
	int try, found;

	for (i = 0; i < ARRAY_SIZE(stress_lengths); i++) {
		__u64 length = stress_lengths[i];

		found = 0;
		for (try = 0; try < TRIES; try++)
			samples[try] = stress_try(heap, length, &found);
		took = measure_spread(samples, TRIES);
		counted = (struct spread) { found, found, found, found, 1 };
		measure_record(state->found, length, "dmabuf-heap", "of 8", &counted);
		measure_record(state->took, length, "dmabuf-heap", NULL, &took);
		printf("# %-30s %7s %3d of %d %9llu us\n", state->name, bench_length(length),
		       found, TRIES, (unsigned long long)took.median / 1000);
		fflush(stdout);
	}
}

void bench_stress(int heap)
{
	unsigned int i;

	ksft_print_msg("contiguous memory: found, and median time\n");
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		struct filling filling = {};

		if (states[i].fill)
			states[i].fill(&filling);
		stress_state(heap, &states[i]);
		filling_end(&filling);
	}
}
