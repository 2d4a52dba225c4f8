// SPDX-License-Identifier: GPL-2.0
/*
 * QUERY of all while buffers come and go: a walk sees each buffer that lives
 * throughout just once, costs no more calls than the buffers that it sees need,
 * and doesn't hold off those who create. Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "heap.h"
#include "load.h"

#define KEPT	3000L	/* live all the time, with ids far apart */
#define YOUNG	256	/* of a churner's own at a time */
#define ROOM	128	/* records in a QUERY */
#define SEEN	65536	/* in one walk, at most */
#define SECONDS	6
#define PHASE	300000000ULL	/* nanoseconds with walks, then as many without */

/* What a churner tells of itself. */
struct churn {
	atomic_ullong created;
	atomic_ullong young[YOUNG];	/* ids; 0 for none */
	atomic_int rc;
	atomic_bool stop;
};

/* @walked is in order. */
struct walk {
	long calls;
	long count;
	__u64 ids[SEEN];
};

FIXTURE(load_churn) {
	struct heap_state heap;
	struct churn *churn;
	pid_t churner;
	int *fds;
	__u64 *ids;
	long kept;
	struct walk walk;
	__u64 young[YOUNG];
	struct dmabuf_heap_buffer_record records[ROOM];
};

/* Creates and closes without end, now and then with a record and memory. */
static void churn(int heap, struct churn *told)
{
	__u32 state = 1, slot;
	int fds[YOUNG] = {};
	__u64 id;

	while (!told->stop) {
		slot = load_random(&state) % YOUNG;
		if (fds[slot]) {
			told->young[slot] = 0;
			close(fds[slot]);
		}
		fds[slot] = heap_create_id(heap, HEAP_PAGE, &id);
		if (fds[slot] < 0) {
			told->rc = fds[slot];
			return;
		}
		if (slot % 8 == 0)
			heap_commit(heap, fds[slot]);
		told->young[slot] = id;
		told->created++;
	}
}

FIXTURE_SETUP(load_churn)
{
	long i;

	heap_setup(&self->heap);
	self->kept = load_count(KEPT);
	must_pass(load_fds(2 * self->kept));
	self->churn = load_shared(sizeof(*self->churn));
	self->fds = calloc(self->kept, sizeof(*self->fds));
	self->ids = calloc(self->kept, sizeof(*self->ids));
	ASSERT_TRUE(self->churn && self->fds && self->ids);
	for (i = 0; i < self->kept; i++) {
		self->fds[i] = must_open(heap_create_id(self->heap.fd, HEAP_PAGE, &self->ids[i]));
		/* A gap behind it. */
		close(must_open(heap_create(self->heap.fd, HEAP_PAGE)));
	}
	self->churner = fork();
	ASSERT_LE(0, self->churner);
	if (!self->churner) {
		churn(self->heap.fd, self->churn);
		_exit(0);
	}
}

FIXTURE_TEARDOWN(load_churn)
{
	long i;

	self->churn->stop = true;
	waitpid(self->churner, NULL, 0);
	EXPECT_EQ(0, atomic_load(&self->churn->rc));
	for (i = 0; i < self->kept; i++)
		close(self->fds[i]);
	free(self->fds);
	free(self->ids);
	munmap(self->churn, sizeof(*self->churn));
	heap_teardown(&self->heap);
}

/* 0 or -errno. */
static int walk_all(int heap, struct dmabuf_heap_buffer_record *records, struct walk *walk)
{
	__u64 cursor = 0;
	bool more = true;
	int got, i;

	walk->calls = 0;
	walk->count = 0;
	while (more && walk->count + ROOM <= SEEN) {
		got = heap_query_all(heap, &cursor, &more, records, ROOM);
		if (got < 0)
			return got;
		for (i = 0; i < got; i++)
			walk->ids[walk->count++] = records[i].id;
		walk->calls++;
	}
	return more ? -E2BIG : 0;
}

static bool walk_has(const struct walk *walk, __u64 id)
{
	long low = 0, high = walk->count;

	while (low < high) {
		long mid = (low + high) / 2;

		if (walk->ids[mid] < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < walk->count && walk->ids[low] == id;
}

/* Ids ascend, so none is there twice; and no call brought less than it could. */
#define expect_orderly(walk) do {						\
	for (long n = 1; n < (walk)->count; n++)				\
		ASSERT_LT((walk)->ids[n - 1], (walk)->ids[n]);			\
	ASSERT_GE((walk)->count / ROOM + 1, (walk)->calls);			\
} while (0)

/* Buffers that were there before the walk and are there after it. */
#define expect_complete(walk) do {						\
	for (long n = 0; n < self->kept; n++)					\
		ASSERT_TRUE(walk_has(walk, self->ids[n]));			\
	for (long n = 0; n < YOUNG; n++)					\
		if (self->young[n] && self->young[n] == self->churn->young[n])	\
			ASSERT_TRUE(walk_has(walk, self->young[n]));		\
} while (0)

static void young_copy(struct churn *churn, __u64 *young)
{
	int i;

	for (i = 0; i < YOUNG; i++)
		young[i] = churn->young[i];
}

/* Time that has passed, and what the churner created in it. */
struct pace {
	__u64 ns;
	__u64 created;
};

static void pace_add(struct pace *pace, const struct churn *churn, __u64 start, __u64 created)
{
	pace->ns += heap_now() - start;
	pace->created += churn->created - created;
}

TEST_F_TIMEOUT(load_churn, walks, 3600)
{
	__u64 end = heap_now() + load_time(SECONDS), start, created, walks = 0, calls = 0, seen = 0;
	struct pace with = {}, without = {};
	double ratio;

	do {
		/* As busy as with walks, but not with QUERY. */
		start = heap_now();
		created = self->churn->created;
		while (heap_now() < start + PHASE)
			;
		pace_add(&without, self->churn, start, created);

		start = heap_now();
		created = self->churn->created;
		do {
			young_copy(self->churn, self->young);
			must_pass(walk_all(self->heap.fd, self->records, &self->walk));
			expect_complete(&self->walk);
			expect_orderly(&self->walk);
			walks++;
			calls += self->walk.calls;
			seen += self->walk.count;
		} while (heap_now() < start + PHASE);
		pace_add(&with, self->churn, start, created);
	} while (heap_now() < end);

	ratio = (double)with.created * without.ns / (without.created * (double)with.ns);
	printf("# %llu walks, %llu calls, %llu buffers seen, %llu ns each\n", walks, calls, seen,
	       with.ns / seen);
	printf("# created %llu meanwhile, at %.2f of the pace without walks\n", with.created,
	       ratio);
	fflush(stdout);
	/* One that waited for whole walks would hardly get on at all. */
	EXPECT_LT(walks, with.created);
}

TEST_HARNESS_MAIN
