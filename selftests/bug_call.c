// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs that other exporters had in the calls themselves: a number that is no call,
 * a lock that stays taken, a caller's memory that needs a lock which is held. One
 * test for each class; the comment above it says who had it.
 */
#include "kselftest_harness.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "drm.h"
#include "importer.h"
#include "subject.h"

#define ROUNDS	200

FIXTURE(bug_call) {
	struct heap_state heap;
	struct subject on;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(bug_call)
{
	heap_setup(&self->heap);
	must_pass(subject_init(&self->on, self->heap.fd));
}

FIXTURE_TEARDOWN(bug_call)
{
	subject_free(&self->on);
	heap_teardown(&self->heap);
}

/* Takes back what is left of a call that has succeeded. */
static void call_undo(struct subject *on, unsigned int call, union subject_arg *arg)
{
	if (call == DMABUF_HEAP_IOC_CREATE)
		close(arg->create.out_fd);
	else if (call == DMABUF_HEAP_IOC_ATTACH)
		heap_detach(on->heap, on->buffer, arg->attach.out_id);
}

static int call_once(struct subject *on, unsigned int call)
{
	union subject_arg arg;
	int rc;

	subject_fill(on, call, &arg);
	rc = heap_ioctl(on->heap, call, &arg);
	if (!rc)
		call_undo(on, call, &arg);
	return rc;
}

/*
 * cenalloc, in review: it locked where it should have unlocked. A call that does
 * so never comes back from its second time; SEAL is last, since it is for good.
 */
TEST_F(bug_call, every_call_twice)
{
	static const unsigned int calls[] = {
		DMABUF_HEAP_IOC_INFO, DMABUF_HEAP_IOC_CREATE, DMABUF_HEAP_IOC_ATTACH,
		DMABUF_HEAP_IOC_DETACH, DMABUF_HEAP_IOC_COMMIT, DMABUF_HEAP_IOC_QUERY,
		DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, DMABUF_HEAP_IOC_SEAL,
	};
	unsigned int i;
	int again;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		must_pass(call_once(&self->on, calls[i]));
		again = calls[i] == DMABUF_HEAP_IOC_DETACH ? -ENOENT : 0;
		ASSERT_EQ(again, call_once(&self->on, calls[i]));
	}
	must_pass(heap_query(self->heap.fd, self->on.buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_BUFFER_SEALED, self->record.flags);
}

#define twice_fail(error, call) do {					\
	must_fail(error, call);						\
	must_fail(error, call);						\
} while (0)

/* The same, where a call ends with an error after it took the lock. */
TEST_F(bug_call, every_error_twice)
{
	struct dmabuf_heap_limits limits = {};
	int heap = self->heap.fd, buffer = self->on.buffer, card, i, new, high;
	__u32 handle;

	new = must_open(heap_create(heap, HEAP_PAGE));
	twice_fail(EOPNOTSUPP, heap_require_limit(heap, new, DMABUF_HEAP_LIMIT_MAX_ADDR,
						  HEAP_NOWHERE, NULL, NULL));
	close(new);
	high = importer_buffer_high(heap, HEAP_PAGE);
	if (high >= 0) {
		twice_fail(EBUSY, heap_require_limit(heap, high, DMABUF_HEAP_LIMIT_MAX_ADDR,
						     IMPORTER_4G, NULL, NULL));
		close(high);
	}
	twice_fail(ENOENT, heap_detach(heap, buffer, 1000));
	for (i = 1; i < DMABUF_HEAP_MAX_DECLARED; i++)
		must_pass(subject_require(&self->on, NULL));
	twice_fail(ENOSPC, subject_require(&self->on, NULL));
	must_pass(heap_seal(heap, buffer));
	twice_fail(EPERM, subject_require(&self->on, NULL));
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	twice_fail(EPERM, heap_test(heap, buffer, DMABUF_HEAP_NO_DEVICE, &limits, NULL, NULL));
	card = drm_card_open(DRM_VGEM);
	if (card >= 0) {
		twice_fail(EPERM, drm_import(card, buffer, &handle));
		close(card);
	}
	must_pass(heap_detach(heap, buffer, self->on.id));
	must_pass(heap_commit(heap, buffer));
}

/* Where in a page of the buffer the caller's structs are. */
#define AT_LIMITS	512
#define AT_ANSWER	1024

