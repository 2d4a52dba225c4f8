// SPDX-License-Identifier: GPL-2.0
/*
 * What goes in and out of a call by a pointer in its struct: arrays of records,
 * ATTACH's limits and its answer, in all lengths that differ from the kernel's.
 * Lengths are in bytes. Everything is put right before a page that can't be
 * read or written, so that one byte too many is a fault.
 */
#include "kselftest_harness.h"

#include "arena.h"
#include "heap.h"

FIXTURE(array) {
	struct heap_state heap;
	struct arena arena;
	struct dmabuf_heap_limits limits;
	struct dmabuf_heap_attach attach;
	int buffer;
	__u64 id[3];
};

FIXTURE_SETUP(array)
{
	struct dmabuf_heap_limits limits = {};
	int i;

	heap_setup(&self->heap);
	must_pass(arena_init(&self->arena));
	self->buffer = must_open(heap_create(self->heap.fd, HEAP_PAGE));
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, 0xffffffffff);
	for (i = 0; i < 3; i++)
		must_pass(heap_require(self->heap.fd, self->buffer,
				       DMABUF_HEAP_NO_DEVICE, &limits, "array",
				       &self->id[i], NULL));
	self->attach = (struct dmabuf_heap_attach) {
		.size = sizeof(self->attach),
		.flags = DMABUF_HEAP_ATTACH_TEST,
		.fd = self->buffer,
		.device_fd = DMABUF_HEAP_NO_DEVICE,
		.access = DMABUF_HEAP_ACCESS_READ,
		.limits = (uintptr_t)&self->limits,
		.limits_len = sizeof(self->limits),
	};
}

FIXTURE_TEARDOWN(array)
{
	close(self->buffer);
	arena_free(&self->arena);
	heap_teardown(&self->heap);
}

/* Nothing behind the array's end is writable, nor is anything before it changed. */
TEST_F(array, query_record_size)
{
	static const __u32 sizes[] = {
		1, 7, 8, 100, sizeof(struct dmabuf_heap_buffer_record) - 1,
		sizeof(struct dmabuf_heap_buffer_record),
		sizeof(struct dmabuf_heap_buffer_record) + 1, HEAP_PAGE,
	};
	struct dmabuf_heap_buffer_record record;
	unsigned char *bytes;
	unsigned int i;

	must_pass(heap_query(self->heap.fd, self->buffer, &record));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		__u32 known = sizes[i] < sizeof(record) ? sizes[i] : sizeof(record);
		struct dmabuf_heap_query query = {
			.size = sizeof(query),
			.fd = self->buffer,
			.record_size = sizes[i],
			.count = 1,
		};

		bytes = arena_take(&self->arena, sizes[i]);
		memset(bytes, ARENA_CANARY, sizes[i]);
		query.records = (uintptr_t)bytes;
		must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY, &query));
		EXPECT_EQ(1, query.out_count);
		EXPECT_EQ(0, memcmp(&record, bytes, known))
			TH_LOG("with records of %u bytes", sizes[i]);
		EXPECT_TRUE(arena_bytes_are(bytes + known, sizes[i] - known, 0))
			TH_LOG("with records of %u bytes", sizes[i]);
		EXPECT_TRUE(arena_bytes_are(self->arena.start, ARENA_LENGTH - sizes[i],
					    ARENA_CANARY));
	}
}

TEST_F(array, query_attachments_record_size)
{
	static const __u32 sizes[] = {
		1, 7, 8, 100, sizeof(struct dmabuf_heap_attachment_record) - 1,
		sizeof(struct dmabuf_heap_attachment_record),
		sizeof(struct dmabuf_heap_attachment_record) + 1, HEAP_PAGE,
	};
	struct dmabuf_heap_attachment_record records[3];
	unsigned char *bytes;
	unsigned int i, j;

	ASSERT_EQ(3, heap_query_attachments(self->heap.fd, self->buffer, records, 3));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		__u32 known = sizes[i] < sizeof(*records) ? sizes[i] : sizeof(*records);
		struct dmabuf_heap_query_attachments query = {
			.size = sizeof(query),
			.fd = self->buffer,
			.record_size = sizes[i],
			.count = 3,
		};

		bytes = arena_take(&self->arena, 3 * sizes[i]);
		memset(bytes, ARENA_CANARY, 3 * sizes[i]);
		query.records = (uintptr_t)bytes;
		must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS,
				     &query));
		EXPECT_EQ(3, query.out_count);
		for (j = 0; j < 3; j++) {
			EXPECT_EQ(0, memcmp(&records[j], bytes + j * sizes[i], known))
				TH_LOG("record %u of %u bytes", j, sizes[i]);
			EXPECT_TRUE(arena_bytes_are(bytes + j * sizes[i] + known,
						    sizes[i] - known, 0))
				TH_LOG("record %u of %u bytes", j, sizes[i]);
		}
		EXPECT_TRUE(arena_bytes_are(self->arena.start, ARENA_LENGTH - 3 * sizes[i],
					    ARENA_CANARY));
	}
}

