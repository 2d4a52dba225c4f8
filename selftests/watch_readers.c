// SPDX-License-Identifier: GPL-2.0
/*
 * Who gets which events, and several at once on one open file: threads that wait,
 * processes that share it, users and namespaces.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "settler.h"
#include "trap.h"
#include "watch_fixture.h"

/* A thread in read(), and what came of it. */
struct reader {
	pthread_t thread;
	int fd;
	atomic_int tid;
	int rc;
	struct dmabuf_heap_event event;
};

static void *read_one(void *arg)
{
	struct reader *reader = arg;

	reader->tid = gettid();
	reader->rc = watching_next(reader->fd, &reader->event);
	return NULL;
}

/* Waits until the thread sleeps. */
static void reader_wait(const struct reader *reader)
{
	char path[64], state = 0;
	FILE *file;

	while (state != 'S') {
		usleep(1000);
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", reader->tid);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			state = 0;
		fclose(file);
	}
}

static atomic_int signals;	/* that were handled */

static void count_signal(int number)
{
	(void)number;
	signals++;
}

#define reader_begin(who) do {							\
	fcntl(self->watcher, F_SETFL, 0);					\
	*(who) = (struct reader){ .fd = self->watcher };			\
	ASSERT_EQ(0, pthread_create(&(who)->thread, NULL, read_one, who));	\
	reader_wait(who);							\
} while (0)

TEST_F(watch, read_waits)
{
	struct reader reader;

	reader_begin(&reader);
	make_events(1);
	pthread_join(reader.thread, NULL);
	EXPECT_EQ(0, reader.rc);
	EXPECT_EQ(1, reader.event.attachment);
}

TEST_F(watch, read_is_interrupted)
{
	struct sigaction action = { .sa_handler = count_signal };
	struct reader reader;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	reader_begin(&reader);
	pthread_kill(reader.thread, SIGUSR1);
	pthread_join(reader.thread, NULL);
	EXPECT_EQ(-EINTR, reader.rc);
	make_events(1);
	EXPECT_EQ(1, read_events(ROOM));
}

TEST_F(watch, end_during_read)
{
	struct reader reader;

	reader_begin(&reader);
	must_pass(watching_end(self->watcher));
	pthread_join(reader.thread, NULL);
	EXPECT_EQ(-EINVAL, reader.rc);
}

/* It has ended for whoever waited then, and not for others. */
TEST_F(watch, ended_and_set_during_read)
{
	const struct sched_param none = { 0 };
	struct reader reader;
	cpu_set_t one;
	int round;

	/* On our processor, and only when we sleep: it sees both as one. */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	for (round = 0; round < 20; round++) {
		reader_begin(&reader);
		ASSERT_EQ(0, sched_setscheduler(reader.tid, SCHED_IDLE, &none));
		must_pass(watching_end(self->watcher));
		must_pass(watching_set(self->watcher, WATCHING(ATTACH), self->id));
		pthread_join(reader.thread, NULL);
		ASSERT_EQ(-EINVAL, reader.rc);
	}
	make_events(1);
	EXPECT_EQ(1, read_events(ROOM));
}

/* A read() that stops where it writes its event. */
struct stuck {
	struct arena arena;
	pthread_t thread;
	int trap;
	int fd;
	int rc;
};

static void *read_stuck(void *arg)
{
	struct stuck *stuck = arg;

	stuck->rc = watching_next(stuck->fd, (void *)stuck->arena.start);
	return NULL;
}

#define stuck_begin(stuck) do {							\
	must_pass(arena_init(&(stuck)->arena));					\
	(stuck)->fd = self->watcher;						\
	(stuck)->trap = trap_set(&(stuck)->arena);				\
	if ((stuck)->trap < 0)							\
		heap_skip("no userfaultfd that catches writes (x86-64 has it)"); \
	ASSERT_EQ(0, pthread_create(&(stuck)->thread, NULL, read_stuck, stuck)); \
	ASSERT_TRUE(trap_has_caught((stuck)->trap));				\
} while (0)

#define stuck_end(stuck) do {							\
	must_pass(trap_open((stuck)->trap, &(stuck)->arena));			\
	pthread_join((stuck)->thread, NULL);					\
	close((stuck)->trap);							\
	EXPECT_EQ(0, (stuck)->rc);						\
	EXPECT_EQ(++self->seen,							\
		  ((struct dmabuf_heap_event *)(stuck)->arena.start)->attachment); \
	arena_free(&(stuck)->arena);						\
} while (0)

