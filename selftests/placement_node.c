// SPDX-License-Identifier: GPL-2.0
/*
 * On which NUMA node memory lies: on the one that was asked for first, and on another
 * when that one is full. For a boot with a second, small node. Lengths are in bytes.
 */
#include "kselftest_harness.h"

#include "heap.h"
#include "mapdev.h"

#define PATIENCE	300
#define PART		(32 * HEAP_MIB)
#define PARTS		64
#define SMALL		(PART * PARTS)	/* larger nodes would take too long to fill */
#define NODES		2

FIXTURE(node) {
	struct heap_state heap;
	struct mapdev dev;
	int buffer;
	int parts[PARTS];
	int count;
	struct dmabuf_heap_limits limits;
	struct dmabuf_heap_buffer_record record;
};

/* A number of the line "Node N NAME: number kB"; 0 where there is no such node. */
static __u64 node_memory(int node, const char *name)
{
	char path[64], key[32];
	__u64 number;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/meminfo", node);
	snprintf(key, sizeof(key), "Node %d %s", node, name);
	number = heap_file_field(path, key);
	return number == -1ULL ? 0 : number * HEAP_KIB;
}

FIXTURE_SETUP(node)
{
	heap_setup(&self->heap);
	if (!node_memory(1, "MemTotal"))
		heap_skip("this machine has one NUMA node");
	mapdev_setup(&self->dev, MAPPER_ON_NODE);
	self->dev.limits.max_segment = 0xffffffff;
	self->buffer = -1;
}

FIXTURE_TEARDOWN(node)
{
	while (self->count)
		close(self->parts[--self->count]);
	mapdev_close(&self->dev);
	heap_teardown(&self->heap);
}

/* A buffer of the device, whose memory was to lie on a node. */
#define place(wanted, length) do {						\
	self->limits.limit[DMABUF_HEAP_LIMIT_NODE].value = (wanted);		\
	self->limits.valid |= 1ULL << DMABUF_HEAP_LIMIT_NODE;			\
	self->dev.limits.node = (wanted);					\
	must_pass(mapdev_limit(&self->dev));					\
	self->buffer = must_open(heap_create(self->heap.fd, length));		\
	must_pass(heap_require(self->heap.fd, self->buffer, self->dev.folder,	\
			       &self->limits, NULL, NULL, NULL));		\
	must_pass(mapdev_attach(&self->dev, self->buffer));			\
	must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));				\
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));	\
} while (0)

#define let_go() do {								\
	must_pass(mapdev_unmap(&self->dev));					\
	must_pass(mapdev_detach(&self->dev));					\
	close(self->buffer);							\
} while (0)

/* On the node, in each of the ways that memory is looked for. */
TEST_F_TIMEOUT(node, wanted, PATIENCE)
{
	static const struct {
		enum dmabuf_heap_limit_type type;
		__u64 value;
		__u64 length;
	} rows[] = {
		{ DMABUF_HEAP_LIMIT_CONTIGUOUS, 0, HEAP_PAGE },
		{ DMABUF_HEAP_LIMIT_CONTIGUOUS, 0, 8 * HEAP_MIB + HEAP_PAGE },
		{ DMABUF_HEAP_LIMIT_CONTIGUOUS, 1, HEAP_MIB },
		{ DMABUF_HEAP_LIMIT_CONTIGUOUS, 1, 33 * HEAP_MIB },
		{ DMABUF_HEAP_LIMIT_ALIGNMENT, 2 * HEAP_MIB, 5 * HEAP_MIB },
		{ DMABUF_HEAP_LIMIT_ALIGNMENT, 32 * HEAP_MIB, 5 * HEAP_MIB },
		{ DMABUF_HEAP_LIMIT_CHUNK, 2 * HEAP_MIB, 16 * HEAP_MIB },
		{ DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 1, 6 * HEAP_MIB },
	};
	unsigned int i, node;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (node = 0; node < NODES; node++) {
			self->limits = (struct dmabuf_heap_limits) {};
			heap_limits_set(&self->limits, rows[i].type, rows[i].value);
			place(node, rows[i].length);
			EXPECT_EQ(1ULL << node, self->record.placement.nodes)
				TH_LOG("row %u, node %u", i, node);
			EXPECT_EQ(0, self->dev.map.broken) TH_LOG("row %u, node %u", i, node);
			let_go();
		}
	}
}

