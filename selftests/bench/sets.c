// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of devices that share a buffer, and what becomes of one from the system heap, from
 * udmabuf, and from us when all devices are declared first: as a table, and as a promise,
 * that ours serves each set whose devices were declared, without bouncing a byte.
 *
 * Whoever makes it, a buffer goes the same way. The CPU fills it; each device maps it, and
 * all hold their maps at once; each looks at the CPU's bytes through its own addresses, a
 * camera makes a picture for the CPU; each writes to a page of its own; and when all have
 * unmapped the CPU finds that. In JSON an outcome is the unit of a figure, and the figure
 * is the bytes that were bounced, or the errno, ERANGE for a limit that is broken.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/dma-buf.h>

#include "bench.h"
#include "peer.h"
#include "setdev.h"
#include "../kmod/edu.h"
#include "../tracing.h"

#define BOUNCED		"swiotlb/swiotlb_bounced"
#define SEED		1
#define PEERS		3	/* ours, the system heap and udmabuf */
#define DEVICES_MAX	4

/* A highest address with that many bits. */
#define BITS(bits)	(~0ULL >> (64 - (bits)))

/* Which of these lengths a set is tried at. */
static const __u64 lengths[] = { HEAP_MIB, 8 * HEAP_MIB, 33 * HEAP_MIB };
enum { SHORT = 1 << 0, MIDDLE = 1 << 1, LONG = 1 << 2, ALL = SHORT | MIDDLE | LONG };

/* When ours learns of the devices. */
enum set_order {
	DEVICES_FIRST,
	CPU_FIRST,		/* the CPU fills it before that */
	CPU_FIRST_MOVABLE,	/* and its memory may move */
};

enum outcome_kind { SERVED, BOUNCED_SOME, REFUSED, FAILED };

static const char *const kinds[] = { "served", "bounced", "refused", "failed at use" };

/*
 * struct outcome - what became of one buffer
 * @kind: the worst that happened
 * @bounced: bytes, tried ones included
 * @error: negative, with REFUSED and FAILED
 * @device: who was refused or failed
 * @fault: with FAILED as setdev's, with REFUSED the limit that was in the way
 * @moves: how often ours had its memory replaced
 */
struct outcome {
	enum outcome_kind kind;
	__u64 bounced;
	int error;
	const char *device;
	const char *fault;
	__u64 moves;
};

#define MAPPER(title, ...) \
	((const struct setdev_spec []) { { .name = title, .kind = SETDEV_MAPPER, __VA_ARGS__ } })
#define DRIVER(title, driver) \
	((const struct setdev_spec []) { { .name = title, .kind = driver } })

#define WITHIN(bits)	MAPPER(#bits "-bit", .mask = BITS(bits))
#define SEGMENTS_64K	MAPPER("64K", .max_segment = 64 * HEAP_KIB)
#define CAMERA		DRIVER("camera", SETDEV_CAMERA)
#define EDU		DRIVER("edu", SETDEV_EDU)
#define VGEM		DRIVER("vgem", SETDEV_VGEM)

/*
 * struct set - devices that share a buffer, and what ours promises them
 * @name: in the table
 * @at: which lengths it is tried at
 * @order: when ours learns of the devices
 * @error: what ours refuses one of them with where memory begins at 0; 0 when it
 *	serves all
 * @moves: how often ours gets other memory
 * @devices: cameras last, because they write over what the others look at
 */
