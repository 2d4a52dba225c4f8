// SPDX-License-Identifier: GPL-2.0
/*
 * Merged limits: what several devices and requirements ask together, which of
 * them set each limit, and what ATTACH_TEST says beforehand. Addresses and
 * lengths are in bytes.
 */
#include "kselftest_harness.h"

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "v4l2.h"

#define BELOW_4G	0xffffffffULL

FIXTURE(merge) {
	struct heap_state heap;
	int buffer;
	int camera;
	int cirrus;
	int vgem;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(merge)
{
	heap_setup(&self->heap);
	self->buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));
	self->camera = must_have(v4l2_node_open(V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE),
				 "vivid");
	self->cirrus = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
}

FIXTURE_TEARDOWN(merge)
{
	close(self->vgem);
	close(self->cirrus);
	close(self->camera);
	close(self->buffer);
	heap_teardown(&self->heap);
}

/* One limit of a buffer, as the driver merged it. */
static __u64 value(const struct dmabuf_heap_limits *limits, enum dmabuf_heap_limit_type type)
{
	return heap_limits_value(limits, type);
}

static __u64 set_by(const struct dmabuf_heap_limits *limits, enum dmabuf_heap_limit_type type)
{
	return limits->limit[type].set_by;
}

/* What QUERY says of the buffer is what the last answer said. */
#define check_query() do {						\
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record)); \
	EXPECT_EQ(0, memcmp(&self->answer.merged, &self->record.merged,	\
			    sizeof(self->record.merged)));		\
} while (0)

#define attach(device, id) \
	must_pass(heap_attach(self->heap.fd, self->buffer, device, id, &self->answer))

#define require(type, value, id)					\
	must_pass(heap_require_limit(self->heap.fd, self->buffer, type,	\
				     value, id, &self->answer))

