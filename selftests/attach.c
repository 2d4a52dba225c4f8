// SPDX-License-Identifier: GPL-2.0
/*
 * ATTACH by fd: which device an fd names, what is read of that device, and what
 * is recorded. Addresses and lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <fcntl.h>
#include <glob.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "v4l2.h"

#define BELOW_4G	0xffffffffULL
#define SEGMENT_DEFAULT	(64 * HEAP_KIB)
#define NO_LIMIT	(-1ULL)

FIXTURE(attach) {
	struct heap_state heap;
	int buffer;
	__u64 id;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_attachment_record record;
};

FIXTURE_SETUP(attach)
{
	heap_setup(&self->heap);
	self->buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));
}

FIXTURE_TEARDOWN(attach)
{
	close(self->buffer);
	heap_teardown(&self->heap);
}

/* Attaches and reads the record; the fd of the device isn't needed any more. */
#define attach(device) do {						\
	must_pass(heap_attach(self->heap.fd, self->buffer, device,	\
			      &self->id, &self->answer));		\
	must_pass(heap_query_attachment(self->heap.fd, self->buffer,	\
					self->id, &self->record));	\
} while (0)

static __u64 limit(const struct dmabuf_heap_answer *answer, enum dmabuf_heap_limit_type type)
{
	return heap_limits_value(&answer->limits, type);
}

static int same_limits(const struct dmabuf_heap_limits *a, const struct dmabuf_heap_limits *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* The node's name, number and device, which is @parent in its folder of sysfs. */
static void check_node(struct __test_metadata *_metadata, int device, const char *parent,
		       const struct dmabuf_heap_attachment_record *record)
{
	char name[64];
	struct stat st;

	ASSERT_EQ(0, fstat(device, &st));
	must_pass(device_name(device, ".", name, sizeof(name)));
	EXPECT_STREQ(name, record->node);
	EXPECT_EQ(major(st.st_rdev), record->dev_major);
	EXPECT_EQ(minor(st.st_rdev), record->dev_minor);
	must_pass(device_name(device, parent, name, sizeof(name)));
	/* Newer kernels put a port without DMA, 00:02:0.0, between device and tty. */
	EXPECT_EQ(0, strncmp(name, record->device, strlen(record->device)));
	EXPECT_NE(0, strlen(record->device));
}

/* Capture and output nodes of the vivid that needs contiguous memory. */
TEST_F(attach, video)
{
	static const __u32 types[] = {
		V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_BUF_TYPE_VIDEO_OUTPUT,
	};
	int device, i;

	for (i = 0; i < 2; i++) {
		device = must_have(v4l2_node_open(V4L2_VIVID_DMA, types[i]), "vivid");
		attach(device);
		EXPECT_EQ(0, self->answer.flags);
		EXPECT_EQ(BELOW_4G, limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_ADDR));
		EXPECT_EQ(1, limit(&self->answer, DMABUF_HEAP_LIMIT_CONTIGUOUS));
		EXPECT_EQ(SEGMENT_DEFAULT,
			  limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_SEGMENT));
		EXPECT_EQ(NO_LIMIT, limit(&self->answer, DMABUF_HEAP_LIMIT_BOUNDARY));
		EXPECT_TRUE(same_limits(&self->answer.limits, &self->record.limits));
		check_node(_metadata, device, "device", &self->record);
		EXPECT_STREQ("video4linux", self->record.subsystem);
		EXPECT_STREQ(self->record.device, self->answer.device);
		close(device);
	}
}

/* The other vivid does no DMA: a record, and no limits. */
TEST_F(attach, video_cpu_only)
{
	static const __u32 types[] = {
		V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_BUF_TYPE_VIDEO_OUTPUT,
	};
	int device, i;

	for (i = 0; i < 2; i++) {
		device = must_have(v4l2_node_open(V4L2_VIVID_CPU, types[i]), "vivid");
		attach(device);
		EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_CPU_ONLY, self->answer.flags);
		EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_CPU_ONLY | DMABUF_HEAP_ATTACHMENT_DECLARED,
			  self->record.flags);
		EXPECT_EQ(0, self->answer.limits.valid);
		EXPECT_EQ(0, self->answer.merged.valid);
		EXPECT_EQ(0, self->record.limits.valid);
		check_node(_metadata, device, "device", &self->record);
		EXPECT_STREQ("video4linux", self->record.subsystem);
		close(device);
	}
}

static bool is_m2m(int fd)
{
	struct v4l2_capability cap = {};

	return !ioctl(fd, VIDIOC_QUERYCAP, &cap) && cap.device_caps & V4L2_CAP_VIDEO_M2M;
}

