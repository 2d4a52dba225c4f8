// SPDX-License-Identifier: GPL-2.0
/*
 * Devices go while a buffer knows them: their driver is unbound through sysfs, or
 * their module is unloaded, while they are declared and while they import. The
 * records stay as they were, and a device that comes back is a new one.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "v4l2.h"

#define DRIVERS	"/sys/bus/platform/drivers/vivid/"
#define RACES	5

FIXTURE(camera_unbind) {
	struct heap_state state;
	struct v4l2_queue camera;
	int buffer;
	struct dmabuf_heap_attachment_record record;
};

FIXTURE_SETUP(camera_unbind)
{
	heap_setup(&self->state);
	if (v4l2_queue_open(&self->camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	self->buffer = must_open(heap_create(self->state.fd, self->camera.length));
}

/* Whatever has become of the test, others need the driver. */
FIXTURE_TEARDOWN(camera_unbind)
{
	v4l2_queue_close(&self->camera);
	close(self->buffer);
	if (access(DRIVERS IMPORTER_VIVID, F_OK))
		EXPECT_EQ(0, heap_file_write(DRIVERS "bind", IMPORTER_VIVID));
	heap_teardown(&self->state);
}

static int vivid_unbind(void)
{
	return heap_file_write(DRIVERS "unbind", IMPORTER_VIVID);
}

static int vivid_bind(void)
{
	return heap_file_write(DRIVERS "bind", IMPORTER_VIVID);
}

TEST_F(camera_unbind, while_declared)
{
	struct dmabuf_heap_attachment_record after;
	struct dmabuf_heap_buffer_record whole;
	__u64 id, again;

	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, &id, NULL));
	must_pass(heap_query_attachment(self->state.fd, self->buffer, id, &self->record));
	must_pass(vivid_unbind());

	/* What was written down stays, and so do the limits. */
	must_pass(heap_query_attachment(self->state.fd, self->buffer, id, &after));
	EXPECT_EQ(0, memcmp(&self->record, &after, sizeof(after)));
	must_fail(ENODEV, heap_attach(self->state.fd, self->buffer, self->camera.fd,
				      NULL, NULL));
	must_pass(heap_commit(self->state.fd, self->buffer));
	must_pass(heap_query(self->state.fd, self->buffer, &whole));
	EXPECT_EQ(1, whole.placement.runs);
	EXPECT_GE(32, whole.placement.addr_bits);

	v4l2_queue_close(&self->camera);
	must_pass(vivid_bind());
	must_pass(v4l2_queue_open(&self->camera, V4L2_VIVID_DMA,
				  V4L2_BUF_TYPE_VIDEO_CAPTURE));
	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, &again, NULL));
	must_pass(v4l2_queue_request(&self->camera, 1));
	must_pass(v4l2_queue_put(&self->camera, 0, self->buffer));
	must_pass(heap_detach(self->state.fd, self->buffer, id));
	must_pass(heap_detach(self->state.fd, self->buffer, again));
}

