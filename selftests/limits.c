// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's arithmetic of limits, compiled for userspace and compared with what
 * the words mean: a limit is the set of memory that it allows. All of a small world,
 * then much of the large one at random. How memory is cut and chosen is in
 * limits_memory.c. Units are those of enum dmabuf_heap_limit_type. Needs no kernel.
 */
#include "kselftest_harness.h"

/* Pages don't matter here: all buffers have one byte. */
#undef PAGE_SIZE
#define PAGE_SIZE 1ULL

#include "../driver/limits.c"
#include "../driver/limits_uapi.c"
#include "limits_model.h"

#define MAX_VALUES	6
#define CASES		100000

/* What each type can be in this world; what limits nothing is there too. */
static const struct {
	int count;
	__u64 values[MAX_VALUES];
} world[TYPES] = {
	[DMABUF_HEAP_LIMIT_MAX_ADDR] = { 5, { 0, 1, 2, ALL - 1, ALL } },
	[DMABUF_HEAP_LIMIT_CONTIGUOUS] = { 2, { 1, 0 } },
	[DMABUF_HEAP_LIMIT_MAX_SEGMENT] = { 3, { 4, 8, ALL } },
	[DMABUF_HEAP_LIMIT_BOUNDARY] = { 3, { 3, 7, ALL } },
	[DMABUF_HEAP_LIMIT_MAX_SEGMENTS] = { 5, { 1, 2, 9, ALL - 1, ALL } },
	[DMABUF_HEAP_LIMIT_ALIGNMENT] = { 4, { 4, 8, 1ULL << 63, 0 } },
	[DMABUF_HEAP_LIMIT_CHUNK] = { 4, { 8, 4, 1ULL << 63, 0 } },
	[DMABUF_HEAP_LIMIT_NODE] = { 4, { 3, 0, 1023, ALL } },
};

/* Things to be allowed: runs, sizes, addresses, counts. */
static const __u64 things[] = {
	0, 1, 2, 3, 4, 7, 8, 9, 16, 4096, 1ULL << 62, 1ULL << 63, ALL - 1, ALL,
};

/* Whether memory of which @thing is what the type speaks of may be. */
static int is_allowed(__u32 type, __u64 value, __u64 thing)
{
	switch (type) {
	case DMABUF_HEAP_LIMIT_CONTIGUOUS:
		return !value || thing <= 1;
	case DMABUF_HEAP_LIMIT_ALIGNMENT:
	case DMABUF_HEAP_LIMIT_CHUNK:
		return !value || thing % value == 0;
	case DMABUF_HEAP_LIMIT_NODE:
		return value == ALL || thing == value;
	default:
		return thing <= value;
	}
}

static int allows(const struct heap_limits *limits, __u32 type, __u64 thing)
{
	return is_allowed(type, model_value(limits, type), thing);
}

static __u64 loosest(__u32 type)
{
	static const struct heap_limits none;

	return model_value(&none, type);
}

/* What limits nothing isn't valid, and what isn't valid is 0. */
static int is_normal(const struct heap_limits *limits)
{
	__u32 type;

	if (limits->valid >> TYPES)
		return 0;
	for (type = 0; type < TYPES; type++)
		if (limits->valid >> type & 1 ? limits->value[type] == loosest(type) :
						limits->value[type] != 0)
			return 0;
	return 1;
}

/* Any limits of this world. */
static struct heap_limits limits_some(__u64 *state)
{
	struct heap_limits limits = {};
	__u32 type;

	for (type = 0; type < TYPES; type++)
		dmabuf_heap_limits_set(&limits, type,
				       world[type].values[model_below(state, world[type].count)]);
	return limits;
}

FIXTURE(limits) {
	__u64 state;
};

FIXTURE_SETUP(limits)
{
	self->state = MODEL_SEED;
}

FIXTURE_TEARDOWN(limits)
{
}

TEST_F(limits, set)
{
	struct heap_limits limits, before;
	__u32 type, other;
	int n, i;

	for (n = 0; n < 1000; n++) {
		before = limits_some(&self->state);
		for (type = 0; type < TYPES; type++) {
			for (i = 0; i < world[type].count; i++) {
				limits = before;
				dmabuf_heap_limits_set(&limits, type, world[type].values[i]);
				ASSERT_TRUE(is_normal(&limits));
				for (other = 0; other < TYPES; other++)
					ASSERT_EQ(other == type ? world[type].values[i] :
								  model_value(&before, other),
						  model_value(&limits, other));
				ASSERT_EQ(limits.valid >> type & 1,
					  dmabuf_heap_limits_has(&limits, type));
			}
		}
	}
}

