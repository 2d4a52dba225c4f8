// SPDX-License-Identifier: GPL-2.0
/*
 * The layout of the uAPI, number by number, and calls that show that the driver
 * reads it so. Built twice, for 64 and for 32 bits: the numbers are the same,
 * and in abi32 the calls take the driver's compat path. Offsets and sizes are in
 * bytes.
 */
#include "kselftest_harness.h"
#include <fcntl.h>
#include <stddef.h>

#include "drm.h"
#include "device.h"
#include "heap.h"

struct field {
	const char *name;
	size_t offset;
	size_t size;
	size_t want_offset;
	size_t want_size;
};

#define FIELD(type, member, offset, size) \
	{ #type "." #member, offsetof(struct type, member), \
	  sizeof(((struct type *)0)->member), offset, size }

/* A struct opens with its first field, and ends where the last one does. */
#define END(type, size) \
	{ #type, sizeof(struct type), 0, size, 0 }

static const struct field fields[] = {
	FIELD(dmabuf_heap_limit, value, 0, 8),
	FIELD(dmabuf_heap_limit, set_by, 8, 8),
	END(dmabuf_heap_limit, 16),

	FIELD(dmabuf_heap_limits, valid, 0, 8),
	FIELD(dmabuf_heap_limits, limit, 8, 256),
	END(dmabuf_heap_limits, 264),

	FIELD(dmabuf_heap_report, error, 0, 4),
	FIELD(dmabuf_heap_report, limit, 4, 4),
	FIELD(dmabuf_heap_report, wanted, 8, 8),
	FIELD(dmabuf_heap_report, found, 16, 8),
	FIELD(dmabuf_heap_report, length, 24, 8),
	FIELD(dmabuf_heap_report, runs, 32, 8),
	FIELD(dmabuf_heap_report, attachment, 40, 8),
	FIELD(dmabuf_heap_report, first_map_ns, 48, 8),
	FIELD(dmabuf_heap_report, time_ns, 56, 8),
	FIELD(dmabuf_heap_report, first_map, 64, 4),
	FIELD(dmabuf_heap_report, __reserved, 68, 4),
	FIELD(dmabuf_heap_report, device, 72, 64),
	FIELD(dmabuf_heap_report, label, 136, 32),
	FIELD(dmabuf_heap_report, first_map_by, 168, 64),
	END(dmabuf_heap_report, 232),

	FIELD(dmabuf_heap_info, size, 0, 4),
	FIELD(dmabuf_heap_info, flags, 4, 4),
	FIELD(dmabuf_heap_info, out_abi, 8, 4),
	FIELD(dmabuf_heap_info, out_page_size, 12, 4),
	FIELD(dmabuf_heap_info, out_limits, 16, 8),
	FIELD(dmabuf_heap_info, out_features, 24, 8),
	FIELD(dmabuf_heap_info, out_max_length, 32, 8),
	END(dmabuf_heap_info, 40),

	FIELD(dmabuf_heap_create, size, 0, 4),
	FIELD(dmabuf_heap_create, flags, 4, 4),
	FIELD(dmabuf_heap_create, length, 8, 8),
	FIELD(dmabuf_heap_create, fd_flags, 16, 4),
	FIELD(dmabuf_heap_create, out_fd, 20, 4),
	FIELD(dmabuf_heap_create, out_id, 24, 8),
	FIELD(dmabuf_heap_create, out_length, 32, 8),
	FIELD(dmabuf_heap_create, name, 40, 32),
	END(dmabuf_heap_create, 72),

	FIELD(dmabuf_heap_answer, flags, 0, 4),
	FIELD(dmabuf_heap_answer, __reserved, 4, 4),
	FIELD(dmabuf_heap_answer, device, 8, 64),
	FIELD(dmabuf_heap_answer, limits, 72, 264),
	FIELD(dmabuf_heap_answer, merged, 336, 264),
	FIELD(dmabuf_heap_answer, report, 600, 232),
	END(dmabuf_heap_answer, 832),

	FIELD(dmabuf_heap_attach, size, 0, 4),
	FIELD(dmabuf_heap_attach, flags, 4, 4),
	FIELD(dmabuf_heap_attach, fd, 8, 4),
	FIELD(dmabuf_heap_attach, device_fd, 12, 4),
	FIELD(dmabuf_heap_attach, access, 16, 4),
	FIELD(dmabuf_heap_attach, limits_len, 20, 4),
	FIELD(dmabuf_heap_attach, limits, 24, 8),
	FIELD(dmabuf_heap_attach, answer, 32, 8),
	FIELD(dmabuf_heap_attach, answer_len, 40, 4),
	FIELD(dmabuf_heap_attach, __reserved, 44, 4),
	FIELD(dmabuf_heap_attach, out_id, 48, 8),
	FIELD(dmabuf_heap_attach, label, 56, 32),
	END(dmabuf_heap_attach, 88),

	FIELD(dmabuf_heap_detach, size, 0, 4),
	FIELD(dmabuf_heap_detach, flags, 4, 4),
	FIELD(dmabuf_heap_detach, fd, 8, 4),
	FIELD(dmabuf_heap_detach, __reserved, 12, 4),
	FIELD(dmabuf_heap_detach, id, 16, 8),
	END(dmabuf_heap_detach, 24),

	FIELD(dmabuf_heap_commit, size, 0, 4),
	FIELD(dmabuf_heap_commit, flags, 4, 4),
	FIELD(dmabuf_heap_commit, fd, 8, 4),
	FIELD(dmabuf_heap_commit, __reserved, 12, 4),
	END(dmabuf_heap_commit, 16),

	FIELD(dmabuf_heap_seal, size, 0, 4),
	FIELD(dmabuf_heap_seal, flags, 4, 4),
	FIELD(dmabuf_heap_seal, fd, 8, 4),
	FIELD(dmabuf_heap_seal, __reserved, 12, 4),
	END(dmabuf_heap_seal, 16),

	FIELD(dmabuf_heap_placement, runs, 0, 8),
	FIELD(dmabuf_heap_placement, run_min, 8, 8),
	FIELD(dmabuf_heap_placement, run_max, 16, 8),
	FIELD(dmabuf_heap_placement, nodes, 24, 8),
	FIELD(dmabuf_heap_placement, addr_bits, 32, 4),
	FIELD(dmabuf_heap_placement, align_bits, 36, 4),
	END(dmabuf_heap_placement, 40),

	FIELD(dmabuf_heap_buffer_record, id, 0, 8),
	FIELD(dmabuf_heap_buffer_record, length, 8, 8),
	FIELD(dmabuf_heap_buffer_record, created_ns, 16, 8),
	FIELD(dmabuf_heap_buffer_record, first_map_ns, 24, 8),
	FIELD(dmabuf_heap_buffer_record, state, 32, 4),
	FIELD(dmabuf_heap_buffer_record, flags, 36, 4),
	FIELD(dmabuf_heap_buffer_record, first_map, 40, 4),
	FIELD(dmabuf_heap_buffer_record, creator_pid, 44, 4),
	FIELD(dmabuf_heap_buffer_record, creator_uid, 48, 4),
	FIELD(dmabuf_heap_buffer_record, attachments, 52, 4),
	FIELD(dmabuf_heap_buffer_record, declared, 56, 4),
	FIELD(dmabuf_heap_buffer_record, cpu_maps, 60, 4),
	FIELD(dmabuf_heap_buffer_record, vmaps, 64, 4),
	FIELD(dmabuf_heap_buffer_record, device_maps, 68, 12),
	FIELD(dmabuf_heap_buffer_record, name, 80, 32),
	FIELD(dmabuf_heap_buffer_record, creator_comm, 112, 16),
	FIELD(dmabuf_heap_buffer_record, first_map_by, 128, 64),
	FIELD(dmabuf_heap_buffer_record, placement, 192, 40),
	FIELD(dmabuf_heap_buffer_record, merged, 232, 264),
	FIELD(dmabuf_heap_buffer_record, conflict, 496, 232),
	FIELD(dmabuf_heap_buffer_record, moves, 728, 8),
	FIELD(dmabuf_heap_buffer_record, moves_ns, 736, 8),
	FIELD(dmabuf_heap_buffer_record, last_move_ns, 744, 8),
	FIELD(dmabuf_heap_buffer_record, moved_for, 752, 64),
	FIELD(dmabuf_heap_buffer_record, run_starts, 816, 64),
	END(dmabuf_heap_buffer_record, 880),

	FIELD(dmabuf_heap_query, size, 0, 4),
	FIELD(dmabuf_heap_query, flags, 4, 4),
	FIELD(dmabuf_heap_query, by, 8, 4),
	FIELD(dmabuf_heap_query, fd, 12, 4),
	FIELD(dmabuf_heap_query, id, 16, 8),
	FIELD(dmabuf_heap_query, records, 24, 8),
	FIELD(dmabuf_heap_query, record_size, 32, 4),
	FIELD(dmabuf_heap_query, count, 36, 4),
	FIELD(dmabuf_heap_query, out_count, 40, 4),
	FIELD(dmabuf_heap_query, out_more, 44, 4),
	FIELD(dmabuf_heap_query, out_cursor, 48, 8),
	END(dmabuf_heap_query, 56),

	FIELD(dmabuf_heap_attachment_record, id, 0, 8),
	FIELD(dmabuf_heap_attachment_record, declared_id, 8, 8),
	FIELD(dmabuf_heap_attachment_record, created_ns, 16, 8),
	FIELD(dmabuf_heap_attachment_record, last_map_ns, 24, 8),
	FIELD(dmabuf_heap_attachment_record, bytes_mapped, 32, 8),
	FIELD(dmabuf_heap_attachment_record, maps_ever, 40, 24),
	FIELD(dmabuf_heap_attachment_record, maps, 64, 12),
	FIELD(dmabuf_heap_attachment_record, flags, 76, 4),
	FIELD(dmabuf_heap_attachment_record, access, 80, 4),
	FIELD(dmabuf_heap_attachment_record, dev_major, 84, 4),
	FIELD(dmabuf_heap_attachment_record, dev_minor, 88, 4),
	FIELD(dmabuf_heap_attachment_record, pid, 92, 4),
	FIELD(dmabuf_heap_attachment_record, comm, 96, 16),
	FIELD(dmabuf_heap_attachment_record, device, 112, 64),
	FIELD(dmabuf_heap_attachment_record, node, 176, 32),
	FIELD(dmabuf_heap_attachment_record, subsystem, 208, 32),
	FIELD(dmabuf_heap_attachment_record, label, 240, 32),
	FIELD(dmabuf_heap_attachment_record, limits, 272, 264),
	FIELD(dmabuf_heap_attachment_record, buffer, 536, 8),
	END(dmabuf_heap_attachment_record, 544),

	FIELD(dmabuf_heap_query_attachments, size, 0, 4),
	FIELD(dmabuf_heap_query_attachments, flags, 4, 4),
	FIELD(dmabuf_heap_query_attachments, by, 8, 4),
	FIELD(dmabuf_heap_query_attachments, fd, 12, 4),
	FIELD(dmabuf_heap_query_attachments, id, 16, 8),
	FIELD(dmabuf_heap_query_attachments, records, 24, 8),
	FIELD(dmabuf_heap_query_attachments, record_size, 32, 4),
	FIELD(dmabuf_heap_query_attachments, count, 36, 4),
	FIELD(dmabuf_heap_query_attachments, out_count, 40, 4),
	FIELD(dmabuf_heap_query_attachments, __reserved, 44, 4),
	END(dmabuf_heap_query_attachments, 48),

	FIELD(dmabuf_heap_watch, size, 0, 4),
	FIELD(dmabuf_heap_watch, flags, 4, 4),
	FIELD(dmabuf_heap_watch, event_size, 8, 4),
	FIELD(dmabuf_heap_watch, __reserved, 12, 4),
	FIELD(dmabuf_heap_watch, events, 16, 8),
	FIELD(dmabuf_heap_watch, id, 24, 8),
	END(dmabuf_heap_watch, 32),

	FIELD(dmabuf_heap_event, type, 0, 4),
	FIELD(dmabuf_heap_event, pid, 4, 4),
	FIELD(dmabuf_heap_event, time_ns, 8, 8),
	FIELD(dmabuf_heap_event, count, 16, 8),
	FIELD(dmabuf_heap_event, id, 24, 8),
	FIELD(dmabuf_heap_event, length, 32, 8),
	FIELD(dmabuf_heap_event, attachment, 40, 8),
	FIELD(dmabuf_heap_event, runs, 48, 8),
	FIELD(dmabuf_heap_event, duration_ns, 56, 8),
	FIELD(dmabuf_heap_event, addr_bits, 64, 4),
	FIELD(dmabuf_heap_event, segments, 68, 4),
	FIELD(dmabuf_heap_event, first_map, 72, 4),
	FIELD(dmabuf_heap_event, access, 76, 4),
	FIELD(dmabuf_heap_event, flags, 80, 4),
	FIELD(dmabuf_heap_event, uid, 84, 4),
	FIELD(dmabuf_heap_event, comm, 88, 16),
	FIELD(dmabuf_heap_event, name, 104, 32),
	FIELD(dmabuf_heap_event, device, 136, 64),
	FIELD(dmabuf_heap_event, label, 200, 32),
	FIELD(dmabuf_heap_event, report, 232, 232),
	END(dmabuf_heap_event, 464),
};

/* Needs no device. */
FIXTURE(header) {
};

FIXTURE_SETUP(header)
{
}

FIXTURE_TEARDOWN(header)
{
}

TEST_F(header, layout)
{
	const struct field *field;

	for (field = fields; field < fields + ARRAY_SIZE(fields); field++) {
		EXPECT_EQ(field->want_offset, field->offset)
			TH_LOG("at %s", field->name);
		EXPECT_EQ(field->want_size, field->size)
			TH_LOG("at %s", field->name);
	}
}

/* The table above names every byte of every struct: nothing is padding. */
TEST_F(header, no_padding)
{
	const struct field *field;
	size_t end = 0;

	for (field = fields; field < fields + ARRAY_SIZE(fields); field++) {
		EXPECT_EQ(end, field->want_offset)
			TH_LOG("before %s", field->name);
		end = field->want_size ? end + field->want_size : 0;
	}
}

TEST_F(header, numbers)
{
	EXPECT_EQ(0xbe00, DMABUF_HEAP_IOC_INFO);
	EXPECT_EQ(0xbe01, DMABUF_HEAP_IOC_CREATE);
	EXPECT_EQ(0xbe02, DMABUF_HEAP_IOC_ATTACH);
	EXPECT_EQ(0xbe03, DMABUF_HEAP_IOC_DETACH);
	EXPECT_EQ(0xbe04, DMABUF_HEAP_IOC_COMMIT);
	EXPECT_EQ(0xbe05, DMABUF_HEAP_IOC_SEAL);
	EXPECT_EQ(0xbe06, DMABUF_HEAP_IOC_QUERY);
	EXPECT_EQ(0xbe07, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS);
	EXPECT_EQ(0xbe08, DMABUF_HEAP_IOC_WATCH);
}

TEST_F(header, values)
{
	EXPECT_EQ(0, DMABUF_HEAP_LIMIT_MAX_ADDR);
	EXPECT_EQ(1, DMABUF_HEAP_LIMIT_CONTIGUOUS);
	EXPECT_EQ(2, DMABUF_HEAP_LIMIT_MAX_SEGMENT);
	EXPECT_EQ(3, DMABUF_HEAP_LIMIT_BOUNDARY);
	EXPECT_EQ(4, DMABUF_HEAP_LIMIT_MAX_SEGMENTS);
	EXPECT_EQ(5, DMABUF_HEAP_LIMIT_ALIGNMENT);
	EXPECT_EQ(6, DMABUF_HEAP_LIMIT_CHUNK);
	EXPECT_EQ(7, DMABUF_HEAP_LIMIT_NODE);
	EXPECT_EQ(8, DMABUF_HEAP_LIMIT_COUNT);
	EXPECT_EQ(16, DMABUF_HEAP_LIMIT_ROOM);
	EXPECT_EQ(1024, DMABUF_HEAP_MAX_NODES);
	EXPECT_EQ(1, DMABUF_HEAP_FEATURE_MOVE);
	EXPECT_EQ(1, DMABUF_HEAP_CREATE_MOVABLE);
	EXPECT_EQ(0, DMABUF_HEAP_FIRST_NONE);
	EXPECT_EQ(1, DMABUF_HEAP_FIRST_DEVICE);
	EXPECT_EQ(2, DMABUF_HEAP_FIRST_MMAP);
	EXPECT_EQ(3, DMABUF_HEAP_FIRST_VMAP);
	EXPECT_EQ(4, DMABUF_HEAP_FIRST_COMMIT);
	EXPECT_EQ(0, DMABUF_HEAP_UNBACKED);
	EXPECT_EQ(1, DMABUF_HEAP_BACKED);
	EXPECT_EQ(0, DMABUF_HEAP_QUERY_FD);
	EXPECT_EQ(1, DMABUF_HEAP_QUERY_ID);
	EXPECT_EQ(2, DMABUF_HEAP_QUERY_ALL);
	EXPECT_EQ(0, DMABUF_HEAP_DIR_READ);
	EXPECT_EQ(1, DMABUF_HEAP_DIR_WRITE);
	EXPECT_EQ(2, DMABUF_HEAP_DIR_BOTH);
	EXPECT_EQ(3, DMABUF_HEAP_DIR_COUNT);
	EXPECT_EQ(1, DMABUF_HEAP_ACCESS_READ);
	EXPECT_EQ(2, DMABUF_HEAP_ACCESS_WRITE);
	EXPECT_EQ(1, DMABUF_HEAP_ATTACH_TEST);
	EXPECT_EQ(1, DMABUF_HEAP_ATTACHMENT_DECLARED);
	EXPECT_EQ(2, DMABUF_HEAP_ATTACHMENT_IMPORTED);
	EXPECT_EQ(4, DMABUF_HEAP_ATTACHMENT_CPU_ONLY);
	EXPECT_EQ(8, DMABUF_HEAP_ATTACHMENT_REMAPPED);
	EXPECT_EQ(16, DMABUF_HEAP_ATTACHMENT_NO_DEVICE);
	EXPECT_EQ(1, DMABUF_HEAP_BUFFER_SEALED);
	EXPECT_EQ(2, DMABUF_HEAP_BUFFER_MOVABLE);
	EXPECT_EQ(-1, DMABUF_HEAP_NO_DEVICE);
	EXPECT_EQ(3, DMABUF_HEAP_ABI);
	EXPECT_EQ(256, DMABUF_HEAP_MAX_DECLARED);
	EXPECT_EQ(64, DMABUF_HEAP_MAX_WATCHERS);
	EXPECT_EQ(0, DMABUF_HEAP_EVENT_MISSED);
	EXPECT_EQ(1, DMABUF_HEAP_EVENT_CREATE);
	EXPECT_EQ(2, DMABUF_HEAP_EVENT_RELEASE);
	EXPECT_EQ(3, DMABUF_HEAP_EVENT_ATTACH);
	EXPECT_EQ(4, DMABUF_HEAP_EVENT_DETACH);
	EXPECT_EQ(5, DMABUF_HEAP_EVENT_FIRST_MAP);
	EXPECT_EQ(6, DMABUF_HEAP_EVENT_MOVE);
	EXPECT_EQ(7, DMABUF_HEAP_EVENT_REFUSED);
	EXPECT_EQ(8, DMABUF_HEAP_EVENT_MAP);
	EXPECT_EQ(9, DMABUF_HEAP_EVENT_UNMAP);
	EXPECT_EQ(10, DMABUF_HEAP_EVENT_CPU_MAP);
	EXPECT_EQ(11, DMABUF_HEAP_EVENT_SEAL);
	EXPECT_EQ(12, DMABUF_HEAP_EVENT_COUNT);
}

FIXTURE(abi) {
	struct heap_state heap;
};

FIXTURE_SETUP(abi)
{
	heap_setup(&self->heap);
}

FIXTURE_TEARDOWN(abi)
{
	heap_teardown(&self->heap);
}

TEST_F(abi, info)
{
	struct dmabuf_heap_info info;

	must_pass(heap_info(self->heap.fd, &info));
	EXPECT_EQ(sizeof(info), info.size);
	EXPECT_EQ(0, info.flags);
	EXPECT_EQ(DMABUF_HEAP_ABI, info.out_abi);
	EXPECT_EQ(HEAP_PAGE, info.out_page_size);
	EXPECT_EQ((1ULL << DMABUF_HEAP_LIMIT_COUNT) - 1, info.out_limits);
	EXPECT_EQ(DMABUF_HEAP_FEATURE_MOVE, info.out_features);
	EXPECT_EQ(0, info.out_max_length % info.out_page_size);
	EXPECT_LE(heap_file_field("/proc/meminfo", "MemTotal") * 1024,
		  info.out_max_length);
}

/* Five GiB: a length that would be cut short if it passed through 32 bits. */
TEST_F(abi, create)
{
	struct dmabuf_heap_create create = {
		.size = sizeof(create),
		.length = 5 * HEAP_GIB - 1,
		.fd_flags = O_RDWR,
		.name = "abi",
	};
	struct dmabuf_heap_buffer_record record;
	struct dmabuf_heap_info info;

	must_pass(heap_info(self->heap.fd, &info));
	if (info.out_max_length < 5 * HEAP_GIB)
		SKIP(return, "less than 5 GiB of memory");
	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_CREATE, &create));
	EXPECT_EQ(5 * HEAP_GIB, create.out_length);
	must_pass(heap_query(self->heap.fd, create.out_fd, &record));
	EXPECT_EQ(create.out_id, record.id);
	EXPECT_EQ(5 * HEAP_GIB, record.length);
	EXPECT_STREQ("abi", record.name);
	close(create.out_fd);
}

