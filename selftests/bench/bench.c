// SPDX-License-Identifier: GPL-2.0
/*
 * What the heap costs, as figures, and as a test where the project has promised
 * something. Output is KTAP: figures are in its comments.
 *
 *   create   time of CREATE for a small and a large buffer
 *   many     kernel memory of 10,000 buffers without memory of their own
 *   share    allocations for one buffer that two devices map
 *   times    a buffer's life in steps, next to a memfd's
 *
 * Without one of these words: all of them.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC; in a machine that counts instructions
 * instead (boot.sh --icount) each is one instruction. Lengths are bytes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "kselftest.h"
#include "../drm.h"
#include "../heap.h"
#include "../kmod/bare.h"

#define SMALL		(4 * HEAP_KIB)
#define LARGE		(64 * HEAP_MIB)
#define CREATES		501	/* of each length */
#define RATIO_MAX	1.1

#define BUFFERS		10000
#define BYTES_MAX	2048	/* per buffer, beyond a bare dma-buf's */
#define NOISE		256	/* KiB that come and go by themselves */
#define SETTLED		5	/* times that free memory has to be the same */

#define ROUNDS		21
#define STEPS		4

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

/* Sorts the samples. */
static __u64 median(__u64 *samples, int count)
{
	qsort(samples, count, sizeof(*samples), compare);
	return samples[count / 2];
}

/* Does the machine count instructions? boot.sh --icount leaves its word for us. */
static bool clock_counts_instructions(void)
{
	char line[4096] = "";
	FILE *file = fopen("/proc/cmdline", "re");

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	return strstr(line, " icount=yes");
}

static void *check(void *pointer)
{
	if (!pointer) {
		perror("bench");
		exit(1);
	}
	return pointer;
}

static int check_fd(int fd)
{
	if (fd < 0) {
		fprintf(stderr, "bench: %s\n", strerror(-fd));
		exit(1);
	}
	return fd;
}

static __u64 create_time(int heap, __u64 length)
{
	__u64 start = heap_now(), end;
	int buffer = heap_create(heap, length);

	end = heap_now();
	close(check_fd(buffer));
	return end - start;
}

static void bench_create(int heap)
{
	static const char what[] = "create: 64 MiB cost what 4 KiB cost";
	__u64 small[CREATES], large[CREATES], a, b;
	double ratio;
	int i;

	/* The first ones fill the kernel's caches. */
	for (i = 0; i < 100; i++)
		create_time(heap, i % 2 ? SMALL : LARGE);
	for (i = 0; i < CREATES; i++) {
		small[i] = create_time(heap, SMALL);
		large[i] = create_time(heap, LARGE);
	}
	a = median(small, CREATES);
	b = median(large, CREATES);
	ratio = (double)b / a;
	ksft_print_msg("CREATE of 4 KiB: %llu ns, of 64 MiB: %llu ns; medians of %d; ratio %.3f\n",
		       (unsigned long long)a, (unsigned long long)b, CREATES, ratio);
	if (clock_counts_instructions())
		ksft_test_result(ratio <= RATIO_MAX, "%s\n", what);
	else
		ksft_test_result_skip("%s: the clock does not count instructions\n", what);
}

/* An fd of a dma-buf that is bare, see kmod/. */
static int bare_create(int bare, __u64 length)
{
	int buffer = ioctl(bare, BARE_CREATE, length);

	return buffer < 0 ? -errno : buffer;
}

/* Free pages that CPUs keep at hand, which MemFree leaves out. */
static __u64 stock_kib(void)
{
	FILE *file = check(fopen("/proc/zoneinfo", "re"));
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
		usleep(300000);
		now = heap_file_field("/proc/meminfo", "MemFree") + stock_kib();
		still = now < before + NOISE && before < now + NOISE ? still + 1 : 0;
	}
	return now;
}

