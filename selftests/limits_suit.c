// SPDX-License-Identifier: GPL-2.0
/*
 * Whether memory that exists can serve, and whether this machine has memory that
 * could, compiled for userspace from the driver: compared with memory that is laid
 * page by page, and with many attachments at random whose merged limits were obeyed.
 * Needs no kernel.
 */
#include "kselftest_harness.h"

/* A world's pages. */
static unsigned long long page_size = 16;
#undef PAGE_SIZE
#define PAGE_SIZE page_size

#include "../driver/limits.c"
#include "limits_model.h"

#define CASES	100000
#define PAGE	16ULL
#define KIB_4	4096ULL

FIXTURE(suit) {
	__u64 state;
};

FIXTURE_SETUP(suit)
{
	self->state = MODEL_SEED;
}

FIXTURE_TEARDOWN(suit)
{
}

/* A buffer of up to four pages, in a memory of eight. */
#define PAGES_MAX	4
#define FRAMES		8

struct memory {
	int pages;
	int frame[PAGES_MAX];	/* of each page, in the order of the buffer */
};

/* The next of all ways to lay the buffer's pages, 0 after the last. */
static int memory_next(struct memory *memory)
{
	int i, j, unique;

	do {
		for (i = 0; i < memory->pages; i++) {
			if (++memory->frame[i] < FRAMES)
				break;
			memory->frame[i] = 0;
		}
		if (i == memory->pages)
			return 0;
		unique = 1;
		for (i = 0; i < memory->pages; i++)
			for (j = 0; j < i; j++)
				unique &= memory->frame[i] != memory->frame[j];
	} while (!unique);
	return 1;
}

/* The page after the run that begins at page @first. */
static int memory_run(const struct memory *memory, int first)
{
	int next = first + 1;

	while (next < memory->pages && memory->frame[next] == memory->frame[next - 1] + 1)
		next++;
	return next;
}

/* Whether every run begins at a multiple. */
static int memory_is_aligned(const struct memory *memory, __u64 align)
{
	int first;

	for (first = 0; first < memory->pages; first = memory_run(memory, first))
		if (memory->frame[first] * PAGE % align)
			return 0;
	return 1;
}

static struct heap_placement memory_measure(const struct memory *memory)
{
	struct heap_placement placement = { .run_min = ALL, .align = 1 };
	int first, next;
	__u64 end;

	for (first = 0; first < memory->pages; first = next) {
		__u64 bytes;

		next = memory_run(memory, first);
		bytes = (next - first) * PAGE;
		end = (memory->frame[first] * PAGE) + bytes;
		placement.runs++;
		if (bytes < placement.run_min)
			placement.run_min = bytes;
		if (bytes > placement.run_max)
			placement.run_max = bytes;
		if (end - 1 > placement.last_addr)
			placement.last_addr = end - 1;
	}
	while (placement.align < 1ULL << 63 && memory_is_aligned(memory, placement.align * 2))
		placement.align *= 2;
	return placement;
}

/* Byte by byte: is it reached, and does it follow the one before? */
static int memory_reached(const struct memory *memory, __u64 max_addr)
{
	__u64 byte;

	for (byte = 0; byte < memory->pages * PAGE; byte++)
		if (memory->frame[byte / PAGE] * PAGE + byte % PAGE > max_addr)
			return 0;
	return 1;
}

static __u64 memory_segments(const struct memory *memory, const struct heap_limits *limits)
{
	int first, next;
	__u64 count = 0;

	for (first = 0; first < memory->pages; first = next) {
		next = memory_run(memory, first);
		count += model_segments(limits, memory->frame[first] * PAGE,
					(next - first) * PAGE, 1);
	}
	return count;
}

/* The least number of bits into which the address goes. */
static __u32 bits_of(__u64 addr)
{
	__u32 bits = 0;

	while (bits < 64 && addr >= 1ULL << bits)
		bits++;
	return bits;
}