/* A flag goes in and is seen in the record. */
TEST_F(abi, movable)
{
	struct dmabuf_heap_create create = {
		.size = sizeof(create),
		.flags = DMABUF_HEAP_CREATE_MOVABLE,
		.length = HEAP_MIB,
		.fd_flags = O_RDWR,
	};
	struct dmabuf_heap_buffer_record record;

	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_CREATE, &create));
	must_pass(heap_query(self->heap.fd, create.out_fd, &record));
	EXPECT_EQ(DMABUF_HEAP_BUFFER_MOVABLE, record.flags);
	EXPECT_EQ(0, record.moves);
	EXPECT_EQ(0, record.moves_ns);
	EXPECT_EQ(0, record.last_move_ns);
	EXPECT_STREQ("", record.moved_for);
	EXPECT_EQ(0, record.run_starts[0]);
	close(create.out_fd);
}

/* Two structs behind pointers go in and out of one call. */
TEST_F(abi, requirement)
{
	struct dmabuf_heap_attachment_record record;
	struct dmabuf_heap_limits limits = {};
	struct dmabuf_heap_answer answer;
	int buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));
	__u64 id;

	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, 0x1ffffffffULL);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_BOUNDARY, 0xffffffffffULL);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 0x100000001ULL);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_CHUNK, 1ULL << 40);
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_NODE, 0);
	must_pass(heap_require(self->heap.fd, buffer, DMABUF_HEAP_NO_DEVICE,
			       &limits, "abi", &id, &answer));
	EXPECT_EQ(limits.valid, answer.merged.valid);
	EXPECT_EQ(0x1ffffffffULL,
		  heap_limits_value(&answer.merged, DMABUF_HEAP_LIMIT_MAX_ADDR));
	EXPECT_EQ(0xffffffffffULL,
		  heap_limits_value(&answer.merged, DMABUF_HEAP_LIMIT_BOUNDARY));
	EXPECT_EQ(0x100000001ULL,
		  heap_limits_value(&answer.merged, DMABUF_HEAP_LIMIT_MAX_SEGMENTS));
	EXPECT_EQ(1ULL << 40, heap_limits_value(&answer.merged, DMABUF_HEAP_LIMIT_CHUNK));
	EXPECT_EQ(0, heap_limits_value(&answer.merged, DMABUF_HEAP_LIMIT_NODE));
	must_pass(heap_query_attachment(self->heap.fd, buffer, id, &record));
	EXPECT_STREQ("abi", record.label);
	EXPECT_EQ(0x1ffffffffULL,
		  heap_limits_value(&record.limits, DMABUF_HEAP_LIMIT_MAX_ADDR));
	must_pass(heap_detach(self->heap.fd, buffer, id));
	must_fail(ENOENT, heap_query_attachment(self->heap.fd, buffer, id, &record));
	close(buffer);
}

