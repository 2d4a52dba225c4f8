// SPDX-License-Identifier: GPL-2.0
/*
 * Devices made to measure: see mapdev.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>

#include "heap.h"
#include "mapdev.h"

int mapdev_call(const struct mapdev *dev, unsigned long call, void *arg)
{
	return ioctl(dev->fd, call, arg) ? -errno : 0;
}

int mapdev_limit(const struct mapdev *dev)
{
	struct mapper_limits limits = dev->limits;

	return mapdev_call(dev, MAPPER_LIMIT, &limits);
}

int mapdev_open(struct mapdev *dev, __u32 flags)
{
	char path[sizeof(MAPPER_DEVICES) + sizeof(dev->name)];
	int rc;

	memset(dev, 0, sizeof(*dev));
	dev->folder = -1;
	dev->limits.mask = MAPDEV_ANY;
	dev->limits.boundary = MAPDEV_ANY;
	dev->limits.flags = flags;
	dev->fd = open("/dev/" MAPPER_NODE, O_RDWR | O_CLOEXEC);
	if (dev->fd < 0)
		return -errno;
	rc = mapdev_limit(dev);
	if (!rc) {
		memcpy(dev->name, mapdev_info(dev).name, sizeof(dev->name));
		snprintf(path, sizeof(path), MAPPER_DEVICES "%s", dev->name);
		dev->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dev->folder < 0)
			rc = -errno;
	}
	if (rc)
		mapdev_close(dev);
	return rc;
}

void mapdev_close(struct mapdev *dev)
{
	if (dev->fd >= 0)
		close(dev->fd);
	if (dev->folder >= 0)
		close(dev->folder);
	dev->fd = -1;
	dev->folder = -1;
}

int mapdev_attach(const struct mapdev *dev, int buffer)
{
	return mapdev_call(dev, MAPPER_ATTACH, &buffer);
}

int mapdev_attach_dynamic(const struct mapdev *dev, int buffer)
{
	return mapdev_call(dev, MAPPER_ATTACH_DYNAMIC, &buffer);
}

int mapdev_detach(const struct mapdev *dev)
{
	return mapdev_call(dev, MAPPER_DETACH, NULL);
}

int mapdev_map(struct mapdev *dev, __u32 dir)
{
	memset(&dev->map, 0, sizeof(dev->map));
	dev->map.dir = dir;
	return mapdev_call(dev, MAPPER_MAP, &dev->map);
}

int mapdev_check(struct mapdev *dev)
{
	return mapdev_call(dev, MAPPER_CHECK, &dev->map);
}

int mapdev_unmap(const struct mapdev *dev)
{
	return mapdev_call(dev, MAPPER_UNMAP, NULL);
}

int mapdev_read(const struct mapdev *dev, __u64 offset, void *bytes, __u32 length)
{
	struct mapper_read read = {
		.offset = offset,
		.data = (uintptr_t)bytes,
		.length = length,
	};

	return mapdev_call(dev, MAPPER_READ, &read);
}

int mapdev_write(const struct mapdev *dev, __u64 offset, const void *bytes, __u32 length)
{
	struct mapper_read write = {
		.offset = offset,
		.data = (uintptr_t)bytes,
		.length = length,
	};

	return mapdev_call(dev, MAPPER_WRITE, &write);
}

struct mapper_info mapdev_info(const struct mapdev *dev)
{
	struct mapper_info info = {};

	mapdev_call(dev, MAPPER_INFO, &info);
	return info;
}

/* The part of the pattern that begins at @offset. */
static void pattern(__u64 *words, __u64 offset, __u64 length, __u64 seed)
{
	__u64 i;

	for (i = 0; i < length / sizeof(*words); i++)
		words[i] = (offset + i * sizeof(*words) + seed) * 0x9e3779b97f4a7c15ULL;
}

int mapdev_fill(const struct mapdev *dev, __u64 length, __u64 seed)
{
	__u64 page[HEAP_PAGE / sizeof(__u64)], offset;
	int rc = 0;

	for (offset = 0; offset < length && !rc; offset += sizeof(page)) {
		pattern(page, offset, sizeof(page), seed);
		rc = mapdev_write(dev, offset, page, sizeof(page));
	}
	return rc;
}

int mapdev_compare(const struct mapdev *dev, __u64 length, __u64 seed)
{
	__u64 page[HEAP_PAGE / sizeof(__u64)], seen[HEAP_PAGE / sizeof(__u64)], offset;
	int rc = 0;

	for (offset = 0; offset < length && !rc; offset += sizeof(page)) {
		pattern(page, offset, sizeof(page), seed);
		rc = mapdev_read(dev, offset, seen, sizeof(seen));
		if (!rc && memcmp(page, seen, sizeof(page)))
			rc = -EILSEQ;
	}
	return rc;
}

void mapdev_memory_fill(void *memory, __u64 length, __u64 seed)
{
	pattern(memory, 0, length, seed);
}

int mapdev_memory_compare(const void *memory, __u64 length, __u64 seed)
{
	__u64 page[HEAP_PAGE / sizeof(__u64)], offset;

	for (offset = 0; offset < length; offset += sizeof(page)) {
		pattern(page, offset, sizeof(page), seed);
		if (memcmp(memory + offset, page, sizeof(page)))
			return -EILSEQ;
	}
	return 0;
}