/* Both want memory below 4 GiB: the first is the culprit, whoever it is. */
TEST_F(merge, camera_then_display)
{
	struct dmabuf_heap_limits *merged = &self->answer.merged;
	__u64 camera, cirrus;

	attach(self->camera, &camera);
	attach(self->cirrus, &cirrus);
	check_query();
	EXPECT_EQ(BELOW_4G, value(merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(camera, set_by(merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(1, value(merged, DMABUF_HEAP_LIMIT_CONTIGUOUS));
	EXPECT_EQ(camera, set_by(merged, DMABUF_HEAP_LIMIT_CONTIGUOUS));
	EXPECT_EQ(64 * HEAP_KIB, value(merged, DMABUF_HEAP_LIMIT_MAX_SEGMENT));
	EXPECT_EQ(camera, set_by(merged, DMABUF_HEAP_LIMIT_MAX_SEGMENT));
	EXPECT_EQ(BELOW_4G, value(merged, DMABUF_HEAP_LIMIT_BOUNDARY));
	EXPECT_EQ(cirrus, set_by(merged, DMABUF_HEAP_LIMIT_BOUNDARY));
}

TEST_F(merge, display_then_camera)
{
	struct dmabuf_heap_limits *merged = &self->answer.merged;
	__u64 camera, cirrus;

	attach(self->cirrus, &cirrus);
	attach(self->camera, &camera);
	check_query();
	EXPECT_EQ(cirrus, set_by(merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(camera, set_by(merged, DMABUF_HEAP_LIMIT_CONTIGUOUS));
	EXPECT_EQ(cirrus, set_by(merged, DMABUF_HEAP_LIMIT_MAX_SEGMENT));
	EXPECT_EQ(cirrus, set_by(merged, DMABUF_HEAP_LIMIT_BOUNDARY));
}

/* A device that reaches everything takes nothing from the others. */
TEST_F(merge, wider_joins)
{
	__u64 cirrus;

	attach(self->cirrus, &cirrus);
	attach(self->vgem, NULL);
	check_query();
	EXPECT_EQ(BELOW_4G, value(&self->answer.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(cirrus, set_by(&self->answer.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(-1ULL, value(&self->answer.limits, DMABUF_HEAP_LIMIT_MAX_ADDR));
}

/* Of every limit the tightest counts, in whatever order they come. */
TEST_F(merge, tightest)
{
	static const struct {
		enum dmabuf_heap_limit_type type;
		__u64 loose;
		__u64 tight;
	} limits[] = {
		{ DMABUF_HEAP_LIMIT_MAX_ADDR, 0x1ffffffff, 0xffffffff },
		{ DMABUF_HEAP_LIMIT_CONTIGUOUS, 0, 1 },
		{ DMABUF_HEAP_LIMIT_MAX_SEGMENT, 128 * HEAP_KIB, 8 * HEAP_KIB },
		{ DMABUF_HEAP_LIMIT_BOUNDARY, 0xfffff, 0xffff },
		{ DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 500, 400 },
		{ DMABUF_HEAP_LIMIT_ALIGNMENT, 8 * HEAP_KIB, 64 * HEAP_KIB },
		{ DMABUF_HEAP_LIMIT_CHUNK, 64 * HEAP_KIB, 2 * HEAP_MIB },
	};
	__u64 loose, tight, last;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		require(limits[i].type, limits[i].loose, &loose);
		require(limits[i].type, limits[i].tight, &tight);
		check_query();
		EXPECT_EQ(limits[i].tight, value(&self->answer.merged, limits[i].type));
		EXPECT_EQ(tight, set_by(&self->answer.merged, limits[i].type));
		require(limits[i].type, limits[i].tight, &last);
		require(limits[i].type, limits[i].loose, NULL);
		check_query();
		EXPECT_EQ(limits[i].tight, value(&self->answer.merged, limits[i].type));
		EXPECT_EQ(tight, set_by(&self->answer.merged, limits[i].type));
		must_pass(heap_detach(self->heap.fd, self->buffer, tight));
		must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
		EXPECT_EQ(last, set_by(&self->record.merged, limits[i].type));
	}
	EXPECT_EQ((1U << DMABUF_HEAP_LIMIT_NODE) - 1, self->record.merged.valid);
}

/* No node is tighter than another: the first that is asked for holds. */
TEST_F(merge, first_node)
{
	__u64 first, second;

	require(DMABUF_HEAP_LIMIT_NODE, 0, &first);
	require(DMABUF_HEAP_LIMIT_NODE, 0, &second);
	check_query();
	EXPECT_EQ(0, value(&self->answer.merged, DMABUF_HEAP_LIMIT_NODE));
	EXPECT_EQ(first, set_by(&self->answer.merged, DMABUF_HEAP_LIMIT_NODE));
	must_pass(heap_detach(self->heap.fd, self->buffer, first));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(second, set_by(&self->record.merged, DMABUF_HEAP_LIMIT_NODE));
}

/* A pure requirement has no device, and only the limits that it asks for. */
TEST_F(merge, requirement)
{
	static const struct {
		enum dmabuf_heap_limit_type type;
		__u64 value;
	} limits[] = {
		{ DMABUF_HEAP_LIMIT_MAX_ADDR, 0x123456789 },
		{ DMABUF_HEAP_LIMIT_CONTIGUOUS, 1 },
		{ DMABUF_HEAP_LIMIT_MAX_SEGMENT, HEAP_PAGE },
		{ DMABUF_HEAP_LIMIT_BOUNDARY, HEAP_PAGE - 1 },
		{ DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 300 },
		{ DMABUF_HEAP_LIMIT_ALIGNMENT, 16 * HEAP_KIB },
		{ DMABUF_HEAP_LIMIT_CHUNK, 1ULL << 63 },
		{ DMABUF_HEAP_LIMIT_NODE, 0 },
	};
	struct dmabuf_heap_attachment_record record;
	unsigned int i;
	__u64 id;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		require(limits[i].type, limits[i].value, &id);
		EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_NO_DEVICE, self->answer.flags);
		EXPECT_STREQ("", self->answer.device);
		EXPECT_EQ(1U << limits[i].type, self->answer.limits.valid);
		EXPECT_EQ(limits[i].value, value(&self->answer.limits, limits[i].type));
		EXPECT_EQ(0, self->answer.report.error);
		must_pass(heap_query_attachment(self->heap.fd, self->buffer, id, &record));
		EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_NO_DEVICE | DMABUF_HEAP_ATTACHMENT_DECLARED,
			  record.flags);
		EXPECT_EQ(0, memcmp(&self->answer.limits, &record.limits,
				    sizeof(record.limits)));
		EXPECT_STREQ("", record.device);
		EXPECT_STREQ("", record.node);
		EXPECT_STREQ("", record.subsystem);
	}
}

/* What limits nothing is no limit. */
TEST_F(merge, requirement_of_nothing)
{
	struct dmabuf_heap_limits limits = {};

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, -1ULL);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_BOUNDARY, -1ULL);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, -1ULL);
	must_pass(heap_require(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE, &limits,
			       NULL, NULL, &self->answer));
	EXPECT_EQ(0, self->answer.limits.valid);
	EXPECT_EQ(0, self->answer.merged.valid);
	check_query();
}

/* On top of a device a requirement narrows what the kernel knows, and never widens. */
TEST_F(merge, requirement_of_device)
{
	struct dmabuf_heap_limits limits = {};

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, 0x1ffffffff);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT, HEAP_PAGE);
	must_pass(heap_require(self->heap.fd, self->buffer, self->cirrus, &limits, "scanout",
			       NULL, &self->answer));
	EXPECT_EQ(0, self->answer.flags);
	EXPECT_EQ(BELOW_4G, value(&self->answer.limits, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(1, value(&self->answer.limits, DMABUF_HEAP_LIMIT_CONTIGUOUS));
	EXPECT_EQ(HEAP_PAGE, value(&self->answer.limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT));
	EXPECT_EQ(BELOW_4G, value(&self->answer.limits, DMABUF_HEAP_LIMIT_BOUNDARY));
	check_query();
}

/* Nobody set the limits of one device alone: only merged limits have culprits. */
TEST_F(merge, own_limits_have_no_culprit)
{
	struct dmabuf_heap_attachment_record record;
	__u64 camera;
	int i;

	attach(self->camera, &camera);
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, camera, &record));
	for (i = 0; i < DMABUF_HEAP_LIMIT_ROOM; i++) {
		EXPECT_EQ(0, self->answer.limits.limit[i].set_by);
		EXPECT_EQ(0, record.limits.limit[i].set_by);
	}
}

/* A buffer without memory tells where it would lie. */
TEST_F(merge, placement_to_be)
{
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(64, self->record.placement.addr_bits);
	EXPECT_EQ(0, self->record.placement.runs);
	require(DMABUF_HEAP_LIMIT_MAX_ADDR, 0x1ffffffff, NULL);
	check_query();
	EXPECT_EQ(33, self->record.placement.addr_bits);
	EXPECT_EQ(0, self->record.placement.runs);
	attach(self->camera, NULL);
	check_query();
	EXPECT_EQ(32, self->record.placement.addr_bits);
	EXPECT_EQ(1, self->record.placement.runs);
	EXPECT_EQ(0, self->record.placement.run_min);
	EXPECT_EQ(0, self->record.placement.run_max);
	EXPECT_EQ(0, self->record.placement.nodes);
}

/* A TEST answers as the call that follows it, and leaves no trace. */
TEST_F(merge, test_accepted)
{
	struct dmabuf_heap_buffer_record before;
	struct dmabuf_heap_answer real;
	int devices[] = { self->vgem, self->cirrus, self->camera };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		struct dmabuf_heap_attach attach = {
			.size = sizeof(attach),
			.flags = DMABUF_HEAP_ATTACH_TEST,
			.fd = self->buffer,
			.device_fd = devices[i],
			.access = HEAP_ACCESS_BOTH,
			.answer = (uintptr_t)&self->answer,
			.answer_len = sizeof(self->answer),
			.out_id = -1ULL,
		};

		must_pass(heap_query(self->heap.fd, self->buffer, &before));
		must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_ATTACH, &attach));
		EXPECT_EQ(0, attach.out_id);
		must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
		EXPECT_EQ(0, memcmp(&before, &self->record, sizeof(before)));
		EXPECT_EQ((int)i, heap_query_attachments(self->heap.fd, self->buffer, NULL, 0));
		must_pass(heap_attach(self->heap.fd, self->buffer, devices[i], NULL, &real));
		EXPECT_EQ(0, memcmp(&self->answer, &real, sizeof(real)));
	}
}

