// SPDX-License-Identifier: GPL-2.0
/*
 * Each device gets memory and segments that suit it: ATTACH and its TEST say so, the
 * device itself looks at every segment, and its bytes are the CPU's. By many
 * combinations of limits, for devices that do DMA straight to memory, through
 * operations of their own, and through translated addresses.
 *
 * What memory there is differs from machine to machine: whether limits can be met at
 * all, a requirement without a device is asked.
 */
#include "kselftest_harness.h"
#include <unistd.h>
#include <sys/mman.h>

#include "heap.h"
#include "mapdev.h"

#define NONE	0
#define PATIENCE 120	/* seconds, for a kernel that checks all it does */
#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

/* What no device says of itself, 0 for nothing: it is required with the device. */
struct wish {
	__u64 max_segments;
	__u64 alignment;
	__u64 chunk;
	bool node;	/* the first one */
};

FIXTURE(suits) {
	struct heap_state heap;
	struct mapdev dev;
	int buffer;
	__u64 length;
	struct wish wish;
	struct dmabuf_heap_limits requirement;
	struct dmabuf_heap_answer answer;
};

FIXTURE_VARIANT(suits) {
	__u32 flags;
};

FIXTURE_VARIANT_ADD(suits, direct) { .flags = NONE };
FIXTURE_VARIANT_ADD(suits, own) { .flags = MAPPER_OWN_DMA };
FIXTURE_VARIANT_ADD(suits, remapped) { .flags = MAPPER_OWN_DMA | MAPPER_REMAP };

FIXTURE_SETUP(suits)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, variant->flags);
	self->buffer = -1;
}

FIXTURE_TEARDOWN(suits)
{
	mapdev_close(&self->dev);
	heap_teardown(&self->heap);
}

static bool is_remapped(const struct mapdev *dev)
{
	return dev->limits.flags & MAPPER_REMAP;
}

/* Whether to leave out case @number: a kernel that checks all it does has less time. */
static bool is_left_out(unsigned int number)
{
	return number % 7 && heap_kernel_checks();
}

/* What is asked with the device. */
static struct dmabuf_heap_limits required(const struct mapdev *dev, const struct wish *wish)
{
	struct dmabuf_heap_limits limits = {};

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS,
			!!(dev->limits.flags & MAPPER_CONTIGUOUS));
	if (wish->max_segments)
		heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, wish->max_segments);
	if (wish->alignment)
		heap_limits_set(&limits, DMABUF_HEAP_LIMIT_ALIGNMENT, wish->alignment);
	if (wish->chunk)
		heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CHUNK, wish->chunk);
	if (wish->node)
		heap_limits_set(&limits, DMABUF_HEAP_LIMIT_NODE, 0);
	return limits;
}

/*
 * What ATTACH should say: what it says to somebody without a device. Of a device whose
 * addresses are translated it asks only how memory would be cut.
 */
static int expected(int heap, int buffer, const struct mapdev *dev, const struct wish *wish)
{
	struct dmabuf_heap_limits limits = required(dev, wish);
	__u32 segment = dev->limits.max_segment ?: 65536;

	if (is_remapped(dev))
		heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0);
	else
		heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, dev->limits.mask);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT, segment & ~(HEAP_PAGE - 1));
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_BOUNDARY, dev->limits.boundary);
	return heap_test(heap, buffer, DMABUF_HEAP_NO_DEVICE, &limits, NULL, NULL);
}

/* What the device itself will look at; translated addresses are nobody's to choose. */
static void wish_tell(struct mapdev *dev, const struct wish *wish)
{
	dev->limits.max_segments = is_remapped(dev) ? 0 : wish->max_segments;
	dev->limits.alignment = is_remapped(dev) ? 0 : wish->alignment;
	dev->limits.node = 0;
	dev->limits.flags &= ~MAPPER_ON_NODE;
	if (wish->node)
		dev->limits.flags |= MAPPER_ON_NODE;
}

/* Of both the device's bytes and the CPU's, first and last pages. */
static int bytes_are_shared(const struct mapdev *dev, int buffer, __u64 length)
{
	void *memory = heap_mmap(buffer, length);
	__u64 first = 1, last = 2, seen[2];
	int rc;

	if (!memory)
		return -errno;
	/* After the map: what was copied for the device would be out of date. */
	*(__u64 *)memory = 3;
	*(__u64 *)(memory + length - sizeof(last)) = 4;
	rc = mapdev_read(dev, 0, &seen[0], sizeof(seen[0])) ?:
	     mapdev_read(dev, length - sizeof(last), &seen[1], sizeof(seen[1]));
	if (!rc && (seen[0] != 3 || seen[1] != 4))
		rc = -EILSEQ;
	if (!rc)
		rc = mapdev_write(dev, 0, &first, sizeof(first)) ?:
		     mapdev_write(dev, length - sizeof(last), &last, sizeof(last));
	if (!rc && (*(__u64 *)memory != (length == sizeof(first) ? last : first) ||
		    *(__u64 *)(memory + length - sizeof(last)) != last))
		rc = -EILSEQ;
	munmap(memory, length);
	return rc;
}

