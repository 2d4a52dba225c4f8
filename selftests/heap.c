// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of /dev/dmabuf-heap and what shows a test that nothing was left
 * behind: see heap.h. Lengths are in bytes; errors are -errno.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <linux/dma-buf.h>

#include "heap.h"

#define COUNTERS	"/sys/class/misc/dmabuf-heap/"

struct heap_counters heap_counters_read(void)
{
	return (struct heap_counters) {
		.buffers = heap_file_number(COUNTERS "buffers"),
		.backed = heap_file_number(COUNTERS "backed"),
		.pages = heap_file_number(COUNTERS "pages"),
		.scarce_pages = heap_file_number(COUNTERS "scarce_pages"),
		.attachments = heap_file_number(COUNTERS "attachments"),
		.device_maps = heap_file_number(COUNTERS "device_maps"),
		.allocations = heap_file_number(COUNTERS "allocations"),
	};
}

static bool counters_are(const struct heap_counters *want)
{
	struct heap_counters now = heap_counters_read();

	return now.buffers == want->buffers && now.backed == want->backed &&
	       now.pages == want->pages && now.scarce_pages == want->scarce_pages &&
	       now.attachments == want->attachments &&
	       now.device_maps == want->device_maps;
}

int heap_counters_wait(const struct heap_counters *want)
{
	__u64 end = heap_now() + 60000000000ULL;

	while (!counters_are(want)) {
		if (heap_now() > end)
			return -ETIMEDOUT;
		usleep(5000);
	}
	return 0;
}

