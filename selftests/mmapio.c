// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to a mapped buffer when the kernel itself reads and writes it for
 * a process: read(), write(), O_DIRECT, vmsplice(), process_vm_readv(), and when
 * several threads fault its pages at once. Whether the kernel may pin a buffer's
 * pages is its own business; bytes and page counts have to be right afterwards.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "importer.h"

#define LENGTH		(4 * HEAP_MIB)
#define HUGE		(2 * HEAP_MIB)
#define PIECE		(64 * HEAP_KIB)
#define THREADS		4
#define ROUNDS		20

FIXTURE(mmapio) {
	struct heap_state state;
	int buffer;
	char *map;
};

/*
 * Areas at an address of the page tables' larger unit may be mapped in that unit,
 * which the kernel's fast paths treat in their own way.
 */
FIXTURE_VARIANT(mmapio) {
	int aligned;
};

FIXTURE_VARIANT_ADD(mmapio, anywhere) { .aligned = 0 };
FIXTURE_VARIANT_ADD(mmapio, aligned) { .aligned = 1 };

static char *map_aligned(int buffer)
{
	char *room = mmap(NULL, LENGTH + HUGE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at, *map;

	if (room == MAP_FAILED)
		return NULL;
	at = (char *)(((unsigned long)room + HUGE - 1) & ~(HUGE - 1));
	munmap(room, at - room);
	munmap(at + LENGTH, room + HUGE - at);
	map = mmap(at, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, buffer, 0);
	return map == MAP_FAILED ? NULL : map;
}

FIXTURE_SETUP(mmapio)
{
	heap_setup(&self->state);
	self->buffer = must_open(heap_create(self->state.fd, LENGTH));
	self->map = variant->aligned ? map_aligned(self->buffer) :
				       heap_mmap(self->buffer, LENGTH);
	ASSERT_NE(NULL, self->map);
	memset(self->map, 0x5a, LENGTH);
}

FIXTURE_TEARDOWN(mmapio)
{
	munmap(self->map, LENGTH);
	close(self->buffer);
	heap_teardown(&self->state);
}

TEST_F(mmapio, read_and_write)
{
	int file = must_open(memfd_create("mmapio", MFD_CLOEXEC));
	char bytes[PIECE];

	memset(bytes, 0x33, sizeof(bytes));
	ASSERT_EQ((ssize_t)PIECE, pwrite(file, bytes, PIECE, 0));
	ASSERT_EQ((ssize_t)PIECE, pread(file, self->map + HEAP_PAGE / 2, PIECE, 0));
	EXPECT_EQ(1, importer_is_filled(self->map, HEAP_PAGE / 2, 0x5a));
	EXPECT_EQ(1, importer_is_filled(self->map + HEAP_PAGE / 2, PIECE, 0x33));
	EXPECT_EQ(0x5a, self->map[HEAP_PAGE / 2 + PIECE]);

	ASSERT_EQ((ssize_t)PIECE, pwrite(file, self->map + HUGE, PIECE, 0));
	ASSERT_EQ((ssize_t)PIECE, pread(file, bytes, PIECE, 0));
	EXPECT_EQ(1, importer_is_filled(bytes, PIECE, 0x5a));
	close(file);
}

/* Reads from a RAM disk straight into the mapping: the bytes, or EFAULT. */
TEST_F(mmapio, direct_read)
{
	int disk, i;
	ssize_t got;

	if (system("modprobe -q brd rd_nr=1 rd_size=1024"))
		heap_skip("no RAM disk");
	disk = open("/dev/ram0", O_RDONLY | O_DIRECT | O_CLOEXEC);
	ASSERT_LE(0, disk);
	for (i = 0; i < ROUNDS; i++) {
		got = pread(disk, self->map + i * PIECE, PIECE, 0);
		if (got < 0) {
			EXPECT_EQ(EFAULT, errno);
			break;
		}
		EXPECT_EQ((ssize_t)PIECE, got);
		EXPECT_EQ(1, importer_is_filled(self->map + i * PIECE, PIECE, 0));
	}
	close(disk);
	EXPECT_EQ(0, system("rmmod brd"));
	EXPECT_EQ(1, importer_is_filled(self->map + ROUNDS * PIECE,
					LENGTH - ROUNDS * PIECE, 0x5a));
}

TEST_F(mmapio, vmsplice)
{
	struct iovec piece = { self->map, HEAP_PAGE };
	char bytes[HEAP_PAGE];
	int ends[2], i;
	ssize_t got;

	must_pass(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	for (i = 0; i < ROUNDS; i++) {
		got = vmsplice(ends[1], &piece, 1, SPLICE_F_NONBLOCK);
		if (got < 0) {
			EXPECT_EQ(EFAULT, errno);
			break;
		}
		ASSERT_EQ(got, read(ends[0], bytes, sizeof(bytes)));
		EXPECT_EQ(1, importer_is_filled(bytes, got, 0x5a));
	}
	close(ends[0]);
	close(ends[1]);
	EXPECT_EQ(1, importer_is_filled(self->map, LENGTH, 0x5a));
}

TEST_F(mmapio, process_vm)
{
	char bytes[HEAP_PAGE] = {};
	struct iovec local = { bytes, sizeof(bytes) };
	struct iovec remote = { self->map + HUGE - HEAP_PAGE / 2, sizeof(bytes) };
	ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

	EXPECT_TRUE(got < 0 ? errno == EFAULT : importer_is_filled(bytes, got, 0x5a));
	got = process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
	if (got < 0) {
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(1, importer_is_filled(self->map, LENGTH, 0x5a));
	}
}

TEST_F(mmapio, mlock)
{
	/* Allowed or not, it must not make the pages anybody's but the buffer's. */
	if (!mlock(self->map, LENGTH))
		EXPECT_EQ(0, munlock(self->map, LENGTH));
	EXPECT_EQ(1, importer_is_filled(self->map, LENGTH, 0x5a));
}

/* A hole in the middle of what may be one large entry. */
TEST_F(mmapio, hole)
{
	must_pass(munmap(self->map + HEAP_PAGE, HEAP_PAGE));
	must_pass(mprotect(self->map + 3 * HEAP_PAGE, HEAP_PAGE, PROT_READ));
	EXPECT_EQ(1, importer_is_filled(self->map, HEAP_PAGE, 0x5a));
	EXPECT_EQ(1, importer_is_filled(self->map + 2 * HEAP_PAGE,
					LENGTH - 2 * HEAP_PAGE, 0x5a));
}

struct toucher {
	pthread_barrier_t *start;
	char *map;
	int number;
};

/* Writes its own byte of each page. */
static void *touch(void *arg)
{
	struct toucher *toucher = arg;
	__u64 offset;

	pthread_barrier_wait(toucher->start);
	for (offset = 0; offset < LENGTH; offset += HEAP_PAGE)
		toucher->map[offset + toucher->number] = toucher->number + 1;
	return NULL;
}

static void touch_by_threads(char *map)
{
	struct toucher touchers[THREADS];
	pthread_t threads[THREADS];
	pthread_barrier_t start;
	int i;

	pthread_barrier_init(&start, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		touchers[i] = (struct toucher) { &start, map, i };
		if (pthread_create(&threads[i], NULL, touch, &touchers[i]))
			abort();
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
}

static int touched_right(const char *map)
{
	__u64 offset;
	int i;

	for (offset = 0; offset < LENGTH; offset += HEAP_PAGE)
		for (i = 0; i < THREADS; i++)
			if (map[offset + i] != i + 1)
				return 0;
	return 1;
}

/* Threads that touch the same pages for the first time, at the same time. */
TEST_F(mmapio, threads_fault_together)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		munmap(self->map, LENGTH);
		self->map = variant->aligned ? map_aligned(self->buffer) :
					       heap_mmap(self->buffer, LENGTH);
		ASSERT_NE(NULL, self->map);
		touch_by_threads(self->map);
		ASSERT_EQ(1, touched_right(self->map));
		memset(self->map, 0, LENGTH);
	}
}

TEST_HARNESS_MAIN
