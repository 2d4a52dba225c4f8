// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers that a module makes for itself, by a process that is in its call or by a
 * kernel thread: kmod/users/client makes the calls, and userspace looks at the
 * buffer by its id and its fd. Lengths and addresses are in bytes.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "module.h"
#include "kmod/users/client.h"

#define LENGTH	(1 * HEAP_MIB + 3 * HEAP_PAGE)
#define LOW	0x7fffffffULL
#define ANY	(~0ULL)

/* What tests know as *self. */
#define api_fixture FIXTURE_DATA(kernel_api)

FIXTURE(kernel_api) {
	struct heap_state heap;
	int client;
	int buffer;		/* fd of what was made, -1 for none */
	struct client_attach attach;
	struct client_map map;
	struct dmabuf_heap_buffer_record record;
	struct dmabuf_heap_attachment_record attachment;
};

FIXTURE_VARIANT(kernel_api) {
	int thread;
};

FIXTURE_VARIANT_ADD(kernel_api, process) {
	.thread = 0,
};

FIXTURE_VARIANT_ADD(kernel_api, kernel_thread) {
	.thread = 1,
};

static int call(int client, unsigned long cmd, void *arg)
{
	int rc = ioctl(client, cmd, arg);

	return rc < 0 ? -errno : rc;
}

#define simple(cmd)	call(self->client, cmd, NULL)
#define commit()	simple(CLIENT_COMMIT)
#define seal()		simple(CLIENT_SEAL)
#define map()		call(self->client, CLIENT_MAP, &self->map)
#define unmap()		simple(CLIENT_UNMAP)
#define detach(which) \
	({ __u64 detach_id = (which); call(self->client, CLIENT_DETACH, &detach_id); })
#define adopt(buffer)	({ int adopt_fd = (buffer); call(self->client, CLIENT_ADOPT, &adopt_fd); })
#define platform(shape)	({ int has = (shape); call(self->client, CLIENT_PLATFORM, &has); })
#define query()		must_pass(heap_query(self->heap.fd, self->buffer, &self->record))

static int client_mask(int client, __u64 mask)
{
	return call(client, CLIENT_MASK, &mask);
}

FIXTURE_SETUP(kernel_api)
{
	int thread = variant->thread, rc;

	heap_setup(&self->heap);
	self->buffer = -1;
	rc = module_load_user(CLIENT_MODULE, "");
	if (rc == -ENOENT)
		heap_skip("no kmod/users/client");
	must_pass(rc);
	self->client = must_open(open("/dev/" CLIENT_NODE, O_RDWR | O_CLOEXEC));
	must_pass(call(self->client, CLIENT_THREAD, &thread));
}

FIXTURE_TEARDOWN(kernel_api)
{
	close(self->client);
	if (self->buffer >= 0)
		close(self->buffer);
	EXPECT_EQ(0, module_unload_wait(CLIENT_MODULE));
	heap_teardown(&self->heap);
}

static int create(int client, __u64 length, __u32 flags, int file_flags, const char *name)
{
	struct client_create create = {
		.length = length, .flags = flags, .file_flags = file_flags,
	};

	strncpy(create.name, name, sizeof(create.name) - 1);
	return call(client, CLIENT_CREATE, &create);
}

/* Makes a buffer, and has an fd of it. */
static void create_buffer(struct __test_metadata *_metadata, api_fixture *self)
{
	must_pass(create(self->client, LENGTH - 1, 0, O_RDWR, "made inside"));
	self->buffer = must_open(simple(CLIENT_FD));
}

#define create_buffer() create_buffer(_metadata, self)

/* Declares, with a requirement that says nothing yet. */
static int declare(api_fixture *self, __u32 flags, const char *label)
{
	self->attach.flags = flags;
	self->attach.access = HEAP_ACCESS_BOTH;
	strncpy(self->attach.label, label, sizeof(self->attach.label) - 1);
	return call(self->client, CLIENT_ATTACH, &self->attach);
}

