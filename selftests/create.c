// SPDX-License-Identifier: GPL-2.0
/*
 * CREATE: a buffer is a handle of a fixed length, with a name, an id and an fd as
 * the caller asked for, and with no memory. Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <linux/dma-buf.h>

#include "heap.h"

FIXTURE(create) {
	struct heap_state heap;
	struct dmabuf_heap_create create;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(create)
{
	heap_setup(&self->heap);
	self->create.size = sizeof(self->create);
	self->create.length = HEAP_MIB;
	self->create.fd_flags = O_RDWR | O_CLOEXEC;
}

FIXTURE_TEARDOWN(create)
{
	heap_teardown(&self->heap);
}

static int create(int heap, struct dmabuf_heap_create *create,
		  struct dmabuf_heap_buffer_record *record)
{
	int rc = heap_ioctl(heap, DMABUF_HEAP_IOC_CREATE, create);

	return rc ? rc : heap_query(heap, create->out_fd, record);
}

TEST_F(create, length)
{
	static const struct {
		__u64 asked;
		__u64 got;
	} lengths[] = {
		{ 1, HEAP_PAGE },
		{ HEAP_PAGE - 1, HEAP_PAGE },
		{ HEAP_PAGE, HEAP_PAGE },
		{ HEAP_PAGE + 1, 2 * HEAP_PAGE },
		{ 2 * HEAP_MIB - 1, 2 * HEAP_MIB },
		{ 64 * HEAP_MIB + 1, 64 * HEAP_MIB + HEAP_PAGE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		self->create.length = lengths[i].asked;
		must_pass(create(self->heap.fd, &self->create, &self->record));
		EXPECT_EQ(lengths[i].got, self->create.out_length);
		EXPECT_EQ(lengths[i].asked, self->create.length);
		EXPECT_EQ(lengths[i].got, self->record.length);
		EXPECT_EQ(lengths[i].got, (__u64)lseek(self->create.out_fd, 0, SEEK_END));
		EXPECT_EQ(lengths[i].got, heap_fdinfo_number(self->create.out_fd, "size"));
		close(self->create.out_fd);
	}
}

TEST_F(create, name)
{
	static const char * const names[] = {
		"a", "two words", "name: with a colon", "Kamera \xc3\xa4\xe2\x82\xac",
		"as long as there is room, thirty",
	};
	char text[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(self->create.name, sizeof(self->create.name), "%s", names[i]);
		must_pass(create(self->heap.fd, &self->create, &self->record));
		EXPECT_STREQ(self->create.name, self->record.name);
		heap_fdinfo_text(self->create.out_fd, "name", text, sizeof(text));
		EXPECT_STREQ(self->create.name, text);
		close(self->create.out_fd);
	}
}

/* What follows a name's NUL is nobody's business. */
TEST_F(create, name_empty)
{
	char text[64];

	memcpy(self->create.name, "\0rest", 6);
	must_pass(create(self->heap.fd, &self->create, &self->record));
	EXPECT_STREQ("", self->record.name);
	EXPECT_EQ(0, self->record.name[1]);
	heap_fdinfo_text(self->create.out_fd, "name", text, sizeof(text));
	EXPECT_STREQ("", text);
	close(self->create.out_fd);
}

TEST_F(create, name_changed)
{
	must_pass(create(self->heap.fd, &self->create, &self->record));
	ASSERT_EQ(0, ioctl(self->create.out_fd, DMA_BUF_SET_NAME_A, "another"));
	must_pass(heap_query(self->heap.fd, self->create.out_fd, &self->record));
	EXPECT_STREQ("another", self->record.name);
	close(self->create.out_fd);
}

TEST_F(create, exporter)
{
	char text[64];

	must_pass(create(self->heap.fd, &self->create, &self->record));
	heap_fdinfo_text(self->create.out_fd, "exp_name", text, sizeof(text));
	EXPECT_STREQ("dmabuf-heap", text);
	close(self->create.out_fd);
}

