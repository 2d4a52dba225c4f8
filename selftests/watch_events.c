// SPDX-License-Identifier: GPL-2.0
/*
 * What each event tells, and when it comes: by the calls, by drivers as they are,
 * and by kmod/mapper. How events are collected and read is watch.c's. Lengths are
 * in bytes.
 */
#include "kselftest_harness.h"
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>

#include "device.h"
#include "drm.h"
#include "importer.h"
#include "mapdev.h"
#include "subject.h"
#include "v4l2.h"
#include "watching.h"

#define LENGTH		(2 * HEAP_MIB)
#define ALIGN_BITS	26	/* memory hardly ever begins at such a multiple */

FIXTURE(watch_events) {
	struct heap_state heap;
	int buffer;
	__u64 id;
	int watcher;		/* of all that happens to the buffer */
	__u64 last_ns;
	struct dmabuf_heap_event event;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(watch_events)
{
	heap_setup(&self->heap);
	self->buffer = must_open(heap_create_id(self->heap.fd, LENGTH, &self->id));
	self->watcher = must_open(watching_open(WATCHING_ALL, self->id));
	self->last_ns = heap_now();
}

FIXTURE_TEARDOWN(watch_events)
{
	close(self->watcher);
	close(self->buffer);
	heap_teardown(&self->heap);
}

/* The next event is of this type and of this task; what all events have is right. */
#define expect_event(what) do {							\
	must_pass(watching_next(self->watcher, &self->event));			\
	ASSERT_EQ(DMABUF_HEAP_EVENT_##what, self->event.type);			\
	EXPECT_EQ(self->id, self->event.id);					\
	EXPECT_EQ(getpid(), self->event.pid);					\
	EXPECT_EQ(0, self->event.uid);						\
	EXPECT_STREQ("watch_events", self->event.comm);				\
	EXPECT_STREQ("test", self->event.name);					\
	EXPECT_EQ(0, self->event.count);					\
	EXPECT_LE(self->last_ns, self->event.time_ns);				\
	EXPECT_GE(heap_now(), self->event.time_ns);				\
	self->last_ns = self->event.time_ns;					\
} while (0)

#define expect_nothing() must_fail(EAGAIN, watching_next(self->watcher, &self->event))
#define query(buffer)	heap_query(self->heap.fd, buffer, &self->record)

/* The watcher now watches another buffer. */
#define watch_other(buffer) do {						\
	self->id = heap_fdinfo_number(buffer, "ino");				\
	must_pass(watching_set(self->watcher, WATCHING_ALL, self->id));		\
} while (0)

/* A backed buffer that does not lie at such a multiple, by chance or otherwise: an fd. */
static int buffer_unaligned(int heap, int (*create)(int heap, __u64 length))
{
	struct dmabuf_heap_buffer_record record = {};
	int first = create(heap, LENGTH), second;

	if (first < 0 || heap_commit(heap, first) || heap_query(heap, first, &record))
		return -EPROTO;
	if (record.placement.align_bits < ALIGN_BITS)
		return first;
	/* There is just one buffer at each. */
	second = create(heap, LENGTH);
	if (second >= 0 && heap_commit(heap, second))
		second = -EPROTO;
	close(first);
	return second;
}

TEST_F(watch_events, create_and_release)
{
	int buffer;

	must_pass(watching_set(self->watcher, WATCHING_ALL, 0));
	buffer = must_open(heap_create_id(self->heap.fd, LENGTH, &self->id));
	expect_event(CREATE);
	EXPECT_EQ(LENGTH, self->event.length);
	EXPECT_EQ(0, self->event.flags);
	close(buffer);
	expect_event(RELEASE);
	EXPECT_EQ(LENGTH, self->event.length);
	expect_nothing();
}

TEST_F(watch_events, create_movable)
{
	int buffer;

	must_pass(watching_set(self->watcher, WATCHING_ALL, 0));
	buffer = must_open(heap_create_movable(self->heap.fd, LENGTH));
	self->id = heap_fdinfo_number(buffer, "ino");
	expect_event(CREATE);
	EXPECT_EQ(DMABUF_HEAP_BUFFER_MOVABLE, self->event.flags);
	close(buffer);
}

/* What nobody ever got was never there, and so doesn't go either. */
TEST_F(watch_events, failed_create_is_no_event)
{
	struct dmabuf_heap_create *create;
	union subject_arg arg;
	struct subject on;

	must_pass(subject_init(&on, self->heap.fd));
	must_pass(watching_set(self->watcher, WATCHING_ALL, 0));
	subject_fill(&on, DMABUF_HEAP_IOC_CREATE, &arg);
	create = arena_take(&on.arena, sizeof(*create));
	*create = arg.create;
	must_pass(arena_protect(&on.arena, PROT_READ));
	must_fail(EFAULT, heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_CREATE, create));
	expect_nothing();
	subject_free(&on);
}