/* Of two nodes the first is meant, of all else what both allow. */
static int both_is_right(const struct heap_limits *one, const struct heap_limits *other,
			 const struct heap_limits *both, __u32 type)
{
	const struct heap_limits *first = one->valid >> type & 1 ? one : other;
	size_t i;

	if (type == DMABUF_HEAP_LIMIT_NODE)
		return model_value(both, type) == model_value(first, type);
	for (i = 0; i < ARRAY_SIZE(things); i++)
		if ((allows(one, type, things[i]) && allows(other, type, things[i])) !=
		    allows(both, type, things[i]))
			return 0;
	return 1;
}

/* All pairs of values of each type, among any values of the others. */
TEST_F(limits, narrow)
{
	struct heap_limits one, other, both;
	__u32 type, i;
	int a, b, n;

	for (type = 0; type < TYPES; type++) {
		for (n = 0; n < world[type].count * world[type].count * 100; n++) {
			a = n % world[type].count;
			b = n / world[type].count % world[type].count;
			one = limits_some(&self->state);
			other = limits_some(&self->state);
			dmabuf_heap_limits_set(&one, type, world[type].values[a]);
			dmabuf_heap_limits_set(&other, type, world[type].values[b]);
			both = one;
			dmabuf_heap_limits_narrow(&both, &other);
			ASSERT_TRUE(is_normal(&both));
			for (i = 0; i < TYPES; i++)
				ASSERT_TRUE(both_is_right(&one, &other, &both, i))
					TH_LOG("type %u of case %d of %u", i, n, type);
		}
	}
}

/* Behind an IOMMU nothing refuses memory, and the rest is as before. */
TEST_F(limits, drop_physical)
{
	struct heap_limits limits, before;
	__u32 type;
	int n;

	for (n = 0; n < CASES; n++) {
		limits = limits_some(&self->state);
		before = limits;
		dmabuf_heap_limits_drop_physical(&limits);
		ASSERT_TRUE(is_normal(&limits));
		for (type = 0; type < TYPES; type++) {
			switch (type) {
			case DMABUF_HEAP_LIMIT_MAX_ADDR:
			case DMABUF_HEAP_LIMIT_CONTIGUOUS:
			case DMABUF_HEAP_LIMIT_MAX_SEGMENTS:
			case DMABUF_HEAP_LIMIT_ALIGNMENT:
				ASSERT_EQ(0, limits.valid >> type & 1);
				break;
			default:
				ASSERT_EQ(model_value(&before, type),
					  model_value(&limits, type));
			}
		}
	}
}

/* Whether whatever @one allows, @other allows too. */
static int is_within(const struct heap_limits *one, const struct heap_limits *other, __u32 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(things); i++)
		if (allows(one, type, things[i]) && !allows(other, type, things[i]))
			return 0;
	return 1;
}

