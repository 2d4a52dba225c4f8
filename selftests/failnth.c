// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that a call asks of the kernel is refused in turn: the first
 * allocation, then the second, until the call asks no more. After each refusal
 * the errno is one that the contract names, nothing has leaked, the buffer is as
 * it was, and the same call succeeds.
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <linux/dma-buf.h>

#include "kselftest_harness.h"
#include "device.h"
#include "drm.h"
#include "faults.h"
#include "heap.h"
#include "v4l2.h"

#define LENGTH		(1228800ULL)	/* of a picture, and no power of two */
#define LENGTH_MULTI	(9 * HEAP_MIB + HEAP_PAGE)	/* more than two of the largest blocks */
#define LENGTH_TOUCHED	(4 * HEAP_PAGE)
#define ENOUGH		400		/* refusals of one call; none has that many */
#define LIMIT		300		/* seconds for one test, for the slowest kernel */

struct world {
	int heap;
	int buffer;		/* unbacked */
	int backed;
	int card;		/* vgem, or -1 */
	struct v4l2_queue camera;
	int fd;			/* what a call made */
	__u64 id;
	__u32 handle;
	void *memory;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_attachment_record attachments[4];
};

/*
 * struct call - what is tried
 * @make: the call; 0 or a negative errno
 * @undo: takes back what it made, if anything
 * @length: bytes of @world.buffer; 0: LENGTH
 * @limit: requirement of @world.buffer
 * @value: of that requirement; 0: none
 * @module: refusals that the module's knob must come to, at least; the kernel's
 *	way comes to one at least
 * @ranged: the kernel's way comes to none: it doesn't refuse ranges
 * @movable: @world.buffer is, and backed
 * @error: an error that the importing driver makes of ours; 0: as we gave it
 * @imports: the driver goes on after our part is done: a refusal there leaves the
 *	buffer backed
 */
struct call {
	int (*make)(struct world *world);
	void (*undo)(struct world *world);
	__u64 length;
	enum dmabuf_heap_limit_type limit;
	__u64 value;
	int module;
	int error;
	bool ranged;
	bool movable;
	bool imports;
};

static void close_fd(struct world *world)
{
	close(world->fd);
}

static int make_create(struct world *world)
{
	world->fd = heap_create(world->heap, LENGTH);
	return world->fd < 0 ? world->fd : 0;
}

/* The first buffer of a user asks for a record of the user. */
static int make_create_first(struct world *world)
{
	int rc;

	if (seteuid(HEAP_NOBODY))
		return -errno;
	rc = make_create(world);
	/* One refusal is all there is, so that it can fail just once. */
	if (seteuid(0) && seteuid(0))
		return -EPROTO;
	return rc;
}

static int make_attach(struct world *world)
{
	return heap_attach(world->heap, world->buffer, world->card, &world->id, &world->answer);
}

static void undo_attach(struct world *world)
{
	heap_detach(world->heap, world->buffer, world->id);
}

static int make_test(struct world *world)
{
	struct dmabuf_heap_limits limits = {};

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	return heap_test(world->heap, world->buffer, world->card, &limits, "test",
			 &world->answer);
}

static int make_commit(struct world *world)
{
	return heap_commit(world->heap, world->buffer);
}

/* Memory hardly ever begins at such a multiple by chance. */
static int make_move(struct world *world)
{
	return heap_require_limit(world->heap, world->buffer, DMABUF_HEAP_LIMIT_ALIGNMENT,
				  64 * HEAP_MIB, &world->id, NULL);
}

static int make_mmap(struct world *world)
{
	world->memory = heap_mmap(world->buffer, LENGTH_TOUCHED);
	if (!world->memory)
		return -errno;
	memset(world->memory, 1, LENGTH_TOUCHED);
	return 0;
}

static void undo_mmap(struct world *world)
{
	munmap(world->memory, LENGTH_TOUCHED);
}

static int make_query(struct world *world)
{
	struct dmabuf_heap_buffer_record records[2];
	__u64 cursor = 0;
	bool more;
	int count = heap_query_all(world->heap, &cursor, &more, records, 2);

	return count == 2 ? 0 : count < 0 ? count : -EPROTO;
}

/* Of a file that watches for the first time. */
static int make_watch(struct world *world)
{
	struct dmabuf_heap_watch watch = {
		.size = sizeof(watch),
		.event_size = sizeof(struct dmabuf_heap_event),
		.events = 1 << DMABUF_HEAP_EVENT_SEAL,
	};
	int rc;

	world->fd = heap_open();
	if (world->fd < 0)
		return world->fd;
	rc = heap_ioctl(world->fd, DMABUF_HEAP_IOC_WATCH, &watch);
	if (rc)
		close(world->fd);
	return rc;
}

static int make_query_attachments(struct world *world)
{
	int count = heap_query_attachments(world->heap, world->backed, world->attachments, 4);

	return count == 1 ? 0 : count < 0 ? count : -EPROTO;
}

/* vgem maps what it imports, so this attaches, allocates and maps. */
static int make_import(struct world *world)
{
	return drm_import(world->card, world->buffer, &world->handle);
}

