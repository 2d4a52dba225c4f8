// SPDX-License-Identifier: GPL-2.0
/*
 * The module stays as long as anything of it is in use: the device, a buffer, an
 * import or a mapping of one. Then it goes, and comes back as new.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"

#define MODULE	"dmabuf_heap"

FIXTURE(unload) {
	int heap;
	int buffer;
};

FIXTURE_SETUP(unload)
{
	self->heap = heap_open();
	if (self->heap == -ENOENT)
		heap_skip("no /dev/dmabuf-heap: load the module");
	ASSERT_LE(0, self->heap);
	self->buffer = must_open(heap_create(self->heap, HEAP_MIB));
}

FIXTURE_TEARDOWN(unload)
{
}

static int module_unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? -errno : 0;
}

/* The last use may be in the middle of its end. */
static int module_unload_wait(void)
{
	int rc = module_unload(), tries;

	for (tries = 0; rc == -EAGAIN && tries < 100; tries++) {
		usleep(10000);
		rc = module_unload();
	}
	return rc;
}

static int module_load(const char *path)
{
	int file, rc;

	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	rc = syscall(SYS_finit_module, file, "", 0) ? -errno : 0;
	close(file);
	return rc;
}

TEST_F(unload, device_is_open)
{
	close(self->buffer);
	must_fail(EAGAIN, module_unload());
}

TEST_F(unload, buffer_is_open)
{
	close(self->heap);
	must_fail(EAGAIN, module_unload());
}

TEST_F(unload, buffer_is_mapped)
{
	char *map = heap_mmap(self->buffer, HEAP_PAGE);

	ASSERT_NE(NULL, map);
	close(self->heap);
	close(self->buffer);
	must_fail(EAGAIN, module_unload());
	map[0] = 1;
}

TEST_F(unload, buffer_is_imported)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u32 handle;

	must_pass(drm_import(vgem, self->buffer, &handle));
	close(self->heap);
	close(self->buffer);
	must_fail(EAGAIN, module_unload());
}

TEST_F(unload, goes_and_comes_back)
{
	struct heap_counters none = {}, now;
	const char *module = getenv("MODULE");	/* the runner names it */
	int vgem = drm_card_open(DRM_VGEM);

	if (!module)
		heap_skip("MODULE doesn't say where the module is");
	/* With declarations of a device that is still there. */
	if (vgem >= 0)
		must_pass(heap_attach(self->heap, self->buffer, vgem, NULL, NULL));
	must_pass(heap_commit(self->heap, self->buffer));
	close(self->buffer);
	close(self->heap);
	must_pass(heap_counters_wait(&none));
	must_pass(module_unload_wait());
	EXPECT_EQ(-ENOENT, heap_open());

	must_pass(module_load(module));
	now = heap_counters_read();
	EXPECT_EQ(0, memcmp(&none, &now, sizeof(now)));
	self->heap = must_open(heap_open());
	self->buffer = must_open(heap_create(self->heap, HEAP_MIB));
	must_pass(heap_commit(self->heap, self->buffer));
	EXPECT_EQ(1, heap_counters_read().allocations);
}

TEST_HARNESS_MAIN