/* Bytes per buffer that all of them together cost while they live. */
static int many_cost(int exporter, int (*create)(int exporter, __u64 length))
{
	struct rlimit files = { BUFFERS + 100, BUFFERS + 100 };
	__u64 before, after;
	int i;

	if (setrlimit(RLIMIT_NOFILE, &files))
		return -errno;
	/* The table of fds is the process', not the buffers'. */
	close(check_fd(fcntl(exporter, F_DUPFD, BUFFERS + 50)));
	before = free_kib();
	for (i = 0; i < BUFFERS; i++)
		check_fd(create(exporter, LARGE));
	after = free_kib();
	return (before - after) * 1024 / BUFFERS;
}

/* In a process of its own, whose end gives all back. */
static int many_in_child(int exporter, int (*create)(int exporter, __u64 length))
{
	int answer[2], cost = -1;

	if (pipe(answer))
		return -errno;
	fflush(stdout);
	if (!fork()) {
		cost = many_cost(exporter, create);
		_exit(write(answer[1], &cost, sizeof(cost)) != sizeof(cost));
	}
	close(answer[1]);
	if (read(answer[0], &cost, sizeof(cost)) != sizeof(cost))
		cost = -1;
	close(answer[0]);
	wait(NULL);
	return cost;
}

static void bench_many(int heap)
{
	static const char what[] = "many: 2 KiB beyond a bare dma-buf are enough";
	int bare = open("/dev/" BARE_NODE, O_RDWR | O_CLOEXEC);
	int least = 1 << 30, most = 0, i, cost;

	if (bare < 0) {
		ksft_test_result_skip("%s: bare.ko is not loaded\n", what);
		return;
	}
	/* The least of one against the most of the other, after a round to warm up. */
	for (i = 0; i < 3; i++) {
		cost = check_fd(many_in_child(bare, bare_create));
		ksft_print_msg("a bare dma-buf: %d bytes\n", cost);
		if (i && cost < least)
			least = cost;
		cost = check_fd(many_in_child(heap, heap_create));
		ksft_print_msg("a buffer: %d bytes\n", cost);
		if (i && cost > most)
			most = cost;
	}
	close(bare);
	ksft_print_msg("%d buffers of 64 MiB at once, beyond a bare dma-buf: %d bytes each\n",
		       BUFFERS, most - least);
	ksft_test_result(most - least <= BYTES_MAX, "%s\n", what);
}

static void bench_share(int heap)
{
	static const char what[] = "share: one backing for two devices and ten maps again";
	int first = drm_card_open(DRM_CIRRUS), second = drm_card_open(DRM_VGEM);
	__u64 before = heap_counters_read().allocations, after;
	int buffer = check_fd(heap_create(heap, HEAP_MIB)), i, rc;
	__u32 handle;

	if (first < 0 || second < 0) {
		ksft_test_result_skip("%s: cirrus or vgem is missing\n", what);
		goto out;
	}
	rc = heap_attach(heap, buffer, first, NULL, NULL);
	if (!rc)
		rc = drm_import(first, buffer, &handle);
	for (i = 0; i < 11 && !rc; i++) {
		rc = drm_import(second, buffer, &handle);
		if (!rc && i < 10)
			rc = drm_handle_close(second, handle);
	}
	after = heap_counters_read().allocations;
	ksft_print_msg("device maps: 12, held now: 2, allocations: %llu\n",
		       (unsigned long long)(after - before));
	ksft_test_result(!rc && after - before == 1, "%s\n", what);
out:
	close(buffer);
	close(first);
	close(second);
}

/* A buffer's life, or a memfd's. */
struct life {
	const char *name;
	int (*create)(int heap, __u64 length);
	int (*allocate)(int heap, int fd, __u64 length);
};

static int life_heap_allocate(int heap, int fd, __u64 length)
{
	(void)length;
	return heap_commit(heap, fd);
}

