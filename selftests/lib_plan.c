// SPDX-License-Identifier: GPL-2.0
/*
 * The library's plans, answered by the kernel: who can be served together, and
 * who would have to go. The search behind it is in lib_search.c.
 */
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "device.h"
#include "drm.h"
#include "heap.h"
#include <dmabuf-heap.h>
#include "v4l2.h"

#define PLAN_LENGTH	(32 * HEAP_PAGE)
#define PLAN_MOST	256

#define LAST_BELOW_4G	0xffffffffULL

FIXTURE(plan) {
	struct heap_state state;
	struct dmabuf_heap *heap;
	struct dmabuf_heap_plan *plan;
	struct dmabuf_heap_plan_result *result;
};

FIXTURE_SETUP(plan)
{
	heap_setup(&self->state);
	must_pass(dmabuf_heap_open(NULL, &self->heap));
	must_pass(dmabuf_heap_plan_create(self->heap, PLAN_LENGTH, &self->plan));
	self->result = NULL;
}

/* Counts fds, buffers and attachments that remain, too. */
FIXTURE_TEARDOWN(plan)
{
	dmabuf_heap_plan_result_free(self->result);
	dmabuf_heap_plan_free(self->plan);
	dmabuf_heap_close(self->heap);
	heap_teardown(&self->state);
}

/* An entry with one limit; @label may be NULL. */
static int plan_require(struct dmabuf_heap_plan *plan, int device,
			const char *label, enum dbheap_limit limit, uint64_t value)
{
	struct dmabuf_heap_requirement *requirement;
	int error;

	error = dmabuf_heap_requirement_create(label, &requirement);
	if (error)
		return error;
	error = dmabuf_heap_requirement_set(requirement, limit, value) ?:
		dmabuf_heap_plan_add(plan, device, DBHEAP_READ, requirement);
	dmabuf_heap_requirement_free(requirement);
	return error;
}

/* No machine has memory for these, whoever else is there. */
static int plan_require_first_page(struct dmabuf_heap_plan *plan, int device)
{
	return plan_require(plan, device, "nowhere", DBHEAP_LIMIT_MAX_ADDR,
			    HEAP_PAGE - 1);
}

static int plan_require_few_pages(struct dmabuf_heap_plan *plan)
{
	struct dmabuf_heap_requirement *burst;
	int error;

	error = dmabuf_heap_requirement_create("burst", &burst);
	if (error)
		return error;
	error = dmabuf_heap_requirement_set(burst, DBHEAP_LIMIT_MAX_SEGMENT,
					    HEAP_PAGE) ?:
		dmabuf_heap_requirement_set(burst, DBHEAP_LIMIT_MAX_SEGMENTS, 31) ?:
		dmabuf_heap_plan_add(plan, DBHEAP_NO_DEVICE, DBHEAP_READ, burst);
	dmabuf_heap_requirement_free(burst);
	return error;
}

#define solve() must_pass(dmabuf_heap_plan_solve(self->plan, &self->result))

/* The entries of a way as digits: "02" for the first and the third. */
static const char *way_entries(const struct dmabuf_heap_plan_result *result,
			       size_t index)
{
	const struct dmabuf_heap_plan_way *way;
	static char digits[11];
	size_t i;

	way = dmabuf_heap_plan_result_get_way(result, index);
	memset(digits, 0, sizeof(digits));
	for (i = 0; way && i < way->count && i < sizeof(digits) - 1; i++)
		digits[i] = '0' + way->entries[i];
	return digits;
}

static uint64_t limit_value(const struct dmabuf_heap_limits_info *limits,
			    enum dbheap_limit limit)
{
	uint64_t value;

	return dmabuf_heap_limits_info_get(limits, limit, &value, NULL) ?
	       value : -1ULL;
}

#define vgem_open()	must_have(drm_card_open(DRM_VGEM), "vgem")
#define camera_open()							\
	must_have(v4l2_node_open(V4L2_VIVID_DMA,			\
				 V4L2_BUF_TYPE_VIDEO_CAPTURE),		\
		  "vivid with allocators=0,1")

/* What the entries were made of may go before the plan is asked. */
TEST_F(plan, served)
{
	const struct dmabuf_heap_attachment_info *second;
	int camera = camera_open(), vgem = vgem_open();

	must_pass(dmabuf_heap_plan_add(self->plan, vgem, DBHEAP_READ, NULL));
	must_pass(plan_require(self->plan, camera, "capture", DBHEAP_LIMIT_MAX_ADDR,
			       LAST_BELOW_4G));
	must_pass(plan_require(self->plan, DBHEAP_NO_DEVICE, "", DBHEAP_LIMIT_BOUNDARY,
			       0xffff));
	close(camera);
	close(vgem);
	solve();
	dmabuf_heap_plan_free(self->plan);
	self->plan = NULL;

	EXPECT_EQ(NULL, self->result->conflict);
	EXPECT_EQ(3, self->result->refused);
	EXPECT_EQ(3, self->result->set_by);
	EXPECT_EQ(0, self->result->way_count);
	EXPECT_EQ(NULL, dmabuf_heap_plan_result_get_way(self->result, 0));
	ASSERT_NE(NULL, self->result->info);
	EXPECT_EQ(DBHEAP_UNBACKED, self->result->info->state);
	EXPECT_EQ(PLAN_LENGTH, self->result->info->length);
	EXPECT_EQ(1, self->result->info->runs);
	EXPECT_EQ(1, limit_value(self->result->info->merged, DBHEAP_LIMIT_CONTIGUOUS));
	ASSERT_EQ(3, dmabuf_heap_attachment_list_count(self->result->attachments));
	second = dmabuf_heap_attachment_list_get(self->result->attachments, 1);
	EXPECT_STREQ("vivid.0", second->device);
	EXPECT_STREQ("capture", second->label);
	EXPECT_EQ(DBHEAP_READ, second->access);
}

