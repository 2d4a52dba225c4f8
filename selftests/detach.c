// SPDX-License-Identifier: GPL-2.0
/*
 * DETACH: a declaration goes, and its limits with it; what others asked stays,
 * and so does memory that is there. Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <sys/prctl.h>

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "v4l2.h"

#define BELOW_4G	0xffffffffULL

FIXTURE(detach) {
	struct heap_state heap;
	int buffer;
	int vgem;
	__u64 id;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(detach)
{
	heap_setup(&self->heap);
	self->buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	must_pass(heap_attach(self->heap.fd, self->buffer, self->vgem, &self->id, NULL));
}

FIXTURE_TEARDOWN(detach)
{
	close(self->vgem);
	close(self->buffer);
	heap_teardown(&self->heap);
}

#define detach(id)	heap_detach(self->heap.fd, self->buffer, id)
#define require(type, value, id) \
	must_pass(heap_require_limit(self->heap.fd, self->buffer, type, value, id, NULL))

TEST_F(detach, gone)
{
	struct dmabuf_heap_attachment_record record;

	must_pass(detach(self->id));
	must_fail(ENOENT, heap_query_attachment(self->heap.fd, self->buffer, self->id, &record));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(0, self->record.attachments);
	EXPECT_EQ(0, self->record.declared);
	EXPECT_EQ(0, self->record.merged.valid);
	EXPECT_EQ(self->heap.before.attachments, heap_counters_read().attachments);
}

TEST_F(detach, twice)
{
	must_pass(detach(self->id));
	must_fail(ENOENT, detach(self->id));
}

/* An id is good for its own buffer only. */
TEST_F(detach, wrong_id)
{
	int other = must_open(heap_create(self->heap.fd, HEAP_MIB));

	must_fail(ENOENT, detach(0));
	must_fail(ENOENT, detach(self->id + 1));
	must_fail(ENOENT, detach(-1ULL));
	must_fail(ENOENT, detach(self->id + (1ULL << 32)));
	must_fail(ENOENT, heap_detach(self->heap.fd, other, self->id));
	close(other);
	must_pass(detach(self->id));
}

/* The tightest goes: the next one counts, and is named. */
TEST_F(detach, merged_anew)
{
	__u64 loose, tight;

	require(DMABUF_HEAP_LIMIT_MAX_ADDR, 0x1ffffffff, &loose);
	require(DMABUF_HEAP_LIMIT_MAX_ADDR, BELOW_4G, &tight);
	must_pass(detach(tight));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(0x1ffffffff,
		  heap_limits_value(&self->record.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(loose, self->record.merged.limit[DMABUF_HEAP_LIMIT_MAX_ADDR].set_by);
	EXPECT_EQ(33, self->record.placement.addr_bits);
	must_pass(detach(loose));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(-1ULL, heap_limits_value(&self->record.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(64, self->record.placement.addr_bits);
}

/* Memory is allocated for those who are left. */
TEST_F(detach, before_commit)
{
	int buffer = must_open(heap_create(self->heap.fd, 2 * HEAP_BLOCK_MAX));
	__u64 low;

	must_pass(heap_require_limit(self->heap.fd, buffer, DMABUF_HEAP_LIMIT_MAX_ADDR,
				     BELOW_4G, &low, NULL));
	must_pass(heap_detach(self->heap.fd, buffer, low));
	must_pass(heap_commit(self->heap.fd, buffer));
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_LT(32, self->record.placement.addr_bits);
	close(buffer);
}

/* Memory that exists stays where it is, to the byte. */
TEST_F(detach, memory_stays)
{
	struct dmabuf_heap_placement before;
	unsigned char *map;
	__u64 contiguous;

	require(DMABUF_HEAP_LIMIT_CONTIGUOUS, 1, &contiguous);
	map = heap_mmap(self->buffer, HEAP_MIB);
	ASSERT_NE(NULL, map);
	memset(map, 0x5a, HEAP_MIB);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	before = self->record.placement;
	EXPECT_EQ(1, before.runs);

	must_pass(detach(contiguous));
	must_pass(detach(self->id));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
	EXPECT_EQ(0, memcmp(&before, &self->record.placement, sizeof(before)));
	EXPECT_EQ(0, self->record.merged.valid);
	EXPECT_EQ(0x5a, map[0]);
	EXPECT_EQ(0x5a, map[HEAP_MIB - 1]);
	munmap(map, HEAP_MIB);
}

/* Any order; each leaves the others alone. */
TEST_F(detach, any_order)
{
	struct dmabuf_heap_attachment_record records[5];
	__u64 id[5] = { self->id };
	int i;

	for (i = 1; i < 5; i++)
		must_pass(heap_attach(self->heap.fd, self->buffer, self->vgem, &id[i], NULL));
	must_pass(detach(id[2]));
	must_pass(detach(id[0]));
	must_pass(detach(id[4]));
	ASSERT_EQ(2, heap_query_attachments(self->heap.fd, self->buffer, records, 5));
	EXPECT_EQ(id[1], records[0].id);
	EXPECT_EQ(id[3], records[1].id);
}

/* Declared, imported, not declared any more: the import stays. */
TEST_F(detach, while_imported)
{
	struct dmabuf_heap_attachment_record record;
	__u32 handle;

	must_pass(drm_import(self->vgem, self->buffer, &handle));
	must_pass(detach(self->id));
	ASSERT_EQ(1, heap_query_attachments(self->heap.fd, self->buffer, &record, 1));
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_IMPORTED, record.flags);
	must_fail(EBUSY, detach(record.id));
	must_pass(drm_handle_close(self->vgem, handle));
}

struct foreign {
	int heap;
	int buffer;
	__u64 id;
};

static int detach_as_other(void *arg)
{
	struct foreign *foreign = arg;

	return heap_detach(foreign->heap, foreign->buffer, foreign->id);
}

/* Another user holds the fd, even opens the device, and still may not. */
TEST_F(detach, other_user)
{
	struct foreign foreign = { self->heap.fd, self->buffer, self->id };

	must_fail(EPERM, heap_child(HEAP_NOBODY, detach_as_other, &foreign));
	EXPECT_EQ(1, heap_query_attachments(self->heap.fd, self->buffer, NULL, 0));
	must_pass(heap_child(0, detach_as_other, &foreign));
	EXPECT_EQ(0, heap_query_attachments(self->heap.fd, self->buffer, NULL, 0));
}

/* Not even what there isn't: who may not, learns nothing. */
TEST_F(detach, other_user_wrong_id)
{
	struct foreign foreign = { self->heap.fd, self->buffer, self->id + 1 };

	must_fail(EPERM, heap_child(HEAP_NOBODY, detach_as_other, &foreign));
}

static int create_and_detach(void *arg)
{
	struct foreign *foreign = arg;
	int rc;

	foreign->buffer = heap_create(foreign->heap, HEAP_PAGE);
	if (foreign->buffer < 0)
		return foreign->buffer;
	rc = heap_attach(foreign->heap, foreign->buffer, foreign->id, &foreign->id, NULL);
	return rc ? rc : heap_detach(foreign->heap, foreign->buffer, foreign->id);
}

/* A user who is nobody special may with their own. */
TEST_F(detach, own_as_nobody)
{
	struct foreign foreign = { self->heap.fd, -1, self->vgem };

	must_pass(heap_child(HEAP_NOBODY, create_and_detach, &foreign));
}

TEST_HARNESS_MAIN
