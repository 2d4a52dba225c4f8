// SPDX-License-Identifier: GPL-2.0
/*
 * Dynamic importers: they hold dma_resv when they map, and could be told to let
 * go. Older kernels map for them as soon as they attach, which is then the first
 * map; newer ones wait. Either way the memory suits them, and nobody moves it.
 */
#include "kselftest_harness.h"

#include "heap.h"
#include "importer.h"
#include "mapdev.h"

#define LENGTH	(512 * HEAP_KIB)

FIXTURE(dynamic) {
	struct heap_state heap;
	struct mapdev dev;
	struct mapdev other;
	int buffer;
	struct dmabuf_heap_buffer_record record;
	struct dmabuf_heap_attachment_record attachment;
};

FIXTURE_SETUP(dynamic)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, 0);
	mapdev_setup(&self->other, 0);
	self->dev.limits.mask = MAPDEV_4G;
	must_pass(mapdev_limit(&self->dev));
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
}

FIXTURE_TEARDOWN(dynamic)
{
	mapdev_close(&self->dev);
	mapdev_close(&self->other);
	close(self->buffer);
	heap_teardown(&self->heap);
}

#define query()	heap_query(self->heap.fd, self->buffer, &self->record)

/* With memory or without: the state and the counts fit together. */
TEST_F(dynamic, attach)
{
	struct mapper_info info;

	must_pass(mapdev_attach_dynamic(&self->dev, self->buffer));
	info = mapdev_info(&self->dev);
	EXPECT_EQ(MAPPER_BOUND | MAPPER_ATTACHED | MAPPER_DYNAMIC, info.flags);
	must_pass(query());
	EXPECT_EQ(self->record.state == DMABUF_HEAP_BACKED,
		  self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	if (self->record.state == DMABUF_HEAP_BACKED) {
		EXPECT_EQ(DMABUF_HEAP_FIRST_DEVICE, self->record.first_map);
		EXPECT_STREQ(self->dev.name, self->record.first_map_by);
	}
	must_pass(mapdev_detach(&self->dev));
	must_pass(query());
	EXPECT_EQ(0, self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(0, self->record.attachments);
}

TEST_F(dynamic, map)
{
	int i;

	must_pass(mapdev_attach_dynamic(&self->dev, self->buffer));
	for (i = 0; i < 3; i++) {
		must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
		EXPECT_EQ(0, self->dev.map.broken);
		EXPECT_EQ(0, mapdev_fill(&self->dev, LENGTH, i));
		EXPECT_EQ(0, mapdev_compare(&self->dev, LENGTH, i));
		must_pass(mapdev_unmap(&self->dev));
	}
	must_pass(query());
	EXPECT_GE(32, self->record.placement.addr_bits);
	EXPECT_EQ(0, mapdev_info(&self->dev).moved);
}

/* It was there before the memory, and so was the one with the narrower mask. */
TEST_F(dynamic, with_a_static_one)
{
	must_pass(heap_attach(self->heap.fd, self->buffer, self->dev.folder, NULL, NULL));
	must_pass(mapdev_attach_dynamic(&self->other, self->buffer));
	must_pass(mapdev_attach(&self->dev, self->buffer));
	must_pass(mapdev_map(&self->dev, MAPDEV_WRITES));
	EXPECT_EQ(0, self->dev.map.broken);
	must_pass(mapdev_map(&self->other, MAPDEV_BOTH));
	EXPECT_EQ(0, mapdev_fill(&self->dev, LENGTH, 9));
	EXPECT_EQ(0, mapdev_compare(&self->other, LENGTH, 9));
}

/* A pin promises what is so anyway. Only dynamic importers have any. */
TEST_F(dynamic, pins)
{
	must_fail(EINVAL, mapdev_call(&self->dev, MAPPER_PIN, NULL));
	must_pass(mapdev_attach(&self->dev, self->buffer));
	must_fail(EINVAL, mapdev_call(&self->dev, MAPPER_PIN, NULL));
	must_pass(mapdev_attach_dynamic(&self->other, self->buffer));
	must_pass(mapdev_call(&self->other, MAPPER_PIN, NULL));
	must_pass(mapdev_call(&self->other, MAPPER_PIN, NULL));
	EXPECT_EQ(2, mapdev_info(&self->other).pins);
	must_fail(EINVAL, mapdev_detach(&self->other));
	must_pass(mapdev_map(&self->other, MAPDEV_BOTH));
	must_pass(mapdev_unmap(&self->other));
	must_pass(mapdev_call(&self->other, MAPPER_UNPIN, NULL));
	must_pass(mapdev_call(&self->other, MAPPER_UNPIN, NULL));
	must_fail(EINVAL, mapdev_call(&self->other, MAPPER_UNPIN, NULL));
	must_pass(mapdev_detach(&self->other));
}

/* What a map would be refused for, older kernels are refused at attach. */
TEST_F(dynamic, without_dma)
{
	int rc;

	self->dev.limits.mask = 0;
	must_pass(mapdev_limit(&self->dev));
	rc = mapdev_attach_dynamic(&self->dev, self->buffer);
	if (!rc)
		rc = mapdev_map(&self->dev, MAPDEV_BOTH);
	EXPECT_EQ(-ENODEV, rc);
	must_pass(query());
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
}

/* The DMA API says no: nothing of the attempt stays, and the next one succeeds. */
TEST_F(dynamic, map_fails)
{
	struct heap_counters before = heap_counters_read();
	int error = EIO, rc;

	mapdev_close(&self->other);
	mapdev_setup(&self->other, MAPPER_OWN_DMA);
	must_pass(mapdev_call(&self->other, MAPPER_FAIL, &error));
	rc = mapdev_attach_dynamic(&self->other, self->buffer);
	if (!rc)
		rc = mapdev_map(&self->other, MAPDEV_BOTH);
	EXPECT_EQ(-EIO, rc);
	EXPECT_EQ(before.pages, heap_counters_read().pages);
	mapdev_detach(&self->other);
	EXPECT_EQ(0, heap_counters_wait(&before));
	must_pass(mapdev_attach_dynamic(&self->other, self->buffer));
	must_pass(mapdev_map(&self->other, MAPDEV_BOTH));
	EXPECT_EQ(0, self->other.map.broken);
}

TEST_HARNESS_MAIN