TEST_F(abi, device)
{
	int card = must_have(drm_card_open(DRM_VGEM), "vgem");
	int buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));
	struct dmabuf_heap_answer answer;
	char name[64];
	__u64 id;

	must_pass(device_name(card, "device", name, sizeof(name)));
	must_pass(heap_attach(self->heap.fd, buffer, card, &id, &answer));
	EXPECT_STREQ(name, answer.device);
	EXPECT_NE(0, id);
	close(buffer);
	close(card);
}

TEST_F(abi, commit_seal_query)
{
	struct dmabuf_heap_buffer_record record, again;
	int buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));
	__u64 cursor = 0;
	bool more;

	must_pass(heap_commit(self->heap.fd, buffer));
	must_pass(heap_seal(self->heap.fd, buffer));
	must_pass(heap_query(self->heap.fd, buffer, &record));
	EXPECT_EQ(DMABUF_HEAP_BACKED, record.state);
	EXPECT_EQ(DMABUF_HEAP_BUFFER_SEALED, record.flags);
	EXPECT_EQ(DMABUF_HEAP_FIRST_COMMIT, record.first_map);
	must_pass(heap_query_id(self->heap.fd, record.id, &again));
	EXPECT_EQ(0, memcmp(&record, &again, sizeof(record)));
	cursor = record.id - 1;
	ASSERT_EQ(1, heap_query_all(self->heap.fd, &cursor, &more, &again, 1));
	EXPECT_EQ(0, memcmp(&record, &again, sizeof(record)));
	EXPECT_EQ(record.id, cursor);
	close(buffer);
}

