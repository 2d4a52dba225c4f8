// SPDX-License-Identifier: GPL-2.0
/*
 * What an importer is given, and what happens when its limits change after it
 * has attached. The devices are kmod/mapper's. Lengths and addresses are in bytes.
 */
#include "kselftest_harness.h"
#include <sys/mman.h>

#include "heap.h"
#include "device.h"
#include "importer.h"
#include "mapdev.h"

#define LENGTH		(2 * HEAP_MIB + 3 * HEAP_PAGE)
#define WINDOW		(4 * HEAP_GIB)	/* ends where a zone does */
#define PATIENCE	120	/* seconds, for a kernel that checks all it does */
#define RULE(rule)	(1U << MAPPER_RULE_##rule)

FIXTURE(mapper) {
	struct heap_state heap;
	struct mapdev dev;
	int buffer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(mapper)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, 0);
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
}

FIXTURE_TEARDOWN(mapper)
{
	mapdev_close(&self->dev);
	close(self->buffer);
	heap_teardown(&self->heap);
}

#define attach()	mapdev_attach(&self->dev, self->buffer)
#define detach()	mapdev_detach(&self->dev)
#define map()		mapdev_map(&self->dev, MAPDEV_BOTH)
#define unmap()		mapdev_unmap(&self->dev)
#define query()		heap_query(self->heap.fd, self->buffer, &self->record)

/* The device's mask is now another. */
#define narrow(value) \
	({ self->dev.limits.mask = (value); mapdev_limit(&self->dev); })

/* While there is no memory, what the map finds joins the merge. */
TEST_F(mapper, narrowed_before_the_first_map)
{
	must_pass(attach());
	must_pass(narrow(MAPDEV_4G));
	must_pass(map());
	EXPECT_EQ(0, self->dev.map.broken);
	must_pass(query());
	EXPECT_EQ(MAPDEV_4G, self->record.merged.limit[DMABUF_HEAP_LIMIT_MAX_ADDR].value);
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

	must_pass(narrow(MAPDEV_4G));
	must_fail(EBUSY, map());
	must_pass(query());
	EXPECT_EQ(EBUSY, self->record.conflict.error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, self->record.conflict.limit);
	EXPECT_EQ(MAPDEV_4G, self->record.conflict.wanted);
	EXPECT_EQ(0, heap_counters_wait(&counters));

	/* But for the conflict, nothing has changed. */
	self->record.conflict = before.conflict;
	EXPECT_EQ(0, memcmp(&before, &self->record, sizeof(before)));
	must_pass(narrow(MAPDEV_ANY));
	must_pass(map());
	must_pass(unmap());
	must_pass(detach());
}

/* Nothing that this machine has could suit: said so, and still no memory. */
TEST_F(mapper, narrowed_beyond_all_memory)
{
	must_pass(attach());
	must_pass(narrow(HEAP_PAGE - 1));
	must_fail(EOPNOTSUPP, map());
	must_pass(query());
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(EOPNOTSUPP, self->record.conflict.error);
	must_pass(detach());
}

/* A device that does no DMA may attach, as on newer kernels some do, but not map. */
TEST_F(mapper, without_dma)
{
	must_pass(narrow(0));
	must_pass(attach());
	must_fail(ENODEV, map());
	must_pass(query());
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	must_pass(detach());
}

/* Limits of the bus count as the device's own do. */
TEST_F(mapper, narrow_bus)
{
	self->dev.limits.bus_limit = MAPDEV_4G;
	must_pass(mapdev_limit(&self->dev));
	must_pass(attach());
	must_pass(map());
	EXPECT_EQ(0, self->dev.map.broken);
	must_pass(query());
	EXPECT_EQ(MAPDEV_4G, self->record.merged.limit[DMABUF_HEAP_LIMIT_MAX_ADDR].value);
	EXPECT_GE(32, self->record.placement.addr_bits);
}