/* Who doesn't want to wait for events doesn't wait for another reader either. */
TEST_F(watch, beside_a_stuck_reader)
{
	struct stuck stuck;

	make_events(2);
	stuck_begin(&stuck);
	must_fail(EAGAIN, watching_next(self->watcher, &self->event));
	stuck_end(&stuck);
	EXPECT_EQ(1, read_events(ROOM));
}

/* And who does goes on after a signal that asks for that. */
TEST_F(watch, interrupted_beside_a_stuck_reader)
{
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	struct reader reader;
	struct stuck stuck;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	make_events(1);
	stuck_begin(&stuck);
	reader_begin(&reader);
	pthread_kill(reader.thread, SIGUSR1);
	while (!signals)
		usleep(1000);
	stuck_end(&stuck);
	make_events(1);
	pthread_join(reader.thread, NULL);
	EXPECT_EQ(0, reader.rc);
	EXPECT_EQ(2, reader.event.attachment);
}

/* The reader has the file until it is back. */
TEST_F(watch, close_during_read)
{
	struct reader reader;

	reader_begin(&reader);
	close(self->watcher);
	self->watcher = -1;
	make_events(1);
	pthread_join(reader.thread, NULL);
	EXPECT_EQ(0, reader.rc);
	EXPECT_EQ(1, reader.event.attachment);
}

/* What a child gets. */
struct family {
	int heap;
	int watcher;
	int buffer;
	__u64 id;
};

/* What every holder may. */
static int declare(int heap, int buffer)
{
	return heap_require_limit(heap, buffer, DMABUF_HEAP_LIMIT_CONTIGUOUS, 0, NULL, NULL);
}

/* Watches as nobody, on files that root has opened: others' buffers aren't there. */
static int watch_as_nobody(void *arg)
{
	struct family *family = arg;
	struct dmabuf_heap_event event;
	int buffer;
	__u64 id;

	if (watching_set(family->watcher, WATCHING_ALL, 0))
		return -EBADE;
	if (declare(family->heap, family->buffer) || heap_commit(family->heap, family->buffer))
		return -EBADR;
	if (watching_next(family->watcher, &event) != -EAGAIN)
		return -EBADRQC;
	/* Asking for one by its id doesn't help. */
	if (watching_set(family->watcher, WATCHING_ALL, family->id) ||
	    declare(family->heap, family->buffer) ||
	    watching_next(family->watcher, &event) != -EAGAIN)
		return -EBADSLT;
	if (watching_set(family->watcher, WATCHING_ALL, 0))
		return -EBADE;
	buffer = heap_create_id(family->heap, HEAP_PAGE, &id);
	if (buffer < 0 || watching_next(family->watcher, &event))
		return -EBADFD;
	return event.type == DMABUF_HEAP_EVENT_CREATE && event.id == id &&
	       event.uid == HEAP_NOBODY && event.pid == getpid() ? 0 : -EBADMSG;
}

TEST_F(watch, users)
{
	struct family family = { self->heap.fd, self->watcher, self->buffer, self->id };
	int root = must_open(watching_open(WATCHING(CREATE) | WATCHING(RELEASE), 0));

	EXPECT_EQ(0, heap_child(HEAP_NOBODY, watch_as_nobody, &family));
	/* Root sees nobody's. */
	must_pass(watching_next(root, &self->event));
	EXPECT_EQ(DMABUF_HEAP_EVENT_CREATE, self->event.type);
	EXPECT_EQ(HEAP_NOBODY, self->event.uid);
	must_pass(watching_next(root, &self->event));
	EXPECT_EQ(DMABUF_HEAP_EVENT_RELEASE, self->event.type);
	close(root);
}

/* What counts is who called WATCH, not who reads. */
static int read_as_nobody(void *arg)
{
	struct dmabuf_heap_event event;
	struct family *family = arg;

	return declare(family->heap, family->buffer) ?: watching_next(family->watcher, &event);
}

TEST_F(watch, user_at_the_call)
{
	struct family family = { self->heap.fd, self->watcher, self->buffer, self->id };

	EXPECT_EQ(0, heap_child(HEAP_NOBODY, read_as_nobody, &family));
	/* And what the child has read is gone. */
	expect_nothing();
}

