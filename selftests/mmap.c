// SPDX-License-Identifier: GPL-2.0
/*
 * What mmap() of a buffer allows, and how areas of a process that map it are
 * counted. Lengths and offsets are bytes; an area is one line of /proc/PID/maps.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"

#define PAGES	8
#define LENGTH	(PAGES * HEAP_PAGE)

FIXTURE(mmap) {
	struct heap_state state;
	int buffer;
	int readonly;		/* another buffer */
	struct dmabuf_heap_buffer_record record;
};

static int create_readonly(int heap)
{
	struct dmabuf_heap_create create = {
		.size = sizeof(create),
		.length = LENGTH,
		.fd_flags = O_RDONLY | O_CLOEXEC,
	};
	int rc = heap_ioctl(heap, DMABUF_HEAP_IOC_CREATE, &create);

	return rc ? rc : create.out_fd;
}

FIXTURE_SETUP(mmap)
{
	heap_setup(&self->state);
	self->buffer = must_open(heap_create(self->state.fd, LENGTH));
	self->readonly = must_open(create_readonly(self->state.fd));
}

FIXTURE_TEARDOWN(mmap)
{
	close(self->buffer);
	close(self->readonly);
	heap_teardown(&self->state);
}

/* 0 or -errno; what was mapped is unmapped at once. */
static int try_mmap(int fd, __u64 length, int prot, int flags, __u64 offset)
{
	void *map = mmap(NULL, length, prot, flags, fd, offset);

	if (map == MAP_FAILED)
		return -errno;
	munmap(map, length);
	return 0;
}

#define cpu_maps() ({							\
	must_pass(heap_query(self->state.fd, self->buffer, &self->record)); \
	self->record.cpu_maps;						\
})

/* Each page begins with its own number. */
static void number_pages(char *map)
{
	__u64 page;

	for (page = 0; page < PAGES; page++)
		memcpy(map + page * HEAP_PAGE, &page, sizeof(page));
}

static __u64 page_number(const char *map)
{
	__u64 number;

	memcpy(&number, map, sizeof(number));
	return number;
}

