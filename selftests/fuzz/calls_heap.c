// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of /dev/dmabuf-heap: first as they should be, with a slot's fd or id
 * here and a table's value there; then, for some, one thing of them is broken. Lengths
 * are bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <linux/ioctl.h>

#include "calls.h"
#include "heap.h"

/* Larger than any struct of the calls. */
#define STRUCT_ROOM	512

static const char *const names[] = { "", "", "a", "scanout", "\xff\xfe" };
static const char *const bad_names[] = { "a\nb", "\x7f" };

static __u32 some_flags(struct worker *worker)
{
	return worker_once_in(worker, 32) ? worker_number(worker) : 0;
}

static void some_name(struct worker *worker, char *name)
{
	snprintf(name, DMABUF_HEAP_NAME_LEN, "%s",
		 worker_once_in(worker, 32) ? worker_one_of(worker, bad_names) :
					      worker_one_of(worker, names));
}

/* A size that isn't the struct's; what is beyond the struct is 0, or not. */
static size_t break_size(struct worker *worker, char *bytes, size_t size)
{
	const __u32 sizes[] = {
		0, 4, size - 1, size + 1, size + 8, STRUCT_ROOM, HEAP_PAGE, HEAP_PAGE + 1, ~0U,
	};
	__u32 other = worker_one_of(worker, sizes);

	memcpy(bytes, &other, sizeof(other));
	if (worker_once_in(worker, 3))
		bytes[size + worker_below(worker, 8)] = worker_below(worker, 256);
	return STRUCT_ROOM;
}

/* One thing wrong. Returns how many bytes there are now. */
static size_t break_struct(struct worker *worker, char *bytes, size_t size)
{
	__u32 at = worker_below(worker, size / 4) * 4;
	__u64 number;

	switch (worker_below(worker, 20)) {
	case 0:
		return break_size(worker, bytes, size);
	case 1:
		bytes[at] ^= 1 << worker_below(worker, 8);
		return size;
	case 2:
		number = worker_number(worker);
		memcpy(bytes + at, &number, sizeof(__u32));
		return size;
	case 3:
		number = worker_number(worker);
		memcpy(bytes + (at & ~7U), &number, sizeof(number));
		return size;
	default:
		return size;
	}
}

/*
 * Makes a call with a struct, which comes back where it was. @is_sure: what came
 * back is what the kernel wrote.
 */
static int make(struct worker *worker, unsigned int call, void *arg, size_t size, bool *is_sure)
{
	char bytes[STRUCT_ROOM] = {};
	size_t length;
	void *place;
	int heap, rc;

	*(__u32 *)arg = size;
	memcpy(bytes, arg, size);
	length = break_struct(worker, bytes, size);
	heap = worker_once_in(worker, 64) ? worker_fd(worker, SLOT_BUFFER) :
					    worker_fd(worker, SLOT_HEAP);
	place = worker_place(worker, length, is_sure);
	worker_copy(worker, place, bytes, length);
	worker_fail_begin(worker);
	rc = ioctl(heap, call, place) < 0 ? -errno : 0;
	worker_fail_end(worker);
	if (worker_copy(worker, arg, place, size))
		*is_sure = false;
	return rc;
}

/* Any slot will do: those that want this one read it without a lock. */
static void note(struct worker *worker, atomic_ullong *slots, __u64 id)
{
	slots[worker_below(worker, SLOTS)] = id;
}

static __u64 noted(struct worker *worker, const atomic_ullong *slots)
{
	__u32 slot = worker_below(worker, SLOTS);

	switch (worker_below(worker, 8)) {
	case 0:
		return worker_number(worker);
	case 1:
		return worker_below(worker, 16);
	default:
		return slots[slot];
	}
}

long call_info(struct worker *worker)
{
	struct dmabuf_heap_info info = {};
	bool is_sure;

	info.flags = some_flags(worker);
	return make(worker, DMABUF_HEAP_IOC_INFO, &info, sizeof(info), &is_sure);
}

