// SPDX-License-Identifier: GPL-2.0
/*
 * The exporters: see peer.h. What a program would close at once is closed in
 * create, and counts there: the file behind a udmabuf, the handle of a dumb buffer.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <libdrm/drm.h>
#include <libdrm/drm_mode.h>

#include "../drm.h"
#include "bench.h"
#include "peer.h"

static int node_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Without a name, as the others are. */
static int ours_create(int exporter, __u64 length)
{
	struct dmabuf_heap_create create = {
		.size = sizeof(create),
		.length = length,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};

	return heap_ioctl(exporter, DMABUF_HEAP_IOC_CREATE, &create) ?: create.out_fd;
}

static int system_heap_open(void)
{
	return node_open("/dev/dma_heap/system");
}

static int system_heap_create(int exporter, __u64 length)
{
	struct dma_heap_allocation_data data = {
		.len = length,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};

	return ioctl(exporter, DMA_HEAP_IOCTL_ALLOC, &data) ? -errno : (int)data.fd;
}

static int udmabuf_open(void)
{
	return node_open("/dev/udmabuf");
}

static int udmabuf_create(int exporter, __u64 length)
{
	struct udmabuf_create create = {
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.size = length,
	};
	int file = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int buffer = -1;

	if (file < 0)
		return -errno;
	create.memfd = file;
	if (!ftruncate(file, length) && !fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK))
		buffer = ioctl(exporter, UDMABUF_CREATE, &create);
	if (buffer < 0)
		buffer = -errno;
	close(file);
	return buffer;
}

static int dumb_open(void)
{
	int card = drm_card_open(DRM_VGEM);

	return card < 0 ? -ENOENT : card;
}

static int dumb_create(int exporter, __u64 length)
{
	struct drm_mode_create_dumb dumb = {
		.width = HEAP_PAGE / 4,
		.height = length / HEAP_PAGE,
		.bpp = 32,
	};
	struct drm_prime_handle prime = { .flags = DRM_CLOEXEC | DRM_RDWR };
	struct drm_gem_close gem = { };
	int rc;

	if (ioctl(exporter, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return -errno;
	prime.handle = dumb.handle;
	gem.handle = dumb.handle;
	rc = ioctl(exporter, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime) ? -errno : prime.fd;
	ioctl(exporter, DRM_IOCTL_GEM_CLOSE, &gem);
	return rc;
}

static const struct peer others[] = {
	{ "system heap", "/dev/dma_heap/system", system_heap_open, system_heap_create, -1 },
	{ "udmabuf", "/dev/udmabuf", udmabuf_open, udmabuf_create, -1 },
	{ "vgem dumb", "vgem's card", dumb_open, dumb_create, -1 },
};

int peers_open(int heap, struct peer *peers, int most, bool *has_heap)
{
	unsigned int i;
	int count = 0;

	peers[count++] = (struct peer) {
		.name = "dmabuf-heap",
		.create = ours_create,
		.exporter = heap,
	};
	for (i = 0; i < ARRAY_SIZE(others) && count < most; i++) {
		peers[count] = others[i];
		peers[count].exporter = others[i].open();
		if (peers[count].exporter >= 0)
			count++;
		else
			ksft_print_msg("no %s here: %s is missing\n", others[i].name,
				       others[i].needs);
	}
	*has_heap = count > PEER_HEAP && peers[PEER_HEAP].create == system_heap_create;
	return count;
}

void peers_close(struct peer *peers, int count)
{
	int i;

	for (i = 1; i < count; i++)
		close(peers[i].exporter);
}
