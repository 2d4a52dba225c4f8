// SPDX-License-Identifier: GPL-2.0
/*
 * Bad input: every argument of every call wrong in turn. Each wrong call has one
 * error, changes nothing and leaves nothing behind, however often it is made.
 */
#include "kselftest_harness.h"
#include <fcntl.h>

#include "device.h"
#include "drm.h"
#include "subject.h"
#include "wrong.h"
#include "wrong_fd.h"
#include "wrong_pointer.h"

FIXTURE(negative) {
	struct heap_state heap;
	struct subject on;
	struct wrong_fds fds;
};

FIXTURE_SETUP(negative)
{
	heap_setup(&self->heap);
	must_pass(subject_init(&self->on, self->heap.fd));
	wrong_fds_open(&self->fds, &self->on);
}

FIXTURE_TEARDOWN(negative)
{
	wrong_fds_close(&self->fds);
	subject_free(&self->on);
	heap_teardown(&self->heap);
}

/* After every call looks whether all is as it was before the first. */
struct strict {
	struct wrong_witness witness;
	struct __test_metadata *_metadata;
	struct subject *on;
	struct subject_picture before;
	int calls;
};

static void strict_saw(struct wrong_witness *witness, const char *what, int want, int got)
{
	struct strict *strict = (struct strict *)witness;
	struct __test_metadata *_metadata = strict->_metadata;

	strict->calls++;
	EXPECT_EQ(want, got)
		TH_LOG("with %s", what);
	EXPECT_TRUE(subject_picture_is(strict->on, &strict->before))
		TH_LOG("something has changed with %s", what);
}

#define strict_begin(subject) ({					\
	struct strict begin = {						\
		.witness.saw = strict_saw,				\
		._metadata = _metadata,					\
		.on = subject,						\
	};								\
									\
	must_pass(subject_picture_take(subject, &begin.before));	\
	begin;								\
})

TEST_F(negative, numbers)
{
	struct strict strict = strict_begin(&self->on);

	wrong_numbers(&self->on, &strict.witness);
	EXPECT_LT(5, strict.calls);
}

TEST_F(negative, fields)
{
	struct strict strict = strict_begin(&self->on);

	wrong_fields(&self->on, &strict.witness);
	EXPECT_LT(60, strict.calls);
}

TEST_F(negative, texts)
{
	struct strict strict = strict_begin(&self->on);

	wrong_texts(&self->on, &strict.witness);
	EXPECT_LT(10, strict.calls);
}

TEST_F(negative, limits)
{
	struct strict strict = strict_begin(&self->on);

	wrong_limits(&self->on, &strict.witness);
	EXPECT_LT(30, strict.calls);
}

TEST_F(negative, buffers)
{
	struct strict strict = strict_begin(&self->on);

	wrong_fds_as_buffer(&self->fds, &self->on, &strict.witness);
	EXPECT_LT(100, strict.calls);
}

TEST_F(negative, devices)
{
	struct strict strict = strict_begin(&self->on);

	wrong_fds_as_device(&self->fds, &self->on, &strict.witness);
	EXPECT_LT(40, strict.calls);
}

TEST_F(negative, pointers_to_struct)
{
	struct strict strict = strict_begin(&self->on);

	wrong_pointers_to_struct(&self->on, &strict.witness);
	EXPECT_LT(50, strict.calls);
}

TEST_F(negative, pointers_in_struct)
{
	struct strict strict = strict_begin(&self->on);

	wrong_pointers_in_struct(&self->on, &strict.witness);
	EXPECT_LT(20, strict.calls);
}

/* A call that has no answer doesn't need to write. */
TEST_F(negative, constant_struct)
{
	struct dmabuf_heap_commit *commit = (void *)self->on.arena.start;
	union subject_arg arg;

	subject_fill(&self->on, DMABUF_HEAP_IOC_COMMIT, &arg);
	*commit = arg.commit;
	must_pass(arena_protect(&self->on.arena, PROT_READ));
	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_COMMIT, commit));
}

/* A refusal that can't be told is EFAULT, and leaves no record either. */
TEST_F(negative, refused_without_answer)
{
	int buffer = must_open(heap_create(self->heap.fd, HEAP_PAGE));
	struct dmabuf_heap_limits limits = {};
	struct dmabuf_heap_attach attach = {
		.size = sizeof(attach),
		.fd = buffer,
		.device_fd = DMABUF_HEAP_NO_DEVICE,
		.access = DMABUF_HEAP_ACCESS_READ,
		.limits = (uintptr_t)&limits,
		.limits_len = sizeof(limits),
		.answer = (uintptr_t)self->on.arena.end,
		.answer_len = sizeof(struct dmabuf_heap_answer),
	};

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, HEAP_NOWHERE);
	must_fail(EFAULT, heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_ATTACH, &attach));
	EXPECT_EQ(0, heap_query_attachments(self->heap.fd, buffer, NULL, 0));
	attach.answer = 0;
	attach.answer_len = 0;
	must_fail(EOPNOTSUPP, heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_ATTACH, &attach));
	EXPECT_EQ(0, heap_query_attachments(self->heap.fd, buffer, NULL, 0));
	close(buffer);
}

