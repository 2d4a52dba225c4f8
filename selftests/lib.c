// SPDX-License-Identifier: GPL-2.0
/*
 * The library: the device, a buffer's life and its bytes. Attaching and asking is
 * in lib_query.c, sentences are in lib_explain.c and lib_words.c, waiting is in
 * lib_wait.c.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "device.h"
#include "lib_fixture.h"

/* All functions that end an object accept that there is none. */
static void free_nothing(void)
{
	dmabuf_heap_close(NULL);
	dmabuf_heap_buffer_close(NULL);
	dmabuf_heap_buffer_info_free(NULL);
	dmabuf_heap_attachment_list_free(NULL);
	dmabuf_heap_iterator_free(NULL);
	dmabuf_heap_plan_free(NULL);
	dmabuf_heap_plan_result_free(NULL);
	dmabuf_heap_reply_free(NULL);
	dmabuf_heap_requirement_free(NULL);
}

/* For tests that do without the device. */
FIXTURE(none) {
	struct dmabuf_heap *heap;
};

FIXTURE_SETUP(none)
{
	self->heap = NULL;
}

FIXTURE_TEARDOWN(none)
{
}

TEST_F(none, no_device)
{
	must_fail(ENOENT, dmabuf_heap_open("/dev/no-such-node", &self->heap));
	must_fail(ENOTDIR, dmabuf_heap_open("/dev/null/node", &self->heap));
	must_fail(ENOTTY, dmabuf_heap_open("/dev/null", &self->heap));
	EXPECT_EQ(NULL, self->heap);
	free_nothing();
}

TEST_F(lib, device)
{
	struct dmabuf_heap_info info;

	must_pass(heap_info(self->state.fd, &info));
	EXPECT_EQ(info.out_abi, dmabuf_heap_get_abi(self->heap));
	EXPECT_EQ(info.out_features, dmabuf_heap_get_features(self->heap));
	EXPECT_EQ(info.out_max_length, dmabuf_heap_get_max_length(self->heap));
	EXPECT_EQ((size_t)sysconf(_SC_PAGESIZE),
		  dmabuf_heap_get_page_size(self->heap));
	EXPECT_TRUE(dmabuf_heap_can_require(self->heap, DBHEAP_LIMIT_CONTIGUOUS));
	EXPECT_FALSE(dmabuf_heap_can_require(self->heap, DBHEAP_LIMIT_COUNT));
	EXPECT_EQ(FD_CLOEXEC, fcntl(dmabuf_heap_get_fd(self->heap), F_GETFD));
}

TEST_F(lib, create)
{
	struct dmabuf_heap_buffer *buffer;
	struct dmabuf_heap_buffer_info *info;
	__u64 length;

	must_pass(dmabuf_heap_buffer_create(self->heap, 1, 0, NULL, &buffer));
	EXPECT_EQ(HEAP_PAGE, dmabuf_heap_buffer_get_length(buffer));
	EXPECT_LT(dmabuf_heap_buffer_get_id(self->buffer),
		  dmabuf_heap_buffer_get_id(buffer));
	EXPECT_TRUE(dmabuf_heap_buffer_is_writable(buffer));
	EXPECT_EQ(FD_CLOEXEC, fcntl(dmabuf_heap_buffer_get_fd(buffer), F_GETFD));
	must_pass(dmabuf_heap_buffer_info_read(buffer, &info));
	EXPECT_STREQ("", info->name);
	dmabuf_heap_buffer_info_free(info);
	dmabuf_heap_buffer_close(buffer);

	must_pass(dmabuf_heap_buffer_create(self->heap, 1, DBHEAP_CREATE_INHERIT,
					    "", &buffer));
	EXPECT_EQ(0, fcntl(dmabuf_heap_buffer_get_fd(buffer), F_GETFD));
	dmabuf_heap_buffer_close(buffer);

	must_fail(EINVAL, dmabuf_heap_buffer_create(self->heap, 0, 0, "", &buffer));
	must_fail(EINVAL, dmabuf_heap_buffer_create(self->heap, 1, 1 << 3, "",
						    &buffer));
	must_fail(EINVAL, dmabuf_heap_buffer_create(self->heap, 1, 0, "a\nb",
						    &buffer));
	must_fail(EINVAL, dmabuf_heap_buffer_create(self->heap, 1, 0,
						    "a name of just thirty-two bytes.",
						    &buffer));
	length = dmabuf_heap_get_max_length(self->heap) + 1;
	must_fail(EOPNOTSUPP, dmabuf_heap_buffer_create(self->heap, length, 0,
							"", &buffer));
}

