// SPDX-License-Identifier: GPL-2.0
/*
 * What an importer is given, and what happens when its limits change after it
 * has attached. Uses kmod/mapper, whose limits a test can choose. Lengths and
 * addresses are in bytes.
 */
#include "kselftest_harness.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "heap.h"
#include "importer.h"
#include "kmod/mapper.h"

#define LENGTH		(8 * HEAP_MIB + 3 * HEAP_PAGE)
#define ANYWHERE	(~0ULL)
#define BELOW_4G	0xffffffffULL

FIXTURE(mapper) {
	struct heap_state heap;
	int fd;
	int buffer;
	struct mapper_map map;
	struct dmabuf_heap_buffer_record record;
};

/* As the library does it: 0 or -errno. */
static int mapper(int fd, unsigned long call, void *arg)
{
	return ioctl(fd, call, arg) ? -errno : 0;
}

static int mapper_limit(int fd, __u64 mask, __u32 max_segment, __u64 boundary)
{
	struct mapper_limits limits = {
		.mask = mask,
		.max_segment = max_segment,
		.boundary = boundary,
	};

	return mapper(fd, MAPPER_LIMIT, &limits);
}

FIXTURE_SETUP(mapper)
{
	heap_setup(&self->heap);
	self->fd = open("/dev/" MAPPER_NODE, O_RDWR | O_CLOEXEC);
	if (self->fd < 0)
		heap_skip("kmod/mapper isn't loaded");
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
	must_pass(mapper_limit(self->fd, ANYWHERE, 65536, ANYWHERE));
}

FIXTURE_TEARDOWN(mapper)
{
	close(self->fd);
	close(self->buffer);
	heap_teardown(&self->heap);
}

#define attach()	mapper(self->fd, MAPPER_ATTACH, &self->buffer)
#define detach()	mapper(self->fd, MAPPER_DETACH, NULL)
#define map()		mapper(self->fd, MAPPER_MAP, &self->map)
#define unmap()		mapper(self->fd, MAPPER_UNMAP, NULL)
#define query()		heap_query(self->heap.fd, self->buffer, &self->record)

/* While there is no memory, what the map finds joins the merge. */
TEST_F(mapper, narrowed_before_the_first_map)
{
	must_pass(attach());
	must_pass(mapper_limit(self->fd, BELOW_4G, 65536, ANYWHERE));
	must_pass(map());
	EXPECT_EQ(0, self->map.wrong);
	must_pass(query());
	EXPECT_EQ(BELOW_4G, self->record.merged.limit[DMABUF_HEAP_LIMIT_MAX_ADDR].value);
	EXPECT_GE(32, self->record.placement.addr_bits);
	must_pass(unmap());
	must_pass(detach());
}

/* Once there is, it is compared, and the map fails cleanly: before the DMA API. */
TEST_F(mapper, narrowed_after_the_first_map)
{
	struct dmabuf_heap_buffer_record before;
	struct heap_counters counters;

	must_pass(attach());
	must_pass(map());
	must_pass(unmap());
	must_pass(query());
	if (self->record.placement.addr_bits <= 32)
		heap_skip("no memory above 4 GiB");
	before = self->record;
	counters = heap_counters_read();

	must_pass(mapper_limit(self->fd, BELOW_4G, 65536, ANYWHERE));
	must_fail(EBUSY, map());
	must_pass(query());
	EXPECT_EQ(EBUSY, self->record.conflict.error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, self->record.conflict.limit);
	EXPECT_EQ(BELOW_4G, self->record.conflict.wanted);
	EXPECT_EQ(0, heap_counters_wait(&counters));

	/* But for the conflict, nothing has changed. */
	self->record.conflict = before.conflict;
	EXPECT_EQ(0, memcmp(&before, &self->record, sizeof(before)));
	must_pass(mapper_limit(self->fd, ANYWHERE, 65536, ANYWHERE));
	must_pass(map());
	must_pass(unmap());
	must_pass(detach());
}

/* Nothing that this machine has could suit: said so, and still no memory. */
TEST_F(mapper, narrowed_beyond_all_memory)
{
	must_pass(attach());
	must_pass(mapper_limit(self->fd, HEAP_PAGE - 1, 65536, ANYWHERE));
	must_fail(EOPNOTSUPP, map());
	must_pass(query());
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(EOPNOTSUPP, self->record.conflict.error);
	must_pass(detach());
}

/* A device that does no DMA may attach, as on newer kernels some do, but not map. */
TEST_F(mapper, without_dma)
{
	must_pass(mapper_limit(self->fd, 0, 65536, ANYWHERE));
	must_pass(attach());
	must_fail(ENODEV, map());
	must_pass(query());
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	must_pass(detach());
}

/* Each segment obeys the device's own limits, and they add up to the buffer. */
TEST_F(mapper, segments)
{
	static const struct {
		__u32 max_segment;
		__u64 boundary;
	} shapes[] = {
		{ 65536, ANYWHERE },
		{ 4096, ANYWHERE },
		{ 69632, 0xfffff },
		{ 65535, ANYWHERE },
		{ 0xffffffff, 0xffff },
		{ 0xffffffff, ANYWHERE },
	};
	unsigned int i;

	must_pass(attach());
	for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		must_pass(mapper_limit(self->fd, ANYWHERE, shapes[i].max_segment,
				       shapes[i].boundary));
		/* A limit that is read at attach stays with the attachment. */
		must_pass(detach());
		must_pass(attach());
		must_pass(map());
		EXPECT_EQ(0, self->map.wrong) TH_LOG("shape %u", i);
		EXPECT_EQ(LENGTH, self->map.bytes) TH_LOG("shape %u", i);
		EXPECT_GE(shapes[i].max_segment, self->map.largest) TH_LOG("shape %u", i);
		must_pass(unmap());
	}
	/* Without limits, a segment is a physical run. */
	must_pass(query());
	EXPECT_EQ(self->record.placement.runs, self->map.segments);
	EXPECT_EQ(self->record.placement.run_max, self->map.largest);
	must_pass(detach());
}

/* The device's first byte is the CPU's first byte, and so on to the last. */
TEST_F(mapper, order)
{
	__u64 *words, seen[2], offset;
	struct mapper_read read = { .data = (uintptr_t)seen, .length = sizeof(seen) };

	must_pass(attach());
	words = heap_mmap(self->buffer, LENGTH);
	ASSERT_NE(NULL, words);
	for (offset = 0; offset < LENGTH; offset += sizeof(*words))
		words[offset / sizeof(*words)] = offset;
	must_pass(map());
	for (offset = 0; offset < LENGTH; offset += HEAP_PAGE) {
		read.offset = offset;
		must_pass(mapper(self->fd, MAPPER_READ, &read));
		ASSERT_EQ(offset, seen[0]);
		ASSERT_EQ(offset + sizeof(*seen), seen[1]);
	}
	must_pass(unmap());
	must_pass(detach());
	munmap(words, LENGTH);
}

/* Every direction is counted for itself. */
TEST_F(mapper, directions)
{
	static const __u32 index[] = {
		DMABUF_HEAP_DIR_BOTH, DMABUF_HEAP_DIR_READ, DMABUF_HEAP_DIR_WRITE,
	};
	__u32 dir;

	must_pass(attach());
	for (dir = 0; dir < 3; dir++) {
		self->map.dir = dir;
		must_pass(map());
		must_pass(query());
		EXPECT_EQ(1, self->record.device_maps[index[dir]]);
		must_pass(unmap());
		must_pass(query());
		EXPECT_EQ(0, self->record.device_maps[index[dir]]);
	}
	must_pass(detach());
}

TEST_HARNESS_MAIN