TEST_F(plan, empty)
{
	solve();
	EXPECT_EQ(NULL, self->result->conflict);
	EXPECT_EQ(0, self->result->refused);
	ASSERT_NE(NULL, self->result->info);
	EXPECT_EQ(64, self->result->info->addr_bits);
	EXPECT_EQ(0, dmabuf_heap_attachment_list_count(self->result->attachments));
}

TEST_F(plan, one_culprit)
{
	const struct dmabuf_heap_plan_way *way;
	int camera = camera_open(), vgem = vgem_open();

	must_pass(dmabuf_heap_plan_add(self->plan, vgem, DBHEAP_READ, NULL));
	must_pass(plan_require_first_page(self->plan, DBHEAP_NO_DEVICE));
	must_pass(dmabuf_heap_plan_add(self->plan, camera, DBHEAP_WRITE, NULL));
	solve();
	EXPECT_EQ(NULL, self->result->info);
	EXPECT_EQ(NULL, self->result->attachments);
	ASSERT_NE(NULL, self->result->conflict);
	EXPECT_EQ(EOPNOTSUPP, self->result->conflict->error);
	EXPECT_EQ(DBHEAP_LIMIT_MAX_ADDR, self->result->conflict->limit);
	EXPECT_STREQ("nowhere", self->result->conflict->label);
	EXPECT_EQ(1, self->result->refused);
	EXPECT_EQ(1, self->result->set_by);
	EXPECT_TRUE(self->result->is_least);
	ASSERT_EQ(1, self->result->way_count);
	EXPECT_STREQ("1", way_entries(self->result, 0));
	way = dmabuf_heap_plan_result_get_way(self->result, 0);
	EXPECT_EQ(2, way->info->attachments);
	EXPECT_EQ(1, way->info->runs);
	EXPECT_EQ(32, way->info->addr_bits);
	close(camera);
	close(vgem);
}

/* Without the only entry there is still a buffer, of which nothing is asked. */
TEST_F(plan, nothing_left)
{
	must_pass(plan_require_first_page(self->plan, DBHEAP_NO_DEVICE));
	solve();
	EXPECT_EQ(0, self->result->refused);
	ASSERT_EQ(1, self->result->way_count);
	EXPECT_STREQ("0", way_entries(self->result, 0));
	EXPECT_EQ(0, dmabuf_heap_plan_result_get_way(self->result, 0)->info->attachments);
}

/* Each suits, and both together don't: no high alignment among low addresses. */
TEST_F(plan, alternatives)
{
	const struct dmabuf_heap_plan_way *way;
	const uint64_t low = 16 * HEAP_MIB, align = 64 * HEAP_MIB;
	int vgem = vgem_open();

	must_pass(plan_require(self->plan, DBHEAP_NO_DEVICE, "low",
			       DBHEAP_LIMIT_MAX_ADDR, low - 1));
	must_pass(dmabuf_heap_plan_add(self->plan, vgem, DBHEAP_READ, NULL));
	close(vgem);
	must_pass(dmabuf_heap_plan_solve(self->plan, &self->result));
	if (self->result->conflict)
		heap_skip("no memory below 16 MiB");
	dmabuf_heap_plan_result_free(self->result);
	self->result = NULL;
	must_pass(plan_require(self->plan, DBHEAP_NO_DEVICE, "tiles",
			       DBHEAP_LIMIT_ALIGNMENT, align));
	solve();
	EXPECT_EQ(2, self->result->refused);
	ASSERT_EQ(2, self->result->way_count);
	EXPECT_TRUE(self->result->is_least);
	EXPECT_STREQ("0", way_entries(self->result, 0));
	way = dmabuf_heap_plan_result_get_way(self->result, 0);
	EXPECT_EQ(2, way->info->attachments);
	EXPECT_EQ(align, limit_value(way->info->merged, DBHEAP_LIMIT_ALIGNMENT));
	EXPECT_STREQ("2", way_entries(self->result, 1));
	way = dmabuf_heap_plan_result_get_way(self->result, 1);
	EXPECT_EQ(24, way->info->addr_bits);
	EXPECT_EQ(NULL, dmabuf_heap_plan_result_get_way(self->result, 2));
}

