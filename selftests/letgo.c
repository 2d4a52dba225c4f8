// SPDX-License-Identifier: GPL-2.0
/*
 * Importers that go, and such that don't: a driver is taken from its device while it
 * is attached, maps and has a kernel address; a process dies; a device holds on to a
 * buffer that nobody has an fd of. What is held shows in QUERY, and what is let go of
 * leaves nothing.
 */
#include "kselftest_harness.h"
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>

#include "heap.h"
#include "importer.h"
#include "mapdev.h"

#define LENGTH	(256 * HEAP_KIB)

enum what {
	ATTACHED,
	MAPPED,
	PINNED,
	VMAPPED,
	OWN,		/* mapped, through DMA operations of its own */
};

FIXTURE(letgo) {
	struct heap_state heap;
	struct mapdev dev;
	int buffer;
	__u64 id;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_VARIANT(letgo) {
	enum what what;
};

FIXTURE_VARIANT_ADD(letgo, attached) { .what = ATTACHED };
FIXTURE_VARIANT_ADD(letgo, mapped) { .what = MAPPED };
FIXTURE_VARIANT_ADD(letgo, pinned) { .what = PINNED };
FIXTURE_VARIANT_ADD(letgo, vmapped) { .what = VMAPPED };
FIXTURE_VARIANT_ADD(letgo, own) { .what = OWN };

FIXTURE_SETUP(letgo)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, variant->what == OWN ? MAPPER_OWN_DMA : 0);
	self->buffer = must_open(heap_create_id(self->heap.fd, LENGTH, &self->id));
}

FIXTURE_TEARDOWN(letgo)
{
	mapdev_close(&self->dev);
	close(self->buffer);
	heap_teardown(&self->heap);
}

static int take(struct mapdev *dev, int buffer, enum what what)
{
	int rc;

	switch (what) {
	case ATTACHED:
		return mapdev_attach(dev, buffer);
	case MAPPED:
	case OWN:
		rc = mapdev_attach(dev, buffer) ?: mapdev_map(dev, MAPDEV_READS);
		return rc ?: mapdev_map(dev, MAPDEV_BOTH);
	case PINNED:
		rc = mapdev_attach_dynamic(dev, buffer) ?: mapdev_call(dev, MAPPER_PIN, NULL);
		return rc ?: mapdev_map(dev, MAPDEV_BOTH);
	case VMAPPED:
		return mapdev_call(dev, MAPPER_VMAP, &buffer);
	}
	return -EINVAL;
}

/* Does the record show what was taken? */
static bool shows(const struct dmabuf_heap_buffer_record *record, enum what what)
{
	const __u32 *maps = record->device_maps;

	if (what == VMAPPED)
		return record->vmaps == 1 && !record->attachments;
	return record->attachments == 1 && !record->vmaps &&
	       maps[DMABUF_HEAP_DIR_READ] == (what == MAPPED || what == OWN) &&
	       (what == ATTACHED) == !maps[DMABUF_HEAP_DIR_BOTH];
}

static bool shows_nothing(const struct dmabuf_heap_buffer_record *record)
{
	return !record->attachments && !record->vmaps &&
	       !record->device_maps[DMABUF_HEAP_DIR_READ] &&
	       !record->device_maps[DMABUF_HEAP_DIR_WRITE] &&
	       !record->device_maps[DMABUF_HEAP_DIR_BOTH];
}

#define query()	heap_query(self->heap.fd, self->buffer, &self->record)

/* After its driver has come back, it works as on the first day. */
#define check_unbound() do {							\
	must_pass(query());							\
	EXPECT_TRUE(shows_nothing(&self->record));				\
	EXPECT_EQ(0, mapdev_info(&self->dev).flags);				\
	must_fail(ENODEV, take(&self->dev, self->buffer, variant->what));	\
	must_fail(ENODEV, mapdev_limit(&self->dev));				\
	must_pass(mapdev_call(&self->dev, MAPPER_BIND, NULL));			\
	must_pass(take(&self->dev, self->buffer, variant->what));		\
	must_pass(query());							\
	EXPECT_TRUE(shows(&self->record, variant->what));			\
} while (0)

