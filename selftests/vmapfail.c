// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel mapping (vmap) as the first map, and no memory for it: the camera gets
 * an error and the buffer stays as it was. The dma-buf core has its own opinion
 * of a vmap that fails and prints one WARN, once in a kernel's life; that one is
 * announced to the runner, and no other may come.
 *
 * The lack of memory is a memory cgroup at its limit, the buffer's creator's.
 */
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "cgroup.h"
#include "heap.h"
#include "device.h"
#include "v4l2.h"

#define GROUP	"vmapfail"
#define LENGTH	(16 * HEAP_MIB)
#define LIMIT	(4 * HEAP_MIB)

FIXTURE(vmapfail) {
	struct heap_state state;
	struct v4l2_queue camera;
	int buffer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(vmapfail)
{
	heap_setup(&self->state);
	if (v4l2_queue_open(&self->camera, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=0");
	if (cgroup_create(GROUP))
		heap_skip("no memory cgroups");
	must_pass(cgroup_limit(GROUP, LIMIT));
	must_pass(cgroup_enter(GROUP));
	self->buffer = must_open(heap_create(self->state.fd, LENGTH));
	must_pass(cgroup_enter(NULL));
	must_pass(v4l2_queue_request(&self->camera, 1));
	/* The core's WARN comes once; let this be a new kernel. */
	must_pass(heap_file_write("/sys/kernel/debug/clear_warn_once", "1"));
	heap_expect_splat("dma_buf_vmap");
}

FIXTURE_TEARDOWN(vmapfail)
{
	v4l2_queue_close(&self->camera);
	close(self->buffer);
	heap_teardown(&self->state);
	EXPECT_EQ(0, cgroup_remove(GROUP));
}

TEST_F(vmapfail, over_the_limit)
{
	int i;

	/* vb2-vmalloc says EFAULT, whatever the reason. */
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-EFAULT, v4l2_queue_put(&self->camera, 0, self->buffer));
	must_pass(heap_query(self->state.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(DMABUF_HEAP_FIRST_NONE, self->record.first_map);
	EXPECT_EQ(0, self->record.vmaps);
	EXPECT_EQ(0, self->record.conflict.error);
	EXPECT_EQ(self->state.before.pages, heap_counters_read().pages);
	EXPECT_EQ(0, cgroup_killed(GROUP));

	/* Unharmed: with memory it works. */
	must_pass(cgroup_limit(GROUP, -1ULL));
	EXPECT_EQ(0, v4l2_queue_put(&self->camera, 0, self->buffer));
	must_pass(heap_query(self->state.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_FIRST_VMAP, self->record.first_map);
	EXPECT_EQ(1, self->record.vmaps);
}

TEST_HARNESS_MAIN
