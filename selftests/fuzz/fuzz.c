// SPDX-License-Identifier: GPL-2.0
/*
 * Makes random calls until something breaks, or the time is up. Rounds follow each
 * other, with the module taken out and put in again in between. Without arguments
 * it is a short test of itself and of the driver, in KTAP.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faults.h"
#include "heap.h"
#include "kernel.h"
#include "round.h"

#define SKIPPED	4

static const char usage[] =
	"Usage: fuzz [OPTION...]\n"
	"  --seed N       where all choices come from (1)\n"
	"  --round N      only this round\n"
	"  --rounds N     at most so many rounds\n"
	"  --time SECS    begin no round after that time (60)\n"
	"  --total N      end once so many calls were made\n"
	"  --processes N  at once (3)\n"
	"  --threads N    of each process (2)\n"
	"  --calls N      of each thread in a round (2000)\n"
	"  --limit SECS   a round that takes longer hangs (300)\n"
	"  --corpus FILE  programs that reached something new: read for --round, else written\n"
	"  --unbind       take drivers from their devices now and then\n"
	"  --fail         have allocations fail, where the kernel can\n"
	"  --leaks        look for leaked memory at the end, where the kernel can: minutes\n"
	"  --keep         leave the module in between rounds\n";

/* What a run of rounds is. */
struct run {
	struct options options;
	__u64 only;		/* this round, if not 0 */
	__u64 first;		/* else from this on */
	__u64 rounds;
	__u64 seconds;
	__u64 total;		/* calls, 0 for no limit */
	__u64 keeps;		/* the module between rounds, if not 0 */
	__u64 leaks;		/* are looked for, if not 0 */
	const char *corpus;
};

static unsigned long calls_of(const struct shared *shared, unsigned int kind)
{
	unsigned long sum = 0;
	int error;

	for (error = 0; error < ROUND_ERRNOS; error++)
		sum += shared->results[kind][error];
	return sum;
}

static unsigned long calls_until(const struct shared *shared, unsigned int kinds)
{
	unsigned long sum = 0;
	unsigned int kind;

	for (kind = 0; kind < kinds; kind++)
		sum += calls_of(shared, kind);
	return sum;
}

/* Calls, microseconds of each, and what came of them. */
static void kind_show(const struct shared *shared, unsigned int kind)
{
	unsigned long calls = calls_of(shared, kind);
	int error;

	printf("# %-20s %9lu %7llu us: ok %lu", calls_name(kind), calls,
	       calls ? shared->spent[kind] / 1000 / calls : 0,
	       (unsigned long)shared->results[kind][0]);
	for (error = 1; error < ROUND_ERRNOS; error++)
		if (shared->results[kind][error])
			printf(", %s %lu", strerrorname_np(error) ?: "?",
			       (unsigned long)shared->results[kind][error]);
	printf("\n");
}

static void totals_show(const struct shared *shared, __u64 ns)
{
	unsigned long all = calls_until(shared, calls_count());

	printf("# %lu calls, %lu of them to /dev/dmabuf-heap, %llu a second\n", all,
	       calls_until(shared, CALLS_OF_HEAP), all * 1000000000ULL / (ns ? ns : 1));
	if (shared->cover.places)
		printf("# %u places of the module were reached, by %u programs\n",
		       shared->cover.places, shared->corpus.usable);
}

static void results_show(const struct shared *shared, __u64 ns)
{
	unsigned int kind;

	for (kind = 0; kind < calls_count(); kind++)
		kind_show(shared, kind);
	totals_show(shared, ns);
}

/* One round and what is to be looked at after it. Returns how much was wrong. */
static int round_check(struct shared *shared, const struct run *run, int log)
{
	__u64 begin = heap_now();
	int wrong, rc;

	cover_locate(&shared->cover);
	wrong = round_run(shared);
	printf("# round %llu: %llu ms, %lu calls until now\n", shared->round,
	       (heap_now() - begin) / 1000000, calls_until(shared, calls_count()));
	if (!wrong && !run->keeps) {
		rc = kernel_module_reload();
		if (rc) {
			printf("# the module can't be taken out and put in again: %s\n",
			       strerror(-rc));
			wrong++;
		}
	}
	wrong += kernel_log_splats(log);
	rc = corpus_settle(&shared->corpus, run->only ? NULL : run->corpus);
	if (rc)
		printf("# %s: %s\n", run->corpus, strerror(-rc));
	return wrong;
}

static int run_rounds(struct shared *shared, const struct run *run)
{
	__u64 begin = heap_now(), end = begin + run->seconds * 1000000000ULL, i;
	int log = kernel_log_open(), wrong = 0;

	shared->options = run->options;
	/* Each error of the DMA API is said, not the first only. */
	heap_file_write("/sys/kernel/debug/dma-api/all_errors", "1");
	faults_kernel_prepare();
	for (i = 0; i < run->rounds && !wrong && heap_now() < end; i++) {
		shared->round = run->first + i;
		wrong = round_check(shared, run, log);
		if (wrong)
			printf("# FOUND: SEED=%llu ROUND=%llu\n", run->options.seed, shared->round);
		if (i % 10 == 9)
			totals_show(shared, heap_now() - begin);
		fflush(stdout);
		if (run->total && calls_until(shared, calls_count()) >= run->total)
			break;
	}
	if (!wrong && run->leaks)
		wrong = kernel_leaks();
	close(log);
	return wrong;
}

