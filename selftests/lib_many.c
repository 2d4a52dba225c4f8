// SPDX-License-Identifier: GPL-2.0
/*
 * The library's walk over very many buffers and their attachments: each is told of
 * once and right, and the kernel is asked but a few times.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>

#include "kselftest_harness.h"
#include <dmabuf-heap.h>
#include "heap.h"
#include "load.h"

#define BUFFERS		10000L
#define CALLS_MOST	100	/* for all of them and their attachments */
#define LEAST		3	/* attachments of some buffers; others have fewer */

static int calls;

/* In place of the C library's, for the library too. */
int ioctl(int fd, unsigned long request, ...)
{
	static int (*real)(int fd, unsigned long request, ...);
	va_list arguments;
	void *argument;

	if (!real)
		real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	calls++;
	return real(fd, request, argument);
}

FIXTURE(lib_many) {
	struct heap_state state;
	struct dmabuf_heap *heap;
	long count;
	int *fds;
	__u64 *ids;
};

FIXTURE_SETUP(lib_many)
{
	heap_setup(&self->state);
	self->count = load_count(BUFFERS);
	if (load_fds(self->count))
		heap_skip("not allowed to have %ld fds", self->count);
	self->fds = calloc(self->count, sizeof(*self->fds));
	self->ids = calloc(self->count, sizeof(*self->ids));
	ASSERT_TRUE(self->fds && self->ids);
	must_pass(dmabuf_heap_open(NULL, &self->heap));
}

FIXTURE_TEARDOWN(lib_many)
{
	free(self->fds);
	free(self->ids);
	dmabuf_heap_close(self->heap);
	heap_teardown(&self->state);
}

static size_t attachments_wanted(long buffer)
{
	return buffer % (LEAST + 1);
}

/* Of its own for each, and above any memory: nothing is refused. */
static __u64 limit_of(long buffer, size_t attachment)
{
	return (1ULL << 62) + buffer * (LEAST + 1) + attachment;
}

/* 0, or what a call said. */
static int create_all(int heap, int *fds, __u64 *ids, long count)
{
	size_t i;
	int error = 0;
	long buffer;

	for (buffer = 0; buffer < count && !error; buffer++) {
		fds[buffer] = heap_create_id(heap, HEAP_PAGE, &ids[buffer]);
		error = fds[buffer] < 0 ? fds[buffer] : 0;
		for (i = 0; i < attachments_wanted(buffer) && !error; i++)
			error = heap_require_limit(heap, fds[buffer], DMABUF_HEAP_LIMIT_MAX_ADDR,
						   limit_of(buffer, i), NULL, NULL);
	}
	return error;
}

TEST_F_TIMEOUT(lib_many, few_calls, 180)
{
	struct dmabuf_heap_attachment_list *list;
	const struct dmabuf_heap_attachment_info *attachment;
	const struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_iterator *walk;
	long buffer = 0;
	uint64_t value;
	size_t i;

	ASSERT_EQ(0, create_all(self->state.fd, self->fds, self->ids, self->count));
	calls = 0;
	must_pass(dmabuf_heap_iterator_create(self->heap, &walk));
	/* Before the first step there is no buffer. */
	must_pass(dmabuf_heap_iterator_get_attachments(walk, &list));
	EXPECT_EQ(0, dmabuf_heap_attachment_list_count(list));
	dmabuf_heap_attachment_list_free(list);
	for (;;) {
		must_pass(dmabuf_heap_iterator_next(walk, &info));
		if (!info)
			break;
		if (info->id < self->ids[0])
			continue;
		ASSERT_GT(self->count, buffer);
		ASSERT_EQ(self->ids[buffer], info->id);
		must_pass(dmabuf_heap_iterator_get_attachments(walk, &list));
		ASSERT_EQ(attachments_wanted(buffer), dmabuf_heap_attachment_list_count(list));
		for (i = 0; i < attachments_wanted(buffer); i++) {
			attachment = dmabuf_heap_attachment_list_get(list, i);
			ASSERT_TRUE(dmabuf_heap_limits_info_get(attachment->limits,
								DBHEAP_LIMIT_MAX_ADDR, &value,
								NULL));
			EXPECT_EQ(limit_of(buffer, i), value);
		}
		dmabuf_heap_attachment_list_free(list);
		/* The same once more. */
		must_pass(dmabuf_heap_iterator_get_attachments(walk, &list));
		EXPECT_EQ(attachments_wanted(buffer), dmabuf_heap_attachment_list_count(list));
		dmabuf_heap_attachment_list_free(list);
		buffer++;
	}
	EXPECT_EQ(self->count, buffer);
	printf("# %ld buffers: %d calls\n", buffer, calls);
	fflush(stdout);
	EXPECT_LT(0, calls);
	EXPECT_GE(CALLS_MOST, calls);
	dmabuf_heap_iterator_free(walk);
	for (buffer = 0; buffer < self->count; buffer++)
		close(self->fds[buffer]);
}

TEST_HARNESS_MAIN
