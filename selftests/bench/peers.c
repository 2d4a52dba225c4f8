// SPDX-License-Identifier: GPL-2.0
/*
 * The same work on everybody's buffers, in turns, so that whatever else the machine
 * does hits all alike. What comes of it is a table, and as a promise: where
 * instructions are counted, no work on ours takes longer than on the system
 * heap's, the excuses below aside.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../kmod/bare.h"
#include "bench.h"
#include "peer.h"
#include "work.h"

#define WARM_UP		3
#define ROUNDS_MIN	9	/* enough where counted instructions repeat by themselves */
#define ROUNDS_MAX	201
#define ROUNDS_TIME	3000000000ULL	/* the least is done even if it takes longer */

/*
 * Works that may take so many instructions more, at any length, and what is had
 * for them.
 */
static const struct excuse {
	const char *work;
	__u64 more;
	const char *why;
} excuses[] = {
	{ "create to first CPU byte", 2000,
	  "memory is asked for only where it is, and counted for its user's limits" },
	{ "create to last CPU byte", 2000,
	  "memory is asked for only where it is, and counted for its user's limits" },
	{ "create to device map", 6000,
	  "who attaches is recorded by name and limits, which choose the memory" },
	{ "create to map, 64K device", 6000,
	  "who attaches is recorded by name and limits, which choose the memory" },
	{ "device map and unmap", 1500,
	  "limits are read again, and maps are counted for QUERY" },
	{ "map and unmap, 64K device", 1500,
	  "limits are read again, and maps are counted for QUERY" },
	{ "free after CPU use", 500, "memory is counted for its user's limits" },
	{ "free after device use", 500, "memory is counted for its user's limits" },
};

/* All that one work at one length has given. */
struct result {
	__u64 length;
	struct spread spread[PEERS_MAX];
	struct mapper_map given[PEERS_MAX];
};

struct peers {
	struct peer peer[PEERS_MAX];
	int count;
	bool has_heap;
	int bare;	/* see kmod/bare.h */
	int device[WORK_DEVICES];
	struct result results[WORKS][BENCH_LENGTHS];
};

static __u64 work_once(const struct work *work, int bare, struct scene *scene, __u64 nothing)
{
	__u64 start, took;

	if (work->before)
		work->before(scene);
	bench_fd(ioctl(bare, BARE_SETTLE) ? -errno : 0);
	start = heap_now();
	work->work(scene);
	took = heap_now() - start;
	if (work->after)
		work->after(scene);
	return took > nothing ? took - nothing : 0;
}

/* One turn for each, in an order that differs from round to round. */
static void work_round(struct peers *peers, const struct work *work, struct result *result,
		       int round, __u64 nothing, __u64 took[PEERS_MAX])
{
	int turn;

	for (turn = 0; turn < peers->count; turn++) {
		int who = (round + turn) % peers->count;
		struct scene scene = {
			.peer = &peers->peer[who],
			.length = result->length,
			.device = peers->device[work->device],
		};

		took[who] = work_once(work, peers->bare, &scene, nothing);
		result->given[who] = scene.given;
	}
}

/* As often as there is time for. */
static void work_measure(struct peers *peers, const struct work *work, struct result *result)
{
	int most = measure_counts_instructions() ? ROUNDS_MIN : ROUNDS_MAX;
	__u64 samples[PEERS_MAX][ROUNDS_MAX], took[PEERS_MAX];
	__u64 nothing = measure_nothing(), start;
	int count, round, who;

	for (round = 0; round < WARM_UP; round++)
		work_round(peers, work, result, round, nothing, took);
	start = heap_now();
	for (count = 0; count < most; count++) {
		if (count >= ROUNDS_MIN && heap_now() - start > ROUNDS_TIME)
			break;
		work_round(peers, work, result, round++, nothing, took);
		for (who = 0; who < peers->count; who++)
			samples[who][count] = took[who];
	}
	for (who = 0; who < peers->count; who++) {
		result->spread[who] = measure_spread(samples[who], count);
		measure_record(work->name, result->length, peers->peer[who].name, NULL,
			       &result->spread[who]);
	}
}

static double ratio(const struct result *result, int peer)
{
	__u64 theirs = result->spread[peer].median;

	return theirs ? (double)result->spread[PEER_OURS].median / theirs : 0;
}

static void print_medians(const struct peers *peers, const char *name,
			  const struct result *result)
{
	int i;

	printf("# %-26s %7s %12llu", name, bench_length(result->length),
	       (unsigned long long)result->spread[PEER_OURS].median);
	for (i = 1; i < peers->count; i++)
		printf(" %12llu %6.2f", (unsigned long long)result->spread[i].median,
		       ratio(result, i));
	printf("\n");
	fflush(stdout);
}

