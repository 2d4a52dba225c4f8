// SPDX-License-Identifier: GPL-2.0
/*
 * Real drivers import buffers: two cameras of vivid, of which one only uses the
 * CPU and the other wants contiguous memory below 4 GiB, the display of cirrus,
 * and vgem, which takes anything. In the right order, devices declared before
 * the first map, and in the wrong one. Lengths are bytes.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "v4l2.h"

#define COLOURS	6	/* at least, in a line of vivid's colour bars */

FIXTURE(import) {
	struct heap_state state;
	struct v4l2_queue camera;
	int vgem;
	int buffer;		/* unbacked, one frame long */
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(import)
{
	heap_setup(&self->state);
	if (v4l2_queue_open(&self->camera, V4L2_VIVID_DMA,
			    V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	must_pass(v4l2_queue_request(&self->camera, 2));
	self->buffer = must_open(heap_create(self->state.fd, self->camera.length));
}

/* A queue that was refused a buffer takes a better one in the same slot. */
#define expect_camera_works() do {					\
	EXPECT_EQ(0, heap_attach(self->state.fd, self->buffer,		\
				 self->camera.fd, NULL, NULL));		\
	EXPECT_EQ(0, v4l2_queue_put(&self->camera, 0, self->buffer));	\
} while (0)

FIXTURE_TEARDOWN(import)
{
	v4l2_queue_close(&self->camera);
	close(self->vgem);
	close(self->buffer);
	heap_teardown(&self->state);
}

#define query() must_pass(heap_query(self->state.fd, self->buffer, &self->record))

/* One backing, whatever has been mapped since the test began. */
#define expect_one_backing() do {					\
	struct heap_counters now = heap_counters_read();		\
									\
	EXPECT_EQ(self->state.before.allocations + 1, now.allocations);	\
	EXPECT_EQ(self->state.before.backed + 1, now.backed);		\
	EXPECT_EQ(self->state.before.pages +				\
		  self->record.length / HEAP_PAGE, now.pages);		\
} while (0)

TEST_F(import, declared_first)
{
	int cirrus = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
	struct heap_counters now;
	__u32 shown, rendered;

	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, NULL, NULL));
	must_pass(heap_attach(self->state.fd, self->buffer, cirrus, NULL, NULL));
	query();
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	now = heap_counters_read();
	EXPECT_EQ(self->state.before.pages, now.pages);

	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));
	query();
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
	EXPECT_EQ(DMABUF_HEAP_FIRST_DEVICE, self->record.first_map);
	EXPECT_NE(NULL, strstr(self->record.first_map_by, IMPORTER_VIVID));
	EXPECT_EQ(1, self->record.placement.runs);
	EXPECT_GE(32, self->record.placement.addr_bits);
	EXPECT_EQ(1, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	expect_one_backing();

	/* The second device, a late-comer that the memory suits, and the first again. */
	must_pass(drm_import(cirrus, self->buffer, &shown));
	must_pass(drm_import(self->vgem, self->buffer, &rendered));
	must_pass(v4l2_queue_put(&self->camera, 1, self->buffer));
	query();
	EXPECT_EQ(2, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(2 * drm_import_maps(), self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(0, self->record.device_maps[DMABUF_HEAP_DIR_READ]);
	EXPECT_EQ(6, self->record.attachments);
	EXPECT_EQ(2, self->record.declared);
	EXPECT_EQ(0, self->record.conflict.error);
	expect_one_backing();
	close(cirrus);
}

TEST_F(import, map_again)
{
	__u32 handle;
	int i;

	if (!drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	for (i = 0; i < 10; i++) {
		must_pass(drm_import(self->vgem, self->buffer, &handle));
		must_pass(drm_handle_close(self->vgem, handle));
	}
	query();
	EXPECT_EQ(0, self->record.attachments);
	expect_one_backing();
}

TEST_F(import, too_high)
{
	__u64 length = self->camera.length;
	int high = must_have(importer_buffer_high(self->state.fd, length),
			     "memory above 4 GiB");
	struct dmabuf_heap_buffer_record before;
	unsigned char *map = heap_mmap(high, length);
	__u32 handle;

	ASSERT_NE(NULL, map);
	memset(map, 0x5a, length);
	must_pass(heap_query(self->state.fd, high, &before));
	must_fail(v4l2_refusal(EBUSY), v4l2_queue_put(&self->camera, 0, high));

	must_pass(heap_query(self->state.fd, high, &self->record));
	EXPECT_EQ(EBUSY, self->record.conflict.error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, self->record.conflict.limit);
	EXPECT_EQ(IMPORTER_4G, self->record.conflict.wanted);
	EXPECT_LT(IMPORTER_4G, self->record.conflict.found);
	EXPECT_EQ(before.placement.runs, self->record.conflict.runs);
	EXPECT_EQ(before.length, self->record.conflict.length);
	EXPECT_EQ(0, self->record.conflict.attachment);
	EXPECT_EQ(DMABUF_HEAP_FIRST_COMMIT, self->record.conflict.first_map);
	EXPECT_EQ(before.first_map_ns, self->record.conflict.first_map_ns);
	EXPECT_LT(before.first_map_ns, self->record.conflict.time_ns);
	EXPECT_NE(NULL, strstr(self->record.conflict.device, IMPORTER_VIVID));

	/* Neither side is the worse for it, and the same fd goes elsewhere. */
	EXPECT_EQ(0, self->record.attachments);
	EXPECT_EQ(0, memcmp(&before.placement, &self->record.placement,
			    sizeof(before.placement)));
	EXPECT_EQ(1, importer_is_filled(map, length, 0x5a));
	EXPECT_EQ(0, drm_import(self->vgem, high, &handle));
	expect_camera_works();
	munmap(map, length);
	close(high);
	drm_handle_close(self->vgem, handle);
}

TEST_F(import, scattered)
{
	int scattered = must_open(importer_buffer_scattered(self->state.fd,
							    self->camera.length));
	struct dmabuf_heap_buffer_record before;
	struct dmabuf_heap_answer answer;
	__u32 handle;

	must_pass(heap_query(self->state.fd, scattered, &before));
	must_fail(EBUSY, heap_attach(self->state.fd, scattered, self->camera.fd,
				     NULL, &answer));
	EXPECT_EQ(EBUSY, answer.report.error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_CONTIGUOUS, answer.report.limit);
	EXPECT_EQ(before.length, answer.report.wanted);
	EXPECT_EQ(before.placement.run_max, answer.report.found);
	EXPECT_EQ(before.placement.runs, answer.report.runs);
	EXPECT_EQ(0, answer.report.attachment);
	must_pass(heap_query(self->state.fd, scattered, &self->record));
	EXPECT_EQ(0, memcmp(&answer.report, &self->record.conflict,
			    sizeof(answer.report)));
	EXPECT_EQ(0, self->record.attachments);

	/* Undeclared, only its mask is known: V4L2 itself finds the gaps. */
	EXPECT_EQ(-EFAULT, v4l2_queue_put(&self->camera, 0, scattered));
	must_pass(heap_query(self->state.fd, scattered, &self->record));
	EXPECT_EQ(0, self->record.attachments);
	EXPECT_EQ(0, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);

	EXPECT_EQ(0, drm_import(self->vgem, scattered, &handle));
	expect_camera_works();
	drm_handle_close(self->vgem, handle);
	close(scattered);
}

/* A wrong first map that a declaration would have made right. */
TEST_F(import, late_declaration)
{
	struct dmabuf_heap_answer answer;
	__u32 handle;

	if (!drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	must_pass(drm_import(self->vgem, self->buffer, &handle));
	query();
	if (self->record.placement.addr_bits <= 32)
		heap_skip("no memory above 4 GiB");
	must_fail(EBUSY, heap_attach(self->state.fd, self->buffer, self->camera.fd,
				     NULL, &answer));
	EXPECT_EQ(DMABUF_HEAP_FIRST_DEVICE, answer.report.first_map);
	EXPECT_NE(NULL, strstr(answer.report.first_map_by, IMPORTER_VGEM));
	drm_handle_close(self->vgem, handle);

	/* Memory stays where it is. */
	EXPECT_EQ(-v4l2_refusal(EBUSY), v4l2_queue_put(&self->camera, 0, self->buffer));
}

TEST_F(import, too_short)
{
	int small = must_open(heap_create(self->state.fd, HEAP_PAGE));

	/* V4L2 looks at the length before it attaches. */
	EXPECT_EQ(-EINVAL, v4l2_queue_put(&self->camera, 0, small));
	must_pass(heap_query(self->state.fd, small, &self->record));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(0, self->record.attachments);
	close(small);
}

/*
 * The lower half of vivid's picture is bars from top to bottom: every line is like
 * the first of them, unless pages are out of order. Returns how many colours they
 * have, 0 when lines differ.
 */
static int picture_colours(const char *frame, const struct v4l2_queue *camera)
{
	const char *first = frame + camera->pitch * (camera->height / 2);
	const char *line;

	for (line = first; line < frame + camera->pitch * camera->height; line += camera->pitch)
		if (memcmp(first, line, camera->width * sizeof(__u32)))
			return 0;
	return importer_colours(first, camera->width);
}

/* A frame of either camera, seen by the CPU and on the screen at once. */
FIXTURE(frames) {
	struct heap_state state;
	struct v4l2_queue camera;
	int cirrus;
};

FIXTURE_VARIANT(frames) {
	const char *bus;
	__u32 first_map;
	__u32 maps;		/* device maps of a queued frame */
};

FIXTURE_VARIANT_ADD(frames, by_cpu) {
	.bus = V4L2_VIVID_CPU,
	.first_map = DMABUF_HEAP_FIRST_VMAP,
	.maps = 0,
};

FIXTURE_VARIANT_ADD(frames, by_dma) {
	.bus = V4L2_VIVID_DMA,
	.first_map = DMABUF_HEAP_FIRST_DEVICE,
	.maps = 1,
};

FIXTURE_SETUP(frames)
{
	heap_setup(&self->state);
	if (v4l2_queue_open(&self->camera, variant->bus, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera");
	self->cirrus = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
}

FIXTURE_TEARDOWN(frames)
{
	v4l2_queue_close(&self->camera);
	close(self->cirrus);
	heap_teardown(&self->state);
}

TEST_F(frames, camera_to_screen)
{
	__u64 length = self->camera.length;
	struct dmabuf_heap_buffer_record record;
	struct v4l2_queue *camera = &self->camera;
	int buffers[3], i, slot;
	__u32 handle, fb;
	char *map;

	must_pass(v4l2_queue_request(camera, 3));
	for (i = 0; i < 3; i++) {
		buffers[i] = must_open(heap_create(self->state.fd, length));
		must_pass(heap_attach(self->state.fd, buffers[i], camera->fd, NULL, NULL));
		must_pass(heap_attach(self->state.fd, buffers[i], self->cirrus, NULL, NULL));
		must_pass(v4l2_queue_put(camera, i, buffers[i]));
		must_pass(heap_query(self->state.fd, buffers[i], &record));
		EXPECT_EQ(variant->first_map, record.first_map);
		EXPECT_EQ(variant->maps, record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	}
	must_pass(v4l2_queue_start(camera));
	slot = v4l2_queue_get(camera);
	ASSERT_LE(0, slot);

	/* Zero-copy: the screen and the CPU look at the memory the camera filled. */
	must_pass(drm_import(self->cirrus, buffers[slot], &handle));
	must_pass(drm_show(self->cirrus, handle, camera->width, camera->height,
			   camera->pitch, &fb));
	map = heap_mmap(buffers[slot], length);
	ASSERT_NE(NULL, map);
	EXPECT_LE(COLOURS, picture_colours(map, camera));
	must_pass(heap_query(self->state.fd, buffers[slot], &record));
	EXPECT_EQ(1, record.vmaps);
	EXPECT_EQ(1, record.cpu_maps);
	EXPECT_EQ(drm_import_maps(), record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(self->state.before.allocations + 3, heap_counters_read().allocations);

	munmap(map, length);
	must_pass(drm_hide(self->cirrus, fb));
	must_pass(drm_handle_close(self->cirrus, handle));
	for (i = 0; i < 3; i++)
		close(buffers[i]);
}

/* Ten rounds through the same slots: nothing is mapped or allocated anew. */
TEST_F(frames, rotation)
{
	struct heap_counters before, after;
	int buffers[3], i, slot;

	must_pass(v4l2_queue_request(&self->camera, 3));
	for (i = 0; i < 3; i++) {
		buffers[i] = must_open(heap_create(self->state.fd, self->camera.length));
		must_pass(heap_attach(self->state.fd, buffers[i], self->camera.fd,
				      NULL, NULL));
		must_pass(v4l2_queue_put(&self->camera, i, buffers[i]));
	}
	before = heap_counters_read();
	must_pass(v4l2_queue_start(&self->camera));
	for (i = 0; i < 10; i++) {
		slot = v4l2_queue_get(&self->camera);
		ASSERT_LE(0, slot);
		must_pass(v4l2_queue_put(&self->camera, slot, buffers[slot]));
	}
	after = heap_counters_read();
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	for (i = 0; i < 3; i++)
		close(buffers[i]);
}

TEST_HARNESS_MAIN
