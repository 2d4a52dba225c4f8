// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs that other exporters had with mmap(): a way beyond the end, a way to write
 * where one may only read, an area that was ended twice. One test for each class;
 * the comment above it says who had it. Lengths and offsets are in bytes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <libdrm/drm.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"

#define PAGES	8
#define LENGTH	(PAGES * HEAP_PAGE)

FIXTURE(bug_mmap) {
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

FIXTURE_SETUP(bug_mmap)
{
	heap_setup(&self->state);
	self->buffer = must_open(heap_create(self->state.fd, LENGTH));
	self->readonly = must_open(create_readonly(self->state.fd));
}

FIXTURE_TEARDOWN(bug_mmap)
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

/* A read-only map, from @offset on. NULL with errno set. */
static char *map_to_read(int fd, __u64 length, __u64 offset)
{
	void *map = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, offset);

	return map == MAP_FAILED ? NULL : map;
}

#define query(of)	must_pass(heap_query(self->state.fd, of, &self->record))

#define cpu_maps() ({							\
	query(self->buffer);						\
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

/*
 * udmabuf, CVE-2023-2008: a fault didn't compare the page with the end. From each
 * page on: just to the end is fine, one page more is not.
 */
TEST_F(bug_mmap, mmap_bounds)
{
	char *whole = heap_mmap(self->buffer, LENGTH), *map;
	__u64 page, rest, i;

	ASSERT_NE(NULL, whole);
	number_pages(whole);
	for (page = 0; page < PAGES; page++) {
		rest = LENGTH - page * HEAP_PAGE;
		EXPECT_EQ(-EINVAL, try_mmap(self->buffer, rest + 1, PROT_READ, MAP_SHARED,
					    page * HEAP_PAGE));
		EXPECT_EQ(-EINVAL, try_mmap(self->buffer, rest + HEAP_PAGE, PROT_READ,
					    MAP_SHARED, page * HEAP_PAGE));
		map = map_to_read(self->buffer, rest, page * HEAP_PAGE);
		ASSERT_NE(NULL, map);
		for (i = page; i < PAGES; i++)
			EXPECT_EQ(i, page_number(map + (i - page) * HEAP_PAGE));
		munmap(map, rest);
	}
	EXPECT_EQ(-EINVAL, try_mmap(self->buffer, HEAP_PAGE, PROT_READ, MAP_SHARED, LENGTH));
	EXPECT_EQ(-EINVAL, try_mmap(self->buffer, HEAP_PAGE, PROT_READ, MAP_SHARED,
				    1ULL << 40));
	munmap(whole, LENGTH);
}

/* The same bug: the highest offsets that a file can have wrap in careless sums. */
TEST_F(bug_mmap, mmap_offset_overflow)
{
	__u64 last = ~0ULL & ~(HEAP_PAGE - 1);

	EXPECT_GT(0, try_mmap(self->buffer, HEAP_PAGE, PROT_READ, MAP_SHARED, last));
	EXPECT_GT(0, try_mmap(self->buffer, LENGTH, PROT_READ, MAP_SHARED, last));
	EXPECT_GT(0, try_mmap(self->buffer, 2 * LENGTH, PROT_READ, MAP_SHARED,
			      last - LENGTH + HEAP_PAGE));
	EXPECT_EQ(0, cpu_maps());
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
}

/* The same: a page is put elsewhere in the area, but none from beyond the end. */
TEST_F(bug_mmap, remap_file_pages_bounds)
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

/* CMA heap, CVE-2024-46852: an area could grow, and then fault beyond the end. */
TEST_F(bug_mmap, mremap_grow)
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

#define check_area_flags(map) do {					\
	EXPECT_EQ(1, smaps_has(map, " de"));	/* never expands */	\
	EXPECT_EQ(1, smaps_has(map, " dd"));	/* not in core dumps */	\
	EXPECT_EQ(1, smaps_has(map, " pf"));	/* not the page cache's */ \
} while (0)

/* The same bug, and the next: the flags that the kernel goes by. */
TEST_F(bug_mmap, dontexpand_dontdump)
{
	char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	check_area_flags(map);
	munmap(map, LENGTH);
}