TEST_F(lib, life)
{
	struct dmabuf_heap_buffer_info *info;

	prctl(PR_SET_NAME, "librarian");
	must_pass(dmabuf_heap_buffer_info_read(self->buffer, &info));
	EXPECT_EQ(dmabuf_heap_buffer_get_id(self->buffer), info->id);
	EXPECT_EQ(LIB_LENGTH, info->length);
	EXPECT_STREQ("lib", info->name);
	EXPECT_EQ(DBHEAP_UNBACKED, info->state);
	EXPECT_EQ(getpid(), info->creator_pid);
	EXPECT_EQ(getuid(), info->creator_uid);
	EXPECT_EQ(DBHEAP_FIRST_NONE, info->first_map);
	EXPECT_STREQ("", info->first_map_by);
	EXPECT_EQ(0, info->run_max);
	EXPECT_EQ(NULL, info->conflict);
	EXPECT_FALSE(info->sealed);
	dmabuf_heap_buffer_info_free(info);

	must_pass(dmabuf_heap_buffer_commit(self->buffer));
	must_pass(dmabuf_heap_buffer_seal(self->buffer));
	must_fail(EPERM, lib_require(self->buffer, "late", DBHEAP_LIMIT_CONTIGUOUS,
				     0, NULL, NULL));

	must_pass(dmabuf_heap_buffer_info_read_id(self->heap,
						  dmabuf_heap_buffer_get_id(self->buffer),
						  &info));
	EXPECT_EQ(DBHEAP_BACKED, info->state);
	EXPECT_TRUE(info->sealed);
	EXPECT_EQ(DBHEAP_FIRST_COMMIT, info->first_map);
	EXPECT_STREQ("librarian", info->first_map_by);
	EXPECT_LE(info->created_ns, info->first_map_ns);
	EXPECT_LE(1, info->runs);
	EXPECT_LE(info->run_min, info->run_max);
	EXPECT_LE(__builtin_ctzll(HEAP_PAGE), info->align_bits);
	EXPECT_NE(0, info->nodes);
	dmabuf_heap_buffer_info_free(info);

	must_fail(ENOENT, dmabuf_heap_buffer_info_read_id(self->heap, 1, &info));
}

TEST_F(lib, movable)
{
	bool can = dmabuf_heap_get_features(self->heap) & DBHEAP_FEATURE_MOVE;
	struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_buffer *buffer;

	must_pass(dmabuf_heap_buffer_info_read(self->buffer, &info));
	EXPECT_FALSE(info->movable);
	dmabuf_heap_buffer_info_free(info);
	if (!can) {
		must_fail(E2BIG, dmabuf_heap_buffer_create(self->heap, 1,
							   DBHEAP_CREATE_MOVABLE,
							   "", &buffer));
		heap_skip("this module moves no memory");
	}
	must_pass(dmabuf_heap_buffer_create(self->heap, 1,
					    DBHEAP_CREATE_MOVABLE |
					    DBHEAP_CREATE_READ_ONLY, "", &buffer));
	EXPECT_FALSE(dmabuf_heap_buffer_is_writable(buffer));
	must_pass(dmabuf_heap_buffer_info_read(buffer, &info));
	EXPECT_TRUE(info->movable);
	EXPECT_EQ(0, info->moves);
	EXPECT_EQ(0, info->moves_ns);
	EXPECT_EQ(0, info->last_move_ns);
	EXPECT_STREQ("", info->moved_for);
	dmabuf_heap_buffer_info_free(info);
	dmabuf_heap_buffer_close(buffer);
}

TEST_F(lib, from_fd)
{
	int foreign = device_foreign_buffer();
	struct dmabuf_heap_buffer *other;
	char byte = 'x';

	must_pass(dmabuf_heap_buffer_from_fd(self->heap,
					     dmabuf_heap_buffer_get_fd(self->buffer),
					     &other));
	EXPECT_NE(dmabuf_heap_buffer_get_fd(self->buffer),
		  dmabuf_heap_buffer_get_fd(other));
	EXPECT_EQ(FD_CLOEXEC, fcntl(dmabuf_heap_buffer_get_fd(other), F_GETFD));
	EXPECT_EQ(dmabuf_heap_buffer_get_id(self->buffer),
		  dmabuf_heap_buffer_get_id(other));
	EXPECT_EQ(LIB_LENGTH, dmabuf_heap_buffer_get_length(other));
	EXPECT_TRUE(dmabuf_heap_buffer_is_writable(other));
	must_pass(dmabuf_heap_buffer_write(self->buffer, 5, &byte, 1));
	byte = 0;
	must_pass(dmabuf_heap_buffer_read(other, 5, &byte, 1));
	EXPECT_EQ('x', byte);
	dmabuf_heap_buffer_close(other);

	must_fail(EBADF, dmabuf_heap_buffer_from_fd(self->heap, -1, &other));
	must_fail(EINVAL, dmabuf_heap_buffer_from_fd(self->heap, self->state.fd,
						     &other));
	if (foreign < 0)
		heap_skip("no vgem to make a dma-buf that isn't ours");
	must_fail(EINVAL, dmabuf_heap_buffer_from_fd(self->heap, foreign, &other));
	close(foreign);
}