/* Few are large, and those are for asking, since nobody has so much memory. */
static __u64 some_length(struct worker *worker)
{
	__u32 choice = worker_below(worker, 32);
	__u64 number = worker_number(worker);

	if (choice == 0)
		return number < 32 * HEAP_MIB || number > (1ULL << 40) ? number : HEAP_PAGE;
	if (choice == 1)
		return HEAP_MIB * (1 + number % 8);
	if (choice < 8)
		return HEAP_PAGE * (1 + number % 256);
	return HEAP_PAGE * (1 + number % 16);
}

long call_create(struct worker *worker)
{
	static const __u32 fd_flags[] = {
		O_RDWR | O_CLOEXEC, O_RDWR | O_CLOEXEC, O_RDWR | O_CLOEXEC, O_RDWR,
		O_RDONLY | O_CLOEXEC, O_RDONLY,
	};
	static const __u32 bad_flags[] = { O_WRONLY, O_RDWR | O_NONBLOCK, O_ACCMODE, ~0U };
	struct dmabuf_heap_create create = {};
	bool is_sure;
	int rc;

	create.length = some_length(worker);
	create.flags = worker_once_in(worker, 3) ? DMABUF_HEAP_CREATE_MOVABLE :
						   some_flags(worker);
	create.fd_flags = worker_once_in(worker, 32) ? worker_one_of(worker, bad_flags) :
						       worker_one_of(worker, fd_flags);
	some_name(worker, create.name);
	rc = make(worker, DMABUF_HEAP_IOC_CREATE, &create, sizeof(create), &is_sure);
	if (rc || !is_sure)
		return rc;
	worker_keep(worker, SLOT_BUFFER, create.out_fd);
	note(worker, worker->process->buffers, create.out_id);
	return 0;
}

static __u64 some_limit(struct worker *worker, enum dmabuf_heap_limit_type type)
{
	static const __u64 addresses[] = {
		~0ULL, 0xffffffffff, 0xffffffff, 0xffffffff, 0x7fffffff, 0xfffffff,
		0xffffff, 0xfff, 0, 0x123456789, 0x1ffffffff, 0x3fffffff,
	};
	__u32 shift = 12 + worker_below(worker, 24);

	if (worker_once_in(worker, 64))
		return worker_number(worker);
	switch (type) {
	case DMABUF_HEAP_LIMIT_MAX_ADDR:
		return worker_one_of(worker, addresses);
	case DMABUF_HEAP_LIMIT_CONTIGUOUS:
		return worker_below(worker, 2);
	case DMABUF_HEAP_LIMIT_MAX_SEGMENT:
		return HEAP_PAGE * (1 + worker_below(worker, 64));
	case DMABUF_HEAP_LIMIT_BOUNDARY:
		return (1ULL << shift) - 1;
	case DMABUF_HEAP_LIMIT_MAX_SEGMENTS:
		return 1 + worker_below(worker, 1U << worker_below(worker, 12));
	case DMABUF_HEAP_LIMIT_ALIGNMENT:
	case DMABUF_HEAP_LIMIT_CHUNK:
		return 1ULL << shift;
	case DMABUF_HEAP_LIMIT_NODE:
		return worker_below(worker, 2);
	default:
		return worker_number(worker);
	}
}

static void some_limits(struct worker *worker, struct dmabuf_heap_limits *limits)
{
	__u32 valid = 1 + worker_below(worker, 15), i;

	if (worker_once_in(worker, 3))
		valid |= worker_below(worker, 16) << 4;
	if (worker_once_in(worker, 32))
		valid = worker_number(worker);
	for (i = 0; i < DMABUF_HEAP_LIMIT_ROOM; i++)
		if (valid >> i & 1)
			heap_limits_set(limits, i, some_limit(worker, i));
	if (worker_once_in(worker, 32))
		limits->limit[worker_below(worker, DMABUF_HEAP_LIMIT_COUNT)].set_by = 1;
}

