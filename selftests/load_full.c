// SPDX-License-Identifier: GPL-2.0
/*
 * Memory nearly gone: other processes hold it, and what they left is in buffers.
 * The first map, by any of its ways, and maps of what is backed then are ENOMEM or
 * work; nobody is killed for it, not even the one whom the kernel would rather kill
 * than anybody else. Small calls still work, and with memory all does.
 * For a guest with little memory. Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "importer.h"
#include "v4l2.h"

#define LITTLE		(2 * HEAP_GIB)	/* more would take too long to fill */
#define LEFT		(64 * HEAP_MIB)	/* by the filler */
#define PART		HEAP_MIB	/* of what is left, for each buffer that takes it */
#define PARTS		128
#define SPARE		8		/* of them, given back */
#define LARGE		(64 * HEAP_MIB)
#define ROUNDS		50

/* A process and its memory, half of it in a file without a name. */
struct holder {
	pid_t pid;
	int ready;	/* end of a pipe, at which it waits to be told to go */
};

FIXTURE(load_full) {
	struct heap_state heap;
	int vgem;
	struct holder filler;
	struct holder bystander;
	__u64 kills;
	int parts[PARTS];
	int count;		/* of parts that were tried */
	int large;
	struct dmabuf_heap_buffer_record record;
};

static __u64 memory_available(void)
{
	return heap_file_field("/proc/meminfo", "MemAvailable") * HEAP_KIB;
}

static __u64 kills(void)
{
	return heap_file_field("/proc/vmstat", "oom_kill");
}

/* How often anybody found no memory free, and had to make some. */
static __u64 stalls(void)
{
	return heap_file_field("/proc/vmstat", "allocstall_dma") +
	       heap_file_field("/proc/vmstat", "allocstall_dma32") +
	       heap_file_field("/proc/vmstat", "allocstall_normal") +
	       heap_file_field("/proc/vmstat", "allocstall_movable");
}

/* Takes memory until only @left is there; 0 if it could not. */
static int memory_take(__u64 left)
{
	int file = memfd_create("load", MFD_CLOEXEC), even = 0;
	__u64 length = 0;
	void *part;

	if (file < 0)
		return 0;
	while (memory_available() > left + PART) {
		even = !even;
		if (even) {
			part = mmap(NULL, PART, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		} else {
			length += PART;
			if (ftruncate(file, length))
				return 0;
			part = mmap(NULL, PART, PROT_READ | PROT_WRITE, MAP_SHARED, file,
				    length - PART);
		}
		if (part == MAP_FAILED)
			return 0;
		memset(part, 1, PART);
	}
	return 1;
}

/* Starts a process that leaves @left of memory; returns when it has done so. */
static int holder_start(struct holder *holder, __u64 left, const char *oom_score)
{
	int told[2], go[2];
	char byte = 0;

	if (pipe(told) || pipe(go))
		return -errno;
	holder->pid = fork();
	if (!holder->pid) {
		close(go[1]);
		heap_file_write("/proc/self/oom_score_adj", oom_score);
		byte = memory_take(left);
		_exit(write(told[1], &byte, 1) != 1 || read(go[0], &byte, 1));
	}
	close(go[0]);
	close(told[1]);
	holder->ready = go[1];
	if (holder->pid < 0 || read(told[0], &byte, 1) != 1 || !byte)
		holder->pid = -1;
	close(told[0]);
	return holder->pid < 0 ? -ENOMEM : 0;
}

/* Its exit status: 0 if nobody has killed it. */
static int holder_stop(struct holder *holder)
{
	int status;

	close(holder->ready);
	if (waitpid(holder->pid, &status, 0) != holder->pid)
		return -errno;
	return status;
}

FIXTURE_SETUP(load_full)
{
	int rc = 0, i;

	heap_setup(&self->heap);
	if (heap_file_field("/proc/meminfo", "MemTotal") * HEAP_KIB > LITTLE)
		heap_skip("more than 2 GiB of memory: boot with less");
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	self->kills = kills();
	must_pass(heap_file_write("/proc/self/oom_score_adj", "-1000"));
	must_pass(holder_start(&self->bystander, ~0ULL >> 1, "1000"));
	must_pass(holder_start(&self->filler, LEFT, "0"));
	self->large = must_open(heap_create(self->heap.fd, LARGE));
	for (i = 0; i < PARTS; i++)
		self->parts[i] = must_open(heap_create(self->heap.fd, PART));
	/* While nothing is left, a page fault or an fd, of anybody, would have to kill. */
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	while (self->count < PARTS && !rc)
		rc = heap_commit(self->heap.fd, self->parts[self->count++]);
	for (i = 0; i < SPARE && i < self->count; i++)
		close(self->parts[i]);
	ASSERT_EQ(-ENOMEM, rc);
	printf("# %d buffers of 1 MiB took what was left\n", self->count - 1);
	/* One that has memory is left. */
	ASSERT_LT(SPARE + 1, self->count);
}

#define release_memory() do {							\
	EXPECT_EQ(0, holder_stop(&self->filler));				\
	for (int part = SPARE; part < PARTS; part++)				\
		close(self->parts[part]);					\
} while (0)

