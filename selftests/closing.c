// SPDX-License-Identifier: GPL-2.0
/*
 * Who lets go of a buffer in which order: its fd, a GEM handle, a V4L2 queue, a
 * framebuffer on the screen, a process with all of them. The buffer lives until
 * the last of them is gone, and then nothing of it is left.
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

FIXTURE(closing) {
	struct heap_state state;
	struct v4l2_queue camera;
	int vgem;
	int cirrus;
	int buffer;
	__u64 id;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(closing)
{
	heap_setup(&self->state);
	if (v4l2_queue_open(&self->camera, V4L2_VIVID_DMA,
			    V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	self->cirrus = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
	must_pass(v4l2_queue_request(&self->camera, 3));
	self->buffer = must_open(heap_create_id(self->state.fd, self->camera.length,
						&self->id));
	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, NULL, NULL));
}

FIXTURE_TEARDOWN(closing)
{
	v4l2_queue_close(&self->camera);
	close(self->vgem);
	close(self->cirrus);
	if (self->buffer >= 0)
		close(self->buffer);
	heap_teardown(&self->state);
}

#define buffer_close() do {						\
	must_pass(close(self->buffer));					\
	self->buffer = -1;						\
} while (0)

#define is_alive() (!heap_query_id(self->state.fd, self->id, &self->record))

TEST_F(closing, fd_before_handle)
{
	__u32 handle;

	must_pass(drm_import(self->vgem, self->buffer, &handle));
	buffer_close();
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(drm_import_maps(), self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	must_pass(drm_handle_close(self->vgem, handle));
	must_pass(heap_counters_wait(&self->state.before));
	EXPECT_FALSE(is_alive());
}

TEST_F(closing, handle_before_fd)
{
	__u32 handle;

	must_pass(drm_import(self->vgem, self->buffer, &handle));
	must_pass(drm_handle_close(self->vgem, handle));
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(0, self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(1, self->record.attachments);
	EXPECT_EQ(drm_import_maps() ? DMABUF_HEAP_BACKED : DMABUF_HEAP_UNBACKED,
		  self->record.state);
	buffer_close();
	must_pass(heap_counters_wait(&self->state.before));
}

TEST_F(closing, node_before_handle)
{
	__u32 handle;

	must_pass(drm_import(self->vgem, self->buffer, &handle));
	buffer_close();
	close(self->vgem);
	must_pass(heap_counters_wait(&self->state.before));
	self->vgem = must_open(drm_card_open(DRM_VGEM));
}

TEST_F(closing, fd_before_queue)
{
	int i, more[2], slot;

	for (i = 0; i < 2; i++) {
		more[i] = must_open(heap_create(self->state.fd, self->camera.length));
		must_pass(heap_attach(self->state.fd, more[i], self->camera.fd, NULL, NULL));
		must_pass(v4l2_queue_put(&self->camera, i, more[i]));
		close(more[i]);
	}
	must_pass(v4l2_queue_put(&self->camera, 2, self->buffer));
	buffer_close();

	/* The queue's own references are enough to fill frames. */
	must_pass(v4l2_queue_start(&self->camera));
	for (i = 0; i < 3; i++) {
		slot = v4l2_queue_get(&self->camera);
		ASSERT_LE(0, slot);
	}
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(1, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	must_pass(v4l2_queue_stop(&self->camera));
	EXPECT_TRUE(is_alive());
	must_pass(v4l2_queue_request(&self->camera, 0));
	EXPECT_FALSE(is_alive());
	must_pass(heap_counters_wait(&self->state.before));
}

TEST_F(closing, queue_before_fd)
{
	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));
	must_pass(v4l2_queue_request(&self->camera, 0));
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(0, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(1, self->record.attachments);
	buffer_close();
	EXPECT_FALSE(is_alive());
}

/* Closing the node while the camera streams. */
TEST_F(closing, node_while_streaming)
{
	int i;

	for (i = 0; i < 3; i++)
		must_pass(v4l2_queue_put(&self->camera, i, self->buffer));
	must_pass(v4l2_queue_start(&self->camera));
	ASSERT_LE(0, v4l2_queue_get(&self->camera));
	buffer_close();
	must_pass(close(self->camera.fd));
	self->camera.fd = -1;
	must_pass(heap_counters_wait(&self->state.before));
}

