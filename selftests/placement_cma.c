// SPDX-License-Identifier: GPL-2.0
/*
 * Where modules may use the kernel's reserve of contiguous memory (CMA), long
 * contiguous buffers come from it, where it lies as they must, and go back to it. For a
 * boot with cma=512M. Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <sys/mman.h>

#include "heap.h"
#include "mapdev.h"

#define LENGTH		(33 * HEAP_MIB)
#define RESERVE_NEEDS	(256 * HEAP_MIB)
#define SLACK		(16 * HEAP_MIB)	/* that others may have taken meanwhile */

FIXTURE(cma) {
	struct heap_state heap;
	struct mapdev dev;
	int buffer;
	__u64 free;
	struct dmabuf_heap_buffer_record record;
};

static __u64 reserve_free(void)
{
	return heap_file_field("/proc/meminfo", "CmaFree") * HEAP_KIB;
}

FIXTURE_SETUP(cma)
{
	heap_setup(&self->heap);
	if (heap_file_field("/proc/meminfo", "CmaTotal") == -1ULL ||
	    heap_file_field("/proc/meminfo", "CmaTotal") * HEAP_KIB < RESERVE_NEEDS)
		heap_skip("no reserve of 256 MiB: boot with cma=512M");
	mapdev_setup(&self->dev, MAPPER_CONTIGUOUS);
	self->dev.limits.max_segment = 0xffffffff;
	must_pass(mapdev_limit(&self->dev));
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS,
				     1, NULL, NULL));
	self->free = reserve_free();
}

FIXTURE_TEARDOWN(cma)
{
	mapdev_close(&self->dev);
	close(self->buffer);
	heap_teardown(&self->heap);
}

TEST_F(cma, taken_and_given_back)
{
	unsigned char *memory = heap_mmap(self->buffer, LENGTH);
	__u64 i, others = 0;

	ASSERT_NE(NULL, memory);
	EXPECT_GE(self->free - LENGTH + SLACK, reserve_free());
	for (i = 0; i < LENGTH; i++)
		others += memory[i];
	EXPECT_EQ(0, others);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(1, self->record.placement.runs);
	must_pass(mapdev_attach(&self->dev, self->buffer));
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
	EXPECT_EQ(0, self->dev.map.broken);
	must_pass(mapdev_unmap(&self->dev));
	must_pass(mapdev_detach(&self->dev));

	/* The next user of the reserve must not see this. */
	memset(memory, 0xa5, LENGTH);
	munmap(memory, LENGTH);
	close(self->buffer);
	EXPECT_LE(self->free - SLACK, reserve_free());
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
}

/* A reserve that lies too high is left alone, and room is made elsewhere. */
TEST_F(cma, too_high)
{
	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_MAX_ADDR,
				     512 * HEAP_MIB - 1, NULL, NULL));
	must_pass(heap_commit(self->heap.fd, self->buffer));
	EXPECT_LT(self->free - LENGTH, reserve_free());
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(1, self->record.placement.runs);
	EXPECT_GE(29, self->record.placement.addr_bits);
}

TEST_HARNESS_MAIN