#define declare(flags)	declare(self, flags, "inside")
#define require(type, value) \
	heap_limits_set(&self->attach.limits, DMABUF_HEAP_LIMIT_##type, value)

TEST_F(kernel_api, create)
{
	struct dmabuf_heap_buffer_record by_id;
	char *memory;

	create_buffer();
	query();
	EXPECT_EQ(LENGTH, self->record.length);
	EXPECT_STREQ("made inside", self->record.name);
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(0, self->record.creator_uid);
	EXPECT_EQ(variant->thread, !strncmp(self->record.creator_comm, "kworker", 7));
	EXPECT_EQ(!variant->thread, self->record.creator_pid == getpid());
	must_pass(heap_query_id(self->heap.fd, self->record.id, &by_id));
	EXPECT_EQ(0, memcmp(&self->record, &by_id, sizeof(by_id)));

	memory = heap_mmap(self->buffer, LENGTH);
	ASSERT_NE(NULL, memory);
	EXPECT_TRUE(importer_is_filled(memory, LENGTH, 0));
	memset(memory, 0x5a, LENGTH);
	munmap(memory, LENGTH);
	/* Its maker lets go; whoever has the fd goes on. */
	must_pass(simple(CLIENT_PUT));
	memory = heap_mmap(self->buffer, LENGTH);
	ASSERT_NE(NULL, memory);
	EXPECT_TRUE(importer_is_filled(memory, LENGTH, 0x5a));
	munmap(memory, LENGTH);
}

TEST_F(kernel_api, read_only_file)
{
	must_pass(create(self->client, LENGTH, 0, O_RDONLY, ""));
	self->buffer = must_open(simple(CLIENT_FD));
	EXPECT_EQ(NULL, heap_mmap(self->buffer, LENGTH));
	EXPECT_EQ(EACCES, errno);
	query();
	EXPECT_STREQ("", self->record.name);
}

TEST_F(kernel_api, create_wrong)
{
	char name[DMABUF_HEAP_NAME_LEN + 1];

	memset(name, 'n', sizeof(name));
	name[DMABUF_HEAP_NAME_LEN] = 0;
	must_fail(EINVAL, create(self->client, 0, 0, O_RDWR, ""));
	must_fail(EINVAL, create(self->client, LENGTH, 1U << 31, O_RDWR, ""));
	must_fail(EINVAL, create(self->client, LENGTH, 0, O_WRONLY, ""));
	must_fail(EINVAL, create(self->client, LENGTH, 0, O_RDWR | O_NONBLOCK, ""));
	must_fail(EINVAL, create(self->client, LENGTH, 0, O_RDWR | O_CLOEXEC, ""));
	must_fail(EINVAL, create(self->client, LENGTH, 0, O_RDWR, "two\nlines"));
	must_fail(EINVAL, create(self->client, LENGTH, 0, O_RDWR, name));
	must_fail(EOPNOTSUPP, create(self->client, 1ULL << 60, 0, O_RDWR, ""));
	name[DMABUF_HEAP_NAME_LEN - 1] = 0;
	must_pass(create(self->client, LENGTH, 0, O_RDWR, name));
}

TEST_F(kernel_api, attach)
{
	create_buffer();
	require(MAX_ADDR, LOW);
	must_pass(client_mask(self->client, IMPORTER_4G));
	must_pass(declare(CLIENT_DEVICE | CLIENT_REQUIREMENT));
	EXPECT_EQ(1, self->attach.id);
	EXPECT_EQ(0, self->attach.report.error);
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, 1, &self->attachment));
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_DECLARED, self->attachment.flags);
	EXPECT_EQ(HEAP_ACCESS_BOTH, self->attachment.access);
	EXPECT_STREQ(CLIENT_NODE, self->attachment.device);
	EXPECT_STREQ("", self->attachment.node);
	EXPECT_STREQ("platform", self->attachment.subsystem);
	EXPECT_STREQ("inside", self->attachment.label);
	EXPECT_EQ(LOW, heap_limits_value(&self->attachment.limits, DMABUF_HEAP_LIMIT_MAX_ADDR));

	must_pass(declare(CLIENT_DEVICE | CLIENT_QUIET));
	must_pass(commit());
	must_pass(commit());
	query();
	EXPECT_EQ(2, self->record.declared);
	EXPECT_EQ(DMABUF_HEAP_FIRST_COMMIT, self->record.first_map);
	EXPECT_GE(31, self->record.placement.addr_bits);
}