/* Memory to memory: the queues hang on the open file. vim2m uses the CPU only. */
TEST_F(attach, video_m2m)
{
	char path[32];
	int i, device = -1;

	for (i = 0; i < 64 && device < 0; i++) {
		snprintf(path, sizeof(path), "/dev/video%d", i);
		device = open(path, O_RDWR | O_CLOEXEC);
		if (device >= 0 && !is_m2m(device)) {
			close(device);
			device = -1;
		}
	}
	if (device < 0)
		heap_skip("no mem-to-mem node: this kernel has no vim2m");
	attach(device);
	check_node(_metadata, device, "device", &self->record);
	close(device);
}

/* A virtual device that reaches all addresses, by its card and its render node. */
TEST_F(attach, vgem)
{
	int device, i;

	for (i = 0; i < 2; i++) {
		device = must_have(i ? drm_render_open(DRM_VGEM) : drm_card_open(DRM_VGEM),
				   "vgem");
		attach(device);
		EXPECT_EQ(0, self->answer.flags);
		EXPECT_EQ(NO_LIMIT, limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_ADDR));
		EXPECT_EQ(NO_LIMIT, limit(&self->answer, DMABUF_HEAP_LIMIT_CONTIGUOUS));
		EXPECT_EQ(SEGMENT_DEFAULT,
			  limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_SEGMENT));
		EXPECT_EQ(NO_LIMIT, limit(&self->answer, DMABUF_HEAP_LIMIT_BOUNDARY));
		EXPECT_STREQ("vgem", self->answer.device);
		EXPECT_STREQ("drm", self->record.subsystem);
		close(device);
	}
}

/* A PCI device, of which sysfs tells the mask. */
TEST_F(attach, cirrus)
{
	int device = must_have(drm_card_open(DRM_CIRRUS), "cirrus");
	__u64 bits = device_parent_number(device, "dma_mask_bits");

	ASSERT_LT(bits, 64);
	attach(device);
	EXPECT_EQ(0, self->answer.flags);
	EXPECT_EQ((1ULL << bits) - 1, limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(NO_LIMIT, limit(&self->answer, DMABUF_HEAP_LIMIT_CONTIGUOUS));
	EXPECT_EQ(SEGMENT_DEFAULT, limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_SEGMENT));
	EXPECT_EQ(BELOW_4G, limit(&self->answer, DMABUF_HEAP_LIMIT_BOUNDARY));
	check_node(_metadata, device, "device", &self->record);
	EXPECT_STREQ("drm", self->record.subsystem);
	close(device);
}

