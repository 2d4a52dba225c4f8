// SPDX-License-Identifier: GPL-2.0
/*
 * Devices of a set: see setdev.h. How many frames a camera has to have queued differs
 * between kernels; all of its slots are the one buffer.
 */
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <linux/dma-buf.h>

#include "bench.h"
#include "../drm.h"
#include "../edu_dma.h"
#include "../importer.h"
#include "setdev.h"

#define FRAMES		3
#define MARK_SEED	0x5eedULL

/* Pages that are looked at: each takes edu several tenths of a second. */
#define LOOKS		64
#define LOOKS_EDU	2

/* What both mapper and edu move in one call. */
#define PIECE		EDU_WINDOW

static const char *const rules[] = {
	[MAPPER_RULE_MASK] = "address",
	[MAPPER_RULE_LENGTH] = "segment size",
	[MAPPER_RULE_BOUNDARY] = "boundary",
	[MAPPER_RULE_ADJACENT] = "contiguity",
	[MAPPER_RULE_COUNT] = "segment count",
	[MAPPER_RULE_NODE] = "node",
	[MAPPER_RULE_ALIGN] = "whole pages",
	[MAPPER_RULE_TOTAL] = "length",
	[MAPPER_RULE_START] = "alignment",
};

static int failed(struct setdev *dev, const char *step, int rc)
{
	dev->fault = step;
	return rc;
}

static int mapper_open(struct setdev *dev)
{
	const struct setdev_spec *spec = dev->spec;
	struct mapper_limits *limits = &dev->mapper.limits;
	int rc = mapdev_open(&dev->mapper, spec->contiguous ? MAPPER_CONTIGUOUS : 0);

	if (rc)
		return -ENODEV;
	if (spec->mask)
		limits->mask = spec->mask;
	if (spec->boundary)
		limits->boundary = spec->boundary - 1;
	limits->max_segment = spec->max_segment ?: ~0U;
	limits->max_segments = spec->max_segments;
	limits->alignment = spec->alignment;
	return mapdev_limit(&dev->mapper);
}

/* The largest picture that fits. */
static int camera_open(struct setdev *dev, __u64 length)
{
	static const struct { __u32 width, height; } sizes[] = {
		{ 3840, 2160 }, { 1920, 1080 }, { 640, 360 },
	};
	struct v4l2_queue *camera = &dev->camera;
	unsigned int i;
	int rc = v4l2_queue_open(camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE);

	for (i = 0; !rc && i < ARRAY_SIZE(sizes); i++) {
		rc = v4l2_queue_resize(camera, sizes[i].width, sizes[i].height);
		if (camera->length <= length)
			break;
	}
	return rc;
}

int setdev_open(struct setdev *dev, const struct setdev_spec *spec, __u64 length)
{
	*dev = (struct setdev) {
		.spec = spec,
		.fd = -1,
		.mapper = { .fd = -1, .folder = -1 },
		.camera = { .fd = -1 },
	};
	switch (spec->kind) {
	case SETDEV_MAPPER:
		return mapper_open(dev);
	case SETDEV_CAMERA:
		return camera_open(dev, length);
	case SETDEV_EDU:
		dev->fd = open("/dev/" EDU_NODE, O_RDWR | O_CLOEXEC);
		break;
	case SETDEV_VGEM:
		dev->fd = drm_card_open(DRM_VGEM);
		break;
	}
	return dev->fd < 0 ? -ENODEV : 0;
}

void setdev_close(struct setdev *dev)
{
	setdev_unmap(dev);
	mapdev_close(&dev->mapper);
	v4l2_queue_close(&dev->camera);
	if (dev->fd >= 0)
		close(dev->fd);
	dev->fd = -1;
}

static int setdev_fd(const struct setdev *dev)
{
	switch (dev->spec->kind) {
	case SETDEV_MAPPER:
		return dev->mapper.folder;
	case SETDEV_CAMERA:
		return dev->camera.fd;
	default:
		return dev->fd;
	}
}

int setdev_declare(const struct setdev *dev, int heap, int buffer,
		   struct dmabuf_heap_answer *answer)
{
	const struct setdev_spec *spec = dev->spec;
	struct dmabuf_heap_limits limits = {};

	if (spec->contiguous)
		heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	if (spec->alignment)
		heap_limits_set(&limits, DMABUF_HEAP_LIMIT_ALIGNMENT, spec->alignment);
	if (spec->max_segments)
		heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, spec->max_segments);
	return heap_require(heap, buffer, setdev_fd(dev), limits.valid ? &limits : NULL,
			    spec->name, NULL, answer);
}

static int mapper_map(struct setdev *dev, int buffer)
{
	const struct mapper_map *map = &dev->mapper.map;
	int rc = mapdev_attach(&dev->mapper, buffer);

	if (rc)
		return failed(dev, "attach", rc);
	rc = mapdev_map(&dev->mapper, MAPDEV_BOTH);
	if (rc)
		return failed(dev, "map", rc);
	return map->broken ? failed(dev, rules[ffs(map->broken) - 1], -ERANGE) : 0;
}

static int edu_map_whole(struct setdev *dev, int buffer)
{
	struct edu_map map = { .dir = EDU_BOTH_WAYS };
	int rc = edu_call(dev->fd, EDU_ATTACH, &buffer);

	if (rc)
		return failed(dev, "attach", rc);
	rc = edu_call(dev->fd, EDU_MAP, &map);
	if (rc)
		return failed(dev, "map", rc);
	return map.wrong ? failed(dev, rules[MAPPER_RULE_MASK], -ERANGE) : 0;
}

