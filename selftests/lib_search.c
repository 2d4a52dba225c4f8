// SPDX-License-Identifier: GPL-2.0
/*
 * What the library leaves out of a plan, against a kernel that is made up here:
 * one of chance conflicts, which real limits seldom have. The answer must be the
 * one that trying all sets gives. Needs no device and no module.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include <dmabuf-heap.h>
#include <linux/dmabuf-heap.h>

#define FD_MOST		64
#define ENTRY_MOST	64
#define CONFLICT_MOST	16

/* The made-up kernel. Sets of entries are bit masks. */
static struct {
	uint64_t conflicts[CONFLICT_MOST];	/* can't be served together */
	unsigned int conflict_count;
	uint64_t attached[FD_MOST];	/* by a buffer's fd */
	unsigned int buffers;		/* ever made */
	int calls_left;			/* before one fails; -1 for all */
} kernel;

static bool call_fails(void)
{
	return !kernel.calls_left || (kernel.calls_left > 0 && !kernel.calls_left--);
}

/* In place of the C library's, for the library too; by no call that gcc makes calloc() of. */
void *calloc(size_t count, size_t size)
{
	void *new = call_fails() ? NULL : reallocarray(NULL, count, size);

	return new ? memset(new, 0, count * size) : NULL;
}

static bool kernel_serves(uint64_t set)
{
	unsigned int i;

	for (i = 0; i < kernel.conflict_count; i++)
		if (!(kernel.conflicts[i] & ~set))
			return false;
	return true;
}

static int kernel_create(struct dmabuf_heap_create *create)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || fd >= FD_MOST)
		return -EMFILE;
	kernel.attached[fd] = 0;
	kernel.buffers++;
	create->out_fd = fd;
	create->out_id = kernel.buffers;
	create->out_length = create->length;
	return 0;
}

/* An entry is known by its label; its attachment's id is its number and one. */
static int kernel_attach(struct dmabuf_heap_attach *attach)
{
	struct dmabuf_heap_answer *answer = (void *)(uintptr_t)attach->answer;
	unsigned int entry = atoi(attach->label);
	uint64_t set = kernel.attached[attach->fd] | 1ULL << entry;

	if (!kernel_serves(set)) {
		if (answer)
			answer->report.error = EOPNOTSUPP;
		return -EOPNOTSUPP;
	}
	attach->out_id = entry + 1;
	if (!(attach->flags & DMABUF_HEAP_ATTACH_TEST))
		kernel.attached[attach->fd] = set;
	return 0;
}

static int kernel_query(struct dmabuf_heap_query *query)
{
	struct dmabuf_heap_buffer_record *record = (void *)(uintptr_t)query->records;

	record->attachments = __builtin_popcountll(kernel.attached[query->fd]);
	query->out_count = 1;
	return 0;
}

static int kernel_call(unsigned long call, void *arg)
{
	if (call != DMABUF_HEAP_IOC_INFO && call_fails())
		return -ENOMEM;
	switch (call) {
	case DMABUF_HEAP_IOC_INFO:
		((struct dmabuf_heap_info *)arg)->out_max_length = -1ULL;
		return 0;
	case DMABUF_HEAP_IOC_CREATE:
		return kernel_create(arg);
	case DMABUF_HEAP_IOC_ATTACH:
		return kernel_attach(arg);
	case DMABUF_HEAP_IOC_QUERY:
		return kernel_query(arg);
	case DMABUF_HEAP_IOC_QUERY_ATTACHMENTS:
		return 0;
	default:
		return -ENOTTY;
	}
}

int ioctl(int fd, unsigned long call, ...)
{
	va_list args;
	int error;

	(void)fd;
	va_start(args, call);
	error = kernel_call(call, va_arg(args, void *));
	va_end(args);
	if (!error)
		return 0;
	errno = -error;
	return -1;
}

FIXTURE(search) {
	struct dmabuf_heap *heap;
	struct dmabuf_heap_plan_result *result;
};

FIXTURE_SETUP(search)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.calls_left = -1;
	self->result = NULL;
	ASSERT_EQ(0, dmabuf_heap_open("/dev/null", &self->heap));
}

FIXTURE_TEARDOWN(search)
{
	dmabuf_heap_plan_result_free(self->result);
	dmabuf_heap_close(self->heap);
}

