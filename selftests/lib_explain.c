// SPDX-License-Identifier: GPL-2.0
/*
 * The library's sentences about what really happened: why a device was refused,
 * who allocated, how memory lies. Ages differ from run to run; what stands before
 * and after them does not. Sentences that need no device are in lib_words.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "device.h"
#include "drm.h"
#include "lib_fixture.h"
#include "v4l2.h"

#define TEXT_SIZE	512

/* As much of @text as could be @start, to be compared with it. */
static const char *text_begin(const char *text, const char *start)
{
	static char begin[TEXT_SIZE];

	snprintf(begin, sizeof(begin), "%.*s", (int)strlen(start), text);
	return begin;
}

/* The same at the end. */
static const char *text_tail(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return tail <= length ? text + length - tail : text;
}

#define expect_begin(start, text)	EXPECT_STREQ(start, text_begin(text, start))
#define expect_end(end, text)		EXPECT_STREQ(end, text_tail(text, end))

/* Fills the first byte, as a process named @comm. */
static int buffer_fill(struct dmabuf_heap_buffer *buffer, const char *comm)
{
	prctl(PR_SET_NAME, comm);
	return dmabuf_heap_buffer_write(buffer, 0, "x", 1);
}

/*
 * The refusal of @device as a sentence of at most TEXT_SIZE bytes; 0 when it
 * wasn't refused with @error.
 */
static size_t refusal_explain(struct dmabuf_heap_buffer *buffer, int device,
			      int error, char *text)
{
	struct dmabuf_heap_reply *reply;
	size_t length = 0;

	*text = '\0';
	if (dmabuf_heap_buffer_attach(buffer, device, LIB_BOTH, NULL, 0, NULL,
				      &reply) == -error &&
	    reply->conflict && reply->conflict->error == error)
		length = dmabuf_heap_conflict_explain(reply->conflict, NULL, text,
						      TEXT_SIZE);
	dmabuf_heap_reply_free(reply);
	return length;
}

#define camera_open(bus)						\
	must_have(v4l2_node_open(bus, V4L2_BUF_TYPE_VIDEO_CAPTURE),	\
		  "vivid with allocators=0,1")

/*
 * A buffer below 4 GiB that the CPU has filled, of a length that one block could
 * hold, in more than one run. Large chunks often join by chance: tries again,
 * and holds on to what was no good until the end.
 */
static int buffer_scattered(struct dmabuf_heap *heap, const char *comm,
			    struct dmabuf_heap_buffer **buffer, uint64_t *runs)
{
	struct dmabuf_heap_buffer *joined[64] = {};
	struct dmabuf_heap_buffer_info *info;
	int error = 0, i, tries = 0;

	for (*runs = 1; !error && *runs == 1 && tries < 64; tries++) {
		error = dmabuf_heap_buffer_create(heap, HEAP_BLOCK_MAX - HEAP_PAGE,
						  0, "scattered", &joined[tries]) ?:
			lib_require(joined[tries], NULL, DBHEAP_LIMIT_MAX_ADDR,
				    LIB_LAST_BELOW_4G, NULL, NULL) ?:
			buffer_fill(joined[tries], comm) ?:
			dmabuf_heap_buffer_info_read(joined[tries], &info);
		if (error)
			continue;
		*runs = info->runs;
		dmabuf_heap_buffer_info_free(info);
	}
	if (!error && *runs > 1)
		*buffer = joined[--tries];
	else
		error = error ?: -EAGAIN;
	for (i = 0; i < tries; i++)
		dmabuf_heap_buffer_close(joined[i]);
	return error;
}

TEST_F(lib, needs_contiguous)
{
	struct dmabuf_heap_buffer *buffer;
	char text[TEXT_SIZE], start[TEXT_SIZE], node[32];
	int camera = camera_open(V4L2_VIVID_DMA);
	uint64_t runs;

	must_pass(device_name(camera, ".", node, sizeof(node)));
	must_pass(buffer_scattered(self->heap, "painter", &buffer, &runs));
	snprintf(start, sizeof(start),
		 "%s (vivid.0) needs contiguous memory; the buffer was allocated in %u runs when painter filled it through mmap ",
		 node, (unsigned int)runs);
	EXPECT_EQ(0, refusal_explain(buffer, camera, EOPNOTSUPP, text));
	EXPECT_LT(0, refusal_explain(buffer, camera, EBUSY, text));
	expect_begin(start, text);
	expect_end(" ago", text);
	dmabuf_heap_buffer_close(buffer);
	close(camera);
}

/* A buffer of 1 MiB above 4 GiB, filled by @comm. -ENXIO without such memory. */
static int buffer_high(struct dmabuf_heap *heap, const char *comm,
		       struct dmabuf_heap_buffer **buffer, unsigned int *bits)
{
	struct dmabuf_heap_buffer_info *info;
	int error;