TEST_F(kernel_api, requirement_without_device)
{
	create_buffer();
	require(MAX_ADDR, LOW);
	must_pass(declare(CLIENT_REQUIREMENT));
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, 1, &self->attachment));
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_DECLARED | DMABUF_HEAP_ATTACHMENT_NO_DEVICE,
		  self->attachment.flags);
	must_pass(commit());
	query();
	EXPECT_GE(31, self->record.placement.addr_bits);
}

/* Each time one thing is wrong. */
TEST_F(kernel_api, attach_wrong)
{
	create_buffer();
	must_fail(EINVAL, declare(0));
	require(ALIGNMENT, 3);
	must_fail(EINVAL, declare(CLIENT_DEVICE | CLIENT_REQUIREMENT));
	require(ALIGNMENT, HEAP_PAGE);
	require(NODE, 1000);
	must_fail(EINVAL, declare(CLIENT_DEVICE | CLIENT_REQUIREMENT));
	require(NODE, 0);
	self->attach.limits.limit[DMABUF_HEAP_LIMIT_NODE].set_by = 1;
	must_fail(EINVAL, declare(CLIENT_DEVICE | CLIENT_REQUIREMENT));
	self->attach.limits.limit[DMABUF_HEAP_LIMIT_NODE].set_by = 0;

	self->attach.access = 0;
	must_fail(EINVAL, call(self->client, CLIENT_ATTACH, &self->attach));
	self->attach.access = HEAP_ACCESS_BOTH << 1;
	must_fail(EINVAL, call(self->client, CLIENT_ATTACH, &self->attach));
	self->attach.access = HEAP_ACCESS_BOTH;
	memset(self->attach.label, 'l', DMABUF_HEAP_NAME_LEN);
	must_fail(EINVAL, call(self->client, CLIENT_ATTACH, &self->attach));
	memset(self->attach.label, 0, DMABUF_HEAP_NAME_LEN);
	must_pass(client_mask(self->client, 0));
	must_fail(ENODEV, call(self->client, CLIENT_ATTACH, &self->attach));
	must_pass(client_mask(self->client, ANY));

	query();
	EXPECT_EQ(0, self->record.attachments);
	EXPECT_EQ(0, self->record.conflict.error);
	must_pass(call(self->client, CLIENT_ATTACH, &self->attach));
}

/* The same node is refused to a process too. */
TEST_F(kernel_api, node_of_a_process)
{
	create_buffer();
	must_fail(EINVAL, heap_require_limit(self->heap.fd, self->buffer,
					     DMABUF_HEAP_LIMIT_NODE, 1000, NULL, NULL));
	must_pass(heap_require_limit(self->heap.fd, self->buffer,
				     DMABUF_HEAP_LIMIT_NODE, 0, NULL, NULL));
}

TEST_F(kernel_api, not_ours)
{
	int foreign = must_have(device_foreign_buffer(), "vgem");

	must_pass(adopt(foreign));
	must_fail(EINVAL, declare(CLIENT_DEVICE));
	must_fail(EINVAL, detach(1));
	must_fail(EINVAL, seal());
	must_fail(EINVAL, commit());
	close(foreign);
}

/* A buffer that a process has made. */
TEST_F(kernel_api, refused_with_report)
{
	struct dmabuf_heap_report *report = &self->attach.report;

	self->buffer = must_have(importer_buffer_high(self->heap.fd, LENGTH),
				 "memory above 4 GiB");
	must_pass(adopt(self->buffer));
	must_pass(client_mask(self->client, IMPORTER_4G));
	must_fail(EBUSY, declare(CLIENT_DEVICE | CLIENT_QUIET));
	must_fail(EBUSY, declare(CLIENT_DEVICE));
	EXPECT_EQ(0, self->attach.id);
	EXPECT_EQ(EBUSY, report->error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, report->limit);
	EXPECT_EQ(IMPORTER_4G, report->wanted);
	EXPECT_LT(IMPORTER_4G, report->found);
	EXPECT_STREQ(CLIENT_NODE, report->device);
	EXPECT_STREQ("inside", report->label);
	query();
	EXPECT_EQ(0, memcmp(report, &self->record.conflict, sizeof(*report)));
	EXPECT_EQ(0, self->record.attachments);

	must_pass(client_mask(self->client, ANY));
	must_pass(declare(CLIENT_DEVICE));
	EXPECT_EQ(0, report->error);
}

