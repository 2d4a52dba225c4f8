// SPDX-License-Identifier: GPL-2.0
/*
 * Who pays: memory and records are charged to the memory cgroup of the buffer's
 * creator, and when that has no more, it is ENOMEM and nobody is killed. The same
 * when a zone of memory is used up. Amounts are bytes.
 */
#include "kselftest_harness.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "device.h"
#include "drm.h"
#include "heap.h"

#define CREATOR	"heap-creator"
#define MAPPER	"heap-mapper"
#define LENGTH	(16 * HEAP_MIB)
#define SLACK	HEAP_MIB	/* what the kernel hasn't told yet */

FIXTURE(charge) {
	struct heap_state heap;
	int vgem;
	int buffer;
	struct dmabuf_heap_buffer_record record;
};

/* A buffer of the group's, made by this process before it leaves the group. */
static int buffer_of_group(int heap, const char *group, __u64 length)
{
	int buffer = -1, rc = cgroup_enter(group);

	if (!rc)
		buffer = heap_create(heap, length);
	return cgroup_enter(NULL) ?: rc ?: buffer;
}

FIXTURE_SETUP(charge)
{
	heap_setup(&self->heap);
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	if (cgroup_create(CREATOR))
		heap_skip("no memory cgroups");
	must_pass(cgroup_create(MAPPER));
	self->buffer = must_open(buffer_of_group(self->heap.fd, CREATOR, LENGTH));
}

FIXTURE_TEARDOWN(charge)
{
	close(self->buffer);
	close(self->vgem);
	EXPECT_EQ(0, cgroup_remove(MAPPER));
	EXPECT_EQ(0, cgroup_remove(CREATOR));
	heap_teardown(&self->heap);
}

/* The ways to be the first to map that a process has. */
enum first {
	BY_COMMIT,
	BY_MMAP,
	BY_IMPORT,
};

struct mapper {
	enum first how;
	int heap;
	int buffer;
	int card;
	__u64 length;
};

static int map_first(const struct mapper *mapper)
{
	__u32 handle;
	void *map;
	int rc;

	switch (mapper->how) {
	case BY_COMMIT:
		return heap_commit(mapper->heap, mapper->buffer);
	case BY_MMAP:
		map = heap_mmap(mapper->buffer, mapper->length);
		if (!map)
			return -errno;
		munmap(map, mapper->length);
		return 0;
	case BY_IMPORT:
		rc = drm_import(mapper->card, mapper->buffer, &handle);
		return rc ? rc : drm_handle_close(mapper->card, handle);
	}
	return -EINVAL;
}

static int map_in_group(void *arg)
{
	return cgroup_enter(MAPPER) ?: map_first(arg);
}

FIXTURE_VARIANT(charge) {
	enum first how;
};

FIXTURE_VARIANT_ADD(charge, commit) { .how = BY_COMMIT };
FIXTURE_VARIANT_ADD(charge, mmap) { .how = BY_MMAP };
FIXTURE_VARIANT_ADD(charge, import) { .how = BY_IMPORT };

