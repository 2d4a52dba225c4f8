// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs that other exporters had with the fd that they hand out: it is there too
 * early, or its end is badly done when there is none to be had. One test for each
 * class; the comment above it says who had it.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "subject.h"
#include "trap.h"

#define ROUNDS		500
#define FILE_MAX	"/proc/sys/fs/file-max"

FIXTURE(bug_fd) {
	struct heap_state heap;
	struct subject on;
	int guess;		/* the number that the next fd will get */
};

FIXTURE_SETUP(bug_fd)
{
	heap_setup(&self->heap);
	must_pass(subject_init(&self->on, self->heap.fd));
	self->guess = must_open(dup(self->heap.fd));
	close(self->guess);
}

FIXTURE_TEARDOWN(bug_fd)
{
	subject_free(&self->on);
	heap_teardown(&self->heap);
}

/* CREATE, in a thread of its own, with its struct at the start of the arena. */
struct creation {
	pthread_t thread;
	int heap;
	struct dmabuf_heap_create *create;
	int rc;
};

static void *create_in_thread(void *arg)
{
	struct creation *creation = arg;

	creation->rc = heap_ioctl(creation->heap, DMABUF_HEAP_IOC_CREATE, creation->create);
	return NULL;
}

static struct dmabuf_heap_create *create_in_arena(struct subject *on, struct arena *arena)
{
	struct dmabuf_heap_create *create = (void *)arena->start;
	union subject_arg arg;

	subject_fill(on, DMABUF_HEAP_IOC_CREATE, &arg);
	*create = arg.create;
	return create;
}

/* As long as CREATE hasn't told of it, there is no fd to be used or closed. */
#define check_unpublished() do {					\
	EXPECT_EQ(-1, fcntl(self->guess, F_GETFD));			\
	EXPECT_EQ(EBADF, errno);					\
	EXPECT_EQ(-1, close(self->guess));				\
	EXPECT_EQ(EBADF, errno);					\
} while (0)

/* Ids of buffers that QUERY can see, above that of the fixture's own. */
static int newer_buffers(struct subject *on)
{
	struct dmabuf_heap_buffer_record record;
	__u64 cursor;
	bool more;
	int rc = heap_query(on->heap, on->buffer, &record);

	cursor = record.id;
	return rc ? rc : heap_query_all(on->heap, &cursor, &more, &record, 1);
}

/* Begins a CREATE that stops where it writes its answer. */
#define creation_begin(creation, trap) do {				\
	(creation)->heap = self->heap.fd;				\
	(creation)->create = create_in_arena(&self->on, &self->on.arena); \
	*(trap) = trap_set(&self->on.arena);				\
	if (*(trap) < 0)						\
		heap_skip("no userfaultfd that catches writes (x86-64 has it)"); \
	self->guess = must_open(dup(self->heap.fd));			\
	close(self->guess);						\
	ASSERT_EQ(0, pthread_create(&(creation)->thread, NULL,		\
				    create_in_thread, creation));	\
	ASSERT_TRUE(trap_has_caught(*(trap)));				\
} while (0)

/*
 * dma-heap until v3 of the fix of 2026-07; vmwgfx, CVE-2022-22942: the fd was open
 * before its number was written, and stayed when that failed.
 */
TEST_F(bug_fd, fd_published_too_early)
{
	struct subject_picture before;
	struct creation creation;
	int trap;

	must_pass(subject_picture_take(&self->on, &before));
	creation_begin(&creation, &trap);
	check_unpublished();
	must_pass(arena_protect(&self->on.arena, PROT_READ));
	must_pass(trap_open(trap, &self->on.arena));
	pthread_join(creation.thread, NULL);
	close(trap);
	EXPECT_EQ(-EFAULT, creation.rc);
	check_unpublished();
	EXPECT_TRUE(subject_picture_is(&self->on, &before));
}

/* vgem, CVE-2022-1419: others found the handle before its creator was done. */
TEST_F(bug_fd, handle_visible_before_complete)
{
	struct creation creation;
	int trap;

	creation_begin(&creation, &trap);
	check_unpublished();
	EXPECT_EQ(0, newer_buffers(&self->on));
	must_pass(trap_open(trap, &self->on.arena));
	pthread_join(creation.thread, NULL);
	close(trap);
	must_pass(creation.rc);
	EXPECT_EQ(self->guess, creation.create->out_fd);
	EXPECT_EQ(1, newer_buffers(&self->on));
	EXPECT_EQ(0, close(self->guess));
}

