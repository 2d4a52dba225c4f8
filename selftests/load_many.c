// SPDX-License-Identifier: GPL-2.0
/*
 * Very many live buffers: 100,000 without memory, and thousands with some. QUERY
 * tells of each, by cursor and by id; the counters are right; all of them go, one
 * by one and with their process. What a buffer costs is printed. Lengths are bytes.
 */
#include "kselftest_harness.h"
#include <sys/mman.h>

#include "heap.h"
#include "load.h"

#define UNBACKED	100000L
#define BACKED		5000L
#define ROOM		256	/* records in a QUERY */
#define LONGEST		7	/* pages */

FIXTURE(load_many) {
	struct heap_state heap;
	long count;
	int *fds;
	__u64 *ids;
	struct dmabuf_heap_buffer_record records[ROOM];
};

FIXTURE_SETUP(load_many)
{
	heap_setup(&self->heap);
	self->count = load_count(UNBACKED);
	if (load_fds(self->count))
		heap_skip("not allowed to have %ld fds", self->count);
	self->fds = calloc(self->count, sizeof(*self->fds));
	self->ids = calloc(self->count, sizeof(*self->ids));
	ASSERT_TRUE(self->fds && self->ids);
}

FIXTURE_TEARDOWN(load_many)
{
	free(self->fds);
	free(self->ids);
	heap_teardown(&self->heap);
}

/* So that a record that is mixed up with another shows. */
static __u64 length_of(long index)
{
	return (index % LONGEST + 1) * HEAP_PAGE;
}

/* 0, or what CREATE said. */
static int create_all(int heap, int *fds, __u64 *ids, long count)
{
	long i;

	for (i = 0; i < count; i++) {
		fds[i] = heap_create_id(heap, length_of(i), &ids[i]);
		if (fds[i] < 0)
			return fds[i];
	}
	return 0;
}

static void close_all(const int *fds, long count)
{
	while (count--)
		close(fds[count]);
}

/* One record is that of the buffer of that index. */
#define expect_record(record, index, want_state) do {			\
	ASSERT_EQ(self->ids[index], (record)->id);			\
	ASSERT_EQ(length_of(index), (record)->length);			\
	ASSERT_EQ(want_state, (record)->state);				\
	ASSERT_EQ((__u32)getpid(), (__u32)(record)->creator_pid);	\
	ASSERT_EQ(0, strcmp((record)->name, "test"));			\
} while (0)

/* Every buffer once, in order, in as few calls as there can be. */
#define expect_walk(live, state) do {					\
	__u64 cursor = 0, start = heap_now();				\
	long walked = 0, calls = 0;					\
	bool more = true;						\
	int got, i;							\
									\
	while (more) {							\
		got = heap_query_all(self->heap.fd, &cursor, &more, self->records, ROOM); \
		ASSERT_LE(0, got);					\
		ASSERT_GE(live, walked + got);				\
		for (i = 0; i < got; i++)				\
			expect_record(&self->records[i], walked + i, state); \
		walked += got;						\
		calls++;						\
	}								\
	EXPECT_EQ(live, walked);					\
	EXPECT_EQ((live + ROOM - 1) / ROOM, calls);			\
	printf("# QUERY of %ld: %ld calls, %llu ns for each buffer\n", walked, calls, \
	       (heap_now() - start) / walked);				\
} while (0)

TEST_F_TIMEOUT(load_many, unbacked, 900)
{
	__u64 used = load_memory_used(), start = heap_now(), i;
	struct heap_counters now;
	long count = self->count;

	must_pass(create_all(self->heap.fd, self->fds, self->ids, count));
	printf("# CREATE of %ld: %llu ns and %llu bytes of memory for each\n", count,
	       (heap_now() - start) / count, (load_memory_used() - used) / count);
	now = heap_counters_read();
	EXPECT_EQ(self->heap.before.buffers + count, now.buffers);
	EXPECT_EQ(self->heap.before.pages, now.pages);
	EXPECT_EQ(self->heap.before.backed, now.backed);
	expect_walk(count, DMABUF_HEAP_UNBACKED);
	for (i = 0; i < (__u64)count; i += 997) {
		must_pass(heap_query_id(self->heap.fd, self->ids[i], self->records));
		expect_record(self->records, i, DMABUF_HEAP_UNBACKED);
	}

	/* Half of them, from the end: what is left is what QUERY tells. */
	start = heap_now();
	close_all(self->fds + count / 2, count - count / 2);
	printf("# close of %ld: %llu ns for each\n", count - count / 2,
	       (heap_now() - start) / (count - count / 2));
	expect_walk(count / 2, DMABUF_HEAP_UNBACKED);
	close_all(self->fds, count / 2);
	fflush(stdout);
}

/* By the two ways that a process has alone. */
static int back(int heap, int buffer, long index)
{
	void *map;

	if (index & 1)
		return heap_commit(heap, buffer);
	map = heap_mmap(buffer, length_of(index));
	return map ? munmap(map, length_of(index)) : -errno;
}

TEST_F_TIMEOUT(load_many, backed, 900)
{
	long count = load_count(BACKED), pages = 0, i;
	struct heap_counters now;

	must_pass(create_all(self->heap.fd, self->fds, self->ids, count));
	for (i = 0; i < count; i++) {
		must_pass(back(self->heap.fd, self->fds[i], i));
		pages += length_of(i) / HEAP_PAGE;
	}
	now = heap_counters_read();
	EXPECT_EQ(self->heap.before.buffers + count, now.buffers);
	EXPECT_EQ(self->heap.before.backed + count, now.backed);
	EXPECT_EQ(self->heap.before.pages + pages, now.pages);
	expect_walk(count, DMABUF_HEAP_BACKED);
	close_all(self->fds, count);
	fflush(stdout);
}

struct owner {
	int heap;
	int *fds;
	__u64 *ids;
	long count;
};

static int create_and_go(void *arg)
{
	struct owner *owner = arg;

	return create_all(owner->heap, owner->fds, owner->ids, owner->count);
}

/* A process that ends takes all of its buffers along. */
TEST_F_TIMEOUT(load_many, process_ends, 900)
{
	struct owner owner = { self->heap.fd, self->fds, self->ids, self->count / 4 };

	must_pass(heap_child(0, create_and_go, &owner));
	EXPECT_EQ(0, heap_counters_wait(&self->heap.before));
}

TEST_HARNESS_MAIN
