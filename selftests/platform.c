// SPDX-License-Identifier: GPL-2.0
/*
 * What a platform says of its devices counts like what the kernel itself knows, as
 * long as it is there. The platform is kmod/users/board, its devices are the board's
 * own and kmod/mapper's. Lengths and addresses are in bytes.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "drm.h"
#include "importer.h"
#include "mapdev.h"
#include "module.h"
#include "kmod/users/board.h"

#define LENGTH		(1 * HEAP_MIB)
#define LOW		0x7fffffffULL	/* what the board says that its devices reach */
#define ALIGN		(64 * HEAP_KIB)
#define CHUNK		(2 * HEAP_MIB)
#define ROUNDS		20
#define PARAMETERS	"/sys/module/" BOARD_MODULE "/parameters/"
#define DRIVER		"/sys/bus/platform/drivers/" BOARD_NODE "/"
#define MAPPERS		"device=" MAPPER_NODE

/* What tests know as *self. */
#define platform_fixture FIXTURE_DATA(platform)

FIXTURE(platform) {
	struct heap_state heap;
	struct mapdev dev;
	int buffer;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record record;
	struct dmabuf_heap_attachment_record attachment;
};

FIXTURE_SETUP(platform)
{
	heap_setup(&self->heap);
	mapdev_setup(&self->dev, 0);
	self->buffer = must_open(heap_create(self->heap.fd, LENGTH));
}

/* Whatever has become of the test, the board goes. */
FIXTURE_TEARDOWN(platform)
{
	mapdev_close(&self->dev);
	close(self->buffer);
	if (!access(PARAMETERS, F_OK))
		EXPECT_EQ(0, module_unload_wait(BOARD_MODULE));
	heap_teardown(&self->heap);
}

#define board_load(args) do {						\
	int load_rc = module_load_user(BOARD_MODULE, args);		\
									\
	if (load_rc == -ENOENT)						\
		heap_skip("no kmod/users/board");			\
	must_pass(load_rc);						\
} while (0)

#define board_unload()	must_pass(module_unload_wait(BOARD_MODULE))
#define board_set(parameter, value) \
	must_pass(heap_file_write(PARAMETERS parameter, value))
#define board_asked()	heap_file_number(PARAMETERS "asked")

#define declare(device) \
	heap_attach(self->heap.fd, self->buffer, device, NULL, &self->answer)