static int camera_map(struct setdev *dev, int buffer)
{
	int rc = v4l2_queue_request(&dev->camera, FRAMES), i;

	if (rc)
		return failed(dev, "REQBUFS", rc);
	for (i = 0; i < FRAMES && !rc; i++)
		rc = v4l2_queue_put(&dev->camera, i, buffer);
	return rc ? failed(dev, "QBUF", rc) : 0;
}

int setdev_map(struct setdev *dev, int buffer)
{
	int rc;

	switch (dev->spec->kind) {
	case SETDEV_MAPPER:
		return mapper_map(dev, buffer);
	case SETDEV_EDU:
		return edu_map_whole(dev, buffer);
	case SETDEV_CAMERA:
		return camera_map(dev, buffer);
	default:
		rc = drm_import(dev->fd, buffer, &dev->handle);
		return rc ? failed(dev, "import", rc) : 0;
	}
}

/* By the device's own addresses. */
static int piece_read(struct setdev *dev, __u64 offset, void *bytes)
{
	int rc;

	if (dev->spec->kind == SETDEV_MAPPER)
		return mapdev_read(&dev->mapper, offset, bytes, PIECE);
	rc = edu_dma(dev->fd, EDU_READ, offset, bytes, PIECE);
	return rc < 0 ? rc : 0;
}

static int pieces_look(struct setdev *dev, const struct setdev_memory *memory)
{
	__u64 looks = dev->spec->kind == SETDEV_EDU ? LOOKS_EDU : LOOKS, i;
	__u64 last = memory->length / HEAP_PAGE - 1;
	__u64 seen[PIECE / sizeof(__u64)];

	for (i = 0; i < looks; i++) {
		__u64 offset = last * i / (looks - 1) * HEAP_PAGE;
		int rc = piece_read(dev, offset, seen);

		if (rc)
			return failed(dev, "DMA", rc);
		if (memcmp(seen, memory->bytes + offset, PIECE))
			return failed(dev, "bytes differ", -EILSEQ);
	}
	return 0;
}

/* More than one colour in the middle of what the CPU had filled with a pattern. */
static int camera_look(struct setdev *dev, int buffer, const struct setdev_memory *memory)
{
	const struct v4l2_queue *camera = &dev->camera;
	const char *line = memory->bytes + camera->height / 2 * camera->pitch;
	char before[PIECE];
	int rc;

	memcpy(before, line, sizeof(before));
	rc = v4l2_queue_start(&dev->camera);
	if (rc)
		return failed(dev, "STREAMON", rc);
	rc = v4l2_queue_get(&dev->camera);
	if (rc >= 0)
		rc = v4l2_queue_stop(&dev->camera);
	if (rc < 0)
		return failed(dev, "DQBUF", rc);
	rc = heap_sync(buffer, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_START);
	if (!rc && (!memcmp(before, line, camera->pitch < PIECE ? camera->pitch : PIECE) ||
		    importer_colours(line, camera->width) < 2))
		return failed(dev, "no picture", -EILSEQ);
	return rc ?: heap_sync(buffer, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_END);
}

int setdev_look(struct setdev *dev, int buffer, const struct setdev_memory *memory)
{
	switch (dev->spec->kind) {
	case SETDEV_MAPPER:
	case SETDEV_EDU:
		return pieces_look(dev, memory);
	case SETDEV_CAMERA:
		return camera_look(dev, buffer, memory);
	default:
		return 0;
	}
}

static bool setdev_can_mark(const struct setdev *dev)
{
	return dev->spec->kind == SETDEV_MAPPER || dev->spec->kind == SETDEV_EDU;
}

int setdev_mark(struct setdev *dev, int page)
{
	__u64 bytes[PIECE / sizeof(__u64)];
	int rc;

	if (!setdev_can_mark(dev))
		return 0;
	mapdev_memory_fill(bytes, PIECE, MARK_SEED + page);
	if (dev->spec->kind == SETDEV_MAPPER)
		rc = mapdev_write(&dev->mapper, page * HEAP_PAGE, bytes, PIECE);
	else
		rc = edu_dma(dev->fd, EDU_WRITE, page * HEAP_PAGE, bytes, PIECE);
	return rc < 0 ? failed(dev, "DMA", rc) : 0;
}

int setdev_find_mark(struct setdev *dev, const struct setdev_memory *memory, int page)
{
	__u64 bytes[PIECE / sizeof(__u64)];

	if (!setdev_can_mark(dev))
		return 0;
	mapdev_memory_fill(bytes, PIECE, MARK_SEED + page);
	if (memcmp(bytes, memory->bytes + page * HEAP_PAGE, PIECE))
		return failed(dev, "bytes differ", -EILSEQ);
	return 0;
}

void setdev_unmap(struct setdev *dev)
{
	switch (dev->spec->kind) {
	case SETDEV_MAPPER:
		mapdev_unmap(&dev->mapper);
		mapdev_detach(&dev->mapper);
		break;
	case SETDEV_EDU:
		edu_call(dev->fd, EDU_UNMAP, NULL);
		edu_call(dev->fd, EDU_DETACH, NULL);
		break;
	case SETDEV_CAMERA:
		v4l2_queue_stop(&dev->camera);
		v4l2_queue_request(&dev->camera, 0);
		break;
	default:
		if (dev->handle)
			drm_handle_close(dev->fd, dev->handle);
		dev->handle = 0;
	}
}
