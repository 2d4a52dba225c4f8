// SPDX-License-Identifier: GPL-2.0
/*
 * The length rule: what a call does with a struct that is shorter or longer than
 * the kernel's. Every length is in bytes. What a call gets is put right before a page
 * that can't be read or written, so that one byte too many is a fault.
 */
#include "kselftest_harness.h"
#include <fcntl.h>

#include "subject.h"

FIXTURE(length) {
	struct heap_state heap;
	struct subject on;
};

FIXTURE_VARIANT(length) {
	const struct subject_call *call;
};

FIXTURE_VARIANT_ADD(length, info) { &subject_calls[DMABUF_HEAP_CMD_INFO] };
FIXTURE_VARIANT_ADD(length, create) { &subject_calls[DMABUF_HEAP_CMD_CREATE] };
FIXTURE_VARIANT_ADD(length, attach) { &subject_calls[DMABUF_HEAP_CMD_ATTACH] };
FIXTURE_VARIANT_ADD(length, detach) { &subject_calls[DMABUF_HEAP_CMD_DETACH] };
FIXTURE_VARIANT_ADD(length, commit) { &subject_calls[DMABUF_HEAP_CMD_COMMIT] };
FIXTURE_VARIANT_ADD(length, seal) { &subject_calls[DMABUF_HEAP_CMD_SEAL] };
FIXTURE_VARIANT_ADD(length, query) { &subject_calls[DMABUF_HEAP_CMD_QUERY] };
FIXTURE_VARIANT_ADD(length, query_attachments) {
	&subject_calls[DMABUF_HEAP_CMD_QUERY_ATTACHMENTS]
};

FIXTURE_VARIANT_ADD(length, watch) { &subject_calls[DMABUF_HEAP_CMD_WATCH] };

FIXTURE_SETUP(length)
{
	heap_setup(&self->heap);
	must_pass(subject_init(&self->on, self->heap.fd));
}

FIXTURE_TEARDOWN(length)
{
	subject_free(&self->on);
	heap_teardown(&self->heap);
}

/*
 * Makes the call with @length bytes, of which those after the struct are zero,
 * but for the last one, which is @last. @any is the struct afterwards.
 */
static int any_call(struct subject *on, const struct subject_call *call, size_t length,
		    int last, union subject_arg *any)
{
	size_t known = length < call->size ? length : call->size;
	unsigned char *bytes = arena_take(&on->arena, length);
	int rc;

	subject_fill(on, call->number, any);
	any->size = length;
	memcpy(bytes, any, known);
	if (last)
		bytes[length - 1] = last;
	rc = heap_ioctl(on->heap, call->number, bytes);
	memcpy(any, bytes, known);
	return rc;
}

/* Takes back what the call made, and what tells one call from the next. */
static void any_undo(struct subject *on, unsigned int number, union subject_arg *any)
{
	any->size = 0;
	if (number == DMABUF_HEAP_IOC_CREATE) {
		close(any->create.out_fd);
		any->create.out_id = 0;
	} else if (number == DMABUF_HEAP_IOC_ATTACH) {
		heap_detach(on->heap, on->buffer, any->attach.out_id);
		any->attach.out_id = 0;
	} else if (number == DMABUF_HEAP_IOC_DETACH) {
		subject_require(on, &on->id);
		any->detach.id = 0;
	}
}

TEST_F(length, exact)
{
	union subject_arg any;

	must_pass(any_call(&self->on, variant->call, variant->call->size, 0, &any));
	EXPECT_EQ(variant->call->size, any.size);
	EXPECT_TRUE(arena_bytes_are(self->on.arena.start, ARENA_LENGTH - variant->call->size,
				    ARENA_CANARY));
	any_undo(&self->on, variant->call->number, &any);
}

TEST_F(length, shorter)
{
	size_t length;
	union subject_arg any;

	for (length = sizeof(__u32); length < variant->call->size; length++)
		EXPECT_EQ(-EINVAL, any_call(&self->on, variant->call, length, 0, &any))
			TH_LOG("with %zu bytes", length);
}

/* What size says counts, though the whole struct is there. */
TEST_F(length, size_says_shorter)
{
	unsigned char *bytes;
	union subject_arg any;
	__u32 size;

	for (size = 0; size < variant->call->size; size++) {
		bytes = arena_take(&self->on.arena, variant->call->size);
		subject_fill(&self->on, variant->call->number, &any);
		any.size = size;
		memcpy(bytes, &any, variant->call->size);
		EXPECT_EQ(-EINVAL, heap_ioctl(self->on.heap, variant->call->number, bytes))
			TH_LOG("with size %u", size);
		EXPECT_EQ(0, memcmp(bytes, &any, variant->call->size));
	}
}

static const size_t tails[] = { 1, 7, 8, 4000 };

TEST_F(length, longer_zero)
{
	union subject_arg first, any;
	unsigned int i;

	must_pass(any_call(&self->on, variant->call, variant->call->size, 0, &first));
	any_undo(&self->on, variant->call->number, &first);
	for (i = 0; i < ARRAY_SIZE(tails); i++) {
		must_pass(any_call(&self->on, variant->call,
				   variant->call->size + tails[i], 0, &any));
		EXPECT_EQ(variant->call->size + tails[i], any.size);
		any_undo(&self->on, variant->call->number, &any);
		EXPECT_EQ(0, memcmp(&first, &any, variant->call->size))
			TH_LOG("with a tail of %zu bytes", tails[i]);
		EXPECT_TRUE(arena_bytes_are(self->on.arena.end - tails[i], tails[i], 0));
	}
}

TEST_F(length, longer_nonzero)
{
	struct subject_picture before;
	union subject_arg any;
	unsigned int i;

	must_pass(subject_picture_take(&self->on, &before));
	for (i = 0; i < ARRAY_SIZE(tails); i++) {
		EXPECT_EQ(-E2BIG, any_call(&self->on, variant->call,
					   variant->call->size + tails[i], 1, &any))
			TH_LOG("with a tail of %zu bytes", tails[i]);
		EXPECT_TRUE(subject_picture_is(&self->on, &before));
	}
}

/* No struct will ever be longer than a page: what says so is a mistake. */
TEST_F(length, longest)
{
	static const size_t sizes[] = { HEAP_PAGE + 1, ARENA_LENGTH };
	union subject_arg first, any;
	unsigned int i;

	must_pass(any_call(&self->on, variant->call, variant->call->size, 0, &first));
	any_undo(&self->on, variant->call->number, &first);
	must_pass(any_call(&self->on, variant->call, HEAP_PAGE, 0, &any));
	any_undo(&self->on, variant->call->number, &any);
	EXPECT_EQ(0, memcmp(&first, &any, variant->call->size));
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		must_fail(E2BIG, any_call(&self->on, variant->call, sizes[i], 0, &any));
}

/* Sizes that reach where nothing is mapped, and past the end of all memory. */
TEST_F(length, huge)
{
	static const __u32 sizes[] = { 2 * ARENA_LENGTH, 0x7fffffff, 0x80000000, 0xffffffff };
	unsigned char *bytes;
	unsigned int i;
	union subject_arg any;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		bytes = arena_take(&self->on.arena, variant->call->size);
		subject_fill(&self->on, variant->call->number, &any);
		any.size = sizes[i];
		memcpy(bytes, &any, variant->call->size);
		must_fail(E2BIG, heap_ioctl(self->on.heap, variant->call->number, bytes));
	}
}

TEST_HARNESS_MAIN