static int fuzz(const struct run *run)
{
	struct shared *shared = round_shared();
	__u64 begin = heap_now();
	int rc, wrong;

	if (!shared)
		return 1;
	if (run->corpus && run->only) {
		rc = corpus_load(&shared->corpus, run->corpus, run->first);
		if (rc)
			printf("# %s: %s\n", run->corpus, strerror(-rc));
	}
	printf("# seed %llu, %llu processes of %llu threads, rounds of %llu calls each\n",
	       run->options.seed, run->options.processes, run->options.threads,
	       run->options.calls);
	wrong = run_rounds(shared, run);
	results_show(shared, heap_now() - begin);
	printf("# choices %016llx, answers %016llx\n", (unsigned long long)shared->trace,
	       (unsigned long long)shared->answers);
	printf(wrong ? "# something was found\n" : "# nothing was found\n");
	return !!wrong;
}

static int point(int number, int is_ok, const char *text)
{
	printf("%sok %d %s\n", is_ok ? "" : "not ", number, text);
	return !is_ok;
}

/* One worker twice, from new memory each time. Are its choices the same? */
static int test_repeats(const struct run *run)
{
	struct run one = *run;
	__u64 traces[2];
	int i, wrong = 0;

	one.options.processes = 1;
	one.options.threads = 1;
	one.rounds = 2;
	one.options.calls /= 2;
	for (i = 0; i < 2; i++) {
		struct shared *shared = round_shared();

		if (!shared)
			return 1;
		wrong += run_rounds(shared, &one);
		traces[i] = shared->trace;
		printf("# choices %016llx, answers %016llx\n", traces[i],
		       (unsigned long long)shared->answers);
	}
	return point(1, !wrong && traces[0] == traces[1], "one worker does the same again");
}

static int test_workers(const struct run *run)
{
	struct shared *shared = round_shared();
	__u64 begin = heap_now();
	int wrong;

	if (!shared)
		return 1;
	wrong = run_rounds(shared, run);
	results_show(shared, heap_now() - begin);
	return point(2, !wrong && shared->results[1][0], "many workers find nothing");
}

/* What every boot does. */
static int test(struct run *run)
{
	int heap = heap_open(), wrong;

	printf("TAP version 13\n1..2\n");
	if (heap == -ENOENT) {
		printf("ok 1 # SKIP no /dev/dmabuf-heap: load the module\nok 2 # SKIP\n");
		return SKIPPED;
	}
	close(heap);
	printf("# seed %llu\n", run->options.seed);
	run->rounds = 2;
	/* A kernel that looks for leaks is slow in all it does. */
	run->options.calls = heap_kernel_checks() ? 100 : 400;
	run->keeps = !getenv("repo");
	wrong = test_repeats(run);
	return !!(wrong + test_workers(run));
}

struct setting {
	const char *name;
	size_t at;	/* of its number in struct run */
	int has_arg;
};

#define NUMBER(name, field)	{ name, offsetof(struct run, field), required_argument }
#define SWITCH(name, field)	{ name, offsetof(struct run, field), no_argument }

static const struct setting settings[] = {
	NUMBER("seed", options.seed),
	NUMBER("round", only),
	NUMBER("rounds", rounds),
	NUMBER("time", seconds),
	NUMBER("total", total),
	NUMBER("processes", options.processes),
	NUMBER("threads", options.threads),
	NUMBER("calls", options.calls),
	NUMBER("limit", options.limit),
	SWITCH("unbind", options.may_unbind),
	SWITCH("fail", options.may_fail),
	SWITCH("leaks", leaks),
	SWITCH("keep", keeps),
};

#define SETTINGS	(sizeof(settings) / sizeof(*settings))

/* Takes what the command line says. false if it says what nobody knows. */
static bool run_read(struct run *run, int argc, char **argv)
{
	struct option options[SETTINGS + 2] = {};
	unsigned int i;
	int found;

	for (i = 0; i < SETTINGS; i++) {
		options[i].name = settings[i].name;
		options[i].has_arg = settings[i].has_arg;
		options[i].val = i;
	}
	options[SETTINGS].name = "corpus";
	options[SETTINGS].has_arg = required_argument;
	options[SETTINGS].val = SETTINGS;
	while ((found = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (found > (int)SETTINGS)
			return false;
		if (found == SETTINGS)
			run->corpus = optarg;
		else
			*(__u64 *)((char *)run + settings[found].at) =
				optarg ? strtoull(optarg, NULL, 0) : 1;
	}
	if (run->only) {
		run->first = run->only;
		run->rounds = 1;
	}
	return optind == argc && run->options.calls && run->options.limit &&
	       run->options.processes && run->options.processes <= ROUND_PROCESSES &&
	       run->options.threads && run->options.threads <= ROUND_THREADS;
}

int main(int argc, char **argv)
{
	struct run run = {
		.options = {
			.seed = 1, .processes = 3, .threads = 2, .calls = 2000, .limit = 300,
		},
		.first = 1,
		.rounds = -1ULL,
		.seconds = 60,
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 1)
		return test(&run);
	if (!run_read(&run, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	return fuzz(&run);
}
