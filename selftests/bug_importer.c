// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs that other exporters had with a driver that imports: attached, mapped and
 * detached while something else goes on, or by the wrong one. One test for each
 * class and importer; the comment above it says who had it. Lengths are in bytes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <linux/dma-buf.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "mapdev.h"
#include "v4l2.h"

#define LENGTH	HEAP_MIB		/* holds a frame of 320x180 */
#define ROUNDS	100
#define CYCLES	1000			/* for a leak to show */

enum by { BY_VGEM, BY_CAMERA, BY_CPU_CAMERA, BY_MAPPER };

struct user {
	enum by by;
	int card;
	struct mapdev dev;
	struct v4l2_queue camera;
	__u32 handle;
};

FIXTURE(bug_importer) {
	struct heap_state state;
	struct user user;
	int buffer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_VARIANT(bug_importer) { enum by by; };
FIXTURE_VARIANT_ADD(bug_importer, vgem) { .by = BY_VGEM };
FIXTURE_VARIANT_ADD(bug_importer, camera) { .by = BY_CAMERA };
FIXTURE_VARIANT_ADD(bug_importer, cpu_camera) { .by = BY_CPU_CAMERA };
FIXTURE_VARIANT_ADD(bug_importer, mapper) { .by = BY_MAPPER };

/* NULL, or what isn't there. */
static const char *user_open(struct user *user)
{
	const char *bus = user->by == BY_CAMERA ? V4L2_VIVID_DMA : V4L2_VIVID_CPU;

	user->card = -1;
	user->dev.fd = -1;
	user->dev.folder = -1;
	user->camera.fd = -1;
	switch (user->by) {
	case BY_VGEM:
		user->card = drm_card_open(DRM_VGEM);
		return user->card < 0 ? "vgem" : NULL;
	case BY_MAPPER:
		if (mapdev_open(&user->dev, 0))
			return "kmod/mapper";
		/* Segments of a page make long tables. */
		user->dev.limits.max_segment = HEAP_PAGE;
		return mapdev_limit(&user->dev) ? "such device" : NULL;
	default:
		if (v4l2_queue_open(&user->camera, bus, V4L2_BUF_TYPE_VIDEO_CAPTURE))
			return "vivid camera";
		return v4l2_queue_resize(&user->camera, 320, 180) ? "such camera" : NULL;
	}
}

static void user_close(struct user *user)
{
	v4l2_queue_close(&user->camera);
	mapdev_close(&user->dev);
	if (user->card >= 0)
		close(user->card);
	user->card = -1;
}

/* Attaches, and maps or vmaps if that driver does so at once. */
static int user_begin(struct user *user, int buffer)
{
	int rc;

	switch (user->by) {
	case BY_VGEM:
		return drm_import(user->card, buffer, &user->handle);
	case BY_MAPPER:
		rc = mapdev_attach(&user->dev, buffer);
		return rc ? rc : mapdev_map(&user->dev, MAPDEV_BOTH);
	default:
		rc = v4l2_queue_request(&user->camera, 1);
		return rc ? rc : v4l2_queue_put(&user->camera, 0, buffer);
	}
}

static int user_end(struct user *user)
{
	int rc;

	switch (user->by) {
	case BY_VGEM:
		return drm_handle_close(user->card, user->handle);
	case BY_MAPPER:
		rc = mapdev_unmap(&user->dev);
		return rc ? rc : mapdev_detach(&user->dev);
	default:
		return v4l2_queue_request(&user->camera, 0);
	}
}

/* A buffer that all of them can use. An fd. */
static int user_buffer(const struct user *user, int heap)
{
	int buffer = heap_create(heap, LENGTH), rc = 0;

	if (buffer >= 0 && user->by == BY_CAMERA)
		rc = heap_attach(heap, buffer, user->camera.fd, NULL, NULL);
	return rc ? rc : buffer;
}

FIXTURE_SETUP(bug_importer)
{
	const char *missing;

	heap_setup(&self->state);
	self->user.by = variant->by;
	missing = user_open(&self->user);
	if (missing)
		heap_skip("no %s", missing);
	self->buffer = must_open(user_buffer(&self->user, self->state.fd));
	/* From 7.3 on, an import by vgem is no map. */
	must_pass(heap_commit(self->state.fd, self->buffer));
}

FIXTURE_TEARDOWN(bug_importer)
{
	user_close(&self->user);
	close(self->buffer);
	heap_teardown(&self->state);
}

#define query()	must_pass(heap_query(self->state.fd, self->buffer, &self->record))

/* The buffer has memory, and nobody but who was declared knows it. */
#define check_unused() do {						\
	struct heap_counters unused = self->state.before;		\
									\
	unused.buffers++;						\
	unused.backed++;						\
	unused.pages += LENGTH / HEAP_PAGE;				\
	/* Depends on the machine, and is for others to test. */	\
	unused.scarce_pages = heap_counters_read().scarce_pages;	\
	unused.attachments += variant->by == BY_CAMERA;			\
	EXPECT_EQ(0, heap_counters_wait(&unused));			\
} while (0)

/* What another thread does with the buffer until it is told to stop. */
struct rival {
	pthread_t thread;
	int buffer;
	atomic_bool stop;
	atomic_int done;
	atomic_int wrong;
};

#define rival_start(rival, body) \
	ASSERT_EQ(0, pthread_create(&(rival)->thread, NULL, body, rival))

static void rival_stop(struct rival *rival)
{
	rival->stop = true;
	pthread_join(rival->thread, NULL);
}

static void *access_by_cpu(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop) {
		rival->wrong += !!heap_sync(rival->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START);
		rival->wrong += !!heap_sync(rival->buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END);
		rival->done++;
	}
	return NULL;
}