/* A GEM handle's dma-buf: the one that it was imported from. An fd. */
static int handle_export(int card, __u32 handle)
{
	struct drm_prime_handle prime = {
		.handle = handle,
		.flags = DRM_CLOEXEC | DRM_RDWR,
	};

	return ioctl(card, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime) ? -errno : prime.fd;
}

/*
 * vb2-dma-sg, CVE-2026-46312: an area without these flags, made by way of DRM. Ours
 * has none of an importer's making, and the handle's dma-buf is our own again.
 */
#define check_through_importer(card) do {				\
	__u32 handle;							\
	__u64 offset;							\
	char *map;							\
	int fd;								\
									\
	must_pass(drm_import(card, self->buffer, &handle));		\
	must_fail(EINVAL, drm_handle_map(card, handle, &offset));	\
	EXPECT_EQ(0, cpu_maps());					\
	fd = must_open(handle_export(card, handle));			\
	EXPECT_EQ(self->record.id, heap_fdinfo_number(fd, "ino"));	\
	map = heap_mmap(fd, LENGTH);					\
	ASSERT_NE(NULL, map);						\
	check_area_flags(map);						\
	EXPECT_EQ(1, cpu_maps());					\
	munmap(map, LENGTH);						\
	close(fd);							\
	close(card);							\
} while (0)

TEST_F(bug_mmap, mmap_through_vgem)
{
	int card = must_have(drm_card_open(DRM_VGEM), "vgem");

	check_through_importer(card);
}

TEST_F(bug_mmap, mmap_through_cirrus)
{
	int card = must_have(drm_card_open(DRM_CIRRUS), "cirrus");

	check_through_importer(card);
}

/* 1 byte to memory of this process, as a debugger would: 0 or -errno. */
static int debugger_writes(char *to)
{
	int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	int rc = pwrite(memory, "x", 1, (uintptr_t)to) == 1 ? 0 : -errno;

	close(memory);
	return rc;
}