int heap_open(void)
{
	int fd = open("/dev/dmabuf-heap", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int heap_ioctl(int heap, unsigned int call, void *arg)
{
	return ioctl(heap, call, arg) < 0 ? -errno : 0;
}

int heap_info(int heap, struct dmabuf_heap_info *info)
{
	*info = (struct dmabuf_heap_info) { .size = sizeof(*info) };
	return heap_ioctl(heap, DMABUF_HEAP_IOC_INFO, info);
}

int heap_create(int heap, __u64 length)
{
	__u64 id;

	return heap_create_id(heap, length, &id);
}

static int create(int heap, __u64 length, __u32 flags, __u64 *id)
{
	struct dmabuf_heap_create create = {
		.size = sizeof(create),
		.flags = flags,
		.length = length,
		.fd_flags = O_RDWR | O_CLOEXEC,
		.name = "test",
	};
	int rc = heap_ioctl(heap, DMABUF_HEAP_IOC_CREATE, &create);

	*id = create.out_id;
	return rc ? rc : create.out_fd;
}

int heap_create_id(int heap, __u64 length, __u64 *id)
{
	return create(heap, length, 0, id);
}

int heap_create_movable(int heap, __u64 length)
{
	__u64 id;

	return create(heap, length, DMABUF_HEAP_CREATE_MOVABLE, &id);
}

static int attach(int heap, struct dmabuf_heap_attach *call, const char *label,
		  __u64 *id)
{
	int rc;

	call->size = sizeof(*call);
	call->access = HEAP_ACCESS_BOTH;
	if (label)
		snprintf(call->label, sizeof(call->label), "%s", label);
	rc = heap_ioctl(heap, DMABUF_HEAP_IOC_ATTACH, call);
	if (id)
		*id = call->out_id;
	return rc;
}

int heap_attach(int heap, int buffer, int device, __u64 *id,
		struct dmabuf_heap_answer *answer)
{
	return heap_require(heap, buffer, device, NULL, NULL, id, answer);
}

int heap_require(int heap, int buffer, int device,
		 const struct dmabuf_heap_limits *limits, const char *label,
		 __u64 *id, struct dmabuf_heap_answer *answer)
{
	struct dmabuf_heap_attach call = {
		.fd = buffer,
		.device_fd = device,
		.limits_len = limits ? sizeof(*limits) : 0,
		.limits = (uintptr_t)limits,
		.answer = (uintptr_t)answer,
		.answer_len = answer ? sizeof(*answer) : 0,
	};

	return attach(heap, &call, label, id);
}

int heap_require_limit(int heap, int buffer, enum dmabuf_heap_limit_type type,
		       __u64 value, __u64 *id, struct dmabuf_heap_answer *answer)
{
	struct dmabuf_heap_limits limits = {};

	heap_limits_set(&limits, type, value);
	return heap_require(heap, buffer, DMABUF_HEAP_NO_DEVICE, &limits, NULL, id,
			    answer);
}

int heap_test(int heap, int buffer, int device,
	      const struct dmabuf_heap_limits *limits, const char *label,
	      struct dmabuf_heap_answer *answer)
{
	struct dmabuf_heap_attach call = {
		.flags = DMABUF_HEAP_ATTACH_TEST,
		.fd = buffer,
		.device_fd = device,
		.limits_len = limits ? sizeof(*limits) : 0,
		.limits = (uintptr_t)limits,
		.answer = (uintptr_t)answer,
		.answer_len = answer ? sizeof(*answer) : 0,
	};

	return attach(heap, &call, label, NULL);
}

int heap_detach(int heap, int buffer, __u64 id)
{
	struct dmabuf_heap_detach detach = {
		.size = sizeof(detach),
		.fd = buffer,
		.id = id,
	};

	return heap_ioctl(heap, DMABUF_HEAP_IOC_DETACH, &detach);
}

int heap_commit(int heap, int buffer)
{
	struct dmabuf_heap_commit commit = {
		.size = sizeof(commit),
		.fd = buffer,
	};

	return heap_ioctl(heap, DMABUF_HEAP_IOC_COMMIT, &commit);
}

int heap_seal(int heap, int buffer)
{
	struct dmabuf_heap_seal seal = {
		.size = sizeof(seal),
		.fd = buffer,
	};

	return heap_ioctl(heap, DMABUF_HEAP_IOC_SEAL, &seal);
}

static int query_one(int heap, struct dmabuf_heap_query *query,
		     struct dmabuf_heap_buffer_record *record)
{
	memset(record, 0, sizeof(*record));
	query->size = sizeof(*query);
	query->records = (uintptr_t)record;
	query->record_size = sizeof(*record);
	query->count = 1;
	return heap_ioctl(heap, DMABUF_HEAP_IOC_QUERY, query);
}

int heap_query(int heap, int buffer, struct dmabuf_heap_buffer_record *record)
{
	struct dmabuf_heap_query query = {
		.by = DMABUF_HEAP_QUERY_FD,
		.fd = buffer,
	};

	return query_one(heap, &query, record);
}

int heap_query_id(int heap, __u64 id, struct dmabuf_heap_buffer_record *record)
{
	struct dmabuf_heap_query query = {
		.by = DMABUF_HEAP_QUERY_ID,
		.id = id,
	};

	return query_one(heap, &query, record);
}

int heap_query_all(int heap, __u64 *cursor, bool *more,
		   struct dmabuf_heap_buffer_record *records, __u32 room)
{
	struct dmabuf_heap_query query = {
		.size = sizeof(query),
		.by = DMABUF_HEAP_QUERY_ALL,
		.id = *cursor,
		.records = (uintptr_t)records,
		.record_size = sizeof(*records),
		.count = room,
	};
	int rc = heap_ioctl(heap, DMABUF_HEAP_IOC_QUERY, &query);

	if (rc)
		return rc;
	*cursor = query.out_cursor;
	*more = query.out_more;
	return query.out_count;
}

int heap_query_attachments(int heap, int buffer,
			   struct dmabuf_heap_attachment_record *records,
			   __u32 room)
{
	struct dmabuf_heap_query_attachments query = {
		.size = sizeof(query),
		.by = DMABUF_HEAP_QUERY_FD,
		.fd = buffer,
		.records = (uintptr_t)records,
		.record_size = sizeof(*records),
		.count = room,
	};
	int rc = heap_ioctl(heap, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, &query);

	return rc ? rc : (int)query.out_count;
}

int heap_query_attachments_all(int heap, __u64 cursor,
			       struct dmabuf_heap_attachment_record *records, __u32 room)
{
	struct dmabuf_heap_query_attachments query = {
		.size = sizeof(query),
		.by = DMABUF_HEAP_QUERY_ALL,
		.id = cursor,
		.records = (uintptr_t)records,
		.record_size = sizeof(*records),
		.count = room,
	};
	int rc = heap_ioctl(heap, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, &query);

	return rc ? rc : (int)query.out_count;
}

int heap_query_attachment(int heap, int buffer, __u64 id,
			  struct dmabuf_heap_attachment_record *record)
{
	struct dmabuf_heap_attachment_record *records;
	int room = 2 * DMABUF_HEAP_MAX_DECLARED, count, i, rc = -ENOENT;

	records = calloc(room, sizeof(*records));
	if (!records)
		return -ENOMEM;
	count = heap_query_attachments(heap, buffer, records, room);
	if (count < 0)
		rc = count;
	for (i = 0; i < count && i < room; i++) {
		if (records[i].id == id) {
			*record = records[i];
			rc = 0;
		}
	}
	free(records);
	return rc;
}

void heap_limits_set(struct dmabuf_heap_limits *limits,
		     enum dmabuf_heap_limit_type type, __u64 value)
{
	limits->valid |= 1ULL << type;
	limits->limit[type].value = value;
}

__u64 heap_limits_value(const struct dmabuf_heap_limits *limits,
			enum dmabuf_heap_limit_type type)
{
	return limits->valid >> type & 1 ? limits->limit[type].value : -1ULL;
}

void *heap_mmap(int buffer, __u64 length)
{
	void *map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED,
			 buffer, 0);

	return map == MAP_FAILED ? NULL : map;
}

int heap_sync(int buffer, __u64 flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	return ioctl(buffer, DMA_BUF_IOCTL_SYNC, &sync) < 0 ? -errno : 0;
}

int heap_fd_count(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = -3;		/* ".", ".." and the one of opendir() */

	if (!dir)
		return -errno;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

void heap_fdinfo_text(int fd, const char *key, char *text, int room)
{
	char path[64], line[256], format[64];
	FILE *file;

	text[0] = 0;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	snprintf(format, sizeof(format), "%s:", key);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, format, strlen(format)))
			continue;
		line[strcspn(line, "\n")] = 0;
		snprintf(text, room, "%s",
			 line + strlen(format) + strspn(line + strlen(format), " \t"));
		break;
	}
	fclose(file);
}