/* What must come of it, by looking at the memory: the first limit, or TYPES. */
static struct heap_conflict memory_expect(const struct memory *memory,
					  const struct heap_limits *limits)
{
	struct heap_placement placement = memory_measure(memory);
	__u64 max_addr = model_value(limits, DMABUF_HEAP_LIMIT_MAX_ADDR);
	__u64 most = model_value(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS);
	__u64 align = model_value(limits, DMABUF_HEAP_LIMIT_ALIGNMENT);
	__u64 segments = memory_segments(memory, limits);

	/* Of the address no more is told than its bits. */
	if (!memory_reached(memory, max_addr))
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_MAX_ADDR, max_addr,
						(1ULL << bits_of(placement.last_addr)) - 1 };
	if (model_value(limits, DMABUF_HEAP_LIMIT_CONTIGUOUS) &&
	    memory_run(memory, 0) < memory->pages)
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_CONTIGUOUS,
						memory->pages * PAGE, placement.run_max };
	if (segments > most)
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_MAX_SEGMENTS, most, segments };
	if (align && !memory_is_aligned(memory, align))
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_ALIGNMENT, align,
						placement.align };
	return (struct heap_conflict) { TYPES, 0, 0 };
}

static void check_suit(struct __test_metadata *_metadata, const struct memory *memory,
		       const struct heap_limits *limits)
{
	struct heap_conflict want = memory_expect(memory, limits), conflict = { .limit = TYPES };
	struct heap_placement placement = memory_measure(memory);
	int suits = dmabuf_heap_limits_suit(limits, &placement, memory->pages * PAGE,
					    memory_segments(memory, limits), &conflict);

	ASSERT_EQ(want.limit == TYPES, suits);
	ASSERT_EQ(want.limit, conflict.limit);
	ASSERT_EQ(want.wanted, conflict.wanted);
	ASSERT_EQ(want.found, conflict.found);
}

/* Number @n of all limits of this world; CHUNK and NODE have no say. */
static struct heap_limits limits_nth(int n)
{
	static const __u64 addrs[] = { ALL, 0, 15, 31, 62, 63, 64, 95, 126, 127 };
	static const __u64 segments[] = { ALL, 16, 32, 48 };
	static const __u64 boundaries[] = { ALL, 31 };
	static const __u64 mosts[] = { ALL, 1, 2, 3 };
	static const __u64 aligns[] = { 0, 16, 32, 64 };
	struct heap_limits limits = {};

	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, addrs[n % 10]);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, n / 10 % 2);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT, segments[n / 20 % 4]);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_BOUNDARY, boundaries[n / 80 % 2]);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, mosts[n / 160 % 4]);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_ALIGNMENT, aligns[n / 640 % 4]);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CHUNK, 1ULL << 40);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_NODE, 7);
	return limits;
}

#define LIMITS	(640 * 4)

TEST_F(suit, memory)
{
	static struct heap_limits limits[LIMITS];
	struct memory memory;
	int n, skip = 0;

	for (n = 0; n < LIMITS; n++)
		limits[n] = limits_nth(n);
	for (memory.pages = 1; memory.pages <= PAGES_MAX; memory.pages++) {
		memset(memory.frame, 0, sizeof(memory.frame));
		/* Of four pages, a part of the limits for each: a different one. */
		while (memory_next(&memory))
			for (n = skip++ % 13; n < LIMITS; n += memory.pages < 3 ? 1 : 13)
				check_suit(_metadata, &memory, &limits[n]);
	}
}

/* Memory without an end: the highest address has 64 bits. */
TEST_F(suit, at_the_end)
{
	struct heap_placement placement = {
		.runs = 1, .run_min = PAGE, .run_max = PAGE, .last_addr = ALL, .align = PAGE,
	};
	struct heap_conflict conflict;
	struct heap_limits limits = {};

	ASSERT_TRUE(dmabuf_heap_limits_suit(&limits, &placement, PAGE, 1, &conflict));
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, ALL - 1);
	ASSERT_FALSE(dmabuf_heap_limits_suit(&limits, &placement, PAGE, 1, &conflict));
	ASSERT_EQ(ALL, conflict.found);
}