/* DRM shmem, CVE-2024-39497: pages of a private map were to be copied on a write. */
TEST_F(bug_mmap, cow_mapping)
{
	char *map;

	EXPECT_EQ(-EINVAL, try_mmap(self->buffer, LENGTH, PROT_READ, MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, try_mmap(self->buffer, LENGTH, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, try_mmap(self->readonly, LENGTH, PROT_READ, MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, try_mmap(self->readonly, LENGTH, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE, 0));
	EXPECT_EQ(0, cpu_maps());
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);

	/* A debugger's write forces a copy where it can't write. */
	map = map_to_read(self->readonly, LENGTH, 0);
	ASSERT_NE(NULL, map);
	EXPECT_EQ(0, page_number(map));
	EXPECT_GT(0, debugger_writes(map));
	EXPECT_EQ(0, page_number(map));
	munmap(map, LENGTH);
}

/* udmabuf, 9cb189a88273 and 0a16e24e34f2: who might read could come to write. */
TEST_F(bug_mmap, read_only_to_read_write)
{
	char *map;

	EXPECT_EQ(-EACCES, try_mmap(self->readonly, LENGTH, PROT_WRITE, MAP_SHARED, 0));
	EXPECT_EQ(-EACCES, try_mmap(self->readonly, LENGTH, PROT_READ | PROT_WRITE,
				    MAP_SHARED, 0));
	query(self->readonly);
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	map = map_to_read(self->readonly, LENGTH, 0);
	ASSERT_NE(NULL, map);
	EXPECT_EQ(0, page_number(map));
	EXPECT_EQ(-1, mprotect(map, LENGTH, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(map + HEAP_PAGE, HEAP_PAGE, PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, smaps_has(map, " mw"));	/* can't become writable */
	munmap(map, LENGTH);
}

/* The same, by another fd of the buffer. */
TEST_F(bug_mmap, read_only_to_read_write_by_fd)
{
	int card = must_have(drm_card_open(DRM_VGEM), "vgem"), fd;
	char path[64];
	__u32 handle;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->readonly);
	EXPECT_EQ(-1, open(path, O_RDWR | O_CLOEXEC));
	EXPECT_EQ(0, fcntl(self->readonly, F_SETFL, O_RDWR));
	EXPECT_EQ(-EACCES, try_mmap(self->readonly, LENGTH, PROT_WRITE, MAP_SHARED, 0));
	must_pass(drm_import(card, self->readonly, &handle));
	fd = must_open(handle_export(card, handle));
	EXPECT_EQ(-EACCES, try_mmap(fd, LENGTH, PROT_WRITE, MAP_SHARED, 0));
	close(fd);
	close(card);
}

/* Huawei's NPU: an area in two parts, each of which ended what both had. */
TEST_F(bug_mmap, partial_munmap)
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
	query(self->buffer);
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
}

static int child_writes(void *arg)
{
	char *map = arg;

	memset(map, 0x77, HEAP_PAGE);
	return munmap(map + HEAP_PAGE, HEAP_PAGE) ? -errno : 0;
}

/* The same, with two processes that have the area. */
TEST_F(bug_mmap, partial_munmap_after_fork)
{
	char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	must_pass(heap_child(0, child_writes, map + HEAP_PAGE));
	EXPECT_EQ(0, map[0]);
	EXPECT_EQ(0x77, map[HEAP_PAGE]);
	EXPECT_EQ(0x77, map[2 * HEAP_PAGE - 1]);
	EXPECT_EQ(0, page_number(map + 2 * HEAP_PAGE));
	EXPECT_EQ(1, cpu_maps());
	munmap(map, LENGTH);
	EXPECT_EQ(0, cpu_maps());
}

/* Puts an area, or part of one, where nothing else is. NULL if it can't be. */
static char *move_elsewhere(char *map, __u64 length)
{
	char *to = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (to == MAP_FAILED)
		return NULL;
	to = mremap(map, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	return to == MAP_FAILED ? NULL : to;
}

/* The same, with an area that goes elsewhere as a whole, and shrinks. */
TEST_F(bug_mmap, mremap_move)
{
	char *map = heap_mmap(self->buffer, LENGTH), *to;

	ASSERT_NE(NULL, map);
	number_pages(map);
	to = move_elsewhere(map, LENGTH);
	ASSERT_NE(NULL, to);
	EXPECT_EQ(1, cpu_maps());
	EXPECT_EQ(PAGES - 1ULL, page_number(to + LENGTH - HEAP_PAGE));

	ASSERT_EQ(to, mremap(to, LENGTH, HEAP_PAGE, 0));
	EXPECT_EQ(1, cpu_maps());
	EXPECT_EQ(0, page_number(to));
	munmap(to, HEAP_PAGE);
	EXPECT_EQ(0, cpu_maps());
}

/* The same, with the middle of it: three areas, of which each knows its pages. */
TEST_F(bug_mmap, mremap_move_of_part)
{
	char *map = heap_mmap(self->buffer, LENGTH), *to;

	ASSERT_NE(NULL, map);
	number_pages(map);
	to = move_elsewhere(map + 3 * HEAP_PAGE, 2 * HEAP_PAGE);
	ASSERT_NE(NULL, to);
	EXPECT_EQ(3, cpu_maps());
	EXPECT_EQ(3, page_number(to));
	EXPECT_EQ(4, page_number(to + HEAP_PAGE));
	EXPECT_EQ(2, page_number(map + 2 * HEAP_PAGE));
	EXPECT_EQ(5, page_number(map + 5 * HEAP_PAGE));
	EXPECT_EQ(MAP_FAILED, mremap(to, 2 * HEAP_PAGE, 3 * HEAP_PAGE, MREMAP_MAYMOVE));
	must_pass(munmap(map, LENGTH));
	EXPECT_EQ(1, cpu_maps());
	EXPECT_EQ(4, page_number(to + HEAP_PAGE));
	must_pass(munmap(to, 2 * HEAP_PAGE));
	EXPECT_EQ(0, cpu_maps());
}

TEST_HARNESS_MAIN
