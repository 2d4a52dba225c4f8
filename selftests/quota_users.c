// SPDX-License-Identifier: GPL-2.0
/*
 * Whom the administrator's limits hit: the user who created the buffer, whoever
 * maps it and whoever holds it; no other user, unless the limit is for all; and no
 * user twice, who owns a namespace with more ids. Amounts are bytes, but for
 * buffers, which are counted.
 */
#include "kselftest_harness.h"
#include <stdio.h>
#include <unistd.h>
#include <sys/mman.h>

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "quotas.h"
#include "settler.h"

#define LENGTH	(4 * HEAP_MIB)

FIXTURE(users) {
	struct heap_state heap;
	struct quotas quotas;
};

FIXTURE_SETUP(users)
{
	heap_setup(&self->heap);
	if (quotas_save(&self->quotas))
		heap_skip("the module's parameters can't be written: be root");
	ASSERT_EQ(0, self->heap.before.buffers);
}

FIXTURE_TEARDOWN(users)
{
	EXPECT_EQ(0, quotas_restore(&self->quotas));
	heap_teardown(&self->heap);
}

FIXTURE_VARIANT(users) {
	enum quota quota;
	bool for_all;
};

FIXTURE_VARIANT_ADD(users, user_buffers) { .quota = USER_BUFFERS };
FIXTURE_VARIANT_ADD(users, user_bytes) { .quota = USER_BYTES };
FIXTURE_VARIANT_ADD(users, user_scarce) { .quota = USER_SCARCE };
FIXTURE_VARIANT_ADD(users, total_buffers) { .quota = TOTAL_BUFFERS, .for_all = true };
FIXTURE_VARIANT_ADD(users, total_bytes) { .quota = TOTAL_BYTES, .for_all = true };
FIXTURE_VARIANT_ADD(users, total_scarce) { .quota = TOTAL_SCARCE, .for_all = true };

struct taker {
	int heap;
	enum quota quota;
};

/* How many units there are to be had, or -errno. */
static int take_all(void *arg)
{
	const struct taker *taker = arg;
	int count = 0, buffer;

	do {
		buffer = quota_take(taker->heap, taker->quota);
	} while (buffer >= 0 && ++count < 100);
	return buffer == -EDQUOT ? count : buffer;
}

TEST_F(users, another)
{
	struct taker taker = { self->heap.fd, variant->quota };
	int buffers[2], i;

	if (!quota_low_is_scarce())
		heap_skip("no memory above 4 GiB: boot with more");
	must_pass(quota_set(variant->quota, 3 * quota_unit(variant->quota)));
	for (i = 0; i < 2; i++)
		buffers[i] = must_open(quota_take(self->heap.fd, variant->quota));
	EXPECT_EQ(variant->for_all ? 1 : 3, heap_child(HEAP_NOBODY, take_all, &taker));
	/* It is gone, and so is what it had. */
	EXPECT_EQ(variant->for_all ? 1 : 3, heap_child(HEAP_NOBODY, take_all, &taker));
	EXPECT_EQ(1, heap_child(0, take_all, &taker));
	for (i = 0; i < 2; i++)
		close(buffers[i]);
}

/* Whose it is was settled when it was made. */
TEST_F(users, kept_by_another)
{
	struct taker taker = { self->heap.fd, variant->quota };
	int buffer;

	if (!quota_low_is_scarce())
		heap_skip("no memory above 4 GiB: boot with more");
	must_pass(quota_set(variant->quota, 2 * quota_unit(variant->quota)));
	ASSERT_EQ(0, seteuid(HEAP_NOBODY));
	buffer = quota_take(self->heap.fd, variant->quota);
	ASSERT_EQ(0, seteuid(0));
	ASSERT_LE(0, buffer);
	EXPECT_EQ(variant->for_all ? 1 : 2, heap_child(0, take_all, &taker));
	EXPECT_EQ(1, heap_child(HEAP_NOBODY, take_all, &taker));
	close(buffer);
	EXPECT_EQ(2, heap_child(HEAP_NOBODY, take_all, &taker));
}

FIXTURE(creator) {
	struct heap_state heap;
	struct quotas quotas;
	int vgem;
};

FIXTURE_SETUP(creator)
{
	heap_setup(&self->heap);
	if (quotas_save(&self->quotas))
		heap_skip("the module's parameters can't be written: be root");
	ASSERT_EQ(0, self->heap.before.buffers);
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
}

