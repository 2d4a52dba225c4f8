// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's arithmetic of limits, compiled for userspace and compared, on all
 * of a small world, with what the words mean: a limit is the set of memory that
 * it allows. Units are those of enum dmabuf_heap_limit_type. Needs no kernel.
 */
#include "kselftest_harness.h"

#include "../driver/limits.c"

#define ALL		(~0ULL)
#define TYPES		DMABUF_HEAP_LIMIT_COUNT

/* What each type can be in this world; the last one limits nothing. */
static const __u64 world[TYPES][5] = {
	[DMABUF_HEAP_LIMIT_MAX_ADDR] = { 0, 1, 2, ALL - 1, ALL },
	[DMABUF_HEAP_LIMIT_CONTIGUOUS] = { 1, 0 },
	[DMABUF_HEAP_LIMIT_MAX_SEGMENT] = { 4, 8, ALL },
	[DMABUF_HEAP_LIMIT_BOUNDARY] = { 3, 7, ALL },
};

static const int world_values[TYPES] = { 5, 2, 3, 3 };

#define WORLD	(5 * 2 * 3 * 3)

/* Things to be allowed: for CONTIGUOUS the number of runs, else a size or address. */
static const __u64 things[] = { 0, 1, 2, 3, 4, 7, 8, 9, 4096, ALL - 1, ALL };

static int is_allowed(__u32 type, __u64 value, __u64 thing)
{
	if (type == DMABUF_HEAP_LIMIT_CONTIGUOUS)
		return !value || thing <= 1;
	return thing <= value;
}

/* The value that a limit stands for, whether there is one or not. */
static __u64 meaning(const struct heap_limits *limits, __u32 type)
{
	if (limits->valid >> type & 1)
		return limits->value[type];
	return type == DMABUF_HEAP_LIMIT_CONTIGUOUS ? 0 : ALL;
}

static int allows(const struct heap_limits *limits, __u32 type, __u64 thing)
{
	return is_allowed(type, meaning(limits, type), thing);
}

/* Number @n of all the limits there are in this world. */
static struct heap_limits limits_nth(int n)
{
	struct heap_limits limits = {};
	__u32 type;

	for (type = 0; type < TYPES; type++) {
		dmabuf_heap_limits_set(&limits, type, world[type][n % world_values[type]]);
		n /= world_values[type];
	}
	return limits;
}

/* What limits nothing isn't valid, and what isn't valid is 0. */
static int is_normal(const struct heap_limits *limits)
{
	__u32 type;

	if (limits->valid >> TYPES)
		return 0;
	for (type = 0; type < TYPES; type++) {
		__u64 nothing = type == DMABUF_HEAP_LIMIT_CONTIGUOUS ? 0 : ALL;

		if (limits->valid >> type & 1 ? limits->value[type] == nothing :
						limits->value[type] != 0)
			return 0;
	}
	return 1;
}

FIXTURE(limits) {
};

FIXTURE_SETUP(limits)
{
}

FIXTURE_TEARDOWN(limits)
{
}

TEST_F(limits, set)
{
	struct heap_limits limits;
	int n, i;
	__u32 type;

	for (n = 0; n < WORLD; n++) {
		for (type = 0; type < TYPES; type++) {
			for (i = 0; i < world_values[type]; i++) {
				limits = limits_nth(n);
				dmabuf_heap_limits_set(&limits, type, world[type][i]);
				ASSERT_TRUE(is_normal(&limits));
				ASSERT_EQ(world[type][i], meaning(&limits, type));
				ASSERT_EQ(limits.valid >> type & 1,
					  dmabuf_heap_limits_has(&limits, type));
			}
		}
	}
}

/* Both together allow what both allow alone. */
TEST_F(limits, narrow)
{
	int a, b;
	__u32 type;
	size_t i;

	for (a = 0; a < WORLD; a++) {
		for (b = 0; b < WORLD; b++) {
			struct heap_limits one = limits_nth(a), other = limits_nth(b);
			struct heap_limits both = one;

			dmabuf_heap_limits_narrow(&both, &other);
			ASSERT_TRUE(is_normal(&both));
			for (type = 0; type < TYPES; type++)
				for (i = 0; i < ARRAY_SIZE(things); i++)
					ASSERT_EQ(allows(&one, type, things[i]) &&
						  allows(&other, type, things[i]),
						  allows(&both, type, things[i]));
		}
	}
}

