// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's arithmetic of how memory is cut into segments and whether it serves,
 * compiled for userspace and compared with what is cut step by step and laid page
 * by page. All of a small world, whose pages are single bytes or sixteen, then much
 * of the large one at random. Needs no kernel.
 */
#include "kselftest_harness.h"

/* A world's pages. */
static unsigned long long page_size = 1;
#undef PAGE_SIZE
#define PAGE_SIZE page_size

#include "../driver/limits.c"
#include "limits_model.h"

#define CASES	100000
#define KIB_4	4096ULL

FIXTURE(memory) {
	__u64 state;
};

FIXTURE_SETUP(memory)
{
	self->state = MODEL_SEED;
}

FIXTURE_TEARDOWN(memory)
{
}

static struct heap_limits limits_of(__u64 segment, __u64 boundary, __u64 align, __u64 most)
{
	struct heap_limits limits = {};

	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT, segment);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_BOUNDARY, boundary);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_ALIGNMENT, align);
	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, most);
	return limits;
}

/* Whether a segment is as the header says. */
static int segment_obeys(const struct heap_limits *limits, __u64 addr, __u64 bytes, __u64 first)
{
	__u64 segment = model_value(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT);
	__u64 boundary = model_value(limits, DMABUF_HEAP_LIMIT_BOUNDARY);
	__u64 align = model_value(limits, DMABUF_HEAP_LIMIT_ALIGNMENT);

	if (!bytes || bytes > segment || bytes > 0xffffffff)
		return 0;
	if ((addr | boundary) != ((addr + bytes - 1) | boundary))
		return 0;
	/* Where the run is aligned, and what is aligned goes into a segment. */
	return !align || first % align || align > segment || align - 1 > boundary ||
	       !(addr % align);
}

/* Cuts a run by segment() to the end, and compares. */
static int cut_is_right(const struct heap_limits *limits, __u64 addr, __u64 bytes, __u64 step)
{
	__u64 at = addr, left = bytes, count = 0, segment;

	for (; left; at += segment, left -= segment) {
		segment = dmabuf_heap_limits_segment(limits, at, left);
		if (segment > left || !segment_obeys(limits, at, segment, addr))
			return 0;
		count++;
	}
	return count == dmabuf_heap_limits_segments(limits, addr, bytes) &&
	       (!step || count == model_segments(limits, addr, bytes, step));
}