/* What the machine could give, in whole blocks. */
static struct heap_conflict machine_expect(const struct heap_merged *merged,
					   const struct heap_machine *machine, __u64 length)
{
	__u64 align = model_value(&merged->limits, DMABUF_HEAP_LIMIT_ALIGNMENT);
	__u64 laid = 0, runs = 0;

	if (length > machine->room)
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_MAX_ADDR, 99, machine->room };
	for (; laid < length && machine->max_block; laid += machine->max_block)
		runs++;
	if (model_value(&merged->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS) && runs != 1)
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_CONTIGUOUS, length,
						machine->max_block };
	if (merged->runs && !runs)
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_MAX_SEGMENTS,
						merged->runs_most, merged->runs_most + 1 };
	if (merged->runs && runs > merged->runs)
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_MAX_SEGMENTS, merged->runs_most,
						merged->runs_most + runs - merged->runs };
	if (align > machine->max_align)
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_ALIGNMENT, align,
						machine->max_align };
	if (merged->runs == 1 && merged->window > machine->max_align)
		return (struct heap_conflict) { DMABUF_HEAP_LIMIT_MAX_SEGMENTS,
						merged->runs_most, merged->runs_most + 1 };
	return (struct heap_conflict) { TYPES, 0, 0 };
}

static void check_feasible(struct __test_metadata *_metadata, const struct heap_merged *merged,
			   const struct heap_machine *machine, __u64 length)
{
	struct heap_conflict want = machine_expect(merged, machine, length);
	struct heap_conflict conflict = { .limit = TYPES };

	ASSERT_EQ(want.limit == TYPES,
		  dmabuf_heap_limits_feasible(merged, machine, length, &conflict));
	ASSERT_EQ(want.limit, conflict.limit);
	ASSERT_EQ(want.wanted, conflict.wanted);
	ASSERT_EQ(want.found, conflict.found);
}

TEST_F(suit, feasible)
{
	static const __u64 rooms[] = { 0, 1, 3, 4, 7, 11, 12 };
	struct heap_machine machine;
	__u64 length;
	int n;

	for (n = 0; n < 2 * 4 * 4 * 3 * 3 * 7; n++) {
		struct heap_merged merged = { .runs = n / 2 % 4, .runs_most = 9,
					      .window = 1ULL << (n / 32 % 3) };

		dmabuf_heap_limits_set(&merged.limits, DMABUF_HEAP_LIMIT_MAX_ADDR, 99);
		dmabuf_heap_limits_set(&merged.limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, n % 2);
		dmabuf_heap_limits_set(&merged.limits, DMABUF_HEAP_LIMIT_ALIGNMENT,
				       n / 8 % 4 ? 1ULL << (n / 8 % 4 - 1) : 0);
		machine.max_align = 1ULL << (n / 96 % 3);
		machine.room = rooms[n / 288];
		for (machine.max_block = 0; machine.max_block < 13; machine.max_block++)
			for (length = 1; length < 13; length++)
				check_feasible(_metadata, &merged, &machine, length);
	}
}

TEST_F(suit, one_run)
{
	int contiguous;

	for (contiguous = 0; contiguous < 2; contiguous++) {
		struct heap_merged merged = {};

		dmabuf_heap_limits_set(&merged.limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, contiguous);
		for (merged.runs = 0; merged.runs < 4; merged.runs++)
			ASSERT_EQ(contiguous || merged.runs == 1,
				  dmabuf_heap_limits_one_run(&merged));
	}
}

/* Any attachment as devices and requirements are, whose MAX_SEGMENTS can be met. */
static struct heap_limits attachment_some(__u64 *state, __u64 length)
{
	static const __u64 segments[] = { ALL, 0x80001000, 0x10000, 0xf000, 4096, 512, 3072 };
	struct heap_limits limits = {};
	__u64 least, boundary = (KIB_4 << model_below(state, 22)) - 1;

	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT,
			       model_below(state, 2) ? segments[model_below(state, 7)] :
						       KIB_4 * (1 + model_below(state, 64)));
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_BOUNDARY,
			       model_below(state, 2) ? boundary : ALL);
	if (!model_below(state, 3))
		dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_ALIGNMENT,
				       KIB_4 << model_below(state, 8));
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, !model_below(state, 8));
	least = dmabuf_heap_limits_segments(&limits, 0, length);
	if (model_below(state, 2))
		dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS,
				       least + model_below(state, model_below(state, 2) ? 3 : 99));
	return limits;
}

