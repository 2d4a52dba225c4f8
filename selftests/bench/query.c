// SPDX-License-Identifier: GPL-2.0
/*
 * What QUERY costs, where there are few buffers and where there are very many.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "bench.h"

#define ROOM		256	/* records that one call can write */
#define ONES		101	/* calls for one buffer */
#define PASSES		5	/* over all buffers */

static const struct crowd {
	int count;
	const char *all, *by_fd, *by_id;
} crowds[] = {
	{ 100, "QUERY all of 100, each", "QUERY by fd, 100", "QUERY by id, 100" },
	{ 100000, "QUERY all of 100000, each", "QUERY by fd, 100000", "QUERY by id, 100000" },
};

/* Time for each buffer when all are asked for. */
static __u64 query_all_once(int heap, struct dmabuf_heap_buffer_record *records, int count)
{
	__u64 start = heap_now(), cursor = 0;
	bool more = true;
	int seen = 0;

	while (more)
		seen += bench_fd(heap_query_all(heap, &cursor, &more, records, ROOM));
	if (seen < count)
		ksft_exit_fail_msg("QUERY saw %d of %d buffers\n", seen, count);
	return (heap_now() - start) / seen;
}

static void report(const char *what, __u64 *samples, int count, struct spread *spread)
{
	*spread = measure_spread(samples, count);
	printf("# %-26s %20llu\n", what, (unsigned long long)spread->median);
	fflush(stdout);
}

/* What comes back from the child, in the order of struct crowd's names. */
struct answer {
	struct spread spread[3];
};

static void crowd_create(int heap, int count)
{
	while (count--)
		bench_fd(heap_create(heap, HEAP_PAGE));
}

static void crowd_measure(int heap, const struct crowd *crowd, struct answer *answer)
{
	struct dmabuf_heap_buffer_record *records = bench_pointer(calloc(ROOM, sizeof(*records)));
	__u64 samples[ONES], start, id;
	int buffer, i;

	crowd_create(heap, crowd->count / 2);
	buffer = bench_fd(heap_create_id(heap, HEAP_PAGE, &id));
	crowd_create(heap, crowd->count - crowd->count / 2 - 1);
	for (i = -1; i < PASSES; i++) {
		start = query_all_once(heap, records, crowd->count);
		if (i >= 0)
			samples[i] = start;
	}
	report(crowd->all, samples, PASSES, &answer->spread[0]);
	for (i = 0; i < ONES; i++) {
		start = heap_now();
		bench_fd(heap_query(heap, buffer, records));
		samples[i] = heap_now() - start;
	}
	report(crowd->by_fd, samples, ONES, &answer->spread[1]);
	for (i = 0; i < ONES; i++) {
		start = heap_now();
		bench_fd(heap_query_id(heap, id, records));
		samples[i] = heap_now() - start;
	}
	report(crowd->by_id, samples, ONES, &answer->spread[2]);
	free(records);
}

/* In a process of its own, whose end gives all back. */
static void crowd_in_child(int heap, const struct crowd *crowd)
{
	struct rlimit files = { crowd->count + 100, crowd->count + 100 };
	struct answer answer;
	int tube[2];

	bench_fd(pipe(tube) ? -errno : 0);
	fflush(stdout);
	if (!fork()) {
		bench_fd(setrlimit(RLIMIT_NOFILE, &files) ? -errno : 0);
		crowd_measure(heap, crowd, &answer);
		_exit(write(tube[1], &answer, sizeof(answer)) != sizeof(answer));
	}
	close(tube[1]);
	if (read(tube[0], &answer, sizeof(answer)) != sizeof(answer))
		ksft_exit_fail_msg("no room for %d buffers\n", crowd->count);
	close(tube[0]);
	wait(NULL);
	measure_record(crowd->all, HEAP_PAGE, "dmabuf-heap", NULL, &answer.spread[0]);
	measure_record(crowd->by_fd, HEAP_PAGE, "dmabuf-heap", NULL, &answer.spread[1]);
	measure_record(crowd->by_id, HEAP_PAGE, "dmabuf-heap", NULL, &answer.spread[2]);
}

void bench_query(int heap)
{
	unsigned int i;

	printf("# What QUERY takes, median in %s:\n", measure_clock());
	for (i = 0; i < ARRAY_SIZE(crowds); i++)
		crowd_in_child(heap, &crowds[i]);
}