/* A slot keeps its buffer mapped until it gets another one. */
TEST_F(closing, slot_replaced)
{
	int other = must_open(heap_create(self->state.fd, self->camera.length));
	int i, slot = -1;

	must_pass(heap_attach(self->state.fd, other, self->camera.fd, NULL, NULL));
	for (i = 0; i < 3; i++)
		must_pass(v4l2_queue_put(&self->camera, i, self->buffer));
	must_pass(v4l2_queue_start(&self->camera));
	slot = v4l2_queue_get(&self->camera);
	ASSERT_LE(0, slot);
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(3, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	must_pass(v4l2_queue_put(&self->camera, slot, other));
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(2, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	close(other);
}

/* A framebuffer keeps the buffer without fd and handle. */
TEST_F(closing, screen_is_last)
{
	__u32 handle, fb;

	must_pass(drm_import(self->cirrus, self->buffer, &handle));
	must_pass(drm_show(self->cirrus, handle, self->camera.width,
			   self->camera.height, self->camera.pitch, &fb));
	must_pass(drm_handle_close(self->cirrus, handle));
	buffer_close();
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(drm_import_maps(), self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(1, self->record.vmaps);
	must_pass(drm_hide(self->cirrus, fb));
	must_pass(heap_counters_wait(&self->state.before));
}

/* The kernel's address of the buffer is shared by camera and screen. */
TEST_F(closing, vmap_shared)
{
	struct v4l2_queue camera;
	__u32 handle, fb;

	if (v4l2_queue_open(&camera, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=0");
	must_pass(v4l2_queue_request(&camera, 1));
	must_pass(v4l2_queue_put(&camera, 0, self->buffer));
	must_pass(drm_import(self->cirrus, self->buffer, &handle));
	must_pass(drm_show(self->cirrus, handle, camera.width, camera.height,
			   camera.pitch, &fb));
	v4l2_queue_close(&camera);
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(1, self->record.vmaps);
	must_pass(drm_hide(self->cirrus, fb));
	must_pass(drm_handle_close(self->cirrus, handle));
	buffer_close();
	must_pass(heap_counters_wait(&self->state.before));
}

TEST_F(closing, mapping_is_last)
{
	char *map;

	map = heap_mmap(self->buffer, HEAP_PAGE);
	ASSERT_NE(NULL, map);
	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));
	buffer_close();
	must_pass(v4l2_queue_request(&self->camera, 0));
	map[0] = 1;
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(1, self->record.cpu_maps);
	munmap(map, HEAP_PAGE);
	EXPECT_FALSE(is_alive());
}

/* One open file imports a buffer once, two files twice. */
TEST_F(closing, several_imports)
{
	int second = must_open(drm_card_open(DRM_VGEM));
	__u32 handle, again, other;

	must_pass(drm_import(self->vgem, self->buffer, &handle));
	must_pass(drm_import(self->vgem, self->buffer, &again));
	EXPECT_EQ(handle, again);
	EXPECT_EQ(1, importer_records(self->state.fd, self->buffer, IMPORTER_VGEM, NULL));
	must_pass(drm_import(second, self->buffer, &other));
	EXPECT_EQ(2, importer_records(self->state.fd, self->buffer, IMPORTER_VGEM, NULL));
	EXPECT_EQ(self->state.before.allocations + drm_import_maps(),
		  heap_counters_read().allocations);

	must_pass(close(second));
	EXPECT_EQ(1, importer_records(self->state.fd, self->buffer, IMPORTER_VGEM, NULL));
	must_pass(drm_handle_close(self->vgem, handle));
	EXPECT_EQ(0, importer_records(self->state.fd, self->buffer, IMPORTER_VGEM, NULL));
}

/* Imports everywhere and leaves without a word. */
static int child_imports(void *arg)
{
	int buffer = *(int *)arg, vgem = drm_card_open(DRM_VGEM);
	struct v4l2_queue camera;
	__u32 handle;
	int rc;

	rc = v4l2_queue_open(&camera, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE);
	if (!rc)
		rc = v4l2_queue_request(&camera, 1);
	if (!rc)
		rc = v4l2_queue_put(&camera, 0, buffer);
	if (!rc)
		rc = drm_import(vgem, buffer, &handle);
	if (!rc && !heap_mmap(buffer, HEAP_PAGE))
		rc = -errno;
	return rc;
}

TEST_F(closing, process_ends)
{
	must_pass(heap_child(0, child_imports, &self->buffer));
	ASSERT_TRUE(is_alive());
	EXPECT_EQ(1, self->record.attachments);
	EXPECT_EQ(0, self->record.vmaps);
	EXPECT_EQ(0, self->record.cpu_maps);
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
}

struct shared {
	int vgem;
	int buffer;
	__u32 handle;
};

static int child_uses_shared(void *arg)
{
	struct shared *shared = arg;

	return drm_import(shared->vgem, shared->buffer, &shared->handle);
}

/* Parent and child share the open file of the card, so its handles too. */
TEST_F(closing, fork_shares_handles)
{
	struct shared shared = { .vgem = self->vgem, .buffer = self->buffer };
	__u32 handle;

	must_pass(heap_child(0, child_uses_shared, &shared));
	EXPECT_EQ(1, importer_records(self->state.fd, self->buffer, IMPORTER_VGEM, NULL));
	must_pass(drm_import(self->vgem, self->buffer, &handle));
	EXPECT_EQ(1, importer_records(self->state.fd, self->buffer, IMPORTER_VGEM, NULL));
	buffer_close();
	EXPECT_TRUE(is_alive());
	must_pass(drm_handle_close(self->vgem, handle));
	EXPECT_FALSE(is_alive());
}

TEST_HARNESS_MAIN