__u64 heap_fdinfo_number(int fd, const char *key)
{
	char text[64], *end;
	__u64 number;

	heap_fdinfo_text(fd, key, text, sizeof(text));
	number = strtoull(text, &end, 10);
	return end == text ? -1ULL : number;
}

__u64 heap_file_number(const char *path)
{
	unsigned long long number;
	FILE *file = fopen(path, "re");

	if (!file)
		return -1ULL;
	if (fscanf(file, "%llu", &number) != 1)
		number = -1ULL;
	fclose(file);
	return number;
}

__u64 heap_file_field(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	__u64 number = -1ULL;
	size_t length = strlen(key);
	char line[256];

	if (!file)
		return -1ULL;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, key, length) && strchr(": \t", line[length])) {
			number = strtoull(line + length + 1, NULL, 10);
			break;
		}
	}
	fclose(file);
	return number;
}

int heap_file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

void heap_expect_splat(const char *word)
{
	printf("# expect-splat: %s\n", word);
	fflush(stdout);
}

void heap_expect_dma_splat(const char *word)
{
	if (!access("/sys/kernel/debug/dma-api", F_OK))
		heap_expect_splat(word);
}

bool heap_kernel_checks(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK);
}

__u64 heap_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

__u64 heap_memory_start(void)
{
	FILE *file = fopen("/proc/iomem", "re");
	unsigned long long start;
	__u64 found = -1ULL;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, "System RAM") && sscanf(line, " %llx-", &start) == 1 &&
		    start < found)
			found = start;
	if (file)
		fclose(file);
	return found;
}

int heap_child(unsigned int uid, int (*body)(void *arg), void *arg)
{
	int status, answer[2], rc = -EPROTO;
	pid_t child;

	if (pipe(answer))
		return -errno;
	fflush(NULL);
	child = fork();
	if (!child) {
		if (uid && (setgid(uid) || setuid(uid)))
			rc = -errno;
		else
			rc = body(arg);
		_exit(write(answer[1], &rc, sizeof(rc)) != sizeof(rc));
	}
	close(answer[1]);
	if (child < 0 || read(answer[0], &rc, sizeof(rc)) != sizeof(rc))
		rc = -EPROTO;
	close(answer[0]);
	if (child > 0)
		waitpid(child, &status, 0);
	return rc;
}