/* The first process of a pid namespace of its own. */
static int watch_from_namespace(void *arg)
{
	struct dmabuf_heap_event event;
	struct family *family = arg;

	/* Who made the first event isn't here, who makes the second is. */
	if (watching_next(family->watcher, &event) || event.pid != 0)
		return -EBADR;
	if (happen(family->heap, family->buffer))
		return -EBADE;
	if (watching_next(family->watcher, &event) || event.pid != 1)
		return -EBADRQC;
	return happen(family->heap, family->buffer);
}

static int enter_namespace(void *arg)
{
	if (unshare(CLONE_NEWPID))
		return -errno;
	return heap_child(0, watch_from_namespace, arg);
}

TEST_F(watch, pid_namespace)
{
	struct family family = { self->heap.fd, self->watcher, self->buffer, self->id };

	make_events(1);
	EXPECT_EQ(0, heap_child(0, enter_namespace, &family));
	/* It has ended, and had this number all the same. */
	must_pass(watching_next(self->watcher, &self->event));
	EXPECT_LT(getpid(), self->event.pid);
	expect_nothing();
}

static int watch_one_more(void *arg)
{
	struct family *family = arg;

	return watching_set(family->heap, WATCHING_ALL, 0);
}

/* Of one user there can be so many; that is no matter of others. */
TEST_F(watch, too_many)
{
	int fds[DMABUF_HEAP_MAX_WATCHERS], i, last;
	struct family family = { .heap = self->heap.fd };

	for (i = 1; i < DMABUF_HEAP_MAX_WATCHERS; i++)
		fds[i] = must_open(watching_open(WATCHING_ALL, 0));
	last = must_open(heap_open());
	must_fail(ENOSPC, watching_set(last, WATCHING_ALL, 0));
	must_fail(EINVAL, watching_next(last, &self->event));
	/* One that watches can go on. */
	must_pass(watching_set(self->watcher, WATCHING_ALL, self->id));
	EXPECT_EQ(0, heap_child(HEAP_NOBODY, watch_one_more, &family));
	/* It is nobody's now, and root has no room for it. */
	must_fail(ENOSPC, watching_set(self->heap.fd, WATCHING_ALL, 0));
	must_pass(watching_end(fds[1]));
	must_pass(watching_set(last, WATCHING_ALL, 0));
	close(last);
	for (i = 1; i < DMABUF_HEAP_MAX_WATCHERS; i++)
		close(fds[i]);
}

/* Files that don't watch yet, and how many were asked to. */
struct files {
	int fds[DMABUF_HEAP_MAX_WATCHERS + 1];
	int used;
};

static int watch_first_file(void *arg)
{
	struct files *files = arg;

	return watching_set(files->fds[files->used++], WATCHING_ALL, 0);
}

static int watch_all_files(void *arg)
{
	struct files *files = arg;
	int count = 0, rc = 0;

	while (!rc && files->used < (int)ARRAY_SIZE(files->fds)) {
		rc = watch_first_file(files);
		count += !rc;
	}
	return rc && rc != -ENOSPC ? rc : count;
}

/* More ids are no more files that watch, unless root gave them. */
TEST_F(watch, too_many_of_a_namespace)
{
	struct files files = { .used = 0 };
	struct settler settler = {
		.owner = HEAP_NOBODY,
		.map = SETTLER_MAP_NOBODY,
		.inside = 1,
		.before = watch_first_file,
		.body = watch_all_files,
		.arg = &files,
	};
	int i, of_nobody, of_root;

	for (i = 0; i < (int)ARRAY_SIZE(files.fds); i++)
		files.fds[i] = must_open(heap_open());
	of_nobody = settler_run(&settler);
	for (i = 0; i < (int)ARRAY_SIZE(files.fds); i++)
		must_pass(watching_end(files.fds[i]));
	settler.owner = 0;
	settler.map = SETTLER_MAP_ROOT;
	of_root = settler_run(&settler);
	for (i = 0; i < (int)ARRAY_SIZE(files.fds); i++)
		close(files.fds[i]);
	if (of_nobody == -EOPNOTSUPP || of_root == -EOPNOTSUPP)
		heap_skip("users can't make namespaces");
	EXPECT_EQ(DMABUF_HEAP_MAX_WATCHERS - 1, of_nobody);
	EXPECT_EQ(DMABUF_HEAP_MAX_WATCHERS, of_root);
}

