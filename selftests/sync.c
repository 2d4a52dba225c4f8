// SPDX-License-Identifier: GPL-2.0
/*
 * DMA_BUF_IOCTL_SYNC: the CPU begins and ends to use a buffer, before there is
 * memory, with memory, and while devices map it.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <linux/dma-buf.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "v4l2.h"

#define LENGTH	(2 * HEAP_MIB)

FIXTURE(sync) {
	struct heap_state state;
	int buffer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_VARIANT(sync) {
	__u64 access;
};

FIXTURE_VARIANT_ADD(sync, read) { .access = DMA_BUF_SYNC_READ };
FIXTURE_VARIANT_ADD(sync, write) { .access = DMA_BUF_SYNC_WRITE };
FIXTURE_VARIANT_ADD(sync, both) { .access = DMA_BUF_SYNC_RW };

FIXTURE_SETUP(sync)
{
	heap_setup(&self->state);
	self->buffer = must_open(heap_create(self->state.fd, LENGTH));
}

FIXTURE_TEARDOWN(sync)
{
	close(self->buffer);
	heap_teardown(&self->state);
}

/* Two who use it at once, as two processes may. */
#define sync_both_ends() do {							\
	EXPECT_EQ(0, heap_sync(self->buffer, variant->access | DMA_BUF_SYNC_START)); \
	EXPECT_EQ(0, heap_sync(self->buffer, variant->access | DMA_BUF_SYNC_START)); \
	EXPECT_EQ(0, heap_sync(self->buffer, variant->access | DMA_BUF_SYNC_END)); \
	EXPECT_EQ(0, heap_sync(self->buffer, variant->access | DMA_BUF_SYNC_END)); \
} while (0)

TEST_F(sync, unbacked)
{
	sync_both_ends();
	must_pass(heap_query(self->state.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(self->state.before.pages, heap_counters_read().pages);
}

TEST_F(sync, declared_only)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");

	must_pass(heap_attach(self->state.fd, self->buffer, vgem, NULL, NULL));
	sync_both_ends();
	must_pass(heap_query(self->state.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	close(vgem);
}

TEST_F(sync, backed)
{
	char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	EXPECT_EQ(0, heap_sync(self->buffer, variant->access | DMA_BUF_SYNC_START));
	memset(map, 0x5a, LENGTH);
	EXPECT_EQ(0, heap_sync(self->buffer, variant->access | DMA_BUF_SYNC_END));
	sync_both_ends();
	EXPECT_EQ(1, importer_is_filled(map, LENGTH, 0x5a));
	munmap(map, LENGTH);
}

/* Without a start, or never ended: a hint that nobody was given, no more. */
TEST_F(sync, unbalanced)
{
	must_pass(heap_commit(self->state.fd, self->buffer));
	EXPECT_EQ(0, heap_sync(self->buffer, variant->access | DMA_BUF_SYNC_END));
	EXPECT_EQ(0, heap_sync(self->buffer, variant->access | DMA_BUF_SYNC_START));
}

TEST_F(sync, mapped_by_devices)
{
	int cirrus = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	struct v4l2_queue camera;
	int shared, i;
	__u32 handle;
	char *map;

	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	shared = must_open(heap_create(self->state.fd, LENGTH));
	must_pass(heap_attach(self->state.fd, shared, camera.fd, NULL, NULL));
	must_pass(heap_attach(self->state.fd, shared, cirrus, NULL, NULL));
	must_pass(v4l2_queue_request(&camera, 2));
	must_pass(v4l2_queue_put(&camera, 0, shared));
	must_pass(drm_import(cirrus, shared, &handle));
	must_pass(drm_import(vgem, shared, &handle));

	map = heap_mmap(shared, LENGTH);
	ASSERT_NE(NULL, map);
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(0, heap_sync(shared, variant->access | DMA_BUF_SYNC_START));
		memset(map, i, LENGTH);
		EXPECT_EQ(0, heap_sync(shared, variant->access | DMA_BUF_SYNC_END));
		EXPECT_EQ(1, importer_is_filled(map, LENGTH, i));
	}
	munmap(map, LENGTH);
	v4l2_queue_close(&camera);
	close(shared);
	close(vgem);
	close(cirrus);
}

TEST_F(sync, readonly_fd)
{
	struct dmabuf_heap_create create = {
		.size = sizeof(create),
		.length = LENGTH,
		.fd_flags = O_RDONLY | O_CLOEXEC,
	};

	must_pass(heap_ioctl(self->state.fd, DMABUF_HEAP_IOC_CREATE, &create));
	close(self->buffer);
	self->buffer = create.out_fd;
	sync_both_ends();
	must_pass(heap_commit(self->state.fd, self->buffer));
	sync_both_ends();
}

/* The dma-buf core's own check comes first, and changes nothing. */
TEST_F(sync, bad_flags)
{
	EXPECT_EQ(-EINVAL, heap_sync(self->buffer, 0));
	EXPECT_EQ(-EINVAL, heap_sync(self->buffer, DMA_BUF_SYNC_END));
	EXPECT_EQ(-EINVAL, heap_sync(self->buffer, variant->access | 1ULL << 3));
	EXPECT_EQ(-EINVAL, heap_sync(self->buffer, variant->access | 1ULL << 63));
}

TEST_HARNESS_MAIN
