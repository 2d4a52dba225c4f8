// SPDX-License-Identifier: GPL-2.0
/*
 * The administrator's limits: each is exact, says EDQUOT and harms nothing, gives
 * back what was released, works from the moment it is written, and lowering it
 * takes nothing away. Amounts are bytes, but for buffers, which are counted.
 */
#include "kselftest_harness.h"
#include <string.h>
#include <sys/mman.h>

#include "cgroup.h"
#include "heap.h"
#include "quotas.h"

#define PAYER	"heap-payer"

FIXTURE(quota) {
	struct heap_state heap;
	struct quotas quotas;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(quota)
{
	heap_setup(&self->heap);
	if (quotas_save(&self->quotas))
		heap_skip("the module's parameters can't be written: be root");
	/* Else others' buffers would count too. */
	ASSERT_EQ(0, self->heap.before.buffers);
}

FIXTURE_TEARDOWN(quota)
{
	EXPECT_EQ(0, quotas_restore(&self->quotas));
	heap_teardown(&self->heap);
}

FIXTURE_VARIANT(quota) {
	enum quota quota;
};

FIXTURE_VARIANT_ADD(quota, user_buffers) { .quota = USER_BUFFERS };
FIXTURE_VARIANT_ADD(quota, user_bytes) { .quota = USER_BYTES };
FIXTURE_VARIANT_ADD(quota, user_scarce) { .quota = USER_SCARCE };
FIXTURE_VARIANT_ADD(quota, total_buffers) { .quota = TOTAL_BUFFERS };
FIXTURE_VARIANT_ADD(quota, total_bytes) { .quota = TOTAL_BYTES };
FIXTURE_VARIANT_ADD(quota, total_scarce) { .quota = TOTAL_SCARCE };

#define need_memory(quota) do {						\
	if (((quota) == USER_SCARCE || (quota) == TOTAL_SCARCE) &&	\
	    !quota_low_is_scarce())					\
		heap_skip("no memory above 4 GiB: boot with more");	\
} while (0)

#define take() quota_take(self->heap.fd, variant->quota)
#define set_limit(units) quota_set(variant->quota, (units) * quota_unit(variant->quota))

TEST_F(quota, exact)
{
	struct heap_counters full;
	int buffers[3], i;

	need_memory(variant->quota);
	must_pass(set_limit(3));
	for (i = 0; i < 3; i++)
		buffers[i] = must_open(take());
	full = heap_counters_read();
	must_fail(EDQUOT, take());
	must_fail(EDQUOT, take());
	EXPECT_EQ(0, heap_counters_wait(&full));
	EXPECT_EQ(full.allocations, heap_counters_read().allocations);

	close(buffers[1]);
	buffers[1] = must_open(take());
	must_fail(EDQUOT, take());
	for (i = 0; i < 3; i++)
		close(buffers[i]);
}

TEST_F(quota, one_too_few)
{
	int buffer;

	need_memory(variant->quota);
	must_pass(quota_set(variant->quota, 2 * quota_unit(variant->quota) - 1));
	buffer = must_open(take());
	must_fail(EDQUOT, take());
	must_pass(set_limit(2));
	close(must_open(take()));
	close(buffer);
}

TEST_F(quota, none)
{
	need_memory(variant->quota);
	must_pass(quota_set(variant->quota, 0));
	must_fail(EDQUOT, take());
	must_pass(quota_set(variant->quota, QUOTA_MAX));
	close(must_open(take()));
}

TEST_F(quota, raised_and_lowered)
{
	int buffers[4], i;
	char *map;

	need_memory(variant->quota);
	must_pass(set_limit(3));
	for (i = 0; i < 3; i++)
		buffers[i] = must_open(take());
	map = heap_mmap(buffers[0], HEAP_PAGE);
	ASSERT_NE(NULL, map);
	memset(map, 'a', HEAP_PAGE);
	must_fail(EDQUOT, take());
	must_pass(set_limit(4));
	buffers[3] = must_open(take());

	must_pass(set_limit(1));
	must_fail(EDQUOT, take());
	for (i = 0; i < 4; i++) {
		must_pass(heap_query(self->heap.fd, buffers[i], &self->record));
		must_pass(heap_commit(self->heap.fd, buffers[i]));
	}
	EXPECT_EQ('a', map[HEAP_PAGE - 1]);
	munmap(map, HEAP_PAGE);
	for (i = 3; i > 0; i--) {
		close(buffers[i]);
		must_fail(EDQUOT, take());
	}
	close(buffers[0]);
	close(must_open(take()));
}

/* A limit of one kind is no limit of another. */
TEST_F(quota, only_its_own)
{
	enum quota quota;
	int buffer, error;

	need_memory(USER_SCARCE);
	must_pass(quota_set(variant->quota, 0));
	for (quota = 0; quota < QUOTAS; quota++) {
		buffer = quota_take(self->heap.fd, quota);
		/* What is scarce counts as bytes, and nothing is there without a buffer. */
		error = quota % TOTAL_BUFFERS >= variant->quota % TOTAL_BUFFERS ? -EDQUOT : 0;
		ASSERT_EQ(error, buffer < 0 ? buffer : close(buffer));
	}
}

