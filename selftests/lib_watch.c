// SPDX-License-Identifier: GPL-2.0
/*
 * The library's watchers: what their events hold, in fields and in words, and what
 * becomes of those that nobody fetches.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "lib_fixture.h"

#define TEXT_SIZE	512
#define BIT(event)	(1ULL << DBHEAP_EVENT_##event)

/* The next event is of the type, of the buffer, and reads so. */
#define expect_event(event, what, want) do {					\
	char event_text[TEXT_SIZE];						\
										\
	must_pass(dmabuf_heap_watcher_next(watcher, &(event)));			\
	ASSERT_NE(NULL, event);							\
	ASSERT_EQ(DBHEAP_EVENT_##what, (event)->type);				\
	EXPECT_EQ(dmabuf_heap_buffer_get_id(buffer), (event)->id);		\
	EXPECT_STREQ("frame", (event)->name);					\
	EXPECT_EQ(getpid(), (event)->pid);					\
	EXPECT_STREQ("lib_watch", (event)->comm);				\
	EXPECT_EQ(strlen(want), dmabuf_heap_event_describe(event, event_text, TEXT_SIZE)); \
	EXPECT_STREQ(want, event_text);						\
} while (0)

static int polled(const struct dmabuf_heap_watcher *watcher)
{
	struct pollfd fd = {
		.fd = dmabuf_heap_watcher_get_fd(watcher),
		.events = POLLIN,
	};

	return poll(&fd, 1, 0) == 1 ? fd.revents : 0;
}

/* A buffer's life, but for what needs devices. */
TEST_F(lib, events)
{
	const struct dmabuf_heap_event_info *event;
	struct dmabuf_heap_watcher *watcher;
	struct dmabuf_heap_buffer *buffer;
	char want[TEXT_SIZE];
	uint64_t id, contiguous;

	must_pass(dmabuf_heap_watcher_create(self->heap, 0, 0, &watcher));
	EXPECT_EQ(0, polled(watcher));
	must_pass(dmabuf_heap_watcher_next(watcher, &event));
	EXPECT_EQ(NULL, event);

	must_pass(dmabuf_heap_buffer_create(self->heap, 1228800, DBHEAP_CREATE_MOVABLE,
					    "frame", &buffer));
	EXPECT_EQ(POLLIN, polled(watcher));
	snprintf(want, sizeof(want), "\"frame\" of 1.1 MiB, movable, by lib_watch (process %d)",
		 getpid());
	expect_event(event, CREATE, want);
	EXPECT_EQ(1228800, event->length);
	EXPECT_TRUE(event->movable);
	EXPECT_EQ(0, event->uid);
	EXPECT_EQ(NULL, event->conflict);

	must_pass(lib_require(buffer, "scanout", DBHEAP_LIMIT_CONTIGUOUS, 1, &contiguous, NULL));
	expect_event(event, ATTACH, "the requirement \"scanout\", declared, to read");
	EXPECT_EQ(contiguous, event->attachment_id);
	EXPECT_EQ(DBHEAP_ATTACHMENT_DECLARED | DBHEAP_ATTACHMENT_NO_DEVICE,
		  event->attachment_flags);
	EXPECT_EQ(DBHEAP_READ, event->access);
	EXPECT_STREQ("", event->device);
	EXPECT_FALSE(event->movable);

	must_pass(dmabuf_heap_buffer_commit(buffer));
	must_pass(dmabuf_heap_watcher_next(watcher, &event));
	ASSERT_NE(NULL, event);
	EXPECT_EQ(DBHEAP_EVENT_FIRST_MAP, event->type);
	EXPECT_EQ(DBHEAP_FIRST_COMMIT, event->first_map);
	EXPECT_EQ(1, event->runs);
	dmabuf_heap_event_describe(event, want, sizeof(want));
	EXPECT_EQ(&want[0], strstr(want, "lib_watch committed it: contiguous, below "));

	must_fail(EOPNOTSUPP, lib_require(buffer, "nowhere", DBHEAP_LIMIT_MAX_ADDR,
					  HEAP_NOWHERE, NULL, NULL));
	must_pass(dmabuf_heap_watcher_next(watcher, &event));
	ASSERT_NE(NULL, event);
	EXPECT_EQ(DBHEAP_EVENT_REFUSED, event->type);
	ASSERT_NE(NULL, event->conflict);
	EXPECT_EQ(EOPNOTSUPP, event->conflict->error);
	EXPECT_STREQ("nowhere", event->conflict->label);
	dmabuf_heap_event_describe(event, want, sizeof(want));
	EXPECT_EQ(&want[0], strstr(want, "the requirement \"nowhere\" needs memory below 4 KiB"));

	must_pass(dmabuf_heap_buffer_detach(buffer, contiguous));
	expect_event(event, DETACH, "the requirement \"scanout\", declared");
	must_pass(dmabuf_heap_buffer_seal(buffer));
	snprintf(want, sizeof(want), "by lib_watch (process %d)", getpid());
	expect_event(event, SEAL, want);
	EXPECT_TRUE(event->sealed);

	id = dmabuf_heap_buffer_get_id(buffer);
	dmabuf_heap_buffer_close(buffer);
	must_pass(dmabuf_heap_watcher_next(watcher, &event));
	ASSERT_NE(NULL, event);
	EXPECT_EQ(DBHEAP_EVENT_RELEASE, event->type);
	EXPECT_EQ(id, event->id);
	EXPECT_EQ(strlen("\"frame\" of 1.1 MiB"), dmabuf_heap_event_describe(event, NULL, 0));
	must_pass(dmabuf_heap_watcher_next(watcher, &event));
	EXPECT_EQ(NULL, event);
	EXPECT_EQ(0, polled(watcher));
	dmabuf_heap_watcher_free(watcher);
}

