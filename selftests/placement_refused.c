// SPDX-License-Identifier: GPL-2.0
/*
 * Limits that can't be met: by no memory of this machine, or not by the memory that a
 * buffer has. Each by itself, with the report that it makes, by ATTACH and by its
 * TEST; what is only preferred is never refused. Lengths and addresses are in bytes.
 */
#include "kselftest_harness.h"

#include "device.h"
#include "heap.h"
#include "importer.h"
#include "mapdev.h"

#define LENGTH		(2 * HEAP_MIB)
#define PIECES		(2 * HEAP_MIB + 3 * HEAP_PAGE)	/* of more than one run */
#define NOBODY		0	/* id of no attachment */

FIXTURE(refused) {
	struct heap_state heap;
	int buffer;
	struct dmabuf_heap_limits limits;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(refused)
{
	heap_setup(&self->heap);
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
}

FIXTURE_TEARDOWN(refused)
{
	close(self->buffer);
	heap_teardown(&self->heap);
}

#define why	(&self->answer.report)

/* Asks, first with TEST: both are refused, for the same reason, and nothing changes. */
#define refused(number, device)	do {						\
	struct dmabuf_heap_buffer_record before;				\
	struct dmabuf_heap_answer test;						\
										\
	must_pass(heap_query(self->heap.fd, self->buffer, &before));		\
	must_fail(number, heap_test(self->heap.fd, self->buffer, device, &self->limits, \
				   NULL, &test));				\
	must_fail(number, heap_require(self->heap.fd, self->buffer, device, &self->limits, \
				      NULL, NULL, &self->answer));		\
	test.report.time_ns = why->time_ns;					\
	EXPECT_EQ(0, memcmp(&test, &self->answer, sizeof(test)));		\
	EXPECT_EQ(number, why->error);						\
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));	\
	EXPECT_EQ(0, memcmp(&before.merged, &self->record.merged, sizeof(before.merged))); \
	EXPECT_EQ(0, memcmp(&before.placement, &self->record.placement,		\
			    sizeof(before.placement)));				\
	EXPECT_EQ(before.attachments, self->record.attachments);		\
} while (0)

#define expect_report(which, want, got, by) do {				\
	EXPECT_EQ(which, why->limit);					\
	EXPECT_EQ(want, why->wanted);					\
	EXPECT_EQ(got, why->found);						\
	EXPECT_EQ(by, why->attachment);					\
} while (0)

/* However memory lies, segments of 64 KiB are so many. */
TEST_F(refused, segments_of_device)
{
	struct mapdev dev;

	mapdev_setup(&dev, 0);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 31);
	refused(EOPNOTSUPP, dev.folder);
	expect_report(DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 31, LENGTH / (64 * HEAP_KIB), NOBODY);
	EXPECT_STREQ(dev.name, why->device);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 32);
	must_pass(heap_require(self->heap.fd, self->buffer, dev.folder, &self->limits, NULL,
			       NULL, NULL));
	mapdev_close(&dev);
}

/* What one declaration counts another of the same device cuts, in either order. */
TEST_F(refused, segments_of_two_declarations)
{
	static const struct {
		enum dmabuf_heap_limit_type type;
		__u64 value;
	} halves[] = {
		{ DMABUF_HEAP_LIMIT_MAX_SEGMENTS, LENGTH / HEAP_MIB - 1 },
		{ DMABUF_HEAP_LIMIT_MAX_SEGMENT, HEAP_MIB },
	};
	struct mapdev dev;
	__u64 id;
	int i;

	mapdev_setup(&dev, 0);
	dev.limits.max_segment = 0xffffffff;
	must_pass(mapdev_limit(&dev));
	for (i = 0; i < 2; i++) {
		self->limits = (struct dmabuf_heap_limits) {};
		heap_limits_set(&self->limits, halves[i].type, halves[i].value);
		must_pass(heap_require(self->heap.fd, self->buffer, dev.folder, &self->limits,
				       "first", &id, NULL));
		self->limits = (struct dmabuf_heap_limits) {};
		heap_limits_set(&self->limits, halves[!i].type, halves[!i].value);
		refused(EOPNOTSUPP, dev.folder);
		expect_report(DMABUF_HEAP_LIMIT_MAX_SEGMENTS, LENGTH / HEAP_MIB - 1,
			      LENGTH / HEAP_MIB, NOBODY);
		must_pass(heap_detach(self->heap.fd, self->buffer, id));
	}
	mapdev_close(&dev);
}

