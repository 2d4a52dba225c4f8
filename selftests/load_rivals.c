// SPDX-License-Identifier: GPL-2.0
/*
 * Several processes on all CPUs have the same few buffers in hand and create,
 * attach, import, map, fault, query, seal and close them, in any order. They share
 * one table of fds, so that a buffer can be closed by one while another uses it.
 * No call may fail in a way that isn't to be expected, no process may die, and in
 * the end nothing is left. Lengths are in bytes.
 *
 * LOAD_SECONDS in the environment is how long.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/dma-buf.h>

#include "drm.h"
#include "gauge.h"
#include "heap.h"
#include "load.h"
#include "v4l2.h"

#define SECONDS		10
#define RIVALS		4
#define SLOTS		3
#define FRAME		(2 * HEAP_MIB)	/* more than a camera's picture */
#define LOST		256		/* pages: less than one buffer has */

enum action {
	CREATE,
	DECLARE_CARD,
	DECLARE_CAMERA,
	REQUIRE,
	DETACH,
	COMMIT,
	TOUCH,
	IMPORT,
	CAPTURE,
	SYNC,
	QUERY_ONE,
	QUERY_ALL,
	SEAL,
	ACTIONS
};

static const char * const action_names[ACTIONS] = {
	"create", "declare card", "declare camera", "require", "detach", "commit", "touch",
	"import", "capture", "sync", "query one", "query all", "seal",
};

/* Shared by all rivals. */
struct ring {
	atomic_int slots[SLOTS];	/* fds of buffers; -1 while one is exchanged */
	atomic_ulong done[ACTIONS];	/* successes */
	atomic_ulong tried[ACTIONS];
	atomic_int action;		/* of the first odd error, which is: */
	atomic_int error;
	atomic_bool stop;
};

struct rival {
	struct ring *ring;
	int heap;
	int card;		/* -1 where there is none, as in the next two */
	struct v4l2_queue dma_camera;
	struct v4l2_queue cpu_camera;
	__u32 state;
};

FIXTURE(load_rivals) {
	struct heap_state heap;
	struct ring *ring;
	pid_t rivals[RIVALS];
	struct rival rival[RIVALS];
	struct gauge_files files;
	struct gauges before;
	struct gauges after;
};

