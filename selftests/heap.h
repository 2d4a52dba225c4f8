/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls of /dev/dmabuf-heap as the tests make them, straight to the driver
 * without the library, and what a test needs to see that it left nothing behind.
 *
 * Every function here that can fail returns 0 (or an fd, where it says so) or
 * -errno. A test says what must come of it with must_pass() and must_fail().
 * Lengths are in bytes. Include kselftest_harness.h before this header.
 */
#ifndef HEAP_H
#define HEAP_H

#include <errno.h>
#include <stdbool.h>
#include <linux/dmabuf-heap.h>

#define HEAP_PAGE	4096ULL
#define HEAP_KIB	1024ULL
#define HEAP_MIB	(1024 * HEAP_KIB)
#define HEAP_GIB	(1024 * HEAP_MIB)

/* The largest block of the page allocator. */
#define HEAP_BLOCK_MAX	(4 * HEAP_MIB)

/* A highest address that no memory of any machine lies below. */
#define HEAP_NOWHERE	(HEAP_PAGE - 1)

/*
 * How long a test may take depends on the machine and the kernel: the harness's
 * half a minute is for neither. The runner has a limit for each program.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 150

#define HEAP_ACCESS_BOTH (DMABUF_HEAP_ACCESS_READ | DMABUF_HEAP_ACCESS_WRITE)

/* What must come of any helper of heap.h and device.h; ends the test if not. */
#define must_pass(call)		ASSERT_EQ(0, (call))
#define must_fail(error, call)	ASSERT_EQ(-(error), (call))

/* For helpers that return an fd. */
#define must_open(call) \
	({ int must_fd = (call); ASSERT_LE(0, must_fd); must_fd; })

/*
 * Ends the test as skipped, from its body, its setup or a helper. Unlike
 * SKIP(return, ...) in a setup it also keeps 6.1's harness from running the body.
 */
#define heap_skip(...)	SKIP(longjmp(_metadata->env, 1), __VA_ARGS__)

/* The module's exact counters. */
struct heap_counters {
	__u64 buffers;
	__u64 backed;
	__u64 pages;
	__u64 scarce_pages;
	__u64 attachments;
	__u64 device_maps;
	__u64 allocations;	/* ever made, so it only grows */
};

/* Read from sysfs; all bits set where a file can't be read. */
struct heap_counters heap_counters_read(void);

/*
 * Waits until the counters are as @want, @allocations aside, for at most
 * twenty seconds: DRM drops imports from a worker. -ETIMEDOUT if they aren't.
 */
int heap_counters_wait(const struct heap_counters *want);

/* What every fixture starts with. */
struct heap_state {
	int fd;			/* of /dev/dmabuf-heap */
	int fds;		/* open fds before that */
	struct heap_counters before;
};

#define heap_setup(state) do {						\
	struct heap_state *setup = (state);				\
									\
	setup->fds = heap_fd_count();					\
	setup->before = heap_counters_read();				\
	setup->fd = heap_open();					\
	if (setup->fd == -ENOENT)					\
		heap_skip("no /dev/dmabuf-heap: load the module");	\
	ASSERT_LE(0, setup->fd);					\
} while (0)

/* Fails a test that passed so far but left an fd, a buffer or a record behind. */
#define heap_teardown(state) do {					\
	struct heap_state *teardown = (state);				\
									\
	close(teardown->fd);						\
	if (_metadata->passed && !_metadata->skip) {			\
		EXPECT_EQ(teardown->fds, heap_fd_count());		\
		EXPECT_EQ(0, heap_counters_wait(&teardown->before));	\
	}								\
} while (0)

/* An fd. */
int heap_open(void);

/* Any call with any struct. */
int heap_ioctl(int heap, unsigned int call, void *arg);

int heap_info(int heap, struct dmabuf_heap_info *info);

/* A buffer of the name "test" with a read-write, close-on-exec fd: an fd. */
int heap_create(int heap, __u64 length);

/* The same for memory that may move. */
int heap_create_movable(int heap, __u64 length);

/* As heap_create(), and @id is its id. */
int heap_create_id(int heap, __u64 length, __u64 *id);