/* All that a call has pointers to goes into the mapping too. */
static void pointers_move(unsigned int call, union subject_arg *arg, char *map)
{
	if (call == DMABUF_HEAP_IOC_ATTACH) {
		arg->attach.limits = (uintptr_t)(map + AT_LIMITS);
		arg->attach.answer = (uintptr_t)(map + AT_ANSWER);
	} else if (call == DMABUF_HEAP_IOC_QUERY) {
		arg->query.records = (uintptr_t)(map + AT_ANSWER);
	} else if (call == DMABUF_HEAP_IOC_QUERY_ATTACHMENTS) {
		arg->query_attachments.records = (uintptr_t)(map + AT_ANSWER);
	}
}

/* The call, with its struct in the buffer that it is about. */
static int call_in_buffer(struct subject *on, const struct subject_call *call, char *map)
{
	union subject_arg arg;
	int rc;

	subject_fill(on, call->number, &arg);
	pointers_move(call->number, &arg, map);
	memcpy(map + AT_LIMITS, &on->limits, sizeof(on->limits));
	memcpy(map, &arg, call->size);
	rc = heap_ioctl(on->heap, call->number, map);
	memcpy(&arg, map, call->size);
	if (!rc)
		call_undo(on, call->number, &arg);
	return rc;
}

struct remapper {
	pthread_t thread;
	int buffer;
	char *map;
	atomic_bool stop;
	atomic_int done;
};

/* Puts a fresh area over the old one: the same bytes, and a fault for whoever wants them. */
static void *remap(void *arg)
{
	struct remapper *remapper = arg;

	while (!remapper->stop) {
		if (mmap(remapper->map, HEAP_PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, remapper->buffer, 0) == MAP_FAILED)
			abort();
		remapper->done++;
	}
	return NULL;
}

/*
 * vb2, mmap_sem against the driver's lock in QBUF: a caller's memory was touched
 * while a lock was held that mmap() takes too. Here it is even the same buffer's:
 * each copy of a call may fault in it, while mmap() waits for it.
 */
TEST_F_TIMEOUT(bug_call, arguments_in_own_mapping, 120)
{
	const struct subject_call *call;
	struct remapper remapper = { .buffer = self->on.buffer };
	int i, rc, want;

	remapper.map = heap_mmap(self->on.buffer, HEAP_PAGE);
	ASSERT_NE(NULL, remapper.map);
	ASSERT_GE(HEAP_PAGE, AT_ANSWER + sizeof(self->on.answer));
	ASSERT_GE(HEAP_PAGE, AT_ANSWER + sizeof(self->on.record));
	ASSERT_EQ(0, pthread_create(&remapper.thread, NULL, remap, &remapper));
	for (i = 0; i < ROUNDS || remapper.done < ROUNDS; i++) {
		for (call = subject_calls; call->name; call++) {
			if (call->number == DMABUF_HEAP_IOC_SEAL)
				continue;
			rc = call_in_buffer(&self->on, call, remapper.map);
			want = i && call->number == DMABUF_HEAP_IOC_DETACH ? -ENOENT : 0;
			ASSERT_EQ(want, rc)
				TH_LOG("with %s in round %d", call->name, i);
			/* QUERY_ATTACHMENTS shall have something to write. */
			if (!i && call->number == DMABUF_HEAP_IOC_DETACH)
				must_pass(subject_require(&self->on, NULL));
		}
	}
	remapper.stop = true;
	pthread_join(remapper.thread, NULL);
	munmap(remapper.map, HEAP_PAGE);
}

/*
 * dma-heap, CVE-2022-48730: a number from userspace was an index, and a CPU that
 * guessed used it before it was checked. What can be seen from here is that no
 * number beyond the last leads anywhere; bug_spectre.sh looks at the rest.
 */
TEST_F(bug_call, spectre_index_out_of_range)
{
	struct subject_picture before;
	union subject_arg arg;
	unsigned int nr;

	subject_fill(&self->on, DMABUF_HEAP_IOC_INFO, &arg);
	must_pass(subject_picture_take(&self->on, &before));
	for (nr = DMABUF_HEAP_CMD_WATCH + 1; nr <= 0xff; nr++)
		ASSERT_EQ(-ENOTTY, heap_ioctl(self->heap.fd, _IO(DMABUF_HEAP_IOC_TYPE, nr),
					      &arg));
	EXPECT_TRUE(subject_picture_is(&self->on, &before));
}

TEST_HARNESS_MAIN