TEST_F(kernel_api, impossible_with_report)
{
	create_buffer();
	require(MAX_SEGMENTS, 1);
	require(MAX_SEGMENT, HEAP_PAGE);
	must_fail(EOPNOTSUPP, declare(CLIENT_DEVICE | CLIENT_REQUIREMENT));
	EXPECT_EQ(EOPNOTSUPP, self->attach.report.error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_SEGMENTS, self->attach.report.limit);
	EXPECT_EQ(1, self->attach.report.wanted);
	EXPECT_EQ(LENGTH / HEAP_PAGE, self->attach.report.found);
}

TEST_F(kernel_api, map)
{
	create_buffer();
	require(MAX_ADDR, LOW);
	must_pass(declare(CLIENT_DEVICE | CLIENT_REQUIREMENT));
	must_pass(map());
	EXPECT_EQ(LENGTH, self->map.bytes);
	EXPECT_GE(LOW, self->map.last);
	query();
	EXPECT_EQ(DMABUF_HEAP_FIRST_DEVICE, self->record.first_map);
	EXPECT_EQ(1, self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(2, self->record.attachments);
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, 2, &self->attachment));
	EXPECT_EQ(1, self->attachment.declared_id);
	must_pass(unmap());
	query();
	EXPECT_EQ(1, self->record.attachments);
}

TEST_F(kernel_api, map_aligned)
{
	create_buffer();
	require(ALIGNMENT, 64 * HEAP_KIB);
	must_pass(declare(CLIENT_DEVICE | CLIENT_REQUIREMENT));
	must_pass(map());
	EXPECT_LE(16, self->map.align_bits);
	must_pass(unmap());
}

TEST_F(kernel_api, detach)
{
	create_buffer();
	require(MAX_ADDR, LOW);
	must_pass(declare(CLIENT_DEVICE | CLIENT_REQUIREMENT));
	must_fail(ENOENT, detach(2));
	must_pass(map());
	must_fail(EBUSY, detach(2));
	must_pass(unmap());
	must_pass(detach(1));
	must_fail(ENOENT, detach(1));
	query();
	EXPECT_EQ(0, self->record.attachments);
}

TEST_F(kernel_api, seal)
{
	create_buffer();
	must_pass(seal());
	must_fail(EPERM, declare(CLIENT_DEVICE));
	must_fail(EPERM, map());
	must_pass(seal());
	query();
	EXPECT_EQ(DMABUF_HEAP_BUFFER_SEALED, self->record.flags);
}

TEST_F(kernel_api, seal_after_declaring)
{
	create_buffer();
	must_pass(declare(CLIENT_DEVICE));
	must_pass(seal());
	must_pass(map());
	must_pass(unmap());
}

/* The fd goes to another driver, as any buffer's. */
TEST_F(kernel_api, imported_elsewhere)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u32 handle;

	create_buffer();
	must_pass(declare(CLIENT_DEVICE));
	must_pass(heap_attach(self->heap.fd, self->buffer, vgem, NULL, NULL));
	must_pass(map());
	must_pass(drm_import(vgem, self->buffer, &handle));
	query();
	EXPECT_EQ(4, self->record.attachments);
	must_pass(drm_handle_close(vgem, handle));
	must_pass(unmap());
	close(vgem);
}

TEST_F(kernel_api, platform_wrong)
{
	must_fail(EINVAL, platform(CLIENT_HAS_LIMITS));
	must_fail(EINVAL, platform(CLIENT_HAS_NAME));
	must_fail(EINVAL, platform(CLIENT_HAS_NAME | CLIENT_HAS_OWNS | CLIENT_HAS_LIMITS));
	must_fail(EINVAL, platform(CLIENT_HAS_NAME | CLIENT_HAS_READ | CLIENT_HAS_LIMITS));
	must_fail(EEXIST, platform(CLIENT_HAS_NAME | CLIENT_HAS_LIMITS | CLIENT_TWICE));
	must_pass(platform(CLIENT_HAS_NAME | CLIENT_HAS_LIMITS));
	must_pass(platform(CLIENT_HAS_NAME | CLIENT_HAS_OWNS | CLIENT_HAS_READ));
}

TEST_HARNESS_MAIN
