// SPDX-License-Identifier: GPL-2.0
/*
 * Where memory is chosen to lie: below any highest address, at multiples of any
 * alignment, in large chunks. The devices are kmod/mapper's, which do DMA straight to
 * memory and look at each segment. What lies too high for such a device would be
 * bounced, and what was bounced wouldn't be the CPU's bytes. Lengths and addresses are
 * in bytes.
 */
#include "kselftest_harness.h"
#include <sys/mman.h>

#include "heap.h"
#include "mapdev.h"

#define PATIENCE	300	/* seconds: memory may have to be moved out of the way */
#define BOUNCED		"/sys/kernel/debug/swiotlb/io_tlb_used"
#define ODD_LENGTH	(101 * HEAP_PAGE)
#define REST_RUNS	4	/* powers of two that make so many pages */
#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

FIXTURE(placement) {
	struct heap_state heap;
	struct mapdev dev;
	int buffer;
	struct dmabuf_heap_limits limits;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(placement)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, 0);
	self->dev.limits.max_segment = 0xffffffff;
	self->buffer = -1;
}

FIXTURE_TEARDOWN(placement)
{
	mapdev_close(&self->dev);
	heap_teardown(&self->heap);
}

/* The CPU's bytes at both ends and in the middle are the device's, and the reverse. */
static int bytes_are_shared(const struct mapdev *dev, int buffer, __u64 length)
{
	const __u64 at[] = { 0, length / 2, length - sizeof(__u64) };
	char *memory = heap_mmap(buffer, length);
	unsigned int i;
	__u64 word;
	int rc = 0;

	if (!memory)
		return -errno;
	for (i = 0; i < COUNT(at) && !rc; i++) {
		*(__u64 *)(memory + at[i]) = at[i] + 1;
		rc = mapdev_read(dev, at[i], &word, sizeof(word));
		if (!rc && word != at[i] + 1)
			rc = -EILSEQ;
		word = ~at[i];
		if (!rc)
			rc = mapdev_write(dev, at[i], &word, sizeof(word));
		if (!rc && *(__u64 *)(memory + at[i]) != ~at[i])
			rc = -EILSEQ;
	}
	munmap(memory, length);
	return rc;
}

/* Declares the device with @limits, and maps. */
#define declare_and_map(...) do {						\
	must_pass(mapdev_limit(&self->dev));					\
	must_pass(heap_require(self->heap.fd, self->buffer, self->dev.folder,	\
			       &self->limits, NULL, NULL, NULL)) TH_LOG(__VA_ARGS__); \
	must_pass(mapdev_attach(&self->dev, self->buffer)) TH_LOG(__VA_ARGS__);	\
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH)) TH_LOG(__VA_ARGS__);	\
	EXPECT_EQ(0, self->dev.map.broken) TH_LOG(__VA_ARGS__);			\
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));	\
} while (0)

#define let_go() do {								\
	must_pass(mapdev_unmap(&self->dev));					\
	must_pass(mapdev_detach(&self->dev));					\
	close(self->buffer);							\
} while (0)

FIXTURE(mask) {
	struct heap_state heap;
	struct mapdev dev;
	int buffer;
	struct dmabuf_heap_limits limits;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_VARIANT(mask) {
	__u32 bits;
};

FIXTURE_VARIANT_ADD(mask, bits_28) { .bits = 28 };
FIXTURE_VARIANT_ADD(mask, bits_30) { .bits = 30 };
FIXTURE_VARIANT_ADD(mask, bits_31) { .bits = 31 };
FIXTURE_VARIANT_ADD(mask, bits_33) { .bits = 33 };
FIXTURE_VARIANT_ADD(mask, bits_36) { .bits = 36 };

FIXTURE_SETUP(mask)
{
	heap_setup(&self->heap);
	if (heap_memory_start() >> variant->bits)
		heap_skip("no memory below so many bits");
	mapdev_setup(&self->dev, 0);
	self->dev.limits.mask = (1ULL << variant->bits) - 1;
	self->dev.limits.max_segment = 0xffffffff;
}

FIXTURE_TEARDOWN(mask)
{
	mapdev_close(&self->dev);
	heap_teardown(&self->heap);
}

TEST_F_TIMEOUT(mask, buffers, PATIENCE)
{
	static const __u64 lengths[] = { HEAP_PAGE, HEAP_MIB, 8 * HEAP_MIB };
	__u64 bounced = heap_file_number(BOUNCED);
	unsigned int i, contiguous;

	for (i = 0; i < 2 * COUNT(lengths); i++) {
		contiguous = i & 1;
		self->limits = (struct dmabuf_heap_limits) {};
		heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, contiguous);
		self->dev.limits.flags = contiguous ? MAPPER_CONTIGUOUS : 0;
		self->buffer = must_open(heap_create(self->heap.fd, lengths[i / 2]));
		declare_and_map("length %llu, contiguous %u", lengths[i / 2], contiguous);
		EXPECT_LE(self->record.placement.addr_bits, variant->bits);
		if (contiguous)
			EXPECT_EQ(1, self->record.placement.runs);
		EXPECT_EQ(0, bytes_are_shared(&self->dev, self->buffer, lengths[i / 2]));
		EXPECT_EQ(bounced, heap_file_number(BOUNCED));
		let_go();
	}
}