static void measure_all(struct peers *peers)
{
	int work, i;

	printf("# Medians in %s, and what part of others' ours is:\n", measure_clock());
	printf("# %-26s %7s %12s", "work", "length", peers->peer[PEER_OURS].name);
	for (i = 1; i < peers->count; i++)
		printf(" %12s %6s", peers->peer[i].name, "ratio");
	printf("\n");
	for (work = 0; work < WORKS; work++) {
		if (peers->device[works[work].device] == -ENOENT)
			continue;
		for (i = 0; i < BENCH_LENGTHS; i++) {
			struct result *result = &peers->results[work][i];

			result->length = bench_lengths[i];
			work_measure(peers, &works[work], result);
			print_medians(peers, works[work].name, result);
		}
	}
}

static void print_spread(const struct spread *spread)
{
	double percent = spread->median ? 100.0 / spread->median : 0;

	printf("   %4.0f %4.0f %4.0f", spread->min * percent, spread->q1 * percent,
	       spread->q3 * percent);
}

static void print_spreads(const struct peers *peers)
{
	int work, i, who;

	printf("# How far from the median: least, first and third quartile, in percent of it:\n");
	printf("# %-26s %7s", "work", "length");
	for (who = 0; who < peers->count; who++)
		printf(" %17s", peers->peer[who].name);
	printf("\n");
	for (work = 0; work < WORKS; work++) {
		if (peers->device[works[work].device] == -ENOENT)
			continue;
		for (i = 0; i < BENCH_LENGTHS; i++) {
			printf("# %-26s %7s", works[work].name, bench_length(bench_lengths[i]));
			for (who = 0; who < peers->count; who++)
				print_spread(&peers->results[work][i].spread[who]);
			printf("\n");
		}
	}
}

/* A device that is given segments beyond its limits is not served at all. */
static void print_wrong(const struct peers *peers, int work, const struct result *result)
{
	int who;

	for (who = 0; who < peers->count; who++)
		if (result->given[who].wrong)
			printf("# %s, %s: of %u segments from %s %llu break the device's limits\n",
			       works[work].name, bench_length(result->length),
			       result->given[who].segments, peers->peer[who].name,
			       (unsigned long long)result->given[who].wrong);
}

static void print_all_wrong(const struct peers *peers)
{
	int work, i;

	for (work = 0; work < WORKS; work++)
		for (i = 0; i < BENCH_LENGTHS; i++)
			print_wrong(peers, work, &peers->results[work][i]);
}

static const struct excuse *excuse_for(const char *work)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(excuses); i++)
		if (!strcmp(excuses[i].work, work))
			return &excuses[i];
	return NULL;
}

/* Is it no slower than the system heap? Says why where it is. */
static bool result_keeps_up(const struct result *result, const char *name)
{
	const struct spread *spread = result->spread;
	const struct excuse *excuse = excuse_for(name);
	double more = ratio(result, PEER_HEAP);

	if (more <= BENCH_RATIO_MAX)
		return true;
	ksft_print_msg("%s, %s: %.2f times the system heap\n", name,
		       bench_length(result->length), more);
	if (result->given[PEER_HEAP].wrong) {
		ksft_print_msg("  but its segments break the device's limits\n");
		return true;
	}
	if (!excuse || spread[PEER_OURS].median > spread[PEER_HEAP].median + excuse->more)
		return false;
	ksft_print_msg("  because %s: at most %llu instructions\n", excuse->why,
		       (unsigned long long)excuse->more);
	return true;
}

static bool work_keeps_up(const struct peers *peers, int work)
{
	bool keeps_up = true;
	int i;

	for (i = 0; i < BENCH_LENGTHS; i++)
		if (!result_keeps_up(&peers->results[work][i], works[work].name))
			keeps_up = false;
	return keeps_up;
}

static void judge(const struct peers *peers)
{
	int work;

	for (work = 0; work < WORKS; work++) {
		const char *name = works[work].name;

		if (!peers->has_heap)
			bench_skip("peers: %s: no system heap, which 6.12 has\n", name);
		else if (peers->device[works[work].device] == -ENOENT)
			bench_skip("peers: %s: kmod/mapper is not loaded\n", name);
		else if (!measure_counts_instructions())
			bench_skip("peers: %s: the clock does not count instructions\n", name);
		else
			bench_result(work_keeps_up(peers, work), "peers: %s\n", name);
	}
}

int bench_peers_points(void)
{
	return WORKS;
}

static void compare(int heap, int most)
{
	static struct peers peers;
	int i;

	peers.count = peers_open(heap, peers.peer, most, &peers.has_heap);
	peers.bare = bench_fd(bench_bare_open());
	peers.device[WORK_NO_DEVICE] = -1;
	for (i = WORK_NO_DEVICE + 1; i < WORK_DEVICES; i++)
		peers.device[i] = work_device_open(i);
	measure_all(&peers);
	print_spreads(&peers);
	print_all_wrong(&peers);
	judge(&peers);
	for (i = WORK_NO_DEVICE + 1; i < WORK_DEVICES; i++)
		close(peers.device[i]);
	close(peers.bare);
	peers_close(peers.peer, peers.count);
}

void bench_peers(int heap)
{
	compare(heap, PEERS_MAX);
}

void bench_bar(int heap)
{
	compare(heap, PEER_HEAP + 1);
}
