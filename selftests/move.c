// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that changes its mind: a movable buffer that no device and no driver maps is
 * given other memory for a late-comer, and nobody who looks at its bytes can tell.
 * Lengths are in bytes. Moves under load are move_load.c's.
 */
#include "kselftest_harness.h"
#include <fcntl.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "heap.h"
#include "importer.h"
#include "mapdev.h"

#define LENGTH		(2 * HEAP_MIB + 3 * HEAP_PAGE)
#define PATIENCE	120	/* seconds, for a kernel that checks all it does */

FIXTURE(move) {
	struct heap_state heap;
	struct mapdev dev;	/* reaches 4 GiB */
	int buffer;		/* movable, backed above that */
	void *memory;
	struct dmabuf_heap_buffer_record record;
};

#define query()		heap_query(self->heap.fd, self->buffer, &self->record)

FIXTURE_SETUP(move)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, 0);
	self->buffer = must_open(heap_create_movable(self->heap.fd, LENGTH));
	self->memory = heap_mmap(self->buffer, LENGTH);
	ASSERT_NE(NULL, self->memory);
	mapdev_memory_fill(self->memory, LENGTH, 1);
	must_pass(query());
	if (self->record.placement.addr_bits <= 32)
		heap_skip("no memory above 4 GiB");
	self->dev.limits.mask = MAPDEV_4G;
	must_pass(mapdev_limit(&self->dev));
}

FIXTURE_TEARDOWN(move)
{
	mapdev_close(&self->dev);
	munmap(self->memory, LENGTH);
	close(self->buffer);
	heap_teardown(&self->heap);
}

#define declare()	heap_attach(self->heap.fd, self->buffer, self->dev.folder, NULL, NULL)

/* The buffer has moved so many times, and its bytes are those of pattern @seed. */
#define expect_moved(times, seed) do {						\
	must_pass(query());							\
	EXPECT_EQ(times, self->record.moves);					\
	EXPECT_EQ(!(times), self->record.placement.addr_bits > 32);		\
	EXPECT_EQ(0, mapdev_memory_compare(self->memory, LENGTH, seed));	\
} while (0)

TEST_F(move, for_a_declared_device)
{
	struct dmabuf_heap_buffer_record before = self->record;
	struct heap_counters counters = heap_counters_read();
	__u64 start = heap_now();

	must_pass(declare());
	expect_moved(1, 1);
	EXPECT_TRUE(self->record.flags & DMABUF_HEAP_BUFFER_MOVABLE);
	EXPECT_LT(0, self->record.moves_ns);
	EXPECT_LE(start, self->record.last_move_ns);
	EXPECT_GE(heap_now(), self->record.last_move_ns);
	EXPECT_GE(heap_now() - start, self->record.moves_ns);
	EXPECT_STREQ(self->dev.name, self->record.moved_for);

	/* How it came to have memory at all is as before, and there is no conflict. */
	EXPECT_EQ(before.first_map, self->record.first_map);
	EXPECT_EQ(before.first_map_ns, self->record.first_map_ns);
	EXPECT_EQ(0, self->record.conflict.error);
	EXPECT_EQ(counters.pages, heap_counters_read().pages);

	/* It is this memory that the device gets. */
	must_pass(mapdev_attach(&self->dev, self->buffer));
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
	EXPECT_EQ(0, self->dev.map.broken);
	EXPECT_EQ(0, mapdev_compare(&self->dev, LENGTH, 1));
	EXPECT_EQ(0, mapdev_fill(&self->dev, LENGTH, 2));
	expect_moved(1, 2);
}

/* What two declarations of one device ask together, and neither by itself. */
TEST_F(move, for_two_declarations)
{
	__u64 runs = self->record.placement.runs;
	struct dmabuf_heap_limits limits = {};

	if (runs < 2)
		heap_skip("the memory came in one run");
	self->dev.limits.mask = MAPDEV_ANY;
	self->dev.limits.max_segment = 0xffffffff;
	must_pass(mapdev_limit(&self->dev));
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, runs);
	must_pass(heap_require(self->heap.fd, self->buffer, self->dev.folder, &limits, "few",
			       NULL, NULL));
	must_pass(query());
	EXPECT_EQ(0, self->record.moves);

	/* As many of these as there are runs cover one run, but not runs of other lengths. */
	limits = (struct dmabuf_heap_limits) {};
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT,
			(LENGTH / HEAP_PAGE + runs - 1) / runs * HEAP_PAGE);
	must_pass(heap_require(self->heap.fd, self->buffer, self->dev.folder, &limits, "short",
			       NULL, NULL));
	must_pass(query());
	EXPECT_EQ(1, self->record.moves);
	must_pass(mapdev_attach(&self->dev, self->buffer));
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
	EXPECT_EQ(0, self->dev.map.broken);
	EXPECT_GE(runs, self->dev.map.segments);
	EXPECT_EQ(0, mapdev_compare(&self->dev, LENGTH, 1));
}

