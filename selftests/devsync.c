// SPDX-License-Identifier: GPL-2.0
/*
 * Caches, as the DMA API sees them: a map hands the memory to its device and an unmap
 * back, each in the map's direction; CPU access in between reaches every device that
 * maps the buffer, and none that doesn't. The devices have DMA operations of their own,
 * so this is seen on machines whose caches need no help, too.
 */
#include "kselftest_harness.h"
#include <linux/dma-buf.h>

#include "heap.h"
#include "mapdev.h"

#define LENGTH	(64 * HEAP_KIB)

FIXTURE(devsync) {
	struct heap_state heap;
	struct mapdev dev;
	struct mapdev other;
	int buffer;
};

FIXTURE_VARIANT(devsync) {
	__u32 dir;
};

FIXTURE_VARIANT_ADD(devsync, both) { .dir = MAPDEV_BOTH };
FIXTURE_VARIANT_ADD(devsync, reads) { .dir = MAPDEV_READS };
FIXTURE_VARIANT_ADD(devsync, writes) { .dir = MAPDEV_WRITES };

FIXTURE_SETUP(devsync)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, MAPPER_OWN_DMA);
	mapdev_setup(&self->other, MAPPER_OWN_DMA);
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
	must_pass(mapdev_attach(&self->dev, self->buffer));
	must_pass(mapdev_attach(&self->other, self->buffer));
}

FIXTURE_TEARDOWN(devsync)
{
	mapdev_close(&self->dev);
	mapdev_close(&self->other);
	close(self->buffer);
	heap_teardown(&self->heap);
}

/* So many of each in the direction @dir, and none in any other. */
static bool has_synced(const struct mapdev *dev, __u32 dir, __u32 for_cpu, __u32 for_device)
{
	struct mapper_info info = mapdev_info(dev);
	__u32 i;

	for (i = 0; i < 3; i++)
		if (info.for_cpu[i] != (i == dir ? for_cpu : 0) ||
		    info.for_device[i] != (i == dir ? for_device : 0))
			return false;
	return true;
}

#define must_have_synced(dev, for_cpu, for_device) \
	ASSERT_TRUE(has_synced(dev, variant->dir, for_cpu, for_device))

TEST_F(devsync, map_and_unmap)
{
	must_pass(mapdev_map(&self->dev, variant->dir));
	must_have_synced(&self->dev, 0, 1);
	must_pass(mapdev_unmap(&self->dev));
	must_have_synced(&self->dev, 1, 1);
	must_have_synced(&self->other, 0, 0);
}

TEST_F(devsync, cpu_access)
{
	must_pass(mapdev_map(&self->dev, variant->dir));
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START));
	must_have_synced(&self->dev, 1, 1);
	must_have_synced(&self->other, 0, 0);
	must_pass(mapdev_map(&self->other, variant->dir));
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END));
	must_have_synced(&self->dev, 1, 2);
	must_have_synced(&self->other, 0, 2);

	/* What the CPU says that it does is no reason to leave something out. */
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_START));
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_END));
	must_have_synced(&self->dev, 2, 3);
	must_have_synced(&self->other, 1, 3);
	must_pass(mapdev_unmap(&self->dev));
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START));
	must_have_synced(&self->dev, 3, 3);
	must_have_synced(&self->other, 2, 3);
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END));
}

/* Two maps of one attachment are two owners. */
TEST_F(devsync, several_maps)
{
	must_pass(mapdev_map(&self->dev, variant->dir));
	must_pass(mapdev_map(&self->dev, variant->dir));
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START));
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END));
	must_have_synced(&self->dev, 2, 4);
}

/* A map that failed was never the device's. */
TEST_F(devsync, map_that_fails)
{
	int error = EIO;

	must_pass(mapdev_call(&self->dev, MAPPER_FAIL, &error));
	must_fail(EIO, mapdev_map(&self->dev, variant->dir));
	must_have_synced(&self->dev, 0, 0);
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START));
	must_pass(heap_sync(self->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END));
	must_have_synced(&self->dev, 0, 0);
}

TEST_HARNESS_MAIN