/* The node that the device itself is near to, which nobody had to name. */
TEST_F_TIMEOUT(node, of_device, PATIENCE)
{
	int node;

	for (node = 0; node < NODES; node++) {
		self->dev.limits.node = node;
		must_pass(mapdev_limit(&self->dev));
		self->buffer = must_open(heap_create(self->heap.fd, 3 * HEAP_MIB));
		must_pass(mapdev_attach(&self->dev, self->buffer));
		must_pass(mapdev_map(&self->dev, MAPDEV_BOTH));
		must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
		EXPECT_EQ(1ULL << node, self->record.placement.nodes);
		EXPECT_EQ(0, self->dev.map.broken);
		let_go();
	}
}

/* A requirement without a device, whichever CPU allocates. */
TEST_F_TIMEOUT(node, required, PATIENCE)
{
	int node;

	for (node = 0; node < NODES; node++) {
		self->buffer = must_open(heap_create(self->heap.fd, 3 * HEAP_MIB));
		must_pass(heap_require_limit(self->heap.fd, self->buffer,
					     DMABUF_HEAP_LIMIT_NODE, node, NULL, NULL));
		must_pass(heap_commit(self->heap.fd, self->buffer));
		must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
		EXPECT_EQ(1ULL << node, self->record.placement.nodes);
		close(self->buffer);
	}
}

/* Of two, the first holds, and memory on it serves the other as well. */
TEST_F_TIMEOUT(node, first_of_two, PATIENCE)
{
	int node;

	for (node = 0; node < NODES; node++) {
		self->buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));
		must_pass(heap_require_limit(self->heap.fd, self->buffer,
					     DMABUF_HEAP_LIMIT_NODE, node, NULL, NULL));
		must_pass(heap_require_limit(self->heap.fd, self->buffer,
					     DMABUF_HEAP_LIMIT_NODE, !node, NULL, NULL));
		must_pass(heap_commit(self->heap.fd, self->buffer));
		must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
		EXPECT_EQ(1ULL << node, self->record.placement.nodes);
		must_pass(heap_require_limit(self->heap.fd, self->buffer,
					     DMABUF_HEAP_LIMIT_NODE, !node, NULL, NULL));
		close(self->buffer);
	}
}

/* Takes all of the second node: the last part no longer went there whole. */
static int node_fill(int heap, int *parts, int *count)
{
	struct dmabuf_heap_buffer_record record = { .placement.nodes = 2 };
	int rc;

	while (record.placement.nodes == 2 && *count < PARTS) {
		rc = heap_create(heap, PART);
		if (rc < 0)
			return rc;
		parts[*count] = rc;
		(*count)++;
		rc = heap_require_limit(heap, rc, DMABUF_HEAP_LIMIT_NODE, 1, NULL, NULL) ?:
		     heap_commit(heap, rc) ?: heap_query(heap, rc, &record);
		if (rc)
			return rc;
	}
	return record.placement.nodes & 1 ? 0 : -ENOSPC;
}

/* A node that is full refuses nothing: memory of the other serves. */
TEST_F_TIMEOUT(node, full, PATIENCE)
{
	if (node_memory(1, "MemTotal") > SMALL)
		heap_skip("the second NUMA node is too large to fill");
	must_pass(node_fill(self->heap.fd, self->parts, &self->count));
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0);
	place(1, 16 * HEAP_MIB);
	EXPECT_TRUE(self->record.placement.nodes & 1);
	let_go();
	heap_limits_set(&self->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	place(1, 33 * HEAP_MIB);
	EXPECT_EQ(1, self->record.placement.nodes);
	EXPECT_EQ(1, self->record.placement.runs);
	let_go();
}

TEST_HARNESS_MAIN