FIXTURE_TEARDOWN(creator)
{
	close(self->vgem);
	EXPECT_EQ(0, quotas_restore(&self->quotas));
	heap_teardown(&self->heap);
}

struct mapper {
	int heap;
	int card;
	int buffer;
};

static int by_commit(void *arg)
{
	const struct mapper *mapper = arg;

	return heap_commit(mapper->heap, mapper->buffer);
}

static int by_mmap(void *arg)
{
	const struct mapper *mapper = arg;
	void *map = heap_mmap(mapper->buffer, LENGTH);

	if (!map)
		return -errno;
	return munmap(map, LENGTH);
}

static int by_import(void *arg)
{
	const struct mapper *mapper = arg;
	__u32 handle;

	return drm_import(mapper->card, mapper->buffer, &handle) ?:
	       drm_handle_close(mapper->card, handle);
}

FIXTURE_VARIANT(creator) {
	int (*map)(void *mapper);
};

FIXTURE_VARIANT_ADD(creator, commit) { .map = by_commit };
FIXTURE_VARIANT_ADD(creator, mmap) { .map = by_mmap };
FIXTURE_VARIANT_ADD(creator, import) { .map = by_import };

TEST_F(creator, is_hit)
{
	struct taker taker = { self->heap.fd, USER_BYTES };
	struct mapper first = { self->heap.fd, self->vgem, -1 }, second = first;
	struct heap_counters unbacked;

	if (variant->map == by_import && !drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	second.buffer = must_open(heap_create(self->heap.fd, LENGTH));
	unbacked = heap_counters_read();
	first.buffer = must_open(heap_create(self->heap.fd, LENGTH));
	must_pass(quota_set(USER_BYTES, LENGTH));
	must_pass(heap_child(HEAP_NOBODY, variant->map, &first));
	must_fail(EDQUOT, heap_child(HEAP_NOBODY, variant->map, &second));
	/* The mapper has all of its own left. */
	EXPECT_EQ(LENGTH / quota_unit(USER_BYTES), heap_child(HEAP_NOBODY, take_all, &taker));
	close(first.buffer);
	must_pass(heap_counters_wait(&unbacked));
	must_pass(heap_child(HEAP_NOBODY, variant->map, &second));
	close(second.buffer);
}

/* What a process does before it enters a namespace: one buffer is taken. */
static int take_one(void *arg)
{
	const struct taker *taker = arg;
	int buffer = quota_take(taker->heap, taker->quota);

	return buffer < 0 ? buffer : 0;
}

FIXTURE(namespace) {
	struct heap_state heap;
	struct quotas quotas;
};

FIXTURE_SETUP(namespace)
{
	heap_setup(&self->heap);
	if (quotas_save(&self->quotas))
		heap_skip("the module's parameters can't be written: be root");
}

FIXTURE_TEARDOWN(namespace)
{
	EXPECT_EQ(0, quotas_restore(&self->quotas));
	heap_teardown(&self->heap);
}

/* More ids are no more buffers. */
TEST_F(namespace, of_a_user)
{
	struct taker taker = { self->heap.fd, USER_BUFFERS };
	const struct settler settler = {
		.owner = HEAP_NOBODY,
		.map = SETTLER_MAP_NOBODY,
		.inside = 1,
		.before = take_one,
		.body = take_all,
		.arg = &taker,
	};
	int count;

	must_pass(quota_set(USER_BUFFERS, 3));
	count = settler_run(&settler);
	if (count == -EOPNOTSUPP)
		heap_skip("users can't make namespaces");
	EXPECT_EQ(2, count);
}

/* Of a container that root has set up: each id is a user. */
TEST_F(namespace, of_root)
{
	struct taker taker = { self->heap.fd, USER_BUFFERS };
	const struct settler settler = {
		.map = SETTLER_MAP_ROOT,
		.inside = 1,
		.before = take_one,
		.body = take_all,
		.arg = &taker,
	};
	int count;

	must_pass(quota_set(USER_BUFFERS, 3));
	count = settler_run(&settler);
	if (count == -EOPNOTSUPP)
		heap_skip("no user namespaces");
	EXPECT_EQ(3, count);
}

TEST_HARNESS_MAIN
