// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel memory that many buffers cost, each: by what is free before and while they
 * live. As a promise for buffers without memory of their own, and as figures for
 * everybody's with memory, beyond its pages.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../kmod/bare.h"
#include "bench.h"
#include "peer.h"

#define BYTES_MAX	1280	/* per buffer, beyond a bare dma-buf's */
#define MANY		10000
#define MANY_LENGTH	(64 * HEAP_MIB)
#define BACKED_MAX	HEAP_GIB	/* in one crowd */
#define SAMPLES		3

#define NOISE		256	/* KiB that come and go by themselves */
#define SETTLED		5	/* times that free memory has to be the same */

/* Buffers that live at once. */
struct crowd {
	int (*create)(int exporter, __u64 length);
	int exporter;
	__u64 length;
	int count;
	bool backed;
};

/* An fd of a dma-buf that is bare, see kmod/. */
static int bare_create(int bare, __u64 length)
{
	int buffer = ioctl(bare, BARE_CREATE, length);

	return buffer < 0 ? -errno : buffer;
}

/* Free pages that CPUs keep at hand, which MemFree leaves out. */
static __u64 stock_kib(void)
{
	FILE *file = bench_pointer(fopen("/proc/zoneinfo", "re"));
	unsigned long long count, pages = 0;
	char line[256];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %llu", &count) == 1)
			pages += count;
	fclose(file);
	return pages * (HEAP_PAGE / HEAP_KIB);
}

/*
 * Free memory, once all that could be freed is: what has just ended is freed bit
 * by bit, after a while (RCU).
 */
static __u64 free_kib(void)
{
	__u64 before, now = 0;
	int still = 0;

	while (still < SETTLED) {
		before = now;
		heap_file_write("/proc/sys/vm/drop_caches", "3");
		usleep(100000);
		now = heap_file_field("/proc/meminfo", "MemFree") + stock_kib();
		still = now < before + NOISE && before < now + NOISE ? still + 1 : 0;
	}
	return now;
}

/* With all of its memory, and without what a map in a process costs. */
static void back(int buffer, __u64 length)
{
	char *map = bench_pointer(heap_mmap(buffer, length));
	__u64 offset;

	for (offset = 0; offset < length; offset += HEAP_PAGE)
		map[offset] = 1;
	munmap(map, length);
}

/* Bytes per buffer that all of them together cost while they live. */
static long crowd_cost(const struct crowd *crowd)
{
	struct rlimit files = { crowd->count + 100, crowd->count + 100 };
	__u64 before, after;
	int i, buffer;

	if (setrlimit(RLIMIT_NOFILE, &files))
		return -errno;
	/* The table of fds is the process', not the buffers'. */
	close(bench_fd(fcntl(crowd->exporter, F_DUPFD, crowd->count + 50)));
	before = free_kib();
	for (i = 0; i < crowd->count; i++) {
		buffer = bench_fd(crowd->create(crowd->exporter, crowd->length));
		if (crowd->backed)
			back(buffer, crowd->length);
	}
	after = free_kib();
	return (long)(before - after) * 1024 / crowd->count;
}

/* In a process of its own, whose end gives all back. */
static long crowd_cost_in_child(const struct crowd *crowd)
{
	long cost;
	int answer[2];

	bench_fd(pipe(answer) ? -errno : 0);
	fflush(stdout);
	if (!fork()) {
		cost = crowd_cost(crowd);
		_exit(write(answer[1], &cost, sizeof(cost)) != sizeof(cost));
	}
	close(answer[1]);
	if (read(answer[0], &cost, sizeof(cost)) != sizeof(cost))
		ksft_exit_fail_msg("no room for %d buffers of %s\n", crowd->count,
				   bench_length(crowd->length));
	close(answer[0]);
	wait(NULL);
	return cost;
}

