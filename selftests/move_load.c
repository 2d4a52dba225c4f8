// SPDX-License-Identifier: GPL-2.0
/*
 * Moves while others write: threads count in every page of a buffer without a pause,
 * others map, touch, fork and unmap, and the buffer is moved as often as there are
 * ways to ask for it. No count may be lost. Lengths are in bytes.
 */
#include "kselftest_harness.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "heap.h"
#include "load.h"

#define LENGTH		(6 * HEAP_MIB + 5 * HEAP_PAGE)
#define PAGES		(LENGTH / HEAP_PAGE)
#define WRITERS		3
#define SECONDS		5
#define BELOW(bytes)	{ DMABUF_HEAP_LIMIT_MAX_ADDR, (bytes) - 1 }

/* Each asks for other memory than most of those before it. */
static const struct {
	enum dmabuf_heap_limit_type type;
	__u64 value;
} steps[] = {
	BELOW(4 * HEAP_GIB),
	{ DMABUF_HEAP_LIMIT_CONTIGUOUS, 1 },
	{ DMABUF_HEAP_LIMIT_ALIGNMENT, 32 * HEAP_MIB },
	BELOW(HEAP_GIB),
	BELOW(HEAP_GIB / 2),
};

struct writer {
	__u64 *memory;	/* one word of each page is this writer's */
	int number;
	__u64 count[PAGES];
	atomic_int *stop;
};

static void *writer_run(void *arg)
{
	struct writer *writer = arg;
	const int words = HEAP_PAGE / sizeof(__u64);
	int page = writer->number;

	while (!*writer->stop) {
		__atomic_store_n(&writer->memory[page * words + writer->number],
				 ++writer->count[page], __ATOMIC_RELAXED);
		page = (page + 7) % PAGES;
	}
	return NULL;
}

struct visitor {
	int buffer;
	int bad;
	atomic_int *stop;
};

/* Comes and goes: maps, touches, has a child that touches, and unmaps. */
static void *visitor_run(void *arg)
{
	struct visitor *visitor = arg;
	char *memory;
	unsigned int i;
	int status;
	pid_t child;

	while (!*visitor->stop && !visitor->bad) {
		memory = heap_mmap(visitor->buffer, LENGTH);
		if (!memory) {
			visitor->bad = 1;
			break;
		}
		for (i = 0; i < LENGTH; i += 64 * HEAP_PAGE)
			__atomic_load_n(&memory[i + HEAP_PAGE - 1], __ATOMIC_RELAXED);
		child = fork();
		if (!child) {
			for (i = 0; i < LENGTH; i += 16 * HEAP_PAGE)
				__atomic_load_n(&memory[i + HEAP_PAGE - 1], __ATOMIC_RELAXED);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status)
			visitor->bad = 2;
		munmap(memory, LENGTH);
	}
	return NULL;
}

FIXTURE(move_load) {
	struct heap_state heap;
	atomic_int stop;
	struct writer writers[WRITERS];
	struct visitor visitor;
	pthread_t threads[WRITERS + 1];
};

FIXTURE_SETUP(move_load)
{
	heap_setup(&self->heap);
}

FIXTURE_TEARDOWN(move_load)
{
	heap_teardown(&self->heap);
}

/* Asks for one move after the other. How many there were, or -errno. */
static long moves_make(int heap, int buffer)
{
	struct dmabuf_heap_buffer_record record;
	unsigned int i;
	int rc = 0;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		rc = heap_require_limit(heap, buffer, steps[i].type, steps[i].value, NULL, NULL);
		if (rc && rc != -ENOMEM && rc != -EOPNOTSUPP)
			return rc;
	}
	rc = heap_query(heap, buffer, &record);
	return rc ? rc : (long)record.moves;
}

/* The first page of a writer whose word isn't what it counted to; -1 if there is none. */
static int writer_lost(const struct writer *writer)
{
	const int words = HEAP_PAGE / sizeof(__u64);
	unsigned int page;

	for (page = 0; page < PAGES; page++)
		if (writer->memory[page * words + writer->number] != writer->count[page])
			return page;
	return -1;
}

TEST_F_TIMEOUT(move_load, nothing_is_lost, 86400)
{
	__u64 end = heap_now() + load_time(SECONDS), touches = 0;
	long moves = 0, one, rounds = 0;
	unsigned int i, page;
	int buffer;

	do {
		buffer = must_open(heap_create_movable(self->heap.fd, LENGTH));
		memset(self->writers, 0, sizeof(self->writers));
		self->stop = 0;
		for (i = 0; i < WRITERS; i++) {
			self->writers[i].memory = heap_mmap(buffer, LENGTH);
			ASSERT_NE(NULL, self->writers[i].memory);
			self->writers[i].number = i;
			self->writers[i].stop = &self->stop;
			ASSERT_EQ(0, pthread_create(&self->threads[i], NULL, writer_run,
						    &self->writers[i]));
		}
		self->visitor = (struct visitor) { .buffer = buffer, .stop = &self->stop };
		ASSERT_EQ(0, pthread_create(&self->threads[WRITERS], NULL, visitor_run,
					    &self->visitor));
		one = moves_make(self->heap.fd, buffer);
		self->stop = 1;
		for (i = 0; i <= WRITERS; i++)
			ASSERT_EQ(0, pthread_join(self->threads[i], NULL));
		ASSERT_LE(0, one);
		ASSERT_EQ(0, self->visitor.bad);
		for (i = 0; i < WRITERS; i++) {
			ASSERT_EQ(-1, writer_lost(&self->writers[i])) TH_LOG("writer %u", i);
			for (page = 0; page < PAGES; page++)
				touches += self->writers[i].count[page];
			munmap(self->writers[i].memory, LENGTH);
		}
		close(buffer);
		moves += one;
		rounds++;
	} while (heap_now() < end);
	EXPECT_LT(0, moves);
	printf("# %ld rounds, %ld moves, %llu writes\n", rounds, moves, touches);
	fflush(stdout);
}

TEST_HARNESS_MAIN
