// SPDX-License-Identifier: GPL-2.0
/*
 * Several devices at one buffer: those that came in time get memory that suits them
 * all, each in segments of its own; one that comes late gets the memory as it is, or
 * -EBUSY and the reason, declared or not. A sealed buffer admits whom it knows.
 */
#include "kselftest_harness.h"
#include <sys/mman.h>

#include "heap.h"
#include "device.h"
#include "importer.h"
#include "mapdev.h"

/* Not a power of two, so that it can lie in pieces, and little enough to be in one. */
#define LENGTH	(2 * HEAP_MIB + 3 * HEAP_PAGE)

FIXTURE(company) {
	struct heap_state heap;
	struct mapdev first;
	struct mapdev second;
	int buffer;
	__u64 id;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record record;
	struct dmabuf_heap_attachment_record attachment;
};

/* The first reaches little memory in large pieces, the second all in small ones. */
FIXTURE_SETUP(company)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->first, 0);
	mapdev_setup(&self->second, 0);
	self->first.limits.mask = MAPDEV_4G;
	self->first.limits.max_segment = 0xffffffff;
	must_pass(mapdev_limit(&self->first));
	self->second.limits.max_segment = 3 * HEAP_PAGE;
	self->second.limits.boundary = 0xffff;
	must_pass(mapdev_limit(&self->second));
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
}

FIXTURE_TEARDOWN(company)
{
	mapdev_close(&self->first);
	mapdev_close(&self->second);
	close(self->buffer);
	heap_teardown(&self->heap);
}

#define declare(dev) \
	heap_attach(self->heap.fd, self->buffer, (dev)->folder, &self->id, &self->answer)
#define query()	heap_query(self->heap.fd, self->buffer, &self->record)

TEST_F_TIMEOUT(company, both_in_time, 120)
{
	__u64 first;

	must_pass(declare(&self->first));
	first = self->id;
	must_pass(declare(&self->second));
	EXPECT_EQ(first, self->answer.merged.limit[DMABUF_HEAP_LIMIT_MAX_ADDR].set_by);
	EXPECT_EQ(self->id, self->answer.merged.limit[DMABUF_HEAP_LIMIT_MAX_SEGMENT].set_by);
	must_pass(mapdev_attach(&self->second, self->buffer));
	must_pass(mapdev_attach(&self->first, self->buffer));
	must_pass(mapdev_map(&self->second, MAPDEV_READS));
	must_pass(mapdev_map(&self->first, MAPDEV_WRITES));
	must_pass(query());
	EXPECT_GE(32, self->record.placement.addr_bits);
	EXPECT_EQ(self->record.placement.runs, self->first.map.segments);
	EXPECT_EQ(0, self->first.map.broken);
	EXPECT_EQ(0, self->second.map.broken);
	EXPECT_LT(self->first.map.segments, self->second.map.segments);

	/* One device's output is the other's input, with no CPU between. */
	EXPECT_EQ(0, mapdev_fill(&self->first, HEAP_MIB, 7));
	EXPECT_EQ(0, mapdev_compare(&self->second, HEAP_MIB, 7));
	must_pass(mapdev_unmap(&self->first));
	EXPECT_EQ(0, mapdev_compare(&self->second, HEAP_MIB, 7));
}

/* An import is the declared device's, and its label's. */
TEST_F(company, import_of_a_declared_device)
{
	must_pass(declare(&self->first));
	must_pass(mapdev_attach(&self->first, self->buffer));
	must_pass(mapdev_attach(&self->second, self->buffer));
	ASSERT_EQ(1, importer_records(self->heap.fd, self->buffer, self->first.name,
				      &self->attachment));
	EXPECT_EQ(self->id, self->attachment.declared_id);
	EXPECT_STREQ("platform", self->attachment.subsystem);
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_IMPORTED, self->attachment.flags);
	ASSERT_EQ(1, importer_records(self->heap.fd, self->buffer, self->second.name,
				      &self->attachment));
	EXPECT_EQ(0, self->attachment.declared_id);
	must_pass(heap_detach(self->heap.fd, self->buffer, self->id));
	ASSERT_EQ(1, importer_records(self->heap.fd, self->buffer, self->first.name,
				      &self->attachment));
	EXPECT_EQ(0, self->attachment.declared_id);
}

#define check_refused(report, limit_, wanted_) do {			\
	EXPECT_EQ(EBUSY, (report)->error);				\
	EXPECT_EQ(limit_, (report)->limit);				\
	EXPECT_EQ(wanted_, (report)->wanted);				\
	EXPECT_EQ(LENGTH, (report)->length);				\
	EXPECT_STREQ(self->first.name, (report)->device);		\
} while (0)