TEST_F(letgo, unbind)
{
	must_pass(take(&self->dev, self->buffer, variant->what));
	must_pass(query());
	EXPECT_TRUE(shows(&self->record, variant->what));
	must_pass(mapdev_call(&self->dev, MAPPER_UNBIND, NULL));
	check_unbound();
}

TEST_F(letgo, unbind_by_sysfs)
{
	must_pass(take(&self->dev, self->buffer, variant->what));
	must_pass(heap_file_write(MAPPER_DRIVER "unbind", self->dev.name));
	check_unbound();
}

/* The record of a declaration stays when its device goes. */
TEST_F(letgo, unbind_declared)
{
	struct dmabuf_heap_attachment_record before, after;
	__u64 id;

	must_pass(heap_attach(self->heap.fd, self->buffer, self->dev.folder, &id, NULL));
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, id, &before));
	must_pass(take(&self->dev, self->buffer, variant->what));
	must_pass(mapdev_call(&self->dev, MAPPER_UNBIND, NULL));
	must_fail(ENODEV, heap_test(self->heap.fd, self->buffer, self->dev.folder, NULL, NULL,
				    NULL));
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, id, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(after)));

	/* The driver came back to the same device. */
	must_pass(mapdev_call(&self->dev, MAPPER_BIND, NULL));
	must_pass(mapdev_attach(&self->dev, self->buffer));
	ASSERT_EQ(1, importer_records(self->heap.fd, self->buffer, self->dev.name, &after));
	EXPECT_EQ(id, after.declared_id);
}

TEST_F(letgo, close)
{
	must_pass(take(&self->dev, self->buffer, variant->what));
	mapdev_close(&self->dev);
	must_pass(query());
	EXPECT_TRUE(shows_nothing(&self->record));
}

/* Takes it with a device of its own, and then sleeps. */
static void sleeper(int buffer, enum what what, int tell)
{
	struct mapdev dev;
	int rc;

	rc = mapdev_open(&dev, what == OWN ? MAPPER_OWN_DMA : 0) ?: take(&dev, buffer, what);
	if (write(tell, &rc, sizeof(rc)) != sizeof(rc))
		_exit(1);
	pause();
	_exit(0);
}

TEST_F(letgo, killed)
{
	int tell[2], rc = -1, status;
	pid_t child;

	ASSERT_EQ(0, pipe(tell));
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		sleeper(self->buffer, variant->what, tell[1]);
	ASSERT_EQ(sizeof(rc), read(tell[0], &rc, sizeof(rc)));
	EXPECT_EQ(0, rc);
	must_pass(query());
	EXPECT_TRUE(shows(&self->record, variant->what));
	kill(child, SIGKILL);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	must_pass(query());
	EXPECT_TRUE(shows_nothing(&self->record));
	close(tell[0]);
	close(tell[1]);
}

/* Nobody has an fd of the buffer or of the device. */
TEST_F(letgo, hold)
{
	int id = mapdev_info(&self->dev).id;
	struct mapdev other;

	must_pass(take(&self->dev, self->buffer, variant->what));
	must_pass(mapdev_call(&self->dev, MAPPER_HOLD, NULL));
	mapdev_close(&self->dev);
	close(self->buffer);
	self->buffer = -1;
	EXPECT_EQ(0, heap_query_id(self->heap.fd, self->id, &self->record));
	EXPECT_TRUE(shows(&self->record, variant->what));
	EXPECT_EQ(self->heap.before.buffers + 1, heap_counters_read().buffers);

	mapdev_setup(&other, 0);
	EXPECT_EQ(0, mapdev_call(&other, MAPPER_DROP, &id));
	EXPECT_EQ(-ENOENT, mapdev_call(&other, MAPPER_DROP, &id));
	mapdev_close(&other);
	EXPECT_EQ(0, heap_counters_wait(&self->heap.before));
	must_fail(ENOENT, heap_query_id(self->heap.fd, self->id, &self->record));
}

