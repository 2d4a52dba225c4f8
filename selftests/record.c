// SPDX-License-Identifier: GPL-2.0
/*
 * What QUERY_ATTACHMENTS says of importing drivers: who attached, in which
 * direction it maps, and which declaration it goes with. Lengths are bytes.
 */
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "v4l2.h"

FIXTURE(record) {
	struct heap_state state;
	struct v4l2_queue camera;
	int vgem;
	int buffer;
	struct dmabuf_heap_attachment_record record;
};

FIXTURE_SETUP(record)
{
	heap_setup(&self->state);
	if (v4l2_queue_open(&self->camera, V4L2_VIVID_DMA,
			    V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	must_pass(v4l2_queue_request(&self->camera, 2));
	self->buffer = must_open(heap_create(self->state.fd, self->camera.length));
}

FIXTURE_TEARDOWN(record)
{
	v4l2_queue_close(&self->camera);
	close(self->vgem);
	close(self->buffer);
	heap_teardown(&self->state);
}

#define records(device) \
	importer_records(self->state.fd, self->buffer, device, &self->record)

TEST_F(record, undeclared)
{
	struct dmabuf_heap_attachment_record *record = &self->record;
	char comm[DMABUF_HEAP_COMM_LEN];
	__u64 before, declared;

	/* Memory that suits it, from a declaration that is gone by then. */
	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd,
			      &declared, NULL));
	must_pass(heap_commit(self->state.fd, self->buffer));
	must_pass(heap_detach(self->state.fd, self->buffer, declared));
	must_pass(prctl(PR_GET_NAME, comm));
	before = heap_now();
	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));
	ASSERT_EQ(1, records(IMPORTER_VIVID));
	EXPECT_LT(declared, record->id);
	EXPECT_EQ(0, record->declared_id);
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_IMPORTED, record->flags);
	EXPECT_EQ(getpid(), record->pid);
	EXPECT_STREQ(comm, record->comm);
	EXPECT_STREQ("", record->label);
	EXPECT_STREQ("", record->node);
	EXPECT_EQ(0, record->dev_major);
	EXPECT_STREQ("platform", record->subsystem);
	EXPECT_LE(before, record->created_ns);
	EXPECT_LE(record->created_ns, record->last_map_ns);
	EXPECT_GE(heap_now(), record->last_map_ns);
	EXPECT_EQ(IMPORTER_4G,
		  heap_limits_value(&record->limits, DMABUF_HEAP_LIMIT_MAX_ADDR));
	/* Its struct device doesn't say that its queue wants one run. */
	EXPECT_NE(1, heap_limits_value(&record->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS));
}