/* A driver that nobody declared comes with limits, too. */
TEST_F(move, for_an_import)
{
	must_pass(mapdev_attach(&self->dev, self->buffer));
	expect_moved(1, 1);
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
	EXPECT_EQ(0, self->dev.map.broken);
}

/* Its driver has narrowed the mask since it attached. */
TEST_F(move, for_a_map)
{
	self->dev.limits.mask = MAPDEV_ANY;
	must_pass(mapdev_limit(&self->dev));
	must_pass(mapdev_attach(&self->dev, self->buffer));
	expect_moved(0, 1);
	self->dev.limits.mask = MAPDEV_4G;
	must_pass(mapdev_limit(&self->dev));
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
	EXPECT_EQ(0, self->dev.map.broken);
	EXPECT_EQ(0, mapdev_compare(&self->dev, LENGTH, 1));
	expect_moved(1, 1);
}

/* TEST says what would be, and the memory stays. */
TEST_F(move, tested)
{
	must_pass(heap_test(self->heap.fd, self->buffer, self->dev.folder, NULL, NULL, NULL));
	expect_moved(0, 1);
}

/* Others who are attached, and not mapped, find the new memory when they map. */
TEST_F(move, others_see_nothing)
{
	struct mapdev other;

	must_pass(mapdev_open(&other, 0));
	must_pass(mapdev_attach(&other, self->buffer));
	must_pass(mapdev_map(&other, MAPDEV_BOTH));
	EXPECT_EQ(0, mapdev_compare(&other, LENGTH, 1));
	must_pass(mapdev_unmap(&other));
	must_pass(declare());
	mapdev_memory_fill(self->memory, LENGTH, 3);
	must_pass(mapdev_map(&other, MAPDEV_BOTH));
	EXPECT_EQ(0, mapdev_compare(&other, LENGTH, 3));
	EXPECT_EQ(0, mapdev_fill(&other, LENGTH, 4));
	expect_moved(1, 4);
	mapdev_close(&other);
}

/* From memory, each time anew. */
static __u64 look(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* A child's part: sees 11 in both, says so, and sees 12 in both once it is told to look. */
static int child_look(const __u64 *one, const __u64 *other, int seen, int go)
{
	char byte;

	if (look(one) != 11 || look(other) != 11 || write(seen, "", 1) != 1)
		return 1;
	if (read(go, &byte, 1) != 1)
		return 2;
	return look(one) == 12 && look(other) == 12 ? 0 : 3;
}

/* Every map of every process: small ones, parts, read-only, and those of a child. */
TEST_F(move, all_maps_of_processes)
{
	__u64 *small = mmap(NULL, HEAP_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
				     self->buffer, 5 * HEAP_PAGE);
	const __u64 *part = mmap(NULL, 4 * HEAP_PAGE, PROT_READ, MAP_SHARED, self->buffer,
				 4 * HEAP_PAGE);
	__u64 *whole = self->memory + 5 * HEAP_PAGE;
	const int words = HEAP_PAGE / sizeof(*part);
	int go[2], seen[2], status;
	char byte;
	pid_t child;

	ASSERT_NE(MAP_FAILED, small);
	ASSERT_NE(MAP_FAILED, part);
	*small = 11;
	EXPECT_EQ(11, look(&part[words]));
	ASSERT_EQ(0, pipe(go));
	ASSERT_EQ(0, pipe(seen));
	child = fork();
	if (!child)
		_exit(child_look(small, &part[words], seen[1], go[0]));
	ASSERT_LT(0, child);
	close(seen[1]);
	ASSERT_EQ(1, read(seen[0], &byte, 1));
	must_pass(declare());
	EXPECT_EQ(11, look(small));
	__atomic_store_n(whole, 12, __ATOMIC_RELAXED);
	EXPECT_EQ(12, look(small));
	EXPECT_EQ(12, look(&part[words]));
	EXPECT_EQ(1, write(go[1], "", 1));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	close(go[0]);
	close(go[1]);
	close(seen[0]);
	munmap(small, HEAP_PAGE);
	munmap((void *)part, 4 * HEAP_PAGE);
	must_pass(query());
	EXPECT_EQ(1, self->record.moves);
}

/* What a device maps stays, and moves once the map is gone. */
TEST_F(move, not_under_a_device)
{
	struct mapdev other;

	must_pass(mapdev_open(&other, 0));
	must_pass(mapdev_attach(&other, self->buffer));
	must_pass(mapdev_map(&other, MAPDEV_READS));
	must_fail(EBUSY, heap_test(self->heap.fd, self->buffer, self->dev.folder, NULL, NULL,
				   NULL));
	must_fail(EBUSY, declare());
	must_fail(EBUSY, mapdev_attach(&self->dev, self->buffer));
	expect_moved(0, 1);
	EXPECT_EQ(EBUSY, self->record.conflict.error);
	must_pass(mapdev_unmap(&other));
	must_pass(declare());
	expect_moved(1, 1);
	mapdev_close(&other);
}

/* Nor does what the kernel has an address of. */
TEST_F(move, not_under_a_vmap)
{
	struct mapdev other;

	must_pass(mapdev_open(&other, 0));
	must_pass(mapdev_call(&other, MAPPER_VMAP, &self->buffer));
	must_fail(EBUSY, declare());
	expect_moved(0, 1);
	must_pass(mapdev_call(&other, MAPPER_VUNMAP, NULL));
	must_pass(declare());
	expect_moved(1, 1);
	mapdev_close(&other);
}

/* Where no memory would do for all, it is the machine's fault, and nothing moves. */
TEST_F(move, not_in_vain)
{
	struct dmabuf_heap_limits limits = {};

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, HEAP_PAGE - 1);
	must_fail(EOPNOTSUPP, heap_require(self->heap.fd, self->buffer, DMABUF_HEAP_NO_DEVICE,
					   &limits, NULL, NULL, NULL));
	expect_moved(0, 1);
}

