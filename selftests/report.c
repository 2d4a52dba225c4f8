// SPDX-License-Identifier: GPL-2.0
/*
 * Reports: a refusal says which limit, what was wanted and what there is, who
 * asks, and what froze the memory. Addresses and lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <sys/prctl.h>

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "importer.h"
#include "v4l2.h"

FIXTURE(report) {
	struct heap_state heap;
	struct v4l2_queue camera;
	int buffer;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(report)
{
	heap_setup(&self->heap);
	if (v4l2_queue_open(&self->camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid with allocators=0,1");
	must_pass(v4l2_queue_request(&self->camera, 1));
	self->buffer = must_open(heap_create(self->heap.fd, self->camera.length));
	must_pass(prctl(PR_SET_NAME, "first mapper"));
}

FIXTURE_TEARDOWN(report)
{
	v4l2_queue_close(&self->camera);
	close(self->buffer);
	heap_teardown(&self->heap);
}

/* The camera as people know it: "video3 (vivid.0)". */
static void camera_title(int fd, char *title, int room)
{
	char node[32] = "", device[32] = "";

	device_name(fd, ".", node, sizeof(node));
	device_name(fd, "device", device, sizeof(device));
	snprintf(title, room, "%s (%s)", node, device);
}

/* All fields that don't depend on what made the memory. */
#define check_busy(report, begin, label_) do {				\
	const struct dmabuf_heap_report *busy = (report);		\
	char title[64];							\
									\
	camera_title(self->camera.fd, title, sizeof(title));		\
	EXPECT_EQ(EBUSY, busy->error);					\
	EXPECT_EQ(self->record.length, busy->length);			\
	EXPECT_EQ(self->record.placement.runs, busy->runs);		\
	EXPECT_EQ(0, busy->attachment);					\
	EXPECT_EQ(self->record.first_map_ns, busy->first_map_ns);	\
	EXPECT_EQ(self->record.first_map, busy->first_map);		\
	EXPECT_STREQ(self->record.first_map_by, busy->first_map_by);	\
	EXPECT_LE(begin, busy->time_ns);				\
	EXPECT_GE(heap_now(), busy->time_ns);				\
	EXPECT_EQ(0, busy->__reserved);					\
	EXPECT_STREQ(title, busy->device);				\
	EXPECT_STREQ(label_, busy->label);				\
} while (0)

#define declare(label_) \
	heap_require(self->heap.fd, self->buffer, self->camera.fd, NULL, label_, NULL, \
		     &self->answer)