/* The same once there is memory: in two runs, of which the larger is cut once more. */
TEST_F(refused, segments_of_two_declarations_late)
{
	const __u64 length = LENGTH + 2 * HEAP_PAGE;
	const struct {
		enum dmabuf_heap_limit_type type;
		__u64 value;
	} halves[] = {
		{ DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 2 },
		{ DMABUF_HEAP_LIMIT_MAX_SEGMENT, length / 2 },
	};
	struct mapdev dev;
	__u64 id;
	int i;

	mapdev_setup(&dev, 0);
	dev.limits.max_segment = 0xffffffff;
	must_pass(mapdev_limit(&dev));
	close(self->buffer);
	self->buffer = must_open(heap_create(self->heap.fd, length));
	must_pass(heap_commit(self->heap.fd, self->buffer));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	if (self->record.placement.runs != 2)
		heap_skip("the memory didn't come in two runs");
	for (i = 0; i < 2; i++) {
		self->limits = (struct dmabuf_heap_limits) {};
		heap_limits_set(&self->limits, halves[i].type, halves[i].value);
		must_pass(heap_require(self->heap.fd, self->buffer, dev.folder, &self->limits,
				       "first", &id, NULL));
		self->limits = (struct dmabuf_heap_limits) {};
		heap_limits_set(&self->limits, halves[!i].type, halves[!i].value);
		refused(EBUSY, dev.folder);
		expect_report(DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 2, 3, NOBODY);
		must_pass(heap_detach(self->heap.fd, self->buffer, id));
	}
	mapdev_close(&dev);
}

/* A boundary cuts as well as a largest segment does. */
TEST_F(refused, segments_by_boundary)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 7);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_BOUNDARY, 256 * HEAP_KIB - 1);
	refused(EOPNOTSUPP, DMABUF_HEAP_NO_DEVICE);
	expect_report(DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 7, 8, NOBODY);
	EXPECT_STREQ("", why->device);
}

/* More than the largest block of memory, in one segment: who asked for it is told. */
TEST_F(refused, segments_of_all_memory)
{
	struct dmabuf_heap_info info;
	__u64 first, length;

	must_pass(heap_info(self->heap.fd, &info));
	length = info.out_max_length / 8 * 7 / HEAP_PAGE * HEAP_PAGE;
	close(self->buffer);
	self->buffer = must_open(heap_create(self->heap.fd, length));
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	if (!heap_test(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE, &self->limits, NULL,
		       NULL))
		heap_skip("nearly all memory is one block");
	refused(EOPNOTSUPP, DMABUF_HEAP_NO_DEVICE);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_CONTIGUOUS, why->limit);
	EXPECT_EQ(length, why->wanted);
	EXPECT_GT(length, why->found);
	EXPECT_LT(0, why->found);
	/* Other attachments' numbers are others'. */
	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_MAX_SEGMENTS,
				     10000, &first, NULL));
	self->limits = (struct dmabuf_heap_limits) {};
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 1);
	refused(EOPNOTSUPP, DMABUF_HEAP_NO_DEVICE);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_SEGMENTS, why->limit);
	EXPECT_EQ(1, why->wanted);
	EXPECT_LT(1, why->found);
	EXPECT_EQ(NOBODY, why->attachment);
}

/* No address of this machine is such a multiple. */
TEST_F(refused, alignment)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_ALIGNMENT, 1ULL << 62);
	refused(EOPNOTSUPP, DMABUF_HEAP_NO_DEVICE);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_ALIGNMENT, why->limit);
	EXPECT_EQ(1ULL << 62, why->wanted);
	EXPECT_LE(HEAP_MIB, why->found);
	EXPECT_EQ(0, why->found & (why->found - 1));
	EXPECT_GT(1ULL << 62, why->found);
	/* What was found is the most that can be asked for. */
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_ALIGNMENT, 2 * why->found);
	must_fail(EOPNOTSUPP, heap_test(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE,
					&self->limits, NULL, NULL));
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_ALIGNMENT, why->found);
	must_pass(heap_test(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE, &self->limits,
			    NULL, NULL));
}

