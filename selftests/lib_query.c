// SPDX-License-Identifier: GPL-2.0
/*
 * The library: attaching devices and requirements, and what can be asked of one
 * buffer, its attachments and all buffers; also when memory runs out.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "device.h"
#include "lib_fixture.h"
#include "v4l2.h"

/* Allocations of the library that succeed before one fails; -1 for all. */
static int allocations_left = -1;

static bool allocation_fails(void)
{
	return !allocations_left || (allocations_left > 0 && !allocations_left--);
}

/* In place of the C library's, for the library too. */
extern void *__libc_calloc(size_t count, size_t size);

void *calloc(size_t count, size_t size)
{
	return allocation_fails() ? NULL : __libc_calloc(count, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
	return allocation_fails() ? NULL : realloc(old, count * size);
}

/* The camera that needs contiguous memory below 4 GiB. */
#define camera_open()							\
	must_have(v4l2_node_open(V4L2_VIVID_DMA,			\
				 V4L2_BUF_TYPE_VIDEO_CAPTURE),		\
		  "vivid with allocators=0,1")

static uint64_t limit_value(const struct dmabuf_heap_limits_info *limits,
			    enum dbheap_limit limit)
{
	uint64_t value;

	return dmabuf_heap_limits_info_get(limits, limit, &value, NULL) ?
	       value : -1ULL;
}

/* Attachments that the buffer has, by its list; -1 on error. */
static int attachments_count(struct dmabuf_heap_buffer *buffer)
{
	struct dmabuf_heap_attachment_list *list;
	int count;

	if (dmabuf_heap_attachment_list_read(buffer, &list))
		return -1;
	count = dmabuf_heap_attachment_list_count(list);
	dmabuf_heap_attachment_list_free(list);
	return count;
}

TEST_F(lib, attach)
{
	struct dmabuf_heap_reply *reply;
	struct dmabuf_heap_buffer *small;
	int camera = camera_open();
	uint64_t id = 0, set_by = 0;

	must_pass(dmabuf_heap_buffer_create(self->heap, HEAP_MIB, 0, "", &small));
	must_pass(dmabuf_heap_buffer_attach(small, camera, DBHEAP_WRITE, NULL, 0,
					    &id, &reply));
	EXPECT_NE(0, id);
	EXPECT_STREQ("vivid.0", reply->device);
	EXPECT_EQ(0, reply->flags & DBHEAP_ATTACHMENT_CPU_ONLY);
	EXPECT_EQ(NULL, reply->conflict);
	EXPECT_EQ(1, limit_value(reply->limits, DBHEAP_LIMIT_CONTIGUOUS));
	EXPECT_TRUE(dmabuf_heap_limits_info_get(reply->merged,
						DBHEAP_LIMIT_MAX_ADDR, NULL,
						&set_by));
	EXPECT_EQ(id, set_by);
	EXPECT_EQ(-1ULL, limit_value(reply->merged, DBHEAP_LIMIT_COUNT));
	EXPECT_EQ(-1ULL, limit_value(reply->merged, (enum dbheap_limit)64));
	dmabuf_heap_reply_free(reply);

	EXPECT_EQ(1, attachments_count(small));
	must_pass(dmabuf_heap_buffer_detach(small, id));
	must_fail(ENOENT, dmabuf_heap_buffer_detach(small, id));
	EXPECT_EQ(0, attachments_count(small));
	dmabuf_heap_buffer_close(small);
	close(camera);
}

TEST_F(lib, attach_refused)
{
	struct dmabuf_heap_reply *reply = (struct dmabuf_heap_reply *)1;
	struct dmabuf_heap_buffer *buffer = self->buffer;
	uint64_t id = 7;

	must_fail(EINVAL, dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE, 0,
						    NULL, 0, &id, &reply));
	EXPECT_EQ(NULL, reply);
	must_fail(EINVAL, dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE,
						    LIB_BOTH, NULL, 1 << 1, &id,
						    &reply));
	must_fail(EINVAL, dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE,
						    LIB_BOTH, NULL, 0, &id,
						    &reply));
	must_fail(EBADF, dmabuf_heap_buffer_attach(buffer, 1000, LIB_BOTH, NULL,
						   0, &id, &reply));
	must_fail(ENODEV, dmabuf_heap_buffer_attach(buffer, self->state.fd,
						    LIB_BOTH, NULL, 0, &id,
						    &reply));
	EXPECT_EQ(NULL, reply);
	EXPECT_EQ(7, id);
	EXPECT_EQ(0, attachments_count(buffer));
}