TEST_F(mmap, private_is_refused)
{
	EXPECT_EQ(-EINVAL, try_mmap(self->buffer, LENGTH, PROT_READ, MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, try_mmap(self->buffer, LENGTH, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, try_mmap(self->readonly, LENGTH, PROT_READ, MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, try_mmap(self->readonly, LENGTH, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE, 0));
	EXPECT_EQ(0, cpu_maps());
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
}

TEST_F(mmap, readonly_stays_readonly)
{
	char *map;

	EXPECT_EQ(-EACCES, try_mmap(self->readonly, LENGTH, PROT_WRITE, MAP_SHARED, 0));
	EXPECT_EQ(-EACCES, try_mmap(self->readonly, LENGTH, PROT_READ | PROT_WRITE,
				    MAP_SHARED, 0));
	map = mmap(NULL, LENGTH, PROT_READ, MAP_SHARED, self->readonly, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, page_number(map));
	EXPECT_EQ(-1, mprotect(map, LENGTH, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(map + HEAP_PAGE, HEAP_PAGE, PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	munmap(map, LENGTH);
}

/* The rule is the fd's, so a read-only area of a writable fd can be upgraded. */
TEST_F(mmap, writable_can_be_upgraded)
{
	char *map = mmap(NULL, LENGTH, PROT_READ, MAP_SHARED, self->buffer, 0);

	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, page_number(map));
	ASSERT_EQ(0, mprotect(map, LENGTH, PROT_READ | PROT_WRITE));
	number_pages(map);
	EXPECT_EQ(PAGES - 1ULL, page_number(map + LENGTH - HEAP_PAGE));
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

/* From each page on: just to the end is fine, one page more is not. */
TEST_F(mmap, bounds)
{
	char *whole = heap_mmap(self->buffer, LENGTH);
	__u64 page, rest;
	char *map;

	ASSERT_NE(NULL, whole);
	number_pages(whole);
	for (page = 0; page < PAGES; page++) {
		rest = LENGTH - page * HEAP_PAGE;
		EXPECT_EQ(-EINVAL, try_mmap(self->buffer, rest + 1, PROT_READ, MAP_SHARED,
					    page * HEAP_PAGE));
		EXPECT_EQ(-EINVAL, try_mmap(self->buffer, rest + HEAP_PAGE, PROT_READ,
					    MAP_SHARED, page * HEAP_PAGE));
		map = mmap(NULL, rest, PROT_READ, MAP_SHARED, self->buffer,
			   page * HEAP_PAGE);
		ASSERT_NE(MAP_FAILED, map);
		EXPECT_EQ(page, page_number(map));
		EXPECT_EQ(PAGES - 1ULL, page_number(map + rest - HEAP_PAGE));
		munmap(map, rest);
	}
	EXPECT_EQ(-EINVAL, try_mmap(self->buffer, HEAP_PAGE, PROT_READ, MAP_SHARED, LENGTH));
	EXPECT_EQ(-EINVAL, try_mmap(self->buffer, HEAP_PAGE, PROT_READ, MAP_SHARED,
				    1ULL << 40));
	munmap(whole, LENGTH);
}

/* The highest offsets that a file can have wrap around in careless sums. */
TEST_F(mmap, offset_overflow)
{
	__u64 last = ~0ULL & ~(HEAP_PAGE - 1);

	EXPECT_GT(0, try_mmap(self->buffer, HEAP_PAGE, PROT_READ, MAP_SHARED, last));
	EXPECT_GT(0, try_mmap(self->buffer, LENGTH, PROT_READ, MAP_SHARED, last));
	EXPECT_GT(0, try_mmap(self->buffer, 2 * LENGTH, PROT_READ, MAP_SHARED,
			      last - LENGTH + HEAP_PAGE));
	EXPECT_EQ(0, cpu_maps());
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
}

TEST_F(mmap, never_grows)
{
	char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	EXPECT_EQ(MAP_FAILED, mremap(map, LENGTH, LENGTH + HEAP_PAGE, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	/* Part of it grows no more than the whole. */
	EXPECT_EQ(MAP_FAILED, mremap(map, HEAP_PAGE, 2 * HEAP_PAGE, MREMAP_MAYMOVE));
	EXPECT_EQ(1, cpu_maps());
	/* An old size of 0 asks for a second area. */
	EXPECT_EQ(MAP_FAILED, mremap(map, 0, LENGTH, MREMAP_MAYMOVE));
	EXPECT_EQ(1, cpu_maps());
	munmap(map, LENGTH);
	EXPECT_EQ(0, cpu_maps());
}

TEST_F(mmap, moves_and_shrinks)
{
	char *map = heap_mmap(self->buffer, LENGTH), *to;

	ASSERT_NE(NULL, map);
	number_pages(map);
	to = mmap(NULL, LENGTH, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, to);
	ASSERT_EQ(to, mremap(map, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, to));
	EXPECT_EQ(1, cpu_maps());
	EXPECT_EQ(PAGES - 1ULL, page_number(to + LENGTH - HEAP_PAGE));

	ASSERT_EQ(to, mremap(to, LENGTH, HEAP_PAGE, 0));
	EXPECT_EQ(1, cpu_maps());
	EXPECT_EQ(0, page_number(to));
	munmap(to, HEAP_PAGE);
	EXPECT_EQ(0, cpu_maps());
}

/* Pages can be put in another order, and stay within the buffer. */
TEST_F(mmap, remap_file_pages)
{
	char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	number_pages(map);
	ASSERT_EQ(0, remap_file_pages(map, HEAP_PAGE, 0, PAGES - 1, 0));
	EXPECT_EQ(PAGES - 1ULL, page_number(map));
	EXPECT_EQ(1, page_number(map + HEAP_PAGE));
	EXPECT_EQ(2, cpu_maps());
	/* By then the old page is unmapped. */
	EXPECT_EQ(-1, remap_file_pages(map, HEAP_PAGE, 0, PAGES, 0));
	EXPECT_EQ(1, cpu_maps());
	munmap(map, LENGTH);
	EXPECT_EQ(0, cpu_maps());
}

TEST_F(mmap, split)
{
	char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	number_pages(map);
	must_pass(munmap(map + 2 * HEAP_PAGE, HEAP_PAGE));
	EXPECT_EQ(2, cpu_maps());
	must_pass(mprotect(map + 4 * HEAP_PAGE, HEAP_PAGE, PROT_READ));
	EXPECT_EQ(4, cpu_maps());
	EXPECT_EQ(1, page_number(map + HEAP_PAGE));
	EXPECT_EQ(3, page_number(map + 3 * HEAP_PAGE));
	EXPECT_EQ(4, page_number(map + 4 * HEAP_PAGE));
	must_pass(munmap(map, LENGTH));
	EXPECT_EQ(0, cpu_maps());
}

static int child_writes(void *arg)
{
	char *map = arg;

	memset(map, 0x77, HEAP_PAGE);
	return 0;
}

TEST_F(mmap, fork_shares)
{
	char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	must_pass(heap_child(0, child_writes, map + HEAP_PAGE));
	EXPECT_EQ(0, map[0]);
	EXPECT_EQ(0x77, map[HEAP_PAGE]);
	EXPECT_EQ(0x77, map[2 * HEAP_PAGE - 1]);
	EXPECT_EQ(1, cpu_maps());
	munmap(map, LENGTH);
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

/* Does the area at @map have that two-letter flag in smaps? */
static int smaps_has(const char *map, const char *flag)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	char line[256], start[32];
	int inside = 0, found = 0;

	if (!file)
		return -errno;
	snprintf(start, sizeof(start), "%lx-", (unsigned long)map);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, start, strlen(start)))
			inside = 1;
		if (!inside || strncmp(line, "VmFlags:", 8))
			continue;
		found = !!strstr(line + 8, flag);
		break;
	}
	fclose(file);
	return found;
}

TEST_F(mmap, area_flags)
{
	char *map = mmap(NULL, LENGTH, PROT_READ, MAP_SHARED, self->readonly, 0);

	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(1, smaps_has(map, " de"));	/* never expands */
	EXPECT_EQ(1, smaps_has(map, " dd"));	/* not in core dumps */
	EXPECT_EQ(1, smaps_has(map, " pf"));	/* not the page cache's pages */
	EXPECT_EQ(0, smaps_has(map, " mw"));	/* can't become writable */
	munmap(map, LENGTH);
}

/* Through an importer's own fd there is no way to the buffer. */
TEST_F(mmap, by_importer_is_refused)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u32 handle;
	__u64 offset;

	must_pass(drm_import(vgem, self->buffer, &handle));
	must_fail(EINVAL, drm_handle_map(vgem, handle, &offset));
	EXPECT_EQ(0, cpu_maps());
	close(vgem);
}

TEST_HARNESS_MAIN