	error = dmabuf_heap_buffer_create(heap, HEAP_MIB, 0, "high", buffer);
	if (error)
		return error;
	error = buffer_fill(*buffer, comm) ?:
		dmabuf_heap_buffer_info_read(*buffer, &info);
	if (!error) {
		*bits = info->addr_bits;
		dmabuf_heap_buffer_info_free(info);
		error = *bits > 32 ? 0 : -ENXIO;
	}
	if (error)
		dmabuf_heap_buffer_close(*buffer);
	return error;
}

TEST_F(lib, needs_low_memory)
{
	struct dmabuf_heap_buffer *buffer;
	char text[TEXT_SIZE], start[TEXT_SIZE], end[128], node[32];
	int camera = camera_open(V4L2_VIVID_DMA);
	unsigned int bits;
	int error;

	must_pass(device_name(camera, ".", node, sizeof(node)));
	snprintf(start, sizeof(start),
		 "%s (vivid.0) needs memory below 4 GiB; the buffer's memory, allocated when painter filled it through mmap ",
		 node);
	error = buffer_high(self->heap, "painter", &buffer, &bits);
	if (error == -ENXIO)
		heap_skip("no memory above 4 GiB was to be had");
	ASSERT_EQ(0, error);
	snprintf(end, sizeof(end), " ago, reaches %u address bits (up to %u GiB)",
		 bits, 1U << (bits - 30));
	EXPECT_LT(0, refusal_explain(buffer, camera, EBUSY, text));
	expect_begin(start, text);
	expect_end(end, text);
	dmabuf_heap_buffer_close(buffer);
	close(camera);
}

/* V4L2 flattens what the import was refused with; the buffer remembers it. */
TEST_F(lib, swallowed)
{
	struct v4l2_queue queue = { .fd = -1 };
	struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_buffer *buffer;
	char text[TEXT_SIZE] = "";
	unsigned int bits;
	int error;

	if (v4l2_queue_open(&queue, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid with allocators=0,1");
	error = v4l2_queue_resize(&queue, 320, 180);
	ASSERT_EQ(0, error);
	ASSERT_LE(queue.length, HEAP_MIB);
	error = buffer_high(self->heap, "painter", &buffer, &bits);
	if (error == -ENXIO)
		heap_skip("no memory above 4 GiB was to be had");
	ASSERT_EQ(0, error);
	must_pass(v4l2_queue_request(&queue, 1));
	EXPECT_NE(0, v4l2_queue_put(&queue, 0, dmabuf_heap_buffer_get_fd(buffer)));
	must_pass(dmabuf_heap_buffer_info_read(buffer, &info));
	ASSERT_NE(NULL, info->conflict);
	EXPECT_EQ(EBUSY, info->conflict->error);
	dmabuf_heap_conflict_explain(info->conflict, NULL, text, sizeof(text));
	expect_begin("vivid.0 needs memory below 4 GiB; ", text);
	dmabuf_heap_buffer_info_free(info);
	v4l2_queue_close(&queue);
	dmabuf_heap_buffer_close(buffer);
}

/* As much as all memory: no block is as large, whatever the allocator can do. */
TEST_F(lib, no_block_so_large)
{
	uint64_t length = dmabuf_heap_get_max_length(self->heap);
	struct dmabuf_heap_buffer *buffer;
	char text[TEXT_SIZE], start[TEXT_SIZE], size[32];
	struct dmabuf_heap_reply *reply;

	dmabuf_heap_size_describe(length, size, sizeof(size));
	must_pass(dmabuf_heap_buffer_create(self->heap, length, 0, "", &buffer));
	must_fail(EOPNOTSUPP, lib_require(buffer, "scanout",
					  DBHEAP_LIMIT_CONTIGUOUS, 1, NULL,
					  &reply));
	if (reply->conflict->limit != DBHEAP_LIMIT_CONTIGUOUS)
		heap_skip("this kernel has less memory than it says");
	EXPECT_EQ(length, reply->conflict->wanted);
	EXPECT_LT(reply->conflict->found, length);
	dmabuf_heap_conflict_explain(reply->conflict, NULL, text, sizeof(text));
	snprintf(start, sizeof(start),
		 "the requirement \"scanout\" needs %s of contiguous memory, and this machine's largest block is ",
		 size);
	expect_begin(start, text);
	dmabuf_heap_size_describe(reply->conflict->found, size, sizeof(size));
	expect_end(size, text);
	dmabuf_heap_reply_free(reply);
	dmabuf_heap_buffer_close(buffer);
}

/* The label stands behind the device. */
TEST_F(lib, as_scanout)
{
	uint64_t length = dmabuf_heap_get_max_length(self->heap);
	int camera = camera_open(V4L2_VIVID_DMA);
	struct dmabuf_heap_requirement *scanout;
	char text[TEXT_SIZE], start[TEXT_SIZE], node[32];
	struct dmabuf_heap_buffer *buffer;
	struct dmabuf_heap_reply *reply;

	must_pass(device_name(camera, ".", node, sizeof(node)));
	must_pass(dmabuf_heap_buffer_create(self->heap, length, 0, "", &buffer));
	must_pass(dmabuf_heap_requirement_create("scanout", &scanout));
	must_fail(EOPNOTSUPP, dmabuf_heap_buffer_attach(buffer, camera,
							DBHEAP_READ, scanout, 0,
							NULL, &reply));
	dmabuf_heap_requirement_free(scanout);
	dmabuf_heap_conflict_explain(reply->conflict, NULL, text, sizeof(text));
	snprintf(start, sizeof(start), "%s (vivid.0) as \"scanout\" needs ", node);
	expect_begin(start, text);
	dmabuf_heap_reply_free(reply);
	dmabuf_heap_buffer_close(buffer);
	close(camera);
}

/* 32 pages, one at a time, are 32 segments wherever they lie. */
TEST_F(lib, too_many_segments)
{
	struct dmabuf_heap_requirement *burst;
	struct dmabuf_heap_buffer *buffer;
	struct dmabuf_heap_reply *reply;
	char text[TEXT_SIZE];

	must_pass(dmabuf_heap_buffer_create(self->heap, 32 * HEAP_PAGE, 0, "",
					    &buffer));
	must_pass(dmabuf_heap_requirement_create("burst", &burst));
	must_pass(dmabuf_heap_requirement_set(burst, DBHEAP_LIMIT_MAX_SEGMENT,
					      HEAP_PAGE));
	must_pass(dmabuf_heap_requirement_set(burst, DBHEAP_LIMIT_MAX_SEGMENTS, 31));
	must_fail(EOPNOTSUPP, dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE,
							DBHEAP_READ, burst, 0,
							NULL, &reply));
	dmabuf_heap_conflict_explain(reply->conflict, NULL, text, sizeof(text));
	expect_begin("the requirement \"burst\" needs the buffer in at most 31 segments, and ",
		     text);
	expect_end(" segments, and its 128 KiB make at least 32 on this machine", text);
	dmabuf_heap_reply_free(reply);

	must_pass(dmabuf_heap_buffer_commit(buffer));
	must_fail(EOPNOTSUPP, dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE,
							DBHEAP_READ, burst, 0,
							NULL, &reply));
	dmabuf_heap_reply_free(reply);
	dmabuf_heap_requirement_free(burst);
	dmabuf_heap_buffer_close(buffer);
}

