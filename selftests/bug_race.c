// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs that other exporters had when two did something at once: the same thing
 * ended twice, or was used while it ended. One test for each class; the comment
 * above it says who had it. What comes out must be as if one had been after the
 * other. Lengths are in bytes.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "drm.h"
#include "heap.h"

#define ROUNDS	500
#define SLOTS	2		/* fds that all threads use */
#define SLOT	200		/* the first of them */

FIXTURE(bug_race) {
	struct heap_state heap;
};

FIXTURE_SETUP(bug_race)
{
	heap_setup(&self->heap);
}

FIXTURE_TEARDOWN(bug_race)
{
	heap_teardown(&self->heap);
}

/* The other thread, and what it works on until it is told to stop. */
struct rival {
	pthread_t thread;
	int heap;
	int buffer;
	int card;
	atomic_bool stop;
	atomic_bool go;
	atomic_int done;
	atomic_int guess;
	atomic_int wrong;
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

/*
 * ION, CVE-2016-9120: two CPUs freed one handle. Every record is detached once: by
 * the one who made it, or by the other.
 */
TEST_F_TIMEOUT(bug_race, racing_attach_and_detach, 120)
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

/* The same with memory: two first maps are one backing, and both have it. */
TEST_F_TIMEOUT(bug_race, racing_first_maps, 120)
{
	struct rival rival = { .heap = self->heap.fd };
	struct dmabuf_heap_buffer_record record;
	__u64 allocations;
	int i;

	must_pass(rival_start(&rival, commit_on_go));
	for (i = 0; i < 100; i++) {
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

/* A buffer may end at any time, and then the slot names another: keeps what else fails. */
static void slot_tell(struct rival *rival, int rc)
{
	if (rc && rc != -EBADF && rc != -ENOENT)
		rival->wrong = rc;
}

/* Attaches to and detaches from whatever buffer is in the slots. */
static void *slots_attach(void *arg)
{
	struct rival *rival = arg;
	struct dmabuf_heap_buffer_record record;
	__u64 id = 0;
	int i = 0;

	while (!rival->stop) {
		int slot = SLOT + i++ % SLOTS;
		int rc = heap_require_limit(rival->heap, slot, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1,
					    &id, NULL);

		slot_tell(rival, rc);
		slot_tell(rival, heap_query(rival->heap, slot, &record));
		/* Of the buffer that is there by now, it may be the importer's. */
		rc = heap_detach(rival->heap, slot, id);
		slot_tell(rival, rc == -EBUSY ? 0 : rc);
		rival->done++;
	}
	return NULL;
}

/* Makes them backed, and touches them. */
static void *slots_map(void *arg)
{
	struct rival *rival = arg;
	char *map;
	int i = 0;

	while (!rival->stop) {
		int slot = SLOT + i++ % SLOTS;

		if (i % 4 == 0)
			slot_tell(rival, heap_commit(rival->heap, slot));
		map = heap_mmap(slot, HEAP_PAGE);
		if (map) {
			slot_tell(rival, map[0] ? -EILSEQ : 0);
			munmap(map, HEAP_PAGE);
		} else {
			slot_tell(rival, -errno);
		}
		rival->done++;
	}
	return NULL;
}

static void *slots_import(void *arg)
{
	struct rival *rival = arg;
	__u32 handle;
	int i = 0, rc;

	while (!rival->stop) {
		rc = drm_import(rival->card, SLOT + i++ % SLOTS, &handle);
		slot_tell(rival, rc);
		if (!rc)
			slot_tell(rival, drm_handle_close(rival->card, handle));
		rival->done++;
	}
	return NULL;
}

/* The same with all that can be done: three threads, and one that ends the buffers. */
TEST_F_TIMEOUT(bug_race, racing_create_attach_detach_free, 120)
{
	static void *(*const bodies[])(void *) = { slots_attach, slots_map, slots_import };
	int card = drm_card_open(DRM_VGEM), count = card < 0 ? 2 : 3, i, fd;
	struct rival rivals[3] = {};

	for (i = 0; i < SLOTS; i++) {
		fd = must_open(heap_create(self->heap.fd, HEAP_PAGE));
		ASSERT_EQ(SLOT + i, dup3(fd, SLOT + i, O_CLOEXEC));
		close(fd);
	}
	for (i = 0; i < count; i++) {
		rivals[i].heap = self->heap.fd;
		rivals[i].card = card;
		must_pass(rival_start(&rivals[i], bodies[i]));
	}
	for (i = 0; i < ROUNDS || !(rivals[0].done && rivals[1].done); i++) {
		fd = must_open(heap_create(self->heap.fd, HEAP_PAGE));
		/* With this, the buffer that was there ends unless a thread holds it. */
		ASSERT_EQ(SLOT + i % SLOTS, dup3(fd, SLOT + i % SLOTS, O_CLOEXEC));
		close(fd);
	}
	for (i = 0; i < count; i++) {
		rival_stop(&rivals[i]);
		EXPECT_EQ(0, atomic_load(&rivals[i].wrong));
	}
	for (i = 0; i < SLOTS; i++)
		close(SLOT + i);
	if (card >= 0)
		close(card);
}

/* Frees a buffer by its last fd. */
static void *close_on_go(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop) {
		if (!atomic_exchange(&rival->go, false))
			continue;
		close(rival->buffer);
		rival->done++;
	}
	return NULL;
}

/* vgem, CVE-2022-1419: found by its number, though it was about to end. */
TEST_F_TIMEOUT(bug_race, racing_lookup_and_free, 120)
{
	struct rival rival = { .heap = self->heap.fd };
	struct dmabuf_heap_buffer_record record;
	int i, rc;
	__u64 id;

	must_pass(rival_start(&rival, close_on_go));
	for (i = 0; i < ROUNDS; i++) {
		rival.buffer = must_open(heap_create_id(self->heap.fd, HEAP_PAGE, &id));
		rival.go = true;
		do {
			rc = heap_query_id(self->heap.fd, id, &record);
			if (!rc)
				ASSERT_EQ(id, record.id);
		} while (!rc);
		ASSERT_EQ(-ENOENT, rc);
		while (rival.done == i)
			;
	}
	rival_stop(&rival);
}

TEST_HARNESS_MAIN