static void camera_open(struct v4l2_queue *camera, const char *bus, bool wanted)
{
	if (!wanted || v4l2_queue_open(camera, bus, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		camera->fd = -1;
}

/* A queue has one owner: the first rivals have a camera each, the others cards alone. */
static void rival_init(struct rival *rival, struct ring *ring, int heap, int number)
{
	*rival = (struct rival) {
		.ring = ring,
		.heap = heap,
		.card = drm_card_open(number & 1 ? DRM_CIRRUS : DRM_VGEM),
		.state = number + 1,
	};
	camera_open(&rival->dma_camera, V4L2_VIVID_DMA, number == 0);
	camera_open(&rival->cpu_camera, V4L2_VIVID_CPU, number == 1);
}

static void rival_free(struct rival *rival)
{
	if (rival->card >= 0)
		close(rival->card);
	v4l2_queue_close(&rival->dma_camera);
	v4l2_queue_close(&rival->cpu_camera);
}

FIXTURE_SETUP(load_rivals)
{
	int i;

	heap_setup(&self->heap);
	self->ring = load_shared(sizeof(*self->ring));
	ASSERT_NE(NULL, self->ring);
	for (i = 0; i < SLOTS; i++)
		self->ring->slots[i] = must_open(heap_create(self->heap.fd, FRAME));
	for (i = 0; i < RIVALS; i++)
		rival_init(&self->rival[i], self->ring, self->heap.fd, i);
}

FIXTURE_TEARDOWN(load_rivals)
{
	int i;

	for (i = 0; i < RIVALS; i++)
		rival_free(&self->rival[i]);
	for (i = 0; i < SLOTS; i++)
		close(self->ring->slots[i]);
	munmap(self->ring, sizeof(*self->ring));
	heap_teardown(&self->heap);
}

/* Whoever takes the fd out of its slot closes it: nobody closes another's. */
static int do_create(struct rival *rival, atomic_int *slot)
{
	int fd = atomic_exchange(slot, -1);
	__u64 length = load_random(&rival->state) % 3 ? FRAME : FRAME + 3 * HEAP_PAGE;

	if (fd < 0)
		return -EBADF;
	close(fd);
	fd = heap_create(rival->heap, length);
	*slot = fd;
	return fd < 0 ? fd : 0;
}

static int do_touch(struct rival *rival, int buffer)
{
	char *map = heap_mmap(buffer, FRAME);
	int i;

	if (!map)
		return -errno;
	for (i = 0; i < 16; i++)
		map[load_random(&rival->state) % FRAME]++;
	return munmap(map, FRAME) ? -errno : 0;
}

static int do_import(struct rival *rival, int buffer)
{
	__u32 handle;
	int rc = drm_import(rival->card, buffer, &handle);

	return rc ? rc : drm_handle_close(rival->card, handle);
}

static int do_capture(struct v4l2_queue *camera, int buffer)
{
	int rc;

	if (camera->fd < 0)
		return -ENODEV;
	rc = v4l2_queue_request(camera, 1);
	if (!rc)
		rc = v4l2_queue_put(camera, 0, buffer);
	return v4l2_queue_request(camera, 0) ?: rc;
}

static int do_require(struct rival *rival, int buffer)
{
	return heap_require_limit(rival->heap, buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS,
				  load_random(&rival->state) % 2, NULL, NULL);
}

static int do_query_one(struct rival *rival, int buffer)
{
	struct dmabuf_heap_attachment_record attachments[4];
	struct dmabuf_heap_buffer_record record;
	int rc = heap_query(rival->heap, buffer, &record);

	if (!rc)
		rc = heap_query_attachments(rival->heap, buffer, attachments, 4);
	return rc < 0 ? rc : 0;
}

static int do_query_all(struct rival *rival)
{
	struct dmabuf_heap_buffer_record records[SLOTS];
	__u64 cursor = 0;
	bool more;
	int rc = heap_query_all(rival->heap, &cursor, &more, records, SLOTS);

	return rc < 0 ? rc : 0;
}

static int act(struct rival *rival, enum action action, atomic_int *slot)
{
	int buffer = *slot;

	switch (action) {
	case CREATE:
		return do_create(rival, slot);
	case DECLARE_CARD:
		return heap_attach(rival->heap, buffer, rival->card, NULL, NULL);
	case DECLARE_CAMERA:
		return heap_attach(rival->heap, buffer, rival->dma_camera.fd, NULL, NULL);
	case REQUIRE:
		return do_require(rival, buffer);
	case DETACH:
		return heap_detach(rival->heap, buffer, load_random(&rival->state) % 16 + 1);
	case COMMIT:
		return heap_commit(rival->heap, buffer);
	case TOUCH:
		return do_touch(rival, buffer);
	case IMPORT:
		return do_import(rival, buffer);
	case CAPTURE:
		return do_capture(rival->dma_camera.fd < 0 ? &rival->cpu_camera :
				  &rival->dma_camera, buffer);
	case SYNC:
		return heap_sync(buffer, DMA_BUF_SYNC_RW) ?:
		       heap_sync(buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END);
	case QUERY_ONE:
		return do_query_one(rival, buffer);
	case QUERY_ALL:
		return do_query_all(rival);
	case SEAL:
		/* Not so often that little else can happen. */
		return load_random(&rival->state) % 16 ? 0 : heap_seal(rival->heap, buffer);
	case ACTIONS:
		break;
	}
	return -EINVAL;
}

/*
 * What may come of an action: the fd is gone, or another's file by now (for which
 * ioctls, mmap and imports have errors of their own), the device is missing here,
 * or the buffer's state refuses it. EFAULT is what vb2 makes of such a refusal.
 */
static bool error_is_ordinary(int error)
{
	static const int ordinary[] = {
		EBADF, EINVAL, ENODEV, ENOTTY, EACCES, EFAULT, ENOENT,
		EBUSY, EOPNOTSUPP, EPERM, ENOSPC,
	};
	unsigned int i;

	for (i = 0; i < sizeof(ordinary) / sizeof(*ordinary); i++)
		if (error == -ordinary[i])
			return true;
	return false;
}

static void rival_run(struct rival *rival)
{
	struct ring *ring = rival->ring;
	enum action action;
	int rc, none = 0;

	while (!ring->stop) {
		action = load_random(&rival->state) % ACTIONS;
		rc = act(rival, action, &ring->slots[load_random(&rival->state) % SLOTS]);
		ring->tried[action]++;
		if (!rc)
			ring->done[action]++;
		else if (!error_is_ordinary(rc) &&
			 atomic_compare_exchange_strong(&ring->error, &none, rc))
			ring->action = action;
	}
}

/* As fork(), but both have the same fds. */
static pid_t fork_sharing_fds(void)
{
	return syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
}

/* Each action must have come off, if its device is there. */
static bool action_must_succeed(const struct rival *rivals, int action)
{
	switch (action) {
	case DECLARE_CARD:
	case IMPORT:
		return rivals[0].card >= 0 || rivals[1].card >= 0;
	case DECLARE_CAMERA:
		return rivals[0].dma_camera.fd >= 0;
	case CAPTURE:
		return rivals[0].dma_camera.fd >= 0 || rivals[1].cpu_camera.fd >= 0;
	default:
		return true;
	}
}

/* Memory that two have allocated for one buffer, and that no counter knows of. */
#define expect_nothing_lost() do {						\
	for (i = 0; i < SLOTS; i++)						\
		close(self->ring->slots[i]);					\
	must_pass(heap_counters_wait(&self->heap.before));			\
	must_pass(gauges_settle(&self->files));					\
	must_pass(gauges_read(&self->files, &self->after));			\
	/* Checkers keep books, in pages of their own, of every way to a call. */	\
	if (!heap_kernel_checks())						\
		EXPECT_GT(gauges_value(&self->before, GAUGE_LOST) + LOST,	\
			  gauges_value(&self->after, GAUGE_LOST));		\
	for (i = 0; i < SLOTS; i++)						\
		self->ring->slots[i] = must_open(heap_create(self->heap.fd, FRAME)); \
} while (0)

TEST_F_TIMEOUT(load_rivals, same_few_buffers, 86400)
{
	int i, status;

	must_pass(gauges_open(&self->files));
	must_pass(gauges_settle(&self->files));
	must_pass(gauges_read(&self->files, &self->before));
	for (i = 0; i < RIVALS; i++) {
		self->rivals[i] = fork_sharing_fds();
		ASSERT_LE(0, self->rivals[i]);
		if (!self->rivals[i]) {
			rival_run(&self->rival[i]);
			_exit(0);
		}
	}
	usleep(load_time(SECONDS) / 1000);
	self->ring->stop = true;
	for (i = 0; i < RIVALS; i++) {
		ASSERT_EQ(self->rivals[i], waitpid(self->rivals[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	EXPECT_EQ(0, atomic_load(&self->ring->error))
		TH_LOG("%s", action_names[self->ring->action]);
	for (i = 0; i < ACTIONS; i++) {
		printf("# %s: %lu of %lu\n", action_names[i], self->ring->done[i],
		       self->ring->tried[i]);
		EXPECT_LE(action_must_succeed(self->rival, i), atomic_load(&self->ring->done[i]))
			TH_LOG("%s", action_names[i]);
	}
	fflush(stdout);
	expect_nothing_lost();
	gauges_close(&self->files);
}

TEST_HARNESS_MAIN