/* TEST changes nothing, ATTACH and the import leave their reason behind. */
TEST_F(company, too_late)
{
	close(self->buffer);
	self->buffer = must_have(importer_buffer_high(self->heap.fd, LENGTH),
				 "memory above 4 GiB");
	must_fail(EBUSY, heap_test(self->heap.fd, self->buffer, self->first.folder, NULL, NULL,
				   &self->answer));
	check_refused(&self->answer.report, DMABUF_HEAP_LIMIT_MAX_ADDR, MAPDEV_4G);
	must_pass(query());
	EXPECT_EQ(0, self->record.conflict.error);
	must_fail(EBUSY, declare(&self->first));
	must_pass(query());
	check_refused(&self->record.conflict, DMABUF_HEAP_LIMIT_MAX_ADDR, MAPDEV_4G);
	must_fail(EBUSY, mapdev_attach(&self->first, self->buffer));
	must_fail(EBUSY, mapdev_attach_dynamic(&self->first, self->buffer));
	must_pass(query());
	check_refused(&self->record.conflict, DMABUF_HEAP_LIMIT_MAX_ADDR, MAPDEV_4G);
	EXPECT_EQ(0, self->record.attachments);

	/* The other one finds all that it needs. */
	must_pass(declare(&self->second));
	must_pass(mapdev_attach(&self->second, self->buffer));
	must_pass(mapdev_map(&self->second, MAPDEV_BOTH));
	EXPECT_EQ(0, self->second.map.broken);
}

/* What only the declaration says counts for the import, even when it comes late. */
TEST_F(company, too_scattered)
{
	struct dmabuf_heap_limits whole = {};

	close(self->buffer);
	self->buffer = must_have(importer_buffer_scattered(self->heap.fd, LENGTH),
				 "memory in pieces");
	heap_limits_set(&whole, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	must_fail(EBUSY, heap_require(self->heap.fd, self->buffer, self->first.folder, &whole,
				      NULL, NULL, &self->answer));
	check_refused(&self->answer.report, DMABUF_HEAP_LIMIT_CONTIGUOUS, LENGTH);
	must_pass(mapdev_attach(&self->first, self->buffer));
	must_pass(mapdev_map(&self->first, MAPDEV_BOTH));
	EXPECT_EQ(0, self->first.map.broken);
}

TEST_F(company, sealed)
{
	must_pass(declare(&self->first));
	must_pass(heap_seal(self->heap.fd, self->buffer));
	must_fail(EPERM, declare(&self->second));
	must_fail(EPERM, mapdev_attach(&self->second, self->buffer));
	must_fail(EPERM, mapdev_attach_dynamic(&self->second, self->buffer));
	must_pass(mapdev_attach(&self->first, self->buffer));
	must_pass(mapdev_map(&self->first, MAPDEV_BOTH));
	EXPECT_EQ(0, self->first.map.broken);

	/* EPERM comes before EBUSY. */
	self->second.limits.mask = HEAP_PAGE - 1;
	must_pass(mapdev_limit(&self->second));
	must_fail(EPERM, mapdev_attach(&self->second, self->buffer));
}

/* Who attached by itself is in the way as one that was declared is. */
TEST_F(company, culprit)
{
	struct dmabuf_heap_limits nowhere = {};
	int large = must_open(heap_create(self->heap.fd, 2 * HEAP_BLOCK_MAX));

	heap_limits_set(&nowhere, DMABUF_HEAP_LIMIT_MAX_ADDR, HEAP_NOWHERE);
	must_fail(EOPNOTSUPP, heap_require(self->heap.fd, large, self->first.folder, &nowhere,
					   "scanout", NULL, &self->answer));
	EXPECT_STREQ("scanout", self->answer.report.label);
	EXPECT_EQ(0, self->answer.report.attachment);
	self->first.limits.mask = HEAP_PAGE - 1;
	must_pass(mapdev_limit(&self->first));
	must_fail(EOPNOTSUPP, mapdev_attach(&self->first, large));
	must_pass(heap_query(self->heap.fd, large, &self->record));
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, self->record.conflict.limit);
	EXPECT_EQ(0, self->record.attachments);

	/* It narrows after it was let in: the next is told whose limit it is. */
	self->first.limits.mask = MAPDEV_ANY;
	must_pass(mapdev_limit(&self->first));
	must_pass(mapdev_attach(&self->first, large));
	must_pass(mapdev_attach(&self->second, large));
	self->first.limits.mask = HEAP_PAGE - 1;
	must_pass(mapdev_limit(&self->first));
	must_fail(EOPNOTSUPP, mapdev_map(&self->first, MAPDEV_BOTH));
	must_pass(mapdev_map(&self->second, MAPDEV_BOTH));
	must_fail(EOPNOTSUPP, mapdev_map(&self->first, MAPDEV_BOTH));
	must_pass(heap_query(self->heap.fd, large, &self->record));
	EXPECT_EQ(2, self->record.attachments);
	EXPECT_STREQ(self->first.name, self->record.conflict.device);
	close(large);
}

/* A device without DMA is none for ATTACH, nor one without a driver. */
TEST_F(company, no_device)
{
	self->first.limits.mask = 0;
	must_pass(mapdev_limit(&self->first));
	must_fail(ENODEV, declare(&self->first));
	must_pass(mapdev_call(&self->second, MAPPER_UNBIND, NULL));
	must_fail(ENODEV, declare(&self->second));
	must_pass(mapdev_call(&self->second, MAPPER_BIND, NULL));
	must_pass(declare(&self->second));
}

TEST_HARNESS_MAIN