/* DRM passes on what a sealed buffer says; the buffer remembers whom it said it to. */
TEST_F(lib, sealed)
{
	int card = must_have(drm_card_open(DRM_VGEM), "vgem");
	struct dmabuf_heap_buffer_info *info;
	char text[TEXT_SIZE];
	__u32 handle;

	must_pass(dmabuf_heap_buffer_seal(self->buffer));
	must_fail(EPERM, drm_import(card, dmabuf_heap_buffer_get_fd(self->buffer),
				    &handle));
	must_pass(dmabuf_heap_buffer_info_read(self->buffer, &info));
	ASSERT_NE(NULL, info->conflict);
	EXPECT_EQ(EPERM, info->conflict->error);
	dmabuf_heap_conflict_explain(info->conflict, NULL, text, sizeof(text));
	EXPECT_STREQ("the buffer is sealed, and vgem was not attached before", text);
	dmabuf_heap_buffer_info_free(info);
	close(card);
}

TEST_F(lib, no_memory_so_low)
{
	struct dmabuf_heap_buffer *buffer;
	struct dmabuf_heap_reply *reply;
	char text[TEXT_SIZE], small[20];

	must_pass(dmabuf_heap_buffer_create(self->heap, 64 * HEAP_MIB, 0, "",
					    &buffer));
	must_fail(EOPNOTSUPP, lib_require(buffer, NULL, DBHEAP_LIMIT_MAX_ADDR,
					  (1 << 24) - 1, NULL, &reply));
	EXPECT_LT(sizeof(small), dmabuf_heap_conflict_explain(reply->conflict, NULL,
							      small,
							      sizeof(small)));
	EXPECT_STREQ("a requirement needs", small);
	dmabuf_heap_conflict_explain(reply->conflict, NULL, text, sizeof(text));
	expect_begin("a requirement needs memory below 16 MiB, where this machine can give ",
		     text);
	/* x86 has some there, other machines have "none". */
	expect_end(" and the buffer takes 64 MiB", text);
	dmabuf_heap_reply_free(reply);
	dmabuf_heap_buffer_close(buffer);
}

