// SPDX-License-Identifier: GPL-2.0
/*
 * Whether kernel memory grows with use: journeys (see journey.h) in batches, and
 * after each batch a look at everything the kernel holds (see gauge.h). A leak
 * grows by one or more with every journey, whatever else goes on; caches and lists
 * that come and go do not. Counts are objects or pages.
 *
 * SLOPE_JOURNEYS in the environment is how many make a batch.
 */
#include "kselftest_harness.h"
#include <stdlib.h>

#include "gauge.h"
#include "heap.h"
#include "journey.h"

#define JOURNEYS	6	/* in a batch */
#define JOURNEYS_SLOW	4	/* where the kernel checks itself at every step */
#define BATCHES		4
#define TRIES		4	/* what is no leak doesn't grow each time */

FIXTURE(slope) {
	struct heap_state heap;
	struct journey journey;
	int journeys;
	struct gauge_files files;
	struct gauges after[BATCHES + 1];	/* each batch */
	struct gauges suspects;			/* what has grown in each try so far */
};

static int journeys_per_batch(void)
{
	const char *wish = getenv("SLOPE_JOURNEYS");

	if (wish)
		return atoi(wish);
	return heap_kernel_checks() ? JOURNEYS_SLOW : JOURNEYS;
}

FIXTURE_SETUP(slope)
{
	heap_setup(&self->heap);
	if (access("/proc/slabinfo", R_OK))
		heap_skip("no /proc/slabinfo: not root, or a kernel without SLUB_DEBUG");
	self->journeys = journeys_per_batch();
	must_pass(gauges_open(&self->files));
	must_pass(journey_init(&self->journey, self->heap.fd));
	if (!self->journey.importers)
		heap_skip("no importer: load vgem, vivid or cirrus");
}

FIXTURE_TEARDOWN(slope)
{
	gauges_close(&self->files);
	journey_free(&self->journey);
	heap_teardown(&self->heap);
}

/* The middle one of the growths from batch to batch. */
static long growth_median(const struct gauges *all, const char *name)
{
	long growth[BATCHES], swap;
	int i, j;

	for (i = 0; i < BATCHES; i++) {
		growth[i] = gauges_value(&all[i + 1], name) - gauges_value(&all[i], name);
		for (j = i; j > 0 && growth[j - 1] > growth[j]; j--) {
			swap = growth[j];
			growth[j] = growth[j - 1];
			growth[j - 1] = swap;
		}
	}
	/* Of an even number the lower: rather once more than a false alarm. */
	return growth[(BATCHES - 1) / 2];
}

/*
 * Growth that half the journeys of a batch would explain, in most batches and over
 * all of them. What only goes up and down fails the second.
 */
static bool gauge_grows(const struct gauges *all, const char *name, int journeys)
{
	long whole = gauges_value(&all[BATCHES], name) - gauges_value(&all[0], name);

	return 2 * growth_median(all, name) >= journeys && 2 * whole >= (long)BATCHES * journeys;
}

/* Says how a gauge has grown. */
static void growth_print(const struct gauges *all, const char *name)
{
	int i;

	printf("# grows: %s:", name);
	for (i = 0; i <= BATCHES; i++)
		printf(" %ld", gauges_value(&all[i], name));
	printf("\n");
	fflush(stdout);
}

/* Of the suspects keeps those that grow. */
static void suspects_sift(struct gauges *suspects, const struct gauges *all, int journeys)
{
	int i, kept = 0;

	for (i = 0; i < suspects->count; i++) {
		if (!gauge_grows(all, suspects->gauge[i].name, journeys))
			continue;
		growth_print(all, suspects->gauge[i].name);
		suspects->gauge[kept++] = suspects->gauge[i];
	}
	suspects->count = kept;
}

/* One batch; @gauges is what the kernel holds after it. */
#define batch(gauges) do {							\
	for (int journey = 0; journey < self->journeys; journey++)		\
		ASSERT_EQ(0, journey_make(&self->journey))			\
			TH_LOG("stage %s", self->journey.stage);		\
	/* Exact, and the last of the imports are gone. */			\
	ASSERT_EQ(0, heap_counters_wait(&before));				\
	ASSERT_EQ(fds, heap_fd_count());					\
	must_pass(gauges_settle(&self->files));						\
	must_pass(gauges_read(&self->files, gauges));						\
} while (0)

TEST_F_TIMEOUT(slope, kernel_memory, 900)
{
	struct heap_counters before = heap_counters_read();
	int fds = heap_fd_count(), i, tries;

	/* Fills caches. */
	batch(&self->after[0]);
	batch(&self->after[BATCHES]);
	self->suspects = self->after[BATCHES];
	for (tries = 0; tries < TRIES && self->suspects.count; tries++) {
		self->after[0] = self->after[BATCHES];
		for (i = 1; i <= BATCHES; i++)
			batch(&self->after[i]);
		suspects_sift(&self->suspects, self->after, self->journeys);
	}
	EXPECT_EQ(0, self->suspects.count)
		TH_LOG("grows in each of %d tries: %s", TRIES, self->suspects.gauge[0].name);
}

TEST_HARNESS_MAIN