/* So it does when the answer is no, with the same report but for the time. */
TEST_F(merge, test_refused)
{
	int buffer = must_open(heap_create(self->heap.fd, HEAP_PAGE));
	struct dmabuf_heap_buffer_record before, after;
	struct dmabuf_heap_limits nowhere = {};
	struct dmabuf_heap_answer real;

	heap_limits_set(&nowhere, DMABUF_HEAP_LIMIT_MAX_ADDR, HEAP_NOWHERE);
	must_pass(heap_query(self->heap.fd, buffer, &before));
	must_fail(EOPNOTSUPP, heap_test(self->heap.fd, buffer, self->camera, &nowhere, "zoom",
					&self->answer));
	must_pass(heap_query(self->heap.fd, buffer, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	must_fail(EOPNOTSUPP, heap_require(self->heap.fd, buffer, self->camera, &nowhere, "zoom",
					   NULL, &real));
	EXPECT_LT(self->answer.report.time_ns, real.report.time_ns);
	self->answer.report.time_ns = real.report.time_ns;
	EXPECT_EQ(0, memcmp(&self->answer, &real, sizeof(real)));
	EXPECT_STREQ("zoom", real.report.label);
	close(buffer);
}

/* Ids count up, also past those that have gone. */
TEST_F(merge, ids)
{
	__u64 last = 0, id;
	int i;

	for (i = 0; i < 300; i++) {
		attach(self->vgem, &id);
		ASSERT_LT(last, id);
		last = id;
		must_pass(heap_detach(self->heap.fd, self->buffer, id));
	}
}

TEST_HARNESS_MAIN