/* The demo's wrong way: the CPU first, and then the camera. */
TEST_F(report, too_high_by_mmap)
{
	void *map = heap_mmap(self->buffer, self->camera.length);
	__u64 begin = heap_now();

	ASSERT_NE(NULL, map);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	ASSERT_LT(32, self->record.placement.addr_bits);
	EXPECT_EQ(DMABUF_HEAP_FIRST_MMAP, self->record.first_map);
	EXPECT_STREQ("first mapper", self->record.first_map_by);
	EXPECT_LE(self->record.created_ns, self->record.first_map_ns);
	EXPECT_GE(begin, self->record.first_map_ns);

	must_fail(EBUSY, declare("capture"));
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, self->answer.report.limit);
	EXPECT_EQ(IMPORTER_4G, self->answer.report.wanted);
	EXPECT_EQ((1ULL << self->record.placement.addr_bits) - 1, self->answer.report.found);
	check_busy(&self->answer.report, begin, "capture");

	/* QUERY keeps it, and the buffer is as before. */
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(0, memcmp(&self->answer.report, &self->record.conflict,
			    sizeof(self->record.conflict)));
	EXPECT_EQ(0, self->record.attachments);
	EXPECT_EQ(0, self->record.merged.valid);

	/* Besides the report the answer is that of any ATTACH. */
	EXPECT_STREQ(IMPORTER_VIVID, self->answer.device);
	EXPECT_EQ(1, heap_limits_value(&self->answer.limits, DMABUF_HEAP_LIMIT_CONTIGUOUS));
	EXPECT_EQ(IMPORTER_4G,
		  heap_limits_value(&self->answer.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	munmap(map, self->camera.length);
}

/* Low enough, but in pieces. */
TEST_F(report, not_contiguous)
{
	__u64 begin;

	close(self->buffer);
	self->buffer = must_open(importer_buffer_scattered(self->heap.fd,
							   HEAP_BLOCK_MAX - HEAP_PAGE));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	begin = heap_now();
	must_fail(EBUSY, declare("scanout"));
	EXPECT_EQ(DMABUF_HEAP_LIMIT_CONTIGUOUS, self->answer.report.limit);
	EXPECT_EQ(self->record.length, self->answer.report.wanted);
	EXPECT_EQ(self->record.placement.run_max, self->answer.report.found);
	EXPECT_LT(self->answer.report.found, self->answer.report.wanted);
	EXPECT_EQ(DMABUF_HEAP_FIRST_COMMIT, self->answer.report.first_map);
	check_busy(&self->answer.report, begin, "scanout");
}

/* Who froze the memory: COMMIT, a driver's kernel mapping, a device. */
TEST_F(report, too_high_by_commit)
{
	__u64 begin = heap_now();

	must_pass(heap_commit(self->heap.fd, self->buffer));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	must_fail(EBUSY, declare(""));
	EXPECT_EQ(DMABUF_HEAP_FIRST_COMMIT, self->answer.report.first_map);
	EXPECT_STREQ("first mapper", self->answer.report.first_map_by);
	check_busy(&self->answer.report, begin, "");
}

TEST_F(report, too_high_by_vmap)
{
	struct v4l2_queue software;
	__u64 begin = heap_now();

	must_pass(v4l2_queue_open(&software, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE));
	must_pass(v4l2_queue_request(&software, 1));
	must_pass(v4l2_queue_put(&software, 0, self->buffer));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	must_fail(EBUSY, declare(""));
	EXPECT_EQ(DMABUF_HEAP_FIRST_VMAP, self->answer.report.first_map);
	EXPECT_STREQ("first mapper", self->answer.report.first_map_by);
	check_busy(&self->answer.report, begin, "");
	v4l2_queue_close(&software);
}

TEST_F(report, too_high_by_device)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u64 begin = heap_now();
	char node[32], title[64];
	__u32 handle;

	if (!drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	/* Declared by its node, so it is known by it. */
	must_pass(heap_attach(self->heap.fd, self->buffer, vgem, NULL, NULL));
	must_pass(drm_import(vgem, self->buffer, &handle));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	must_fail(EBUSY, declare("capture"));
	EXPECT_EQ(DMABUF_HEAP_FIRST_DEVICE, self->answer.report.first_map);
	must_pass(device_name(vgem, ".", node, sizeof(node)));
	snprintf(title, sizeof(title), "%s (vgem)", node);
	EXPECT_STREQ(title, self->answer.report.first_map_by);
	check_busy(&self->answer.report, begin, "capture");
	must_pass(drm_handle_close(vgem, handle));
	close(vgem);
}

/* A driver has no way to pass a report on: QUERY has it. */
TEST_F(report, refused_import)
{
	__u64 begin;

	must_pass(heap_commit(self->heap.fd, self->buffer));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	begin = heap_now();
	must_fail(v4l2_refusal(EBUSY), v4l2_queue_put(&self->camera, 0, self->buffer));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(EBUSY, self->record.conflict.error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, self->record.conflict.limit);
	EXPECT_EQ(IMPORTER_4G, self->record.conflict.wanted);
	EXPECT_STREQ(IMPORTER_VIVID, self->record.conflict.device);
	EXPECT_STREQ("", self->record.conflict.label);
	EXPECT_EQ(0, self->record.conflict.attachment);
	EXPECT_LE(begin, self->record.conflict.time_ns);
	EXPECT_EQ(0, self->record.attachments);
}

/* The last refusal counts, and success doesn't wipe it out. */
TEST_F(report, last_conflict)
{
	struct dmabuf_heap_report first;

	must_pass(heap_commit(self->heap.fd, self->buffer));
	must_fail(EBUSY, declare("first"));
	first = self->answer.report;
	must_fail(EBUSY, declare("second"));
	EXPECT_LT(first.time_ns, self->answer.report.time_ns);
	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS,
				     0, NULL, NULL));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(0, memcmp(&self->answer.report, &self->record.conflict, sizeof(first)));
	EXPECT_STREQ("second", self->record.conflict.label);
}