/* Memory that the bus has no address for can only be reached by bouncing. */
TEST_F(mapper, narrow_window)
{
	__u64 *memory, seen = 0;

	self->dev.limits.bus_window = MAPDEV_4G + 1;
	must_pass(mapdev_limit(&self->dev));
	must_pass(attach());
	must_pass(map());
	EXPECT_EQ(0, self->dev.map.broken);
	memory = heap_mmap(self->buffer, LENGTH);
	ASSERT_NE(NULL, memory);
	*memory = 13;
	EXPECT_EQ(0, mapdev_read(&self->dev, 0, &seen, sizeof(seen)));
	EXPECT_EQ(13, seen);
	must_pass(query());
	EXPECT_GE(32, self->record.placement.addr_bits);
	munmap(memory, LENGTH);
}

/*
 * A second window, which follows in memory. Only where its bus addresses follow too
 * may a segment lie across the border.
 */
TEST_F(mapper, two_windows)
{
	static const struct {
		__u64 next;
		__u64 max_addr;
	} rows[] = {
		{ WINDOW, 2 * WINDOW - 1 },
		{ WINDOW + HEAP_MIB, WINDOW - 1 },
		{ 8 * WINDOW, WINDOW - 1 },
	};
	unsigned int i;

	self->dev.limits.bus_window = WINDOW;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		self->dev.limits.bus_next = rows[i].next;
		must_pass(mapdev_limit(&self->dev));
		must_pass(attach());
		must_pass(query());
		EXPECT_EQ(rows[i].max_addr,
			  self->record.merged.limit[DMABUF_HEAP_LIMIT_MAX_ADDR].value)
			TH_LOG("row %u", i);
		must_pass(detach());
	}
}

/* The fuzzer's find: the last map was looked up before it was known that there is one. */
TEST_F(mapper, read_before_any_map)
{
	__u64 seen;

	must_pass(attach());
	must_fail(EINVAL, mapdev_read(&self->dev, 0, &seen, sizeof(seen)));
}

/* Without limits, a segment is a physical run. */
TEST_F(mapper, runs)
{
	self->dev.limits.max_segment = 0xffffffff;
	must_pass(mapdev_limit(&self->dev));
	must_pass(attach());
	must_pass(map());
	EXPECT_EQ(0, self->dev.map.broken);
	must_pass(query());
	EXPECT_EQ(self->record.placement.runs, self->dev.map.segments);
	EXPECT_EQ(self->record.placement.run_max, self->dev.map.largest);
}

/* The device's first byte is the CPU's first byte, and so on to the last. */
TEST_F_TIMEOUT(mapper, order, PATIENCE)
{
	void *memory;

	must_pass(attach());
	memory = heap_mmap(self->buffer, LENGTH);
	ASSERT_NE(NULL, memory);
	mapdev_memory_fill(memory, LENGTH, 1);
	must_pass(map());
	EXPECT_EQ(0, mapdev_compare(&self->dev, LENGTH, 1));
	EXPECT_EQ(0, mapdev_fill(&self->dev, LENGTH, 2));
	EXPECT_EQ(0, mapdev_memory_compare(memory, LENGTH, 2));
	munmap(memory, LENGTH);
}

/* Every direction is counted for itself. */
TEST_F(mapper, directions)
{
	static const __u32 index[] = {
		DMABUF_HEAP_DIR_BOTH, DMABUF_HEAP_DIR_READ, DMABUF_HEAP_DIR_WRITE,
	};
	__u64 word = 0;
	__u32 dir;

	must_pass(attach());
	for (dir = 0; dir < 3; dir++) {
		must_pass(mapdev_map(&self->dev, dir));
		must_pass(query());
		EXPECT_EQ(1, self->record.device_maps[index[dir]]);
		EXPECT_EQ(dir == MAPDEV_WRITES ? -EACCES : 0,
			  mapdev_read(&self->dev, 0, &word, sizeof(word)));
		EXPECT_EQ(dir == MAPDEV_READS ? -EACCES : 0,
			  mapdev_write(&self->dev, 0, &word, sizeof(word)));
		must_pass(unmap());
		must_pass(query());
		EXPECT_EQ(0, self->record.device_maps[index[dir]]);
	}
	must_fail(EINVAL, mapdev_map(&self->dev, 3));
	must_pass(detach());
}