TEST_F(camera_unbind, while_streaming)
{
	struct dmabuf_heap_buffer_record whole;
	int i;

	must_pass(heap_attach(self->state.fd, self->buffer, self->camera.fd, NULL, NULL));
	must_pass(v4l2_queue_request(&self->camera, 3));
	for (i = 0; i < 3; i++)
		must_pass(v4l2_queue_put(&self->camera, i, self->buffer));
	must_pass(v4l2_queue_start(&self->camera));
	must_pass(heap_query(self->state.fd, self->buffer, &whole));
	EXPECT_EQ(3, whole.device_maps[DMABUF_HEAP_DIR_WRITE]);
	must_pass(vivid_unbind());

	/* The driver let go of all its imports; the declaration remains. */
	must_pass(heap_query(self->state.fd, self->buffer, &whole));
	EXPECT_EQ(0, whole.device_maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(0, whole.vmaps);
	EXPECT_EQ(1, whole.attachments);
	EXPECT_EQ(DMABUF_HEAP_BACKED, whole.state);
}

/* The node's folder and the device's own are fds that outlive the driver. */
TEST_F(camera_unbind, sysfs_folders)
{
	int parent = must_open(device_dir(self->camera.fd, "device"));
	int node = must_open(device_dir(self->camera.fd, "."));

	must_pass(heap_test(self->state.fd, self->buffer, parent, NULL, NULL, NULL));
	must_pass(heap_test(self->state.fd, self->buffer, node, NULL, NULL, NULL));
	v4l2_queue_close(&self->camera);
	must_pass(vivid_unbind());
	EXPECT_EQ(-ENODEV, heap_test(self->state.fd, self->buffer, node, NULL, NULL, NULL));
	EXPECT_EQ(-ENODEV, heap_test(self->state.fd, self->buffer, parent, NULL, NULL, NULL));

	/* The device is the same as before, its node is not. */
	must_pass(vivid_bind());
	EXPECT_EQ(-ENODEV, heap_test(self->state.fd, self->buffer, node, NULL, NULL, NULL));
	EXPECT_EQ(0, heap_test(self->state.fd, self->buffer, parent, NULL, NULL, NULL));
	close(parent);
	close(node);
}

/* Asks about the camera until it is killed or gets an unexpected answer. */
static int ask_for_ever(int heap, int buffer, int camera, int folder)
{
	int rc, other;

	do {
		rc = heap_test(heap, buffer, camera, NULL, NULL, NULL);
		other = heap_test(heap, buffer, folder, NULL, NULL, NULL);
	} while ((!rc || rc == -ENODEV) && (!other || other == -ENODEV));
	return 1;
}

TEST_F_TIMEOUT(camera_unbind, while_being_read, 120)
{
	int folder = must_open(device_dir(self->camera.fd, "device"));
	int i, status;
	pid_t child;

	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(ask_for_ever(self->state.fd, self->buffer, self->camera.fd, folder));
	close(folder);
	for (i = 0; i < RACES; i++) {
		EXPECT_EQ(0, vivid_unbind());
		EXPECT_EQ(0, vivid_bind());
	}
	EXPECT_EQ(0, waitpid(child, &status, WNOHANG));
	kill(child, SIGKILL);
	ASSERT_EQ(child, waitpid(child, &status, 0));
}

FIXTURE(display_unbind) {
	struct heap_state state;
	char device[DMABUF_HEAP_DEVICE_LEN];
	int card;
	int buffer;
	__u64 id;
	struct dmabuf_heap_buffer_record whole;
};

/* A file of cirrus, the driver; newer kernels call it cirrus-qemu. */
static const char *cirrus_file(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/cirrus-qemu/%s", name);
	if (access(path, F_OK))
		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/cirrus/%s", name);
	return path;
}

FIXTURE_SETUP(display_unbind)
{
	heap_setup(&self->state);
	self->card = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
	must_pass(device_name(self->card, "device", self->device, sizeof(self->device)));
	self->buffer = must_open(heap_create(self->state.fd, 2 * HEAP_MIB));
	must_pass(heap_attach(self->state.fd, self->buffer, self->card, &self->id, NULL));
}

FIXTURE_TEARDOWN(display_unbind)
{
	close(self->card);
	close(self->buffer);
	if (access(cirrus_file(self->device), F_OK))
		EXPECT_EQ(0, heap_file_write(cirrus_file("bind"), self->device));
	heap_teardown(&self->state);
}

TEST_F(display_unbind, while_declared)
{
	struct dmabuf_heap_attachment_record record;

	must_pass(heap_file_write(cirrus_file("unbind"), self->device));
	must_pass(heap_query_attachment(self->state.fd, self->buffer, self->id, &record));
	EXPECT_STREQ(self->device, record.device);
	EXPECT_EQ(-ENODEV, heap_attach(self->state.fd, self->buffer, self->card, NULL, NULL));
	must_pass(heap_commit(self->state.fd, self->buffer));
	must_pass(heap_query(self->state.fd, self->buffer, &self->whole));
	/* Unless an IOMMU spares it from asking. */
	if (!(record.flags & DMABUF_HEAP_ATTACHMENT_REMAPPED))
		EXPECT_GE(32, self->whole.placement.addr_bits);
}

TEST_F(display_unbind, while_shown)
{
	int other = must_open(heap_create(self->state.fd, 2 * HEAP_MIB));
	__u32 handle, fb;

	must_pass(drm_import(self->card, self->buffer, &handle));
	must_pass(drm_show(self->card, handle, 640, 480, 640 * 4, &fb));
	/* DRM keeps imports until the card is closed, which the checker does not like. */
	heap_expect_dma_splat("pending DMA allocations");
	must_pass(heap_file_write(cirrus_file("unbind"), self->device));

	/* The open card keeps what it imported, and can be closed. */
	must_pass(heap_query(self->state.fd, self->buffer, &self->whole));
	EXPECT_EQ(drm_import_maps(), self->whole.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(2, self->whole.attachments);
	EXPECT_GT(0, drm_import(self->card, other, &handle));
	must_pass(heap_query(self->state.fd, other, &self->whole));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->whole.state);
	close(other);
	close(self->card);

	must_pass(heap_file_write(cirrus_file("bind"), self->device));
	self->card = must_open(drm_card_open(DRM_CIRRUS));
	must_pass(heap_attach(self->state.fd, self->buffer, self->card, NULL, NULL));
	must_pass(drm_import(self->card, self->buffer, &handle));
	must_pass(drm_handle_close(self->card, handle));
}

FIXTURE(module_unload) {
	struct heap_state state;
	int buffer;
	__u64 id;
};

FIXTURE_SETUP(module_unload)
{
	int vgem;

	heap_setup(&self->state);
	vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	self->buffer = must_open(heap_create(self->state.fd, 2 * HEAP_MIB));
	must_pass(heap_attach(self->state.fd, self->buffer, vgem, &self->id, NULL));
	close(vgem);
}

FIXTURE_TEARDOWN(module_unload)
{
	close(self->buffer);
	EXPECT_EQ(0, system("modprobe vgem"));
	heap_teardown(&self->state);
}

TEST_F(module_unload, while_declared)
{
	struct dmabuf_heap_attachment_record record;
	__u32 handle;
	int vgem;

	must_pass(system("rmmod vgem"));
	must_pass(heap_query_attachment(self->state.fd, self->buffer, self->id, &record));
	EXPECT_STREQ(IMPORTER_VGEM, record.device);
	must_pass(heap_commit(self->state.fd, self->buffer));

	/* What comes back has the old name, and is another device. */
	must_pass(system("modprobe vgem"));
	vgem = must_open(drm_card_open(DRM_VGEM));
	must_pass(drm_import(vgem, self->buffer, &handle));
	ASSERT_EQ(1, importer_records(self->state.fd, self->buffer, IMPORTER_VGEM, &record));
	EXPECT_EQ(0, record.declared_id);
	must_pass(drm_handle_close(vgem, handle));
	must_pass(heap_seal(self->state.fd, self->buffer));
	EXPECT_EQ(-EPERM, drm_import(vgem, self->buffer, &handle));
	close(vgem);
}

TEST_HARNESS_MAIN