/* A folder of sysfs: the device alone, without what only its queue knows. */
TEST_F(attach, folder)
{
	int node = must_have(v4l2_node_open(V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE),
			     "vivid");
	int folder = must_open(device_dir(node, "device"));
	char name[64];

	must_pass(device_name(node, "device", name, sizeof(name)));
	close(node);
	attach(folder);
	EXPECT_STREQ(name, self->answer.device);
	EXPECT_EQ(0, self->answer.flags);
	EXPECT_EQ(BELOW_4G, limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(NO_LIMIT, limit(&self->answer, DMABUF_HEAP_LIMIT_CONTIGUOUS));
	EXPECT_STREQ("", self->record.node);
	EXPECT_EQ(0, self->record.dev_major);
	EXPECT_EQ(0, self->record.dev_minor);
	EXPECT_STREQ("platform", self->record.subsystem);
	close(folder);
}

/* The folder of the node itself is that of its device, and known by the node. */
TEST_F(attach, folder_of_node)
{
	int node = must_have(v4l2_node_open(V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE),
			     "vivid");
	int folder = must_open(device_dir(node, "."));

	attach(folder);
	EXPECT_EQ(0, self->answer.flags);
	EXPECT_EQ(BELOW_4G, limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(NO_LIMIT, limit(&self->answer, DMABUF_HEAP_LIMIT_CONTIGUOUS));
	check_node(_metadata, node, "device", &self->record);
	close(folder);
	close(node);
}

/* Every PCI device: the mask that sysfs tells, or ENODEV without a driver. */
TEST_F(attach, pci)
{
	const char *pattern = "/sys/bus/pci/devices/*";
	unsigned int bound = 0;
	char path[300];
	glob_t found;
	size_t i;
	__u64 bits;
	int folder;

	ASSERT_EQ(0, glob(pattern, 0, NULL, &found));
	for (i = 0; i < found.gl_pathc; i++) {
		folder = must_open(open(found.gl_pathv[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		snprintf(path, sizeof(path), "%s/driver", found.gl_pathv[i]);
		if (access(path, F_OK)) {
			must_fail(ENODEV, heap_attach(self->heap.fd, self->buffer, folder,
						      NULL, NULL));
			close(folder);
			continue;
		}
		bound++;
		snprintf(path, sizeof(path), "%s/dma_mask_bits", found.gl_pathv[i]);
		bits = heap_file_number(path);
		attach(folder);
		EXPECT_EQ(bits == 64 ? NO_LIMIT : (1ULL << bits) - 1,
			  limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_ADDR))
			TH_LOG("at %s", found.gl_pathv[i]);
		EXPECT_STREQ(strrchr(found.gl_pathv[i], '/') + 1, self->answer.device);
		EXPECT_STREQ("pci", self->record.subsystem);
		close(folder);
	}
	globfree(&found);
	EXPECT_LT(0, bound);
}

/*
 * Other character devices stand for the parent that does the DMA, and so does what
 * V4L2 knows nothing of: vivid's radio has no queue.
 */
TEST_F(attach, other_nodes)
{
	static const struct {
		const char *path;
		const char *parent;
	} nodes[] = {
		{ "/dev/rtc0", "device" }, { "/dev/media0", ".." }, { "/dev/ttyS0", "device" },
		{ "/dev/radio0", "device" },
	};
	unsigned int i, count = 0;
	int device;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		device = open(nodes[i].path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (device < 0)
			continue;
		count++;
		attach(device);
		EXPECT_EQ(0, self->answer.flags);
		EXPECT_NE(NO_LIMIT, limit(&self->answer, DMABUF_HEAP_LIMIT_MAX_ADDR));
		check_node(_metadata, device, nodes[i].parent, &self->record);
		close(device);
	}
	if (!count)
		heap_skip("none of these nodes");
}

TEST_F(attach, recorded)
{
	int device = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u64 before = heap_now();

	must_pass(heap_require(self->heap.fd, self->buffer, device, NULL, "overlay",
			       &self->id, NULL));
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, self->id,
					&self->record));
	EXPECT_EQ(self->id, self->record.id);
	EXPECT_EQ(0, self->record.declared_id);
	EXPECT_LE(before, self->record.created_ns);
	EXPECT_GE(heap_now(), self->record.created_ns);
	EXPECT_EQ(0, self->record.last_map_ns);
	EXPECT_EQ(0, self->record.bytes_mapped);
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_DECLARED, self->record.flags);
	EXPECT_EQ(getpid(), self->record.pid);
	EXPECT_STREQ("attach", self->record.comm);
	EXPECT_STREQ("overlay", self->record.label);
	EXPECT_EQ(1, heap_counters_read().attachments - self->heap.before.attachments);
	close(device);
}

TEST_F(attach, access)
{
	int device = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u32 access;

	for (access = 1; access <= HEAP_ACCESS_BOTH; access++) {
		struct dmabuf_heap_attach attach = {
			.size = sizeof(attach),
			.fd = self->buffer,
			.device_fd = device,
			.access = access,
		};

		must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_ATTACH, &attach));
		must_pass(heap_query_attachment(self->heap.fd, self->buffer, attach.out_id,
						&self->record));
		EXPECT_EQ(access, self->record.access);
	}
	close(device);
}

TEST_F(attach, same_device_twice)
{
	int device = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u64 second;

	attach(device);
	must_pass(heap_attach(self->heap.fd, self->buffer, device, &second, NULL));
	EXPECT_LT(self->id, second);
	EXPECT_EQ(2, heap_query_attachments(self->heap.fd, self->buffer, NULL, 0));
	must_pass(heap_detach(self->heap.fd, self->buffer, self->id));
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, second, &self->record));
	EXPECT_STREQ("vgem", self->record.device);
	close(device);
}

/* The record stays as it is when the fd of the device is closed. */
TEST_F(attach, outlives_fd)
{
	int device = must_have(v4l2_node_open(V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE),
			       "vivid");
	struct dmabuf_heap_attachment_record before;
	struct dmabuf_heap_buffer_record buffer;

	attach(device);
	before = self->record;
	close(device);
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, self->id,
					&self->record));
	EXPECT_EQ(0, memcmp(&before, &self->record, sizeof(before)));
	must_pass(heap_commit(self->heap.fd, self->buffer));
	must_pass(heap_query(self->heap.fd, self->buffer, &buffer));
	EXPECT_EQ(1, buffer.placement.runs);
	EXPECT_LE(buffer.placement.addr_bits, 32);
}

/* Whoever holds the buffer's fd may attach, read-only and as any user. */
static int attach_as_nobody(void *arg)
{
	int *fds = arg;

	return heap_attach(fds[0], fds[1], fds[2], NULL, NULL);
}

TEST_F(attach, by_anyone)
{
	struct dmabuf_heap_create create = {
		.size = sizeof(create),
		.length = HEAP_PAGE,
		.fd_flags = O_RDONLY,
	};
	int fds[3];

	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_CREATE, &create));
	fds[0] = self->heap.fd;
	fds[1] = create.out_fd;
	fds[2] = must_have(drm_render_open(DRM_VGEM), "vgem");
	must_pass(heap_child(HEAP_NOBODY, attach_as_nobody, fds));
	EXPECT_EQ(1, heap_query_attachments(self->heap.fd, fds[1], NULL, 0));
	close(fds[2]);
	close(fds[1]);
}

TEST_HARNESS_MAIN
