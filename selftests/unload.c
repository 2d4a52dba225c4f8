// SPDX-License-Identifier: GPL-2.0
/*
 * The module stays as long as anything of it is in use: the device, a buffer, an
 * import or a mapping of one. Then it goes, and comes back as new.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "module.h"

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

TEST_F(unload, device_is_open)
{
	close(self->buffer);
	must_fail(EAGAIN, module_unload(MODULE));
}

TEST_F(unload, buffer_is_open)
{
	close(self->heap);
	must_fail(EAGAIN, module_unload(MODULE));
}

TEST_F(unload, buffer_is_mapped)
{
	char *map = heap_mmap(self->buffer, HEAP_PAGE);

	ASSERT_NE(NULL, map);
	close(self->heap);
	close(self->buffer);
	must_fail(EAGAIN, module_unload(MODULE));
	map[0] = 1;
}

TEST_F(unload, buffer_is_imported)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u32 handle;

	must_pass(drm_import(vgem, self->buffer, &handle));
	close(self->heap);
	close(self->buffer);
	must_fail(EAGAIN, module_unload(MODULE));
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
	must_pass(module_unload_wait(MODULE));
	EXPECT_EQ(-ENOENT, heap_open());

	must_pass(module_load(module, ""));
	now = heap_counters_read();
	EXPECT_EQ(0, memcmp(&none, &now, sizeof(now)));
	self->heap = must_open(heap_open());
	self->buffer = must_open(heap_create(self->heap, HEAP_MIB));
	must_pass(heap_commit(self->heap, self->buffer));
	EXPECT_EQ(1, heap_counters_read().allocations);
}

TEST_HARNESS_MAIN