/* A buffer moves only for those that it doesn't suit, and stays when they leave. */
TEST_F(move, only_when_it_must)
{
	__u64 id;

	must_pass(heap_attach(self->heap.fd, self->buffer, self->dev.folder, &id, NULL));
	must_pass(declare());
	expect_moved(1, 1);
	must_pass(heap_detach(self->heap.fd, self->buffer, id));
	must_pass(declare());
	expect_moved(1, 1);
}

/* One requirement after the other: each move suits all that came before. */
TEST_F_TIMEOUT(move, again_and_again, PATIENCE)
{
	static const struct {
		enum dmabuf_heap_limit_type type;
		__u64 value;
	} steps[] = {
		{ DMABUF_HEAP_LIMIT_MAX_ADDR, MAPDEV_4G },
		{ DMABUF_HEAP_LIMIT_CONTIGUOUS, 1 },
		{ DMABUF_HEAP_LIMIT_ALIGNMENT, 16 * HEAP_MIB },
		{ DMABUF_HEAP_LIMIT_MAX_ADDR, MAPDEV_4G / 2 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		must_pass(heap_require_limit(self->heap.fd, self->buffer, steps[i].type,
					     steps[i].value, NULL, NULL)) TH_LOG("step %u", i);
		EXPECT_EQ(0, mapdev_memory_compare(self->memory, LENGTH, 1)) TH_LOG("step %u", i);
	}
	must_pass(query());
	EXPECT_GE(31, self->record.placement.addr_bits);
	EXPECT_EQ(1, self->record.placement.runs);
	EXPECT_LE(24, self->record.placement.align_bits);
	EXPECT_LE(2, self->record.moves);
}

/* A buffer that isn't said to be movable stays where it is. */
TEST_F(move, only_if_movable)
{
	int buffer = must_open(importer_buffer_high(self->heap.fd, HEAP_MIB));

	must_fail(EBUSY, heap_attach(self->heap.fd, buffer, self->dev.folder, NULL, NULL));
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(0, self->record.flags & DMABUF_HEAP_BUFFER_MOVABLE);
	EXPECT_EQ(0, self->record.moves);
	close(buffer);
}

/* No other flag than this has a meaning. */
TEST_F(move, unknown_flag)
{
	struct dmabuf_heap_create create = {
		.size = sizeof(create), .length = LENGTH, .fd_flags = O_RDWR | O_CLOEXEC,
	};

	create.flags = DMABUF_HEAP_CREATE_MOVABLE << 1;
	must_fail(EINVAL, heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_CREATE, &create));
	create.flags = -1U;
	must_fail(EINVAL, heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_CREATE, &create));
}

TEST_HARNESS_MAIN