static int life_memfd_create(int heap, __u64 length)
{
	int fd = memfd_create("bench", MFD_CLOEXEC);

	(void)heap;
	if (fd >= 0 && ftruncate(fd, length))
		return -errno;
	return fd < 0 ? -errno : fd;
}

static int life_memfd_allocate(int heap, int fd, __u64 length)
{
	(void)heap;
	return fallocate(fd, 0, 0, length) ? -errno : 0;
}

static const struct life life_heap = { "heap", heap_create, life_heap_allocate };
static const struct life life_memfd = { "memfd", life_memfd_create, life_memfd_allocate };

static const char * const life_steps[STEPS] = { "create", "commit", "mmap+touch", "free" };

static void life_once(const struct life *life, int heap, __u64 length, __u64 took[STEPS])
{
	__u64 start, offset;
	char *map;
	int fd;

	start = heap_now();
	fd = check_fd(life->create(heap, length));
	took[0] = heap_now() - start;

	start = heap_now();
	check_fd(life->allocate(heap, fd, length));
	took[1] = heap_now() - start;

	start = heap_now();
	map = check(heap_mmap(fd, length));
	for (offset = 0; offset < length; offset += HEAP_PAGE)
		map[offset] = 1;
	took[2] = heap_now() - start;

	start = heap_now();
	munmap(map, length);
	close(fd);
	took[3] = heap_now() - start;
}

static void life_medians(const struct life *life, int heap, __u64 length, __u64 medians[STEPS])
{
	__u64 samples[STEPS][ROUNDS], took[STEPS];
	int round, step;

	for (round = 0; round < ROUNDS; round++) {
		life_once(life, heap, length, took);
		for (step = 0; step < STEPS; step++)
			samples[step][round] = took[step];
	}
	for (step = 0; step < STEPS; step++)
		medians[step] = median(samples[step], ROUNDS);
}

static void bench_times(int heap)
{
	static const __u64 lengths[] = { 4 * HEAP_KIB, HEAP_MIB, 8 * HEAP_MIB, 32 * HEAP_MIB };
	__u64 ours[STEPS], theirs[STEPS];
	unsigned int i, step;

	printf("# %10s %-10s %14s %14s %8s\n", "KiB", "step", "heap ns", "memfd ns", "ratio");
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		life_medians(&life_heap, heap, lengths[i], ours);
		life_medians(&life_memfd, heap, lengths[i], theirs);
		for (step = 0; step < STEPS; step++)
			printf("# %10llu %-10s %14llu %14llu %8.2f\n",
			       (unsigned long long)(lengths[i] / HEAP_KIB), life_steps[step],
			       (unsigned long long)ours[step],
			       (unsigned long long)theirs[step],
			       (double)ours[step] / theirs[step]);
	}
}

static const struct bench {
	const char *name;
	void (*run)(int heap);
	int points;
} benches[] = {
	{ "create", bench_create, 1 },
	{ "many", bench_many, 1 },
	{ "share", bench_share, 1 },
	{ "times", bench_times, 0 },
};

/* Named on the command line, or all of them when none is. */
static int bench_is_wanted(const struct bench *bench, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(bench->name, argv[i]))
			return 1;
	return argc < 2;
}

int main(int argc, char **argv)
{
	int heap, wanted = 0, planned = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(benches); i++) {
		if (!bench_is_wanted(&benches[i], argc, argv))
			continue;
		wanted++;
		planned += benches[i].points;
	}
	if (argc > 1 && wanted != argc - 1) {
		fprintf(stderr, "Usage: bench [create|many|share|times]...\n");
		return 2;
	}

	heap = check_fd(heap_open());
	ksft_print_header();
	ksft_set_plan(planned);
	for (i = 0; i < ARRAY_SIZE(benches); i++)
		if (bench_is_wanted(&benches[i], argc, argv))
			benches[i].run(heap);
	close(heap);
	ksft_exit(!ksft_get_fail_cnt());
}