TEST_F(lib, requirement)
{
	struct dmabuf_heap_buffer *buffer = self->buffer;
	struct dmabuf_heap_requirement *scanout;
	struct dmabuf_heap_reply *reply;
	uint64_t id = 7;

	must_fail(EINVAL,
		  dmabuf_heap_requirement_create("a label of just thirty-two bytes",
						 &scanout));
	must_pass(dmabuf_heap_requirement_create("scanout", &scanout));
	must_fail(EINVAL, dmabuf_heap_requirement_set(scanout, DBHEAP_LIMIT_COUNT,
						      1));
	must_pass(dmabuf_heap_requirement_set(scanout, DBHEAP_LIMIT_MAX_ADDR, 1));
	must_pass(dmabuf_heap_requirement_set(scanout, DBHEAP_LIMIT_MAX_ADDR,
					      LIB_LAST_BELOW_4G));

	must_pass(dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE, DBHEAP_READ,
					    scanout, DBHEAP_ATTACH_TEST, &id,
					    &reply));
	EXPECT_EQ(0, id);
	EXPECT_EQ(LIB_LAST_BELOW_4G,
		  limit_value(reply->merged, DBHEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(DBHEAP_ATTACHMENT_NO_DEVICE,
		  reply->flags & DBHEAP_ATTACHMENT_NO_DEVICE);
	dmabuf_heap_reply_free(reply);
	EXPECT_EQ(0, attachments_count(buffer));

	must_pass(dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE, DBHEAP_READ,
					    scanout, 0, &id, NULL));
	EXPECT_NE(0, id);
	EXPECT_EQ(1, attachments_count(buffer));
	dmabuf_heap_requirement_free(scanout);
	must_pass(dmabuf_heap_buffer_commit(buffer));
}

TEST_F(lib, attachment)
{
	const struct dmabuf_heap_attachment_info *info;
	struct dmabuf_heap_attachment_list *list;
	struct dmabuf_heap_requirement *label;
	struct dmabuf_heap_buffer *small;
	int camera = camera_open();
	uint64_t id;

	must_pass(dmabuf_heap_requirement_create("viewfinder", &label));
	must_pass(dmabuf_heap_buffer_create(self->heap, HEAP_MIB, 0, "", &small));
	must_pass(dmabuf_heap_buffer_attach(small, camera, DBHEAP_WRITE, label, 0,
					    &id, NULL));
	dmabuf_heap_requirement_free(label);

	must_pass(dmabuf_heap_attachment_list_read_id(self->heap,
						      dmabuf_heap_buffer_get_id(small),
						      &list));
	dmabuf_heap_buffer_close(small);
	info = dmabuf_heap_attachment_list_find(list, id);
	ASSERT_NE(NULL, info);
	EXPECT_EQ(info, dmabuf_heap_attachment_list_get(list, 0));
	EXPECT_EQ(NULL, dmabuf_heap_attachment_list_find(list, id + 1));
	EXPECT_STREQ("viewfinder", info->label);
	EXPECT_STREQ("vivid.0", info->device);
	EXPECT_STREQ("video4linux", info->subsystem);
	EXPECT_EQ(0, strncmp("video", info->node, 5));
	EXPECT_EQ(81, info->node_major);
	EXPECT_EQ(DBHEAP_WRITE, info->access);
	EXPECT_EQ(DBHEAP_ATTACHMENT_DECLARED, info->flags);
	EXPECT_EQ(getpid(), info->pid);
	EXPECT_EQ(0, info->last_map_ns);
	EXPECT_EQ(0, info->maps_ever[DBHEAP_DIR_WRITE]);
	EXPECT_EQ(1, limit_value(info->limits, DBHEAP_LIMIT_CONTIGUOUS));
	dmabuf_heap_attachment_list_free(list);
	must_fail(ENOENT, dmabuf_heap_attachment_list_read_id(self->heap, 1,
							      &list));
	close(camera);
}

TEST_F(lib, attachment_list)
{
	const unsigned int count = 100;
	struct dmabuf_heap_attachment_list *list;
	uint64_t id, last = 0;
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < count; i++)
		error = lib_require(self->buffer, NULL, DBHEAP_LIMIT_CONTIGUOUS, 0,
				    NULL, NULL);
	ASSERT_EQ(0, error);
	must_pass(dmabuf_heap_attachment_list_read(self->buffer, &list));
	ASSERT_EQ(count, dmabuf_heap_attachment_list_count(list));
	for (i = 0; i < count; i++) {
		id = dmabuf_heap_attachment_list_get(list, i)->id;
		EXPECT_LT(last, id);
		last = id;
	}
	EXPECT_EQ(NULL, dmabuf_heap_attachment_list_get(list, count));
	dmabuf_heap_attachment_list_free(list);
}

#define WALK_KEPT	300	/* more than a batch of the iterator; two with as many others */

/* Makes a buffer, and lets go of the one before in the same place. */
static int buffer_renew(struct dmabuf_heap *heap,
			struct dmabuf_heap_buffer **buffer)
{
	dmabuf_heap_buffer_close(*buffer);
	*buffer = NULL;
	return dmabuf_heap_buffer_create(heap, 1, 0, "comes and goes", buffer);
}