static void undo_import(struct world *world)
{
	drm_handle_close(world->card, world->handle);
}

/* A driver that attaches, allocates and maps when a frame is queued. */
static int make_frame(struct world *world)
{
	return v4l2_queue_put(&world->camera, 0, world->buffer);
}

/* Slots keep their buffer until they are asked for anew. */
static void undo_frame(struct world *world)
{
	v4l2_queue_request(&world->camera, 0);
	v4l2_queue_request(&world->camera, 1);
}

static int make_sync(struct world *world)
{
	return heap_sync(world->backed, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW) ?:
	       heap_sync(world->backed, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
}

FIXTURE(failnth) {
	struct heap_state state;
	struct faults faults;
	struct world world;
};

FIXTURE_VARIANT(failnth) {
	enum faults_way way;
};

FIXTURE_VARIANT_ADD(failnth, module) {
	.way = FAULTS_MODULE,
};

FIXTURE_VARIANT_ADD(failnth, kernel) {
	.way = FAULTS_KERNEL,
};

FIXTURE_SETUP(failnth)
{
	struct world *world = &self->world;

	heap_setup(&self->state);
	if (faults_open(&self->faults, variant->way))
		heap_skip(variant->way == FAULTS_KERNEL ?
			  "no fault injection: the debug kernel has it" :
			  "no knobs: build the module with VARIANT=knobs");
	world->heap = self->state.fd;
	world->buffer = -1;
	world->camera.fd = -1;
	world->card = must_have(drm_card_open(DRM_VGEM), "vgem");
	world->backed = must_open(heap_create(world->heap, HEAP_PAGE));
	must_pass(heap_attach(world->heap, world->backed, world->card, NULL, NULL));
	must_pass(heap_commit(world->heap, world->backed));
}

FIXTURE_TEARDOWN(failnth)
{
	close(self->world.card);
	close(self->world.backed);
	faults_close(&self->faults);
	heap_teardown(&self->state);
}

/* All that a refused call must leave as it was. */
struct picture {
	int fds;
	struct heap_counters counters;
	struct dmabuf_heap_buffer_record record;
};

static int picture_take(struct world *world, const struct call *call, struct picture *picture)
{
	memset(picture, 0, sizeof(*picture));
	picture->fds = heap_fd_count();
	picture->counters = heap_counters_read();
	/* Memory that was had and given back counts there. */
	picture->counters.allocations = 0;
	if (!call->imports)
		return heap_query(world->heap, world->buffer, &picture->record);
	picture->counters.backed = 0;
	picture->counters.pages = 0;
	picture->counters.scarce_pages = 0;
	return 0;
}

/* DRM lets go of imports in a worker, which is worth a wait. */
static bool picture_is(struct world *world, const struct call *call,
		       const struct picture *picture)
{
	struct picture now;
	int tries = 100;

	do {
		if (picture_take(world, call, &now))
			return false;
		if (!memcmp(&now, picture, sizeof(now)))
			return true;
		usleep(20000);
	} while (--tries);
	return false;
}

/* A buffer to make the call on. */
static int world_renew(struct world *world, const struct call *call)
{
	int rc = 0;

	if (call->movable)
		world->buffer = heap_create_movable(world->heap, call->length ?: LENGTH);
	else
		world->buffer = heap_create(world->heap, call->length ?: LENGTH);
	if (world->buffer < 0)
		return world->buffer;
	if (call->movable)
		rc = heap_commit(world->heap, world->buffer);
	if (rc)
		return rc;
	if (call->value)
		rc = heap_require_limit(world->heap, world->buffer, call->limit, call->value,
					NULL, NULL);
	return rc;
}

static bool is_refusal(const struct call *call, int rc)
{
	return rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE ||
	       (call->error && rc == -call->error);
}

/*
 * Makes the call with its @nth request refused. Returns what that many were
 * missing, so 0 while there are more. The rest is in the text: a nonempty one
 * says what is wrong.
 */
static int refuse(struct faults *faults, struct world *world, const struct call *call,
		  unsigned int nth, char *wrong, size_t room)
{
	struct picture before;
	int rc, left;

	if (world_renew(world, call) || picture_take(world, call, &before)) {
		snprintf(wrong, room, "no buffer to try it on");
		return -1;
	}
	rc = faults_arm(faults, nth);
	if (!rc)
		rc = call->make(world);
	left = faults_disarm(faults);
	if (rc) {
		if (left)
			snprintf(wrong, room, "fails with %d by itself", rc);
		else if (!is_refusal(call, rc))
			snprintf(wrong, room, "refusal %u gives %d", nth, rc);
		else if (!picture_is(world, call, &before))
			snprintf(wrong, room, "refusal %u leaves something behind", nth);
		else if (call->make(world))
			snprintf(wrong, room, "after refusal %u it does not work any more", nth);
	}
	if (!wrong[0] && call->undo)
		call->undo(world);
	close(world->buffer);
	return left;
}

#define try_call(...) do {						\
	const struct call tried = { __VA_ARGS__ };			\
	const int least = variant->way == FAULTS_MODULE ? tried.module : !tried.ranged; \
	char wrong[128] = "";						\
	int nth = 1;							\
									\
	while (nth < ENOUGH && !wrong[0] &&				\
	       !refuse(&self->faults, &self->world, &tried, nth, wrong, sizeof(wrong))) \
		nth++;							\
	TH_LOG("%d refusals", nth - 1);					\
	EXPECT_STREQ("", wrong);					\
	EXPECT_LT(nth, ENOUGH);						\
	EXPECT_LE(least, nth - 1);					\
} while (0)

