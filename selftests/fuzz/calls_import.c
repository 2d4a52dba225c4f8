// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers that take dma-bufs: V4L2 queues, DRM cards, kmod/mapper; and what else
 * can be named as a device. Devices come and go with their drivers' binding.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/videodev2.h>
#include <libdrm/drm.h>
#include <libdrm/drm_fourcc.h>
#include <libdrm/drm_mode.h>

#include "calls.h"
#include "drm.h"
#include "heap.h"
#include "kmod/mapper.h"

static const char *const videos[] = {
	"/dev/video0", "/dev/video1", "/dev/video2", "/dev/video3", "/dev/video4",
};

static const char *const cards[] = {
	"/dev/dri/card0", "/dev/dri/card1", "/dev/dri/card2", "/dev/dri/renderD128",
};

static const char *const others[] = {
	"/dev/media0", "/dev/null", "/dev/zero", "/dev/rtc0", "/dev/udmabuf", "/dev/ttyS0",
	"/dev/hpet", "/sys/devices/platform/vivid.0", "/sys/devices/platform/vgem",
	"/sys/class/drm/card0/device", "/sys/class/drm/card0", "/sys/class/video4linux/video0",
	"/sys/class/video4linux", "/sys/kernel", "/sys/devices", "/proc/self", "/",
};

static long result(long rc)
{
	return rc < 0 ? -errno : rc;
}

static long device_open(struct worker *worker, enum slot_kind kind, const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == EISDIR)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return worker_keep(worker, kind, result(fd));
}

long call_device_open(struct worker *worker)
{
	switch (worker_below(worker, 8)) {
	case 0:
	case 1:
		return device_open(worker, SLOT_VIDEO, worker_one_of(worker, videos));
	case 2:
	case 3:
		return device_open(worker, SLOT_DRM, worker_one_of(worker, cards));
	case 4:
		return device_open(worker, SLOT_OTHER, worker_one_of(worker, others));
	default:
		return device_open(worker, SLOT_MAPPER, "/dev/" MAPPER_NODE);
	}
}

long call_device_close(struct worker *worker)
{
	return worker_drop(worker, SLOT_VIDEO + worker_below(worker, 4));
}

/* Each open file counts its handles from 1, so the lowest are in most of them. */
static __u32 some_handle(struct worker *worker)
{
	__u32 slot = worker_below(worker, SLOTS);

	return worker_below(worker, 2) ? slot % 4 : worker->process->handles[slot];
}

long call_prime_import(struct worker *worker)
{
	int card = worker_fd(worker, SLOT_DRM), rc;
	__u32 handle;

	worker_fail_begin(worker);
	rc = drm_import(card, worker_fd(worker, SLOT_BUFFER), &handle);
	worker_fail_end(worker);
	if (!rc)
		worker->process->handles[worker_below(worker, SLOTS)] = handle;
	return rc;
}

long call_prime_export(struct worker *worker)
{
	struct drm_prime_handle prime = { .flags = DRM_CLOEXEC | DRM_RDWR };
	int card = worker_fd(worker, SLOT_DRM);

	prime.handle = some_handle(worker);
	if (ioctl(card, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime))
		return -errno;
	return worker_keep(worker, SLOT_BUFFER, prime.fd);
}

long call_gem_close(struct worker *worker)
{
	int card = worker_fd(worker, SLOT_DRM);

	return drm_handle_close(card, some_handle(worker));
}

long call_gem_map(struct worker *worker)
{
	int card = worker_fd(worker, SLOT_DRM);
	char *window = worker_window(worker);
	__u64 offset;
	void *map;
	int rc;

	rc = drm_handle_map(card, some_handle(worker), &offset);
	if (rc)
		return rc;
	map = mmap(window, HEAP_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, card, offset);
	return map == MAP_FAILED ? -errno : 0;
}

/* Ends what it begins: with the fence open, whoever synchronises would wait. */
long call_fence(struct worker *worker)
{
	int card = worker_fd(worker, SLOT_DRM), rc;
	__u32 handle = some_handle(worker), fence;

	rc = drm_fence_attach(card, handle, worker_below(worker, 2), &fence);
	if (rc)
		return rc;
	call_poll(worker);
	call_export_fence(worker);
	return drm_fence_signal(card, fence);
}

