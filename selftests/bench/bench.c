// SPDX-License-Identifier: GPL-2.0
/*
 * What the heap costs, as figures, and as a test where the project has promised
 * something. Output is KTAP: figures are in its comments, and as JSON in a file
 * where one is named.
 *
 *   bar      peers, but for the system heap alone: what the tests need
 *   create   time of CREATE for a small and a large buffer
 *   many     kernel memory of 10,000 buffers without memory of their own
 *   memory   kernel memory of a buffer beyond its pages, and of others' buffers
 *   peers    time of everything that is done with a buffer, and with others'
 *   query    time of QUERY among few buffers and among very many
 *   sets     what becomes of a buffer that devices share, and of others' buffers
 *   stress   how often contiguous memory is found, and how fast
 *   share    allocations for one buffer that two devices map
 *
 * Without one of these words: all of them.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC; in a machine that counts instructions
 * instead (boot.sh --icount) each is one instruction. Lengths are bytes.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kmod/bare.h"
#include "bench.h"

const __u64 bench_lengths[BENCH_LENGTHS] = {
	4 * HEAP_KIB, HEAP_MIB, 8 * HEAP_MIB, 32 * HEAP_MIB,
};

const char *bench_length(__u64 length)
{
	static char texts[2][16];
	static int turn;
	char *text = texts[turn ^= 1];

	if (length < HEAP_MIB)
		snprintf(text, sizeof(texts[0]), "%u KiB", (unsigned int)(length / HEAP_KIB));
	else
		snprintf(text, sizeof(texts[0]), "%u MiB", (unsigned int)(length / HEAP_MIB));
	return text;
}

void *bench_pointer(void *pointer)
{
	if (!pointer)
		bench_fd(-errno);
	return pointer;
}

int bench_fd(int fd)
{
	if (fd < 0)
		ksft_exit_fail_msg("bench: %s\n", strerror(-fd));
	return fd;
}

int bench_bare_open(void)
{
	int bare = open("/dev/" BARE_NODE, O_RDWR | O_CLOEXEC);

	return bare < 0 ? -errno : bare;
}

void bench_result(bool passed, const char *name, ...)
{
	char text[128];
	va_list args;

	va_start(args, name);
	vsnprintf(text, sizeof(text), name, args);
	va_end(args);
	ksft_test_result(passed, "%s", text);
}

void bench_skip(const char *reason, ...)
{
	char text[128];
	va_list args;

	va_start(args, reason);
	vsnprintf(text, sizeof(text), reason, args);
	va_end(args);
	ksft_test_result_skip("%s", text);
}

static int points_one(void)
{
	return 1;
}

static int points_none(void)
{
	return 0;
}

static const struct bench {
	const char *name;
	void (*run)(int heap);
	int (*points)(void);
} benches[] = {
	{ "create", bench_create, points_one },
	{ "share", bench_share, points_one },
	{ "peers", bench_peers, bench_peers_points },
	{ "bar", bench_bar, bench_peers_points },
	{ "query", bench_query, points_none },
	{ "sets", bench_sets, bench_sets_points },
	{ "memory", bench_memory, points_none },
	{ "many", bench_many, points_one },
	{ "stress", bench_stress, points_none },
};

static int usage(void)
{
	fprintf(stderr,
		"Usage: bench [-j FILE] [create|share|peers|bar|query|sets|memory|many|stress]...\n");
	return 2;
}

/* Named on the command line, or all of them when none is. */
static int bench_is_wanted(const struct bench *bench, int count, char **words)
{
	int i;

	for (i = 0; i < count; i++)
		if (!strcmp(bench->name, words[i]))
			return 1;
	return !count;
}

static void run(int count, char **words)
{
	int heap = bench_fd(heap_open());
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(benches); i++)
		if (bench_is_wanted(&benches[i], count, words))
			benches[i].run(heap);
	close(heap);
}

int main(int argc, char **argv)
{
	int wanted = 0, planned = 0, option;
	const char *json = NULL;
	unsigned int i;

	while ((option = getopt(argc, argv, "j:")) != -1) {
		if (option != 'j')
			return usage();
		json = optarg;
	}
	argc -= optind;
	argv += optind;
	for (i = 0; i < ARRAY_SIZE(benches); i++) {
		if (!bench_is_wanted(&benches[i], argc, argv))
			continue;
		wanted++;
		planned += benches[i].points();
	}
	if (argc && wanted != argc)
		return usage();

	ksft_print_header();
	ksft_set_plan(planned);
	run(argc, argv);
	if (json)
		bench_fd(measure_write(json));
	ksft_exit(!ksft_get_fail_cnt());
}
