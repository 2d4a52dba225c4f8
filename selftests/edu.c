// SPDX-License-Identifier: GPL-2.0
/*
 * Real DMA, by a device that reaches 28 address bits: QEMU's edu, driven by kmod/edu.
 * Bytes are compared at both ends, and the kernel says how many of them it bounced
 * for this device: none, where other exporters' buffers bounce or can't be mapped.
 * For boots without and with an IOMMU. Lengths and addresses are in bytes.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "edu_dma.h"
#include "importer.h"
#include "tracing.h"
#include "v4l2.h"

#define DRIVER		"/sys/bus/pci/drivers/" EDU_NODE "/"
#define BOUNCED		"swiotlb/swiotlb_bounced"
#define SWIOTLB		"/sys/kernel/debug/swiotlb/io_tlb_nslabs"
#define NO_EDU		"no edu device that reaches memory, or kmod/edu isn't loaded"
#define BITS		28

/* Of the device's windows, one straddles two pages and the last is smaller. */
#define SMALL		(2 * HEAP_PAGE)

/* The last byte of memory that everything reaches. */
#define LOWEST		0xffffffULL

/* Windows this far apart lie at the start, across the end of a 64 KiB segment, and within. */
#define LARGE		(6 * HEAP_MIB)
#define LARGE_STEP	(2 * HEAP_MIB - EDU_WINDOW / 2)

/* What tests know as *self. */
#define edu_fixture	FIXTURE_DATA(edu)

FIXTURE(edu) {
	struct heap_state state;
	int fd;
	int folder;
	char device[DMABUF_HEAP_DEVICE_LEN];
	bool remapped;	/* by an IOMMU */
	struct edu_map map;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record whole;
	struct dmabuf_heap_attachment_record record;
};

#define attach(buffer)	({ int attach_fd = (buffer); edu_call(self->fd, EDU_ATTACH, &attach_fd); })
#define detach()	edu_call(self->fd, EDU_DETACH, NULL)
#define map(way)	({ self->map.dir = (way); edu_call(self->fd, EDU_MAP, &self->map); })
#define unmap()		edu_call(self->fd, EDU_UNMAP, NULL)
#define query(buffer)	heap_query(self->state.fd, buffer, &self->whole)

/* Bytes that the kernel has bounced for the device, or has tried to, since the last call. */
static __u64 bounced(void)
{
	__u64 sum = tracing_sum(BOUNCED, "size");

	return tracing_clear() ? -1ULL : sum;
}

FIXTURE_SETUP(edu)
{
	char filter[128];
	int buffer, rc;

	heap_setup(&self->state);
	self->fd = open("/dev/" EDU_NODE, O_RDWR | O_CLOEXEC);
	if (self->fd < 0)
		heap_skip(NO_EDU);
	self->folder = must_open(device_dir(self->fd, "device"));
	must_pass(device_name(self->fd, "device", self->device, sizeof(self->device)));

	buffer = must_open(heap_create(self->state.fd, SMALL));
	must_pass(heap_test(self->state.fd, buffer, self->folder, NULL, NULL, &self->answer));
	self->remapped = self->answer.flags & DMABUF_HEAP_ATTACHMENT_REMAPPED;
	close(buffer);

	snprintf(filter, sizeof(filter), "dev_name == \"%s\"", self->device);
	rc = tracing_start(BOUNCED, filter);
	if (rc)
		heap_skip("no event swiotlb_bounced: %s", strerror(-rc));
}

FIXTURE_TEARDOWN(edu)
{
	/* All that a test doesn't do on purpose with other buffers is without bouncing. */
	EXPECT_EQ(0, bounced());
	EXPECT_EQ(0, tracing_stop(BOUNCED));
	close(self->folder);
	close(self->fd);
	heap_teardown(&self->state);
}