typedef size_t (*info_sentence)(const struct dmabuf_heap_buffer_info *info, char *text,
				size_t size);

/* What one of the library's sentences says of a buffer. */
static int info_text(struct dmabuf_heap_buffer *buffer, info_sentence describe, char *text,
		     size_t size)
{
	struct dmabuf_heap_buffer_info *info;
	int error;

	error = dmabuf_heap_buffer_info_read(buffer, &info);
	if (error)
		return error;
	describe(info, text, size);
	dmabuf_heap_buffer_info_free(info);
	return 0;
}

#define first_map_text(buffer, text, size) \
	info_text(buffer, dmabuf_heap_buffer_info_describe_first_map, text, size)
#define placement_text(buffer, text, size) \
	info_text(buffer, dmabuf_heap_buffer_info_describe_placement, text, size)

TEST_F(lib, first_map_by_task)
{
	struct v4l2_queue queue = { .fd = -1 };
	struct dmabuf_heap_buffer *buffer;
	char text[128];

	must_pass(first_map_text(self->buffer, text, sizeof(text)));
	EXPECT_STREQ("nobody has used it yet", text);
	prctl(PR_SET_NAME, "painter");
	must_pass(dmabuf_heap_buffer_commit(self->buffer));
	must_pass(first_map_text(self->buffer, text, sizeof(text)));
	expect_begin("painter committed it ", text);

	if (v4l2_queue_open(&queue, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid with allocators=0,1");
	must_pass(dmabuf_heap_buffer_create(self->heap, queue.length, 0, "",
					    &buffer));
	must_pass(v4l2_queue_request(&queue, 1));
	must_pass(v4l2_queue_put(&queue, 0, dmabuf_heap_buffer_get_fd(buffer)));
	must_pass(first_map_text(buffer, text, sizeof(text)));
	expect_begin("painter had a driver map it for the CPU ", text);
	v4l2_queue_close(&queue);
	dmabuf_heap_buffer_close(buffer);
}

TEST_F(lib, first_map_by_device)
{
	struct dmabuf_heap_buffer_info *info;
	char text[128];
	__u32 handle;
	int card = must_have(drm_card_open(DRM_VGEM), "vgem");

	must_pass(drm_import(card, dmabuf_heap_buffer_get_fd(self->buffer),
			     &handle));
	must_pass(dmabuf_heap_buffer_info_read(self->buffer, &info));
	if (info->first_map == DBHEAP_FIRST_NONE)
		heap_skip("this kernel's vgem imports without a map");
	EXPECT_EQ(DBHEAP_FIRST_DEVICE, info->first_map);
	EXPECT_EQ(1, info->device_maps[DBHEAP_DIR_BOTH]);
	dmabuf_heap_buffer_info_describe_first_map(info, text, sizeof(text));
	expect_begin("vgem mapped it ", text);
	expect_end(" ago", text);
	dmabuf_heap_buffer_info_free(info);
	must_pass(drm_handle_close(card, handle));
	close(card);
}

TEST_F(lib, placement)
{
	struct dmabuf_heap_buffer *low;
	char text[128];
	uint64_t runs;

	must_pass(placement_text(self->buffer, text, sizeof(text)));
	EXPECT_STREQ("any number of runs, any address", text);
	must_pass(lib_require(self->buffer, NULL, DBHEAP_LIMIT_MAX_ADDR,
			      LIB_LAST_BELOW_4G, NULL, NULL));
	must_pass(placement_text(self->buffer, text, sizeof(text)));
	EXPECT_STREQ("any number of runs, below 4 GiB", text);

	must_pass(dmabuf_heap_buffer_create(self->heap, HEAP_MIB, 0, "", &low));
	must_pass(lib_require(low, NULL, DBHEAP_LIMIT_CONTIGUOUS, 1, NULL, NULL));
	must_pass(placement_text(low, text, sizeof(text)));
	EXPECT_STREQ("contiguous, any address", text);
	must_pass(dmabuf_heap_buffer_commit(low));
	must_pass(placement_text(low, text, sizeof(text)));
	expect_begin("contiguous, below ", text);
	dmabuf_heap_buffer_close(low);

	must_pass(buffer_scattered(self->heap, "painter", &low, &runs));
	must_pass(placement_text(low, text, sizeof(text)));
	EXPECT_EQ(runs, strtoull(text, NULL, 10));
	EXPECT_NE(NULL, strstr(text, " runs of "));
	EXPECT_NE(NULL, strstr(text, ", below "));
	dmabuf_heap_buffer_close(low);
}

TEST_HARNESS_MAIN