TEST_F(watch_events, declared)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	struct dmabuf_heap_limits limits = {};
	char want[64], name[32];
	__u64 id;

	must_pass(device_name(vgem, ".", name, sizeof(name)));
	snprintf(want, sizeof(want), "%s (vgem)", name);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	must_pass(heap_require(self->heap.fd, self->buffer, vgem, &limits, "scanout", &id, NULL));
	expect_event(ATTACH);
	EXPECT_EQ(id, self->event.attachment);
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_DECLARED, self->event.flags);
	EXPECT_EQ(HEAP_ACCESS_BOTH, self->event.access);
	EXPECT_STREQ(want, self->event.device);
	EXPECT_STREQ("scanout", self->event.label);
	must_pass(heap_detach(self->heap.fd, self->buffer, id));
	expect_event(DETACH);
	EXPECT_EQ(id, self->event.attachment);
	EXPECT_STREQ(want, self->event.device);
	EXPECT_STREQ("scanout", self->event.label);
	expect_nothing();
	close(vgem);
}

TEST_F(watch_events, test_is_no_event)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");

	must_pass(heap_test(self->heap.fd, self->buffer, vgem, NULL, NULL, NULL));
	must_fail(ENOENT, heap_detach(self->heap.fd, self->buffer, 1));
	expect_nothing();
	close(vgem);
}

/* All that a driver does, in its order. */
TEST_F(watch_events, imported)
{
	struct mapdev dev;

	mapdev_setup(&dev, 0);
	must_pass(mapdev_attach(&dev, self->buffer));
	expect_event(ATTACH);
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_IMPORTED, self->event.flags);
	EXPECT_EQ(0, self->event.access);
	EXPECT_STREQ(dev.name, self->event.device);
	must_pass(mapdev_map(&dev, MAPDEV_WRITES));
	must_pass(query(self->buffer));
	expect_event(FIRST_MAP);
	EXPECT_EQ(DMABUF_HEAP_FIRST_DEVICE, self->event.first_map);
	EXPECT_STREQ(dev.name, self->event.device);
	EXPECT_EQ(self->record.placement.runs, self->event.runs);
	EXPECT_EQ(self->record.placement.addr_bits, self->event.addr_bits);
	expect_event(MAP);
	EXPECT_EQ(1, self->event.attachment);
	EXPECT_EQ(DMABUF_HEAP_ACCESS_WRITE, self->event.access);
	EXPECT_EQ(dev.map.segments, self->event.segments);
	EXPECT_STREQ(dev.name, self->event.device);
	must_pass(mapdev_unmap(&dev));
	expect_event(UNMAP);
	EXPECT_EQ(DMABUF_HEAP_ACCESS_WRITE, self->event.access);
	must_pass(mapdev_map(&dev, MAPDEV_READS));
	expect_event(MAP);
	EXPECT_EQ(DMABUF_HEAP_ACCESS_READ, self->event.access);
	must_pass(mapdev_unmap(&dev));
	must_pass(mapdev_detach(&dev));
	expect_event(UNMAP);
	expect_event(DETACH);
	EXPECT_EQ(1, self->event.attachment);
	expect_nothing();
	mapdev_close(&dev);
}

/* A camera of the kernel's own is known by the node that it was declared by. */
TEST_F(watch_events, camera)
{
	struct v4l2_queue camera;
	char want[64], name[32];

	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	must_pass(device_name(camera.fd, ".", name, sizeof(name)));
	snprintf(want, sizeof(want), "%s (vivid.0)", name);
	must_pass(heap_attach(self->heap.fd, self->buffer, camera.fd, NULL, NULL));
	expect_event(ATTACH);
	must_pass(v4l2_queue_request(&camera, 1));
	must_pass(v4l2_queue_put(&camera, 0, self->buffer));
	expect_event(ATTACH);
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_IMPORTED, self->event.flags);
	EXPECT_STREQ(want, self->event.device);
	expect_event(FIRST_MAP);
	EXPECT_STREQ(want, self->event.device);
	EXPECT_EQ(1, self->event.runs);
	expect_event(MAP);
	EXPECT_EQ(DMABUF_HEAP_ACCESS_WRITE, self->event.access);
	EXPECT_STREQ(want, self->event.device);
	v4l2_queue_close(&camera);
	must_pass(watching_find(self->watcher, DMABUF_HEAP_EVENT_UNMAP, self->id, &self->event));
	must_pass(watching_find(self->watcher, DMABUF_HEAP_EVENT_DETACH, self->id, &self->event));
	EXPECT_EQ(2, self->event.attachment);
}

TEST_F(watch_events, display)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u32 handle;

	if (!drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	must_pass(drm_import(vgem, self->buffer, &handle));
	expect_event(ATTACH);
	EXPECT_STREQ("vgem", self->event.device);
	expect_event(FIRST_MAP);
	expect_event(MAP);
	EXPECT_EQ(HEAP_ACCESS_BOTH, self->event.access);
	must_pass(drm_handle_close(vgem, handle));
	close(vgem);
}