static int plan_make(struct dmabuf_heap *heap, unsigned int entries,
		     struct dmabuf_heap_plan **plan)
{
	struct dmabuf_heap_requirement *requirement;
	char label[8];
	unsigned int i;
	int error;

	error = dmabuf_heap_plan_create(heap, 1, plan);
	for (i = 0; !error && i < entries; i++) {
		snprintf(label, sizeof(label), "%u", i);
		error = dmabuf_heap_requirement_create(label, &requirement);
		if (error)
			break;
		error = dmabuf_heap_plan_add(*plan, DBHEAP_NO_DEVICE, DBHEAP_READ,
					     requirement);
		dmabuf_heap_requirement_free(requirement);
	}
	return error;
}

static int search(struct dmabuf_heap *heap, unsigned int entries,
		  struct dmabuf_heap_plan_result **result)
{
	struct dmabuf_heap_plan *plan = NULL;
	int error;

	*result = NULL;
	error = plan_make(heap, entries, &plan);
	if (!error)
		error = dmabuf_heap_plan_solve(plan, result);
	dmabuf_heap_plan_free(plan);
	return error;
}

static uint64_t way_set(const struct dmabuf_heap_plan_result *result, size_t index)
{
	const struct dmabuf_heap_plan_way *way;
	uint64_t set = 0;
	size_t i;

	way = dmabuf_heap_plan_result_get_way(result, index);
	for (i = 0; way && i < way->count; i++)
		set |= 1ULL << way->entries[i];
	return set;
}

static void kernel_conflict(uint64_t set)
{
	kernel.conflicts[kernel.conflict_count++] = set;
}

/* The fewest entries to leave out of the first @entries, by trying all sets. */
static unsigned int fewest(unsigned int entries)
{
	uint64_t all = (1ULL << entries) - 1, out;
	unsigned int least = entries;

	for (out = 0; out <= all; out++)
		if (kernel_serves(all & ~out) &&
		    (unsigned int)__builtin_popcountll(out) < least)
			least = __builtin_popcountll(out);
	return least;
}

/* Whether @result has each single entry that would do, in order, and no other. */
static bool singles_are_right(const struct dmabuf_heap_plan_result *result,
			      unsigned int entries)
{
	uint64_t all = (1ULL << entries) - 1;
	size_t way = 0;
	unsigned int i;

	for (i = 0; i < entries; i++)
		if (kernel_serves(all & ~(1ULL << i)) &&
		    way_set(result, way++) != 1ULL << i)
			return false;
	return way == result->way_count;
}

/* Whether the one way of @result is of @least entries, and is one. */
static bool several_are_right(const struct dmabuf_heap_plan_result *result,
			      unsigned int entries, unsigned int least)
{
	uint64_t all = (1ULL << entries) - 1, out = way_set(result, 0);

	return result->way_count == 1 &&
	       (unsigned int)__builtin_popcountll(out) == least &&
	       kernel_serves(all & ~out) &&
	       dmabuf_heap_plan_result_get_way(result, 0)->info->attachments == entries - least;
}

TEST_F(search, served)
{
	kernel_conflict(1 << 3);
	ASSERT_EQ(0, search(self->heap, 3, &self->result));
	EXPECT_EQ(NULL, self->result->conflict);
	/* One for each entry, and one for all. */
	EXPECT_EQ(4, kernel.buffers);
}

/* An older module, which neither moves memory nor knows any limit. */
TEST_F(search, too_old)
{
	struct dmabuf_heap_requirement *requirement;
	struct dmabuf_heap_reply *reply = (void *)1;
	struct dmabuf_heap_buffer *buffer;

	ASSERT_EQ(-E2BIG, dmabuf_heap_buffer_create(self->heap, 1, DBHEAP_CREATE_MOVABLE,
						    "", &buffer));
	ASSERT_EQ(0, dmabuf_heap_buffer_create(self->heap, 1, 0, "", &buffer));
	ASSERT_EQ(0, dmabuf_heap_requirement_create("0", &requirement));
	ASSERT_EQ(0, dmabuf_heap_requirement_set(requirement, DBHEAP_LIMIT_NODE, 0));
	EXPECT_EQ(-E2BIG, dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE, DBHEAP_READ,
						    requirement, 0, NULL, &reply));
	EXPECT_EQ(NULL, reply);
	EXPECT_EQ(0, kernel.attached[dmabuf_heap_buffer_get_fd(buffer)]);
	dmabuf_heap_requirement_free(requirement);
	dmabuf_heap_buffer_close(buffer);
}

