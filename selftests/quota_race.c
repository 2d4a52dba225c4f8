// SPDX-License-Identifier: GPL-2.0
/*
 * Many threads race for the last of what the administrator allows, in a module that
 * lingers between looking whether there is room and taking it.
 */
#include "kselftest_harness.h"
#include <pthread.h>

#include "heap.h"
#include "quotas.h"

#define KNOB	"/sys/module/dmabuf_heap/parameters/linger"
#define LINGER	"200"	/* microseconds */

FIXTURE(quota_race) {
	struct heap_state heap;
	struct quotas quotas;
};

FIXTURE_VARIANT(quota_race) {
	enum quota quota;
};

FIXTURE_VARIANT_ADD(quota_race, user_buffers) { .quota = USER_BUFFERS };
FIXTURE_VARIANT_ADD(quota_race, user_bytes) { .quota = USER_BYTES };
FIXTURE_VARIANT_ADD(quota_race, total_buffers) { .quota = TOTAL_BUFFERS };
FIXTURE_VARIANT_ADD(quota_race, total_bytes) { .quota = TOTAL_BYTES };

FIXTURE_SETUP(quota_race)
{
	heap_setup(&self->heap);
	if (quotas_save(&self->quotas))
		heap_skip("the module's parameters can't be written: be root");
	ASSERT_EQ(0, self->heap.before.buffers);
	if (heap_file_write(KNOB, LINGER))
		heap_skip("the module has no knobs: build it with KNOBS=y");
}

FIXTURE_TEARDOWN(quota_race)
{
	EXPECT_EQ(0, heap_file_write(KNOB, "0"));
	EXPECT_EQ(0, quotas_restore(&self->quotas));
	heap_teardown(&self->heap);
}

#define THREADS		4
#define ROUNDS		40
#define PLACES		7	/* what they race for: no multiple of them */

struct rival {
	pthread_t thread;
	int heap;
	enum quota quota;
	pthread_barrier_t *barrier;
	int *sums;		/* of all rivals, by round */
	int error;		/* the one that ended a round, if it wasn't EDQUOT */
};

/* Takes what it can get until there is no more, while all others do. */
static void *rival_run(void *arg)
{
	struct rival *rival = arg;
	int buffers[PLACES + 1], round, count, buffer;

	for (round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(rival->barrier);
		for (count = 0; count <= PLACES; count++) {
			buffer = quota_take(rival->heap, rival->quota);
			if (buffer < 0)
				break;
			buffers[count] = buffer;
		}
		if (buffer != -EDQUOT)
			rival->error = buffer < 0 ? buffer : -E2BIG;
		__atomic_fetch_add(&rival->sums[round], count, __ATOMIC_SEQ_CST);
		pthread_barrier_wait(rival->barrier);
		while (count)
			close(buffers[--count]);
	}
	return NULL;
}

/* Never over the limit, and never refused below it. */
TEST_F(quota_race, for_the_last)
{
	struct rival rivals[THREADS];
	pthread_barrier_t barrier;
	int sums[ROUNDS] = {}, i;

	must_pass(quota_set(variant->quota, PLACES * quota_unit(variant->quota)));
	ASSERT_EQ(0, pthread_barrier_init(&barrier, NULL, THREADS));
	for (i = 0; i < THREADS; i++) {
		rivals[i] = (struct rival) {
			.heap = self->heap.fd,
			.quota = variant->quota,
			.barrier = &barrier,
			.sums = sums,
		};
		ASSERT_EQ(0, pthread_create(&rivals[i].thread, NULL, rival_run, &rivals[i]));
	}
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(rivals[i].thread, NULL));
		EXPECT_EQ(0, rivals[i].error);
	}
	for (i = 0; i < ROUNDS; i++)
		EXPECT_EQ(PLACES, sums[i]);
}

TEST_HARNESS_MAIN