/* Counts what isn't as it should, and looks at nothing else. */
struct quick {
	struct wrong_witness witness;
	int calls;
	int wrong;
};

static void quick_saw(struct wrong_witness *witness, const char *what, int want, int got)
{
	struct quick *quick = (struct quick *)witness;

	(void)what;
	quick->calls++;
	quick->wrong += want != got;
}

static void everything_wrong(struct subject *on, const struct wrong_fds *fds,
			     struct wrong_witness *witness)
{
	wrong_numbers(on, witness);
	wrong_fields(on, witness);
	wrong_texts(on, witness);
	wrong_limits(on, witness);
	wrong_fds_as_buffer(fds, on, witness);
	wrong_fds_as_device(fds, on, witness);
	wrong_pointers_to_struct(on, witness);
	wrong_pointers_in_struct(on, witness);
}

/* Lines of the kernel's log that are ours, from the place that @log is at. */
static int log_ours(int log)
{
	char record[1024];
	ssize_t length;
	int count = 0;

	while ((length = read(log, record, sizeof(record) - 1)) > 0) {
		record[length] = 0;
		if (strstr(record, "dmabuf"))
			count++;
	}
	return count;
}

/* Nothing that a caller can do wrong makes the kernel log anything. */
TEST_F(negative, silent)
{
	struct quick quick = { .witness.saw = quick_saw };
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log < 0)
		heap_skip("no /dev/kmsg");
	ASSERT_EQ(0, lseek(log, 0, SEEK_END));
	everything_wrong(&self->on, &self->fds, &quick.witness);
	EXPECT_EQ(0, log_ours(log));
	close(log);
}

/* Bytes of memory that the kernel holds. */
struct usage {
	__s64 slab;
	__s64 unavailable;
};

static struct usage usage_read(void)
{
	const char *path = "/proc/meminfo";

	/* What is freed by RCU or by a worker takes its time. */
	usleep(500000);
	return (struct usage) {
		.slab = 1024 * heap_file_field(path, "Slab"),
		.unavailable = 1024 * (heap_file_field(path, "MemTotal") -
				       heap_file_field(path, "MemAvailable")),
	};
}

#define ROUNDS		30
#define TRIES		4
#define SLAB_BOUND	512	/* bytes for each round */
#define MEMORY_BOUND	4096

static struct usage repeat(struct subject *on, const struct wrong_fds *fds,
			   struct quick *quick, int rounds)
{
	struct usage before = usage_read(), after;
	int i;

	for (i = 0; i < rounds; i++)
		everything_wrong(on, fds, &quick->witness);
	after = usage_read();
	return (struct usage) {
		.slab = after.slab - before.slab,
		.unavailable = after.unavailable - before.unavailable,
	};
}

/*
 * No slope of kernel memory from N rounds of all wrong calls on to 10 N more. Any
 * one of the module's structs, leaked by one call of each round, would be more
 * than the bound of slab; pages are compared more coarsely, because all of the
 * system uses them. The system also does as it likes for a while: what leaks grows
 * every time, so one time without growth is enough.
 */
TEST_F_TIMEOUT(negative, no_slope, 120)
{
	struct quick quick = { .witness.saw = quick_saw };
	struct subject_picture picture;
	struct usage growth = {};
	/* kmemleak looks at it better, and slows all of this down. */
	bool slab = heap_kernel_checks(), memory = slab;
	int i;

	must_pass(subject_picture_take(&self->on, &picture));
	repeat(&self->on, &self->fds, &quick, ROUNDS);
	for (i = 0; i < TRIES && !(slab && memory); i++) {
		growth = repeat(&self->on, &self->fds, &quick, 10 * ROUNDS);
		slab |= growth.slab / (10 * ROUNDS) < SLAB_BOUND;
		memory |= growth.unavailable / (10 * ROUNDS) < MEMORY_BOUND;
	}
	TH_LOG("%d wrong calls; in %d rounds: slab %+lld, memory %+lld bytes",
	       quick.calls, 10 * ROUNDS, growth.slab, growth.unavailable);
	EXPECT_EQ(0, quick.wrong);
	EXPECT_TRUE(slab);
	EXPECT_TRUE(memory);
	EXPECT_TRUE(subject_picture_is(&self->on, &picture));
}

TEST_HARNESS_MAIN