/*
 * Declares @device, with access both ways. @id and @answer may be NULL. With
 * DMABUF_HEAP_NO_DEVICE for @device, a pure requirement; else @limits may be NULL.
 * So may @label.
 */
int heap_attach(int heap, int buffer, int device, __u64 *id,
		struct dmabuf_heap_answer *answer);
int heap_require(int heap, int buffer, int device,
		 const struct dmabuf_heap_limits *limits, const char *label,
		 __u64 *id, struct dmabuf_heap_answer *answer);

/* A pure requirement of one limit. */
int heap_require_limit(int heap, int buffer, enum dmabuf_heap_limit_type type,
		       __u64 value, __u64 *id, struct dmabuf_heap_answer *answer);

/* As heap_require(), but with DMABUF_HEAP_ATTACH_TEST. */
int heap_test(int heap, int buffer, int device,
	      const struct dmabuf_heap_limits *limits, const char *label,
	      struct dmabuf_heap_answer *answer);

int heap_detach(int heap, int buffer, __u64 id);
int heap_commit(int heap, int buffer);
int heap_seal(int heap, int buffer);

int heap_query(int heap, int buffer, struct dmabuf_heap_buffer_record *record);
int heap_query_id(int heap, __u64 id, struct dmabuf_heap_buffer_record *record);

/* The next up to @room buffers after *@cursor: how many; moves the cursor on. */
int heap_query_all(int heap, __u64 *cursor, bool *more,
		   struct dmabuf_heap_buffer_record *records, __u32 room);

/* How many attachments there are; up to @room of them are written. */
int heap_query_attachments(int heap, int buffer,
			   struct dmabuf_heap_attachment_record *records,
			   __u32 room);

/* Those of the buffers above @cursor, as many buffers' as fit whole: how many. */
int heap_query_attachments_all(int heap, __u64 cursor,
			       struct dmabuf_heap_attachment_record *records, __u32 room);

/* The attachment @id of @buffer. -ENOENT if it isn't there. */
int heap_query_attachment(int heap, int buffer, __u64 id,
			  struct dmabuf_heap_attachment_record *record);

/* Adds one limit to a requirement. */
void heap_limits_set(struct dmabuf_heap_limits *limits,
		     enum dmabuf_heap_limit_type type, __u64 value);

/* The value of one limit of @limits; -1ULL where there is no such limit. */
__u64 heap_limits_value(const struct dmabuf_heap_limits *limits,
			enum dmabuf_heap_limit_type type);

/* Maps the whole buffer for reading and writing. NULL with errno set. */
void *heap_mmap(int buffer, __u64 length);

/* DMA_BUF_IOCTL_SYNC. */
int heap_sync(int buffer, __u64 flags);

/* Open fds of this process. */
int heap_fd_count(void);

/* A number from the line "@key: number" of fdinfo; -1ULL if there is none. */
__u64 heap_fdinfo_number(int fd, const char *key);

/* The text of the line "@key: text" of fdinfo, or the empty string. */
void heap_fdinfo_text(int fd, const char *key, char *text, int room);

/* The one number in a file of /sys or /proc; -1ULL if there is none. */
__u64 heap_file_number(const char *path);

/* The number of line @key of a file like /proc/meminfo; -1ULL if there is none. */
__u64 heap_file_field(const char *path, const char *key);

/* Writes @text to a file of /sys or /proc. */
int heap_file_write(const char *path, const char *text);

/* Tells the runner to expect one splat in the kernel log that has @word in it. */
void heap_expect_splat(const char *word);

/* The same for what only a kernel with DMA_API_DEBUG says. */
void heap_expect_dma_splat(const char *word);

/* Whether this kernel looks for leaks itself (kmemleak), and is slow in all it does. */
bool heap_kernel_checks(void);

/* CLOCK_MONOTONIC in nanoseconds. */
__u64 heap_now(void);

/* Where memory begins: on some machines not at 0. -1ULL where nobody says. */
__u64 heap_memory_start(void);

/*
 * Runs @body in a child process and returns what it returned, -EPROTO if the
 * child was killed. @uid: user to become first, 0 to stay.
 */
int heap_child(unsigned int uid, int (*body)(void *arg), void *arg);

#define HEAP_NOBODY	65534U

#endif /* HEAP_H */
