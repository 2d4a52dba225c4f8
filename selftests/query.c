// SPDX-License-Identifier: GPL-2.0
/*
 * QUERY and QUERY_ATTACHMENTS: one buffer or all of them, who may see which, and
 * what is counted. Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "device.h"
#include "drm.h"
#include "heap.h"
#include "v4l2.h"

#define BUFFERS	40

FIXTURE(query) {
	struct heap_state heap;
	int buffer[BUFFERS];
	__u64 id[BUFFERS];
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(query)
{
	int i;

	heap_setup(&self->heap);
	for (i = 0; i < BUFFERS; i++)
		self->buffer[i] = must_open(heap_create_id(self->heap.fd, HEAP_PAGE * (i + 1),
							   &self->id[i]));
}

FIXTURE_TEARDOWN(query)
{
	int i;

	for (i = 0; i < BUFFERS; i++)
		close(self->buffer[i]);
	heap_teardown(&self->heap);
}

TEST_F(query, by_fd_and_id)
{
	struct dmabuf_heap_buffer_record by_id;
	int i;

	for (i = 0; i < BUFFERS; i++) {
		must_pass(heap_query(self->heap.fd, self->buffer[i], &self->record));
		EXPECT_EQ(self->id[i], self->record.id);
		EXPECT_EQ(HEAP_PAGE * (i + 1), self->record.length);
		must_pass(heap_query_id(self->heap.fd, self->id[i], &by_id));
		EXPECT_EQ(0, memcmp(&self->record, &by_id, sizeof(by_id)));
	}
}

TEST_F(query, id_is_gone)
{
	int buffer;
	__u64 id;

	buffer = must_open(heap_create_id(self->heap.fd, HEAP_PAGE, &id));
	must_pass(heap_query_id(self->heap.fd, id, &self->record));
	close(buffer);
	must_fail(ENOENT, heap_query_id(self->heap.fd, id, &self->record));
}

/* One buffer has one record and no successor, whatever the room. */
TEST_F(query, one_in_much_room)
{
	struct dmabuf_heap_buffer_record records[3] = {};
	struct dmabuf_heap_query query = {
		.size = sizeof(query),
		.fd = self->buffer[0],
		.records = (uintptr_t)records,
		.record_size = sizeof(records[0]),
		.count = 3,
		.out_count = 77,
		.out_more = 77,
		.out_cursor = 77,
	};

	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY, &query));
	EXPECT_EQ(1, query.out_count);
	EXPECT_EQ(0, query.out_more);
	EXPECT_EQ(self->id[0], query.out_cursor);
	EXPECT_EQ(self->id[0], records[0].id);
	EXPECT_EQ(0, records[1].id);
}

/* All from the cursor on, in order, in batches of any size. */
TEST_F(query, all_in_batches)
{
	static const __u32 rooms[] = { 1, 7, BUFFERS - 1, BUFFERS, BUFFERS + 1, 1000 };
	struct dmabuf_heap_buffer_record *records = calloc(1000, sizeof(*records));
	unsigned int i;
	__u64 cursor;
	int seen, count, j;
	bool more;

	ASSERT_NE(NULL, records);
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		cursor = self->id[0] - 1;
		seen = 0;
		do {
			count = heap_query_all(self->heap.fd, &cursor, &more, records, rooms[i]);
			ASSERT_LE(0, count);
			ASSERT_LE(seen + count, BUFFERS);
			EXPECT_TRUE(!more || count == (int)rooms[i]);
			for (j = 0; j < count; j++) {
				EXPECT_EQ(self->id[seen + j], records[j].id);
				EXPECT_EQ(HEAP_PAGE * (seen + j + 1), records[j].length);
			}
			seen += count;
			EXPECT_EQ(self->id[seen - 1], cursor);
			EXPECT_EQ(seen < BUFFERS, more);
		} while (more);
		EXPECT_EQ(BUFFERS, seen);
	}
	free(records);
}

