// SPDX-License-Identifier: GPL-2.0
/*
 * SEAL: nobody is declared any more, and only who is declared may import.
 * Lengths are in bytes.
 */
#include "kselftest_harness.h"

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "v4l2.h"

FIXTURE(seal) {
	struct heap_state heap;
	int buffer;
	int vgem;
	int cirrus;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(seal)
{
	heap_setup(&self->heap);
	self->buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	self->cirrus = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
}

FIXTURE_TEARDOWN(seal)
{
	close(self->cirrus);
	close(self->vgem);
	close(self->buffer);
	heap_teardown(&self->heap);
}

#define seal()	must_pass(heap_seal(self->heap.fd, self->buffer))
#define attach(device) \
	heap_attach(self->heap.fd, self->buffer, device, NULL, NULL)

TEST_F(seal, shown)
{
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(0, self->record.flags);
	seal();
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_BUFFER_SEALED, self->record.flags);
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
}

TEST_F(seal, twice)
{
	seal();
	seal();
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_BUFFER_SEALED, self->record.flags);
}

TEST_F(seal, attach)
{
	must_pass(attach(self->vgem));
	seal();
	must_fail(EPERM, attach(self->vgem));
	must_fail(EPERM, attach(self->cirrus));
	must_fail(EPERM, heap_require_limit(self->heap.fd, self->buffer,
					    DMABUF_HEAP_LIMIT_CONTIGUOUS, 0, NULL, NULL));
	EXPECT_EQ(1, heap_query_attachments(self->heap.fd, self->buffer, NULL, 0));
}

TEST_F(seal, attach_test)
{
	must_pass(heap_test(self->heap.fd, self->buffer, self->vgem, NULL, NULL, NULL));
	seal();
	must_fail(EPERM, heap_test(self->heap.fd, self->buffer, self->vgem, NULL, NULL, NULL));
}

TEST_F(seal, import)
{
	__u32 handle, none;

	must_pass(attach(self->vgem));
	seal();
	must_pass(drm_import(self->vgem, self->buffer, &handle));
	must_fail(EPERM, drm_import(self->cirrus, self->buffer, &none));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(2, self->record.attachments);
	must_pass(drm_handle_close(self->vgem, handle));
}

/* With no declaration at all nobody may import, but CPUs may map. */
TEST_F(seal, import_nobody)
{
	__u32 handle;
	void *map;

	seal();
	must_fail(EPERM, drm_import(self->vgem, self->buffer, &handle));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	map = heap_mmap(self->buffer, HEAP_MIB);
	ASSERT_NE(NULL, map);
	munmap(map, HEAP_MIB);
	must_fail(EPERM, drm_import(self->vgem, self->buffer, &handle));
}

/* By the render node declared, by the card imported: one device. */
TEST_F(seal, import_by_another_node)
{
	int render = must_have(drm_render_open(DRM_VGEM), "render node of vgem");
	__u32 handle;

	must_pass(attach(render));
	seal();
	must_pass(drm_import(self->vgem, self->buffer, &handle));
	must_pass(drm_handle_close(self->vgem, handle));
	close(render);
}

/* Who imported before stays, but doesn't come back. */
TEST_F(seal, imported_before)
{
	__u32 handle;

	must_pass(drm_import(self->vgem, self->buffer, &handle));
	seal();
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(1, self->record.attachments);
	must_pass(drm_handle_close(self->vgem, handle));
	must_fail(EPERM, drm_import(self->vgem, self->buffer, &handle));
}

/* A declaration that was taken back lets nobody in. */
TEST_F(seal, detach_after)
{
	__u32 handle;
	__u64 id;

	must_pass(heap_attach(self->heap.fd, self->buffer, self->vgem, &id, NULL));
	seal();
	must_pass(heap_detach(self->heap.fd, self->buffer, id));
	must_fail(EPERM, drm_import(self->vgem, self->buffer, &handle));
	must_fail(EPERM, attach(self->vgem));
}

TEST_F(seal, commit_after)
{
	must_pass(attach(self->vgem));
	seal();
	must_pass(heap_commit(self->heap.fd, self->buffer));
}