long call_framebuffer(struct worker *worker)
{
	int card = worker_fd(worker, SLOT_DRM), rc;
	struct drm_mode_fb_cmd2 add = {
		.width = 64,
		.height = 1 + worker_below(worker, 32),
		.pixel_format = DRM_FORMAT_XRGB8888,
		.pitches = { 256 },
	};
	__u32 fb;

	add.handles[0] = some_handle(worker);
	if (worker_once_in(worker, 8)) {
		rc = drm_show(card, add.handles[0], 640, 480, 640 * 4, &fb);
		return rc ? rc : drm_hide(card, fb);
	}
	if (ioctl(card, DRM_IOCTL_MODE_ADDFB2, &add))
		return -errno;
	return worker_below(worker, 2) ? 0 : drm_hide(card, add.fb_id);
}

static __u32 video_type(struct worker *worker)
{
	return worker_once_in(worker, 4) ? V4L2_BUF_TYPE_VIDEO_OUTPUT : V4L2_BUF_TYPE_VIDEO_CAPTURE;
}

/* Small pictures, so that many buffers are large enough. */
static long video_format(struct worker *worker, int video, __u32 type)
{
	static const __u32 pixels[] = {
		V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_RGB565, V4L2_PIX_FMT_XBGR32,
	};
	struct v4l2_format format = { .type = type };

	format.fmt.pix.width = 16 << worker_below(worker, 5);
	format.fmt.pix.height = 16 << worker_below(worker, 4);
	format.fmt.pix.pixelformat = worker_one_of(worker, pixels);
	return result(ioctl(video, VIDIOC_S_FMT, &format));
}

static long video_request(int video, __u32 type, __u32 count)
{
	struct v4l2_requestbuffers request = {
		.count = count,
		.type = type,
		.memory = V4L2_MEMORY_DMABUF,
	};

	return result(ioctl(video, VIDIOC_REQBUFS, &request));
}

long call_video_format(struct worker *worker)
{
	__u32 type = video_type(worker);

	return video_format(worker, worker_fd(worker, SLOT_VIDEO), type);
}

long call_video_request(struct worker *worker)
{
	__u32 type = video_type(worker), count = worker_below(worker, 4);

	return video_request(worker_fd(worker, SLOT_VIDEO), type, count);
}

/* Only the file that has asked for slots may queue, so most of the time it asks first. */
long call_video_queue(struct worker *worker)
{
	struct v4l2_buffer slot = {
		.index = worker_below(worker, 4),
		.type = video_type(worker),
		.memory = V4L2_MEMORY_DMABUF,
	};
	int video = worker_fd(worker, SLOT_VIDEO);
	long rc;

	slot.m.fd = worker_fd(worker, SLOT_BUFFER);
	if (slot.type == V4L2_BUF_TYPE_VIDEO_OUTPUT)
		slot.field = V4L2_FIELD_NONE;
	if (worker_below(worker, 4)) {
		video_format(worker, video, slot.type);
		video_request(video, slot.type, 4);
	}
	worker_fail_begin(worker);
	rc = result(ioctl(video, VIDIOC_QBUF, &slot));
	worker_fail_end(worker);
	return rc;
}

long call_video_dequeue(struct worker *worker)
{
	struct v4l2_buffer slot = { .type = video_type(worker), .memory = V4L2_MEMORY_DMABUF };

	return result(ioctl(worker_fd(worker, SLOT_VIDEO), VIDIOC_DQBUF, &slot));
}

/* Mostly off: a driver that makes pictures takes all the time there is. */
long call_video_stream(struct worker *worker)
{
	unsigned long call = worker_below(worker, 4) ? VIDIOC_STREAMOFF : VIDIOC_STREAMON;
	int type = video_type(worker);

	return result(ioctl(worker_fd(worker, SLOT_VIDEO), call, &type));
}

long call_mapper_limit(struct worker *worker)
{
	static const __u64 masks[] = {
		~0ULL, ~0ULL, 0xffffffff, 0xffffffff, 0xfffffff, 0xffffff, 0,
		0x1ffffffff, 0x3fffffff,
	};
	struct mapper_limits limits = {};

	limits.mask = worker_one_of(worker, masks);
	limits.boundary = (1ULL << (12 + worker_below(worker, 51))) - 1;
	limits.max_segment = HEAP_PAGE * (1 + worker_below(worker, 64));
	if (worker_once_in(worker, 8))
		limits.max_segment = worker_number(worker);
	if (worker_once_in(worker, 8))
		limits.alignment = worker_number(worker);
	if (worker_once_in(worker, 4))
		limits.flags = worker_below(worker, 16);
	return result(ioctl(worker_fd(worker, SLOT_MAPPER), MAPPER_LIMIT, &limits));
}