TEST_F(search, alternatives)
{
	kernel_conflict(1 << 1 | 1 << 3 | 1 << 4);
	kernel_conflict(1 << 0 | 1 << 3 | 1 << 4);
	ASSERT_EQ(0, search(self->heap, 6, &self->result));
	EXPECT_EQ(4, self->result->refused);
	EXPECT_TRUE(self->result->is_least);
	ASSERT_EQ(2, self->result->way_count);
	EXPECT_EQ(1 << 3, way_set(self->result, 0));
	EXPECT_EQ(1 << 4, way_set(self->result, 1));
}

/* Two at once, though the order of refusals alone would take three. */
TEST_F(search, smallest)
{
	kernel_conflict(1 << 0 | 1 << 2);
	kernel_conflict(1 << 0 | 1 << 3);
	kernel_conflict(1 << 1 | 1 << 4);
	ASSERT_EQ(0, search(self->heap, 5, &self->result));
	EXPECT_TRUE(self->result->is_least);
	ASSERT_EQ(1, self->result->way_count);
	EXPECT_EQ(1 << 0 | 1 << 1, way_set(self->result, 0));
}

/* Conflicts by chance, among as many entries as can be tried out. */
TEST_F_TIMEOUT(search, chance, 300)
{
	const unsigned int entries = 10;
	unsigned int round, i, least, several = 0;
	bool is_right;

	srand(20);
	for (round = 0; round < 300; round++) {
		kernel.conflict_count = 0;
		for (i = rand() % 6; i; i--)
			kernel_conflict(1 << rand() % entries | 1 << rand() % entries |
					(rand() % 2) << rand() % entries);
		ASSERT_EQ(0, search(self->heap, entries, &self->result));
		least = fewest(entries);
		if (!least)
			is_right = !self->result->conflict && !self->result->way_count;
		else if (least == 1)
			is_right = singles_are_right(self->result, entries);
		else
			is_right = several_are_right(self->result, entries, least);
		several += least > 1;
		EXPECT_TRUE(is_right);
		EXPECT_TRUE(!least || self->result->is_least);
		dmabuf_heap_plan_result_free(self->result);
		self->result = NULL;
	}
	EXPECT_LT(30, several);
}

/* Too many pairs to try: the search ends, with a set that does but may be large. */
TEST_F(search, bound)
{
	const unsigned int pairs = 16, entries = 2 * pairs;
	uint64_t all = (1ULL << entries) - 1, out;
	unsigned int i;

	for (i = 0; i < pairs; i++)
		kernel_conflict(1ULL << i | 1ULL << (pairs + i));
	ASSERT_EQ(0, search(self->heap, entries, &self->result));
	EXPECT_FALSE(self->result->is_least);
	ASSERT_EQ(1, self->result->way_count);
	out = way_set(self->result, 0);
	EXPECT_TRUE(kernel_serves(all & ~out));
	/* None of these could be kept. */
	for (i = 0; i < entries; i++)
		if (out >> i & 1)
			EXPECT_FALSE(kernel_serves((all & ~out) | 1ULL << i));
	EXPECT_GT(2000, kernel.buffers);
}

static int fd_count(void)
{
	int fd, count = 0;

	for (fd = 0; fd < FD_MOST; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Each call and each allocation fails in turn. */
TEST_F(search, failures)
{
	int fds = fd_count(), succeed, error = -ENOMEM;

	kernel_conflict(1 << 0 | 1 << 2);
	kernel_conflict(1 << 1 | 1 << 3);
	for (succeed = 0; error && succeed < 1000; succeed++) {
		kernel.calls_left = succeed;
		error = search(self->heap, 4, &self->result);
		kernel.calls_left = -1;
		EXPECT_TRUE(!error || error == -ENOMEM);
		EXPECT_TRUE(!error || !self->result);
		EXPECT_EQ(fds, fd_count());
	}
	EXPECT_EQ(0, error);
	EXPECT_LT(100, succeed);
	EXPECT_EQ(1, self->result->way_count);
}

TEST_HARNESS_MAIN