/* V4L2 passes on what an attach returns. */
TEST_F(seal, camera)
{
	struct v4l2_queue camera;
	int buffer;

	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid");
	must_pass(v4l2_queue_request(&camera, 1));
	buffer = must_open(heap_create(self->heap.fd, camera.length));
	must_pass(heap_seal(self->heap.fd, buffer));
	must_fail(v4l2_refusal(EPERM), v4l2_queue_put(&camera, 0, buffer));
	close(buffer);
	v4l2_queue_close(&camera);
}

/* A queue that never attaches is beyond a seal's reach. */
TEST_F(seal, cpu_only_camera)
{
	struct v4l2_queue camera;
	int buffer;

	if (v4l2_queue_open(&camera, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid");
	must_pass(v4l2_queue_request(&camera, 1));
	buffer = must_open(heap_create(self->heap.fd, camera.length));
	must_pass(heap_seal(self->heap.fd, buffer));
	must_pass(v4l2_queue_put(&camera, 0, buffer));
	v4l2_queue_close(&camera);
	close(buffer);
}

/* What no memory could serve is still EPERM, and there is no report. */
TEST_F(seal, before_eopnotsupp)
{
	int buffer = must_open(heap_create(self->heap.fd, HEAP_PAGE));
	struct dmabuf_heap_limits limits = {};

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, HEAP_NOWHERE);
	must_fail(EOPNOTSUPP, heap_test(self->heap.fd, buffer, DMABUF_HEAP_NO_DEVICE, &limits,
					NULL, NULL));
	must_pass(heap_seal(self->heap.fd, buffer));
	must_fail(EPERM, heap_test(self->heap.fd, buffer, DMABUF_HEAP_NO_DEVICE, &limits,
				   NULL, NULL));
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(0, self->record.conflict.error);
	close(buffer);
}

/* Memory above 4 GiB: too high for many, and for some any would be. */
TEST_F(seal, eopnotsupp_before_ebusy)
{
	int buffer = must_open(heap_create(self->heap.fd, 2 * HEAP_BLOCK_MAX));
	struct dmabuf_heap_limits limits = {};

	must_pass(heap_commit(self->heap.fd, buffer));
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	ASSERT_LT(32, self->record.placement.addr_bits);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, 0xffffffff);
	must_fail(EBUSY, heap_test(self->heap.fd, buffer, DMABUF_HEAP_NO_DEVICE, &limits,
				   NULL, NULL));
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, HEAP_NOWHERE);
	must_fail(EOPNOTSUPP, heap_test(self->heap.fd, buffer, DMABUF_HEAP_NO_DEVICE, &limits,
					NULL, NULL));
	must_pass(heap_seal(self->heap.fd, buffer));
	must_fail(EPERM, heap_test(self->heap.fd, buffer, DMABUF_HEAP_NO_DEVICE, &limits,
				   NULL, NULL));
	close(buffer);
}

static int seal_as_other(void *arg)
{
	int *fds = arg;

	return heap_seal(fds[0], fds[1]);
}

TEST_F(seal, other_user)
{
	int fds[] = { self->heap.fd, self->buffer };

	must_fail(EPERM, heap_child(HEAP_NOBODY, seal_as_other, fds));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(0, self->record.flags);
	must_pass(heap_child(0, seal_as_other, fds));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_BUFFER_SEALED, self->record.flags);
}

/* Another user doesn't unseal it by sealing, and sees that it is sealed. */
static int sealed_for_other(void *arg)
{
	struct dmabuf_heap_buffer_record record;
	int *fds = arg;
	int rc = heap_query(fds[0], fds[1], &record);

	return rc ? rc : (int)record.flags;
}

TEST_F(seal, other_user_sees)
{
	int fds[] = { self->heap.fd, self->buffer };

	seal();
	EXPECT_EQ(DMABUF_HEAP_BUFFER_SEALED,
		  heap_child(HEAP_NOBODY, sealed_for_other, fds));
}

TEST_HARNESS_MAIN