void bench_many(int heap)
{
	static const char what[] = "many: 1.25 KiB beyond a bare dma-buf are enough";
	struct crowd bare = { bare_create, bench_bare_open(), MANY_LENGTH, MANY, false };
	struct crowd ours = { heap_create, heap, MANY_LENGTH, MANY, false };
	__u64 most = 0, cost, beyond[SAMPLES], least = ~0ULL;
	struct spread spread;
	int i;

	if (bare.exporter < 0) {
		bench_skip("%s: bare.ko is not loaded\n", what);
		return;
	}
	/* The least of one against the most of the other, after a round to warm up. */
	for (i = -1; i < SAMPLES; i++) {
		cost = crowd_cost_in_child(&bare);
		if (i >= 0 && cost < least)
			least = cost;
		cost = crowd_cost_in_child(&ours);
		if (i < 0)
			continue;
		beyond[i] = cost;
		most = cost > most ? cost : most;
	}
	close(bare.exporter);
	for (i = 0; i < SAMPLES; i++)
		beyond[i] -= least;
	spread = measure_spread(beyond, SAMPLES);
	measure_record("memory, beyond a bare dma-buf", MANY_LENGTH, "dmabuf-heap", "bytes",
		       &spread);
	ksft_print_msg("%d buffers of 64 MiB at once, beyond a bare dma-buf: %llu bytes each\n",
		       MANY, (unsigned long long)(most - least));
	bench_result(most - least <= BYTES_MAX, "%s\n", what);
}

/* Beyond the pages, one row of the table. */
static void memory_row(const char *what, struct crowd *crowds, const char * const *names,
		       int count)
{
	__u64 pages = crowds->backed ? crowds->length : 0;
	__u64 samples[PEERS_MAX][SAMPLES];
	struct spread spread;
	int i, who;

	for (i = -1; i < SAMPLES; i++)
		for (who = 0; who < count; who++) {
			long cost = crowd_cost_in_child(&crowds[who]) - pages;

			if (i >= 0)
				samples[who][i] = cost > 0 ? cost : 0;
		}
	printf("# %-26s %7s", what, bench_length(crowds->length));
	for (who = 0; who < count; who++) {
		spread = measure_spread(samples[who], SAMPLES);
		/* Less than its pages: those of vgem can go when nobody maps them. */
		if (!spread.median) {
			printf(" %12s", "-");
			continue;
		}
		measure_record(what, crowds->length, names[who], "bytes", &spread);
		printf(" %12llu", (unsigned long long)spread.median);
	}
	printf("   +-%d\n", NOISE * 1024 / crowds->count);
	fflush(stdout);
}

static void memory_unbacked(int heap)
{
	static const char * const names[] = { "dmabuf-heap", "bare dma-buf" };
	struct crowd crowds[] = {
		{ heap_create, heap, MANY_LENGTH, MANY, false },
		{ bare_create, bench_bare_open(), MANY_LENGTH, MANY, false },
	};

	printf("# %-26s %7s %12s %12s\n", "bytes", "length", names[0], names[1]);
	memory_row("memory, without pages", crowds, names, crowds[1].exporter < 0 ? 1 : 2);
	close(crowds[1].exporter);
}

void bench_memory(int heap)
{
	struct crowd crowds[PEERS_MAX];
	const char *names[PEERS_MAX];
	struct peer peers[PEERS_MAX];
	bool has_heap;
	int count, i, who;

	printf("# Kernel memory of one buffer beyond its pages, of many that live at once:\n");
	memory_unbacked(heap);
	count = peers_open(heap, peers, PEERS_MAX, &has_heap);
	printf("# %-26s %7s", "bytes", "length");
	for (who = 0; who < count; who++) {
		names[who] = peers[who].name;
		printf(" %12s", names[who]);
	}
	printf("\n");
	for (i = 0; i < BENCH_LENGTHS; i++) {
		__u64 fit = BACKED_MAX / bench_lengths[i];

		for (who = 0; who < count; who++)
			crowds[who] = (struct crowd) {
				peers[who].create, peers[who].exporter, bench_lengths[i],
				fit < MANY ? fit : MANY, true,
			};
		memory_row("memory, with pages", crowds, names, count);
	}
	peers_close(peers, count);
}