/* The same address without a device, and many buffers at once. */
TEST_F_TIMEOUT(mask, requirement, PATIENCE)
{
	int buffers[16];
	unsigned int i;

	for (i = 0; i < COUNT(buffers); i++) {
		buffers[i] = must_open(heap_create(self->heap.fd, HEAP_MIB + HEAP_PAGE));
		must_pass(heap_require_limit(self->heap.fd, buffers[i], DMABUF_HEAP_LIMIT_MAX_ADDR,
					     self->dev.limits.mask, NULL, NULL));
		must_pass(heap_query(self->heap.fd, buffers[i], &self->record));
		EXPECT_EQ(variant->bits, self->record.placement.addr_bits);
		must_pass(heap_commit(self->heap.fd, buffers[i])) TH_LOG("buffer %u", i);
		must_pass(heap_query(self->heap.fd, buffers[i], &self->record));
		EXPECT_LE(self->record.placement.addr_bits, variant->bits);
	}
	while (i--)
		close(buffers[i]);
}

/* Each run and each segment begins well, whatever is left at the end. */
TEST_F_TIMEOUT(placement, alignment, PATIENCE)
{
	static const __u64 aligns[] = { 64 * HEAP_KIB, 2 * HEAP_MIB };
	static const __u64 lengths[] = { HEAP_PAGE, ODD_LENGTH, 9 * HEAP_MIB + ODD_LENGTH };
	unsigned int i;

	for (i = 0; i < COUNT(aligns) * COUNT(lengths); i++) {
		__u64 align = aligns[i % 2], length = lengths[i / 2];

		self->limits = (struct dmabuf_heap_limits) {};
		heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_ALIGNMENT, align);
		self->dev.limits.alignment = align;
		self->buffer = must_open(heap_create(self->heap.fd, length));
		declare_and_map("length %llu at %llu", length, align);
		EXPECT_LE(align, 1ULL << self->record.placement.align_bits);
		EXPECT_EQ(0, bytes_are_shared(&self->dev, self->buffer, length));
		let_go();
	}
}

/* An alignment that the longest segment is no multiple of: still each begins well. */
TEST_F_TIMEOUT(placement, alignment_of_segments, PATIENCE)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_ALIGNMENT, 64 * HEAP_KIB);
	self->dev.limits.alignment = 64 * HEAP_KIB;
	self->dev.limits.max_segment = 23 * HEAP_PAGE;
	self->buffer = must_open(heap_create(self->heap.fd, ODD_LENGTH));
	declare_and_map("segments of 23 pages");
	EXPECT_EQ(64 * HEAP_KIB, self->dev.map.largest);
	let_go();
}

/* Without a device it is the same, and QUERY says it beforehand. */
TEST_F_TIMEOUT(placement, alignment_required, PATIENCE)
{
	self->buffer = must_open(heap_create(self->heap.fd, ODD_LENGTH));
	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_ALIGNMENT,
				     2 * HEAP_MIB, NULL, NULL));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(21, self->record.placement.align_bits);
	EXPECT_EQ(0, self->record.placement.runs);
	must_pass(heap_commit(self->heap.fd, self->buffer));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_LE(21, self->record.placement.align_bits);
	close(self->buffer);
}