FIXTURE(vmap) {
	struct heap_state heap;
	struct mapdev dev;
	struct mapdev other;
	int buffer;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(vmap)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, 0);
	mapdev_setup(&self->other, 0);
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
}

FIXTURE_TEARDOWN(vmap)
{
	mapdev_close(&self->dev);
	mapdev_close(&self->other);
	close(self->buffer);
	heap_teardown(&self->heap);
}

static int by_cpu(const struct mapdev *dev, unsigned long call, __u64 offset, __u64 *word)
{
	struct mapper_read read = {
		.offset = offset,
		.data = (uintptr_t)word,
		.length = sizeof(*word),
		.flags = MAPPER_BY_CPU,
	};

	return mapdev_call(dev, call, &read);
}

/* Two drivers share one address, and see what a third device wrote. */
TEST_F(vmap, shared)
{
	__u64 word = 11, seen = 0;

	must_pass(mapdev_call(&self->dev, MAPPER_VMAP, &self->buffer));
	must_fail(EINVAL, mapdev_call(&self->dev, MAPPER_VMAP, &self->buffer));
	must_pass(mapdev_call(&self->other, MAPPER_VMAP, &self->buffer));
	must_pass(query());
	EXPECT_EQ(1, self->record.vmaps);
	EXPECT_EQ(DMABUF_HEAP_FIRST_VMAP, self->record.first_map);
	EXPECT_EQ(0, by_cpu(&self->dev, MAPPER_WRITE, LENGTH - sizeof(word), &word));
	EXPECT_EQ(0, by_cpu(&self->other, MAPPER_READ, LENGTH - sizeof(word), &seen));
	EXPECT_EQ(word, seen);
	EXPECT_EQ(-EFAULT, by_cpu(&self->other, MAPPER_READ, LENGTH - 1, &seen));
	must_pass(mapdev_call(&self->dev, MAPPER_VUNMAP, NULL));
	must_fail(EINVAL, mapdev_call(&self->dev, MAPPER_VUNMAP, NULL));
	must_pass(query());
	EXPECT_EQ(1, self->record.vmaps);

	must_pass(mapdev_attach(&self->dev, self->buffer));
	must_pass(mapdev_map(&self->dev, MAPDEV_WRITES));
	EXPECT_EQ(0, mapdev_write(&self->dev, 0, &word, sizeof(word)));
	EXPECT_EQ(0, by_cpu(&self->other, MAPPER_READ, 0, &seen));
	EXPECT_EQ(word, seen);
	must_pass(mapdev_call(&self->other, MAPPER_VUNMAP, NULL));
	must_pass(query());
	EXPECT_EQ(0, self->record.vmaps);
}

/* Memory in one piece has an address anyway; the other kind gets one made. */
TEST_F(vmap, one_piece)
{
	__u64 word = 12, seen = 0;
	int i;

	close(self->buffer);
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
	must_pass(heap_require_limit(self->heap.fd, self->buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS,
				     1, NULL, NULL));
	for (i = 0; i < 3; i++) {
		must_pass(mapdev_call(&self->dev, MAPPER_VMAP, &self->buffer));
		EXPECT_EQ(0, by_cpu(&self->dev, MAPPER_WRITE, LENGTH / 2, &word));
		must_pass(mapdev_call(&self->dev, MAPPER_VUNMAP, NULL));
	}
	must_pass(mapdev_attach(&self->dev, self->buffer));
	must_pass(mapdev_map(&self->dev, MAPDEV_READS));
	EXPECT_EQ(0, mapdev_read(&self->dev, LENGTH / 2, &seen, sizeof(seen)));
	EXPECT_EQ(word, seen);
}

TEST_HARNESS_MAIN