TEST_F(lib, iterator)
{
	struct dmabuf_heap_buffer *kept[WALK_KEPT], *others[WALK_KEPT] = {};
	const struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_iterator *walk;
	unsigned int i, seen = 0, step = 0;
	uint64_t last = 0;
	int error;

	for (i = 0; i < WALK_KEPT; i++) {
		must_pass(dmabuf_heap_buffer_create(self->heap, 1, 0, "kept",
						    &kept[i]));
		must_pass(buffer_renew(self->heap, &others[i]));
	}
	must_pass(dmabuf_heap_iterator_create(self->heap, &walk));
	for (;;) {
		must_pass(dmabuf_heap_iterator_next(walk, &info));
		if (!info || step == 10 * WALK_KEPT)
			break;
		EXPECT_LT(last, info->id);
		last = info->id;
		if (seen < WALK_KEPT &&
		    info->id == dmabuf_heap_buffer_get_id(kept[seen])) {
			EXPECT_STREQ("kept", info->name);
			seen++;
		}
		/* Two of three steps make no new buffer, so that it ends. */
		error = step++ % 3 ? 0 : buffer_renew(self->heap,
						      &others[step * 7 % WALK_KEPT]);
		ASSERT_EQ(0, error);
	}
	EXPECT_EQ(NULL, info);
	EXPECT_EQ(WALK_KEPT, seen);
	must_pass(dmabuf_heap_iterator_next(walk, &info));
	EXPECT_EQ(NULL, info);
	dmabuf_heap_iterator_free(walk);
	for (i = 0; i < WALK_KEPT; i++) {
		dmabuf_heap_buffer_close(kept[i]);
		dmabuf_heap_buffer_close(others[i]);
	}
}

TEST_F(lib, info_copy)
{
	const struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_buffer_info *copy;
	struct dmabuf_heap_iterator *walk;

	must_pass(dmabuf_heap_iterator_create(self->heap, &walk));
	do {
		must_pass(dmabuf_heap_iterator_next(walk, &info));
		ASSERT_NE(NULL, info);
	} while (info->id != dmabuf_heap_buffer_get_id(self->buffer));
	must_pass(dmabuf_heap_buffer_info_copy(info, &copy));
	dmabuf_heap_iterator_free(walk);

	EXPECT_STREQ("lib", copy->name);
	EXPECT_EQ(LIB_LENGTH, copy->length);
	EXPECT_EQ(NULL, copy->conflict);
	EXPECT_EQ(-1ULL, limit_value(copy->merged, DBHEAP_LIMIT_MAX_ADDR));
	dmabuf_heap_buffer_info_free(copy);
}

/* One of everything that allocates; stops at the first error. */
static int allocate_all(struct dmabuf_heap *heap, int buffer_fd)
{
	struct dmabuf_heap_attachment_list *list = NULL, *attachments = NULL;
	struct dmabuf_heap_requirement *requirement = NULL;
	const struct dmabuf_heap_buffer_info *next;
	struct dmabuf_heap_buffer_info *info = NULL;
	struct dmabuf_heap_iterator *walk = NULL;
	struct dmabuf_heap_buffer *buffer = NULL, *same = NULL;
	struct dmabuf_heap_reply *reply = NULL;
	struct dmabuf_heap *other = NULL;
	int error;

	error = dmabuf_heap_open(NULL, &other) ?:
		dmabuf_heap_buffer_create(heap, 1, 0, "", &buffer) ?:
		dmabuf_heap_buffer_from_fd(heap, buffer_fd, &same) ?:
		dmabuf_heap_requirement_create("", &requirement) ?:
		dmabuf_heap_requirement_set(requirement, DBHEAP_LIMIT_CONTIGUOUS,
					    1) ?:
		dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE, DBHEAP_READ,
					  requirement, 0, NULL, &reply) ?:
		dmabuf_heap_attachment_list_read(buffer, &list) ?:
		dmabuf_heap_iterator_create(heap, &walk) ?:
		dmabuf_heap_iterator_next(walk, &next) ?:
		dmabuf_heap_iterator_get_attachments(walk, &attachments) ?:
		dmabuf_heap_buffer_info_copy(next, &info);
	if (!error) {
		dmabuf_heap_buffer_info_free(info);
		info = NULL;
		error = dmabuf_heap_buffer_info_read(buffer, &info);
	}
	dmabuf_heap_buffer_info_free(info);
	dmabuf_heap_iterator_free(walk);
	dmabuf_heap_attachment_list_free(attachments);
	dmabuf_heap_attachment_list_free(list);
	dmabuf_heap_reply_free(reply);
	dmabuf_heap_requirement_free(requirement);
	dmabuf_heap_buffer_close(same);
	dmabuf_heap_buffer_close(buffer);
	dmabuf_heap_close(other);
	return error;
}

/* Each allocation fails in turn; the fixture sees that nothing is left behind. */
TEST_F(lib, no_memory)
{
	int fd = dmabuf_heap_buffer_get_fd(self->buffer);
	int succeed, error = -ENOMEM;

	for (succeed = 0; error && succeed < 100; succeed++) {
		allocations_left = succeed;
		error = allocate_all(self->heap, fd);
		allocations_left = -1;
		EXPECT_TRUE(!error || error == -ENOMEM);
	}
	EXPECT_EQ(0, error);
	EXPECT_LT(10, succeed);
}

TEST_HARNESS_MAIN