/* An attachment may be mapped again while it is mapped, each time anew. */
TEST_F(mapper, several_maps)
{
	struct mapper_map first;
	int i;

	must_pass(attach());
	must_pass(map());
	first = self->dev.map;
	EXPECT_EQ(0, mapdev_fill(&self->dev, HEAP_PAGE, 3));
	for (i = 1; i < MAPPER_MAPS; i++)
		must_pass(mapdev_map(&self->dev, MAPDEV_READS));
	EXPECT_EQ(first.segments, self->dev.map.segments);
	must_pass(query());
	EXPECT_EQ(1, self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(MAPPER_MAPS - 1, self->record.device_maps[DMABUF_HEAP_DIR_READ]);
	must_fail(EINVAL, map());
	EXPECT_EQ(0, mapdev_compare(&self->dev, HEAP_PAGE, 3));
	must_fail(EINVAL, detach());
	while (i--)
		must_pass(unmap());
	must_fail(EINVAL, unmap());
	must_pass(detach());
}

/*
 * The judge itself: a map that was right is looked at by limits that it wasn't made
 * for. Each limit by itself finds its rule broken, and no other.
 */
TEST_F(mapper, judge)
{
	struct mapper_limits good = { .mask = MAPDEV_ANY, .boundary = MAPDEV_ANY,
				      .max_segment = 0xffffffff };
	struct {
		struct mapper_limits limits;
		__u32 broken;
	} cases[] = {
		{ good, 0 }, { good, RULE(MASK) }, { good, RULE(MASK) }, { good, RULE(LENGTH) },
		{ good, RULE(BOUNDARY) }, { good, RULE(NODE) },
	};
	unsigned int i;

	cases[1].limits.mask = HEAP_PAGE - 1;
	cases[2].limits.bus_limit = HEAP_PAGE - 1;
	cases[3].limits.max_segment = HEAP_PAGE;
	cases[4].limits.boundary = HEAP_PAGE - 1;
	cases[5].limits.flags = MAPPER_ON_NODE;
	cases[5].limits.node = 1;
	self->dev.limits = good;
	must_pass(mapdev_limit(&self->dev));
	must_pass(attach());
	must_pass(map());
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		self->dev.limits = cases[i].limits;
		must_pass(mapdev_limit(&self->dev));
		must_pass(mapdev_check(&self->dev));
		EXPECT_EQ(cases[i].broken, self->dev.map.broken) TH_LOG("case %u", i);
		EXPECT_EQ(!cases[i].broken, !self->dev.map.wrong) TH_LOG("case %u", i);
		EXPECT_EQ(LENGTH, self->dev.map.bytes);
	}
}

/* Many segments, and a gap between some. */
TEST_F(mapper, judge_of_pieces)
{
	struct mapdev *dev = &self->dev;

	close(self->buffer);
	self->buffer = must_have(importer_buffer_scattered(self->heap.fd, LENGTH),
				 "memory in more than one piece");
	dev->limits.max_segment = 0xffffffff;
	must_pass(mapdev_limit(dev));
	must_pass(attach());
	must_pass(map());
	ASSERT_EQ(0, dev->map.broken);
	dev->limits.flags = MAPPER_CONTIGUOUS;
	must_pass(mapdev_limit(dev));
	must_pass(mapdev_check(dev));
	EXPECT_EQ(RULE(ADJACENT), dev->map.broken);
	EXPECT_LE(1, dev->map.segment);
	EXPECT_EQ(dev->map.segments - 1, dev->map.wrong);
	dev->limits.flags = 0;
	dev->limits.max_segments = dev->map.segments - 1;
	must_pass(mapdev_limit(dev));
	must_pass(mapdev_check(dev));
	EXPECT_EQ(RULE(COUNT), dev->map.broken);
	EXPECT_EQ(dev->map.segments - 1, dev->map.segment);
	EXPECT_EQ(1, dev->map.wrong);
	dev->limits.max_segments = dev->map.segments;
	must_pass(mapdev_limit(dev));
	must_pass(mapdev_check(dev));
	EXPECT_EQ(0, dev->map.broken);
}