/* Room for more than there is stays as it was. */
TEST_F(array, room_to_spare)
{
	const __u32 size = sizeof(struct dmabuf_heap_attachment_record);
	struct dmabuf_heap_query_attachments query = {
		.size = sizeof(query),
		.fd = self->buffer,
		.record_size = size,
		.count = 5,
	};
	unsigned char *bytes = arena_take(&self->arena, 5 * size);

	memset(bytes, ARENA_CANARY, 5 * size);
	query.records = (uintptr_t)bytes;
	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, &query));
	EXPECT_EQ(3, query.out_count);
	EXPECT_TRUE(arena_bytes_are(bytes + 3 * size, 2 * size, ARENA_CANARY));
}

/* Room for fewer: the first ones, and the number of all. */
TEST_F(array, room_for_fewer)
{
	const __u32 size = sizeof(struct dmabuf_heap_attachment_record);
	struct dmabuf_heap_attachment_record record;
	unsigned char *bytes;
	__u32 count;

	for (count = 0; count < 3; count++) {
		struct dmabuf_heap_query_attachments query = {
			.size = sizeof(query),
			.fd = self->buffer,
			.record_size = size,
			.count = count,
		};

		bytes = arena_take(&self->arena, 3 * size);
		memset(bytes, ARENA_CANARY, 3 * size);
		query.records = count ? (uintptr_t)bytes : 0;
		must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS,
				     &query));
		EXPECT_EQ(3, query.out_count);
		EXPECT_TRUE(arena_bytes_are(bytes + count * size, (3 - count) * size,
					    ARENA_CANARY));
		if (!count)
			continue;
		memcpy(&record, bytes + (count - 1) * size, size);
		EXPECT_EQ(self->id[count - 1], record.id);
	}
}

/* By ATTACH_TEST, so that every call finds the same buffer. */
static int attach_test(int heap, struct dmabuf_heap_attach *attach)
{
	attach->out_id = 0;
	return heap_ioctl(heap, DMABUF_HEAP_IOC_ATTACH, attach);
}

static void take_answer(struct dmabuf_heap_attach *attach, void *answer, __u32 length)
{
	attach->answer = (uintptr_t)answer;
	attach->answer_len = length;
}

static void give_limits(struct dmabuf_heap_attach *attach, const void *limits, __u32 length)
{
	attach->limits = (uintptr_t)limits;
	attach->limits_len = length;
}

TEST_F(array, answer_length)
{
	struct dmabuf_heap_answer answer;
	unsigned char *bytes;
	__u32 length;

	take_answer(&self->attach, &answer, sizeof(answer));
	must_pass(attach_test(self->heap.fd, &self->attach));
	EXPECT_EQ(1, answer.merged.valid);
	for (length = 1; length <= sizeof(answer); length++) {
		bytes = arena_take(&self->arena, length);
		memset(bytes, ARENA_CANARY, length);
		take_answer(&self->attach, bytes, length);
		must_pass(attach_test(self->heap.fd, &self->attach));
		EXPECT_EQ(0, memcmp(&answer, bytes, length))
			TH_LOG("with %u bytes", length);
		EXPECT_TRUE(arena_bytes_are(self->arena.start, ARENA_LENGTH - length,
					    ARENA_CANARY));
	}
}

/* A caller that knows more than the kernel still gets all that the kernel knows. */
TEST_F(array, answer_longer)
{
	const __u32 length = sizeof(struct dmabuf_heap_answer) + 1000;
	unsigned char *bytes = arena_take(&self->arena, length);
	struct dmabuf_heap_answer answer;

	take_answer(&self->attach, &answer, sizeof(answer));
	must_pass(attach_test(self->heap.fd, &self->attach));
	take_answer(&self->attach, bytes, length);
	must_pass(attach_test(self->heap.fd, &self->attach));
	EXPECT_EQ(0, memcmp(&answer, bytes, sizeof(answer)));
	EXPECT_TRUE(arena_bytes_are(bytes + sizeof(answer), 1000, 0));
	EXPECT_TRUE(arena_bytes_are(self->arena.start, ARENA_LENGTH - length, ARENA_CANARY));
}

