// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory of more than the page allocator has in one block: it is one run,
 * lies where it is asked to lie, is zero though its last user's bytes were not, and
 * is all there again afterwards. Lengths and addresses are in bytes.
 */
#include "kselftest_harness.h"
#include <sys/mman.h>

#include "heap.h"
#include "importer.h"
#include "mapdev.h"

#define PATIENCE	300	/* seconds: memory may have to be moved out of the way */
#define HUGE		(256 * HEAP_MIB)
#define HUGE_NEEDS	(5 * HEAP_GIB)	/* of all memory */
#define SLACK		(16 * HEAP_MIB)	/* that others may have taken meanwhile */
#define NONE		0

FIXTURE(large) {
	struct heap_state heap;
	struct mapdev dev;
	int buffer;
	__u64 free;
	struct dmabuf_heap_limits limits;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_VARIANT(large) {
	__u64 length;
};

FIXTURE_VARIANT_ADD(large, mib_33) { .length = 33 * HEAP_MIB };
FIXTURE_VARIANT_ADD(large, mib_64) { .length = 64 * HEAP_MIB };
FIXTURE_VARIANT_ADD(large, mib_256) { .length = HUGE };

/* Pages on the CPUs' own lists are free, but no field of meminfo has them. */
static __u64 memory_free(void)
{
	__u64 free = heap_file_field("/proc/meminfo", "MemFree") * HEAP_KIB;
	FILE *file = fopen("/proc/zoneinfo", "re");
	unsigned long long pages;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %llu", &pages) == 1)
			free += pages * HEAP_PAGE;
	if (file)
		fclose(file);
	return free;
}

FIXTURE_SETUP(large)
{
	heap_setup(&self->heap);
	if (variant->length == HUGE &&
	    heap_file_field("/proc/meminfo", "MemTotal") * HEAP_KIB < HUGE_NEEDS)
		heap_skip("less than 5 GiB of memory");
	if (variant->length == HUGE && heap_kernel_checks())
		heap_skip("takes long on a kernel that checks all it does");
	mapdev_setup(&self->dev, MAPPER_CONTIGUOUS);
	self->dev.limits.max_segment = 0xffffffff;
	self->buffer = must_open(heap_create(self->heap.fd, variant->length));
	self->free = memory_free();
}

FIXTURE_TEARDOWN(large)
{
	mapdev_close(&self->dev);
	heap_teardown(&self->heap);
}

/* Waits until as much memory is free as before, for the time that it may take. */
static int memory_is_back(__u64 before)
{
	__u64 end = heap_now() + 60000000000ULL;

	while (memory_free() + SLACK < before) {
		if (heap_now() > end)
			return -ETIMEDOUT;
		usleep(10000);
	}
	return 0;
}

/* Is all memory zero? Leaves none of it so. */
static int memory_is_new(int buffer, __u64 length)
{
	void *memory = heap_mmap(buffer, length);
	int rc;

	if (!memory)
		return -errno;
	rc = importer_is_filled(memory, length, 0) ? 0 : -EILSEQ;
	memset(memory, 0xa5, length);
	munmap(memory, length);
	return rc;
}

/* Declares the device, maps, looks at the memory, and lets go of all. */
#define check() do {								\
	must_pass(mapdev_limit(&self->dev));					\
	must_pass(heap_require(self->heap.fd, self->buffer, self->dev.folder,	\
			       &self->limits, NULL, NULL, NULL));		\
	must_pass(mapdev_attach(&self->dev, self->buffer));			\
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));				\
	EXPECT_EQ(0, self->dev.map.broken);					\
	EXPECT_EQ(variant->length, self->dev.map.bytes);			\
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));	\
	EXPECT_EQ(1, self->record.placement.runs);				\
	EXPECT_EQ(variant->length, self->record.placement.run_max);		\
	EXPECT_EQ(0, memory_is_new(self->buffer, variant->length));		\
	EXPECT_GT(self->free - variant->length / 2, memory_free());		\
	must_pass(mapdev_unmap(&self->dev));					\
	must_pass(mapdev_detach(&self->dev));					\
	close(self->buffer);							\
	EXPECT_EQ(0, heap_counters_wait(&self->heap.before));			\
	EXPECT_EQ(0, memory_is_back(self->free));				\
} while (0)

/* Twice: the second may well be the first one's memory. */
TEST_F_TIMEOUT(large, anywhere, PATIENCE)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	check();
	self->buffer = must_open(heap_create(self->heap.fd, variant->length));
	check();
}

TEST_F_TIMEOUT(large, below_4g, PATIENCE)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	self->dev.limits.mask = MAPDEV_4G;
	check();
	EXPECT_GE(32, self->record.placement.addr_bits);
}

TEST_F_TIMEOUT(large, aligned_1m, PATIENCE)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_ALIGNMENT, HEAP_MIB);
	self->dev.limits.alignment = HEAP_MIB;
	check();
	EXPECT_LE(20, self->record.placement.align_bits);
}

TEST_F_TIMEOUT(large, aligned_64m, PATIENCE)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_ALIGNMENT, 64 * HEAP_MIB);
	self->dev.limits.alignment = 64 * HEAP_MIB;
	self->dev.limits.mask = MAPDEV_4G;
	check();
	EXPECT_LE(26, self->record.placement.align_bits);
	EXPECT_GE(32, self->record.placement.addr_bits);
}

/* One segment, though nobody says contiguous, which no boundary cuts in two. */
TEST_F_TIMEOUT(large, one_segment, PATIENCE)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 1);
	self->dev.limits.flags = NONE;
	self->dev.limits.boundary = HUGE - 1;
	self->dev.limits.max_segments = 1;
	check();
	EXPECT_EQ(1, self->dev.map.segments);
}

/* Segments that a boundary cuts: not one more than there must be. */
TEST_F_TIMEOUT(large, few_segments, PATIENCE)
{
	__u64 window = 16 * HEAP_MIB;

	self->dev.limits.flags = NONE;
	self->dev.limits.boundary = window - 1;
	self->dev.limits.max_segments = (variant->length + window - 1) / window;
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS,
			self->dev.limits.max_segments);
	check();
}

/* The same is had without a device, and COMMIT is a first map like any. */
TEST_F_TIMEOUT(large, required, PATIENCE)
{
	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS,
				     1, NULL, NULL));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(1, self->record.placement.runs);
	must_pass(heap_commit(self->heap.fd, self->buffer));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(1, self->record.placement.runs);
	EXPECT_EQ(variant->length, self->record.placement.run_min);
	EXPECT_EQ(0, memory_is_new(self->buffer, variant->length));
	close(self->buffer);
	EXPECT_EQ(0, memory_is_back(self->free));
}

TEST_HARNESS_MAIN