TEST_F(watch_events, cpu)
{
	char *map = heap_mmap(self->buffer, HEAP_PAGE);
	struct mapdev dev;

	ASSERT_NE(NULL, map);
	expect_event(FIRST_MAP);
	EXPECT_EQ(DMABUF_HEAP_FIRST_MMAP, self->event.first_map);
	EXPECT_STREQ("watch_events", self->event.device);
	expect_event(CPU_MAP);
	EXPECT_EQ(DMABUF_HEAP_FIRST_MMAP, self->event.first_map);
	EXPECT_EQ(HEAP_PAGE, self->event.length);
	munmap(map, HEAP_PAGE);
	expect_nothing();

	mapdev_setup(&dev, 0);
	must_pass(mapdev_call(&dev, MAPPER_VMAP, &self->buffer));
	expect_event(CPU_MAP);
	EXPECT_EQ(DMABUF_HEAP_FIRST_VMAP, self->event.first_map);
	EXPECT_EQ(LENGTH, self->event.length);
	must_pass(mapdev_call(&dev, MAPPER_VUNMAP, NULL));
	expect_nothing();
	mapdev_close(&dev);
}

TEST_F(watch_events, commit)
{
	must_pass(heap_commit(self->heap.fd, self->buffer));
	must_pass(query(self->buffer));
	expect_event(FIRST_MAP);
	EXPECT_EQ(DMABUF_HEAP_FIRST_COMMIT, self->event.first_map);
	EXPECT_EQ(self->record.placement.runs, self->event.runs);
	EXPECT_STREQ("watch_events", self->event.device);
	must_pass(heap_commit(self->heap.fd, self->buffer));
	expect_nothing();
}

TEST_F(watch_events, move)
{
	int movable = must_open(buffer_unaligned(self->heap.fd, heap_create_movable));

	watch_other(movable);
	must_pass(heap_require_limit(self->heap.fd, movable, DMABUF_HEAP_LIMIT_ALIGNMENT,
				     1 << ALIGN_BITS, NULL, NULL));
	must_pass(query(movable));
	ASSERT_EQ(1, self->record.moves);
	expect_event(MOVE);
	EXPECT_EQ(self->record.moves_ns, self->event.duration_ns);
	EXPECT_EQ(self->record.placement.runs, self->event.runs);
	EXPECT_EQ(self->record.placement.addr_bits, self->event.addr_bits);
	EXPECT_EQ(DMABUF_HEAP_BUFFER_MOVABLE, self->event.flags);
	EXPECT_EQ(0, self->event.first_map);
	expect_event(ATTACH);
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_DECLARED | DMABUF_HEAP_ATTACHMENT_NO_DEVICE,
		  self->event.flags);
	close(movable);
}

/* The whole reason is in the event, as in QUERY. */
#define expect_refused(why, buffer) do {					\
	must_pass(query(buffer));						\
	expect_event(REFUSED);							\
	EXPECT_EQ(why, self->event.report.error);				\
	EXPECT_EQ(0, memcmp(&self->record.conflict, &self->event.report,	\
			    sizeof(self->event.report)));			\
} while (0)

TEST_F(watch_events, refused_declaration)
{
	int backed = must_open(buffer_unaligned(self->heap.fd, heap_create));

	must_fail(EOPNOTSUPP, heap_require_limit(self->heap.fd, self->buffer,
						 DMABUF_HEAP_LIMIT_MAX_ADDR, HEAP_NOWHERE, NULL,
						 NULL));
	expect_refused(EOPNOTSUPP, self->buffer);
	watch_other(backed);
	must_fail(EBUSY, heap_require_limit(self->heap.fd, backed, DMABUF_HEAP_LIMIT_ALIGNMENT,
					    1 << ALIGN_BITS, NULL, NULL));
	expect_refused(EBUSY, backed);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_ALIGNMENT, self->event.report.limit);
	expect_nothing();
	close(backed);
}

TEST_F(watch_events, refused_driver)
{
	int high = must_have(importer_buffer_high(self->heap.fd, LENGTH), "memory above 4 GiB");
	struct mapdev dev;

	mapdev_setup(&dev, 0);
	watch_other(high);
	must_pass(mapdev_attach(&dev, high));
	expect_event(ATTACH);
	dev.limits.mask = MAPDEV_4G;
	must_pass(mapdev_limit(&dev));
	must_fail(EBUSY, mapdev_map(&dev, MAPDEV_BOTH));
	expect_refused(EBUSY, high);
	EXPECT_STREQ(dev.name, self->event.report.device);
	must_pass(mapdev_detach(&dev));
	expect_event(DETACH);
	must_fail(EBUSY, mapdev_attach(&dev, high));
	expect_refused(EBUSY, high);
	mapdev_close(&dev);
	close(high);
}

/* It is sealed once, and tells of a driver that comes all the same. */
TEST_F(watch_events, seal)
{
	struct mapdev dev;

	mapdev_setup(&dev, 0);
	must_pass(heap_seal(self->heap.fd, self->buffer));
	expect_event(SEAL);
	EXPECT_EQ(DMABUF_HEAP_BUFFER_SEALED, self->event.flags);
	must_pass(heap_seal(self->heap.fd, self->buffer));
	expect_nothing();
	must_fail(EPERM, mapdev_attach(&dev, self->buffer));
	expect_refused(EPERM, self->buffer);
	EXPECT_STREQ(dev.name, self->event.report.device);
	mapdev_close(&dev);
}

TEST_HARNESS_MAIN