TEST_F(charge, creator_pays)
{
	struct mapper mapper = { variant->how, self->heap.fd, self->buffer, self->vgem, LENGTH };
	__u64 creator = cgroup_charged(CREATOR);

	if (variant->how == BY_IMPORT && !drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	must_pass(heap_child(0, map_in_group, &mapper));
	EXPECT_LE(creator + LENGTH - SLACK, cgroup_charged(CREATOR));
	EXPECT_GE(creator + LENGTH + SLACK, cgroup_charged(CREATOR));
	EXPECT_GT(2 * SLACK, cgroup_charged(MAPPER));
	close(self->buffer);
	EXPECT_EQ(0, heap_counters_wait(&self->heap.before));
	EXPECT_GT(creator + SLACK, cgroup_charged(CREATOR));
	self->buffer = must_open(buffer_of_group(self->heap.fd, CREATOR, LENGTH));
}

/* Twice as long as the limit: nothing stays, nobody dies, and later it works. */
TEST_F(charge, over_limit)
{
	struct mapper mapper = { variant->how, self->heap.fd, self->buffer, self->vgem, LENGTH };
	struct heap_counters before = heap_counters_read();

	if (variant->how == BY_IMPORT && !drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	must_pass(cgroup_limit(CREATOR, LENGTH / 2));
	must_pass(cgroup_enter(CREATOR));
	must_fail(ENOMEM, map_first(&mapper));
	must_fail(ENOMEM, map_first(&mapper));
	must_pass(cgroup_enter(NULL));
	must_fail(ENOMEM, heap_child(0, map_in_group, &mapper));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(DMABUF_HEAP_FIRST_NONE, self->record.first_map);
	EXPECT_EQ(0, self->record.cpu_maps);
	EXPECT_EQ(0, self->record.conflict.error);
	EXPECT_EQ(0, heap_counters_wait(&before));
	EXPECT_EQ(before.allocations, heap_counters_read().allocations);
	EXPECT_EQ(0, cgroup_killed(CREATOR));
	EXPECT_EQ(0, cgroup_killed(MAPPER));
	EXPECT_GT(4 * SLACK, cgroup_charged(CREATOR));

	must_pass(cgroup_limit(CREATOR, -1ULL));
	must_pass(map_first(&mapper));
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
}

FIXTURE(records) {
	struct heap_state heap;
	int vgem;
};

FIXTURE_SETUP(records)
{
	heap_setup(&self->heap);
	self->vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	if (cgroup_create(CREATOR))
		heap_skip("no memory cgroups");
	must_pass(cgroup_create(MAPPER));
}

FIXTURE_TEARDOWN(records)
{
	close(self->vgem);
	EXPECT_EQ(0, cgroup_remove(MAPPER));
	EXPECT_EQ(0, cgroup_remove(CREATOR));
	heap_teardown(&self->heap);
}

#define BUFFERS	24

struct attacher {
	int heap;
	int device;
	int buffer[BUFFERS];
};

/* As many records as there may be, by a process of the other group. */
static int attach_all(struct attacher *attacher)
{
	int i, j, rc;

	for (i = 0; i < BUFFERS; i++) {
		for (j = 0; j < DMABUF_HEAP_MAX_DECLARED; j++) {
			rc = heap_attach(attacher->heap, attacher->buffer[i], attacher->device,
					 NULL, NULL);
			if (rc)
				return rc;
		}
	}
	return 0;
}

static int attach_in_group(void *arg)
{
	return cgroup_enter(MAPPER) ?: attach_all(arg);
}

static int buffers_of_group(struct attacher *attacher)
{
	int i, buffer;

	for (i = 0; i < BUFFERS; i++) {
		buffer = buffer_of_group(attacher->heap, CREATOR, HEAP_PAGE);
		if (buffer < 0)
			return buffer;
		attacher->buffer[i] = buffer;
	}
	return 0;
}

static void buffers_close(struct attacher *attacher)
{
	int i;

	for (i = 0; i < BUFFERS; i++)
		close(attacher->buffer[i]);
}

TEST_F(records, creator_pays)
{
	struct attacher attacher = { .heap = self->heap.fd, .device = self->vgem };
	const __u64 all = BUFFERS * DMABUF_HEAP_MAX_DECLARED;
	__u64 before;

	must_pass(buffers_of_group(&attacher));
	before = cgroup_charged(CREATOR);
	must_pass(heap_child(0, attach_in_group, &attacher));
	EXPECT_EQ(self->heap.before.attachments + all, heap_counters_read().attachments);
	/* A record can hardly be smaller than 256 bytes. */
	EXPECT_LE(before + all * 256, cgroup_charged(CREATOR));
	EXPECT_GT(2 * SLACK, cgroup_charged(MAPPER));
	buffers_close(&attacher);
}

/*
 * The creator is out of memory when somebody else attaches: an error for that
 * one, and nobody is killed; the creator least of all.
 */
TEST_F(records, over_limit)
{
	struct attacher attacher = { .heap = self->heap.fd, .device = self->vgem };
	int status, end[2];
	pid_t creator;
	char byte;

	must_pass(buffers_of_group(&attacher));
	ASSERT_EQ(0, pipe(end));
	creator = fork();
	if (!creator) {
		close(end[1]);
		_exit(cgroup_enter(CREATOR) || read(end[0], &byte, 1));
	}
	ASSERT_LT(0, creator);
	close(end[0]);
	must_pass(cgroup_limit(CREATOR, cgroup_charged(CREATOR) + HEAP_MIB));
	must_fail(ENOMEM, heap_child(0, attach_in_group, &attacher));
	EXPECT_EQ(0, cgroup_killed(CREATOR));
	EXPECT_EQ(0, cgroup_killed(MAPPER));
	close(end[1]);
	ASSERT_EQ(creator, waitpid(creator, &status, 0));
	EXPECT_EQ(0, status);
	must_pass(cgroup_limit(CREATOR, -1ULL));
	buffers_close(&attacher);
}

/* The lowest 16 MiB are soon used up, and the rest of memory can't stand in. */
FIXTURE(zone) {
	struct heap_state heap;
};

FIXTURE_SETUP(zone)
{
	heap_setup(&self->heap);
}

FIXTURE_TEARDOWN(zone)
{
	heap_teardown(&self->heap);
}

#define LOW		0xffffffULL
#define LOW_BUFFERS	32

static int buffer_low(int heap)
{
	int buffer = heap_create(heap, HEAP_MIB), rc;

	if (buffer < 0)
		return buffer;
	rc = heap_require_limit(heap, buffer, DMABUF_HEAP_LIMIT_MAX_ADDR, LOW, NULL, NULL);
	if (!rc)
		return buffer;
	close(buffer);
	return rc;
}

TEST_F(zone, used_up)
{
	struct dmabuf_heap_buffer_record record;
	int buffers[LOW_BUFFERS], count, i, rc;
	struct heap_counters before;
	void *memory;

	buffers[0] = buffer_low(self->heap.fd);
	if (buffers[0] == -EOPNOTSUPP)
		heap_skip("no memory below 16 MiB (x86 has it)");
	close(buffers[0]);
	for (count = 0; count < LOW_BUFFERS; count++) {
		buffers[count] = must_open(buffer_low(self->heap.fd));
		before = heap_counters_read();
		rc = heap_commit(self->heap.fd, buffers[count]);
		if (!rc)
			continue;
		ASSERT_EQ(-ENOMEM, rc);
		must_pass(heap_query(self->heap.fd, buffers[count], &record));
		EXPECT_EQ(DMABUF_HEAP_UNBACKED, record.state);
		EXPECT_EQ(0, heap_counters_wait(&before));
		/* What others have let go of since then may be just enough. */
		memory = heap_mmap(buffers[count], HEAP_MIB);
		if (!memory)
			break;
		munmap(memory, HEAP_MIB);
	}
	ASSERT_GT(LOW_BUFFERS, count);
	EXPECT_EQ(ENOMEM, errno);
	ASSERT_LE(2, count);
	EXPECT_EQ(0, heap_counters_wait(&before));

	/* Once another has gone there is memory for it. */
	close(buffers[0]);
	close(buffers[1]);
	must_pass(heap_commit(self->heap.fd, buffers[count]));
	must_pass(heap_query(self->heap.fd, buffers[count], &record));
	EXPECT_EQ(DMABUF_HEAP_BACKED, record.state);
	EXPECT_LE(record.placement.addr_bits, 24);
	for (i = 2; i <= count; i++)
		close(buffers[i]);
}

TEST_HARNESS_MAIN
