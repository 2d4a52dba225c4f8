// SPDX-License-Identifier: GPL-2.0
/*
 * Memory in single pages, none of which follows the one before it, as on a machine
 * that has been up for long: importers that take any memory use it, those that
 * need it contiguous get that when they say so first, and hear why not when they
 * come late. Needs the module's knobs (KNOBS=y). Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <sys/mman.h>

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "importer.h"
#include "mapdev.h"
#include "v4l2.h"

#define KNOB	"/sys/module/dmabuf_heap/parameters/scatter"
#define COLOURS	6	/* at least, in a line of vivid's colour bars */
#define SEED	0x5ca77e4ULL

FIXTURE(load_scatter) {
	struct heap_state heap;
	int buffer;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_VARIANT(load_scatter) {
	__u64 length;
};

FIXTURE_VARIANT_ADD(load_scatter, page) { .length = HEAP_PAGE };
FIXTURE_VARIANT_ADD(load_scatter, two_pages) { .length = 2 * HEAP_PAGE };
FIXTURE_VARIANT_ADD(load_scatter, odd_pages) { .length = 13 * HEAP_PAGE };
FIXTURE_VARIANT_ADD(load_scatter, megabyte) { .length = HEAP_MIB };
FIXTURE_VARIANT_ADD(load_scatter, block) { .length = HEAP_BLOCK_MAX };
FIXTURE_VARIANT_ADD(load_scatter, eight_megabytes) { .length = 8 * HEAP_MIB };
FIXTURE_VARIANT_ADD(load_scatter, thirty_two_megabytes) { .length = 32 * HEAP_MIB };
/* More than 255 in each part. */
FIXTURE_VARIANT_ADD(load_scatter, many) { .length = 80 * HEAP_MIB };

FIXTURE_SETUP(load_scatter)
{
	heap_setup(&self->heap);
	if (heap_file_write(KNOB, "1"))
		heap_skip("the module has no knobs: build it with KNOBS=y");
	self->buffer = must_open(heap_create(self->heap.fd, variant->length));
	/* Let devices of 32 address bits come later, too. */
	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_MAX_ADDR,
				     IMPORTER_4G, NULL, NULL));
}

FIXTURE_TEARDOWN(load_scatter)
{
	EXPECT_EQ(0, heap_file_write(KNOB, "0"));
	close(self->buffer);
	heap_teardown(&self->heap);
}

/* Runs begin where they would if there were one every @stride bytes. */
static bool runs_begin_at(const struct dmabuf_heap_buffer_record *record, __u64 stride)
{
	unsigned int wanted[DMABUF_HEAP_PARTS] = {}, part;
	__u64 at;

	for (at = 0; at < record->length; at += stride)
		wanted[at * DMABUF_HEAP_PARTS / record->length]++;
	for (part = 0; part < DMABUF_HEAP_PARTS; part++)
		if (record->run_starts[part] != (wanted[part] < 255 ? wanted[part] : 255))
			return false;
	return true;
}

#define query()	must_pass(heap_query(self->heap.fd, self->buffer, &self->record))

#define expect_scattered() do {							\
	query();								\
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);			\
	EXPECT_EQ(variant->length / HEAP_PAGE, self->record.placement.runs);	\
	EXPECT_EQ(HEAP_PAGE, self->record.placement.run_max);			\
	EXPECT_EQ(HEAP_PAGE, self->record.placement.run_min);			\
	EXPECT_GE(32, self->record.placement.addr_bits);			\
	EXPECT_TRUE(runs_begin_at(&self->record, HEAP_PAGE));			\
} while (0)

/* Whoever takes any memory: all at once, and the CPU finds each page in its place. */
TEST_F_TIMEOUT(load_scatter, takes_anything, 300)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	int cirrus = drm_card_open(DRM_CIRRUS);	/* not on every machine */
	__u32 handle;
	void *map;

	map = heap_mmap(self->buffer, variant->length);
	ASSERT_NE(NULL, map);
	mapdev_memory_fill(map, variant->length, SEED);
	expect_scattered();
	must_pass(drm_import(vgem, self->buffer, &handle));
	if (cirrus >= 0)
		EXPECT_EQ(0, drm_import(cirrus, self->buffer, &handle));
	EXPECT_EQ(0, mapdev_memory_compare(map, variant->length, SEED));
	query();
	EXPECT_EQ(0, self->record.conflict.error);
	munmap(map, variant->length);
	close(cirrus);
	close(vgem);
}

