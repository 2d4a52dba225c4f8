// SPDX-License-Identifier: GPL-2.0
/*
 * A display behind an IOMMU reaches memory wherever it lies, because what it sees
 * are addresses of the IOMMU's making; the camera, which isn't behind it, is as
 * choosy as ever. For boots with an IOMMU in front of the PCI devices.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <linux/limits.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "v4l2.h"

#define LENGTH	(2 * HEAP_MIB)

FIXTURE(iommu) {
	struct heap_state state;
	struct v4l2_queue camera;
	int cirrus;
	char device[DMABUF_HEAP_DEVICE_LEN];
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record whole;
};

/* Does an IOMMU translate for this node's device? Says sysfs, not the heap. */
static int is_translated(int node)
{
	char number[32], path[PATH_MAX], type[16] = "";
	FILE *file;

	if (device_number(node, number, sizeof(number)))
		return 0;
	snprintf(path, sizeof(path), "/sys/dev/char/%s/device/iommu_group/type", number);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(type, sizeof(type), file))
		type[0] = 0;
	fclose(file);
	return !strncmp(type, "DMA", 3);
}

FIXTURE_SETUP(iommu)
{
	heap_setup(&self->state);
	if (v4l2_queue_open(&self->camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	self->cirrus = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
	must_pass(device_name(self->cirrus, "device", self->device, sizeof(self->device)));
	if (!is_translated(self->cirrus))
		heap_skip("no IOMMU in front of cirrus");
}

FIXTURE_TEARDOWN(iommu)
{
	v4l2_queue_close(&self->camera);
	close(self->cirrus);
	heap_teardown(&self->state);
}

TEST_F(iommu, flags)
{
	int buffer = must_open(heap_create(self->state.fd, LENGTH));

	must_pass(heap_attach(self->state.fd, buffer, self->cirrus, NULL, &self->answer));
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_REMAPPED, self->answer.flags);
	EXPECT_STREQ(self->device, self->answer.device);
	/* Read as it is, but it asks nothing of memory. */
	EXPECT_EQ(IMPORTER_4G, heap_limits_value(&self->answer.limits,
						 DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(-1ULL, heap_limits_value(&self->answer.merged,
					   DMABUF_HEAP_LIMIT_MAX_ADDR));
	/* The large page that comes after 4 KiB, for Intel's as for ARM's. */
	EXPECT_EQ(2 * HEAP_MIB, heap_limits_value(&self->answer.limits,
						  DMABUF_HEAP_LIMIT_CHUNK));

	must_pass(heap_attach(self->state.fd, buffer, self->camera.fd, NULL, &self->answer));
	EXPECT_EQ(0, self->answer.flags);
	EXPECT_EQ(-1ULL, heap_limits_value(&self->answer.limits, DMABUF_HEAP_LIMIT_CHUNK));
	EXPECT_EQ(IMPORTER_4G, heap_limits_value(&self->answer.merged,
						 DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(2, self->answer.merged.limit[DMABUF_HEAP_LIMIT_MAX_ADDR].set_by);
	close(buffer);
}

TEST_F(iommu, high_memory_is_fine)
{
	struct dmabuf_heap_attachment_record record;
	int high = must_have(importer_buffer_high(self->state.fd, self->camera.length),
			     "memory above 4 GiB");
	__u32 handle, fb;

	must_pass(heap_attach(self->state.fd, high, self->cirrus, NULL, NULL));
	must_pass(drm_import(self->cirrus, high, &handle));
	ASSERT_EQ(1, importer_records(self->state.fd, high, self->device, &record));
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_IMPORTED | DMABUF_HEAP_ATTACHMENT_REMAPPED,
		  record.flags);
	EXPECT_EQ(drm_import_maps(), record.maps[DMABUF_HEAP_DIR_BOTH]);
	must_pass(drm_show(self->cirrus, handle, self->camera.width, self->camera.height,
			   self->camera.pitch, &fb));
	must_pass(drm_hide(self->cirrus, fb));

	/* Not so for the camera, whether declared or not. */
	EXPECT_EQ(-EBUSY, heap_attach(self->state.fd, high, self->camera.fd, NULL, NULL));
	must_pass(v4l2_queue_request(&self->camera, 1));
	EXPECT_EQ(-v4l2_refusal(EBUSY), v4l2_queue_put(&self->camera, 0, high));
	close(high);
}

TEST_F(iommu, scattered_memory)
{
	int scattered = must_open(importer_buffer_scattered(self->state.fd,
							    self->camera.length));

	must_pass(heap_attach(self->state.fd, scattered, self->cirrus, NULL, NULL));
	EXPECT_EQ(-EBUSY, heap_attach(self->state.fd, scattered, self->camera.fd,
				      NULL, &self->answer));
	EXPECT_EQ(DMABUF_HEAP_LIMIT_CONTIGUOUS, self->answer.report.limit);
	close(scattered);
}

/* With the device, a requirement is about addresses of the IOMMU's making. */
TEST_F(iommu, requirement)
{
	struct dmabuf_heap_limits limits = {};
	int buffer = must_open(importer_buffer_scattered(self->state.fd,
							 self->camera.length));
	__u32 handle;

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_ALIGNMENT, HEAP_GIB);
	must_fail(EBUSY, heap_require(self->state.fd, buffer, DMABUF_HEAP_NO_DEVICE,
				      &limits, "physical", NULL, NULL));
	must_pass(heap_require(self->state.fd, buffer, self->cirrus, &limits, "scanout",
			       NULL, &self->answer));
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_REMAPPED, self->answer.flags);
	must_pass(drm_import(self->cirrus, buffer, &handle));
	must_pass(drm_handle_close(self->cirrus, handle));
	close(buffer);
}

/* Both at once: the camera chooses, the display follows. */
TEST_F(iommu, camera_to_screen)
{
	int buffer = must_open(heap_create(self->state.fd, self->camera.length));
	__u32 handle;

	must_pass(heap_attach(self->state.fd, buffer, self->cirrus, NULL, NULL));
	must_pass(heap_attach(self->state.fd, buffer, self->camera.fd, NULL, NULL));
	must_pass(drm_import(self->cirrus, buffer, &handle));
	must_pass(heap_query(self->state.fd, buffer, &self->whole));
	EXPECT_EQ(1, self->whole.placement.runs);
	EXPECT_GE(32, self->whole.placement.addr_bits);
	must_pass(v4l2_queue_request(&self->camera, 1));
	must_pass(v4l2_queue_put(&self->camera, 0, buffer));
	close(buffer);
}

TEST_HARNESS_MAIN