static const struct set {
	const char *name;
	unsigned int at;
	enum set_order order;
	int error;
	__u64 moves;
	const struct setdev_spec *devices[DEVICES_MAX];
} sets[] = {
	{ .name = "reaches all memory", .at = ALL, .devices = { WITHIN(64) } },
	{ .name = "vgem, reaches all memory", .at = ALL, .devices = { VGEM } },
	{ .name = "33 bits", .at = ALL, .devices = { WITHIN(33) } },
	{ .name = "32 bits", .at = ALL, .devices = { WITHIN(32) } },
	{ .name = "31 bits", .at = ALL, .devices = { WITHIN(31) } },
	{ .name = "30 bits", .at = ALL, .devices = { WITHIN(30) } },
	{ .name = "28 bits", .at = ALL, .devices = { WITHIN(28) } },
	{ .name = "segments of 64 KiB", .at = ALL, .devices = { SEGMENTS_64K } },
	{ .name = "boundary of 64 KiB", .at = ALL,
	  .devices = { MAPPER("64K", .boundary = 64 * HEAP_KIB) } },
	{ .name = "at most 4 segments", .at = ALL,
	  .devices = { MAPPER("few", .max_segments = 4) } },
	{ .name = "aligned to 64 KiB", .at = ALL,
	  .devices = { MAPPER("64K", .alignment = 64 * HEAP_KIB) } },
	{ .name = "32 bits, contiguous", .at = ALL,
	  .devices = { MAPPER("32-bit", .mask = BITS(32), .contiguous = true) } },
	{ .name = "camera of vivid, vgem", .at = ALL, .devices = { VGEM, CAMERA } },
	{ .name = "camera, 64 KiB, 1 MiB boundary", .at = ALL,
	  .devices = { SEGMENTS_64K, MAPPER("display", .boundary = HEAP_MIB), CAMERA } },
	{ .name = "edu: 28 bits, real DMA", .at = ALL, .devices = { EDU } },
	{ .name = "edu, camera, vgem", .at = MIDDLE, .devices = { EDU, VGEM, CAMERA } },
	{ .name = "12 bits: no memory is there", .at = SHORT, .error = -EOPNOTSUPP,
	  .devices = { WITHIN(12) } },
	{ .name = "32 bits, comes late", .at = ALL, .order = CPU_FIRST, .error = -EBUSY,
	  .devices = { WITHIN(32) } },
	{ .name = "32 bits, late; ours movable", .at = ALL, .order = CPU_FIRST_MOVABLE,
	  .moves = 1, .devices = { WITHIN(32) } },
};

/*
 * struct stage - one buffer and the devices of its set
 * @set: which one
 * @heap: ours; -1 for others' buffers
 * @buffer: an fd
 * @memory: the CPU's view
 * @devices: the first @count are open
 */
struct stage {
	const struct set *set;
	int heap;
	int buffer;
	struct setdev_memory memory;
	struct setdev devices[DEVICES_MAX];
	int count;
};

static const char *limit_word(__u32 limit)
{
	static const char *const words[] = {
		[DMABUF_HEAP_LIMIT_MAX_ADDR] = "address",
		[DMABUF_HEAP_LIMIT_CONTIGUOUS] = "contiguity",
		[DMABUF_HEAP_LIMIT_MAX_SEGMENTS] = "segment count",
		[DMABUF_HEAP_LIMIT_ALIGNMENT] = "alignment",
	};

	return limit < ARRAY_SIZE(words) && words[limit] ? words[limit] : "?";
}

static bool outcome_failed(struct outcome *outcome, const struct setdev *dev, int rc)
{
	if (!rc)
		return false;
	outcome->kind = FAILED;
	outcome->error = rc;
	outcome->device = dev ? dev->spec->name : "CPU";
	outcome->fault = dev && dev->fault ? dev->fault : "access";
	return true;
}

static int devices_open(struct stage *stage)
{
	const struct setdev_spec *const *specs = stage->set->devices;
	int i, rc;

	for (i = 0; i < DEVICES_MAX && specs[i]; i++) {
		rc = setdev_open(&stage->devices[i], specs[i], stage->memory.length);
		stage->count++;
		if (rc)
			return rc;
	}
	return 0;
}

static void devices_close(struct stage *stage)
{
	while (stage->count)
		setdev_close(&stage->devices[--stage->count]);
}

/* To ours alone. */
static bool devices_declare(struct stage *stage, struct outcome *outcome)
{
	struct dmabuf_heap_answer answer;
	int i, rc;

	for (i = 0; i < stage->count; i++) {
		struct setdev *dev = &stage->devices[i];

		rc = setdev_declare(dev, stage->heap, stage->buffer, &answer);
		if (!rc)
			continue;
		dev->fault = "declare";
		outcome_failed(outcome, dev, rc);
		if (rc == -EBUSY || rc == -EOPNOTSUPP) {
			outcome->kind = REFUSED;
			outcome->fault = limit_word(answer.report.limit);
		}
		return false;
	}
	return true;
}

static bool cpu_fill(struct stage *stage, struct outcome *outcome)
{
	struct setdev_memory *memory = &stage->memory;
	int rc;

	memory->bytes = heap_mmap(stage->buffer, memory->length);
	if (outcome_failed(outcome, NULL, memory->bytes ? 0 : -errno))
		return false;
	rc = heap_sync(stage->buffer, DMA_BUF_SYNC_WRITE | DMA_BUF_SYNC_START);
	if (!rc)
		mapdev_memory_fill(memory->bytes, memory->length, SEED);
	if (!rc)
		rc = heap_sync(stage->buffer, DMA_BUF_SYNC_WRITE | DMA_BUF_SYNC_END);
	return !outcome_failed(outcome, NULL, rc);
}