/* From 0 on it is all that there are, ours among them. */
TEST_F(query, all_from_the_start)
{
	struct dmabuf_heap_buffer_record *records = calloc(1000, sizeof(*records));
	__u64 cursor = 0;
	bool more;
	int count;

	ASSERT_NE(NULL, records);
	count = heap_query_all(self->heap.fd, &cursor, &more, records, 1000);
	EXPECT_EQ((int)heap_counters_read().buffers, count);
	EXPECT_FALSE(more);
	ASSERT_LE(BUFFERS, count);
	EXPECT_EQ(self->id[BUFFERS - 1], records[count - 1].id);
	free(records);
}

TEST_F(query, all_after_the_last)
{
	static const __u64 cursors[] = { 0, 1, 1ULL << 40 };
	unsigned int i;
	__u64 cursor;
	bool more;

	for (i = 0; i < ARRAY_SIZE(cursors); i++) {
		cursor = self->id[BUFFERS - 1] + cursors[i];
		EXPECT_EQ(0, heap_query_all(self->heap.fd, &cursor, &more, &self->record, 1));
		EXPECT_FALSE(more);
		EXPECT_EQ(self->id[BUFFERS - 1] + cursors[i], cursor);
	}
	cursor = -1ULL;
	EXPECT_EQ(0, heap_query_all(self->heap.fd, &cursor, &more, &self->record, 1));
	EXPECT_EQ(-1ULL, cursor);
}

/* A cursor needn't be an id of a buffer that still is. */
TEST_F(query, all_after_one_that_went)
{
	__u64 cursor = self->id[10];
	bool more;

	close(self->buffer[10]);
	ASSERT_EQ(1, heap_query_all(self->heap.fd, &cursor, &more, &self->record, 1));
	EXPECT_EQ(self->id[11], cursor);
	cursor = self->id[9];
	ASSERT_EQ(1, heap_query_all(self->heap.fd, &cursor, &more, &self->record, 1));
	EXPECT_EQ(self->id[11], cursor);
	self->buffer[10] = must_open(heap_create(self->heap.fd, HEAP_PAGE));
}

#define MOST	5	/* attachments of one buffer, and one less of the next, down to 0 */

static int attachments_wanted(int buffer)
{
	return MOST - buffer % (MOST + 1);
}

#define declare_some() do {							\
	for (int _i = 0; _i < BUFFERS; _i++)					\
		for (int _n = 0; _n < attachments_wanted(_i); _n++)		\
			must_pass(heap_require_limit(self->heap.fd, self->buffer[_i],	\
						     DMABUF_HEAP_LIMIT_MAX_ADDR,	\
						     ~0ULL >> _n, NULL, NULL));	\
} while (0)

/* Each buffer's whole, in order, whatever the room, and the same as by its fd. */
TEST_F(query, attachments_of_all)
{
	struct dmabuf_heap_attachment_record records[3 * MOST], own[MOST];
	int buffer, count, i, wanted, room;
	__u64 cursor;

	declare_some();
	for (room = MOST; room <= (int)ARRAY_SIZE(records); room++) {
		cursor = self->id[0] - 1;
		buffer = 0;
		while ((count = heap_query_attachments_all(self->heap.fd, cursor, records, room))) {
			ASSERT_LT(0, count);
			ASSERT_GE(room, count);
			for (i = 0; i < count; i += wanted, buffer++) {
				ASSERT_GT(BUFFERS, buffer);
				wanted = attachments_wanted(buffer);
				ASSERT_EQ(wanted, heap_query_attachments(self->heap.fd,
									 self->buffer[buffer],
									 own, MOST));
				ASSERT_GE(count, i + wanted);
				EXPECT_EQ(0, memcmp(own, &records[i], wanted * sizeof(*own)));
				if (wanted)
					EXPECT_EQ(self->id[buffer], records[i].buffer);
			}
			/* The next one's, and no smaller, didn't fit. */
			while (buffer < BUFFERS && !attachments_wanted(buffer))
				buffer++;
			if (buffer < BUFFERS)
				EXPECT_LT(room, count + attachments_wanted(buffer));
			cursor = records[count - 1].buffer;
		}
		EXPECT_EQ(BUFFERS, buffer);
	}
}