/* ION, CVE-2021-0929: the CPU's access went through attachments that were going. */
TEST_F_TIMEOUT(bug_importer, cpu_access_against_detach, 120)
{
	struct rival rival = { .buffer = self->buffer };
	int i;

	rival_start(&rival, access_by_cpu);
	for (i = 0; i < ROUNDS || rival.done < ROUNDS; i++) {
		must_pass(user_begin(&self->user, self->buffer));
		must_pass(user_end(&self->user));
	}
	rival_stop(&rival);
	EXPECT_EQ(0, atomic_load(&rival.wrong));
	check_unused();
}

/* Maps by mmap() whatever buffer has that fd now, and has each page of it fault. */
static void *map_and_fault(void *arg)
{
	struct rival *rival = arg;
	__u64 offset;

	while (!rival->stop) {
		char *map = heap_mmap(rival->buffer, LENGTH);

		if (!map) {
			rival->wrong++;
			continue;
		}
		for (offset = 0; offset < LENGTH; offset += HEAP_PAGE)
			map[offset] = 1;
		munmap(map, LENGTH);
		rival->done++;
	}
	return NULL;
}

/*
 * The dma-buf core before its locking policy of 6.5, and vb2's QBUF: mmap_lock and
 * the locks of dma-buf and driver were taken in either order. Both are the first
 * to map in turn. Lockdep sees the order; without it, a wrong one never ends.
 */
TEST_F_TIMEOUT(bug_importer, lock_order_of_mmap_and_reservation, 120)
{
	struct rival rival = { .buffer = self->buffer };
	int i, next;

	rival_start(&rival, map_and_fault);
	for (i = 0; i < ROUNDS || rival.done < ROUNDS; i++) {
		must_pass(user_begin(&self->user, self->buffer));
		must_pass(user_end(&self->user));
		if (i % 4)
			continue;
		next = must_open(user_buffer(&self->user, self->state.fd));
		ASSERT_EQ(self->buffer, dup3(next, self->buffer, O_CLOEXEC));
		close(next);
	}
	rival_stop(&rival);
	EXPECT_EQ(0, atomic_load(&rival.wrong));
}

/*
 * Qualcomm's fastrpc, CVE-2024-43047: a map was ended that somebody still had. What
 * another user may is in detach.c.
 */
TEST_F(bug_importer, detach_by_wrong_holder)
{
	int other = must_open(heap_create(self->state.fd, LENGTH));
	struct dmabuf_heap_attachment_record import;
	struct dmabuf_heap_buffer_record before;
	int count;

	must_pass(user_begin(&self->user, self->buffer));
	query();
	before = self->record;
	count = heap_query_attachments(self->state.fd, self->buffer, &import, 1);
	if (variant->by == BY_CPU_CAMERA || count < 1)
		heap_skip("this driver doesn't attach");
	/* A declaration has the first id, the import the next. */
	must_pass(heap_query_attachment(self->state.fd, self->buffer, count, &import));
	ASSERT_EQ(DMABUF_HEAP_ATTACHMENT_IMPORTED,
		  import.flags & DMABUF_HEAP_ATTACHMENT_IMPORTED);

	must_fail(EBUSY, heap_detach(self->state.fd, self->buffer, import.id));
	must_fail(ENOENT, heap_detach(self->state.fd, other, import.id));
	must_fail(ENOENT, heap_detach(self->state.fd, self->buffer, import.id + (1ULL << 32)));
	query();
	EXPECT_EQ(0, memcmp(&before, &self->record, sizeof(before)));

	must_pass(user_end(&self->user));
	must_fail(ENOENT, heap_detach(self->state.fd, self->buffer, import.id));
	close(other);
}

/* Bytes of slab, when what is freed by RCU or by a worker has had its time. */
static __u64 slab_bytes(void)
{
	usleep(200000);
	return HEAP_KIB * heap_file_field("/proc/meminfo", "Slab");
}

/*
 * vcsm-cma (raspberrypi/linux issue 3946): each import left a table behind. The
 * system has growth of its own now and then; what leaks grows every time. Cameras
 * allocate too much of their own for that, and kmemleak looks at it better: there,
 * the counters tell.
 */
TEST_F_TIMEOUT(bug_importer, missing_detach, 120)
{
	bool exact = variant->by == BY_VGEM || variant->by == BY_MAPPER;
	bool measured = exact && !heap_kernel_checks();
	int cycles = measured ? CYCLES : 100, i, try;
	__u64 before, growth = -1ULL, bound = 128ULL * cycles;

	for (try = 0; try < (measured ? 5 : 1) && growth > bound; try++) {
		before = slab_bytes();
		for (i = 0; i < cycles; i++) {
			must_pass(user_begin(&self->user, self->buffer));
			must_pass(user_end(&self->user));
		}
		growth = slab_bytes();
		growth = growth > before ? growth - before : 0;
	}
	if (measured)
		EXPECT_GE(bound, growth);
	check_unused();
}

/* The same bug: an import that nobody ends can be seen, though no fd is left. */
TEST_F(bug_importer, missing_detach_is_seen)
{
	__u64 id;

	must_pass(user_begin(&self->user, self->buffer));
	query();
	id = self->record.id;
	must_pass(close(self->buffer));
	self->buffer = -1;
	must_pass(heap_query_id(self->state.fd, id, &self->record));
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
	EXPECT_EQ(variant->by == BY_CPU_CAMERA, self->record.vmaps);
	EXPECT_EQ(variant->by != BY_CPU_CAMERA,
		  self->record.attachments - self->record.declared);

	/* The end of its file ends it at last. */
	user_close(&self->user);
	must_pass(heap_counters_wait(&self->state.before));
	must_fail(ENOENT, heap_query_id(self->state.fd, id, &self->record));
}

TEST_HARNESS_MAIN
