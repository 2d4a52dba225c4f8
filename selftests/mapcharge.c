// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping a buffer that has memory takes some more, for each device's scatter-
 * gather table and for the kernel's own page list, at the creator's cost. When
 * the creator's memory cgroup is at its limit that fails with ENOMEM, and no
 * process is killed: least of all one of that group that has no part in it. Sizes
 * are bytes.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "cgroup.h"
#include "heap.h"
#include "device.h"
#include "drm.h"

#define GROUP	"mapcharge"
#define LENGTH	(16 * HEAP_MIB)
#define CARDS	128
#define ROOM	(256 * HEAP_KIB)	/* what is left when the test begins */

FIXTURE(mapcharge) {
	struct heap_state state;
	int buffer;
	pid_t bystander;
	struct dmabuf_heap_buffer_record record;
};

/* A process that is in the group, and does nothing. */
static pid_t bystander_start(void)
{
	pid_t child = fork();

	if (!child) {
		if (cgroup_enter(GROUP))
			_exit(1);
		for (;;)
			pause();
	}
	return child;
}

FIXTURE_SETUP(mapcharge)
{
	heap_setup(&self->state);
	if (cgroup_create(GROUP))
		heap_skip("no memory cgroups");
	self->bystander = bystander_start();
	ASSERT_LT(0, self->bystander);
	must_pass(cgroup_enter(GROUP));
	self->buffer = must_open(heap_create(self->state.fd, LENGTH));
	must_pass(cgroup_enter(NULL));
	must_pass(heap_commit(self->state.fd, self->buffer));
}

FIXTURE_TEARDOWN(mapcharge)
{
	EXPECT_EQ(0, waitpid(self->bystander, NULL, WNOHANG));
	EXPECT_EQ(0, cgroup_killed(GROUP));
	kill(self->bystander, SIGKILL);
	waitpid(self->bystander, NULL, 0);
	close(self->buffer);
	EXPECT_EQ(0, cgroup_remove(GROUP));
	heap_teardown(&self->state);
}

#define limit_group() must_pass(cgroup_limit(GROUP, cgroup_charged(GROUP) + ROOM))

TEST_F(mapcharge, device_tables)
{
	int cards[CARDS], count = 0, rc = 0;
	__u32 handle;

	if (!drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	/* The checker can't count more than seven maps of a page, and says so. */
	heap_expect_dma_splat("overlapping mappings");
	limit_group();
	while (count < CARDS && !rc) {
		cards[count] = must_have(drm_card_open(DRM_VGEM), "vgem");
		rc = drm_import(cards[count++], self->buffer, &handle);
	}
	EXPECT_EQ(-ENOMEM, rc);
	/* All before are as they were, and of the last there is no trace. */
	must_pass(heap_query(self->state.fd, self->buffer, &self->record));
	EXPECT_EQ(count - 1, (int)self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(count - 1, (int)self->record.attachments);
	EXPECT_EQ(0, self->record.conflict.error);

	/* With memory, it works. */
	must_pass(cgroup_limit(GROUP, -1ULL));
	EXPECT_EQ(0, drm_import(cards[count - 1], self->buffer, &handle));
	while (count--)
		close(cards[count]);
}

/* Once mapped, a CPU needs nothing more of the group. */
TEST_F(mapcharge, cpu_faults)
{
	char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	limit_group();
	memset(map, 1, LENGTH);
	munmap(map, LENGTH);
}

TEST_HARNESS_MAIN