/* With memory to choose from, all runs but the last are whole chunks. */
TEST_F_TIMEOUT(placement, chunk, PATIENCE)
{
	__u64 length = 16 * HEAP_MIB;

	if (heap_file_field("/proc/meminfo", "MemFree") * HEAP_KIB < HEAP_GIB)
		heap_skip("less than 1 GiB of free memory");
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CHUNK, 2 * HEAP_MIB);
	self->buffer = must_open(heap_create(self->heap.fd, length));
	declare_and_map("whole chunks");
	EXPECT_LE(2 * HEAP_MIB, self->record.placement.run_min);
	EXPECT_LE(21, self->record.placement.align_bits);
	let_go();

	self->buffer = must_open(heap_create(self->heap.fd, length + ODD_LENGTH));
	declare_and_map("and an odd rest");
	EXPECT_LE(2 * HEAP_MIB, self->record.placement.run_max);
	EXPECT_GE(length / (2 * HEAP_MIB) + REST_RUNS, self->record.placement.runs);
	let_go();
}

/* What is preferred refuses nothing, however large. */
TEST_F_TIMEOUT(placement, chunk_beyond_memory, PATIENCE)
{
	self->buffer = must_open(heap_create(self->heap.fd, ODD_LENGTH));
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CHUNK, 1ULL << 63);
	declare_and_map("a chunk of half of everything");
	EXPECT_EQ(0, bytes_are_shared(&self->dev, self->buffer, ODD_LENGTH));
	let_go();
}

/* As few segments as can be asked for, in as much memory as there are pages to it. */
TEST_F_TIMEOUT(placement, segments, PATIENCE)
{
	static const struct {
		__u32 max_segment;
		__u64 boundary;
		__u32 most;
		__u64 length;
	} rows[] = {
		{ 0xffffffff, MAPDEV_ANY, 1, 8 * HEAP_MIB + ODD_LENGTH },
		{ 0xffffffff, MAPDEV_ANY, 2, 8 * HEAP_MIB + ODD_LENGTH },
		{ 0xffffffff, 0xffffffff, 1, 8 * HEAP_MIB + ODD_LENGTH },
		{ 0xffffffff, HEAP_MIB - 1, 9, 8 * HEAP_MIB + ODD_LENGTH },
		{ 0, 0xffffffff, 128, 8 * HEAP_MIB },
		{ 0, 0xffff, 128, 8 * HEAP_MIB },
		{ 23 * HEAP_PAGE, 0xffff, 7, ODD_LENGTH },
		{ HEAP_PAGE, MAPDEV_ANY, 101, ODD_LENGTH },
	};
	unsigned int i;

	for (i = 0; i < COUNT(rows); i++) {
		self->dev.limits.max_segment = rows[i].max_segment;
		self->dev.limits.boundary = rows[i].boundary;
		self->dev.limits.max_segments = rows[i].most;
		self->limits = (struct dmabuf_heap_limits) {};
		heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, rows[i].most);
		self->buffer = must_open(heap_create(self->heap.fd, rows[i].length));
		declare_and_map("row %u", i);
		EXPECT_EQ(0, bytes_are_shared(&self->dev, self->buffer, rows[i].length));
		let_go();
	}
}

/* One declaration counts the segments that another of the same device cuts. */
TEST_F_TIMEOUT(placement, segments_of_two_declarations, PATIENCE)
{
	const __u64 length = 8 * HEAP_MIB, segment = 64 * HEAP_KIB;

	self->dev.limits.max_segment = segment;
	self->dev.limits.max_segments = length / segment;
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, length / segment);
	self->buffer = must_open(heap_create(self->heap.fd, length));
	must_pass(heap_require(self->heap.fd, self->buffer, self->dev.folder, &self->limits,
			       "count", NULL, NULL));
	self->limits = (struct dmabuf_heap_limits) {};
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT, segment);
	declare_and_map("both");
	EXPECT_EQ(0, bytes_are_shared(&self->dev, self->buffer, length));
	let_go();
}

TEST_HARNESS_MAIN
