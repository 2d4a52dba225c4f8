// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads at once on the same thing: what they do comes out as if one had
 * been after the other, and nothing is lost or left behind. Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "heap.h"
#include "subject.h"

#define ROUNDS	2000

FIXTURE(race) {
	struct heap_state heap;
};

FIXTURE_SETUP(race)
{
	heap_setup(&self->heap);
}

FIXTURE_TEARDOWN(race)
{
	heap_teardown(&self->heap);
}

/* The other thread, and what it works on until it is told to stop. */
struct rival {
	pthread_t thread;
	int heap;
	int buffer;
	struct arena arena;
	atomic_bool stop;
	atomic_bool go;
	atomic_int done;
	atomic_int guess;
};

static int rival_start(struct rival *rival, void *(*body)(void *))
{
	return -pthread_create(&rival->thread, NULL, body, rival);
}

static void rival_stop(struct rival *rival)
{
	rival->stop = true;
	pthread_join(rival->thread, NULL);
}

/* Detaches what it guesses will be attached next. */
static void *detach_guessed(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop)
		if (!heap_detach(rival->heap, rival->buffer, rival->guess))
			rival->done++;
	return NULL;
}

/* Every record is detached once: by the one who made it, or by the other. */
TEST_F(race, attach_and_detach)
{
	struct rival rival = { .heap = self->heap.fd, .guess = 1 };
	__u64 id, last = 0;
	int i, own = 0, rc;

	rival.buffer = must_open(heap_create(self->heap.fd, HEAP_PAGE));
	must_pass(rival_start(&rival, detach_guessed));
	for (i = 0; i < ROUNDS; i++) {
		must_pass(heap_require_limit(self->heap.fd, rival.buffer,
					     DMABUF_HEAP_LIMIT_CONTIGUOUS, 1, &id, NULL));
		ASSERT_EQ(last + 1, id);
		last = id;
		rc = heap_detach(self->heap.fd, rival.buffer, id);
		ASSERT_TRUE(!rc || rc == -ENOENT);
		own += !rc;
		rival.guess = id + 1;
	}
	rival_stop(&rival);
	EXPECT_EQ(ROUNDS, own + rival.done);
	EXPECT_EQ(0, heap_query_attachments(self->heap.fd, rival.buffer, NULL, 0));
	close(rival.buffer);
}

/* Closes an fd as soon as it is there, and perhaps before CREATE has returned. */
static void *close_guessed(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop)
		if (!close(rival->guess))
			rival->done++;
	return NULL;
}

TEST_F(race, create_and_close)
{
	struct rival rival = { .heap = self->heap.fd };
	int i, own = 0, buffer;

	/* The number that the next fd will get: nobody else opens any. */
	rival.guess = must_open(dup(self->heap.fd));
	close(rival.guess);
	must_pass(rival_start(&rival, close_guessed));
	for (i = 0; i < ROUNDS; i++) {
		buffer = must_open(heap_create(self->heap.fd, HEAP_PAGE));
		ASSERT_EQ(atomic_load(&rival.guess), buffer);
		own += !close(buffer);
	}
	rival_stop(&rival);
	EXPECT_EQ(ROUNDS, own + rival.done);
}

/* Lets a struct be written only now and then. */
static void *protect_now_and_then(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop) {
		arena_protect(&rival->arena, PROT_READ);
		arena_protect(&rival->arena, PROT_READ | PROT_WRITE);
	}
	return NULL;
}

/* CREATE either tells its fd or leaves none: EFAULT and a buffer can't both be. */
TEST_F(race, answer_not_writable)
{
	struct dmabuf_heap_create *create;
	struct rival rival = { .heap = self->heap.fd };
	int i, rc, made = 0, fault = 0;
	union subject_arg arg;
	struct subject on;

	must_pass(subject_init(&on, self->heap.fd));
	must_pass(arena_init(&rival.arena));
	create = (void *)rival.arena.start;
	subject_fill(&on, DMABUF_HEAP_IOC_CREATE, &arg);
	*create = arg.create;
	must_pass(rival_start(&rival, protect_now_and_then));
	for (i = 0; i < ROUNDS || ((!made || !fault) && i < 100 * ROUNDS); i++) {
		rc = heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_CREATE, create);
		if (!rc) {
			made++;
			ASSERT_EQ(0, close(create->out_fd));
		} else {
			ASSERT_EQ(-EFAULT, rc);
			fault++;
		}
	}
	rival_stop(&rival);
	EXPECT_LT(0, made);
	EXPECT_LT(0, fault);
	subject_free(&on);
	arena_free(&rival.arena);
}

static void *commit_on_go(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop) {
		if (!atomic_exchange(&rival->go, false))
			continue;
		rival->guess = heap_commit(rival->heap, rival->buffer);
		rival->done++;
	}
	return NULL;
}

/* Two first maps at once: one backing, and both have it. */
TEST_F(race, first_maps)
{
	struct rival rival = { .heap = self->heap.fd };
	struct dmabuf_heap_buffer_record record;
	__u64 allocations;
	int i;

	must_pass(rival_start(&rival, commit_on_go));
	for (i = 0; i < 200; i++) {
		void *map;

		rival.buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));
		allocations = heap_counters_read().allocations;
		rival.go = true;
		map = heap_mmap(rival.buffer, HEAP_MIB);
		while (rival.done == i)
			;
		ASSERT_NE(NULL, map);
		ASSERT_EQ(0, atomic_load(&rival.guess));
		ASSERT_EQ(allocations + 1, heap_counters_read().allocations);
		must_pass(heap_query(self->heap.fd, rival.buffer, &record));
		ASSERT_TRUE(record.first_map == DMABUF_HEAP_FIRST_COMMIT ||
			    record.first_map == DMABUF_HEAP_FIRST_MMAP);
		munmap(map, HEAP_MIB);
		close(rival.buffer);
	}
	rival_stop(&rival);
}

/* Frees a buffer by its last fd, while it is looked at by its id. */
static void *create_and_end(void *arg)
{
	struct rival *rival = arg;
	int buffer;
	__u64 id;

	while (!rival->stop) {
		buffer = heap_create_id(rival->heap, HEAP_PAGE, &id);
		if (buffer < 0)
			break;
		heap_commit(rival->heap, buffer);
		rival->guess = id;
		close(buffer);
		rival->done++;
	}
	return NULL;
}

TEST_F(race, query_while_it_ends)
{
	struct rival rival = { .heap = self->heap.fd };
	struct dmabuf_heap_buffer_record record;
	int i, rc;

	must_pass(rival_start(&rival, create_and_end));
	while (!rival.done)
		;
	for (i = 0; i < 10 * ROUNDS; i++) {
		__u64 id = rival.guess;

		rc = heap_query_id(self->heap.fd, id, &record);
		ASSERT_TRUE(!rc || rc == -ENOENT);
		if (!rc)
			ASSERT_EQ(id, record.id);
	}
	rival_stop(&rival);
}

TEST_HARNESS_MAIN