TEST_F(create, fd_flags)
{
	static const unsigned int access[] = { O_RDONLY, O_RDWR };
	static const unsigned int cloexec[] = { 0, O_CLOEXEC };
	int i, j, fd;

	for (i = 0; i < 2; i++) {
		for (j = 0; j < 2; j++) {
			self->create.fd_flags = access[i] | cloexec[j];
			must_pass(create(self->heap.fd, &self->create, &self->record));
			fd = self->create.out_fd;
			EXPECT_EQ(access[i], (unsigned int)fcntl(fd, F_GETFL) & O_ACCMODE);
			EXPECT_EQ(j ? FD_CLOEXEC : 0, fcntl(fd, F_GETFD));
			close(fd);
		}
	}
}

TEST_F(create, id)
{
	struct stat st;

	must_pass(create(self->heap.fd, &self->create, &self->record));
	ASSERT_EQ(0, fstat(self->create.out_fd, &st));
	EXPECT_NE(0, self->create.out_id);
	EXPECT_EQ(self->create.out_id, st.st_ino);
	EXPECT_EQ(self->create.out_id, heap_fdinfo_number(self->create.out_fd, "ino"));
	EXPECT_EQ(self->create.out_id, self->record.id);
	close(self->create.out_fd);
}

TEST_F(create, id_never_again)
{
	__u64 last = 0, id;
	int i, fd;

	for (i = 0; i < 1000; i++) {
		fd = must_open(heap_create_id(self->heap.fd, HEAP_PAGE, &id));
		ASSERT_LT(last, id);
		last = id;
		close(fd);
	}
}

/* A fresh buffer of any length is no memory, and nobody knows it yet. */
TEST_F(create, fresh)
{
	struct dmabuf_heap_limits nothing = {};
	__u64 before = heap_now();

	self->create.length = HEAP_GIB;
	must_pass(create(self->heap.fd, &self->create, &self->record));
	EXPECT_EQ(self->heap.before.buffers + 1, heap_counters_read().buffers);
	EXPECT_EQ(self->heap.before.pages, heap_counters_read().pages);
	EXPECT_EQ(self->heap.before.backed, heap_counters_read().backed);
	EXPECT_EQ(self->heap.before.allocations, heap_counters_read().allocations);
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(DMABUF_HEAP_FIRST_NONE, self->record.first_map);
	EXPECT_EQ(0, self->record.first_map_ns);
	EXPECT_STREQ("", self->record.first_map_by);
	EXPECT_LE(before, self->record.created_ns);
	EXPECT_GE(heap_now(), self->record.created_ns);
	EXPECT_EQ(0, self->record.flags);
	EXPECT_EQ(getpid(), self->record.creator_pid);
	EXPECT_EQ(getuid(), self->record.creator_uid);
	EXPECT_STREQ("create", self->record.creator_comm);
	EXPECT_EQ(0, self->record.attachments);
	EXPECT_EQ(0, self->record.declared);
	EXPECT_EQ(0, self->record.cpu_maps);
	EXPECT_EQ(0, self->record.vmaps);
	EXPECT_EQ(0, self->record.conflict.error);
	EXPECT_EQ(0, self->record.placement.runs);
	EXPECT_EQ(0, self->record.placement.run_max);
	EXPECT_EQ(0, self->record.placement.nodes);
	EXPECT_EQ(64, self->record.placement.addr_bits);
	EXPECT_EQ(0, memcmp(&nothing, &self->record.merged, sizeof(nothing)));
	close(self->create.out_fd);
}

/* Closed out of order, each one goes with its own fd. */
TEST_F(create, many)
{
	const int count = 2000, step = 7;	/* step has no divisor of count */
	struct rlimit limit = { count + 100, count + 100 };
	int *fds = calloc(count, sizeof(*fds));
	int i;

	ASSERT_NE(NULL, fds);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 0; i < count; i++)
		fds[i] = must_open(heap_create(self->heap.fd, 64 * HEAP_MIB));
	EXPECT_EQ(self->heap.before.buffers + count, heap_counters_read().buffers);
	EXPECT_EQ(self->heap.before.pages, heap_counters_read().pages);
	for (i = 0; i < count; i++) {
		close(fds[i * step % count]);
		if (i % 100 == 99) {
			EXPECT_EQ(self->heap.before.buffers + count - 1 - i,
				  heap_counters_read().buffers);
		}
	}
	free(fds);
}

TEST_HARNESS_MAIN