/* Behind an IOMMU nothing is left that chooses memory, and all that doesn't. */
TEST_F(limits, drop_physical)
{
	int n;
	__u32 type;

	for (n = 0; n < WORLD; n++) {
		struct heap_limits limits = limits_nth(n), before = limits;

		dmabuf_heap_limits_drop_physical(&limits);
		ASSERT_TRUE(is_normal(&limits));
		for (type = 0; type < TYPES; type++) {
			if (type == DMABUF_HEAP_LIMIT_MAX_ADDR ||
			    type == DMABUF_HEAP_LIMIT_CONTIGUOUS) {
				ASSERT_EQ(0, limits.valid >> type & 1);
			} else {
				ASSERT_EQ(meaning(&before, type), meaning(&limits, type));
			}
		}
	}
}

/* The first of @limits that alone is as tight as all together, as an id from 1 on. */
static __u64 culprit(const struct heap_limits *limits, int count, __u32 type)
{
	int i, j, tightest;

	for (i = 0; i < count; i++) {
		tightest = limits[i].valid >> type & 1;
		for (j = 0; j < count && tightest; j++) {
			size_t k;

			for (k = 0; k < ARRAY_SIZE(things); k++)
				if (allows(&limits[i], type, things[k]) &&
				    !allows(&limits[j], type, things[k]))
					tightest = 0;
		}
		if (tightest)
			return i + 1;
	}
	return 0;
}

static int merged_is_right(const struct heap_merged *merged, const struct heap_limits *limits,
			   int count)
{
	__u32 type;
	size_t i;
	int j;

	for (type = 0; type < TYPES; type++) {
		if (merged->set_by[type] != culprit(limits, count, type))
			return 0;
		for (i = 0; i < ARRAY_SIZE(things); i++) {
			int all = 1;

			for (j = 0; j < count; j++)
				all &= allows(&limits[j], type, things[i]);
			if (all != allows(&merged->limits, type, things[i]))
				return 0;
		}
	}
	return is_normal(&merged->limits);
}

/* Any three attachments, one after the other. */
TEST_F(limits, merge)
{
	struct heap_limits limits[3];
	int a, b, c;

	for (a = 0; a < WORLD; a++) {
		limits[0] = limits_nth(a);
		for (b = 0; b < WORLD; b++) {
			limits[1] = limits_nth(b);
			/* Types don't mix: a part of the third is enough. */
			for (c = a % 7; c < WORLD; c += 7) {
				struct heap_merged merged = {};

				limits[2] = limits_nth(c);
				dmabuf_heap_limits_merge(&merged, &limits[0], 1);
				dmabuf_heap_limits_merge(&merged, &limits[1], 2);
				dmabuf_heap_limits_merge(&merged, &limits[2], 3);
				ASSERT_TRUE(merged_is_right(&merged, limits, 3))
					TH_LOG("limits %d, %d, %d", a, b, c);
			}
		}
	}
}

/* The least number of bits into which the address goes. */
static __u32 bits_of(__u64 addr)
{
	__u32 bits;

	for (bits = 0; bits < 64; bits++)
		if (addr < 1ULL << bits)
			return bits;
	return 64;
}

TEST_F(limits, addr_bits)
{
	__u64 addr;
	int bit;

	for (addr = 0; addr < 5000; addr++)
		ASSERT_EQ(bits_of(addr), dmabuf_heap_limits_addr_bits(addr));
	for (bit = 0; bit < 64; bit++)
		for (addr = (1ULL << bit) - 2; addr != (1ULL << bit) + 2; addr++)
			ASSERT_EQ(bits_of(addr), dmabuf_heap_limits_addr_bits(addr));
	ASSERT_EQ(64, dmabuf_heap_limits_addr_bits(ALL));
}

/* A buffer of up to four pages of 16 bytes, in a memory of eight of them. */
#define PAGE		16ULL
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

static struct heap_placement memory_measure(const struct memory *memory)
{
	struct heap_placement placement = { .run_min = ALL };
	int first, next;