/* A thread that may be the first to call WATCH. */
struct first {
	pthread_t thread;
	pthread_barrier_t *start;
	int fd;
	__u64 id;
	int rc;
};

static void *watch_first(void *arg)
{
	struct first *first = arg;

	pthread_barrier_wait(first->start);
	first->rc = watching_set(first->fd, WATCHING(ATTACH), first->id);
	return NULL;
}

/* Of two that are, one is: the file watches once. */
TEST_F(watch, two_are_first)
{
	struct first first[2];
	pthread_barrier_t start;
	int round, i, fd;

	ASSERT_EQ(0, pthread_barrier_init(&start, NULL, 2));
	for (round = 0; round < 100; round++) {
		fd = must_open(heap_open());
		for (i = 0; i < 2; i++) {
			first[i] = (struct first){ .start = &start, .fd = fd, .id = self->id };
			ASSERT_EQ(0, pthread_create(&first[i].thread, NULL, watch_first,
						    &first[i]));
		}
		for (i = 0; i < 2; i++) {
			pthread_join(first[i].thread, NULL);
			EXPECT_EQ(0, first[i].rc);
		}
		must_pass(happen(self->heap.fd, self->buffer));
		ASSERT_EQ(1, watching_read(fd, self->events, ROOM));
		close(fd);
	}
	pthread_barrier_destroy(&start);
}

/* Everything at once, on one open file. */
struct crowd {
	int heap;
	int buffer;
	int watcher;
	__u64 id;
	atomic_bool stop;
	atomic_int broken;	/* what can't be */
	atomic_int times[4];
};

static void *crowd_watch(void *arg)
{
	struct crowd *crowd = arg;
	int rc;

	while (!crowd->stop) {
		rc = watching_set(crowd->watcher, WATCHING_ALL, crowd->id) ?:
		     watching_set(crowd->watcher, WATCHING(ATTACH), 0);
		if (!rc && crowd->times[0] & 1)
			rc = watching_end(crowd->watcher);
		if (rc)
			crowd->broken = rc;
		crowd->times[0]++;
	}
	return NULL;
}

static void *crowd_read(void *arg)
{
	struct dmabuf_heap_event events[8];
	struct crowd *crowd = arg;
	int rc;

	while (!crowd->stop) {
		rc = watching_read(crowd->watcher, events, 8);
		if (rc < 0 && rc != -EAGAIN && rc != -EINVAL)
			crowd->broken = rc;
		if (rc > 0)
			crowd->times[1]++;
		polled(crowd->watcher);
	}
	return NULL;
}

static void *crowd_happen(void *arg)
{
	struct crowd *crowd = arg;
	int rc;

	while (!crowd->stop) {
		rc = happen(crowd->heap, crowd->buffer);
		if (rc)
			crowd->broken = rc;
		crowd->times[2]++;
	}
	return NULL;
}

/* Other files come and go, with unread events. */
static void *crowd_open(void *arg)
{
	struct crowd *crowd = arg;
	int fd;

	while (!crowd->stop) {
		fd = watching_open(WATCHING_ALL, 0);
		if (fd < 0)
			crowd->broken = fd;
		sched_yield();
		close(fd);
		crowd->times[3]++;
	}
	return NULL;
}

TEST_F(watch, crowd)
{
	void *(*const roles[])(void *) = {
		crowd_watch, crowd_read, crowd_happen, crowd_open, crowd_read, crowd_watch,
	};
	struct crowd crowd = {
		.heap = self->heap.fd,
		.buffer = self->buffer,
		.watcher = self->watcher,
		.id = self->id,
	};
	pthread_t threads[ARRAY_SIZE(roles)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(roles); i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, roles[i], &crowd));
	/* However long that takes: the machine may have other things to do. */
	for (i = 0; i < ARRAY_SIZE(crowd.times); i++)
		while (crowd.times[i] < 20 && !crowd.broken)
			usleep(1000);
	crowd.stop = true;
	for (i = 0; i < ARRAY_SIZE(roles); i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, atomic_load(&crowd.broken));
}

TEST_HARNESS_MAIN