TEST_F(lib, event_of_cpu)
{
	const struct dmabuf_heap_event_info *event;
	struct dmabuf_heap_watcher *watcher;
	char text[TEXT_SIZE], want[TEXT_SIZE];
	uint64_t id = dmabuf_heap_buffer_get_id(self->buffer);
	char byte = 1;

	must_pass(dmabuf_heap_watcher_create(self->heap, BIT(CPU_MAP), id, &watcher));
	must_pass(dmabuf_heap_buffer_write(self->buffer, 0, &byte, 1));
	must_pass(dmabuf_heap_watcher_next(watcher, &event));
	ASSERT_NE(NULL, event);
	EXPECT_EQ(DBHEAP_EVENT_CPU_MAP, event->type);
	EXPECT_EQ(DBHEAP_FIRST_MMAP, event->first_map);
	snprintf(want, sizeof(want), "4 KiB through mmap, by lib_watch (process %d)", getpid());
	dmabuf_heap_event_describe(event, text, sizeof(text));
	EXPECT_STREQ(want, text);
	must_pass(dmabuf_heap_watcher_next(watcher, &event));
	EXPECT_EQ(NULL, event);
	dmabuf_heap_watcher_free(watcher);
}

/* What was fetched is in order, and the rest is a number. */
TEST_F(lib, events_missed)
{
	const int made = 3000;
	const struct dmabuf_heap_event_info *event;
	struct dmabuf_heap_watcher *watcher;
	uint64_t id, seen = 0, missed = 0;
	char text[TEXT_SIZE], want[TEXT_SIZE];
	int i;

	must_pass(dmabuf_heap_watcher_create(self->heap, BIT(ATTACH), 0, &watcher));
	for (i = 0; i < made; i++) {
		must_pass(lib_require(self->buffer, NULL, DBHEAP_LIMIT_CONTIGUOUS, 0, &id, NULL));
		must_pass(dmabuf_heap_buffer_detach(self->buffer, id));
	}
	for (;;) {
		must_pass(dmabuf_heap_watcher_next(watcher, &event));
		if (!event)
			break;
		if (event->type == DBHEAP_EVENT_ATTACH) {
			EXPECT_EQ(++seen, event->attachment_id);
			continue;
		}
		ASSERT_EQ(DBHEAP_EVENT_MISSED, event->type);
		ASSERT_EQ(0, missed);
		missed = event->count;
		snprintf(want, sizeof(want), "%d events were missed", (int)missed);
		dmabuf_heap_event_describe(event, text, sizeof(text));
		EXPECT_STREQ(want, text);
	}
	EXPECT_EQ(made, (int)(seen + missed));
	EXPECT_LE(1000, (int)seen);
	dmabuf_heap_watcher_free(watcher);
}

TEST_F(lib, watcher_refused)
{
	struct dmabuf_heap_watcher *watcher = (struct dmabuf_heap_watcher *)1;
	struct dmabuf_heap_watcher *watchers[64];
	char text[TEXT_SIZE];
	int i;

	must_fail(EINVAL, dmabuf_heap_watcher_create(self->heap, BIT(MISSED), 0, &watcher));
	must_fail(EINVAL, dmabuf_heap_watcher_create(self->heap, BIT(COUNT), 0, &watcher));
	for (i = 0; i < 64; i++)
		must_pass(dmabuf_heap_watcher_create(self->heap, 0, 0, &watchers[i]));
	must_fail(ENOSPC, dmabuf_heap_watcher_create(self->heap, 0, 0, &watcher));
	EXPECT_EQ((struct dmabuf_heap_watcher *)1, watcher);
	for (i = 0; i < 64; i++)
		dmabuf_heap_watcher_free(watchers[i]);
	dmabuf_heap_watcher_free(NULL);
	dmabuf_heap_error_explain(DBHEAP_CALL_WATCH, ENOSPC, text, sizeof(text));
	EXPECT_STREQ("this user is watching too often already", text);
}

/* It stands on its own. */
TEST_F(lib, watcher_outlives_heap)
{
	const struct dmabuf_heap_event_info *event;
	struct dmabuf_heap_watcher *watcher;
	struct dmabuf_heap *other;

	must_pass(dmabuf_heap_open("/dev/dmabuf-heap", &other));
	must_pass(dmabuf_heap_watcher_create(other, BIT(SEAL), 0, &watcher));
	dmabuf_heap_close(other);
	must_pass(dmabuf_heap_buffer_seal(self->buffer));
	must_pass(dmabuf_heap_watcher_next(watcher, &event));
	ASSERT_NE(NULL, event);
	EXPECT_EQ(DBHEAP_EVENT_SEAL, event->type);
	dmabuf_heap_watcher_free(watcher);
}

TEST_HARNESS_MAIN