TEST_F(lib, read_only)
{
	struct dmabuf_heap_buffer *buffer, *other;
	char byte = 'x';
	void *address;

	must_pass(dmabuf_heap_buffer_create(self->heap, 1,
					    DBHEAP_CREATE_READ_ONLY, "", &buffer));
	EXPECT_FALSE(dmabuf_heap_buffer_is_writable(buffer));
	must_fail(EACCES, dmabuf_heap_buffer_write(buffer, 0, "a", 1));
	must_fail(EACCES, dmabuf_heap_buffer_map(buffer, 0, 1, LIB_BOTH, &address));
	must_pass(dmabuf_heap_buffer_read(buffer, 0, &byte, 1));
	EXPECT_EQ(0, byte);
	must_pass(dmabuf_heap_buffer_from_fd(self->heap,
					     dmabuf_heap_buffer_get_fd(buffer),
					     &other));
	EXPECT_FALSE(dmabuf_heap_buffer_is_writable(other));
	dmabuf_heap_buffer_close(other);
	dmabuf_heap_buffer_close(buffer);
}

TEST_F(lib, bytes)
{
	unsigned char wrote[3 * HEAP_PAGE], seen[3 * HEAP_PAGE + 2];
	__u64 at = 2 * HEAP_PAGE - 7;
	unsigned int i;

	for (i = 0; i < sizeof(wrote); i++)
		wrote[i] = i % 251 + 1;
	must_pass(dmabuf_heap_buffer_write(self->buffer, at, wrote, sizeof(wrote)));
	must_pass(dmabuf_heap_buffer_read(self->buffer, at - 1, seen, sizeof(seen)));
	EXPECT_EQ(0, seen[0]);
	EXPECT_EQ(0, memcmp(wrote, seen + 1, sizeof(wrote)));
	EXPECT_EQ(0, seen[sizeof(seen) - 1]);

	must_pass(dmabuf_heap_buffer_write(self->buffer, LIB_LENGTH - 1, "z", 1));
	must_pass(dmabuf_heap_buffer_read(self->buffer, LIB_LENGTH - 2, seen, 2));
	EXPECT_EQ(0, seen[0]);
	EXPECT_EQ('z', seen[1]);
}

TEST_F(lib, bytes_out_of_bounds)
{
	static const struct {
		__u64 offset;
		size_t length;
	} bad[] = {
		{ LIB_LENGTH, 1 }, { LIB_LENGTH - 1, 2 }, { 0, LIB_LENGTH + 1 },
		{ LIB_LENGTH + 1, 0 }, { -1ULL, 1 }, { 1, SIZE_MAX },
	};
	struct heap_counters before = heap_counters_read();
	char bytes[2] = "";
	void *address;
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		must_fail(EINVAL, dmabuf_heap_buffer_read(self->buffer,
							  bad[i].offset, bytes,
							  bad[i].length));
		must_fail(EINVAL, dmabuf_heap_buffer_write(self->buffer,
							   bad[i].offset, bytes,
							   bad[i].length));
		must_fail(EINVAL, dmabuf_heap_buffer_map(self->buffer,
							 bad[i].offset,
							 bad[i].length,
							 DBHEAP_READ, &address));
	}
	must_pass(dmabuf_heap_buffer_read(self->buffer, LIB_LENGTH, bytes, 0));
	must_pass(dmabuf_heap_buffer_write(self->buffer, LIB_LENGTH, bytes, 0));
	must_fail(EINVAL, dmabuf_heap_buffer_map(self->buffer, 0, 0, DBHEAP_READ,
						 &address));
	must_fail(EINVAL, dmabuf_heap_buffer_map(self->buffer, 0, 1, 0, &address));
	must_fail(EINVAL, dmabuf_heap_buffer_map(self->buffer, 0, 1, 1 << 2,
						 &address));
	must_pass(heap_counters_wait(&before));
}

TEST_F(lib, map)
{
	struct dmabuf_heap_buffer_info *info;
	__u64 at = HEAP_PAGE + 100;
	size_t length = 2 * HEAP_PAGE;
	char *bytes, seen[4];
	void *address;

	must_pass(dmabuf_heap_buffer_map(self->buffer, at, length, LIB_BOTH,
					 &address));
	bytes = address;
	EXPECT_EQ(100, (uintptr_t)bytes % HEAP_PAGE);
	must_pass(dmabuf_heap_buffer_sync_begin(self->buffer, DBHEAP_WRITE));
	memcpy(bytes, "ab", 2);
	memcpy(bytes + length - 2, "yz", 2);
	must_pass(dmabuf_heap_buffer_sync_end(self->buffer, DBHEAP_WRITE));
	must_pass(dmabuf_heap_buffer_read(self->buffer, at, seen, 2));
	must_pass(dmabuf_heap_buffer_read(self->buffer, at + length - 2, seen + 2,
					  2));
	EXPECT_EQ(0, memcmp("abyz", seen, 4));

	must_pass(dmabuf_heap_buffer_info_read(self->buffer, &info));
	EXPECT_EQ(1, info->cpu_maps);
	dmabuf_heap_buffer_info_free(info);
	must_pass(dmabuf_heap_buffer_unmap(address, length));
	must_pass(dmabuf_heap_buffer_info_read(self->buffer, &info));
	EXPECT_EQ(0, info->cpu_maps);
	dmabuf_heap_buffer_info_free(info);

	must_fail(EINVAL, dmabuf_heap_buffer_sync_begin(self->buffer, 0));
	must_fail(EINVAL, dmabuf_heap_buffer_sync_end(self->buffer, 1 << 2));
}

TEST_HARNESS_MAIN
