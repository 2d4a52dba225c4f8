// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs that other exporters had with numbers that are too large, too many, or not
 * there. One test for each class; the comment above it says who had it. Lengths
 * are in bytes.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include <stdlib.h>
#include <sys/resource.h>

#include "cgroup.h"
#include "device.h"
#include "drm.h"
#include "mapdev.h"
#include "subject.h"

#define GROUP	"heap-size"
#define CYCLES	1000

FIXTURE(bug_size) {
	struct heap_state heap;
	struct subject on;
	struct dmabuf_heap_info info;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(bug_size)
{
	heap_setup(&self->heap);
	must_pass(subject_init(&self->on, self->heap.fd));
	must_pass(heap_info(self->heap.fd, &self->info));
}

FIXTURE_TEARDOWN(bug_size)
{
	subject_free(&self->on);
	heap_teardown(&self->heap);
}

/* udmabuf, CVE-2024-56544: sizes that no machine has, and those that wrap to small. */
TEST_F(bug_size, size_overflow)
{
	static const struct {
		__u64 length;
		int error;
	} rows[] = {
		{ 0, EINVAL },
		{ 1ULL << 44, EOPNOTSUPP },
		{ 1ULL << 48, EOPNOTSUPP },
		{ (1ULL << 63) - 1, EOPNOTSUPP },
		{ 1ULL << 63, EOPNOTSUPP },
		{ (1ULL << 63) + 1, EOPNOTSUPP },
		{ -HEAP_PAGE - 1, EOPNOTSUPP },
		{ -HEAP_PAGE, EOPNOTSUPP },	/* whole pages still */
		{ -HEAP_PAGE + 1, EOPNOTSUPP },	/* rounded up to 0 */
		{ -1ULL, EOPNOTSUPP },
	};
	struct subject_picture before;
	unsigned int i;

	must_pass(subject_picture_take(&self->on, &before));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(-rows[i].error, heap_create(self->heap.fd, rows[i].length))
			TH_LOG("with a length of 0x%llx", rows[i].length);
		EXPECT_TRUE(subject_picture_is(&self->on, &before));
	}
}

/* The same: where a machine's memory ends. */
TEST_F(bug_size, size_beyond_memory)
{
	int buffer = must_open(heap_create(self->heap.fd, self->info.out_max_length));

	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(self->info.out_max_length, self->record.length);
	must_fail(ENOMEM, heap_commit(self->heap.fd, buffer));
	close(buffer);
	must_fail(EOPNOTSUPP, heap_create(self->heap.fd, self->info.out_max_length + 1));
}

/* What is more than there is fails before memory is asked for: half of it, then. */
static int commit_half_memory(void *arg)
{
	__u64 length = heap_file_field("/proc/meminfo", "MemAvailable") * HEAP_KIB / 2;
	struct subject *on = arg;
	int rc = cgroup_enter(GROUP), buffer;

	if (rc)
		return rc;
	buffer = heap_create(on->heap, length);
	rc = heap_commit(on->heap, buffer);
	close(buffer);
	return rc;
}

/*
 * The same bug: one array of all pages, allocated before the first of them. The
 * group has no more than a few, so that it is known where this ends; a WARN of the
 * allocator's would fail this program.
 */
TEST_F(bug_size, size_of_page_array)
{
	if (cgroup_create(GROUP))
		heap_skip("no memory cgroups");
	EXPECT_EQ(0, cgroup_limit(GROUP, 32 * HEAP_MIB));
	EXPECT_EQ(-ENOMEM, heap_child(0, commit_half_memory, &self->on));
	EXPECT_EQ(0, cgroup_killed(GROUP));
	EXPECT_EQ(0, cgroup_remove(GROUP));
}

/* The same: room that a caller says to have is nothing to allocate by. */
TEST_F(bug_size, size_of_caller_array)
{
	union subject_arg arg;

	subject_fill(&self->on, DMABUF_HEAP_IOC_QUERY, &arg);
	arg.query.count = -1U;
	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY, &arg));
	EXPECT_EQ(1, arg.query.out_count);

	subject_fill(&self->on, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, &arg);
	arg.query_attachments.count = -1U;
	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, &arg));
	EXPECT_EQ(1, arg.query_attachments.out_count);

	subject_fill(&self->on, DMABUF_HEAP_IOC_ATTACH, &arg);
	arg.attach.answer_len = -1U;
	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_ATTACH, &arg));
	must_pass(heap_detach(self->heap.fd, self->on.buffer, arg.attach.out_id));

	subject_fill(&self->on, DMABUF_HEAP_IOC_ATTACH, &arg);
	arg.attach.limits_len = -8U;
	must_fail(E2BIG, heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_ATTACH, &arg));
}