	for (first = 0; first < memory->pages; first = next) {
		__u64 bytes;

		next = first + 1;
		while (next < memory->pages &&
		       memory->frame[next] == memory->frame[next - 1] + 1)
			next++;
		bytes = (next - first) * PAGE;
		placement.runs++;
		if (bytes < placement.run_min)
			placement.run_min = bytes;
		if (bytes > placement.run_max)
			placement.run_max = bytes;
	}
	for (first = 0; first < memory->pages; first++)
		if ((memory->frame[first] + 1) * PAGE - 1 > placement.last_addr)
			placement.last_addr = (memory->frame[first] + 1) * PAGE - 1;
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

static int memory_contiguous(const struct memory *memory)
{
	int i;

	for (i = 1; i < memory->pages; i++)
		if (memory->frame[i] != memory->frame[0] + i)
			return 0;
	return 1;
}

static void check_suit(struct __test_metadata *_metadata, const struct memory *memory,
		       __u64 max_addr, int contiguous)
{
	struct heap_placement placement = memory_measure(memory);
	struct heap_conflict conflict = { .limit = 77 };
	struct heap_limits limits = {};
	__u64 length = memory->pages * PAGE;
	int suits;

	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, max_addr);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, contiguous);
	/* These only shape tables: they have no say. */
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT, PAGE);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_BOUNDARY, PAGE - 1);
	suits = dmabuf_heap_limits_suit(&limits, &placement, length, &conflict);
	if (!memory_reached(memory, max_addr)) {
		ASSERT_FALSE(suits);
		ASSERT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, conflict.limit);
		ASSERT_EQ(max_addr, conflict.wanted);
		/* Of the address no more is told than its bits. */
		ASSERT_EQ((1ULL << bits_of(placement.last_addr)) - 1, conflict.found);
	} else if (contiguous && !memory_contiguous(memory)) {
		ASSERT_FALSE(suits);
		ASSERT_EQ(DMABUF_HEAP_LIMIT_CONTIGUOUS, conflict.limit);
		ASSERT_EQ(length, conflict.wanted);
		ASSERT_EQ(placement.run_max, conflict.found);
	} else {
		ASSERT_TRUE(suits);
	}
}

TEST_F(limits, suit)
{
	static const __u64 addrs[] = {
		0, 14, 15, 16, 30, 31, 32, 47, 63, 64, 79, 95, 111, 126, 127, 128, ALL,
	};
	struct memory memory;
	size_t i;

	for (memory.pages = 1; memory.pages <= PAGES_MAX; memory.pages++) {
		memset(memory.frame, 0, sizeof(memory.frame));
		while (memory_next(&memory)) {
			for (i = 0; i < ARRAY_SIZE(addrs); i++) {
				check_suit(_metadata, &memory, addrs[i], 0);
				check_suit(_metadata, &memory, addrs[i], 1);
			}
		}
	}
}

/* Memory without an end: the highest address has 64 bits. */
TEST_F(limits, suit_at_the_end)
{
	struct heap_placement placement = {
		.runs = 1, .run_min = PAGE, .run_max = PAGE, .last_addr = ALL,
	};
	struct heap_conflict conflict;
	struct heap_limits limits = {};

	ASSERT_TRUE(dmabuf_heap_limits_suit(&limits, &placement, PAGE, &conflict));
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, ALL - 1);
	ASSERT_FALSE(dmabuf_heap_limits_suit(&limits, &placement, PAGE, &conflict));
	ASSERT_EQ(ALL, conflict.found);
}

static void check_feasible(struct __test_metadata *_metadata, __u64 length, int contiguous,
			   const struct heap_machine *machine)
{
	int enough = length <= machine->room;
	int one_block = !contiguous || length <= machine->max_block;
	struct heap_conflict conflict = { .limit = 77 };
	struct heap_limits limits = {};

	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, 99);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, contiguous);
	ASSERT_EQ(enough && one_block,
		  dmabuf_heap_limits_feasible(&limits, machine, length, &conflict));
	if (!enough) {
		ASSERT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, conflict.limit);
		ASSERT_EQ(99, conflict.wanted);
		ASSERT_EQ(machine->room, conflict.found);
	} else if (!one_block) {
		ASSERT_EQ(DMABUF_HEAP_LIMIT_CONTIGUOUS, conflict.limit);
		ASSERT_EQ(length, conflict.wanted);
		ASSERT_EQ(machine->max_block, conflict.found);
	}
}

TEST_F(limits, feasible)
{
	struct heap_machine machine;
	__u64 length;

	for (length = 1; length < 12; length++) {
		for (machine.room = 0; machine.room < 12; machine.room++) {
			for (machine.max_block = 0; machine.max_block < 12;
			     machine.max_block++) {
				check_feasible(_metadata, length, 0, &machine);
				check_feasible(_metadata, length, 1, &machine);
			}
		}
	}
}

