// SPDX-License-Identifier: GPL-2.0
/*
 * A device map that fails after there was memory for it: the DMA API itself says no.
 * The importer hears that errno; an unbacked buffer stays unbacked, a backed one keeps
 * its memory and all other maps; and the same call succeeds when nothing is in its
 * way any more.
 */
#include "kselftest_harness.h"
#include <unistd.h>

#include "cgroup.h"
#include "heap.h"
#include "mapdev.h"

#define LENGTH	(512 * HEAP_KIB)
#define GROUP	"mapfail"

FIXTURE(mapfail) {
	struct heap_state heap;
	struct mapdev dev;
	struct mapdev other;
	int buffer;
	struct heap_counters counters;
	struct dmabuf_heap_buffer_record before;
	struct dmabuf_heap_buffer_record after;
};

FIXTURE_SETUP(mapfail)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, MAPPER_OWN_DMA);
	mapdev_setup(&self->other, MAPPER_OWN_DMA | MAPPER_REMAP);
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
}

FIXTURE_TEARDOWN(mapfail)
{
	mapdev_close(&self->dev);
	mapdev_close(&self->other);
	close(self->buffer);
	heap_teardown(&self->heap);
}

/* The next map fails with @error_, and nothing is as if it had been tried. */
#define check_fails(dev, error_) do {						\
	int error = (error_);							\
										\
	must_pass(heap_query(self->heap.fd, self->buffer, &self->before));	\
	self->counters = heap_counters_read();					\
	must_pass(mapdev_call(dev, MAPPER_FAIL, &error));			\
	must_fail(error_, mapdev_map(dev, MAPDEV_BOTH));			\
	must_pass(heap_query(self->heap.fd, self->buffer, &self->after));	\
	EXPECT_EQ(0, memcmp(&self->before, &self->after, sizeof(self->after)));	\
	EXPECT_EQ(0, heap_counters_wait(&self->counters));			\
	EXPECT_EQ(self->counters.allocations, heap_counters_read().allocations); \
} while (0)

TEST_F(mapfail, first_map)
{
	must_pass(mapdev_attach(&self->dev, self->buffer));
	check_fails(&self->dev, EIO);
	check_fails(&self->dev, ENOMEM);
	check_fails(&self->dev, EINVAL);
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->after.state);
	EXPECT_EQ(0, mapdev_info(&self->dev).dma_maps);

	/* Others may still join, and the device itself can map. */
	self->other.limits.mask = MAPDEV_4G;
	must_pass(mapdev_limit(&self->other));
	must_pass(heap_attach(self->heap.fd, self->buffer, self->other.folder, NULL, NULL));
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
	EXPECT_EQ(0, self->dev.map.broken);
	EXPECT_EQ(1, mapdev_info(&self->dev).dma_maps);
	must_pass(mapdev_unmap(&self->dev));
	EXPECT_EQ(0, mapdev_info(&self->dev).dma_maps);
}

TEST_F(mapfail, later_map)
{
	must_pass(mapdev_attach(&self->dev, self->buffer));
	must_pass(mapdev_attach(&self->other, self->buffer));
	must_pass(mapdev_map(&self->other, MAPDEV_BOTH));
	EXPECT_EQ(0, self->other.map.broken);
	EXPECT_EQ(0, mapdev_fill(&self->other, LENGTH, 5));
	check_fails(&self->dev, EIO);
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->after.state);
	EXPECT_EQ(0, mapdev_compare(&self->other, LENGTH, 5));
	must_pass(mapdev_map(&self->dev, MAPDEV_READS));
	EXPECT_EQ(0, mapdev_compare(&self->dev, LENGTH, 5));

	/* One of several of a device's own. */
	check_fails(&self->dev, ENOMEM);
	EXPECT_EQ(0, mapdev_compare(&self->dev, LENGTH, 5));
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
}

/* Translated addresses can run out, which nobody knows before the map. */
TEST_F(mapfail, no_addresses_left)
{
	struct mapdev *dev = &self->other;

	/* They begin at 1 MiB. */
	dev->limits.mask = HEAP_MIB + LENGTH / 2 - 1;
	must_pass(mapdev_limit(dev));
	must_pass(heap_attach(self->heap.fd, self->buffer, dev->folder, NULL, NULL));
	must_pass(mapdev_attach(dev, self->buffer));
	must_fail(ENOMEM, mapdev_map(dev, MAPDEV_BOTH));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->after));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->after.state);
	EXPECT_EQ(0, self->after.conflict.error);
	dev->limits.mask = MAPDEV_4G;
	must_pass(mapdev_limit(dev));
	must_pass(mapdev_map(dev, MAPDEV_BOTH));
	EXPECT_EQ(0, dev->map.broken);
	must_fail(EINVAL, mapdev_detach(dev));
}

/* Sixteen times what the creator may have: each attempt gives all of it back. */
TEST_F(mapfail, memory_comes_back)
{
	int error = EIO, i;

	if (cgroup_create(GROUP))
		heap_skip("no memory cgroups");
	must_pass(cgroup_limit(GROUP, 8 * LENGTH));
	must_pass(cgroup_enter(GROUP));
	close(self->buffer);
	self->buffer = heap_create(self->heap.fd, LENGTH);
	must_pass(cgroup_enter(NULL));
	ASSERT_LE(0, self->buffer);
	must_pass(mapdev_attach(&self->dev, self->buffer));
	for (i = 0; i < 128; i++) {
		must_pass(mapdev_call(&self->dev, MAPPER_FAIL, &error));
		must_fail(EIO, mapdev_map(&self->dev, MAPDEV_BOTH)) TH_LOG("map %d", i);
	}
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
	must_pass(mapdev_unmap(&self->dev));
	must_pass(mapdev_detach(&self->dev));
	close(self->buffer);
	self->buffer = -1;
	EXPECT_EQ(0, cgroup_remove(GROUP));
}

TEST_HARNESS_MAIN