static const __u64 small_segments[] = { ALL, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
static const __u64 small_boundaries[] = { ALL, 0, 1, 3, 7, 15 };
static const __u64 small_aligns[] = { 0, 1, 2, 4, 8, 16 };

TEST_F(memory, cut)
{
	struct heap_limits limits;
	__u64 addr, bytes;
	size_t s, b, a, n;

	for (s = 0; s < COUNT(small_segments); s++)
		for (b = 0; b < COUNT(small_boundaries); b++)
			for (a = 0; a < COUNT(small_aligns); a++) {
				limits = limits_of(small_segments[s], small_boundaries[b],
						   small_aligns[a], ALL);
				for (n = 0; n < 33 * 39; n++) {
					addr = n % 33;
					bytes = 1 + n / 33;
					ASSERT_TRUE(cut_is_right(&limits, addr, bytes, 1))
						TH_LOG("case %zu %zu %zu %zu", s, b, a, n);
				}
			}
}

/* Any limits as devices and requirements have them. */
static struct heap_limits limits_some(__u64 *state)
{
	static const __u64 segments[] = {
		ALL, 0xfffff000, 0x80001000, 0x80000000, 0x10000, 0xf000,
	};
	__u64 segment = segments[model_below(state, COUNT(segments))];
	__u64 boundary = ALL, align = 0, most = ALL;

	if (model_below(state, 2))
		segment = KIB_4 * (1 + model_below(state, 1ULL << model_below(state, 13)));
	if (model_below(state, 3))
		boundary = (KIB_4 << model_below(state, 22)) - 1;
	if (model_below(state, 2))
		align = KIB_4 << model_below(state, 11);
	if (model_below(state, 2))
		most = 1 + model_below(state, 1ULL << model_below(state, 11));
	return limits_of(segment, boundary, align, most);
}

/* Step by step while that isn't long, then by segments while these aren't many. */
TEST_F(memory, cut_large)
{
	__u64 addr, bytes, step;
	int n;

	TH_LOG("seed 0x%llx", MODEL_SEED);
	for (n = 0; n < CASES; n++) {
		struct heap_limits limits = limits_some(&self->state);

		step = model_below(&self->state, 4) ? KIB_4 : 0;
		addr = KIB_4 * model_below(&self->state, 1ULL << model_below(&self->state, 40));
		bytes = KIB_4 * (1 + model_below(&self->state, step ? 200 : 1ULL << 26));
		if (dmabuf_heap_limits_segments(&limits, addr, bytes) > 2000)
			continue;
		ASSERT_TRUE(cut_is_right(&limits, addr, bytes, step)) TH_LOG("case %d", n);
	}
}

/*
 * The claim of merged limits. The most segments, and the fewest, that so many bytes
 * can be cut into, in so many runs that begin at multiples of an alignment.
 */
#define LENGTHS	11
#define RUNS	13
#define ALIGNS	5	/* 1 to 16 */
#define SHAPES	(7 * 5 * 4)

struct shape {
	__u64 segment;
	__u64 boundary;
	__u64 align;
	__u64 worst[ALIGNS][RUNS][LENGTHS];
	__u64 best[LENGTHS];	/* in any runs anywhere */
};

static struct shape shapes[SHAPES];

/* One run of @bytes, from wherever it may begin. */
static void shape_run(struct shape *shape, int align, __u64 bytes, __u64 *worst, __u64 *best)
{
	struct heap_limits limits = limits_of(shape->segment, shape->boundary, shape->align, ALL);
	__u64 addr, count;

	*worst = 0;
	*best = ALL;
	for (addr = 0; addr < 32; addr += 1ULL << align) {
		count = model_segments(&limits, addr, bytes, 1);
		if (count > *worst)
			*worst = count;
		if (count < *best)
			*best = count;
	}
}

/* One run more than @runs - 1, of each length. */
static void shape_add_run(struct shape *shape, int align, int runs)
{
	__u64 length, last, count;

	for (length = 1; length < LENGTHS; length++) {
		__u64 *worst = &shape->worst[align][runs][length];

		*worst = shape->worst[align][runs - 1][length];
		for (last = 1; last < length && runs > 1; last++) {
			count = shape->worst[align][runs - 1][length - last] +
				shape->worst[align][1][last];
			if (count > *worst)
				*worst = count;
		}
	}
}

static void shape_fill(struct shape *shape)
{
	__u64 length, last, best;
	int align, runs;

	for (align = ALIGNS - 1; align >= 0; align--) {
		for (length = 1; length < LENGTHS; length++)
			shape_run(shape, align, length, &shape->worst[align][1][length],
				  &shape->best[length]);
		for (runs = 2; runs < RUNS; runs++)
			shape_add_run(shape, align, runs);
	}
	for (length = 1; length < LENGTHS; length++) {
		for (last = 1; last < length; last++) {
			best = shape->best[length - last] + shape->best[last];
			if (best < shape->best[length])
				shape->best[length] = best;
		}
	}
}

static void shapes_fill(void)
{
	static const __u64 segments[] = { ALL, 1, 2, 3, 4, 5, 6 };
	static const __u64 boundaries[] = { ALL, 0, 1, 3, 7 };
	static const __u64 aligns[] = { 0, 1, 2, 4 };
	int i;

	for (i = 0; i < SHAPES; i++) {
		shapes[i].segment = segments[i % 7];
		shapes[i].boundary = boundaries[i / 7 % 5];
		shapes[i].align = aligns[i / 35];
		shape_fill(&shapes[i]);
	}
}

static struct heap_limits shape_limits(const struct shape *shape, __u64 most)
{
	return limits_of(shape->segment, shape->boundary, shape->align, most);
}

/*
 * Whether largest segments fill what lies between two boundaries, or it is longer
 * than the buffer: then no pieces are cut less often than a run from a boundary on.
 */
static int is_even(const struct shape *shape, __u64 length)
{
	struct heap_limits limits = shape_limits(shape, ALL);
	__u64 most = model_most(&limits, 1), window = shape->boundary + 1;

	return !window || most >= window || window % most == 0 || window >= length;
}

TEST_F(memory, shapable)
{
	struct heap_conflict conflict;
	struct heap_limits limits;
	__u64 length, most, from_boundary;
	int i;

	shapes_fill();
	for (i = 0; i < SHAPES; i++) {
		for (length = 1; length < LENGTHS; length++) {
			for (most = 1; most < RUNS; most++) {
				limits = shape_limits(&shapes[i], most);
				from_boundary = model_segments(&limits, 0, length, 1);
				conflict.limit = 77;
				ASSERT_EQ(from_boundary <= most,
					  dmabuf_heap_limits_shapable(&limits, length, &conflict));
				if (is_even(&shapes[i], length))
					ASSERT_EQ(from_boundary, shapes[i].best[length]);
				if (from_boundary <= most)
					continue;
				ASSERT_EQ(DMABUF_HEAP_LIMIT_MAX_SEGMENTS, conflict.limit);
				ASSERT_EQ(most, conflict.wanted);
				ASSERT_EQ(from_boundary, conflict.found);
			}
			limits = shape_limits(&shapes[i], ALL);
			ASSERT_TRUE(dmabuf_heap_limits_shapable(&limits, length, &conflict));
		}
	}
}

static int align_index(__u64 align)
{
	return align ? __builtin_ctzll(align) : 0;
}

/* Whether any memory that @merged allows is cut into no more than @most. */
static int claim_holds(const struct heap_merged *merged, const struct shape *shape, __u64 length,
		       __u64 most)
{
	int align = align_index(dmabuf_heap_limits_alignment(merged));
	__u64 runs = merged->runs && merged->runs < length ? merged->runs : length;

	return shape->worst[align][runs][length] <= most;
}

static const __u64 mosts[] = { ALL, 1, 2, 3, 4, 5, 7, 12 };

static void check_pair(struct __test_metadata *_metadata, const struct shape *one,
		       const struct shape *other, __u64 length, __u64 one_most, __u64 other_most)
{
	struct heap_limits a = shape_limits(one, one_most), b = shape_limits(other, other_most);
	struct heap_merged merged = {}, alone_a = {}, alone_b = {};
	struct heap_conflict conflict;

	if (!dmabuf_heap_limits_shapable(&a, length, &conflict) ||
	    !dmabuf_heap_limits_shapable(&b, length, &conflict))
		return;
	dmabuf_heap_limits_merge(&alone_a, &a, 5, length);
	dmabuf_heap_limits_merge(&alone_b, &b, 6, length);
	dmabuf_heap_limits_merge(&merged, &a, 5, length);
	dmabuf_heap_limits_merge(&merged, &b, 6, length);
	ASSERT_TRUE(claim_holds(&merged, one, length, one_most) &&
		    claim_holds(&merged, other, length, other_most))
		TH_LOG("shapes %td most %lld, %td most %lld: %llu in %llu runs", one - shapes,
		       one_most, other - shapes, other_most, length, merged.runs);
	/* Who asks for the fewest runs is to blame, the first of two. */
	if (!merged.runs) {
		ASSERT_EQ(0, alone_a.runs | alone_b.runs | merged.runs_by | merged.window);
	} else if (alone_a.runs && (!alone_b.runs || alone_a.runs <= alone_b.runs)) {
		ASSERT_EQ(alone_a.runs, merged.runs);
		ASSERT_EQ(5, merged.runs_by);
		ASSERT_EQ(one_most, merged.runs_most);
	} else {
		ASSERT_EQ(alone_b.runs, merged.runs);
		ASSERT_EQ(6, merged.runs_by);
		ASSERT_EQ(other_most, merged.runs_most);
	}
}

/* Any two attachments, but for every second shape of the second one. */
TEST_F(memory, merge_runs)
{
	size_t i, j, m, n;
	__u64 length;

	shapes_fill();
	for (i = 0; i < SHAPES; i++)
		for (j = i & 1; j < SHAPES; j += 2)
			for (m = 0; m < COUNT(mosts); m++)
				for (n = 0; n < COUNT(mosts); n++) {
					length = 1 + (i + j + m + n) % (LENGTHS - 1);
					check_pair(_metadata, &shapes[i], &shapes[j], length,
						   mosts[m], mosts[n]);
				}
}

/*
 * How far a claim is from the best: whether with one run more some memory would be cut
 * too often. Where neither segments nor boundaries are limited, always.
 */
TEST_F(memory, merge_runs_widest)
{
	int i, widest = 0, cases = 0;
	struct heap_conflict conflict;
	__u64 length, most;

	shapes_fill();
	for (i = 0; i < SHAPES; i++) {
		for (length = 1; length < LENGTHS; length++) {
			for (most = 1; most < RUNS; most++) {
				struct heap_limits limits = shape_limits(&shapes[i], most);
				struct heap_merged merged = {};

				if (!dmabuf_heap_limits_shapable(&limits, length, &conflict))
					continue;
				dmabuf_heap_limits_merge(&merged, &limits, 1, length);
				if (!merged.runs || merged.runs >= length)
					continue;
				cases++;
				merged.runs++;
				if (!claim_holds(&merged, &shapes[i], length, most))
					widest++;
				else
					ASSERT_TRUE(shapes[i].segment != ALL ||
						    shapes[i].boundary != ALL);
			}
		}
	}
	TH_LOG("%d of %d claims couldn't be wider", widest, cases);
	ASSERT_LT(0, widest);
}

TEST_HARNESS_MAIN
