// SPDX-License-Identifier: GPL-2.0
/*
 * How events are collected and read by one reader: which, in which order, and what
 * becomes of those that nobody reads. Several at once are watch_readers.c's, and what
 * each event tells is watch_events.c's.
 */
#include "kselftest_harness.h"
#include <sys/epoll.h>

#include "arena.h"
#include "watch_fixture.h"

TEST_F(watch, not_watching)
{
	must_fail(EINVAL, watching_next(self->heap.fd, &self->event));
	EXPECT_EQ(POLLERR, polled(self->heap.fd));
	/* Which is no mistake to end. */
	must_pass(watching_end(self->heap.fd));
	must_fail(EINVAL, watching_next(self->heap.fd, &self->event));
}

TEST_F(watch, one)
{
	expect_nothing();
	EXPECT_EQ(0, polled(self->watcher));
	make_events(1);
	EXPECT_EQ(POLLIN, polled(self->watcher));
	EXPECT_EQ(1, read_events(ROOM));
	EXPECT_EQ(self->made, self->seen);
	EXPECT_EQ(0, polled(self->watcher));
	expect_nothing();
}

TEST_F(watch, no_room_to_read)
{
	char bytes[SIZE];

	make_events(1);
	EXPECT_EQ(-1, read(self->watcher, bytes, SIZE - 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, read(self->watcher, bytes, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(1, read_events(1));
}

/* Whole events only, and as many as there is room for. */
TEST_F(watch, several)
{
	make_events(5);
	EXPECT_EQ(2 * SIZE, read(self->watcher, self->events, 3 * SIZE - 1));
	EXPECT_EQ(1, self->events[0].attachment);
	EXPECT_EQ(2, self->events[1].attachment);
	EXPECT_EQ(0, self->events[2].attachment);
	self->seen = 2;
	EXPECT_EQ(3, read_events(ROOM));
}

/* A reader that knows less of the struct, or more. */
TEST_F(watch, event_size)
{
	struct dmabuf_heap_watch watch = {
		.size = sizeof(watch),
		.events = WATCHING(ATTACH),
		.event_size = 24,
		.id = self->id,
	};
	unsigned char *bytes = (unsigned char *)self->events;

	make_events(3);
	memset(bytes, 0xa5, 4 * SIZE);
	must_pass(heap_ioctl(self->watcher, DMABUF_HEAP_IOC_WATCH, &watch));
	ASSERT_EQ(48, read(self->watcher, bytes, 71));
	EXPECT_EQ(DMABUF_HEAP_EVENT_ATTACH, ((struct dmabuf_heap_event *)bytes)->type);
	EXPECT_EQ(DMABUF_HEAP_EVENT_ATTACH, ((struct dmabuf_heap_event *)(bytes + 24))->type);
	EXPECT_TRUE(arena_bytes_are(bytes + 48, SIZE, 0xa5));
	watch.event_size = SIZE + 40;
	must_pass(heap_ioctl(self->watcher, DMABUF_HEAP_IOC_WATCH, &watch));
	ASSERT_EQ(SIZE + 40, read(self->watcher, bytes, 2 * SIZE));
	EXPECT_EQ(3, ((struct dmabuf_heap_event *)bytes)->attachment);
	EXPECT_TRUE(arena_bytes_are(bytes + SIZE, 40, 0));
	EXPECT_TRUE(arena_bytes_are(bytes + SIZE + 40, SIZE, 0xa5));
}

/* Another watch: what was collected before it stays. */
TEST_F(watch, changed)
{
	make_events(1);
	must_pass(watching_set(self->watcher, WATCHING(DETACH), self->id));
	must_pass(happen(self->heap.fd, self->buffer));
	must_pass(watching_next(self->watcher, &self->event));
	EXPECT_EQ(DMABUF_HEAP_EVENT_ATTACH, self->event.type);
	EXPECT_EQ(1, self->event.attachment);
	must_pass(watching_next(self->watcher, &self->event));
	EXPECT_EQ(DMABUF_HEAP_EVENT_DETACH, self->event.type);
	EXPECT_EQ(2, self->event.attachment);
	expect_nothing();
}

/* One that is refused changes nothing. */
TEST_F(watch, refused)
{
	make_events(1);
	must_fail(EINVAL, watching_set(self->watcher, WATCHING(MISSED), self->id));
	must_fail(EINVAL, watching_set(self->watcher, WATCHING_ALL << 1, self->id));
	make_events(1);
	EXPECT_EQ(2, read_events(ROOM));
}

TEST_F(watch, ended)
{
	make_events(1);
	must_pass(watching_end(self->watcher));
	EXPECT_EQ(POLLERR, polled(self->watcher));
	must_fail(EINVAL, watching_next(self->watcher, &self->event));
	make_events(1);
	must_pass(watching_set(self->watcher, WATCHING(ATTACH), self->id));
	expect_nothing();
	make_events(1);
	self->seen = 2;
	EXPECT_EQ(1, read_events(ROOM));
}

TEST_F(watch, id)
{
	int other = must_open(heap_create(self->heap.fd, HEAP_PAGE));
	int all = must_open(watching_open(WATCHING(ATTACH), 0));

	must_pass(happen(self->heap.fd, other));
	make_events(1);
	EXPECT_EQ(1, read_events(ROOM));
	EXPECT_EQ(2, watching_read(all, self->events, ROOM));
	EXPECT_EQ(heap_fdinfo_number(other, "ino"), self->events[0].id);
	EXPECT_EQ(self->id, self->events[1].id);
	EXPECT_LE(self->events[0].time_ns, self->events[1].time_ns);
	close(all);
	close(other);
}

/* The oldest are kept. What was lost is known to the last one, and where. */
TEST_F(watch, overflow)
{
	int kept;

	make_events(ROOM + 10);
	kept = read_events(ROOM) - 1;
	EXPECT_LE(KEPT_AT_LEAST, kept);
	EXPECT_EQ(DMABUF_HEAP_EVENT_MISSED, self->event.type);
	EXPECT_EQ(self->made - kept, self->event.count);
	EXPECT_EQ(0, self->event.id);
	EXPECT_EQ(0, self->event.pid);
	EXPECT_EQ(0, self->event.attachment);
	EXPECT_STREQ("", self->event.comm);
	EXPECT_LE(self->events[kept - 1].time_ns, self->event.time_ns);
	EXPECT_EQ(self->made, self->seen);
	make_events(3);
	EXPECT_EQ(3, read_events(ROOM));
}

/* As many as there is room for aren't too many. */
TEST_F(watch, just_full)
{
	int kept;

	make_events(ROOM);
	kept = read_events(ROOM) - 1;
	make_events(kept);
	EXPECT_EQ(kept, read_events(ROOM));
	EXPECT_EQ(DMABUF_HEAP_EVENT_ATTACH, self->event.type);
	make_events(kept + 1);
	EXPECT_EQ(kept + 1, read_events(ROOM));
	EXPECT_EQ(DMABUF_HEAP_EVENT_MISSED, self->event.type);
	EXPECT_EQ(1, self->event.count);
}

/* A reader that is too slow all the time: nothing is lost without being counted. */
TEST_F(watch, overflow_again_and_again)
{
	unsigned int random = 1, missed = 0;
	int i;

	make_events(ROOM);
	for (i = 0; i < 300; i++) {
		random = random * 1103515245 + 12345;
		make_events(random >> 16 & 7);
		read_events(1 + (random >> 20 & 3));
		missed += self->event.type == DMABUF_HEAP_EVENT_MISSED;
	}
	while (self->seen < self->made) {
		EXPECT_LT(0, read_events(7));
		missed += self->event.type == DMABUF_HEAP_EVENT_MISSED;
	}
	EXPECT_EQ(self->made, self->seen);
	EXPECT_LT(0, missed);
	expect_nothing();
}

/* What can't be copied isn't lost. */
TEST_F(watch, bad_pointer)
{
	struct dmabuf_heap_event *event;
	struct arena arena;

	must_pass(arena_init(&arena));
	make_events(2);
	must_fail(EFAULT, watching_read(self->watcher, NULL, 1));
	EXPECT_EQ(-1, read(self->watcher, arena.end - SIZE + 1, SIZE));
	EXPECT_EQ(EFAULT, errno);
	event = arena_take(&arena, SIZE);
	EXPECT_EQ(SIZE, read(self->watcher, event, 2 * SIZE));
	EXPECT_EQ(1, event->attachment);
	self->seen = 1;
	EXPECT_EQ(1, read_events(ROOM));
	arena_free(&arena);
}

TEST_F(watch, epoll)
{
	struct epoll_event want = { .events = EPOLLIN }, got;
	int epoll = must_open(epoll_create1(EPOLL_CLOEXEC));

	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->watcher, &want));
	EXPECT_EQ(0, epoll_wait(epoll, &got, 1, 0));
	make_events(1);
	ASSERT_EQ(1, epoll_wait(epoll, &got, 1, 10000));
	EXPECT_EQ(EPOLLIN, got.events);
	EXPECT_EQ(1, read_events(ROOM));
	EXPECT_EQ(0, epoll_wait(epoll, &got, 1, 0));
	must_pass(watching_end(self->watcher));
	ASSERT_EQ(1, epoll_wait(epoll, &got, 1, 10000));
	EXPECT_EQ(EPOLLERR, got.events);
	close(epoll);
}

TEST_HARNESS_MAIN