TEST_F(query, attachments_do_not_fit)
{
	struct dmabuf_heap_attachment_record records[MOST];
	__u64 cursor = self->id[0] - 1;

	must_fail(EINVAL, heap_query_attachments_all(self->heap.fd, cursor, records, 0));
	EXPECT_EQ(0, heap_query_attachments_all(self->heap.fd, cursor, records, 1));
	declare_some();
	must_fail(ENOSPC, heap_query_attachments_all(self->heap.fd, cursor, records, 1));
	must_fail(ENOSPC, heap_query_attachments_all(self->heap.fd, cursor, records, MOST - 1));
	EXPECT_EQ(MOST, heap_query_attachments_all(self->heap.fd, cursor, records, MOST));
	EXPECT_EQ(0, heap_query_attachments_all(self->heap.fd, -1ULL, records, MOST));
}

struct other {
	int heap;
	int buffer;
	__u64 id;
};

/* What nobody sees: how many of all buffers, and whether errors are as they should. */
static int look_as_other(void *arg)
{
	struct dmabuf_heap_query_attachments attachments = {
		.size = sizeof(attachments),
		.by = DMABUF_HEAP_QUERY_ID,
		.record_size = sizeof(struct dmabuf_heap_attachment_record),
	};
	struct dmabuf_heap_attachment_record attachment;
	struct dmabuf_heap_buffer_record record;
	struct other *other = arg;
	__u64 cursor = 0;
	bool more;

	attachments.id = other->id;
	if (heap_query_id(other->heap, other->id, &record) != -ENOENT)
		return -EBADE;
	if (heap_ioctl(other->heap, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, &attachments) != -ENOENT)
		return -EBADR;
	if (heap_query(other->heap, other->buffer, &record) || record.id != other->id)
		return -EBADRQC;
	if (heap_query_attachments(other->heap, other->buffer, NULL, 0) != 1)
		return -EBADSLT;
	if (heap_query_attachments_all(other->heap, 0, &attachment, 1))
		return -EBADF;
	return heap_query_all(other->heap, &cursor, &more, &record, 1);
}

/* Others' buffers are as if they weren't there, but by their fd. */
TEST_F(query, others_are_invisible)
{
	struct other other = { self->heap.fd, self->buffer[3], self->id[3] };

	must_pass(heap_require_limit(self->heap.fd, self->buffer[3], DMABUF_HEAP_LIMIT_CONTIGUOUS,
				     1, NULL, NULL));
	EXPECT_EQ(0, heap_child(HEAP_NOBODY, look_as_other, &other));
}

static int look_at_own(void *arg)
{
	struct dmabuf_heap_buffer_record record, again;
	struct other *other = arg;
	__u64 cursor = 0, id;
	int buffer = heap_create_id(other->heap, HEAP_PAGE, &id);
	bool more;

	if (buffer < 0)
		return buffer;
	if (heap_query_all(other->heap, &cursor, &more, &record, 1) != 1 || more)
		return -EBADE;
	if (record.id != id || record.creator_uid != HEAP_NOBODY)
		return -EBADR;
	if (heap_query_id(other->heap, id, &again) || memcmp(&record, &again, sizeof(again)))
		return -EBADRQC;
	return 0;
}

TEST_F(query, own_are_visible)
{
	struct other other = { self->heap.fd, self->buffer[3], self->id[3] };

	EXPECT_EQ(0, heap_child(HEAP_NOBODY, look_at_own, &other));
}

/* The first process of a pid namespace of its own. */
static int look_from_namespace(void *arg)
{
	struct dmabuf_heap_attachment_record attachment;
	struct dmabuf_heap_buffer_record record;
	struct other *other = arg;

	if (getpid() != 1)
		return -EBADE;
	/* The creator isn't here. */
	if (heap_query(other->heap, other->buffer, &record) || record.creator_pid != 0)
		return -EBADR;
	/* We are. */
	if (heap_require_limit(other->heap, other->buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0,
			       NULL, NULL))
		return -EBADRQC;
	if (heap_query_attachments(other->heap, other->buffer, &attachment, 1) != 1 ||
	    attachment.pid != 1)
		return -EBADSLT;
	return 0;
}