/*
 * ION, "protect kref from userspace manipulation": a user could count until it
 * wrapped. Ours have an end far below: 256 declarations, and one more when one has
 * gone. Imports don't count.
 */
TEST_F_TIMEOUT(bug_size, counter_overflow_by_attach, 120)
{
	int card = must_have(drm_card_open(DRM_VGEM), "vgem"), i;
	int heap = self->heap.fd, buffer = self->on.buffer;
	__u32 handle;

	for (i = 1; i < DMABUF_HEAP_MAX_DECLARED; i++)
		must_pass(heap_attach(heap, buffer, card, NULL, NULL));
	must_fail(ENOSPC, heap_attach(heap, buffer, card, NULL, NULL));
	must_fail(ENOSPC, heap_test(heap, buffer, card, NULL, NULL, NULL));
	must_pass(drm_import(card, buffer, &handle));
	EXPECT_EQ(DMABUF_HEAP_MAX_DECLARED + 1, heap_query_attachments(heap, buffer, NULL, 0));
	must_pass(heap_detach(heap, buffer, self->on.id));
	must_pass(heap_attach(heap, buffer, card, NULL, NULL));
	must_fail(ENOSPC, heap_attach(heap, buffer, card, NULL, NULL));
	must_pass(drm_handle_close(card, handle));
	close(card);
}

/* Nor can drivers import without end: each time by a new file of one card. */
TEST_F_TIMEOUT(bug_size, counter_overflow_by_import, 120)
{
	const int most = DMABUF_HEAP_MAX_IMPORTED;
	struct rlimit limit = { most + 100, most + 100 };
	int *cards = calloc(most, sizeof(*cards)), i, extra;
	__u32 handle;

	ASSERT_NE(NULL, cards);
	/* The checker can't count more than seven maps of a page, and says so. */
	heap_expect_dma_splat("overlapping mappings");
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 0; i < most; i++) {
		cards[i] = must_have(drm_render_open(DRM_VGEM), "vgem");
		must_pass(drm_import(cards[i], self->on.buffer, &handle));
	}
	EXPECT_EQ(most + 1, heap_query_attachments(self->heap.fd, self->on.buffer, NULL, 0));
	extra = must_open(drm_render_open(DRM_VGEM));
	must_fail(ENOSPC, drm_import(extra, self->on.buffer, &handle));
	/* Declarations are counted apart. */
	must_pass(heap_attach(self->heap.fd, self->on.buffer, extra, NULL, NULL));
	close(cards[0]);
	must_pass(drm_import(extra, self->on.buffer, &handle));
	for (i = 1; i < most; i++)
		close(cards[i]);
	close(extra);
	free(cards);
}

/* What goes up comes down: no counter drifts, and no id comes again. */
TEST_F_TIMEOUT(bug_size, counter_overflow_by_cycles, 120)
{
	struct subject_picture before;
	__u64 last = self->on.id, id;
	int i;

	must_pass(subject_picture_take(&self->on, &before));
	for (i = 0; i < CYCLES; i++) {
		must_pass(subject_require(&self->on, &id));
		ASSERT_EQ(last + 1, id);
		last = id;
		must_pass(heap_detach(self->heap.fd, self->on.buffer, id));
		must_fail(ENOENT, heap_detach(self->heap.fd, self->on.buffer, id));
	}
	EXPECT_TRUE(subject_picture_is(&self->on, &before));
}

/* v3d, CVE-2026-43302: the largest segment was never set, which means 64 KiB. */
TEST_F(bug_size, max_seg_size_unset)
{
	int buffer = must_open(heap_create(self->heap.fd, HEAP_BLOCK_MAX));
	struct dmabuf_heap_attachment_record import;
	struct mapdev dev;

	mapdev_setup(&dev, 0);
	/* One run of memory, so that nothing but the limit cuts it. */
	must_pass(heap_require_limit(self->heap.fd, buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1,
				     NULL, NULL));
	must_pass(mapdev_attach(&dev, buffer));
	must_pass(heap_query_attachment(self->heap.fd, buffer, 2, &import));
	EXPECT_EQ(64 * HEAP_KIB,
		  heap_limits_value(&import.limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT));
	must_pass(mapdev_map(&dev, MAPDEV_BOTH));
	EXPECT_EQ(0, dev.map.broken);
	EXPECT_EQ(64 * HEAP_KIB, dev.map.largest);
	EXPECT_EQ(HEAP_BLOCK_MAX / (64 * HEAP_KIB), dev.map.segments);
	mapdev_close(&dev);
	close(buffer);
}

TEST_HARNESS_MAIN