/* A segment for each page, whatever longer ones the device could take; and no less. */
TEST_F_TIMEOUT(load_scatter, segments, 300)
{
	static const struct {
		__u32 max_segment;
		__u64 boundary;
	} shapes[] = {
		{ 65536, MAPDEV_ANY },
		{ 4096, 0xfff },
		{ 0xffffffff, 0xffff },
		{ 0xffffffff, MAPDEV_ANY },
	};
	struct mapdev dev;
	unsigned int i;
	void *map;

	mapdev_setup(&dev, 0);
	dev.limits.mask = IMPORTER_4G;
	map = heap_mmap(self->buffer, variant->length);
	ASSERT_NE(NULL, map);
	mapdev_memory_fill(map, variant->length, SEED);
	for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		dev.limits.max_segment = shapes[i].max_segment;
		dev.limits.boundary = shapes[i].boundary;
		must_pass(mapdev_limit(&dev));
		must_pass(mapdev_attach(&dev, self->buffer));
		must_pass(mapdev_map(&dev, MAPDEV_BOTH));
		EXPECT_EQ(0, dev.map.broken) TH_LOG("shape %u", i);
		EXPECT_EQ(variant->length / HEAP_PAGE, dev.map.segments) TH_LOG("shape %u", i);
		EXPECT_EQ(HEAP_PAGE, dev.map.largest) TH_LOG("shape %u", i);
		if (!i)
			EXPECT_EQ(0, mapdev_compare(&dev, variant->length, SEED));
		must_pass(mapdev_unmap(&dev));
		must_pass(mapdev_detach(&dev));
	}
	expect_scattered();
	munmap(map, variant->length);
	mapdev_close(&dev);
}

/* A camera that uses the CPU has a kernel address of all pages, in their order. */
TEST_F_TIMEOUT(load_scatter, cpu_camera, 300)
{
	struct v4l2_queue camera;
	unsigned char *map;

	if (v4l2_queue_open(&camera, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=0");
	must_pass(v4l2_queue_request(&camera, 1));
	if (variant->length < camera.length) {
		EXPECT_GT(0, v4l2_queue_put(&camera, 0, self->buffer));
	} else {
		must_pass(v4l2_queue_put(&camera, 0, self->buffer));
		expect_scattered();
		EXPECT_EQ(DMABUF_HEAP_FIRST_VMAP, self->record.first_map);
		must_pass(v4l2_queue_start(&camera));
		EXPECT_EQ(0, v4l2_queue_get(&camera));
		map = heap_mmap(self->buffer, variant->length);
		ASSERT_NE(NULL, map);
		/* Its first line, and one in the middle of the picture. */
		EXPECT_LE(COLOURS, importer_colours(map, camera.width));
		EXPECT_LE(COLOURS, importer_colours(map + camera.height / 2 * camera.pitch,
						    camera.width));
		munmap(map, variant->length);
	}
	v4l2_queue_close(&camera);
}

/* Said first, contiguous memory is what there is. */
TEST_F_TIMEOUT(load_scatter, contiguous_first, 300)
{
	struct v4l2_queue camera;

	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	must_pass(heap_attach(self->heap.fd, self->buffer, camera.fd, NULL, &self->answer));
	must_pass(v4l2_queue_request(&camera, 1));
	/* The camera has no use for less than its picture. */
	must_pass(variant->length < camera.length ?
		  heap_commit(self->heap.fd, self->buffer) :
		  v4l2_queue_put(&camera, 0, self->buffer));
	query();
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
	EXPECT_EQ(1, self->record.placement.runs);
	EXPECT_EQ(variant->length, self->record.placement.run_max);
	EXPECT_TRUE(runs_begin_at(&self->record, variant->length));
	v4l2_queue_close(&camera);
}

/* Said too late, it is EBUSY for what is in pieces, and the report says in how many. */
TEST_F_TIMEOUT(load_scatter, contiguous_late, 300)
{
	const struct dmabuf_heap_report *report = &self->answer.report;
	struct v4l2_queue camera;
	int rc;

	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	must_pass(v4l2_queue_request(&camera, 1));
	must_pass(heap_commit(self->heap.fd, self->buffer));
	rc = heap_attach(self->heap.fd, self->buffer, camera.fd, NULL, &self->answer);
	if (variant->length == HEAP_PAGE) {
		EXPECT_EQ(0, rc);
	} else {
		EXPECT_EQ(-EBUSY, rc);
		EXPECT_EQ(EBUSY, report->error);
		EXPECT_EQ(variant->length, report->wanted);
		EXPECT_EQ(HEAP_PAGE, report->found);
		EXPECT_EQ(variant->length / HEAP_PAGE, report->runs);
		EXPECT_EQ(DMABUF_HEAP_FIRST_COMMIT, report->first_map);
	}
	if (rc)
		EXPECT_EQ(DMABUF_HEAP_LIMIT_CONTIGUOUS, report->limit);

	/* Undeclared: only its driver knows what it needs, and refuses. */
	EXPECT_GT(0, v4l2_queue_put(&camera, 0, self->buffer));
	expect_scattered();
	EXPECT_EQ(0, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	v4l2_queue_close(&camera);
}

TEST_HARNESS_MAIN
