// SPDX-License-Identifier: GPL-2.0
/*
 * Each of the module's tracepoints fires where it should, with fields that agree
 * with what QUERY says. Events are collected in a trace instance of their own.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "tracing.h"
#include "v4l2.h"

#define TRACING		"/sys/kernel/tracing/instances/dmabuf-heap-selftest/"
#define EVENTS		TRACING "events/dmabuf_heap/enable"
#define LENGTH		(2 * HEAP_MIB)
#define FORMATS		"/sys/kernel/tracing/events/dmabuf_heap/"
#define DOCUMENT	"uapi/dmabuf-heap.rst"

FIXTURE(trace) {
	struct heap_state state;
	int buffer;
	__u64 id;
};

/*
 * One instance serves all tests: to make one takes seconds on a kernel that checks all
 * it does. It goes with the program, not with the processes of its tests.
 */
static pid_t program;

static void __attribute__((constructor)) program_begin(void)
{
	program = getpid();
}

static void __attribute__((destructor)) program_end(void)
{
	if (getpid() == program)
		rmdir(TRACING);
}

/* To open it so is what clears it. */
static int events_clear(void)
{
	int fd = open(TRACING "trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	return fd < 0 || close(fd) ? -errno : 0;
}

FIXTURE_SETUP(trace)
{
	heap_setup(&self->state);
	tracing_names(false);
	if (mkdir(TRACING, 0700) && errno != EEXIST)
		heap_skip("no tracefs");
	must_pass(events_clear());
	must_pass(heap_file_write(EVENTS, "1"));
	self->buffer = must_open(heap_create_id(self->state.fd, LENGTH, &self->id));
}

FIXTURE_TEARDOWN(trace)
{
	if (self->buffer >= 0)
		close(self->buffer);
	EXPECT_EQ(0, heap_file_write(EVENTS, "0"));
	EXPECT_EQ(0, tracing_names(true));
	heap_teardown(&self->state);
}

/*
 * How many events "dmabuf_heap_@event" of the buffer there were whose further
 * fields begin as @format says.
 */
static int events(__u64 id, const char *event, const char *format, ...)
{
	char fields[256], want[384], line[512];
	va_list args;
	int count = 0;
	FILE *file;

	va_start(args, format);
	vsnprintf(fields, sizeof(fields), format, args);
	va_end(args);
	snprintf(want, sizeof(want), " dmabuf_heap_%s: ino=%llu %s", event,
		 (unsigned long long)id, fields);
	file = fopen(TRACING "trace", "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		count += !!strstr(line, want);
	fclose(file);
	return count;
}

/* The event's own fields, in order, with a comma between. */
static int fields_read(const char *event, char *fields, size_t size)
{
	char path[128], line[256], name[64];
	size_t length = 0;
	FILE *file;

	snprintf(path, sizeof(path), FORMATS "%s/format", event);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	fields[0] = '\0';
	while (fgets(line, sizeof(line), file)) {
		char *end = strpbrk(line, "[;");

		if (!strstr(line, "field:") || strstr(line, "common_") || !end)
			continue;
		*end = '\0';
		if (sscanf(strrchr(line, ' '), "%63s", name) == 1 && length < size)
			length += snprintf(fields + length, size - length, "%s%s",
					   length ? ", " : "", name);
	}
	fclose(file);
	return 0;
}

static int events_count(void)
{
	struct dirent *entry;
	DIR *folder = opendir(FORMATS);
	int count = 0;

	while (folder && (entry = readdir(folder)))
		count += !strncmp(entry->d_name, "dmabuf_heap_", strlen("dmabuf_heap_"));
	if (folder)
		closedir(folder);
	return count;
}

/* Tools rely on fields: they are as the documentation has them. */
TEST_F(trace, documented)
{
	char line[256], event[64], fields[128], found[256];
	int rows = 0;
	FILE *file = fopen(DOCUMENT, "re");

	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "``%63[a-z_]`` ino, %127[^\n]", event, fields) != 2)
			continue;
		must_pass(fields_read(event, found, sizeof(found)));
		ASSERT_EQ(0, strncmp("ino, ", found, 5)) TH_LOG("%s", found);
		EXPECT_STREQ(found + 5, fields) TH_LOG("%s", event);
		rows++;
	}
	fclose(file);
	EXPECT_LT(0, rows);
	EXPECT_EQ(events_count(), rows);
}

TEST_F(trace, create_and_release)
{
	EXPECT_EQ(1, events(self->id, "create", "length=%llu name=test\n", LENGTH));
	EXPECT_EQ(0, events(self->id, "release", ""));
	must_pass(heap_commit(self->state.fd, self->buffer));
	close(self->buffer);
	self->buffer = -1;
	EXPECT_EQ(1, events(self->id, "release", "length=%llu pages=%llu\n", LENGTH,
			    LENGTH / HEAP_PAGE));
}

TEST_F(trace, release_unbacked)
{
	close(self->buffer);
	self->buffer = -1;
	EXPECT_EQ(1, events(self->id, "release", "length=%llu pages=0\n", LENGTH));
}

