// SPDX-License-Identifier: GPL-2.0
/*
 * The library's words for quantities, limits and errors, and for refusals that no
 * device here can bring about. Needs no device and no module.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include <dmabuf-heap.h>

#define TEXT_SIZE	512

FIXTURE(words) {
	char text[TEXT_SIZE];
};

FIXTURE_SETUP(words)
{
	memset(self->text, 'x', sizeof(self->text));
}

FIXTURE_TEARDOWN(words)
{
}

TEST_F(words, size)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0 bytes" }, { 1, "1 byte" }, { 1023, "1023 bytes" },
		{ 1024, "1 KiB" }, { 65536, "64 KiB" }, { 1536 << 10, "1.5 MiB" },
		{ (1 << 20) - 1, "1023.9 KiB" }, { 33 << 20, "33 MiB" },
		{ 1ULL << 32, "4 GiB" }, { -1ULL, "15.9 EiB" },
	};
	unsigned int i;
	size_t length;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		length = dmabuf_heap_size_describe(sizes[i].bytes, self->text,
						   sizeof(self->text));
		EXPECT_STREQ(sizes[i].text, self->text);
		EXPECT_EQ(strlen(sizes[i].text), length);
	}
}

TEST_F(words, limit)
{
	static const struct {
		enum dbheap_limit limit;
		uint64_t value;
		const char *text;
	} limits[] = {
		{ DBHEAP_LIMIT_MAX_ADDR, 0xffffffff, "below 4 GiB" },
		{ DBHEAP_LIMIT_MAX_ADDR, (1 << 28) - 1, "below 256 MiB" },
		{ DBHEAP_LIMIT_MAX_ADDR, 0xfffeffff, "up to address 0xfffeffff" },
		{ DBHEAP_LIMIT_MAX_ADDR, -1ULL, "any address" },
		{ DBHEAP_LIMIT_MAX_ADDR, 0, "no address without bouncing" },
		{ DBHEAP_LIMIT_CONTIGUOUS, 1, "contiguous" },
		{ DBHEAP_LIMIT_CONTIGUOUS, 0, "any number of runs" },
		{ DBHEAP_LIMIT_MAX_SEGMENT, 65536, "segments of at most 64 KiB" },
		{ DBHEAP_LIMIT_MAX_SEGMENT, -1ULL, "segments of any size" },
		{ DBHEAP_LIMIT_BOUNDARY, 0xffffffff,
		  "no segment across 4 GiB" },
		{ DBHEAP_LIMIT_BOUNDARY, -1ULL, "segments across any boundary" },
		{ DBHEAP_LIMIT_MAX_SEGMENTS, 1, "one segment" },
		{ DBHEAP_LIMIT_MAX_SEGMENTS, 16, "at most 16 segments" },
		{ DBHEAP_LIMIT_MAX_SEGMENTS, -1ULL, "any number of segments" },
		{ DBHEAP_LIMIT_ALIGNMENT, 65536, "aligned to 64 KiB" },
		{ DBHEAP_LIMIT_ALIGNMENT, 0, "any alignment" },
		{ DBHEAP_LIMIT_CHUNK, 2 << 20, "preferably runs of 2 MiB" },
		{ DBHEAP_LIMIT_CHUNK, 0, "runs of any size" },
		{ DBHEAP_LIMIT_NODE, 0, "preferably NUMA node 0" },
		{ DBHEAP_LIMIT_NODE, -1ULL, "any NUMA node" },
		{ DBHEAP_LIMIT_COUNT, 1, "" },
	};
	unsigned int i;
	size_t length;

	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		length = dmabuf_heap_limit_describe(limits[i].limit,
						    limits[i].value, self->text,
						    sizeof(self->text));
		EXPECT_STREQ(limits[i].text, self->text);
		EXPECT_EQ(strlen(limits[i].text), length);
	}
}

/* As snprintf(): cut, ended, and the whole length told. */
TEST_F(words, room)
{
	EXPECT_EQ(5, dmabuf_heap_size_describe(1024, NULL, 0));
	EXPECT_EQ(5, dmabuf_heap_size_describe(1024, self->text, 1));
	EXPECT_EQ('\0', self->text[0]);
	EXPECT_EQ('x', self->text[1]);
	EXPECT_EQ(5, dmabuf_heap_size_describe(1024, self->text, 4));
	EXPECT_STREQ("1 K", self->text);
	EXPECT_EQ('x', self->text[4]);
	EXPECT_EQ(5, dmabuf_heap_size_describe(1024, self->text, 6));
	EXPECT_STREQ("1 KiB", self->text);
	EXPECT_EQ('x', self->text[6]);
}