/* The first so many limits; not always a whole number of them. */
static void attach_limits(struct worker *worker, struct dmabuf_heap_attach *attach)
{
	static const __u32 lengths[] = {
		8, 7, 0, sizeof(struct dmabuf_heap_limits) + 16, HEAP_PAGE - 8, HEAP_PAGE + 8, ~0U,
	};
	struct dmabuf_heap_limits limits = {};
	void *place;

	some_limits(worker, &limits);
	attach->limits_len = sizeof(limits) - 16 * worker_below(worker, 13);
	if (worker_once_in(worker, 16))
		attach->limits_len = worker_one_of(worker, lengths);
	place = worker_place(worker, sizeof(limits), NULL);
	worker_copy(worker, place, &limits, sizeof(limits));
	attach->limits = (uintptr_t)place;
}

static void attach_answer(struct worker *worker, struct dmabuf_heap_attach *attach)
{
	static const __u32 lengths[] = { 1, 100, 0, sizeof(struct dmabuf_heap_answer) + 8, ~0U };

	attach->answer_len = sizeof(struct dmabuf_heap_answer);
	if (worker_once_in(worker, 8))
		attach->answer_len = worker_one_of(worker, lengths);
	attach->answer = (uintptr_t)worker_place(worker, sizeof(struct dmabuf_heap_answer), NULL);
}

static int attach_device(struct worker *worker)
{
	static const enum slot_kind devices[] = {
		SLOT_VIDEO, SLOT_VIDEO, SLOT_DRM, SLOT_DRM, SLOT_OTHER, SLOT_MAPPER, SLOT_BUFFER,
	};

	return worker_fd(worker, worker_one_of(worker, devices));
}

long call_attach(struct worker *worker)
{
	struct dmabuf_heap_attach attach = { .device_fd = DMABUF_HEAP_NO_DEVICE };
	bool is_sure, is_device = worker_below(worker, 2);
	int rc;

	attach.fd = worker_fd(worker, SLOT_BUFFER);
	attach.flags = worker_once_in(worker, 4) ? DMABUF_HEAP_ATTACH_TEST :
						   some_flags(worker);
	attach.access = worker_once_in(worker, 32) ? worker_number(worker) :
						     1 + worker_below(worker, 3);
	if (is_device)
		attach.device_fd = attach_device(worker);
	if (!is_device || worker_once_in(worker, 3))
		attach_limits(worker, &attach);
	if (worker_below(worker, 2))
		attach_answer(worker, &attach);
	some_name(worker, attach.label);
	rc = make(worker, DMABUF_HEAP_IOC_ATTACH, &attach, sizeof(attach), &is_sure);
	if (!rc && is_sure)
		note(worker, worker->process->ids, attach.out_id);
	return rc;
}

long call_detach(struct worker *worker)
{
	struct dmabuf_heap_detach detach = {};
	bool is_sure;

	detach.fd = worker_fd(worker, SLOT_BUFFER);
	detach.id = noted(worker, worker->process->ids);
	return make(worker, DMABUF_HEAP_IOC_DETACH, &detach, sizeof(detach), &is_sure);
}

long call_commit(struct worker *worker)
{
	struct dmabuf_heap_commit commit = {};
	bool is_sure;

	commit.fd = worker_fd(worker, SLOT_BUFFER);
	return make(worker, DMABUF_HEAP_IOC_COMMIT, &commit, sizeof(commit), &is_sure);
}

long call_seal(struct worker *worker)
{
	struct dmabuf_heap_seal seal = {};
	bool is_sure;

	seal.fd = worker_fd(worker, SLOT_BUFFER);
	return make(worker, DMABUF_HEAP_IOC_SEAL, &seal, sizeof(seal), &is_sure);
}

/* Bytes of a record as the caller knows it. */
static __u32 some_record_size(struct worker *worker, __u32 size)
{
	const __u32 sizes[] = { 1, 8, size - 1, size + 1, HEAP_PAGE, HEAP_PAGE + 1, 0, ~0U };

	return worker_once_in(worker, 4) ? worker_one_of(worker, sizes) : size;
}

static __u32 some_count(struct worker *worker)
{
	static const __u32 counts[] = { 0, 1, 1, 1, 2, 4, 16, 1000, 0x10000000, ~0U };

	return worker_one_of(worker, counts);
}