/* Segments of three pages don't all begin at even ones. */
TEST_F(mapper, judge_of_starts)
{
	static const struct {
		__u64 alignment;
		__u32 max_segment;
		__u64 boundary;
		__u32 broken;
	} rows[] = {
		{ 0, 3 * HEAP_PAGE, MAPDEV_ANY, 0 },
		{ HEAP_PAGE, 3 * HEAP_PAGE, MAPDEV_ANY, 0 },
		{ 2 * HEAP_PAGE, 3 * HEAP_PAGE, MAPDEV_ANY, RULE(START) },
		{ 2 * HEAP_PAGE, 4 * HEAP_PAGE, 2 * HEAP_GIB - 1, RULE(START) },
		/* A device like these can't be served, so it isn't asked. */
		{ 4 * HEAP_PAGE, 3 * HEAP_PAGE, MAPDEV_ANY, 0 },
		{ 2 * HEAP_PAGE, 3 * HEAP_PAGE, HEAP_PAGE - 1, RULE(BOUNDARY) },
	};
	struct mapdev *dev = &self->dev;
	unsigned int i;

	dev->limits.max_segment = 3 * HEAP_PAGE;
	must_pass(mapdev_limit(dev));
	must_pass(attach());
	must_pass(map());
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		dev->limits.alignment = rows[i].alignment;
		dev->limits.max_segment = rows[i].max_segment;
		dev->limits.boundary = rows[i].boundary;
		must_pass(mapdev_limit(dev));
		must_pass(mapdev_check(dev));
		EXPECT_EQ(rows[i].broken, dev->map.broken) TH_LOG("row %u", i);
	}
	dev->limits.alignment = 3 * HEAP_PAGE;
	must_fail(EINVAL, mapdev_limit(dev));
}

/* Segments smaller than a page aren't whole pages: for such a device that is right. */
TEST_F(mapper, judge_of_crumbs)
{
	close(self->buffer);
	self->buffer = must_open(heap_create(self->heap.fd, 3 * HEAP_PAGE));
	self->dev.limits.max_segment = 512;
	must_pass(mapdev_limit(&self->dev));
	must_pass(attach());
	must_pass(map());
	EXPECT_EQ(0, self->dev.map.broken);
	EXPECT_EQ(3 * HEAP_PAGE / 512, self->dev.map.segments);
	self->dev.limits.max_segment = 65536;
	must_pass(mapdev_limit(&self->dev));
	must_pass(mapdev_check(&self->dev));
	EXPECT_EQ(RULE(ALIGN), self->dev.map.broken);
}

/* Another exporter's buffer: what the heap does isn't the importer's doing. */
TEST_F(mapper, another_exporter)
{
	int buffer = must_have(device_foreign_buffer(), "vgem");
	__u64 word = 0;

	must_pass(mapdev_attach(&self->dev, buffer));
	must_pass(map());
	EXPECT_EQ(0, self->dev.map.broken & (RULE(MASK) | RULE(TOTAL)));
	EXPECT_EQ(0, mapdev_read(&self->dev, 0, &word, sizeof(word)));
	EXPECT_EQ(-EFAULT, mapdev_read(&self->dev, self->dev.map.bytes, &word, 1));
	must_pass(unmap());
	must_pass(detach());
	close(buffer);
}

TEST_HARNESS_MAIN