TEST_F(words, error)
{
	char longer[TEXT_SIZE];

	dmabuf_heap_error_explain(DBHEAP_CALL_OPEN, -ENOENT, longer,
				  sizeof(longer));
	EXPECT_STREQ("there is no such device node: is the module dmabuf-heap loaded?",
		     longer);
	/* The same errno of two calls, of one call by either sign, of any call. */
	dmabuf_heap_error_explain(DBHEAP_CALL_ATTACH, -EBUSY, self->text, sizeof(self->text));
	dmabuf_heap_error_explain(DBHEAP_CALL_DETACH, -EBUSY, longer, sizeof(longer));
	EXPECT_STRNE(self->text, longer);
	dmabuf_heap_error_explain(DBHEAP_CALL_ATTACH, EBUSY, longer, sizeof(longer));
	EXPECT_STREQ(self->text, longer);
	dmabuf_heap_error_explain(DBHEAP_CALL_COMMIT, -ENOMEM, self->text, sizeof(self->text));
	EXPECT_STREQ("not enough memory is free now", self->text);
	/* Over the administrator's limit: of buffers, of memory, of memory to move to. */
	dmabuf_heap_error_explain(DBHEAP_CALL_CREATE, -EDQUOT, self->text, sizeof(self->text));
	EXPECT_STREQ("the administrator allows no more buffers, to this user or all",
		     self->text);
	dmabuf_heap_error_explain(DBHEAP_CALL_COMMIT, -EDQUOT, self->text, sizeof(self->text));
	EXPECT_STREQ("the administrator allows no more memory behind buffers, to this user or all",
		     self->text);
	dmabuf_heap_error_explain(DBHEAP_CALL_ATTACH, -EDQUOT, self->text, sizeof(self->text));
	EXPECT_STREQ("the buffer would have to move, and the administrator allows no more memory",
		     self->text);
	/* Not in any table: as the C library has it. */
	dmabuf_heap_error_explain(DBHEAP_CALL_OPEN, -EXDEV, self->text, sizeof(self->text));
	EXPECT_STREQ(strerror(EXDEV), self->text);
	EXPECT_LT(10, dmabuf_heap_error_explain(DBHEAP_CALL_WAIT, -100000, NULL,
						0));
}

TEST_F(words, conflict)
{
	static const struct {
		struct dmabuf_heap_conflict conflict;
		const char *text;
	} cases[] = { {
		.conflict = {
			.error = EBUSY, .limit = DBHEAP_LIMIT_MAX_ADDR,
			.wanted = (1 << 24) - 1, .found = -1ULL,
			.first_map = DBHEAP_FIRST_DEVICE, .first_map_ns = -1ULL,
			.device = "isa.0", .label = "", .first_map_by = "",
		},
		.text =
		"sound (isa.0) needs memory below 16 MiB; the buffer's memory, allocated when someone mapped it less than 1 ms ago, reaches 64 address bits",
	}, {
		.conflict = {
			.error = EOPNOTSUPP, .limit = DBHEAP_LIMIT_MAX_ADDR,
			.device = "isa.0", .label = "", .first_map_by = "",
		},
		.text =
		"sound (isa.0) reaches no memory without bouncing, and a shared buffer can't bounce",
	}, {
		.conflict = {
			.error = EBUSY, .limit = DBHEAP_LIMIT_COUNT,
			.first_map = DBHEAP_FIRST_COMMIT + 1,
			.first_map_ns = -1ULL, .device = "card0 (isa.0)",
			.label = "", .first_map_by = "painter",
		},
		.text =
		"card0 (isa.0) has a limit newer than this library; the buffer was allocated otherwise when painter used it less than 1 ms ago",
	}, {
		.conflict = {
			.error = EBUSY, .limit = DBHEAP_LIMIT_MAX_SEGMENTS,
			.wanted = 1, .found = 12,
			.first_map = DBHEAP_FIRST_COMMIT, .first_map_ns = -1ULL,
			.device = "isa.0", .label = "dma", .first_map_by = "painter",
		},
		.text =
		"sound (isa.0) as \"dma\" needs the buffer in one segment; the buffer's memory, allocated when painter committed it less than 1 ms ago, would be cut into 12",
	}, {
		.conflict = {
			.error = EOPNOTSUPP, .limit = DBHEAP_LIMIT_MAX_SEGMENTS,
			.wanted = 4, .found = 16, .length = 1 << 20,
			.device = "isa.0", .label = "", .first_map_by = "",
		},
		.text =
		"sound (isa.0) needs the buffer in at most 4 segments, and its 1 MiB make at least 16 on this machine",
	}, {
		.conflict = {
			.error = EBUSY, .limit = DBHEAP_LIMIT_ALIGNMENT,
			.wanted = 65536, .found = 4096,
			.first_map = DBHEAP_FIRST_COMMIT, .first_map_ns = -1ULL,
			.device = "", .label = "tiles", .first_map_by = "painter",
		},
		.text =
		"the requirement \"tiles\" needs memory aligned to 64 KiB; the buffer's memory, allocated when painter committed it less than 1 ms ago, is aligned to 4 KiB",
	}, {
		.conflict = {
			.error = EOPNOTSUPP, .limit = DBHEAP_LIMIT_ALIGNMENT,
			.wanted = 1ULL << 40, .found = 1 << 30,
			.device = "", .label = "", .first_map_by = "",
		},
		.text =
		"a requirement needs memory aligned to 1 TiB, and this machine can align to 1 GiB at most",
	}, {
		.conflict = {
			.error = EPERM, .device = "video0 (vivid.0)", .label = "",
			.first_map_by = "",
		},
		.text =
		"the buffer is sealed, and video0 (vivid.0) was not attached before",
	}, {
		.conflict = {
			.error = EPERM, .device = "isa.0", .label = "",
			.first_map_by = "",
		},
		.text =
		"the buffer is sealed, and sound (isa.0) was not attached before",
	} };
	unsigned int i;
	size_t length;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		length = dmabuf_heap_conflict_explain(&cases[i].conflict, "sound",
						      self->text,
						      sizeof(self->text));
		EXPECT_STREQ(cases[i].text, self->text);
		EXPECT_EQ(strlen(cases[i].text), length);
	}
}