/* All children of the caller will be in a new namespace. */
static int enter_namespace(void *arg)
{
	if (unshare(CLONE_NEWPID))
		return -errno;
	return heap_child(0, look_from_namespace, arg);
}

TEST_F(query, pid_namespace)
{
	struct other other = { self->heap.fd, self->buffer[0], self->id[0] };
	struct dmabuf_heap_attachment_record attachment;

	EXPECT_EQ(0, heap_child(0, enter_namespace, &other));
	must_pass(heap_query(self->heap.fd, self->buffer[0], &self->record));
	EXPECT_EQ(getpid(), self->record.creator_pid);
	ASSERT_EQ(1, heap_query_attachments(self->heap.fd, self->buffer[0], &attachment, 1));
	EXPECT_EQ(0, attachment.pid);	/* it has ended */
}

/* A process inside sees its own pids, one outside those of its namespace. */
static int attach_and_wait(void *arg)
{
	struct other *other = arg;
	char byte;

	if (heap_require_limit(other->heap, other->buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0,
			       NULL, NULL))
		return -EIO;
	/* Until the parent has looked. */
	return read(other->id, &byte, 1) ? -EIO : 0;
}

TEST_F(query, pid_of_live_process)
{
	struct dmabuf_heap_attachment_record attachment;
	struct other other = { self->heap.fd, self->buffer[0], 0 };
	int end[2], status, tries;
	pid_t child;

	ASSERT_EQ(0, pipe(end));
	other.id = end[0];
	child = fork();
	if (!child) {
		close(end[1]);
		_exit(!!attach_and_wait(&other));
	}
	ASSERT_LT(0, child);
	for (tries = 0; tries < 1000; tries++) {
		if (heap_query_attachments(self->heap.fd, self->buffer[0], &attachment, 1) == 1)
			break;
		usleep(2000);
	}
	EXPECT_EQ(child, attachment.pid);
	close(end[1]);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(1, heap_query_attachments(self->heap.fd, self->buffer[0], &attachment, 1));
	EXPECT_EQ(0, attachment.pid);
	close(end[0]);
}

/* A process may have no mapping, one, or several, of one buffer. */
TEST_F(query, cpu_maps)
{
	void *map[3];
	int i;

	for (i = 0; i < 3; i++) {
		must_pass(heap_query(self->heap.fd, self->buffer[0], &self->record));
		EXPECT_EQ(i, (int)self->record.cpu_maps);
		map[i] = heap_mmap(self->buffer[0], HEAP_PAGE);
		ASSERT_NE(NULL, map[i]);
	}
	for (i = 2; i >= 0; i--) {
		munmap(map[i], HEAP_PAGE);
		must_pass(heap_query(self->heap.fd, self->buffer[0], &self->record));
		EXPECT_EQ(i, (int)self->record.cpu_maps);
	}
}