static bool devices_map(struct stage *stage, struct outcome *outcome)
{
	int i;

	for (i = 0; i < stage->count; i++) {
		struct setdev *dev = &stage->devices[i];

		if (outcome_failed(outcome, dev, setdev_map(dev, stage->buffer)))
			return false;
	}
	return true;
}

static bool devices_use(struct stage *stage, struct outcome *outcome)
{
	int i, rc;

	for (i = 0; i < stage->count; i++) {
		struct setdev *dev = &stage->devices[i];

		rc = setdev_look(dev, stage->buffer, &stage->memory);
		if (outcome_failed(outcome, dev, rc))
			return false;
	}
	for (i = 0; i < stage->count; i++) {
		struct setdev *dev = &stage->devices[i];

		if (outcome_failed(outcome, dev, setdev_mark(dev, i)))
			return false;
	}
	return true;
}

static bool cpu_find(struct stage *stage, struct outcome *outcome)
{
	int rc = heap_sync(stage->buffer, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_START), i;

	if (outcome_failed(outcome, NULL, rc))
		return false;
	for (i = 0; i < stage->count; i++) {
		struct setdev *dev = &stage->devices[i];

		rc = setdev_find_mark(dev, &stage->memory, i);
		if (outcome_failed(outcome, dev, rc))
			return false;
	}
	rc = heap_sync(stage->buffer, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_END);
	return !outcome_failed(outcome, NULL, rc);
}

/* The way of a buffer, up to where it fails. */
static void stage_play(struct stage *stage, struct outcome *outcome)
{
	bool ours = stage->heap >= 0;
	bool late = stage->set->order != DEVICES_FIRST;
	int i;

	if (ours && !late && !devices_declare(stage, outcome))
		return;
	if (!cpu_fill(stage, outcome))
		return;
	if (ours && late && !devices_declare(stage, outcome))
		return;
	if (!devices_map(stage, outcome) || !devices_use(stage, outcome))
		return;
	for (i = 0; i < stage->count; i++)
		setdev_unmap(&stage->devices[i]);
	cpu_find(stage, outcome);
}

static void outcome_add_bounced(struct outcome *outcome)
{
	outcome->bounced = tracing_sum(BOUNCED, "size");
	if (outcome->bounced == -1ULL)
		bench_fd(-EIO);
	if (outcome->bounced && outcome->kind == SERVED)
		outcome->kind = BOUNCED_SOME;
}

static __u64 moves(const struct stage *stage)
{
	struct dmabuf_heap_buffer_record record;

	if (stage->heap < 0)
		return 0;
	bench_fd(heap_query(stage->heap, stage->buffer, &record));
	return record.moves;
}

/* One cell of the table; -ENODEV where there is no such device. */
static int set_try(const struct set *set, const struct peer *peer, bool ours, __u64 length,
		   struct outcome *outcome)
{
	struct stage stage = {
		.set = set,
		.heap = ours ? peer->exporter : -1,
		.memory = { .length = length },
	};
	int rc = devices_open(&stage);

	*outcome = (struct outcome) { .kind = SERVED };
	if (!rc) {
		bench_fd(tracing_clear());
		if (ours && set->order == CPU_FIRST_MOVABLE)
			stage.buffer = bench_fd(heap_create_movable(peer->exporter, length));
		else
			stage.buffer = bench_fd(peer->create(peer->exporter, length));
		stage_play(&stage, outcome);
		outcome->moves = moves(&stage);
		outcome_add_bounced(outcome);
	}
	devices_close(&stage);
	if (stage.memory.bytes)
		munmap(stage.memory.bytes, length);
	if (!rc)
		close(stage.buffer);
	return rc;
}

static void outcome_print(const struct outcome *outcome)
{
	const char *error = outcome->error ? strerrorname_np(-outcome->error) : NULL;
	char text[64] = "served";

	switch (outcome->kind) {
	case SERVED:
		if (outcome->moves)
			snprintf(text, sizeof(text), "served, moves: %llu",
				 (unsigned long long)outcome->moves);
		break;
	case BOUNCED_SOME:
		snprintf(text, sizeof(text), "bounced %llu KiB",
			 (unsigned long long)(outcome->bounced / HEAP_KIB));
		break;
	case REFUSED:
		snprintf(text, sizeof(text), "refused (%s): %s", error, outcome->fault);
		break;
	case FAILED:
		if (outcome->error == -ERANGE || outcome->error == -EILSEQ)
			error = "";
		snprintf(text, sizeof(text), "failed: %s: %s %s", outcome->device, outcome->fault,
			 error);
	}
	printf(" %-30s", text);
}