/* The other thread, and what it does until it is told to stop. */
struct rival {
	pthread_t thread;
	struct arena arena;
	int guess;
	atomic_bool stop;
	atomic_int done;
};

static void rival_stop(struct rival *rival)
{
	rival->stop = true;
	pthread_join(rival->thread, NULL);
}

/* Lets a struct be written only now and then. */
static void *protect_now_and_then(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop) {
		arena_protect(&rival->arena, PROT_READ);
		arena_protect(&rival->arena, PROT_READ | PROT_WRITE);
	}
	return NULL;
}

/* As the first, by chance: CREATE either tells its fd or leaves none. */
TEST_F_TIMEOUT(bug_fd, fd_published_too_early_flipping, 120)
{
	struct dmabuf_heap_create *create;
	struct rival rival = {};
	int i, rc, made = 0, fault = 0;

	must_pass(arena_init(&rival.arena));
	create = create_in_arena(&self->on, &rival.arena);
	ASSERT_EQ(0, pthread_create(&rival.thread, NULL, protect_now_and_then, &rival));
	for (i = 0; i < ROUNDS || ((!made || !fault) && i < 100 * ROUNDS); i++) {
		rc = heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_CREATE, create);
		if (!rc) {
			made++;
			ASSERT_EQ(0, close(create->out_fd));
		} else {
			ASSERT_EQ(-EFAULT, rc);
			fault++;
		}
	}
	rival_stop(&rival);
	EXPECT_LT(0, made);
	EXPECT_LT(0, fault);
	arena_free(&rival.arena);
}

/* Closes an fd as soon as it is there, and perhaps before CREATE has returned. */
static void *close_guessed(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop)
		if (!close(rival->guess))
			rival->done++;
	return NULL;
}

/* The same bugs: the number was guessed and closed by another thread. */
TEST_F(bug_fd, fd_closed_by_guess)
{
	struct rival rival = { .guess = self->guess };
	int i, own = 0, buffer;

	ASSERT_EQ(0, pthread_create(&rival.thread, NULL, close_guessed, &rival));
	for (i = 0; i < ROUNDS; i++) {
		buffer = must_open(heap_create(self->heap.fd, HEAP_PAGE));
		ASSERT_EQ(self->guess, buffer);
		own += !close(buffer);
	}
	rival_stop(&rival);
	EXPECT_EQ(ROUNDS, own + rival.done);
}

/*
 * vfio-pci, e98137f0a874: freed twice when no fd was left. udmabuf, CVE-2024-56712:
 * not freed at all.
 */
TEST_F(bug_fd, emfile_no_leak)
{
	struct subject_picture before;
	struct rlimit limit, none;
	int i, rc = -EMFILE;

	must_pass(subject_picture_take(&self->on, &before));
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = self->guess;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	for (i = 0; i < ROUNDS && rc == -EMFILE; i++)
		rc = heap_create(self->heap.fd, HEAP_PAGE);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(-EMFILE, rc);
	EXPECT_TRUE(subject_picture_is(&self->on, &before));
	rc = must_open(heap_create(self->heap.fd, HEAP_PAGE));
	EXPECT_EQ(self->guess, rc);
	close(rc);
}

/* CREATE again and again; EBADFD if it kept the number of an fd to itself. */
static int create_without_files(void *arg)
{
	struct subject *on = arg;
	int i, lowest, rc = -ENFILE;

	lowest = dup(on->heap);
	close(lowest);
	for (i = 0; i < ROUNDS && rc == -ENFILE; i++)
		rc = heap_create(on->heap, HEAP_PAGE);
	return dup(on->heap) == lowest ? rc : -EBADFD;
}

/* The same, a step later: there is a number, but no file that it could mean. */
TEST_F(bug_fd, enfile_no_leak)
{
	__u64 limit = heap_file_number(FILE_MAX);
	struct subject_picture before;
	char text[32];
	int rc;

	must_pass(subject_picture_take(&self->on, &before));
	must_pass(heap_file_write(FILE_MAX, "0"));
	rc = heap_child(HEAP_NOBODY, create_without_files, &self->on);
	snprintf(text, sizeof(text), "%llu", limit);
	must_pass(heap_file_write(FILE_MAX, text));
	EXPECT_EQ(-ENFILE, rc);
	EXPECT_TRUE(subject_picture_is(&self->on, &before));
}

TEST_HARNESS_MAIN