TEST_F(plan, two_must_go)
{
	const struct dmabuf_heap_plan_way *way;
	int vgem = vgem_open();

	must_pass(plan_require_few_pages(self->plan));
	must_pass(dmabuf_heap_plan_add(self->plan, vgem, DBHEAP_READ, NULL));
	must_pass(plan_require_first_page(self->plan, DBHEAP_NO_DEVICE));
	solve();
	EXPECT_EQ(0, self->result->refused);
	EXPECT_EQ(DBHEAP_LIMIT_MAX_SEGMENTS, self->result->conflict->limit);
	EXPECT_TRUE(self->result->is_least);
	ASSERT_EQ(1, self->result->way_count);
	EXPECT_STREQ("02", way_entries(self->result, 0));
	way = dmabuf_heap_plan_result_get_way(self->result, 0);
	EXPECT_EQ(1, way->info->attachments);
	close(vgem);
}

/* One device, two functions: only one of them asks too much. */
TEST_F(plan, two_labels)
{
	int vgem = vgem_open();

	must_pass(plan_require(self->plan, vgem, "overlay", DBHEAP_LIMIT_MAX_ADDR,
			       LAST_BELOW_4G));
	must_pass(plan_require_first_page(self->plan, vgem));
	solve();
	EXPECT_EQ(1, self->result->refused);
	EXPECT_STREQ("nowhere", self->result->conflict->label);
	ASSERT_EQ(1, self->result->way_count);
	EXPECT_STREQ("1", way_entries(self->result, 0));
	EXPECT_EQ(LAST_BELOW_4G,
		  limit_value(dmabuf_heap_plan_result_get_way(self->result, 0)->info->merged,
			      DBHEAP_LIMIT_MAX_ADDR));
	close(vgem);
}

TEST_F(plan, bad_length)
{
	uint64_t most = dmabuf_heap_get_max_length(self->heap);
	struct dmabuf_heap_plan *plan;

	must_fail(EINVAL, dmabuf_heap_plan_create(self->heap, 0, &plan));
	must_fail(EOPNOTSUPP, dmabuf_heap_plan_create(self->heap, most + 1, &plan));
	must_pass(dmabuf_heap_plan_create(self->heap, most, &plan));
	dmabuf_heap_plan_free(plan);
}

/* A bad entry is none: the plan is as before. */
TEST_F(plan, bad_entries)
{
	int vgem = vgem_open();

	must_pass(dmabuf_heap_plan_add(self->plan, vgem, DBHEAP_READ, NULL));
	must_fail(EBADF, dmabuf_heap_plan_add(self->plan, 1000, DBHEAP_READ, NULL));
	must_fail(EBADF, dmabuf_heap_plan_add(self->plan, -2, DBHEAP_READ, NULL));
	must_fail(ENODEV, dmabuf_heap_plan_add(self->plan, self->state.fd,
					       DBHEAP_READ, NULL));
	must_fail(EINVAL, dmabuf_heap_plan_add(self->plan, vgem, 0, NULL));
	must_fail(EINVAL, dmabuf_heap_plan_add(self->plan, DBHEAP_NO_DEVICE,
					       DBHEAP_READ, NULL));
	must_fail(EINVAL, plan_require(self->plan, DBHEAP_NO_DEVICE, "odd",
				       DBHEAP_LIMIT_ALIGNMENT, HEAP_PAGE + 1));
	solve();
	EXPECT_EQ(NULL, self->result->conflict);
	EXPECT_EQ(1, dmabuf_heap_attachment_list_count(self->result->attachments));
	close(vgem);
}

/* As many as one buffer can have, and one. All but the last are served. */
TEST_F(plan, many)
{
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < PLAN_MOST - 1; i++)
		error = plan_require(self->plan, DBHEAP_NO_DEVICE, "",
				     DBHEAP_LIMIT_MAX_ADDR, LAST_BELOW_4G);
	ASSERT_EQ(0, error);
	must_pass(plan_require_few_pages(self->plan));
	must_fail(ENOSPC, plan_require_few_pages(self->plan));
	solve();
	EXPECT_EQ(PLAN_MOST - 1, self->result->refused);
	ASSERT_EQ(1, self->result->way_count);
	EXPECT_EQ(PLAN_MOST - 1,
		  dmabuf_heap_plan_result_get_way(self->result, 0)->entries[0]);
}

/* Nothing is kept between question and answer, or after it, but open nodes. */
TEST_F(plan, leaves_nothing)
{
	struct heap_counters before = heap_counters_read();
	struct dmabuf_heap_iterator *walk;
	const struct dmabuf_heap_buffer_info *info;

	must_pass(plan_require_first_page(self->plan, DBHEAP_NO_DEVICE));
	must_pass(plan_require_few_pages(self->plan));
	must_pass(heap_counters_wait(&before));
	solve();
	must_pass(heap_counters_wait(&before));
	EXPECT_EQ(before.allocations, heap_counters_read().allocations);
	must_pass(dmabuf_heap_iterator_create(self->heap, &walk));
	must_pass(dmabuf_heap_iterator_next(walk, &info));
	for (; info; dmabuf_heap_iterator_next(walk, &info))
		EXPECT_STRNE("plan", info->name);
	dmabuf_heap_iterator_free(walk);
}

TEST_HARNESS_MAIN
