// SPDX-License-Identifier: GPL-2.0
/*
 * Memory is zero before anyone can see it: for every kind of first map, for
 * every placement, from the first byte to the end of the last page, and when the
 * pages held something else before. Lengths are bytes. The class of bug is that of
 * CVE-2015-8950, arm64's DMA memory by way of ION: pages that weren't zeroed.
 *
 * Debian's kernel zeroes all pages by itself (init_on_alloc=1), which hides a
 * heap that forgets to: only a boot with init_on_alloc=0 proves anything.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "v4l2.h"

#define DIRTY	(24 * HEAP_MIB)	/* all lengths together have less */
#define ROUNDS	2

enum first { BY_MMAP, BY_COMMIT, BY_VGEM, BY_CAMERA, BY_VMAP, BY_LOW };

/* Who maps first. */
struct peers {
	int heap;
	int vgem;
	struct v4l2_queue camera;
};

FIXTURE(zero) {
	struct heap_state state;
	struct peers peers;
};

FIXTURE_VARIANT(zero) {
	enum first first;
	__u64 most;		/* largest length that this way can have */
};

FIXTURE_VARIANT_ADD(zero, mmap) { .first = BY_MMAP, .most = 16 * HEAP_MIB };
FIXTURE_VARIANT_ADD(zero, commit) { .first = BY_COMMIT, .most = 16 * HEAP_MIB };
FIXTURE_VARIANT_ADD(zero, commit_low) { .first = BY_LOW, .most = 16 * HEAP_MIB };
FIXTURE_VARIANT_ADD(zero, device) { .first = BY_VGEM, .most = 16 * HEAP_MIB };
FIXTURE_VARIANT_ADD(zero, vmap) { .first = BY_VMAP, .most = 16 * HEAP_MIB };
FIXTURE_VARIANT_ADD(zero, contiguous) { .first = BY_CAMERA, .most = 16 * HEAP_MIB };

/* Odd ones too: what lies behind the length asked for, up to the page's end. */
static const __u64 lengths[] = {
	1, HEAP_PAGE - 1, HEAP_PAGE, HEAP_PAGE + 1, 64 * HEAP_KIB,
	300 * HEAP_KIB + 17, 2 * HEAP_MIB + 123, 4 * HEAP_MIB, 9 * HEAP_MIB + 1,
};

/* Says before all tests what this boot can prove. */
static void __attribute__((constructor)) say_what_it_proves(void)
{
	char line[4096] = "";
	FILE *file = fopen("/proc/cmdline", "re");

	if (!file)
		return;
	if (fgets(line, sizeof(line), file) && !strstr(line, "init_on_alloc=0"))
		puts("# the kernel zeroes pages by itself: init_on_alloc isn't 0");
	fclose(file);
}