/* One device, one buffer, from its declaration to its bytes. */
#define check(...) do {								\
	struct mapdev *dev = &self->dev;					\
	int want;								\
										\
	wish_tell(dev, &self->wish);						\
	self->requirement = required(dev, &self->wish);				\
	self->buffer = must_open(heap_create(self->heap.fd, self->length));	\
	must_pass(mapdev_limit(dev)) TH_LOG(__VA_ARGS__);			\
	want = expected(self->heap.fd, self->buffer, dev, &self->wish);		\
	EXPECT_EQ(want, heap_test(self->heap.fd, self->buffer, dev->folder,	\
				  &self->requirement, NULL, NULL)) TH_LOG(__VA_ARGS__); \
	ASSERT_EQ(want, heap_require(self->heap.fd, self->buffer, dev->folder,	\
				     &self->requirement, NULL, NULL, &self->answer)) \
		TH_LOG(__VA_ARGS__);						\
	EXPECT_STREQ(dev->name, self->answer.device);				\
	EXPECT_EQ(is_remapped(dev) ? DMABUF_HEAP_ATTACHMENT_REMAPPED : 0,	\
		  self->answer.flags);						\
	if (!want) {								\
		must_pass(mapdev_attach(dev, self->buffer)) TH_LOG(__VA_ARGS__); \
		must_pass(mapdev_map(dev, MAPDEV_BOTH)) TH_LOG(__VA_ARGS__);	\
		EXPECT_EQ(0, dev->map.broken) TH_LOG(__VA_ARGS__);		\
		EXPECT_EQ(self->length, dev->map.bytes);			\
		EXPECT_EQ(0, bytes_are_shared(dev, self->buffer, self->length))	\
			TH_LOG(__VA_ARGS__);					\
		must_pass(mapdev_unmap(dev));					\
		must_pass(mapdev_detach(dev));					\
	}									\
	close(self->buffer);							\
} while (0)

static const __u64 lengths[] = { HEAP_PAGE, 19 * HEAP_PAGE };

/* What shapes the table. 65535 isn't a multiple of a page; 0 was never said. */
TEST_F_TIMEOUT(suits, segments, PATIENCE)
{
	static const __u32 segments[] = { 0, 4096, 65535, 69632, 0xffffffff };
	static const __u64 boundaries[] = { 0xfff, 0xffff, 0xfffff, 0xffffffff, MAPDEV_ANY };
	unsigned int i, k, n, number = 0;

	for (i = 0; i < COUNT(segments); i++) {
		for (k = 0; k < COUNT(boundaries); k++) {
			for (n = 0; n < COUNT(lengths); n++) {
				if (is_left_out(number++))
					continue;
				self->dev.limits.max_segment = segments[i];
				self->dev.limits.boundary = boundaries[k];
				self->length = lengths[n];
				check("segment %u boundary %llu length %llu", segments[i],
				      boundaries[k], lengths[n]);
			}
		}
	}
}

/* What chooses the memory, with segments small and large. */
TEST_F_TIMEOUT(suits, memory, PATIENCE)
{
	static const __u64 masks[] = { MAPDEV_ANY, 0xffffffffffULL, MAPDEV_4G, 0xffffff, 0xfff };
	static const __u64 sizes[] = { HEAP_PAGE, 17 * HEAP_PAGE, 4 * HEAP_MIB,
				       4 * HEAP_MIB + HEAP_PAGE };
	unsigned int i, k, n, number = 0;

	for (i = 0; i < COUNT(masks); i++) {
		for (k = 0; k < 4; k++) {
			for (n = 0; n < COUNT(sizes); n++) {
				if (is_left_out(number++))
					continue;
				/* An address space of this size holds no more. */
				if (sizes[n] > HEAP_MIB && masks[i] < MAPDEV_4G)
					continue;
				/* Nor is there more to see in a thousand segments. */
				if (sizes[n] > HEAP_MIB && k & 1)
					continue;
				if (masks[i] == 0xfff && is_remapped(&self->dev))
					continue;
				self->dev.limits.mask = masks[i];
				self->dev.limits.max_segment = k & 1 ? 4096 : 0xffffffff;
				self->dev.limits.flags &= ~MAPPER_CONTIGUOUS;
				if (k & 2)
					self->dev.limits.flags |= MAPPER_CONTIGUOUS;
				self->length = sizes[n];
				check("mask %llx length %llu case %u", masks[i], sizes[n], k);
			}
		}
	}
}