TEST_F_TIMEOUT(failnth, create, LIMIT)
{
	/* The fd, the buffer, the dma-buf, the name. */
	try_call(.make = make_create, .undo = close_fd, .module = 4);
}

TEST_F_TIMEOUT(failnth, create_first, LIMIT)
{
	try_call(.make = make_create_first, .undo = close_fd, .module = 5);
}

TEST_F_TIMEOUT(failnth, attach, LIMIT)
{
	try_call(.make = make_attach, .undo = undo_attach, .module = 3);
}

TEST_F_TIMEOUT(failnth, attach_test, LIMIT)
{
	try_call(.make = make_test, .module = 3);
}

TEST_F_TIMEOUT(failnth, commit, LIMIT)
{
	try_call(.make = make_commit, .length = LENGTH_MULTI, .module = 4);
}

TEST_F_TIMEOUT(failnth, commit_contiguous, LIMIT)
{
	try_call(.make = make_commit, .limit = DMABUF_HEAP_LIMIT_CONTIGUOUS, .value = 1,
		 .module = 1);
}

/* Longer than any block of the page allocator. */
TEST_F_TIMEOUT(failnth, commit_range, LIMIT)
{
	try_call(.make = make_commit, .length = LENGTH_MULTI,
		 .limit = DMABUF_HEAP_LIMIT_CONTIGUOUS, .value = 1, .module = 1,
		 .ranged = true);
}

TEST_F_TIMEOUT(failnth, move, LIMIT)
{
	try_call(.make = make_move, .undo = undo_attach, .movable = true, .module = 3);
}

TEST_F_TIMEOUT(failnth, commit_below_4g, LIMIT)
{
	try_call(.make = make_commit, .limit = DMABUF_HEAP_LIMIT_MAX_ADDR, .value = 0xffffffff,
		 .module = 2);
}

TEST_F_TIMEOUT(failnth, mmap_and_touch, LIMIT)
{
	try_call(.make = make_mmap, .undo = undo_mmap, .length = LENGTH_TOUCHED, .module = 1);
}

TEST_F_TIMEOUT(failnth, query, LIMIT)
{
	try_call(.make = make_query, .module = 1);
}

TEST_F_TIMEOUT(failnth, query_attachments, LIMIT)
{
	try_call(.make = make_query_attachments, .module = 1);
}

/* The watcher, and its ring. */
TEST_F_TIMEOUT(failnth, watch, LIMIT)
{
	try_call(.make = make_watch, .undo = close_fd, .module = 2);
}

TEST_F_TIMEOUT(failnth, import, LIMIT)
{
	try_call(.make = make_import, .undo = undo_import,
		 .module = drm_import_maps() ? 5 : 1, .imports = true);
}

TEST_F_TIMEOUT(failnth, camera_maps, LIMIT)
{
	if (v4l2_queue_open(&self->world.camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	must_pass(v4l2_queue_request(&self->world.camera, 1));
	try_call(.make = make_frame, .undo = undo_frame, .limit = DMABUF_HEAP_LIMIT_CONTIGUOUS,
		 .value = 1, .module = 5, .error = EINVAL, .imports = true);
	v4l2_queue_close(&self->world.camera);
}

/* vb2's allocator for the CPU maps into the kernel instead. */
TEST_F_TIMEOUT(failnth, camera_vmaps, LIMIT)
{
	if (v4l2_queue_open(&self->world.camera, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=0");
	must_pass(v4l2_queue_request(&self->world.camera, 1));
	/* The core warns of a vmap that fails, once; let this be a new kernel. */
	must_pass(heap_file_write("/sys/kernel/debug/clear_warn_once", "1"));
	ksft_print_msg("expect-splat: dma_buf_vmap\n");
	fflush(stdout);
	try_call(.make = make_frame, .undo = undo_frame, .length = LENGTH_MULTI, .module = 4,
		 .error = EFAULT, .imports = true);
	v4l2_queue_close(&self->world.camera);
}

/* What needs nothing from the kernel can't fail for want of it. */
TEST_F_TIMEOUT(failnth, sync_asks_for_nothing, LIMIT)
{
	struct faults *faults = &self->faults;

	must_pass(faults_arm(faults, 1));
	must_pass(make_sync(&self->world));
	EXPECT_EQ(1, faults_disarm(faults));
	must_pass(faults_arm(faults, 1));
	must_pass(heap_seal(self->world.heap, self->world.backed));
	EXPECT_EQ(1, faults_disarm(faults));
}

TEST_HARNESS_MAIN