/* Bytes of memory that the camera reaches, -1ULL when it reaches all. */
static __u64 camera_room(int heap, int camera)
{
	struct dmabuf_heap_answer answer = {};
	struct dmabuf_heap_info info;
	int buffer;

	if (heap_info(heap, &info))
		return -1ULL;
	buffer = heap_create(heap, info.out_max_length);
	heap_test(heap, buffer, camera, NULL, NULL, &answer);
	close(buffer);
	return answer.report.limit == DMABUF_HEAP_LIMIT_MAX_ADDR && answer.report.error ?
	       answer.report.found : -1ULL;
}

/*
 * Longer than any block that there is: nothing here could ever serve it. There is room
 * for it, but in more zones than one.
 */
TEST_F(report, contiguous_too_long)
{
	const struct dmabuf_heap_report *report = &self->answer.report;
	__u64 room = camera_room(self->heap.fd, self->camera.fd), begin;
	char title[64];
	int buffer;

	if (room == -1ULL)
		heap_skip("no memory beyond the camera's reach");
	buffer = must_open(heap_create(self->heap.fd, room));
	if (!heap_test(self->heap.fd, buffer, self->camera.fd, NULL, NULL, NULL)) {
		close(buffer);
		heap_skip("all memory within the camera's reach is in one zone");
	}
	begin = heap_now();
	must_fail(EOPNOTSUPP, heap_require(self->heap.fd, buffer, self->camera.fd, NULL,
					   "capture", NULL, &self->answer));
	camera_title(self->camera.fd, title, sizeof(title));
	EXPECT_EQ(EOPNOTSUPP, report->error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_CONTIGUOUS, report->limit);
	EXPECT_EQ(room, report->wanted);
	EXPECT_GT(room, report->found);
	EXPECT_LT(HEAP_BLOCK_MAX, report->found);
	EXPECT_EQ(room, report->length);
	EXPECT_EQ(0, report->runs);
	EXPECT_EQ(0, report->attachment);
	EXPECT_EQ(0, report->first_map_ns);
	EXPECT_EQ(DMABUF_HEAP_FIRST_NONE, report->first_map);
	EXPECT_STREQ("", report->first_map_by);
	EXPECT_LE(begin, report->time_ns);
	EXPECT_GE(heap_now(), report->time_ns);
	EXPECT_STREQ(title, report->device);
	EXPECT_STREQ("capture", report->label);
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(0, memcmp(report, &self->record.conflict, sizeof(*report)));
	EXPECT_EQ(0, self->record.attachments);

	/* As long as the largest block is fine. */
	close(buffer);
	buffer = must_open(heap_create(self->heap.fd, report->found));
	must_pass(heap_attach(self->heap.fd, buffer, self->camera.fd, NULL, NULL));
	close(buffer);
}

/* Not so much memory lies so low. */
TEST_F(report, memory_too_low)
{
	int buffer = must_open(heap_create(self->heap.fd, 2 * HEAP_MIB));
	const struct dmabuf_heap_report *report = &self->answer.report;
	const __u64 highest = HEAP_MIB - 1;

	must_fail(EOPNOTSUPP, heap_require_limit(self->heap.fd, buffer,
						 DMABUF_HEAP_LIMIT_MAX_ADDR, highest, NULL,
						 &self->answer));
	EXPECT_EQ(EOPNOTSUPP, report->error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, report->limit);
	EXPECT_EQ(highest, report->wanted);
	EXPECT_LE(report->found, HEAP_MIB);
	EXPECT_EQ(2 * HEAP_MIB, report->length);
	EXPECT_STREQ("", report->device);
	close(buffer);
}

/* No memory lies at no address. */
TEST_F(report, no_memory_at_all)
{
	must_fail(EOPNOTSUPP, heap_require_limit(self->heap.fd, self->buffer,
						 DMABUF_HEAP_LIMIT_MAX_ADDR, 0, NULL,
						 &self->answer));
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, self->answer.report.limit);
	EXPECT_EQ(0, self->answer.report.wanted);
	EXPECT_LT(self->answer.report.found, HEAP_PAGE);
}

TEST_HARNESS_MAIN