#define query()		must_pass(heap_query(self->heap.fd, self->buffer, &self->record))
#define limit(type) \
	heap_limits_value(&self->answer.limits, DMABUF_HEAP_LIMIT_##type)
#define attach()	mapdev_attach(&self->dev, self->buffer)
#define map()		mapdev_map(&self->dev, MAPDEV_BOTH)

static int board_open(void)
{
	int fd = open("/dev/" BOARD_NODE, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* On top of what the struct device says, and for the devices that are meant. */
TEST_F(platform, limits)
{
	int vgem = drm_card_open(DRM_VGEM);

	must_pass(declare(self->dev.folder));
	EXPECT_EQ(-1ULL, limit(MAX_ADDR));
	EXPECT_EQ(-1ULL, limit(CHUNK));
	board_load(MAPPERS " max_addr=0x7fffffff chunk=0x200000");
	must_pass(declare(self->dev.folder));
	EXPECT_EQ(LOW, limit(MAX_ADDR));
	EXPECT_EQ(CHUNK, limit(CHUNK));
	EXPECT_EQ(64 * HEAP_KIB, limit(MAX_SEGMENT));
	EXPECT_EQ(2, self->answer.merged.limit[DMABUF_HEAP_LIMIT_MAX_ADDR].set_by);

	if (vgem >= 0) {
		must_pass(declare(vgem));
		EXPECT_NE(LOW, limit(MAX_ADDR));
		EXPECT_EQ(-1ULL, limit(CHUNK));
		close(vgem);
	}
	must_pass(heap_commit(self->heap.fd, self->buffer));
	query();
	EXPECT_GE(31, self->record.placement.addr_bits);
}

TEST_F(platform, aligned_memory)
{
	int large = must_open(heap_create(self->heap.fd, 3 * HEAP_MIB + HEAP_PAGE));

	board_load(MAPPERS " align=0x10000");
	must_pass(declare(self->dev.folder));
	EXPECT_EQ(ALIGN, limit(ALIGNMENT));
	must_pass(attach());
	must_pass(map());
	query();
	EXPECT_LE(16, self->record.placement.align_bits);
	must_pass(mapdev_unmap(&self->dev));
	must_pass(mapdev_detach(&self->dev));

	/* By the import alone. */
	must_pass(mapdev_attach(&self->dev, large));
	must_pass(map());
	must_pass(heap_query(self->heap.fd, large, &self->record));
	EXPECT_LE(16, self->record.placement.align_bits);
	close(large);
}

TEST_F(platform, import_without_declaration)
{
	board_load(MAPPERS " max_addr=0x7fffffff");
	must_pass(attach());
	ASSERT_EQ(1, importer_records(self->heap.fd, self->buffer, self->dev.name,
				      &self->attachment));
	EXPECT_EQ(LOW, heap_limits_value(&self->attachment.limits, DMABUF_HEAP_LIMIT_MAX_ADDR));
	must_pass(map());
	query();
	EXPECT_GE(31, self->record.placement.addr_bits);

	/* What it was known by when it attached goes on to hold. */
	board_unload();
	must_pass(map());
	query();
	EXPECT_EQ(LOW, heap_limits_value(&self->record.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
}

TEST_F(platform, learned_at_map)
{
	must_pass(attach());
	board_load(MAPPERS " max_addr=0x7fffffff");
	must_pass(map());
	query();
	EXPECT_GE(31, self->record.placement.addr_bits);
	EXPECT_EQ(LOW, heap_limits_value(&self->record.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));

	/* As when a driver widens its mask again. */
	board_unload();
	must_pass(map());
	query();
	EXPECT_EQ(-1ULL, heap_limits_value(&self->record.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
}

TEST_F(platform, refused_with_report)
{
	int high = must_have(importer_buffer_high(self->heap.fd, LENGTH), "memory above 4 GiB");
	struct dmabuf_heap_report *report = &self->answer.report;

	must_pass(mapdev_attach(&self->dev, high));
	must_pass(map());
	must_pass(mapdev_unmap(&self->dev));
	board_load(MAPPERS " max_addr=0x7fffffff");
	must_fail(EBUSY, heap_attach(self->heap.fd, high, self->dev.folder, NULL,
				     &self->answer));
	EXPECT_EQ(EBUSY, report->error);
	EXPECT_EQ(DMABUF_HEAP_LIMIT_MAX_ADDR, report->limit);
	EXPECT_EQ(LOW, report->wanted);
	EXPECT_LT(IMPORTER_4G, report->found);
	EXPECT_STREQ(self->dev.name, report->device);

	/* The importer was there before, and its map has no report of its own. */
	must_fail(EBUSY, map());
	must_pass(heap_query(self->heap.fd, high, &self->record));
	EXPECT_EQ(LOW, self->record.conflict.wanted);
	board_unload();
	must_pass(map());
	close(high);
}

TEST_F(platform, only_narrows)
{
	self->dev.limits.mask = IMPORTER_4G;
	must_pass(mapdev_limit(&self->dev));
	board_load(MAPPERS " max_addr=0xffffffffff");
	must_pass(declare(self->dev.folder));
	EXPECT_EQ(IMPORTER_4G, limit(MAX_ADDR));
}

/* As if it did no DMA: nobody knows what memory it could use. */
TEST_F(platform, malformed_limit)
{
	board_load(MAPPERS " align=3");
	must_fail(ENODEV, declare(self->dev.folder));
	must_pass(attach());
	must_fail(ENODEV, map());
	query();
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, self->record.state);
	EXPECT_EQ(1, self->record.attachments);
	board_set("align", "0");
	must_pass(declare(self->dev.folder));
	must_pass(map());
}

TEST_F(platform, preferred_node)
{
	board_load(MAPPERS " node=0");
	must_pass(declare(self->dev.folder));
	EXPECT_EQ(0, limit(NODE));
	/* Not online, and no node of any machine. */
	board_set("node", "1000");
	must_pass(declare(self->dev.folder));
	EXPECT_EQ(-1ULL, limit(NODE));
	board_set("node", "1024");
	must_fail(ENODEV, declare(self->dev.folder));
}

/* A node that leads nowhere but by the platform. */
TEST_F(platform, own_file)
{
	__u64 id;
	int fd;

	board_load("max_addr=0x7fffffff");
	fd = must_open(board_open());
	must_pass(heap_attach(self->heap.fd, self->buffer, fd, &id, &self->answer));
	EXPECT_EQ(0, self->answer.flags);
	EXPECT_STREQ(BOARD_NODE, self->answer.device);
	EXPECT_EQ(LOW, limit(MAX_ADDR));
	must_pass(heap_query_attachment(self->heap.fd, self->buffer, id, &self->attachment));
	EXPECT_STREQ(BOARD_NODE, self->attachment.node);
	EXPECT_STREQ(BOARD_NODE, self->attachment.device);
	EXPECT_STREQ("misc", self->attachment.subsystem);

	must_fail(EAGAIN, module_unload(BOARD_MODULE));
	close(fd);
	board_unload();
	/* What was written down stays. */
	must_pass(heap_commit(self->heap.fd, self->buffer));
	query();
	EXPECT_EQ(1, self->record.declared);
	EXPECT_GE(31, self->record.placement.addr_bits);
}

TEST_F(platform, answers_for_files)
{
	int fd;

	board_load("max_addr=0x7fffffff");
	fd = must_open(board_open());
	board_set("flags", "1");
	must_pass(declare(fd));
	EXPECT_EQ(DMABUF_HEAP_ATTACHMENT_CPU_ONLY, self->answer.flags);
	EXPECT_EQ(0, self->answer.limits.valid);
	board_set("flags", "2");
	must_fail(ENODEV, declare(fd));
	board_set("flags", "0");
	board_set("error", "5");	/* EIO, which ATTACH has no meaning for */
	must_fail(ENODEV, declare(fd));
	/* It knows nothing, and nobody else has a device for it. */
	board_set("error", "2");
	must_fail(ENODEV, declare(fd));
	board_set("error", "0");
	must_pass(declare(fd));
	close(fd);
}

TEST_F(platform, last_is_asked_first)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	__u64 asked;

	board_load("claim=drm");
	must_pass(declare(vgem));
	EXPECT_STREQ(BOARD_NODE, self->answer.device);
	asked = board_asked();

	/* It knows nothing: DRM's is asked. */
	board_set("error", "2");
	must_pass(declare(vgem));
	EXPECT_STREQ(DRM_VGEM, self->answer.device);
	EXPECT_LT(asked, board_asked());
	board_set("error", "19");
	must_fail(ENODEV, declare(vgem));
	board_unload();
	must_pass(declare(vgem));
	EXPECT_STREQ(DRM_VGEM, self->answer.device);
	close(vgem);
}

/* A thread that declares or maps, until it is told to stop. */
struct rival {
	int heap;
	int buffer;
	int device;
	struct mapdev *dev;
	pthread_t thread;
	atomic_bool stop;
	unsigned long done;
	unsigned long limited;	/* with the board's limit */
	atomic_bool was_limited;
	unsigned long wrong;
	int rc;
	__u64 end_ns;
	struct dmabuf_heap_answer answer;
};

static void rival_declare(struct rival *rival)
{
	rival->rc = heap_test(rival->heap, rival->buffer, rival->device, NULL, NULL,
			      &rival->answer);
	rival->end_ns = heap_now();
	if (heap_limits_value(&rival->answer.limits, DMABUF_HEAP_LIMIT_MAX_ADDR) == LOW) {
		rival->limited++;
		rival->was_limited = true;
	}
}

static void *declare_once(void *arg)
{
	rival_declare(arg);
	return NULL;
}

static void *declare_always(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop) {
		rival_declare(rival);
		rival->wrong += rival->rc && rival->rc != -ENODEV;
		rival->done++;
	}
	return NULL;
}

static void *map_always(void *arg)
{
	struct rival *rival = arg;

	while (!rival->stop) {
		rival->wrong += mapdev_map(rival->dev, MAPDEV_BOTH) || mapdev_unmap(rival->dev);
		rival->done++;
	}
	return NULL;
}

#define rival_start(rival, body)	pthread_create(&(rival)->thread, NULL, body, rival)

static void rival_stop(struct rival *rival)
{
	rival->stop = true;
	pthread_join(rival->thread, NULL);
}

/* One that hasn't been given the processor yet is waited for. */
static void rival_stop_limited(struct rival *rival)
{
	int tries;

	for (tries = 0; tries < 10000 && !rival->was_limited; tries++)
		usleep(1000);
	rival_stop(rival);
}

static bool board_is_asked(void)
{
	int tries;

	for (tries = 0; tries < 1000 && board_asked() != 1; tries++)
		usleep(1000);
	return board_asked() == 1;
}

/* It goes only when the answer that is being given has been given. */
TEST_F(platform, unload_waits_for_limits)
{
	struct rival rival = {
		.heap = self->heap.fd, .buffer = self->buffer, .device = self->dev.folder,
	};
	__u64 unloaded;

	board_load(MAPPERS " max_addr=0x7fffffff delay=1000");
	ASSERT_EQ(0, rival_start(&rival, declare_once));
	EXPECT_TRUE(board_is_asked());
	board_unload();
	unloaded = heap_now();
	rival_stop(&rival);
	EXPECT_EQ(0, rival.rc);
	EXPECT_EQ(1, rival.limited);
	/* The answer needs no more than moments from there to here. */
	EXPECT_GT(unloaded + 500000000, rival.end_ns);
	must_pass(declare(self->dev.folder));
	EXPECT_EQ(-1ULL, limit(MAX_ADDR));
}

TEST_F(platform, unload_waits_for_files)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	struct rival rival = {
		.heap = self->heap.fd, .buffer = self->buffer, .device = vgem,
	};

	board_load("claim=drm device=nobody max_addr=0x7fffffff delay=1000");
	ASSERT_EQ(0, rival_start(&rival, declare_once));
	EXPECT_TRUE(board_is_asked());
	board_unload();
	rival_stop(&rival);
	EXPECT_EQ(0, rival.rc);
	EXPECT_STREQ(BOARD_NODE, rival.answer.device);
	must_pass(declare(vgem));
	EXPECT_STREQ(DRM_VGEM, self->answer.device);
	close(vgem);
}

TEST_F(platform, comes_and_goes_while_used)
{
	int vgem = must_have(drm_card_open(DRM_VGEM), "vgem");
	struct rival files = {
		.heap = self->heap.fd, .buffer = self->buffer, .device = vgem,
	};
	struct rival folders = {
		.heap = self->heap.fd, .buffer = self->buffer, .device = self->dev.folder,
	};
	struct rival maps = { .dev = &self->dev };
	int i;

	board_load(MAPPERS " claim=drm max_addr=0x7fffffff");
	must_pass(attach());
	must_pass(map());
	ASSERT_EQ(0, rival_start(&files, declare_always));
	ASSERT_EQ(0, rival_start(&folders, declare_always));
	ASSERT_EQ(0, rival_start(&maps, map_always));
	for (i = 0; i < ROUNDS; i++) {
		usleep(20000);
		EXPECT_EQ(0, module_unload_wait(BOARD_MODULE));
		usleep(20000);
		EXPECT_EQ(0, module_load_user(BOARD_MODULE,
					      MAPPERS " claim=drm max_addr=0x7fffffff"));
	}
	rival_stop_limited(&files);
	rival_stop_limited(&folders);
	rival_stop(&maps);
	EXPECT_EQ(0, files.wrong + folders.wrong + maps.wrong);
	EXPECT_LT(0, files.limited);
	EXPECT_LT(0, folders.limited);
	EXPECT_GT(folders.done, folders.limited);
	EXPECT_LT(ROUNDS, maps.done);
	close(vgem);
}

/* The device that the platform names isn't the node's owner: its driver may go. */
TEST_F(platform, driver_comes_and_goes)
{
	struct rival rival = { .heap = self->heap.fd, .buffer = self->buffer };
	int i;

	board_load("max_addr=0x7fffffff");
	rival.device = must_open(board_open());
	ASSERT_EQ(0, rival_start(&rival, declare_always));
	for (i = 0; i < ROUNDS; i++) {
		EXPECT_EQ(0, heap_file_write(DRIVER "unbind", BOARD_NODE));
		EXPECT_EQ(0, heap_file_write(DRIVER "bind", BOARD_NODE));
	}
	rival_stop_limited(&rival);
	EXPECT_EQ(0, rival.wrong);
	EXPECT_LT(0, rival.limited);
	close(rival.device);
}

TEST_HARNESS_MAIN
