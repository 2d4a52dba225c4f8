// SPDX-License-Identifier: GPL-2.0
/*
 * All that can happen to buffers, once: see journey.h. Every stage makes its own
 * buffers and lets go of them, and looks only at whether a call did what it
 * should: what came of it is other tests' business. Lengths are in bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <linux/dma-buf.h>

#include "cgroup.h"
#include "drm.h"
#include "heap.h"
#include "journey.h"

#define GROUP		"heap-journey"
#define FRAME		(2 * HEAP_MIB)	/* more than a camera's picture */
#define SCATTERED	(HEAP_BLOCK_MAX + 3 * HEAP_PAGE) /* never one run of 4 MiB blocks */
#define LIMIT		HEAP_MIB

/* The call must fail with that error. */
static int refused(int error, int rc)
{
	if (rc == -error)
		return 0;
	return rc < 0 ? rc : -EPROTO;
}

/* 1 if there is such a camera. */
static int camera_open(struct v4l2_queue *camera, const char *bus)
{
	if (!v4l2_queue_open(camera, bus, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		return 1;
	camera->fd = -1;
	return 0;
}

int journey_init(struct journey *journey, int heap)
{
	*journey = (struct journey) {
		.heap = heap,
		.vgem = drm_card_open(DRM_VGEM),
		.cirrus = drm_card_open(DRM_CIRRUS),
		.cgroups = !cgroup_create(GROUP) && !cgroup_remove(GROUP),
		.stage = "init",
	};
	journey->importers = camera_open(&journey->cpu_camera, V4L2_VIVID_CPU) +
			     camera_open(&journey->dma_camera, V4L2_VIVID_DMA) +
			     (journey->vgem >= 0) + (journey->cirrus >= 0);
	journey->readonly = mmap(NULL, HEAP_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return journey->readonly == MAP_FAILED ? -errno : 0;
}

void journey_free(struct journey *journey)
{
	munmap(journey->readonly, HEAP_PAGE);
	v4l2_queue_close(&journey->cpu_camera);
	v4l2_queue_close(&journey->dma_camera);
	if (journey->vgem >= 0)
		close(journey->vgem);
	if (journey->cirrus >= 0)
		close(journey->cirrus);
}

/* A requirement of one limit. */
static int require(struct journey *journey, int buffer, enum dmabuf_heap_limit_type type,
		   __u64 value)
{
	struct dmabuf_heap_answer answer;

	return heap_require_limit(journey->heap, buffer, type, value, NULL, &answer);
}

/* Everything that QUERY can say of a buffer. */
static int ask(struct journey *journey, int buffer, __u64 id)
{
	struct dmabuf_heap_attachment_record attachments[8];
	struct dmabuf_heap_buffer_record record;
	__u64 cursor = 0;
	bool more;
	int rc;

	rc = heap_query(journey->heap, buffer, &record);
	if (!rc)
		rc = heap_query_id(journey->heap, id, &record);
	if (!rc)
		rc = heap_query_all(journey->heap, &cursor, &more, &record, 1) < 0;
	if (!rc)
		rc = heap_query_attachments(journey->heap, buffer, attachments, 8) < 0;
	return rc;
}

static int touch(int buffer, __u64 length)
{
	char *map = heap_mmap(buffer, length);
	int rc;

	if (!map)
		return -errno;
	rc = heap_sync(buffer, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
	for (__u64 offset = 0; offset < length; offset += HEAP_PAGE)
		map[offset] = 1;
	if (!rc)
		rc = heap_sync(buffer, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
	munmap(map, length);
	return rc;
}

static int import_by_card(int card, int buffer)
{
	__u32 handle;
	int rc;

	if (card < 0)
		return 0;
	rc = drm_import(card, buffer, &handle);
	return rc ? rc : drm_handle_close(card, handle);
}

static int import_by_camera(struct v4l2_queue *camera, int buffer)
{
	int rc;

	if (camera->fd < 0)
		return 0;
	rc = v4l2_queue_request(camera, 2);
	if (!rc)
		rc = v4l2_queue_put(camera, 0, buffer);
	if (!rc)
		rc = v4l2_queue_put(camera, 1, buffer);
	return v4l2_queue_request(camera, 0) ?: rc;
}

static int declare(struct journey *journey, int buffer)
{
	struct dmabuf_heap_limits limits = {};
	__u64 id;
	int rc = 0;

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT, 2 * HEAP_PAGE);
	if (journey->dma_camera.fd >= 0)
		rc = heap_attach(journey->heap, buffer, journey->dma_camera.fd, NULL, NULL);
	if (!rc && journey->cirrus >= 0)
		rc = heap_attach(journey->heap, buffer, journey->cirrus, NULL, NULL);
	if (!rc && journey->vgem >= 0)
		rc = heap_require(journey->heap, buffer, journey->vgem, &limits, "pages", NULL,
				  NULL);
	if (!rc)
		rc = heap_test(journey->heap, buffer, DMABUF_HEAP_NO_DEVICE, &limits, NULL, NULL);
	if (!rc)
		rc = heap_require(journey->heap, buffer, DMABUF_HEAP_NO_DEVICE, &limits, NULL, &id,
				  NULL);
	return rc ? rc : heap_detach(journey->heap, buffer, id);
}

/* As it is meant to be: devices first, memory last, then sealed. */
static int stage_declared(struct journey *journey)
{
	__u64 id;
	int buffer = heap_create_id(journey->heap, FRAME, &id), rc;

	if (buffer < 0)
		return buffer;
	rc = declare(journey, buffer);
	if (!rc)
		rc = import_by_camera(&journey->dma_camera, buffer);
	if (!rc)
		rc = import_by_card(journey->vgem, buffer);
	if (!rc)
		rc = import_by_card(journey->cirrus, buffer);
	if (!rc)
		rc = touch(buffer, FRAME);
	if (!rc)
		rc = heap_seal(journey->heap, buffer);
	if (!rc)
		rc = refused(EPERM, require(journey, buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0));
	if (!rc)
		rc = import_by_card(journey->vgem, buffer);
	if (!rc)
		rc = ask(journey, buffer, id);
	close(buffer);
	return rc;
}

/* A kernel address for memory that is in pieces, and a device that may not like it. */
static int stage_scattered(struct journey *journey)
{
	__u64 id;
	int buffer = heap_create_id(journey->heap, SCATTERED, &id), rc;

	if (buffer < 0)
		return buffer;
	rc = import_by_camera(&journey->cpu_camera, buffer);
	if (!rc)
		rc = import_by_card(journey->vgem, buffer);
	if (!rc)
		rc = heap_commit(journey->heap, buffer);
	/* It depends on the machine's memory which end this comes to. */
	if (!rc)
		import_by_camera(&journey->dma_camera, buffer);
	if (!rc)
		rc = ask(journey, buffer, id);
	close(buffer);
	return rc;
}

/* Refused for what is asked of memory: because it can't be, and because it isn't. */
static int stage_conflicts(struct journey *journey)
{
	int buffer = heap_create(journey->heap, SCATTERED), rc;

	if (buffer < 0)
		return buffer;
	rc = refused(EOPNOTSUPP, require(journey, buffer, DMABUF_HEAP_LIMIT_MAX_ADDR,
					 HEAP_NOWHERE));
	if (!rc)
		rc = heap_commit(journey->heap, buffer);
	if (!rc)
		rc = require(journey, buffer, DMABUF_HEAP_LIMIT_MAX_ADDR, 16 * HEAP_MIB - 1);
	/* EBUSY where the machine has memory that low. */
	rc = rc == -EBUSY || rc == -EOPNOTSUPP ? 0 : rc ? rc : -EPROTO;
	close(buffer);
	if (rc)
		return rc;

	buffer = heap_create(journey->heap, HEAP_PAGE);
	if (buffer < 0)
		return buffer;
	rc = heap_seal(journey->heap, buffer);
	if (!rc && journey->vgem >= 0)
		rc = refused(EPERM, import_by_card(journey->vgem, buffer));
	close(buffer);
	return rc;
}

/* A call whose struct can't be written to: nothing may remain of what it made. */
static int fail_create(struct journey *journey)
{
	struct dmabuf_heap_create *create = journey->readonly;
	int rc;

	mprotect(create, HEAP_PAGE, PROT_READ | PROT_WRITE);
	*create = (struct dmabuf_heap_create) {
		.size = sizeof(*create),
		.length = HEAP_PAGE,
		.fd_flags = O_RDWR,
		.name = "nowhere",
	};
	mprotect(create, HEAP_PAGE, PROT_READ);
	rc = heap_ioctl(journey->heap, DMABUF_HEAP_IOC_CREATE, create);
	return refused(EFAULT, rc);
}

static int fail_attach(struct journey *journey, int buffer)
{
	struct dmabuf_heap_limits limits = {};
	struct dmabuf_heap_attach call = {
		.size = sizeof(call),
		.fd = buffer,
		.device_fd = DMABUF_HEAP_NO_DEVICE,
		.access = HEAP_ACCESS_BOTH,
		.limits_len = sizeof(limits),
		.limits = (uintptr_t)&limits,
		.answer = (uintptr_t)journey->readonly,
		.answer_len = sizeof(struct dmabuf_heap_answer),
	};
	int rc;

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0);
	rc = heap_ioctl(journey->heap, DMABUF_HEAP_IOC_ATTACH, &call);
	return refused(EFAULT, rc);
}

static int fail_query(struct journey *journey, int buffer)
{
	struct dmabuf_heap_query_attachments attachments = {
		.size = sizeof(attachments),
		.fd = buffer,
		.records = (uintptr_t)journey->readonly,
		.record_size = sizeof(struct dmabuf_heap_attachment_record),
		.count = 1,
	};
	struct dmabuf_heap_query query = {
		.size = sizeof(query),
		.fd = buffer,
		.records = (uintptr_t)journey->readonly,
		.record_size = sizeof(struct dmabuf_heap_buffer_record),
		.count = 1,
	};
	int rc;

	rc = refused(EFAULT, heap_ioctl(journey->heap, DMABUF_HEAP_IOC_QUERY, &query));
	if (!rc)
		rc = require(journey, buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0);
	if (!rc)
		rc = refused(EFAULT, heap_ioctl(journey->heap, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS,
						&attachments));
	return rc;
}

static int fail_emfile(struct journey *journey)
{
	struct rlimit old, none;
	int rc;

	if (getrlimit(RLIMIT_NOFILE, &old))
		return -errno;
	none = old;
	none.rlim_cur = 0;
	if (setrlimit(RLIMIT_NOFILE, &none))
		return -errno;
	rc = refused(EMFILE, heap_create(journey->heap, HEAP_PAGE));
	setrlimit(RLIMIT_NOFILE, &old);
	return rc;
}

static int stage_failing(struct journey *journey)
{
	int buffer = heap_create(journey->heap, HEAP_PAGE), null, rc;
	struct dmabuf_heap_buffer_record record;

	if (buffer < 0)
		return buffer;
	rc = fail_create(journey);
	if (!rc)
		rc = fail_attach(journey, buffer);
	if (!rc)
		rc = fail_query(journey, buffer);
	if (!rc)
		rc = fail_emfile(journey);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (!rc)
		rc = refused(ENODEV, heap_attach(journey->heap, buffer, null, NULL, NULL));
	if (!rc)
		rc = refused(EINVAL, heap_commit(journey->heap, null));
	if (!rc)
		rc = refused(ENOENT, heap_detach(journey->heap, buffer, 1ULL << 40));
	if (!rc)
		rc = refused(ENOENT, heap_query_id(journey->heap, 1ULL << 60, &record));
	if (!rc && mmap(NULL, HEAP_PAGE, PROT_READ, MAP_PRIVATE, buffer, 0) != MAP_FAILED)
		rc = -EPROTO;
	close(null);
	close(buffer);
	if (!rc)
		rc = refused(EBADF, heap_seal(journey->heap, buffer));
	return rc;
}

struct visit {
	struct journey *journey;
	int buffer;
};

/* In a child, which leaves everything to the kernel to clean up. */
static int visit(void *arg)
{
	struct visit *visit = arg;
	int card, own;
	char path[32], *map;
	__u32 handle;

	map = heap_mmap(visit->buffer, FRAME);
	if (!map)
		return -errno;
	map[0] = 2;
	own = heap_create(visit->journey->heap, SCATTERED);
	if (own < 0)
		return own;
	map = heap_mmap(own, SCATTERED);
	if (!map)
		return -errno;
	map[SCATTERED - 1] = 3;
	if (visit->journey->vgem < 0)
		return 0;
	/* The same card by a file of its own. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", visit->journey->vgem);
	card = open(path, O_RDWR | O_CLOEXEC);
	return heap_attach(visit->journey->heap, visit->buffer, card, NULL, NULL) ?:
	       drm_import(card, own, &handle) ?: drm_import(card, visit->buffer, &handle);
}

static int stage_inherited(struct journey *journey)
{
	struct visit child = { .journey = journey };
	char *map;
	int rc;

	child.buffer = heap_create(journey->heap, FRAME);
	if (child.buffer < 0)
		return child.buffer;
	map = heap_mmap(child.buffer, FRAME);
	if (!map) {
		rc = -errno;
	} else {
		map[FRAME - 1] = 1;
		rc = heap_child(0, visit, &child);
		/* In two pieces, of which the first is the middle. */
		munmap(map + HEAP_PAGE, HEAP_MIB);
		munmap(map, FRAME);
	}
	close(child.buffer);
	return rc;
}

/* The creator's cgroup pays, is at its limit, and goes before the buffer does. */
static int stage_charged(struct journey *journey)
{
	int small, large, rc;

	if (!journey->cgroups)
		return 0;
	rc = cgroup_create(GROUP) ?: cgroup_limit(GROUP, LIMIT) ?: cgroup_enter(GROUP);
	small = heap_create(journey->heap, HEAP_PAGE);
	large = heap_create(journey->heap, SCATTERED);
	rc = cgroup_enter(NULL) ?: rc;
	if (!rc)
		rc = heap_commit(journey->heap, small);
	if (!rc)
		rc = refused(ENOMEM, heap_commit(journey->heap, large));
	if (!rc)
		rc = refused(ENOMEM, touch(large, SCATTERED));
	rc = cgroup_remove(GROUP) ?: rc;
	close(small);
	close(large);
	return rc;
}

int journey_make(struct journey *journey)
{
	static const struct {
		const char *name;
		int (*go)(struct journey *journey);
	} stages[] = {
		{ "declared", stage_declared },
		{ "scattered", stage_scattered },
		{ "conflicts", stage_conflicts },
		{ "failing", stage_failing },
		{ "inherited", stage_inherited },
		{ "charged", stage_charged },
	};
	unsigned int i;
	int rc = 0;

	for (i = 0; i < sizeof(stages) / sizeof(*stages) && !rc; i++) {
		journey->stage = stages[i].name;
		rc = stages[i].go(journey);
	}
	return rc;
}