/* The two shorthands say what the limits say. */
TEST_F(limits, shorthands)
{
	int n;

	for (n = 0; n < WORLD; n++) {
		struct heap_limits limits = limits_nth(n);

		ASSERT_EQ(meaning(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR),
			  dmabuf_heap_limits_max_addr(&limits));
		ASSERT_EQ(meaning(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS),
			  dmabuf_heap_limits_contiguous(&limits));
	}
}

/* What the header asks of a value, for pages of 4 bytes. */
static int is_wellformed(__u32 type, __u64 value)
{
	__u64 power;

	switch (type) {
	case DMABUF_HEAP_LIMIT_CONTIGUOUS:
		return value == 0 || value == 1;
	case DMABUF_HEAP_LIMIT_MAX_SEGMENT:
		return value > 0 && value % 4 == 0;
	case DMABUF_HEAP_LIMIT_BOUNDARY:
		for (power = 4; power; power *= 2)
			if (value == power - 1)
				return 1;
		return value == ALL;
	default:
		return 1;
	}
}

static const __u64 edges[] = {
	0xfff, 0x1000, 0x1001, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
	0x7fffffffffffffff, 0x8000000000000000, ALL - 3, ALL - 1, ALL,
};

static __u64 value_nth(size_t n)
{
	return n < 300 ? n : edges[n - 300];
}

TEST_F(limits, import_values)
{
	struct dmabuf_heap_limits from;
	struct heap_limits limits;
	__u32 type;
	size_t i;

	for (type = 0; type < TYPES; type++) {
		for (i = 0; i < 300 + ARRAY_SIZE(edges); i++) {
			memset(&from, 0, sizeof(from));
			from.valid = 1ULL << type;
			from.limit[type].value = value_nth(i);
			ASSERT_EQ(is_wellformed(type, value_nth(i)) ? 0 : -EINVAL,
				  dmabuf_heap_limits_import(&limits, &from, 4))
				TH_LOG("limit %u = 0x%llx", type, value_nth(i));
			if (!is_wellformed(type, value_nth(i)))
				continue;
			ASSERT_TRUE(is_normal(&limits));
			ASSERT_EQ(value_nth(i), meaning(&limits, type));
			ASSERT_EQ(0, limits.valid & ~(1U << type));
		}
	}
}

/* Nothing that this kernel doesn't know may be asked for, and nothing be set by. */
TEST_F(limits, import_shape)
{
	struct dmabuf_heap_limits from = {};
	struct heap_limits limits;
	int i;

	for (i = 0; i < 64; i++) {
		memset(&from, 0, sizeof(from));
		from.valid = 1ULL << i;
		if (i < TYPES)
			from.limit[i].value = world[i][0] == 0 ? 3 : world[i][0];
		ASSERT_EQ(i < TYPES ? 0 : -EINVAL,
			  dmabuf_heap_limits_import(&limits, &from, 4));
	}
	for (i = 0; i < DMABUF_HEAP_LIMIT_ROOM; i++) {
		memset(&from, 0, sizeof(from));
		from.limit[i].value = 4;
		ASSERT_EQ(-EINVAL, dmabuf_heap_limits_import(&limits, &from, 4));
		from.limit[i].value = 0;
		from.limit[i].set_by = 1;
		ASSERT_EQ(-EINVAL, dmabuf_heap_limits_import(&limits, &from, 4));
	}
}

/* Out and in again it is the same; out with culprits they are there. */
TEST_F(limits, export)
{
	const __u64 set_by[TYPES] = { 11, 12, 13, 14 };
	struct dmabuf_heap_limits out;
	int n, i;

	for (n = 0; n < WORLD; n++) {
		struct heap_limits limits = limits_nth(n), back;

		memset(&out, 0xff, sizeof(out));
		dmabuf_heap_limits_export(&out, &limits, NULL);
		ASSERT_EQ(0, dmabuf_heap_limits_import(&back, &out, 4));
		ASSERT_EQ(limits.valid, back.valid);
		ASSERT_EQ(0, memcmp(limits.value, back.value, sizeof(back.value)));

		memset(&out, 0xff, sizeof(out));
		dmabuf_heap_limits_export(&out, &limits, set_by);
		for (i = 0; i < DMABUF_HEAP_LIMIT_ROOM; i++) {
			int valid = i < TYPES && limits.valid >> i & 1;

			ASSERT_EQ(valid ? limits.value[i] : 0, out.limit[i].value);
			ASSERT_EQ(valid ? set_by[i] : 0, out.limit[i].set_by);
		}
	}
}

TEST_HARNESS_MAIN
