// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds a buffer: duplicated fds, fds in other processes, mappings. It lives
 * as long as any of them, and its last one ends it, whichever that is.
 */
#include "kselftest_harness.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "device.h"
#include "drm.h"
#include "heap.h"

#define LENGTH	(2 * HEAP_MIB)

FIXTURE(holders) {
	struct heap_state heap;
	int buffer;
	__u64 id;
	struct dmabuf_heap_buffer_record record;
};

FIXTURE_SETUP(holders)
{
	heap_setup(&self->heap);
	self->buffer = must_open(heap_create_id(self->heap.fd, LENGTH, &self->id));
}

FIXTURE_TEARDOWN(holders)
{
	heap_teardown(&self->heap);
}

#define check_alive() \
	must_pass(heap_query_id(self->heap.fd, self->id, &self->record))

#define check_gone() do {						\
	EXPECT_EQ(0, heap_counters_wait(&self->heap.before));		\
	must_fail(ENOENT, heap_query_id(self->heap.fd, self->id, &self->record)); \
} while (0)

TEST_F(holders, dup)
{
	int other = must_open(dup(self->buffer));

	must_pass(heap_commit(self->heap.fd, other));
	close(self->buffer);
	must_pass(heap_query(self->heap.fd, other, &self->record));
	EXPECT_EQ(self->id, self->record.id);
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
	close(other);
	check_gone();
}

/* The device's fd isn't needed to keep buffers, nor is it theirs. */
TEST_F(holders, heap_closed_first)
{
	int again;

	close(self->heap.fd);
	EXPECT_EQ(LENGTH, (__u64)lseek(self->buffer, 0, SEEK_END));
	again = must_open(heap_open());
	must_pass(heap_query(again, self->buffer, &self->record));
	must_pass(heap_commit(again, self->buffer));
	close(self->buffer);
	close(again);
	self->heap.fd = must_open(heap_open());
	check_gone();
}

/* Mapped memory needs no fd. */
TEST_F(holders, mapping)
{
	unsigned char *map = heap_mmap(self->buffer, LENGTH);

	ASSERT_NE(NULL, map);
	close(self->buffer);
	check_alive();
	EXPECT_EQ(1, self->record.cpu_maps);
	map[0] = 1;
	map[LENGTH - 1] = 2;
	EXPECT_EQ(1, map[0]);
	munmap(map, LENGTH);
	check_gone();
}

/* An import needs no fd either: DRM keeps the buffer by its handle. */
TEST_F(holders, import)
{
	int card = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u32 handle;

	must_pass(drm_import(card, self->buffer, &handle));
	close(self->buffer);
	check_alive();
	EXPECT_EQ(drm_import_maps(), self->record.device_maps[DMABUF_HEAP_DIR_BOTH]);
	must_pass(drm_handle_close(card, handle));
	check_gone();
	close(card);
}

/* A record of a declaration is none that holds. */
TEST_F(holders, declaration)
{
	int card = must_have(drm_card_open(DRM_VGEM), "vgem");

	must_pass(heap_attach(self->heap.fd, self->buffer, card, NULL, NULL));
	close(self->buffer);
	check_gone();
	close(card);
}

struct relay {
	int socket;
	int heap;
};

static int fd_send(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = {};
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -errno;
}

static int fd_receive(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -EIO;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return -EIO;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* Makes a buffer, writes to it, sends it on, and ends. */
static int create_and_send(void *arg)
{
	struct relay *relay = arg;
	int buffer = heap_create(relay->heap, LENGTH);
	unsigned char *map;

	if (buffer < 0)
		return buffer;
	map = heap_mmap(buffer, LENGTH);
	if (!map)
		return -errno;
	memset(map, 0xc3, LENGTH);
	return fd_send(relay->socket, buffer);
}

/* The creator has gone: the buffer works on, with its memory, and without a pid. */
TEST_F(holders, outlives_creator)
{
	unsigned char *map;
	int sockets[2], buffer;
	struct relay relay;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
	relay = (struct relay) { sockets[0], self->heap.fd };
	must_pass(heap_child(HEAP_NOBODY, create_and_send, &relay));
	buffer = must_open(fd_receive(sockets[1]));
	must_pass(heap_query(self->heap.fd, buffer, &self->record));
	EXPECT_EQ(DMABUF_HEAP_BACKED, self->record.state);
	EXPECT_EQ(0, self->record.creator_pid);
	EXPECT_EQ(HEAP_NOBODY, self->record.creator_uid);
	EXPECT_STREQ("holders", self->record.creator_comm);
	EXPECT_EQ(0, self->record.cpu_maps);
	map = heap_mmap(buffer, LENGTH);
	ASSERT_NE(NULL, map);
	EXPECT_EQ(0xc3, map[0]);
	EXPECT_EQ(0xc3, map[LENGTH - 1]);
	munmap(map, LENGTH);
	close(buffer);
	close(sockets[0]);
	close(sockets[1]);
	close(self->buffer);
}

/* An fd that is on its way in a socket holds too. */
TEST_F(holders, in_flight)
{
	int sockets[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
	must_pass(fd_send(sockets[0], self->buffer));
	close(self->buffer);
	check_alive();
	self->buffer = must_open(fd_receive(sockets[1]));
	close(self->buffer);
	check_gone();
	close(sockets[0]);
	close(sockets[1]);
}

/* A child that sleeps until it is told to end, by the end of a pipe. */
static pid_t child_waiting(int *wake, bool map, int buffer)
{
	int ready[2], end[2];
	pid_t child;
	char byte;

	if (pipe(ready) || pipe(end))
		return -1;
	child = fork();
	if (!child) {
		unsigned char *at = map ? heap_mmap(buffer, LENGTH) : NULL;

		close(end[1]);
		if (at)
			at[0] = 1;
		if (write(ready[1], "", 1) != 1 || read(end[0], &byte, 1))
			_exit(1);
		_exit(0);
	}
	close(ready[1]);
	close(end[0]);
	if (read(ready[0], &byte, 1) != 1)
		child = -1;
	close(ready[0]);
	*wake = end[1];
	return child;
}

TEST_F(holders, fork)
{
	int wake, status;
	pid_t child = child_waiting(&wake, false, self->buffer);

	ASSERT_LT(0, child);
	close(self->buffer);
	check_alive();
	EXPECT_EQ(getpid(), self->record.creator_pid);
	close(wake);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	check_gone();
}

/* Killed with the memory mapped and written: the mapping goes with the process. */
TEST_F(holders, killed_while_mapped)
{
	int wake, status;
	pid_t child = child_waiting(&wake, true, self->buffer);

	ASSERT_LT(0, child);
	must_pass(heap_query(self->heap.fd, self->buffer, &self->record));
	EXPECT_EQ(1, self->record.cpu_maps);
	close(self->buffer);
	check_alive();
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	close(wake);
	check_gone();
}

/* The kernel says so itself: a close-on-exec fd doesn't reach a new program. */
TEST_F(holders, exec)
{
	char command[64];

	EXPECT_EQ(FD_CLOEXEC, fcntl(self->buffer, F_GETFD));
	snprintf(command, sizeof(command), "[ ! -e /proc/self/fd/%d ]", self->buffer);
	EXPECT_EQ(0, system(command));
	ASSERT_EQ(0, fcntl(self->buffer, F_SETFD, 0));
	EXPECT_NE(0, system(command));
	close(self->buffer);
	check_gone();
}

TEST_HARNESS_MAIN
