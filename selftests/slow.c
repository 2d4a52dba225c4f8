// SPDX-License-Identifier: GPL-2.0
/*
 * While a first map allocates for a long time: QUERY doesn't wait for it, and a
 * fatal signal ends it. That it is under way is seen by the memory that is free.
 * Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <pthread.h>
#include <signal.h>

#include "heap.h"

#define LENGTH	(512 * HEAP_MIB)
#define BEGUN	(LENGTH / 8)	/* allocated by then */
#define TRIES	5		/* for the case that it was done before we looked */

FIXTURE(slow) {
	struct heap_state heap;
	int buffer;
	__u64 id;
	__u64 free;		/* before */
	struct dmabuf_heap_buffer_record record;
};

static __u64 memory_free(void)
{
	return 1024 * heap_file_field("/proc/meminfo", "MemFree");
}

FIXTURE_SETUP(slow)
{
	heap_setup(&self->heap);
	if (memory_free() < LENGTH + HEAP_GIB)
		heap_skip("less than 1.5 GiB of memory free");
	self->buffer = must_open(heap_create_id(self->heap.fd, LENGTH, &self->id));
	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS,
				     0, NULL, NULL));
	self->free = memory_free();
}

FIXTURE_TEARDOWN(slow)
{
	close(self->buffer);
	heap_teardown(&self->heap);
}

struct commit {
	int heap;
	int buffer;
	int rc;
};

static void *commit_in_thread(void *arg)
{
	struct commit *commit = arg;

	commit->rc = heap_commit(commit->heap, commit->buffer);
	return NULL;
}

/* Waits until the allocation has begun. */
static void wait_for_begin(__u64 free_before)
{
	while (memory_free() + BEGUN > free_before)
		usleep(1000);
}

/* One by each way to ask; all answers were given while there was no memory yet. */
static bool query_while_unbacked(struct __test_metadata *_metadata, int heap, int buffer,
				 __u64 id, struct dmabuf_heap_buffer_record *record)
{
	struct dmabuf_heap_attachment_record attachment;
	__u64 cursor = id - 1;
	bool more;

	must_pass(heap_query_id(heap, id, record));
	ASSERT_EQ(1, heap_query_all(heap, &cursor, &more, record, 1));
	ASSERT_EQ(1, heap_query_attachments(heap, buffer, &attachment, 1));
	must_pass(heap_query(heap, buffer, record));
	return record->state == DMABUF_HEAP_UNBACKED;
}

TEST_F_TIMEOUT(slow, query_does_not_wait, 120)
{
	struct commit commit = { self->heap.fd, self->buffer, 0 };
	bool answered = false;
	pthread_t thread;
	int i;

	for (i = 0; i < TRIES && !answered; i++) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, commit_in_thread, &commit));
		wait_for_begin(self->free);
		answered = query_while_unbacked(_metadata, self->heap.fd, self->buffer, self->id,
						&self->record);
		pthread_join(thread, NULL);
		must_pass(commit.rc);
		must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
		EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
		if (answered)
			break;
		close(self->buffer);
		commit.buffer = must_open(heap_create_id(self->heap.fd, LENGTH, &self->id));
		self->buffer = commit.buffer;
		must_pass(heap_require_limit(self->heap.fd, self->buffer,
					     DMABUF_HEAP_LIMIT_CONTIGUOUS, 0, NULL, NULL));
		self->free = memory_free();
	}
	EXPECT_TRUE(answered);
}

/* Killed in the middle: all that was allocated goes back, and the buffer is fresh. */
TEST_F_TIMEOUT(slow, killed, 120)
{
	struct heap_counters before = heap_counters_read();
	struct dmabuf_heap_buffer_record after;
	int status = 0, i;
	pid_t child;

	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	for (i = 0; i < TRIES; i++) {
		child = fork();
		if (!child)
			_exit(heap_commit(self->heap.fd, self->buffer) != 0);
		ASSERT_LT(0, child);
		wait_for_begin(self->free);
		ASSERT_EQ(0, kill(child, SIGKILL));
		ASSERT_EQ(child, waitpid(child, &status, 0));
		must_pass(heap_query(self->heap.fd, self->buffer, &after));
		if (after.state == DMABUF_HEAP_UNBACKED)
			break;
		close(self->buffer);
		self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
		must_pass(heap_require_limit(self->heap.fd, self->buffer,
					     DMABUF_HEAP_LIMIT_CONTIGUOUS, 0, NULL, NULL));
		must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
		self->free = memory_free();
	}
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	EXPECT_EQ(0, memcmp(&self->record, &after, sizeof(after)));
	EXPECT_EQ(0, heap_counters_wait(&before));
	EXPECT_EQ(before.pages, heap_counters_read().pages);
}

TEST_HARNESS_MAIN