/* Memory of many pieces, of which some follow each other and some don't. */
TEST_F_TIMEOUT(suits, large, PATIENCE)
{
	static const struct {
		__u32 segment;
		__u64 boundary;
	} shapes[] = { { 0, MAPDEV_ANY }, { 0xffffffff, MAPDEV_ANY }, { 69632, 0xfffff } };
	unsigned int i;

	self->length = 8 * HEAP_MIB + 3 * HEAP_PAGE;
	for (i = 0; i < COUNT(shapes); i++) {
		self->dev.limits.max_segment = shapes[i].segment;
		self->dev.limits.boundary = shapes[i].boundary;
		check("shape %u", i);
	}
}

/* Few segments, by what shapes them. */
TEST_F_TIMEOUT(suits, few, PATIENCE)
{
	static const __u32 segments[] = { 0, 4096, 65535, 0xffffffff };
	static const __u64 boundaries[] = { 0xffff, 0xffffffff, MAPDEV_ANY };
	static const __u64 mosts[] = { 1, 2, 3, 7, 19, 300 };
	static const __u64 sizes[] = { HEAP_PAGE, 19 * HEAP_PAGE, HEAP_MIB };
	unsigned int i, number;

	for (number = 0; number < 4 * 3 * 6 * 3; number++) {
		if (is_left_out(number))
			continue;
		i = number;
		self->dev.limits.max_segment = segments[i % 4];
		i /= 4;
		self->dev.limits.boundary = boundaries[i % 3];
		i /= 3;
		self->wish.max_segments = mosts[i % 6];
		self->length = sizes[i / 6];
		/* How few segments translated addresses make is seen when it's done. */
		if (is_remapped(&self->dev) &&
		    self->wish.max_segments < self->length / HEAP_PAGE)
			continue;
		check("case %u: segment %u boundary %llx most %llu length %llu", number,
		      self->dev.limits.max_segment, self->dev.limits.boundary,
		      self->wish.max_segments, self->length);
	}
}

/* Each begins well, and what is only preferred is no reason to refuse. */
TEST_F_TIMEOUT(suits, aligned, PATIENCE)
{
	static const __u64 aligns[] = { HEAP_PAGE, 2 * HEAP_PAGE, 64 * HEAP_KIB, 2 * HEAP_MIB };
	static const __u32 segments[] = { 0, 5 * HEAP_PAGE, 0xffffffff };
	static const __u64 masks[] = { MAPDEV_ANY, MAPDEV_4G };
	static const __u64 chunks[] = { 0, 64 * HEAP_KIB, 2 * HEAP_MIB };
	static const __u64 mosts[] = { 0, 1, 30 };
	unsigned int i, number;

	self->length = 101 * HEAP_PAGE;
	for (number = 0; number < 4 * 3 * 2 * 3 * 3; number++) {
		if (is_left_out(number))
			continue;
		i = number;
		self->wish.alignment = aligns[i % 4];
		i /= 4;
		self->dev.limits.max_segment = segments[i % 3];
		i /= 3;
		self->dev.limits.mask = masks[i % 2];
		i /= 2;
		self->wish.chunk = chunks[i % 3];
		self->wish.max_segments = mosts[i / 3];
		self->wish.node = number & 1;
		if (is_remapped(&self->dev) && self->wish.max_segments)
			continue;
		check("case %u: alignment %llu segment %u mask %llx chunk %llu most %llu",
		      number, self->wish.alignment, self->dev.limits.max_segment,
		      self->dev.limits.mask, self->wish.chunk, self->wish.max_segments);
	}
}

/* What was required of a device shapes its table, too. */
TEST_F(suits, requirement)
{
	struct mapdev *dev = &self->dev;

	self->requirement = (struct dmabuf_heap_limits) {};
	heap_limits_set(&self->requirement, DMABUF_HEAP_LIMIT_MAX_SEGMENT, 3 * HEAP_PAGE);
	heap_limits_set(&self->requirement, DMABUF_HEAP_LIMIT_BOUNDARY, 8 * HEAP_PAGE - 1);
	self->buffer = must_open(heap_create(self->heap.fd, 64 * HEAP_PAGE));
	must_pass(heap_require(self->heap.fd, self->buffer, dev->folder, &self->requirement,
			       "overlay", NULL, &self->answer));
	EXPECT_EQ(3 * HEAP_PAGE,
		  heap_limits_value(&self->answer.limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT));
	must_pass(mapdev_attach(dev, self->buffer));
	must_pass(mapdev_map(dev, MAPDEV_BOTH));
	EXPECT_EQ(3 * HEAP_PAGE, dev->map.largest);
	dev->limits.max_segment = 3 * HEAP_PAGE;
	/* A translated address has nothing to do with where memory lies. */
	if (!is_remapped(dev))
		dev->limits.boundary = 8 * HEAP_PAGE - 1;
	must_pass(mapdev_limit(dev));
	must_pass(mapdev_check(dev));
	EXPECT_EQ(0, dev->map.broken);
	must_pass(mapdev_unmap(dev));
	must_pass(mapdev_detach(dev));
	close(self->buffer);
}

TEST_HARNESS_MAIN