FIXTURE_TEARDOWN(load_full)
{
	fflush(stdout);
	EXPECT_EQ(0, holder_stop(&self->bystander));
	EXPECT_EQ(self->kills, kills());
	close(self->large);
	close(self->vgem);
	heap_teardown(&self->heap);
}

#define expect_unharmed(buffer) do {						\
	must_pass(heap_query(self->heap.fd, buffer, &self->record));		\
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);			\
	EXPECT_EQ(DMABUF_HEAP_FIRST_NONE, self->record.first_map);		\
	EXPECT_EQ(0, self->record.attachments - self->record.declared);		\
	EXPECT_EQ(0, self->record.cpu_maps);					\
	EXPECT_EQ(0, self->record.conflict.error);				\
	EXPECT_EQ(0, heap_counters_wait(&before));				\
	EXPECT_EQ(self->kills, kills());					\
} while (0)

/* Every first map of what doesn't fit, and again; what is left of memory isn't touched. */
TEST_F_TIMEOUT(load_full, first_maps, 900)
{
	struct heap_counters before = heap_counters_read();
	__u64 stalled = stalls();
	__u32 handle;
	int i, rc;

	for (i = 0; i < ROUNDS; i++) {
		must_fail(ENOMEM, heap_commit(self->heap.fd, self->large));
		ASSERT_EQ(NULL, heap_mmap(self->large, LARGE));
		ASSERT_EQ(ENOMEM, errno);
		/* On newer kernels an import is no map, and works. */
		rc = drm_import(self->vgem, self->large, &handle);
		if (!rc)
			rc = drm_handle_close(self->vgem, handle) ?: -ENOMEM;
		ASSERT_EQ(-ENOMEM, rc);
	}
	EXPECT_EQ(stalled, stalls());
	expect_unharmed(self->large);
	release_memory();
	must_pass(drm_import(self->vgem, self->large, &handle));
	must_pass(drm_handle_close(self->vgem, handle));
}

/* What has memory can be used as ever: calls that need little get it. */
TEST_F_TIMEOUT(load_full, small_calls, 900)
{
	struct heap_counters before = heap_counters_read();
	int i, small, buffer = self->parts[SPARE];
	__u32 handle;
	char *map;
	__u64 id;

	for (i = 0; i < ROUNDS; i++) {
		small = must_open(heap_create(self->heap.fd, LARGE));
		must_pass(heap_attach(self->heap.fd, small, self->vgem, &id, NULL));
		must_fail(ENOMEM, heap_commit(self->heap.fd, small));
		must_pass(heap_detach(self->heap.fd, small, id));
		must_pass(heap_query(self->heap.fd, small, &self->record));
		close(small);
		must_pass(drm_import(self->vgem, buffer, &handle));
		must_pass(drm_handle_close(self->vgem, handle));
		map = heap_mmap(buffer, PART);
		ASSERT_NE(NULL, map);
		memset(map, i, PART);
		EXPECT_TRUE(importer_is_filled(map, PART, i));
		munmap(map, PART);
	}
	expect_unharmed(self->large);
	release_memory();
	must_pass(heap_commit(self->heap.fd, self->large));
}

/* The way by a camera: vb2 has one errno for all, and it comes. */
TEST_F_TIMEOUT(load_full, camera, 900)
{
	struct heap_counters before;
	struct v4l2_queue camera;
	int i;

	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE)) {
		release_memory();
		heap_skip("no vivid camera with allocators=1");
	}
	must_pass(v4l2_queue_request(&camera, 1));
	before = heap_counters_read();
	for (i = 0; i < ROUNDS; i++)
		ASSERT_GT(0, v4l2_queue_put(&camera, 0, self->large));
	expect_unharmed(self->large);
	release_memory();
	/* Of its own frame's size, declared: contiguous below 4 GiB. */
	close(self->large);
	self->large = must_open(heap_create(self->heap.fd, camera.length));
	must_pass(heap_attach(self->heap.fd, self->large, camera.fd, NULL, NULL));
	must_pass(v4l2_queue_put(&camera, 0, self->large));
	v4l2_queue_close(&camera);
}

TEST_HARNESS_MAIN
