// SPDX-License-Identifier: GPL-2.0
/*
 * The pieces of work: see work.h. A whole buffer is touched by a byte of each
 * page: memory may come at create, at mmap or by fault, and page tables at mmap
 * or by fault, but by the last byte all of it has.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/dma-buf.h>

#include "bench.h"
#include "work.h"

#define BOTH_WAYS	0	/* DMA_BIDIRECTIONAL */

int work_device_open(enum work_device device)
{
	struct mapper_limits limits = {
		.mask = ~0ULL,
		.boundary = ~0ULL,
		.max_segment = device == WORK_DEVICE_64K ? 64 * HEAP_KIB : ~0U,
	};
	int fd = open("/dev/" MAPPER_NODE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return bench_fd(ioctl(fd, MAPPER_LIMIT, &limits) ? -errno : fd);
}

static void create(struct scene *scene)
{
	scene->buffer = bench_fd(scene->peer->create(scene->peer->exporter, scene->length));
}

static void close_buffer(struct scene *scene)
{
	close(scene->buffer);
}

static void map(struct scene *scene)
{
	scene->map = bench_pointer(heap_mmap(scene->buffer, scene->length));
}

static void unmap(struct scene *scene)
{
	munmap(scene->map, scene->length);
}

static void touch(struct scene *scene)
{
	__u64 offset;

	for (offset = 0; offset < scene->length; offset += HEAP_PAGE)
		scene->map[offset] = 1;
}

static void sync_begin_end(struct scene *scene)
{
	bench_fd(heap_sync(scene->buffer, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW));
	bench_fd(heap_sync(scene->buffer, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW));
}

static void device_call(struct scene *scene, unsigned long call, void *arg)
{
	bench_fd(ioctl(scene->device, call, arg) ? -errno : 0);
}

static void device_map(struct scene *scene)
{
	scene->given.dir = BOTH_WAYS;
	device_call(scene, MAPPER_MAP, &scene->given);
}

static void device_unmap(struct scene *scene)
{
	device_call(scene, MAPPER_UNMAP, NULL);
}

static void device_attach(struct scene *scene)
{
	device_call(scene, MAPPER_ATTACH, &scene->buffer);
}

static void device_detach(struct scene *scene)
{
	device_call(scene, MAPPER_DETACH, NULL);
}

static void create_map(struct scene *scene)
{
	create(scene);
	map(scene);
}

static void create_first_byte(struct scene *scene)
{
	create_map(scene);
	scene->map[0] = 1;
}

static void create_touch(struct scene *scene)
{
	create_map(scene);
	touch(scene);
}

static void map_touch_unmap(struct scene *scene)
{
	map(scene);
	touch(scene);
	unmap(scene);
}

static void create_touch_unmap(struct scene *scene)
{
	create(scene);
	map_touch_unmap(scene);
}

static void unmap_close(struct scene *scene)
{
	unmap(scene);
	close_buffer(scene);
}

static void create_device_map(struct scene *scene)
{
	create(scene);
	device_attach(scene);
	device_map(scene);
}

static void device_map_unmap(struct scene *scene)
{
	device_map(scene);
	device_unmap(scene);
}

/* Leaves it attached; what comes with the first map only has come. */
static void create_device_map_unmap(struct scene *scene)
{
	create_device_map(scene);
	device_unmap(scene);
}

static void detach_close(struct scene *scene)
{
	device_detach(scene);
	close_buffer(scene);
}

static void device_unmap_detach_close(struct scene *scene)
{
	device_unmap(scene);
	detach_close(scene);
}

static void create_touch_device_map(struct scene *scene)
{
	create_touch(scene);
	device_attach(scene);
	device_map(scene);
	sync_begin_end(scene);
}

static void device_unmap_unmap_close(struct scene *scene)
{
	device_unmap(scene);
	device_detach(scene);
	unmap_close(scene);
}

/* What comes with the first sync only has come. */
static void create_touch_sync(struct scene *scene)
{
	create_touch(scene);
	sync_begin_end(scene);
}

static void create_device_map_end(struct scene *scene)
{
	create_device_map_unmap(scene);
	device_detach(scene);
}

const struct work works[WORKS] = {
	{ "create", WORK_NO_DEVICE, NULL, create, close_buffer },
	{ "create to first CPU byte", WORK_NO_DEVICE, NULL, create_first_byte, unmap_close },
	{ "create to last CPU byte", WORK_NO_DEVICE, NULL, create_touch, unmap_close },
	{ "mmap, touch all, munmap", WORK_NO_DEVICE, create_touch_unmap, map_touch_unmap,
	  close_buffer },
	{ "create to device map", WORK_DEVICE_WIDE, NULL, create_device_map,
	  device_unmap_detach_close },
	{ "device map and unmap", WORK_DEVICE_WIDE, create_device_map_unmap, device_map_unmap,
	  detach_close },
	{ "create to map, 64K device", WORK_DEVICE_64K, NULL, create_device_map,
	  device_unmap_detach_close },
	{ "map and unmap, 64K device", WORK_DEVICE_64K, create_device_map_unmap,
	  device_map_unmap, detach_close },
	{ "CPU sync, no device", WORK_NO_DEVICE, create_touch_sync, sync_begin_end,
	  unmap_close },
	{ "CPU sync, device maps", WORK_DEVICE_WIDE, create_touch_device_map, sync_begin_end,
	  device_unmap_unmap_close },
	{ "free after CPU use", WORK_NO_DEVICE, create_touch_unmap, close_buffer, NULL },
	{ "free after device use", WORK_DEVICE_WIDE, create_device_map_end, close_buffer,
	  NULL },
};