TEST_F(record, camera_writes)
{
	struct dmabuf_heap_attachment_record *record = &self->record;

	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, NULL, NULL));
	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));
	ASSERT_EQ(1, records(IMPORTER_VIVID));
	EXPECT_EQ(1, record->maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(0, record->maps[DMABUF_HEAP_DIR_READ]);
	EXPECT_EQ(0, record->maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(1, record->maps_ever[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(DMABUF_HEAP_ACCESS_WRITE, record->access);
	EXPECT_EQ((self->camera.length + HEAP_PAGE - 1) / HEAP_PAGE * HEAP_PAGE,
		  record->bytes_mapped);
}

TEST_F(record, output_reads)
{
	struct dmabuf_heap_attachment_record *record = &self->record;
	struct v4l2_queue output;
	int buffer;

	if (v4l2_queue_open(&output, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_OUTPUT))
		heap_skip("no vivid output with allocators=1");
	buffer = must_open(heap_create(self->state.fd, output.length));
	must_pass(heap_attach(self->state.fd, buffer, output.fd, NULL, NULL));
	must_pass(v4l2_queue_request(&output, 1));
	must_pass(v4l2_queue_put(&output, 0, buffer));
	ASSERT_EQ(1, importer_records(self->state.fd, buffer, IMPORTER_VIVID, record));
	EXPECT_EQ(1, record->maps[DMABUF_HEAP_DIR_READ]);
	EXPECT_EQ(0, record->maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(0, record->maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(DMABUF_HEAP_ACCESS_READ, record->access);
	v4l2_queue_close(&output);
	close(buffer);
}

TEST_F(record, drm_does_both)
{
	struct dmabuf_heap_attachment_record *record = &self->record;
	struct dmabuf_heap_buffer_record whole;
	__u32 handle;

	if (!drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	must_pass(drm_import(self->vgem, self->buffer, &handle));
	ASSERT_EQ(1, records(IMPORTER_VGEM));
	EXPECT_EQ(1, record->maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(0, record->maps[DMABUF_HEAP_DIR_READ]);
	EXPECT_EQ(0, record->maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(HEAP_ACCESS_BOTH, record->access);
	must_pass(drm_handle_close(self->vgem, handle));

	EXPECT_EQ(0, records(IMPORTER_VGEM));
	must_pass(heap_query(self->state.fd, self->buffer, &whole));
	EXPECT_EQ(0, whole.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(0, whole.attachments);
}

TEST_F(record, belongs_to_declared)
{
	struct dmabuf_heap_attachment_record declared;
	__u64 camera, vgem;
	__u32 handle;

	must_pass(heap_attach(self->state.fd, self->buffer, self->vgem, &vgem, NULL));
	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, &camera, NULL));
	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));
	must_pass(drm_import(self->vgem, self->buffer, &handle));

	ASSERT_EQ(1, records(IMPORTER_VGEM));
	EXPECT_EQ(vgem, self->record.declared_id);
	ASSERT_EQ(1, records(IMPORTER_VIVID));
	EXPECT_EQ(camera, self->record.declared_id);
	/* What only the queue knows came with the declaration. */
	EXPECT_EQ(1, heap_limits_value(&self->record.limits, DMABUF_HEAP_LIMIT_CONTIGUOUS));

	/* Maps are the imported record's, not the declared one's. */
	must_pass(heap_query_attachment(self->state.fd, self->buffer, camera, &declared));
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_DECLARED, declared.flags);
	EXPECT_EQ(0, declared.maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(0, declared.declared_id);
}

TEST_F(record, two_declarations)
{
	struct v4l2_queue output;

	if (v4l2_queue_open(&output, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_OUTPUT))
		heap_skip("no vivid output with allocators=1");
	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, NULL, NULL));
	must_pass(heap_attach(self->state.fd, self->buffer, output.fd, NULL, NULL));
	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));

	/* Both nodes do DMA by the same device: whose import it is can't be told. */
	ASSERT_EQ(1, records(IMPORTER_VIVID));
	EXPECT_EQ(0, self->record.declared_id);
	v4l2_queue_close(&output);
}

TEST_F(record, declared_again)
{
	__u64 id;

	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, &id, NULL));
	must_pass(heap_commit(self->state.fd, self->buffer));
	must_pass(heap_detach(self->state.fd, self->buffer, id));
	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));
	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, &id, NULL));
	must_pass(v4l2_queue_put(&self->camera, 1, self->buffer));
	EXPECT_EQ(2, records(IMPORTER_VIVID));
}

/* The declaration goes, its import stays, and with it the limits. */
TEST_F(record, declared_goes_first)
{
	struct dmabuf_heap_buffer_record whole;
	__u64 id;

	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, &id, NULL));
	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));
	must_pass(heap_detach(self->state.fd, self->buffer, id));
	must_pass(heap_query(self->state.fd, self->buffer, &whole));
	EXPECT_EQ(1, whole.attachments);
	EXPECT_EQ(0, whole.declared);
	EXPECT_EQ(1, whole.device_maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(IMPORTER_4G, heap_limits_value(&whole.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	ASSERT_EQ(1, records(IMPORTER_VIVID));
	EXPECT_EQ(self->record.id,
		  whole.merged.limit[DMABUF_HEAP_LIMIT_MAX_ADDR].set_by);
}

/* A queue on vb2-vmalloc never attaches. */
TEST_F(record, cpu_only)
{
	struct dmabuf_heap_attachment_record declared;
	struct dmabuf_heap_buffer_record whole;
	struct v4l2_queue camera;
	__u64 id;

	if (v4l2_queue_open(&camera, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=0");
	must_pass(heap_attach(self->state.fd, self->buffer, camera.fd, &id, NULL));
	must_pass(v4l2_queue_request(&camera, 1));
	must_pass(v4l2_queue_put(&camera, 0, self->buffer));
	must_pass(heap_query_attachment(self->state.fd, self->buffer, id, &declared));
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_DECLARED | DMABUF_HEAP_ATTACHMENT_CPU_ONLY,
		  declared.flags);
	EXPECT_EQ(0, declared.limits.valid);
	must_pass(heap_query(self->state.fd, self->buffer, &whole));
	EXPECT_EQ(1, whole.attachments);
	EXPECT_EQ(1, whole.vmaps);
	EXPECT_EQ(DMABUF_HEAP_FIRST_VMAP, whole.first_map);
	v4l2_queue_close(&camera);

	must_pass(heap_query(self->state.fd, self->buffer, &whole));
	EXPECT_EQ(0, whole.vmaps);
}

TEST_HARNESS_MAIN
