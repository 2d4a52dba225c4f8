// SPDX-License-Identifier: GPL-2.0
/*
 * What mmap() of a buffer does, and how areas of a process that map it are
 * counted; bug_mmap tests what it must not do. Lengths are bytes; an area is one
 * line of /proc/PID/maps.
 */
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "heap.h"

#define PAGES	8
#define LENGTH	(PAGES * HEAP_PAGE)

FIXTURE(mmap) {
	struct heap_state state;
	int buffer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(mmap)
{
	heap_setup(&self->state);
	self->buffer = must_open(heap_create(self->state.fd, LENGTH));
}

FIXTURE_TEARDOWN(mmap)
{
	close(self->buffer);
	heap_teardown(&self->state);
}

#define cpu_maps() ({							\
	must_pass(heap_query(self->state.fd, self->buffer, &self->record)); \
	self->record.cpu_maps;						\
})

/* The rule is the fd's, so a read-only area of a writable fd can be upgraded. */
TEST_F(mmap, writable_can_be_upgraded)
{
	char *map = mmap(NULL, LENGTH, PROT_READ, MAP_SHARED, self->buffer, 0);

	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, map[0]);
	ASSERT_EQ(0, mprotect(map, LENGTH, PROT_READ | PROT_WRITE));
	memset(map, 0x5a, LENGTH);
	EXPECT_EQ(0x5a, map[0]);
	EXPECT_EQ(0x5a, map[LENGTH - 1]);
	munmap(map, LENGTH);
}

TEST_F(mmap, allocates_at_once)
{
	char *map = mmap(NULL, HEAP_PAGE, PROT_NONE, MAP_SHARED, self->buffer, 0);

	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(1, cpu_maps());
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
	EXPECT_EQ(DMABUF_HEAP_FIRST_MMAP, self->record.first_map);
	EXPECT_EQ(self->state.before.pages + PAGES, heap_counters_read().pages);
	munmap(map, HEAP_PAGE);
	EXPECT_EQ(0, cpu_maps());
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
}

struct counting {
	int heap;
	int buffer;
};

static int child_counts(void *arg)
{
	struct counting *counting = arg;
	struct dmabuf_heap_buffer_record record;
	int rc = heap_query(counting->heap, counting->buffer, &record);

	return rc ? rc : (int)record.cpu_maps;
}

TEST_F(mmap, fork_is_counted)
{
	struct counting counting = { self->state.fd, self->buffer };
	char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	EXPECT_EQ(2, heap_child(0, child_counts, &counting));
	EXPECT_EQ(1, cpu_maps());
	must_pass(madvise(map, LENGTH, MADV_DONTFORK));
	EXPECT_EQ(1, heap_child(0, child_counts, &counting));
	munmap(map, LENGTH);
}

static int child_leaves_mapped(void *arg)
{
	char *map = heap_mmap(*(int *)arg, LENGTH);

	if (!map)
		return -errno;
	map[0] = 1;
	return 0;
}

TEST_F(mmap, exit_while_mapped)
{
	must_pass(heap_child(0, child_leaves_mapped, &self->buffer));
	EXPECT_EQ(0, cpu_maps());
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
}

TEST_HARNESS_MAIN