/* The first limits are enough; those that aren't passed are as if not valid. */
TEST_F(array, limits_shorter)
{
	struct dmabuf_heap_limits limits = {};
	struct dmabuf_heap_answer answer;
	__u32 count, length;
	void *bytes;

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, 0xffffffff);
	take_answer(&self->attach, &answer, sizeof(answer));
	for (count = 1; count <= DMABUF_HEAP_LIMIT_ROOM; count++) {
		length = sizeof(limits.valid) + count * sizeof(limits.limit[0]);
		bytes = arena_take(&self->arena, length);
		memcpy(bytes, &limits, length);
		give_limits(&self->attach, bytes, length);
		must_pass(attach_test(self->heap.fd, &self->attach));
		EXPECT_EQ(0xffffffff,
			  heap_limits_value(&answer.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	}
}

/* Further limits, and so many that they fill a page. */
static const size_t limit_tails[] = { 16, 160, 3824 };

TEST_F(array, limits_longer_zero)
{
	struct dmabuf_heap_limits limits = {};
	struct dmabuf_heap_answer answer;
	unsigned int i;
	void *bytes;

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, 0xffffffff);
	take_answer(&self->attach, &answer, sizeof(answer));
	for (i = 0; i < ARRAY_SIZE(limit_tails); i++) {
		bytes = arena_take(&self->arena, sizeof(limits) + limit_tails[i]);
		memcpy(bytes, &limits, sizeof(limits));
		give_limits(&self->attach, bytes, sizeof(limits) + limit_tails[i]);
		must_pass(attach_test(self->heap.fd, &self->attach));
		EXPECT_EQ(0xffffffff,
			  heap_limits_value(&answer.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	}
}

/* Limits that aren't whole, and longer than any struct. */
TEST_F(array, limits_length_wrong)
{
	const __u32 first = sizeof(__u64), limit = sizeof(struct dmabuf_heap_limit);
	void *bytes = arena_take(&self->arena, ARENA_LENGTH);
	__u32 length;

	for (length = 1; length <= HEAP_PAGE; length++) {
		bool whole = length >= first && !((length - first) % limit);

		give_limits(&self->attach, bytes, length);
		ASSERT_EQ(whole ? 0 : -EINVAL, attach_test(self->heap.fd, &self->attach));
	}
	give_limits(&self->attach, bytes, first + HEAP_PAGE);
	must_fail(E2BIG, attach_test(self->heap.fd, &self->attach));
	give_limits(&self->attach, bytes, 0xfffffff8);
	must_fail(E2BIG, attach_test(self->heap.fd, &self->attach));
}

/* Records longer than a page are a mistake too. */
TEST_F(array, record_size_wrong)
{
	void *bytes = arena_take(&self->arena, ARENA_LENGTH);
	static const __u32 sizes[] = { HEAP_PAGE + 1, 0x80000000, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct dmabuf_heap_query query = {
			.size = sizeof(query),
			.fd = self->buffer,
			.records = (uintptr_t)bytes,
			.record_size = sizes[i],
			.count = 1,
		};
		struct dmabuf_heap_query_attachments attachments = {
			.size = sizeof(attachments),
			.fd = self->buffer,
			.records = (uintptr_t)bytes,
			.record_size = sizes[i],
			.count = 1,
		};

		must_fail(E2BIG, heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY, &query));
		must_fail(E2BIG, heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS,
					    &attachments));
	}
}

TEST_F(array, limits_longer_nonzero)
{
	struct dmabuf_heap_limits limits = {};
	unsigned int i;
	void *bytes;

	for (i = 0; i < ARRAY_SIZE(limit_tails); i++) {
		bytes = arena_take(&self->arena, sizeof(limits) + limit_tails[i]);
		memcpy(bytes, &limits, sizeof(limits));
		self->arena.end[-1] = 1;
		give_limits(&self->attach, bytes, sizeof(limits) + limit_tails[i]);
		EXPECT_EQ(-E2BIG, attach_test(self->heap.fd, &self->attach))
			TH_LOG("with a tail of %zu bytes", limit_tails[i]);
	}
}

TEST_HARNESS_MAIN