static long mapper_access(struct worker *worker, int mapper)
{
	struct mapper_read read = {};
	unsigned long call = worker_below(worker, 2) ? MAPPER_READ : MAPPER_WRITE;

	read.offset = HEAP_PAGE * worker_below(worker, 64);
	read.length = worker_below(worker, HEAP_PAGE);
	read.flags = worker_once_in(worker, 4) ? MAPPER_BY_CPU : 0;
	read.data = (uintptr_t)worker_place(worker, read.length, NULL);
	return result(ioctl(mapper, call, &read));
}

static long mapper_map(struct worker *worker, int mapper)
{
	struct mapper_map map = { .dir = worker_below(worker, 4) };
	unsigned long call = worker_once_in(worker, 8) ? MAPPER_CHECK : MAPPER_MAP;

	return result(ioctl(mapper, call, &map));
}

/* Not HOLD: what it holds would stay when the round has ended. */
static long mapper_other(struct worker *worker, int mapper)
{
	static const unsigned long calls[] = {
		MAPPER_UNMAP, MAPPER_UNMAP, MAPPER_DETACH, MAPPER_PIN, MAPPER_UNPIN,
		MAPPER_VUNMAP, MAPPER_BIND, MAPPER_BIND,
	};

	if (worker_once_in(worker, 32))
		return result(ioctl(mapper, MAPPER_UNBIND));
	return result(ioctl(mapper, worker_one_of(worker, calls)));
}

long call_mapper(struct worker *worker)
{
	static const unsigned long takes[] = {
		MAPPER_ATTACH, MAPPER_ATTACH, MAPPER_ATTACH_DYNAMIC, MAPPER_VMAP,
	};
	int mapper = worker_fd(worker, SLOT_MAPPER), buffer = worker_fd(worker, SLOT_BUFFER);
	long rc;

	worker_fail_begin(worker);
	switch (worker_below(worker, 10)) {
	case 0:
	case 1:
	case 2:
		rc = mapper_other(worker, mapper);
		break;
	case 3:
		rc = mapper_access(worker, mapper);
		break;
	case 4:
	case 5:
	case 6:
		rc = mapper_map(worker, mapper);
		break;
	default:
		rc = result(ioctl(mapper, worker_one_of(worker, takes), &buffer));
		break;
	}
	worker_fail_end(worker);
	return rc;
}

struct driver {
	const char *folder;
	const char *prefix;	/* of its devices' names */
};

static int driver_device(const struct driver *driver, char *name, size_t room)
{
	DIR *folder = opendir(driver->folder);
	struct dirent *entry;
	int rc = -ENOENT;

	if (!folder)
		return -errno;
	while (rc && (entry = readdir(folder))) {
		if (strncmp(entry->d_name, driver->prefix, strlen(driver->prefix)))
			continue;
		snprintf(name, room, "%s", entry->d_name);
		rc = 0;
	}
	closedir(folder);
	return rc;
}

static int driver_bind(const struct driver *driver, const char *how, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", driver->folder, how);
	return heap_file_write(path, name);
}

/* One at a time. */
long call_unbind(struct worker *worker)
{
	static const struct driver drivers[] = {
		{ "/sys/bus/platform/drivers/vivid", "vivid." },
		{ "/sys/bus/pci/drivers/cirrus", "0000:" },
	};
	static atomic_flag busy = ATOMIC_FLAG_INIT;
	const struct driver *driver = &worker_one_of(worker, drivers);
	char name[256];
	int rc;

	if (!worker->process->may_unbind || atomic_flag_test_and_set(&busy))
		return -EAGAIN;
	rc = driver_device(driver, name, sizeof(name));
	if (!rc)
		rc = driver_bind(driver, "unbind", name);
	if (!rc)
		rc = driver_bind(driver, "bind", name);
	atomic_flag_clear(&busy);
	return rc;
}