static void outcome_record(const struct outcome *outcome, const struct set *set,
			   __u64 length, const char *peer)
{
	__u64 figure = outcome->error ? (__u64)-outcome->error : outcome->bounced;
	struct spread spread = measure_spread(&figure, 1);

	measure_record(set->name, length, peer, kinds[outcome->kind], &spread);
}

/* What ours refuses a set with on this machine, 0 where it serves it. */
static int set_error(const struct set *set)
{
	const struct setdev_spec *const *specs = set->devices;
	__u64 start = heap_memory_start();
	int i;

	for (i = 0; i < DEVICES_MAX && specs[i]; i++)
		if (specs[i]->mask && specs[i]->mask < start)
			return -EOPNOTSUPP;
	return set->error;
}

/* As it was promised: what others get doesn't count. */
static bool outcome_is_promised(const struct outcome *outcome, const struct set *set)
{
	int error = set_error(set);

	return outcome->kind == (error ? REFUSED : SERVED) && !outcome->bounced &&
	       outcome->error == error && outcome->moves == set->moves;
}

/* One row; -ENODEV for none. */
static int row_fill(const struct set *set, const struct peer *peers, int count, __u64 length,
		    bool *kept)
{
	struct outcome outcomes[PEERS];
	int i, rc;

	for (i = 0; i < count; i++) {
		rc = set_try(set, &peers[i], i == PEER_OURS, length, &outcomes[i]);
		if (rc)
			return rc;
	}
	printf("# %-30s %6s", set->name, bench_length(length));
	for (i = 0; i < count; i++) {
		outcome_print(&outcomes[i]);
		outcome_record(&outcomes[i], set, length, peers[i].name);
	}
	printf("\n");
	fflush(stdout);
	if (!outcome_is_promised(&outcomes[PEER_OURS], set))
		*kept = false;
	return 0;
}

/* Whether ours keeps its promise: 0, -EPROTO if not, -ENODEV where there is no such device. */
static int set_fill(const struct set *set, const struct peer *peers, int count)
{
	bool kept = true;
	unsigned int i;
	int rc = 0;

	for (i = 0; i < ARRAY_SIZE(lengths) && !rc; i++)
		if (set->at & (1 << i))
			rc = row_fill(set, peers, count, lengths[i], &kept);
	return rc ?: kept ? 0 : -EPROTO;
}

/* Where no memory lies higher than the devices reach, nothing is shown. */
static bool memory_is_high(int heap)
{
	int buffer = bench_fd(heap_create(heap, lengths[0]));
	struct dmabuf_heap_buffer_record record;

	bench_fd(heap_commit(heap, buffer));
	bench_fd(heap_query(heap, buffer, &record));
	close(buffer);
	return record.placement.addr_bits > 32;
}

static void table_print(const struct peer *peers, int count, int results[ARRAY_SIZE(sets)])
{
	unsigned int i;
	int who;

	printf("# What becomes of a buffer that all devices of a set use at once, by its maker:\n"
	       "#   served      each device maps it within its limits, and bytes arrive both ways\n"
	       "#   bounced     so too, but the kernel copied: so many KiB in all maps together\n"
	       "#   refused     ours says before any use that it can't be, and for what limit\n"
	       "#   failed      in use: whose call with which errno, which limit was broken, or\n"
	       "#               that bytes of one were not what another saw\n");
	printf("# %-30s %6s", "devices", "length");
	for (who = 0; who < count; who++)
		printf(" %-30s", peers[who].name);
	printf("\n");
	for (i = 0; i < ARRAY_SIZE(sets); i++)
		results[i] = set_fill(&sets[i], peers, count);
}

static void judge(const int results[ARRAY_SIZE(sets)])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		if (results[i] == -ENODEV)
			bench_skip("sets: %s: no such device here\n", sets[i].name);
		else
			bench_result(!results[i], "sets: %s\n", sets[i].name);
	}
}

int bench_sets_points(void)
{
	return ARRAY_SIZE(sets);
}

void bench_sets(int heap)
{
	const char *missing = NULL;
	int results[ARRAY_SIZE(sets)], count;
	struct peer peers[PEERS];
	unsigned int i;
	bool has_heap;

	if (!memory_is_high(heap))
		missing = "memory above 4 GiB";
	else if (tracing_start(BOUNCED, "0"))
		missing = "event swiotlb_bounced";
	if (missing) {
		for (i = 0; i < ARRAY_SIZE(sets); i++)
			bench_skip("sets: %s: no %s\n", sets[i].name, missing);
		return;
	}
	count = peers_open(heap, peers, PEERS, &has_heap);
	table_print(peers, count, results);
	judge(results);
	peers_close(peers, count);
	bench_fd(tracing_stop(BOUNCED));
}