TEST_F(edu, limits)
{
	struct dmabuf_heap_attachment_record imported;
	int buffer = must_open(heap_create(self->state.fd, SMALL));
	__u64 id;

	/* By its folder in sysfs, and by a node whose device it is. */
	must_pass(heap_attach(self->state.fd, buffer, self->folder, &id, &self->answer));
	EXPECT_STREQ(self->device, self->answer.device);
	EXPECT_EQ(EDU_MAX_ADDR, heap_limits_value(&self->answer.limits,
						  DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(self->remapped ? -1ULL : EDU_MAX_ADDR,
		  heap_limits_value(&self->answer.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	must_pass(heap_attach(self->state.fd, buffer, self->fd, NULL, &self->answer));
	EXPECT_STREQ(self->device, self->answer.device);

	must_pass(attach(buffer));
	ASSERT_EQ(1, importer_records(self->state.fd, buffer, self->device, &imported));
	must_pass(heap_query_attachment(self->state.fd, buffer, id, &self->record));
	EXPECT_EQ(0, memcmp(&imported.limits, &self->record.limits, sizeof(imported.limits)));
	must_pass(detach());
	close(buffer);
}

/* Memory where the device reaches it, and none of it bounced. */
static void expect_suits(struct __test_metadata *_metadata, edu_fixture *self, int buffer)
{
	must_pass(query(buffer));
	if (!self->remapped)
		EXPECT_GE(BITS, self->whole.placement.addr_bits);
	EXPECT_EQ(0, bounced());
}

TEST_F(edu, whole_buffer_declared)
{
	int buffer = must_open(heap_create(self->state.fd, SMALL));

	must_pass(heap_attach(self->state.fd, buffer, self->folder, NULL, NULL));
	/* The memory is there before the driver comes. */
	must_pass(heap_commit(self->state.fd, buffer));
	EXPECT_LE(1, edu_both_ways(self->fd, buffer, SMALL, EDU_WINDOW));
	expect_suits(_metadata, self, buffer);
	close(buffer);
}

/* Not named, but its map is the first: what its struct device says is enough. */
TEST_F(edu, whole_buffer_imported)
{
	int buffer = must_open(heap_create(self->state.fd, SMALL));

	EXPECT_LE(1, edu_both_ways(self->fd, buffer, SMALL, EDU_WINDOW));
	expect_suits(_metadata, self, buffer);
	close(buffer);
}

TEST_F(edu, large_buffer)
{
	int buffer = must_open(heap_create(self->state.fd, LARGE));

	must_pass(heap_attach(self->state.fd, buffer, self->folder, NULL, NULL));
	/* At least one window lay in two segments. */
	EXPECT_LE(2, edu_both_ways(self->fd, buffer, LARGE, LARGE_STEP));
	expect_suits(_metadata, self, buffer);
	close(buffer);
}

/* Memory above what the device reaches is what one gets who doesn't name it. */
static int buffer_high(struct __test_metadata *_metadata, edu_fixture *self)
{
	int buffer = must_open(heap_create(self->state.fd, LARGE));

	must_pass(heap_commit(self->state.fd, buffer));
	must_pass(query(buffer));
	if (self->whole.placement.addr_bits <= BITS)
		heap_skip("this machine gives memory within 28 bits");
	return buffer;
}

static void expect_conflict(struct __test_metadata *_metadata, edu_fixture *self,
			    const struct dmabuf_heap_report *report, __u32 error, __u64 length)
{
	EXPECT_EQ(error, report->error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, report->limit);
	EXPECT_EQ(EDU_MAX_ADDR, report->wanted);
	EXPECT_EQ(length, report->length);
	EXPECT_STREQ(self->device, report->device);
}

/* It is told so, whether declared or not, and nothing is bounced for it. */
TEST_F(edu, late_comer)
{
	int buffer;

	if (self->remapped)
		heap_skip("the device reaches all memory by an IOMMU");
	buffer = buffer_high(_metadata, self);
	must_fail(EBUSY, heap_attach(self->state.fd, buffer, self->folder, NULL,
				     &self->answer));
	expect_conflict(_metadata, self, &self->answer.report, EBUSY, LARGE);
	EXPECT_LT(EDU_MAX_ADDR, self->answer.report.found);
	EXPECT_EQ(DMABUF_HEAP_FIRST_COMMIT, self->answer.report.first_map);

	must_fail(EBUSY, attach(buffer));
	must_pass(query(buffer));
	expect_conflict(_metadata, self, &self->whole.conflict, EBUSY, LARGE);
	EXPECT_EQ(0, self->whole.attachments);
	EXPECT_EQ(0, bounced());
	close(buffer);
}

/* Behind an IOMMU it is none. */
TEST_F(edu, late_comer_remapped)
{
	int buffer;

	if (!self->remapped)
		heap_skip("no IOMMU in front of the device");
	buffer = buffer_high(_metadata, self);
	must_pass(heap_attach(self->state.fd, buffer, self->folder, NULL, NULL));
	EXPECT_LE(1, edu_both_ways(self->fd, buffer, LARGE, LARGE_STEP));
	EXPECT_EQ(0, bounced());
	close(buffer);
}

/* More than this machine could ever give so low. */
TEST_F(edu, too_large)
{
	int buffer;

	if (self->remapped)
		heap_skip("the device reaches all memory by an IOMMU");
	buffer = must_open(heap_create(self->state.fd, EDU_MAX_ADDR + 1));
	must_fail(EOPNOTSUPP, heap_attach(self->state.fd, buffer, self->folder, NULL,
					  &self->answer));
	expect_conflict(_metadata, self, &self->answer.report, EOPNOTSUPP, EDU_MAX_ADDR + 1);
	EXPECT_GT(EDU_MAX_ADDR + 1, self->answer.report.found);

	must_fail(EOPNOTSUPP, attach(buffer));
	must_pass(query(buffer));
	expect_conflict(_metadata, self, &self->whole.conflict, EOPNOTSUPP, EDU_MAX_ADDR + 1);
	EXPECT_EQ(0, self->whole.attachments);
	EXPECT_EQ(0, bounced());
	close(buffer);
}

/* All of the lowest zone, of which the driver's own page is but the first that is in use. */
TEST_F(edu, too_large_for_now)
{
	struct dmabuf_heap_limits limits = {};
	int buffer;
	__u64 id;

	if (self->remapped)
		heap_skip("the device reaches all memory by an IOMMU");
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, LOWEST);
	buffer = must_open(heap_create(self->state.fd, LOWEST + 1));
	must_fail(EOPNOTSUPP, heap_require(self->state.fd, buffer, self->folder, &limits, NULL,
					   NULL, &self->answer));
	close(buffer);

	buffer = must_open(heap_create(self->state.fd, self->answer.report.found));
	must_pass(heap_require(self->state.fd, buffer, self->folder, &limits, NULL, &id, NULL));
	must_pass(attach(buffer));
	must_fail(ENOMEM, map(EDU_BOTH_WAYS));
	must_pass(query(buffer));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->whole.state);
	EXPECT_EQ(0, self->whole.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(0, bounced());
	must_pass(detach());
	close(buffer);
}

/* What the kernel logs from now on can be read from it. */
static int kernel_log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 || lseek(fd, 0, SEEK_END) < 0 ? -errno : fd;
}

/* Of buffers that aren't ours: the kernel may complain, once, that it can't even bounce. */
static void kernel_log_announce(int log)
{
	char line[1024];
	ssize_t length;

	while ((length = read(log, line, sizeof(line) - 1)) > 0) {
		line[length] = 0;
		if (strstr(line, "WARNING: ") && strstr(line, "kernel/dma/")) {
			ksft_print_msg("expect-splat: kernel/dma/\n");
			fflush(stdout);
		}
	}
}

static const char *outcome(int rc)
{
	return rc == -EILSEQ ? "wrong bytes" : rc < 0 ? strerror(-rc) : "copied both ways";
}

/*
 * The same DMA on another exporter's buffer and on ours of that length. Without an IOMMU,
 * theirs lies where the device doesn't reach: it is bounced, or can't be mapped.
 */
static void compare(struct __test_metadata *_metadata, edu_fixture *self,
		    const char *name, int theirs)
{
	__u64 length = lseek(theirs, 0, SEEK_END), their_bytes, our_bytes;
	int ours = must_open(heap_create(self->state.fd, length));
	int log = must_open(kernel_log_open());
	int their_rc, our_rc;

	their_rc = edu_both_ways(self->fd, theirs, length, length - EDU_WINDOW);
	their_bytes = bounced();
	kernel_log_announce(log);

	must_pass(heap_attach(self->state.fd, ours, self->folder, NULL, NULL));
	our_rc = edu_both_ways(self->fd, ours, length, length - EDU_WINDOW);
	our_bytes = bounced();

	ksft_print_msg("of %llu bytes bounced for %s%s: dmabuf-heap %llu (%s), %s %llu (%s)\n",
		       length, self->device, self->remapped ? " behind an IOMMU" : "",
		       our_bytes, outcome(our_rc), name, their_bytes, outcome(their_rc));
	fflush(stdout);
	EXPECT_EQ(0, our_bytes);
	EXPECT_LE(1, our_rc);
	EXPECT_NE(-1ULL, their_bytes);
	EXPECT_TRUE(self->remapped ? their_rc > 0 : their_bytes || their_rc < 0);
	/* Where the kernel has memory to bounce in, it has tried, and we have seen it. */
	if (!self->remapped && heap_file_number(SWIOTLB) + 1 > 1)
		EXPECT_LT(0, their_bytes);
	close(log);
	close(ours);
}

/* Scattered pages of shmem, as drivers without contiguity hand them out. */
TEST_F(edu, beside_vgem)
{
	int theirs = must_have(device_foreign_buffer(), "vgem");

	compare(_metadata, self, "vgem", theirs);
	close(theirs);
}

TEST_F(edu, beside_system_heap)
{
	struct dma_heap_allocation_data data = {
		.len = 4 * HEAP_PAGE,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);

	if (heap < 0)
		heap_skip("no /dev/dma_heap/system: Debian's 6.12 and the debug kernel have it");
	must_pass(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	close(heap);
	compare(_metadata, self, "system heap", data.fd);
	close(data.fd);
}

/* A camera has filled the frame; the device reads it, and writes to it for the CPU. */
static void expect_shared(struct __test_metadata *_metadata, edu_fixture *self,
			  const struct v4l2_queue *camera, int buffer)
{
	unsigned char *bytes = heap_mmap(buffer, camera->length), seen[EDU_WINDOW];
	__u64 offset = camera->height / 2 * camera->pitch;

	ASSERT_NE(NULL, bytes);
	ASSERT_LE(1, edu_dma(self->fd, EDU_READ, offset, seen, camera->pitch));
	must_pass(heap_sync(buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START));
	EXPECT_LT(1, importer_colours(bytes + offset, camera->width));
	EXPECT_EQ(0, memcmp(bytes + offset, seen, camera->pitch));

	edu_pattern_fill(bytes + offset, offset, EDU_WINDOW, 3);
	must_pass(heap_sync(buffer, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END));
	EXPECT_LE(1, edu_reads(self->fd, offset, EDU_WINDOW, 3));

	EXPECT_LE(1, edu_writes(self->fd, 0, EDU_WINDOW, 4));
	must_pass(heap_sync(buffer, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_START));
	EXPECT_TRUE(edu_pattern_is(bytes, 0, EDU_WINDOW, 4));
	must_pass(heap_sync(buffer, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_END));
	munmap(bytes, camera->length);
}

/* One buffer for camera, display and edu at once: contiguous for one, low for the other. */
TEST_F(edu, shared)
{
	int card = drm_card_open(DRM_CIRRUS), buffer, i;
	struct v4l2_queue camera;
	__u32 handle;

	/* Not every kernel has a driver for cirrus. */
	if (card < 0)
		card = must_have(drm_card_open(DRM_VGEM), "cirrus or vgem");
	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	buffer = must_open(heap_create(self->state.fd, camera.length));
	must_pass(heap_attach(self->state.fd, buffer, self->folder, NULL, NULL));
	must_pass(heap_attach(self->state.fd, buffer, camera.fd, NULL, NULL));
	must_pass(heap_attach(self->state.fd, buffer, card, NULL, NULL));
	must_pass(drm_import(card, buffer, &handle));
	must_pass(attach(buffer));
	must_pass(map(EDU_BOTH_WAYS));

	must_pass(v4l2_queue_request(&camera, 3));
	for (i = 0; i < 3; i++)
		must_pass(v4l2_queue_put(&camera, i, buffer));
	must_pass(v4l2_queue_start(&camera));
	EXPECT_LE(0, v4l2_queue_get(&camera));
	must_pass(v4l2_queue_stop(&camera));
	expect_shared(_metadata, self, &camera, buffer);
	expect_suits(_metadata, self, buffer);
	EXPECT_EQ(1, self->whole.placement.runs);

	must_pass(unmap());
	must_pass(detach());
	must_pass(drm_handle_close(card, handle));
	v4l2_queue_close(&camera);
	close(card);
	close(buffer);
}

FIXTURE(edu_unbind) {
	struct heap_state state;
	int fd;
	int buffer;
	char device[DMABUF_HEAP_DEVICE_LEN];
	struct edu_map map;
	struct dmabuf_heap_buffer_record whole;
};

FIXTURE_SETUP(edu_unbind)
{
	int folder;

	heap_setup(&self->state);
	self->fd = open("/dev/" EDU_NODE, O_RDWR | O_CLOEXEC);
	if (self->fd < 0)
		heap_skip(NO_EDU);
	must_pass(device_name(self->fd, "device", self->device, sizeof(self->device)));
	self->buffer = must_open(heap_create(self->state.fd, SMALL));
	folder = must_open(device_dir(self->fd, "device"));
	must_pass(heap_attach(self->state.fd, self->buffer, folder, NULL, NULL));
	close(folder);
	must_pass(attach(self->buffer));
	must_pass(map(EDU_BOTH_WAYS));
}

/* Whatever has become of the test, others need the device. */
FIXTURE_TEARDOWN(edu_unbind)
{
	char path[128];

	close(self->fd);
	close(self->buffer);
	snprintf(path, sizeof(path), DRIVER "%s", self->device);
	if (access(path, F_OK))
		EXPECT_EQ(0, heap_file_write(DRIVER "bind", self->device));
	heap_teardown(&self->state);
}

/* The driver lets go of its map; the declaration and the memory stay for the next one. */
TEST_F(edu_unbind, while_mapped)
{
	ASSERT_LE(1, edu_writes(self->fd, 0, EDU_WINDOW, 5));
	must_pass(heap_file_write(DRIVER "unbind", self->device));
	must_fail(ENODEV, unmap());
	must_pass(query(self->buffer));
	EXPECT_EQ(1, self->whole.attachments);
	EXPECT_EQ(0, self->whole.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->whole.state);
	close(self->fd);

	must_pass(heap_file_write(DRIVER "bind", self->device));
	self->fd = open("/dev/" EDU_NODE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	must_pass(attach(self->buffer));
	must_pass(map(EDU_READS));
	EXPECT_LE(1, edu_reads(self->fd, 0, EDU_WINDOW, 5));
}

static void *read_for_ever(void *arg)
{
	int fd = *(int *)arg, *rc = arg;
	unsigned char bytes[EDU_WINDOW];
	int ret;

	do {
		ret = edu_dma(fd, EDU_READ, 0, bytes, EDU_WINDOW);
	} while (ret > 0);
	*rc = ret;
	return NULL;
}

/* What is on its way arrives before the map goes. */
TEST_F(edu_unbind, during_dma)
{
	int arg = self->fd;
	pthread_t thread;

	must_pass(pthread_create(&thread, NULL, read_for_ever, &arg));
	usleep(150000);
	must_pass(heap_file_write(DRIVER "unbind", self->device));
	must_pass(pthread_join(thread, NULL));
	EXPECT_EQ(-ENODEV, arg);
	must_pass(query(self->buffer));
	EXPECT_EQ(0, self->whole.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(1, self->whole.attachments);
}

TEST_HARNESS_MAIN