/* The first of @limits that alone is as tight as all together, as an id from 1 on. */
static __u64 culprit(const struct heap_limits *limits, int count, __u32 type)
{
	int i, j, tightest;

	for (i = 0; i < count; i++) {
		tightest = limits[i].valid >> type & 1;
		for (j = 0; j < count && type != DMABUF_HEAP_LIMIT_NODE; j++)
			tightest &= is_within(&limits[i], &limits[j], type);
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
	__u64 by;
	int j;

	for (type = 0; type < TYPES; type++) {
		by = culprit(limits, count, type);
		if (merged->set_by[type] != by)
			return 0;
		if (type == DMABUF_HEAP_LIMIT_NODE && by &&
		    merged->limits.value[type] != limits[by - 1].value[type])
			return 0;
		for (i = 0; i < ARRAY_SIZE(things) && type != DMABUF_HEAP_LIMIT_NODE; i++) {
			int all = 1;

			for (j = 0; j < count; j++)
				all &= allows(&limits[j], type, things[i]);
			if (all != allows(&merged->limits, type, things[i]))
				return 0;
		}
	}
	return is_normal(&merged->limits);
}

/* All threes of values of each type, among any values of the others. */
TEST_F(limits, merge)
{
	struct heap_limits limits[3];
	struct heap_merged merged;
	int n, i, rest, count;
	__u32 type;

	for (type = 0; type < TYPES; type++) {
		count = world[type].count;
		for (n = 0; n < count * count * count * 20; n++) {
			memset(&merged, 0, sizeof(merged));
			for (i = 0, rest = n; i < 3; i++, rest /= count) {
				limits[i] = limits_some(&self->state);
				dmabuf_heap_limits_set(&limits[i], type,
						       world[type].values[rest % count]);
				dmabuf_heap_limits_merge(&merged, &limits[i], i + 1, 1);
			}
			ASSERT_TRUE(merged_is_right(&merged, limits, 3))
				TH_LOG("case %d of type %u", n, type);
		}
	}
}

/* Any number of attachments: in any order the same is allowed. */
TEST_F(limits, merge_many)
{
	struct heap_limits limits[8];
	int n, i, count;

	for (n = 0; n < CASES / 10; n++) {
		struct heap_merged forth = {}, back = {};

		count = model_below(&self->state, 9);
		for (i = 0; i < count; i++) {
			limits[i] = limits_some(&self->state);
			dmabuf_heap_limits_merge(&forth, &limits[i], i + 1, 1);
		}
		ASSERT_TRUE(merged_is_right(&forth, limits, count)) TH_LOG("case %d", n);
		while (i--)
			dmabuf_heap_limits_merge(&back, &limits[i], i + 1, 1);
		dmabuf_heap_limits_set(&forth.limits, DMABUF_HEAP_LIMIT_NODE, ALL);
		dmabuf_heap_limits_set(&back.limits, DMABUF_HEAP_LIMIT_NODE, ALL);
		ASSERT_TRUE(dmabuf_heap_limits_same(&forth.limits, &back.limits));
	}
}

TEST_F(limits, same)
{
	struct heap_limits a, b;
	__u32 type;
	int n, same;

	for (n = 0; n < CASES; n++) {
		a = limits_some(&self->state);
		b = n & 1 ? a : limits_some(&self->state);
		if (n & 2) {
			type = model_below(&self->state, TYPES);
			dmabuf_heap_limits_set(&b, type, world[type].values[0]);
		}
		for (type = 0, same = 1; type < TYPES; type++)
			same &= model_value(&a, type) == model_value(&b, type);
		ASSERT_EQ(same, dmabuf_heap_limits_same(&a, &b));
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

/* The two shorthands say what the limits say. */
TEST_F(limits, shorthands)
{
	struct heap_limits limits;
	int n;

	for (n = 0; n < CASES; n++) {
		limits = limits_some(&self->state);
		ASSERT_EQ(model_value(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR),
			  dmabuf_heap_limits_max_addr(&limits));
		ASSERT_EQ(model_value(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS),
			  dmabuf_heap_limits_contiguous(&limits));
	}
}

static int is_power(__u64 value)
{
	int bit;

	for (bit = 0; bit < 64; bit++)
		if (value == 1ULL << bit)
			return 1;
	return 0;
}

/* What the header asks of a value, for pages of 4 bytes. */
static int is_wellformed(__u32 type, __u64 value)
{
	switch (type) {
	case DMABUF_HEAP_LIMIT_CONTIGUOUS:
		return value == 0 || value == 1;
	case DMABUF_HEAP_LIMIT_MAX_SEGMENT:
		return value > 0 && value % 4 == 0;
	case DMABUF_HEAP_LIMIT_BOUNDARY:
		return value == ALL || (value >= 3 && is_power(value + 1));
	case DMABUF_HEAP_LIMIT_MAX_SEGMENTS:
		return value > 0;
	case DMABUF_HEAP_LIMIT_ALIGNMENT:
	case DMABUF_HEAP_LIMIT_CHUNK:
		return value >= 4 && is_power(value);
	case DMABUF_HEAP_LIMIT_NODE:
		return value < 1024;
	default:
		return 1;
	}
}

#define SMALL	1100

static const __u64 edges[] = {
	0xfff, 0x1000, 0x1001, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000400,
	0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001, ALL - 3, ALL - 1, ALL,
};

static __u64 value_nth(size_t n)
{
	return n < SMALL ? n : edges[n - SMALL];
}

TEST_F(limits, import_values)
{
	struct dmabuf_heap_limits from;
	struct heap_limits limits;
	__u32 type;
	size_t i;

	for (type = 0; type < TYPES; type++) {
		for (i = 0; i < SMALL + ARRAY_SIZE(edges); i++) {
			memset(&from, 0, sizeof(from));
			from.valid = 1ULL << type;
			from.limit[type].value = value_nth(i);
			ASSERT_EQ(is_wellformed(type, value_nth(i)) ? 0 : -EINVAL,
				  dmabuf_heap_limits_import(&limits, &from, 4))
				TH_LOG("limit %u = 0x%llx", type, value_nth(i));
			if (!is_wellformed(type, value_nth(i)))
				continue;
			ASSERT_TRUE(is_normal(&limits));
			ASSERT_EQ(value_nth(i), model_value(&limits, type));
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
			from.limit[i].value = world[i].values[0];
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
	const __u64 set_by[TYPES] = { 11, 12, 13, 14, 15, 16, 17, 18 };
	struct dmabuf_heap_limits out;
	int n, i;

	for (n = 0; n < CASES / 10; n++) {
		struct heap_limits limits = limits_some(&self->state), back;

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