/* A camera that writes, an output that reads, a card that does both, at once. */
TEST_F(query, device_maps)
{
	int card = must_have(drm_card_open(DRM_VGEM), "vgem"), buffer, i, maps = 0;
	struct dmabuf_heap_attachment_record records[3];
	struct v4l2_queue camera, output;
	__u32 handle;

	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE) ||
	    v4l2_queue_open(&output, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_OUTPUT))
		heap_skip("no vivid with allocators=0,1");
	must_pass(v4l2_queue_request(&camera, 1));
	must_pass(v4l2_queue_request(&output, 1));
	buffer = must_open(heap_create(self->heap.fd, camera.length));
	must_pass(heap_attach(self->heap.fd, buffer, camera.fd, NULL, NULL));
	must_pass(v4l2_queue_put(&camera, 0, buffer));
	must_pass(v4l2_queue_put(&output, 0, buffer));
	must_pass(drm_import(card, buffer, &handle));
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(1, self->record.device_maps[DMABUF_HEAP_DIR_READ]);
	EXPECT_EQ(1, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(drm_import_maps(), self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	EXPECT_EQ(4, self->record.attachments);
	EXPECT_EQ(1, self->record.declared);
	ASSERT_EQ(4, heap_query_attachments(self->heap.fd, buffer, records, 3));
	for (i = 1; i < 3; i++) {
		EXPECT_EQ(camera.length, records[i].bytes_mapped);
		maps += records[i].maps_ever[DMABUF_HEAP_DIR_READ];
		maps += records[i].maps_ever[DMABUF_HEAP_DIR_WRITE];
	}
	EXPECT_EQ(2, maps);

	must_pass(drm_handle_close(card, handle));
	v4l2_queue_close(&output);
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(0, self->record.device_maps[DMABUF_HEAP_DIR_READ]);
	EXPECT_EQ(1, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(0, self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	v4l2_queue_close(&camera);
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(0, self->record.device_maps[DMABUF_HEAP_DIR_WRITE]);
	EXPECT_EQ(1, self->record.attachments);
	close(buffer);
	close(card);
}

/* What another thread does until it is told to stop. */
struct unrest {
	int heap;
	int buffer;
	atomic_bool stop;
	atomic_int rc;
	atomic_int times;
};

static void *attach_and_detach(void *arg)
{
	struct unrest *unrest = arg;
	__u64 id;

	while (!unrest->stop && !unrest->rc) {
		unrest->rc = heap_require_limit(unrest->heap, unrest->buffer,
						DMABUF_HEAP_LIMIT_CONTIGUOUS, 1, &id, NULL);
		if (!unrest->rc)
			unrest->rc = heap_detach(unrest->heap, unrest->buffer, id);
		unrest->times++;
	}
	return NULL;
}

/* All fields of a record are of one moment. */
TEST_F(query, one_moment)
{
	struct unrest unrest = { self->heap.fd, self->buffer[0], false, 0, 0 };
	int seen[2] = {}, i;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, attach_and_detach, &unrest));
	for (i = 0; i < 20000 || !seen[0] || !seen[1]; i++) {
		struct dmabuf_heap_buffer_record *record = &self->record;

		must_pass(heap_query(self->heap.fd, self->buffer[0], record));
		ASSERT_GE(1, record->attachments);
		ASSERT_EQ(record->attachments, record->declared);
		ASSERT_EQ(record->attachments, record->placement.runs);
		ASSERT_EQ(record->attachments << DMABUF_HEAP_LIMIT_CONTIGUOUS,
			  record->merged.valid);
		seen[record->attachments]++;
	}
	unrest.stop = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, atomic_load(&unrest.rc));
}

static void *create_and_close(void *arg)
{
	struct unrest *unrest = arg;
	int buffer;

	while (!unrest->stop && !unrest->rc) {
		buffer = heap_create(unrest->heap, HEAP_PAGE);
		if (buffer < 0)
			unrest->rc = buffer;
		else
			close(buffer);
		unrest->times++;
	}
	return NULL;
}

/* Buffers come and go: those that stay are seen, each once, in every walk. */
TEST_F(query, walk_while_others_come_and_go)
{
	struct dmabuf_heap_buffer_record records[7];
	struct unrest unrest = { self->heap.fd, -1, false, 0, 0 };
	int walks, count, seen, i;
	pthread_t thread;
	__u64 cursor, last;
	bool more;

	ASSERT_EQ(0, pthread_create(&thread, NULL, create_and_close, &unrest));
	for (walks = 0; walks < 300 || unrest.times < 300; walks++) {
		cursor = 0;
		last = 0;
		seen = 0;
		do {
			count = heap_query_all(self->heap.fd, &cursor, &more, records, 7);
			ASSERT_LE(0, count);
			for (i = 0; i < count; i++) {
				ASSERT_LT(last, records[i].id);
				last = records[i].id;
				if (seen < BUFFERS && records[i].id == self->id[seen])
					seen++;
			}
		} while (more);
		ASSERT_EQ(BUFFERS, seen);
	}
	unrest.stop = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, atomic_load(&unrest.rc));
}

TEST_HARNESS_MAIN