/* Events that need drivers, and those that hardly happen. */
TEST_F(words, event)
{
#define EVENT(what, text, ...) \
	{ { .type = DBHEAP_EVENT_##what, .id = 7, .length = 1228800, .name = "frame", \
	    .comm = "camera", .device = "video0 (vivid.0)", .label = "", __VA_ARGS__ }, text }
	static const struct {
		struct dmabuf_heap_event_info event;
		const char *text;
	} events[] = {
		EVENT(MISSED, "1 event was missed", .count = 1),
		EVENT(MISSED, "2000 events were missed", .count = 2000),
		EVENT(CREATE, "\"frame\" of 1.1 MiB, by camera", .pid = 0),
		EVENT(RELEASE, "\"frame\" of 1.1 MiB", .pid = 9),
		EVENT(ATTACH, "video0 (vivid.0), imported", .attachment_id = 1,
		      .attachment_flags = DBHEAP_ATTACHMENT_IMPORTED),
		EVENT(DETACH, "video0 (vivid.0), declared", .attachment_id = 1,
		      .attachment_flags = DBHEAP_ATTACHMENT_DECLARED,
		      .access = DBHEAP_WRITE),
		EVENT(FIRST_MAP, "video0 (vivid.0) mapped it: 300 runs, below 8 GiB",
		      .first_map = DBHEAP_FIRST_DEVICE, .runs = 300, .addr_bits = 33),
		EVENT(MOVE, "for video0 (vivid.0), in 3 ms: contiguous, any address",
		      .duration_ns = 3999999, .runs = 1, .addr_bits = 64),
		EVENT(MOVE, "for video0 (vivid.0), in less than 1 ms: 2 runs, below 4 GiB",
		      .duration_ns = 999999, .runs = 2, .addr_bits = 32),
		EVENT(MAP, "video0 (vivid.0) to write, 19 segments", .attachment_id = 1,
		      .access = DBHEAP_WRITE, .segments = 19),
		EVENT(UNMAP, "video0 (vivid.0) to read and write, 1 segment",
		      .attachment_id = 1, .access = DBHEAP_READ | DBHEAP_WRITE,
		      .segments = 1),
		EVENT(CPU_MAP, "1.1 MiB for a driver, by camera (process 9)", .pid = 9,
		      .first_map = DBHEAP_FIRST_VMAP),
		EVENT(SEAL, "by camera (process 9)", .pid = 9),
		EVENT(COUNT, "", .pid = 9),
	};
#undef EVENT
	unsigned int i;
	size_t length;

	for (i = 0; i < sizeof(events) / sizeof(*events); i++) {
		length = dmabuf_heap_event_describe(&events[i].event, self->text,
						    sizeof(self->text));
		EXPECT_STREQ(events[i].text, self->text);
		EXPECT_EQ(strlen(events[i].text), length);
	}
}

TEST_HARNESS_MAIN