FIXTURE_SETUP(zero)
{
	heap_setup(&self->state);
	self->peers.heap = self->state.fd;
	self->peers.camera.fd = -1;
	self->peers.vgem = -1;
	if (variant->first == BY_VGEM)
		self->peers.vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	if (variant->first != BY_CAMERA && variant->first != BY_VMAP)
		return;
	if (v4l2_queue_open(&self->peers.camera,
			    variant->first == BY_CAMERA ? V4L2_VIVID_DMA : V4L2_VIVID_CPU,
			    V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera");
	must_pass(v4l2_queue_resize(&self->peers.camera, 320, 180));
}

FIXTURE_TEARDOWN(zero)
{
	v4l2_queue_close(&self->peers.camera);
	if (self->peers.vgem >= 0)
		close(self->peers.vgem);
	heap_teardown(&self->state);
}

static int require_low(int heap, int buffer)
{
	struct dmabuf_heap_limits limits = {};

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, IMPORTER_4G);
	return heap_require(heap, buffer, DMABUF_HEAP_NO_DEVICE, &limits, NULL, NULL, NULL);
}

static int back_by_vgem(struct peers *peers, int buffer)
{
	__u32 handle;
	int rc = drm_import(peers->vgem, buffer, &handle);

	return rc ? rc : drm_handle_close(peers->vgem, handle);
}

static int back_by_camera(struct peers *peers, int buffer)
{
	int rc = heap_attach(peers->heap, buffer, peers->camera.fd, NULL, NULL);

	if (!rc)
		rc = v4l2_queue_request(&peers->camera, 1);
	if (!rc)
		rc = v4l2_queue_put(&peers->camera, 0, buffer);
	return rc ? rc : v4l2_queue_request(&peers->camera, 0);
}

/* Makes the buffer backed, in one of the ways there are. */
static int back(struct peers *peers, enum first first, int buffer)
{
	int rc;

	switch (first) {
	case BY_MMAP:
		return 0;	/* as all will be, to look at it */
	case BY_LOW:
		rc = require_low(peers->heap, buffer);
		return rc ? rc : heap_commit(peers->heap, buffer);
	case BY_COMMIT:
		return heap_commit(peers->heap, buffer);
	case BY_VGEM:
		return back_by_vgem(peers, buffer);
	case BY_CAMERA:
	case BY_VMAP:
		return back_by_camera(peers, buffer);
	}
	return -EINVAL;
}

/* The memory of a new buffer, whole pages of it, all as @value: 0 or -errno. */
static int fill(int heap, __u64 length, unsigned char value, int *buffer)
{
	void *map;

	*buffer = heap_create(heap, length);
	if (*buffer < 0)
		return *buffer;
	map = heap_mmap(*buffer, length);
	if (!map)
		return -errno;
	memset(map, value, length);
	munmap(map, length);
	return 0;
}

/* Leaves free memory behind that isn't zero, above and below 4 GiB. */
static int make_dirty(int heap)
{
	int high, low, rc;
	void *map;

	rc = fill(heap, DIRTY, 0xff, &high);
	low = heap_create(heap, DIRTY);
	if (!rc)
		rc = require_low(heap, low);
	map = rc ? NULL : heap_mmap(low, DIRTY);
	if (map) {
		memset(map, 0xff, DIRTY);
		munmap(map, DIRTY);
	}
	close(high);
	close(low);
	return rc;
}

/* 1 when all of a new buffer's pages are zero, 0 when not; then dirties them. */
static int starts_zero(struct peers *peers, enum first first, __u64 length)
{
	__u64 pages = (length + HEAP_PAGE - 1) / HEAP_PAGE * HEAP_PAGE;
	int buffer = heap_create(peers->heap, length), rc;
	void *map;

	if (buffer < 0)
		return buffer;
	rc = back(peers, first, buffer);
	map = rc ? NULL : heap_mmap(buffer, pages);
	if (map) {
		rc = importer_is_filled(map, pages, 0);
		memset(map, 0xff, pages);
		munmap(map, pages);
	} else if (!rc) {
		rc = -errno;
	}
	close(buffer);
	return rc;
}

TEST_F_TIMEOUT(zero, every_byte, 120)
{
	unsigned int i, round;

	for (round = 0; round < ROUNDS; round++) {
		must_pass(make_dirty(self->state.fd));
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			if (lengths[i] > variant->most)
				continue;
			/* A camera takes no buffer that is shorter than its frame. */
			if (lengths[i] < self->peers.camera.length)
				continue;
			EXPECT_EQ(1, starts_zero(&self->peers, variant->first, lengths[i]));
		}
	}
}

/* Right after a buffer's end its pages are the likeliest to come again. */
TEST_F_TIMEOUT(zero, recycled, 120)
{
	__u64 length = 300 * HEAP_KIB + 17;
	int i, rc = 1;

	for (i = 0; i < 40 && rc == 1; i++)
		rc = starts_zero(&self->peers, variant->first, length);
	EXPECT_EQ(1, rc);
}

TEST_HARNESS_MAIN