/* An earlier attachment's limit that can't be met with a later one's is to blame. */
TEST_F(refused, alignment_of_another)
{
	__u64 first;

	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_ALIGNMENT,
				     HEAP_GIB, &first, NULL));
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_ADDR, HEAP_GIB - 1);
	if (heap_test(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE, &self->limits, NULL,
		      &self->answer) != -EOPNOTSUPP ||
	    why->limit != DMABUF_HEAP_LIMIT_ALIGNMENT)
		heap_skip("there is memory at address 0, or none below 1 GiB");
	refused(EOPNOTSUPP, DMABUF_HEAP_NO_DEVICE);
	EXPECT_EQ(HEAP_GIB, why->wanted);
	EXPECT_EQ(first, why->attachment);
}

/* Memory is there, and what each limit finds in it. */
FIXTURE(busy) {
	struct heap_state heap;
	int buffer;
	struct dmabuf_heap_limits limits;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(busy)
{
	heap_setup(&self->heap);
	self->buffer = must_have(importer_buffer_scattered(self->heap.fd, PIECES),
				 "memory in more than one piece");
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
}

FIXTURE_TEARDOWN(busy)
{
	close(self->buffer);
	heap_teardown(&self->heap);
}

TEST_F(busy, max_addr)
{
	__u32 bits = self->record.placement.addr_bits;

	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_ADDR, (1ULL << (bits - 1)) - 1);
	if (heap_test(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE, &self->limits, NULL,
		      NULL) == -EOPNOTSUPP)
		heap_skip("this machine's memory begins above that");
	refused(EBUSY, DMABUF_HEAP_NO_DEVICE);
	expect_report(DMABUF_HEAP_LIMIT_MAX_ADDR, (1ULL << (bits - 1)) - 1, (1ULL << bits) - 1,
		      NOBODY);
	EXPECT_EQ(DMABUF_HEAP_FIRST_COMMIT, why->first_map);
	EXPECT_EQ(self->record.placement.runs, why->runs);
}

TEST_F(busy, contiguous)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	refused(EBUSY, DMABUF_HEAP_NO_DEVICE);
	expect_report(DMABUF_HEAP_LIMIT_CONTIGUOUS, PIECES, self->record.placement.run_max,
		      NOBODY);
}

/* With nothing to cut them, runs are segments. */
TEST_F(busy, max_segments)
{
	__u64 runs = self->record.placement.runs;

	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, runs - 1);
	refused(EBUSY, DMABUF_HEAP_NO_DEVICE);
	expect_report(DMABUF_HEAP_LIMIT_MAX_SEGMENTS, runs - 1, runs, NOBODY);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, runs);
	must_pass(heap_require(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE, &self->limits,
			       NULL, NULL, NULL));
}

TEST_F(busy, alignment)
{
	__u64 align = 1ULL << self->record.placement.align_bits;

	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_ALIGNMENT, 2 * align);
	refused(EBUSY, DMABUF_HEAP_NO_DEVICE);
	expect_report(DMABUF_HEAP_LIMIT_ALIGNMENT, 2 * align, align, NOBODY);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_ALIGNMENT, align);
	must_pass(heap_require(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE, &self->limits,
			       NULL, NULL, NULL));
}

/* Shapes, and what is preferred: memory that lies otherwise does as well. */
TEST_F(busy, nothing)
{
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CHUNK, HEAP_GIB);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_NODE, 0);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT, HEAP_PAGE);
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_BOUNDARY, HEAP_PAGE - 1);
	must_pass(heap_require(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE, &self->limits,
			       NULL, NULL, &self->answer));
	EXPECT_EQ(0, why->error);
}

TEST_HARNESS_MAIN
