// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a buffer: every event on a buffer without memory, on one whose
 * memory suits a device that wants it below 4 GiB in one run, and on one whose
 * memory doesn't. Addresses and lengths are in bytes.
 */
#include "kselftest_harness.h"

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "importer.h"
#include "v4l2.h"

FIXTURE(life) {
	struct heap_state heap;
	struct v4l2_queue camera;	/* contiguous memory below 4 GiB */
	struct v4l2_queue software;	/* kernel mappings only */
	int cirrus;			/* memory below 4 GiB */
	int vgem;			/* any memory */
	int buffer;
	__u64 id;
	struct heap_counters made;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_VARIANT(life) {
	bool backed;
	bool suits;
};

FIXTURE_VARIANT_ADD(life, unbacked) { .backed = false, .suits = true };
FIXTURE_VARIANT_ADD(life, suits) { .backed = true, .suits = true };
FIXTURE_VARIANT_ADD(life, does_not_suit) { .backed = true, .suits = false };

/* Memory below 4 GiB in one run, and no record of who wanted it so. */
static int buffer_suiting(int heap, __u64 length)
{
	int buffer = heap_create(heap, length), rc;
	__u64 low, contiguous;

	if (buffer < 0)
		return buffer;
	rc = heap_require_limit(heap, buffer, DMABUF_HEAP_LIMIT_MAX_ADDR, IMPORTER_4G, &low,
				NULL);
	rc = rc ?: heap_require_limit(heap, buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1,
				      &contiguous, NULL);
	rc = rc ?: heap_commit(heap, buffer);
	rc = rc ?: heap_detach(heap, buffer, low);
	rc = rc ?: heap_detach(heap, buffer, contiguous);
	if (!rc)
		return buffer;
	close(buffer);
	return rc;
}

FIXTURE_SETUP(life)
{
	heap_setup(&self->heap);
	if (v4l2_queue_open(&self->camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE) ||
	    v4l2_queue_open(&self->software, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid with allocators=0,1");
	must_pass(v4l2_queue_request(&self->camera, 1));
	must_pass(v4l2_queue_request(&self->software, 1));
	self->cirrus = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	if (!variant->backed)
		self->buffer = must_open(heap_create(self->heap.fd, self->camera.length));
	else if (variant->suits)
		self->buffer = must_open(buffer_suiting(self->heap.fd, self->camera.length));
	else
		self->buffer = must_open(importer_buffer_high(self->heap.fd,
							      self->camera.length));
	must_pass(heap_attach(self->heap.fd, self->buffer, self->vgem, &self->id, NULL));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	self->made = heap_counters_read();
}

FIXTURE_TEARDOWN(life)
{
	v4l2_queue_close(&self->software);
	v4l2_queue_close(&self->camera);
	close(self->vgem);
	close(self->cirrus);
	if (self->buffer >= 0)
		close(self->buffer);
	heap_teardown(&self->heap);
}

/* The event has left everything as it was, but for the last conflict. */
#define check_unchanged() do {						\
	struct dmabuf_heap_buffer_record now;				\
									\
	must_pass(heap_query(self->heap.fd, self->buffer, &now));	\
	now.conflict = self->record.conflict;				\
	EXPECT_EQ(0, memcmp(&self->record, &now, sizeof(now)));		\
	EXPECT_EQ(0, heap_counters_wait(&self->made));			\
	EXPECT_EQ(self->made.allocations, heap_counters_read().allocations); \
} while (0)

/*
 * The event has mapped the buffer: the first of its kind has allocated, and who
 * came to memory that was there has left it as it was.
 */
#define check_mapped(kind) do {						\
	struct dmabuf_heap_buffer_record now;				\
									\
	must_pass(heap_query(self->heap.fd, self->buffer, &now));	\
	EXPECT_EQ(DMABUF_HEAP_BACKED, now.state);			\
	EXPECT_EQ(self->made.allocations + !variant->backed,		\
		  heap_counters_read().allocations);			\
	if (variant->backed) {						\
		EXPECT_EQ(self->record.first_map, now.first_map);	\
		EXPECT_EQ(self->record.first_map_ns, now.first_map_ns);	\
		EXPECT_EQ(0, memcmp(&self->record.placement, &now.placement, \
				    sizeof(now.placement)));		\
	} else {							\
		EXPECT_EQ(kind, now.first_map);				\
		EXPECT_LE(self->record.created_ns, now.first_map_ns);	\
		EXPECT_GE(heap_now(), now.first_map_ns);		\
		EXPECT_LT(0, now.placement.runs);			\
	}								\
} while (0)

TEST_F(life, declare)
{
	struct dmabuf_heap_answer answer;
	__u64 id;
	int rc = heap_attach(self->heap.fd, self->buffer, self->camera.fd, &id, &answer);

	if (!variant->suits) {
		ASSERT_EQ(-EBUSY, rc);
		EXPECT_EQ(EBUSY, answer.report.error);
		EXPECT_EQ(0, id);
		check_unchanged();
		return;
	}
	ASSERT_EQ(0, rc);
	EXPECT_EQ(0, answer.report.error);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(variant->backed ? DMABUF_HEAP_BACKED : DMABUF_HEAP_UNBACKED,
		  (int)self->record.state);
	EXPECT_EQ(IMPORTER_4G,
		  heap_limits_value(&self->record.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(1, heap_limits_value(&self->record.merged, DMABUF_HEAP_LIMIT_CONTIGUOUS));
	EXPECT_EQ(id, self->record.merged.limit[DMABUF_HEAP_LIMIT_CONTIGUOUS].set_by);
	EXPECT_EQ(2, self->record.declared);
	EXPECT_EQ(self->made.pages, heap_counters_read().pages);
}

TEST_F(life, import)
{
	__u32 handle;
	int rc = drm_import(self->cirrus, self->buffer, &handle);

	if (!variant->suits) {
		ASSERT_EQ(-EBUSY, rc);
		check_unchanged();
		must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
		EXPECT_EQ(EBUSY, self->record.conflict.error);
		return;
	}
	ASSERT_EQ(0, rc);
	if (drm_import_maps())
		check_mapped(DMABUF_HEAP_FIRST_DEVICE);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_LE(self->record.placement.addr_bits, 32);
	EXPECT_EQ(2, self->record.attachments);
	EXPECT_EQ(drm_import_maps(), self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	must_pass(drm_handle_close(self->cirrus, handle));
}

/* The driver that knows of contiguity, declared first where it can be. */
TEST_F(life, import_by_camera)
{
	int rc = heap_attach(self->heap.fd, self->buffer, self->camera.fd, NULL, NULL);

	EXPECT_EQ(variant->suits ? 0 : -EBUSY, rc);
	rc = v4l2_queue_put(&self->camera, 0, self->buffer);
	if (!variant->suits) {
		ASSERT_EQ(-v4l2_refusal(EBUSY), rc);
		check_unchanged();
		return;
	}
	ASSERT_EQ(0, rc);
	check_mapped(DMABUF_HEAP_FIRST_DEVICE);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(1, self->record.placement.runs);
	EXPECT_EQ(self->record.length, self->record.placement.run_max);
	EXPECT_EQ(1, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
}

TEST_F(life, detach)
{
	struct dmabuf_heap_buffer_record now;

	must_pass(heap_detach(self->heap.fd, self->buffer, self->id));
	must_pass(heap_query(self->heap.fd, self->buffer, &now));
	EXPECT_EQ(0, now.attachments);
	EXPECT_EQ(0, now.merged.valid);
	EXPECT_EQ(self->record.state, now.state);
	EXPECT_EQ(self->record.first_map_ns, now.first_map_ns);
	EXPECT_EQ(self->made.pages, heap_counters_read().pages);
}

/* By a device that any memory suits: what doesn't suit others is no matter. */
TEST_F(life, device_map)
{
	__u32 handle;

	if (!drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	must_pass(drm_import(self->vgem, self->buffer, &handle));
	check_mapped(DMABUF_HEAP_FIRST_DEVICE);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	if (!variant->backed)
		EXPECT_NE(NULL, strstr(self->record.first_map_by, "vgem"));
	must_pass(drm_handle_close(self->vgem, handle));
}

TEST_F(life, mmap)
{
	void *map = heap_mmap(self->buffer, self->camera.length);

	ASSERT_NE(NULL, map);
	check_mapped(DMABUF_HEAP_FIRST_MMAP);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(1, self->record.cpu_maps);
	if (!variant->backed)
		EXPECT_STREQ("life", self->record.first_map_by);
	munmap(map, self->camera.length);
}

TEST_F(life, vmap)
{
	must_pass(v4l2_queue_put(&self->software, 0, self->buffer));
	check_mapped(DMABUF_HEAP_FIRST_VMAP);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(1, self->record.vmaps);
	EXPECT_EQ(1, self->record.attachments);
	if (!variant->backed)
		EXPECT_STREQ("life", self->record.first_map_by);
	must_pass(v4l2_queue_request(&self->software, 0));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(0, self->record.vmaps);
}

TEST_F(life, commit)
{
	must_pass(heap_commit(self->heap.fd, self->buffer));
	check_mapped(DMABUF_HEAP_FIRST_COMMIT);
	if (!variant->backed) {
		must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
		EXPECT_STREQ("life", self->record.first_map_by);
	}
	must_pass(heap_commit(self->heap.fd, self->buffer));
	check_mapped(DMABUF_HEAP_FIRST_COMMIT);
}

/* EPERM comes before EBUSY, and has no report. */
TEST_F(life, undeclared_import_of_sealed)
{
	__u32 handle;

	must_pass(heap_seal(self->heap.fd, self->buffer));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	must_fail(EPERM, drm_import(self->cirrus, self->buffer, &handle));
	must_fail(v4l2_refusal(EPERM), v4l2_queue_put(&self->camera, 0, self->buffer));
	must_fail(EPERM, heap_attach(self->heap.fd, self->buffer, self->camera.fd, NULL, NULL));
	check_unchanged();

	/* Those that came are told of, which changes nothing else. */
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(EPERM, self->record.conflict.error);
	EXPECT_EQ(0, self->record.conflict.limit);
	EXPECT_EQ(0, self->record.conflict.wanted);
	EXPECT_STREQ("vivid.0", self->record.conflict.device);
}

TEST_F(life, end)
{
	__u64 id = self->record.id;

	close(self->buffer);
	self->buffer = -1;
	EXPECT_EQ(0, heap_counters_wait(&self->heap.before));
	must_fail(ENOENT, heap_query_id(self->heap.fd, id, &self->record));
}

/* Who was refused can have it once there is a buffer that hasn't been mapped. */
TEST_F(life, again)
{
	int buffer = must_open(heap_create(self->heap.fd, self->camera.length));

	must_pass(heap_attach(self->heap.fd, buffer, self->camera.fd, NULL, NULL));
	must_pass(v4l2_queue_put(&self->camera, 0, buffer));
	close(buffer);
}

TEST_HARNESS_MAIN