TEST_F(quota, malformed)
{
	static const char * const texts[] = {
		"\n", "-1", "+-1", "1x", "1 2", "0x", "1.5", "1K", "ma", "maximum", "none",
		"18446744073709551616",
	};
	unsigned int i;

	must_pass(set_limit(5));
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		bool refused = quota_write(variant->quota, texts[i]) < 0;

		EXPECT_TRUE(refused)
			TH_LOG("\"%s\" is taken", texts[i]);
		EXPECT_EQ(5 * quota_unit(variant->quota), quota_get(variant->quota));
	}
	must_pass(quota_write(variant->quota, "0x100000\n"));
	EXPECT_EQ(0x100000, quota_get(variant->quota));
	must_pass(quota_write(variant->quota, "max\n"));
	EXPECT_EQ(QUOTA_MAX, quota_get(variant->quota));
}

/* Memory and its limits, whatever the parameter. */
FIXTURE(memory) {
	struct heap_state heap;
	struct quotas quotas;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(memory)
{
	heap_setup(&self->heap);
	if (quotas_save(&self->quotas))
		heap_skip("the module's parameters can't be written: be root");
	ASSERT_EQ(0, self->heap.before.buffers);
}

FIXTURE_TEARDOWN(memory)
{
	EXPECT_EQ(0, quotas_restore(&self->quotas));
	heap_teardown(&self->heap);
}

#define LENGTH	(16 * HEAP_MIB)

/* Each way of a first map says so, and the buffer is as good as new. */
TEST_F(memory, refused_and_unharmed)
{
	int buffer = must_open(heap_create(self->heap.fd, LENGTH));
	struct heap_counters before = heap_counters_read();

	must_pass(quota_set(USER_BYTES, LENGTH - 1));
	must_fail(EDQUOT, heap_commit(self->heap.fd, buffer));
	EXPECT_EQ(NULL, heap_mmap(buffer, LENGTH));
	EXPECT_EQ(EDQUOT, errno);
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(DMABUF_HEAP_FIRST_NONE, self->record.first_map);
	EXPECT_EQ(0, self->record.cpu_maps);
	EXPECT_EQ(0, self->record.conflict.error);
	EXPECT_EQ(0, heap_counters_wait(&before));

	must_pass(quota_set(USER_BYTES, LENGTH));
	must_pass(heap_commit(self->heap.fd, buffer));
	/* Counted once. */
	must_pass(heap_commit(self->heap.fd, buffer));
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
	close(buffer);
}

/* What was charged for memory that then couldn't be had is uncharged. */
TEST_F(memory, not_had)
{
	int buffer;

	if (cgroup_create(PAYER))
		heap_skip("no memory cgroups");
	must_pass(cgroup_limit(PAYER, LENGTH / 2));
	must_pass(cgroup_enter(PAYER));
	buffer = quota_low_buffer(self->heap.fd, LENGTH);
	must_pass(cgroup_enter(NULL));
	ASSERT_LE(0, buffer);
	must_pass(quota_set(USER_BYTES, LENGTH));
	must_pass(quota_set(USER_SCARCE, LENGTH));
	must_pass(quota_set(TOTAL_BYTES, LENGTH));
	must_pass(quota_set(TOTAL_SCARCE, LENGTH));
	must_fail(ENOMEM, heap_commit(self->heap.fd, buffer));
	must_fail(ENOMEM, heap_commit(self->heap.fd, buffer));
	EXPECT_EQ(0, heap_counters_read().scarce_pages);
	must_pass(cgroup_limit(PAYER, -1ULL));
	must_pass(heap_commit(self->heap.fd, buffer));
	close(buffer);
	EXPECT_EQ(0, cgroup_remove(PAYER));
}

TEST_F(memory, scarce_by_default)
{
	__u64 limit = quota_get(USER_SCARCE), low = quota_low_memory(), most;
	int buffers[256], count = 0, buffer, rc = 0;

	/* The kernel frees some of its own after it has counted. */
	EXPECT_LE(low / 4 - low / 100, limit);
	EXPECT_GE(low / 4 + low / 100, limit);
	if (!quota_low_is_scarce())
		heap_skip("no memory above 4 GiB: boot with more");
	most = limit / LENGTH;
	ASSERT_GT(ARRAY_SIZE(buffers), most);
	do {
		buffers[count] = must_open(quota_low_buffer(self->heap.fd, LENGTH));
		rc = heap_commit(self->heap.fd, buffers[count++]);
	} while (!rc);
	EXPECT_EQ(-EDQUOT, rc);
	EXPECT_EQ(most, count - 1ULL);
	EXPECT_EQ(most * LENGTH / HEAP_PAGE, heap_counters_read().scarce_pages);

	/* There is other memory. */
	buffer = must_open(heap_create(self->heap.fd, LENGTH));
	EXPECT_EQ(0, heap_commit(self->heap.fd, buffer));
	close(buffer);
	while (count)
		close(buffers[--count]);
}

/* An address where this machine has no memory asks for nothing. */
TEST_F(memory, not_scarce)
{
	int buffer = must_open(heap_create(self->heap.fd, LENGTH));

	must_pass(quota_set(USER_SCARCE, 0));
	must_pass(heap_require_limit(self->heap.fd, buffer, DMABUF_HEAP_LIMIT_MAX_ADDR,
				     (1ULL << 52) - 1, NULL, NULL));
	must_pass(heap_commit(self->heap.fd, buffer));
	EXPECT_EQ(0, heap_counters_read().scarce_pages);
	close(buffer);
	if (quota_low_is_scarce())
		return;
	buffer = must_open(quota_low_buffer(self->heap.fd, LENGTH));
	must_pass(heap_commit(self->heap.fd, buffer));
	close(buffer);
}

TEST_HARNESS_MAIN