TEST_F(trace, declared)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u64 id;

	must_pass(heap_attach(self->state.fd, self->buffer, vgem, &id, NULL));
	EXPECT_EQ(1, events(self->id, "attach", "id=%llu device=vgem flags=declared\n",
			    (unsigned long long)id));
	must_pass(heap_detach(self->state.fd, self->buffer, id));
	EXPECT_EQ(1, events(self->id, "detach", "id=%llu device=vgem\n",
			    (unsigned long long)id));
	close(vgem);
}

TEST_F(trace, test_is_no_event)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");

	must_pass(heap_test(self->state.fd, self->buffer, vgem, NULL, NULL, NULL));
	EXPECT_EQ(0, events(self->id, "attach", ""));
	close(vgem);
}

TEST_F(trace, imported)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	struct dmabuf_heap_attachment_record record;
	struct dmabuf_heap_buffer_record whole;
	unsigned long long id;
	__u32 handle;

	if (!drm_import_maps())
		heap_skip("this kernel's vgem imports without a map");
	must_pass(drm_import(vgem, self->buffer, &handle));
	must_pass(heap_query(self->state.fd, self->buffer, &whole));
	ASSERT_EQ(1, importer_records(self->state.fd, self->buffer, IMPORTER_VGEM, &record));
	id = record.id;
	EXPECT_EQ(1, events(self->id, "attach", "id=%llu device=vgem flags=imported\n", id));
	EXPECT_EQ(1, events(self->id, "first_map", "kind=device by=vgem runs=%llu addr_bits=%u\n",
			    (unsigned long long)whole.placement.runs,
			    whole.placement.addr_bits));
	EXPECT_EQ(1, events(self->id, "device_map", "id=%llu device=vgem access=both ", id));
	EXPECT_EQ(0, events(self->id, "device_unmap", ""));

	must_pass(drm_handle_close(vgem, handle));
	EXPECT_EQ(1, events(self->id, "device_unmap", "id=%llu device=vgem access=both ", id));
	EXPECT_EQ(1, events(self->id, "detach", "id=%llu device=vgem\n", id));
	close(vgem);
}

TEST_F(trace, camera)
{
	struct v4l2_queue camera;

	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	must_pass(heap_attach(self->state.fd, self->buffer, camera.fd, NULL, NULL));
	must_pass(v4l2_queue_request(&camera, 1));
	must_pass(v4l2_queue_put(&camera, 0, self->buffer));
	EXPECT_EQ(1, events(self->id, "device_map", "id=2 device=vivid.0 access=write "));
	v4l2_queue_close(&camera);
	EXPECT_EQ(1, events(self->id, "device_unmap", "id=2 device=vivid.0 access=write "));
}

TEST_F(trace, cpu)
{
	struct v4l2_queue camera;
	char *map = heap_mmap(self->buffer, HEAP_PAGE);

	ASSERT_NE(NULL, map);
	munmap(map, HEAP_PAGE);
	EXPECT_EQ(1, events(self->id, "first_map", "kind=mmap by=trace runs="));
	EXPECT_EQ(1, events(self->id, "cpu_map", "length=4096 kind=mmap\n"));
	if (v4l2_queue_open(&camera, V4L2_VIVID_CPU, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=0");
	must_pass(v4l2_queue_request(&camera, 1));
	must_pass(v4l2_queue_put(&camera, 0, self->buffer));
	EXPECT_EQ(1, events(self->id, "cpu_map", "length=%llu kind=vmap\n", LENGTH));
	v4l2_queue_close(&camera);
}

TEST_F(trace, busy)
{
	int high = must_have(importer_buffer_high(self->state.fd, LENGTH),
			     "memory above 4 GiB");
	__u64 id = heap_fdinfo_number(high, "ino");
	struct v4l2_queue camera;

	if (v4l2_queue_open(&camera, V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE))
		heap_skip("no vivid camera with allocators=1");
	must_pass(v4l2_queue_request(&camera, 1));
	must_fail(v4l2_refusal(EBUSY), v4l2_queue_put(&camera, 0, high));
	EXPECT_EQ(1, events(id, "busy", "error=%d limit=max-addr device=vivid.0\n", EBUSY));
	v4l2_queue_close(&camera);
	close(high);
}

/* A driver that nobody declared comes to a sealed buffer. */
TEST_F(trace, sealed)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u32 handle;

	must_pass(heap_seal(self->state.fd, self->buffer));
	must_fail(EPERM, drm_import(vgem, self->buffer, &handle));
	EXPECT_EQ(1, events(self->id, "busy", "error=%d limit=sealed device=vgem\n", EPERM));
	close(vgem);
}

TEST_F(trace, move)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	int movable = must_open(heap_create_movable(self->state.fd, LENGTH));
	__u64 id = heap_fdinfo_number(movable, "ino");
	struct dmabuf_heap_buffer_record record;
	struct dmabuf_heap_limits limits = {};

	must_pass(heap_commit(self->state.fd, movable));
	EXPECT_EQ(0, events(id, "move", ""));
	/* Memory hardly ever begins at such a multiple by chance. */
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_ALIGNMENT, 64 * HEAP_MIB);
	must_pass(heap_require(self->state.fd, movable, vgem, &limits, NULL, NULL, NULL));
	must_pass(heap_query(self->state.fd, movable, &record));
	EXPECT_EQ(1, events(id, "move", "length=%llu ns=%llu device=", LENGTH,
			    (unsigned long long)record.moves_ns));
	close(movable);
	close(vgem);
}

TEST_HARNESS_MAIN