/* An event's size, its bits and a filter go in, and a whole event comes out. */
TEST_F(abi, watch)
{
	struct dmabuf_heap_watch watch = {
		.size = sizeof(watch),
		.event_size = sizeof(struct dmabuf_heap_event),
		.events = 1 << DMABUF_HEAP_EVENT_SEAL,
	};
	struct dmabuf_heap_event event;
	int buffer = must_open(heap_create_id(self->heap.fd, HEAP_MIB, &watch.id));

	must_pass(heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_WATCH, &watch));
	must_pass(heap_commit(self->heap.fd, buffer));
	must_pass(heap_seal(self->heap.fd, buffer));
	ASSERT_EQ(sizeof(event), read(self->heap.fd, &event, sizeof(event)));
	EXPECT_EQ(DMABUF_HEAP_EVENT_SEAL, event.type);
	EXPECT_EQ(watch.id, event.id);
	EXPECT_EQ(HEAP_MIB, event.length);
	EXPECT_STREQ("test", event.name);
	EXPECT_EQ(getpid(), event.pid);
	EXPECT_EQ(0, event.report.error);
	close(buffer);
}

#if __SIZEOF_POINTER__ == 4
/* A pointer of a 32-bit process has 32 bits, and the others have to be zero. */
TEST_F(abi, pointer_too_long)
{
	struct dmabuf_heap_buffer_record record;
	struct dmabuf_heap_query query = {
		.size = sizeof(query),
		.by = DMABUF_HEAP_QUERY_ALL,
		.records = (uintptr_t)&record + (1ULL << 32),
		.record_size = sizeof(record),
		.count = 1,
	};
	int buffer = must_open(heap_create(self->heap.fd, HEAP_MIB));

	must_fail(EFAULT, heap_ioctl(self->heap.fd, DMABUF_HEAP_IOC_QUERY, &query));
	close(buffer);
}
#endif

TEST_HARNESS_MAIN