long call_query(struct worker *worker)
{
	struct dmabuf_heap_query query = {};
	bool is_sure;

	query.by = worker_once_in(worker, 32) ? worker_number(worker) : worker_below(worker, 3);
	if (query.by == DMABUF_HEAP_QUERY_FD)
		query.fd = worker_fd(worker, SLOT_BUFFER);
	else
		query.id = noted(worker, worker->process->buffers);
	query.record_size = some_record_size(worker, sizeof(struct dmabuf_heap_buffer_record));
	query.count = some_count(worker);
	query.records = (uintptr_t)worker_place(worker, 32 * HEAP_KIB, NULL);
	return make(worker, DMABUF_HEAP_IOC_QUERY, &query, sizeof(query), &is_sure);
}

long call_query_attachments(struct worker *worker)
{
	struct dmabuf_heap_query_attachments query = {};
	bool is_sure;

	query.by = worker_once_in(worker, 32) ? worker_number(worker) : worker_below(worker, 3);
	if (query.by == DMABUF_HEAP_QUERY_FD)
		query.fd = worker_fd(worker, SLOT_BUFFER);
	else
		query.id = noted(worker, worker->process->buffers);
	query.record_size = some_record_size(worker, sizeof(struct dmabuf_heap_attachment_record));
	query.count = some_count(worker);
	query.records = (uintptr_t)worker_place(worker, 32 * HEAP_KIB, NULL);
	return make(worker, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, &query, sizeof(query), &is_sure);
}

long call_watch(struct worker *worker)
{
	struct dmabuf_heap_watch watch = {};
	bool is_sure;

	watch.flags = some_flags(worker);
	/* Now and then no longer. */
	if (!worker_once_in(worker, 8)) {
		watch.event_size = some_record_size(worker, sizeof(struct dmabuf_heap_event));
		watch.events = worker_below(worker, 1 << DMABUF_HEAP_EVENT_COUNT) & ~1U;
		if (worker_once_in(worker, 16))
			watch.events = worker_number(worker);
		if (worker_once_in(worker, 3))
			watch.id = noted(worker, worker->process->buffers);
	}
	return make(worker, DMABUF_HEAP_IOC_WATCH, &watch, sizeof(watch), &is_sure);
}

/* Of the node only, whose files are open so that this doesn't wait. */
long call_read_events(struct worker *worker)
{
	const size_t size = sizeof(struct dmabuf_heap_event);
	const size_t sizes[] = { size, size, 4 * size, 32 * HEAP_KIB, size - 1, 1, 0 };
	size_t length = worker_one_of(worker, sizes);
	char *place = worker_place(worker, length ? length : 1, NULL);
	long rc = read(worker->process->fds[SLOT_HEAP][worker_below(worker, 2)], place, length);

	return rc < 0 ? -errno : rc;
}

long call_poll_events(struct worker *worker)
{
	struct pollfd fds[2];
	int i, rc;

	for (i = 0; i < 2; i++) {
		fds[i].fd = worker_fd(worker, SLOT_HEAP);
		fds[i].events = POLLIN;
	}
	rc = poll(fds, 2, worker_below(worker, 2));
	return rc < 0 ? -errno : rc;
}

/* A number that no call has, or one with a direction and a size in it. */
long call_unknown(struct worker *worker)
{
	unsigned int number = worker_below(worker, 256);
	unsigned int call = _IOC(worker_below(worker, 4), DMABUF_HEAP_IOC_TYPE, number,
				 worker_below(worker, 256));
	char *place = worker_place(worker, STRUCT_ROOM, NULL);

	return ioctl(worker_fd(worker, SLOT_HEAP), call, place) < 0 ? -errno : 0;
}

long call_open(struct worker *worker)
{
	static const int flags[] = { O_RDWR, O_RDONLY, O_WRONLY };
	int fd = open("/dev/dmabuf-heap", worker_one_of(worker, flags) | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? -errno : worker_keep(worker, SLOT_HEAP, fd);
}