#define MAX_RUNS	64

struct placed {
	int count;
	struct {
		__u64 addr;
		__u64 bytes;
	} runs[MAX_RUNS];
};

/* Any memory that merged limits allow. None of its runs follow each other. */
static void placed_some(struct placed *placed, const struct heap_merged *merged, __u64 length,
			__u64 *state)
{
	__u64 align = dmabuf_heap_limits_alignment(merged) ?: KIB_4;
	__u64 pages = length / KIB_4, most = merged->runs ? merged->runs : MAX_RUNS, left;

	if (dmabuf_heap_limits_one_run(merged))
		most = 1;
	if (most > pages)
		most = pages;
	if (most > MAX_RUNS)
		most = MAX_RUNS;
	/* The most is what is most likely wrong. */
	placed->count = model_below(state, 2) ? most : 1 + model_below(state, most);
	for (left = 0; left < (__u64)placed->count; left++) {
		__u64 rest = placed->count - left - 1;
		__u64 part = rest ? 1 + model_below(state, (pages - rest) * 2 / (rest + 1) + 1) :
				    pages;

		if (part > pages - rest)
			part = pages - rest;
		placed->runs[left].bytes = part * KIB_4;
		placed->runs[left].addr = (left << 40) + align *
					  model_below(state, 1ULL << model_below(state, 20));
		pages -= part;
	}
}

static __u64 placed_segments(const struct placed *placed, const struct heap_limits *limits,
			     __u64 step)
{
	__u64 count = 0;
	int i;

	for (i = 0; i < placed->count; i++)
		count += model_segments(limits, placed->runs[i].addr, placed->runs[i].bytes, step);
	return count;
}

static struct heap_placement placed_measure(const struct placed *placed)
{
	struct heap_placement placement = { .runs = placed->count, .align = 1ULL << 63 };
	int i;

	for (i = 0; i < placed->count; i++)
		while (placed->runs[i].addr % placement.align)
			placement.align /= 2;
	return placement;
}

/* What obeys the merged limits serves every attachment. */
TEST_F(suit, merged)
{
	struct heap_placement placement;
	struct heap_limits limits[6];
	struct heap_conflict conflict;
	__u64 length, segments, step;
	struct placed placed;
	int n, i, count;

	TH_LOG("seed 0x%llx", MODEL_SEED);
	page_size = KIB_4;
	for (n = 0; n < CASES; n++) {
		struct heap_merged merged = {};

		count = 1 + model_below(&self->state, 6);
		length = KIB_4 * (1 + model_below(&self->state, 100));
		for (i = 0; i < count; i++) {
			limits[i] = attachment_some(&self->state, length);
			ASSERT_TRUE(dmabuf_heap_limits_shapable(&limits[i], length, &conflict));
			dmabuf_heap_limits_merge(&merged, &limits[i], i + 1, length);
		}
		placed_some(&placed, &merged, length, &self->state);
		placement = placed_measure(&placed);
		for (i = 0; i < count; i++) {
			step = model_value(&limits[i], DMABUF_HEAP_LIMIT_MAX_SEGMENT) % KIB_4 ?
			       512 : KIB_4;
			segments = placed_segments(&placed, &limits[i], step);
			ASSERT_TRUE(dmabuf_heap_limits_suit(&limits[i], &placement, length,
							    segments, &conflict))
				TH_LOG("case %d: attachment %d of %d, limit %u: %llu, not %llu",
				       n, i, count, conflict.limit, conflict.found,
				       conflict.wanted);
		}
	}
}

TEST_HARNESS_MAIN
