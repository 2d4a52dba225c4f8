// SPDX-License-Identifier: GPL-2.0
/*
 * The creator's memory cgroup has less than its buffers need, and processes of
 * another group are the first to map them, all at once: some get memory and some
 * ENOMEM, the creator pays and never more than its limit, and nobody is killed.
 * Amounts are bytes. One mapper alone is charge.c's.
 */
#include "kselftest_harness.h"
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "device.h"
#include "drm.h"
#include "heap.h"
#include "load.h"

#define CREATOR		"load-creator"
#define MAPPER		"load-mapper"
#define BUFFERS		8
#define MAPPERS		4
#define LENGTH		(4 * HEAP_MIB)
#define FIT		5		/* of the buffers, and a bit */
#define LIMIT		(FIT * LENGTH + LENGTH / 2)
#define SLACK		(2 * HEAP_MIB)	/* what the kernel hasn't told yet */
#define SECONDS		4

/* Told by the mappers. */
struct tally {
	atomic_ulong mapped;
	atomic_ulong refused;
	atomic_int odd;		/* any other error */
};

FIXTURE(load_charge) {
	struct heap_state heap;
	struct tally *tally;
	int card;
	int buffers[BUFFERS];
	pid_t sleeper;		/* in the creator's group */
};

static pid_t sleeper_start(void)
{
	pid_t child = fork();

	if (!child) {
		if (cgroup_enter(CREATOR))
			_exit(1);
		for (;;)
			pause();
	}
	return child;
}

FIXTURE_SETUP(load_charge)
{
	heap_setup(&self->heap);
	self->card = must_have(drm_card_open(DRM_VGEM), "vgem");
	if (cgroup_create(CREATOR))
		heap_skip("no memory cgroups");
	must_pass(cgroup_create(MAPPER));
	self->tally = load_shared(sizeof(*self->tally));
	ASSERT_NE(NULL, self->tally);
	self->sleeper = sleeper_start();
	ASSERT_LT(0, self->sleeper);
}

FIXTURE_TEARDOWN(load_charge)
{
	EXPECT_EQ(0, waitpid(self->sleeper, NULL, WNOHANG));
	EXPECT_EQ(0, cgroup_killed(CREATOR));
	EXPECT_EQ(0, cgroup_killed(MAPPER));
	kill(self->sleeper, SIGKILL);
	waitpid(self->sleeper, NULL, 0);
	munmap(self->tally, sizeof(*self->tally));
	close(self->card);
	EXPECT_EQ(0, cgroup_remove(MAPPER));
	EXPECT_EQ(0, cgroup_remove(CREATOR));
	heap_teardown(&self->heap);
}

static int buffers_create(int heap, int *buffers)
{
	int i, rc = cgroup_enter(CREATOR);

	for (i = 0; i < BUFFERS; i++)
		buffers[i] = heap_create(heap, LENGTH);
	for (i = 0; i < BUFFERS && !rc; i++)
		rc = buffers[i] < 0 ? buffers[i] : 0;
	return cgroup_enter(NULL) ?: rc;
}

/* One first map, in one of the ways. */
static int map_once(int heap, int card, int buffer, __u32 way)
{
	__u32 handle;
	void *map;
	int rc;

	switch (way % 3) {
	case 0:
		return heap_commit(heap, buffer);
	case 1:
		map = heap_mmap(buffer, LENGTH);
		if (!map)
			return -errno;
		memset(map, 1, LENGTH);
		return munmap(map, LENGTH);
	default:
		rc = drm_import(card, buffer, &handle);
		return rc ? rc : drm_handle_close(card, handle);
	}
}

/* All buffers, beginning with another one for each mapper, and each twice. */
static int mapper_run(struct tally *tally, int heap, const int *buffers, int number)
{
	int card = drm_card_open(DRM_VGEM), i, rc;

	rc = cgroup_enter(MAPPER);
	for (i = 0; i < 2 * BUFFERS && !rc; i++) {
		int one = map_once(heap, card, buffers[(i + 3 * number) % BUFFERS], i + number);

		if (!one)
			tally->mapped++;
		else if (one == -ENOMEM)
			tally->refused++;
		else
			tally->odd = one;
	}
	return rc;
}

static int mappers_run(struct tally *tally, int heap, const int *buffers)
{
	pid_t mappers[MAPPERS];
	int i, status, bad = 0;

	for (i = 0; i < MAPPERS; i++) {
		mappers[i] = fork();
		if (!mappers[i])
			_exit(mapper_run(tally, heap, buffers, i) != 0);
	}
	for (i = 0; i < MAPPERS; i++)
		bad |= mappers[i] < 0 || waitpid(mappers[i], &status, 0) != mappers[i] || status;
	return bad ? -EPROTO : 0;
}

TEST_F_TIMEOUT(load_charge, many_mappers, 86400)
{
	__u64 end = heap_now() + load_time(SECONDS), rounds = 0, before, held;
	struct heap_counters now;
	int i;

	do {
		must_pass(buffers_create(self->heap.fd, self->buffers));
		before = heap_counters_read().pages * HEAP_PAGE;
		must_pass(cgroup_limit(CREATOR, LIMIT));
		must_pass(mappers_run(self->tally, self->heap.fd, self->buffers));
		ASSERT_EQ(0, atomic_load(&self->tally->odd));

		/* Some, and not one more than may be. */
		now = heap_counters_read();
		held = now.pages * HEAP_PAGE - before;
		ASSERT_LE(LENGTH, held);
		ASSERT_GE(LIMIT, held);
		ASSERT_EQ(now.backed - self->heap.before.backed, held / LENGTH);
		ASSERT_GE(cgroup_charged(CREATOR) + SLACK, held);
		ASSERT_GT(LENGTH, cgroup_charged(MAPPER));

		/* The others are unharmed. */
		must_pass(cgroup_limit(CREATOR, -1ULL));
		for (i = 0; i < BUFFERS; i++) {
			must_pass(heap_commit(self->heap.fd, self->buffers[i]));
			close(self->buffers[i]);
		}
		must_pass(heap_counters_wait(&self->heap.before));
		rounds++;
	} while (heap_now() < end);
	EXPECT_LT(0, atomic_load(&self->tally->mapped));
	EXPECT_LT(0, atomic_load(&self->tally->refused));
	printf("# %llu rounds: %lu maps, %lu refused\n", rounds, self->tally->mapped,
	       self->tally->refused);
	fflush(stdout);
}

TEST_HARNESS_MAIN
