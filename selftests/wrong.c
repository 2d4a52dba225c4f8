// SPDX-License-Identifier: GPL-2.0
/*
 * Wrong values in calls: see wrong.h. Each row of a table is one wrong thing; a
 * struct with nothing wrong comes from subject.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "wrong.h"

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

void wrong_tell(struct wrong_witness *witness, const char *what, int want, int rc)
{
	witness->saw(witness, what, want, rc < 0 ? -rc : 0);
}

void wrong_numbers(struct subject *on, struct wrong_witness *witness)
{
	static const unsigned int numbers[] = {
		_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_WATCH + 1),
		_IO(DMABUF_HEAP_IOC_TYPE, 0xff),
		_IO(DMABUF_HEAP_IOC_TYPE + 1, DMABUF_HEAP_CMD_INFO),
		_IOWR(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_INFO, struct dmabuf_heap_info),
		_IOR(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_INFO, struct dmabuf_heap_info),
		_IOW(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_INFO, struct dmabuf_heap_info),
		0, 0xffffffff,
	};
	union subject_arg arg;
	char what[64];
	size_t i;

	subject_fill(on, DMABUF_HEAP_IOC_INFO, &arg);
	for (i = 0; i < ROWS(numbers); i++) {
		snprintf(what, sizeof(what), "call 0x%x", numbers[i]);
		wrong_tell(witness, what, ENOTTY, heap_ioctl(on->heap, numbers[i], &arg));
	}
	wrong_tell(witness, "INFO of a buffer's fd", ENOTTY,
		   heap_ioctl(on->buffer, DMABUF_HEAP_IOC_INFO, &arg));
}

/* One field of one call's struct. */
struct wrong_field {
	const char *what;
	unsigned int call;
	size_t offset;
	size_t size;
	__u64 value;
	int error;
};

#define FIELD(name, cmd, field, value, error) \
	{ #name "." #field " = " #value, DMABUF_HEAP_IOC_##cmd, \
	  offsetof(struct dmabuf_heap_##name, field), \
	  sizeof(((struct dmabuf_heap_##name *)0)->field), value, error }

static const struct wrong_field fields[] = {
	FIELD(info, INFO, flags, 1, EINVAL),
	FIELD(info, INFO, flags, 0x80000000, EINVAL),

	FIELD(create, CREATE, flags, 2, EINVAL),
	FIELD(create, CREATE, flags, 0x80000000, EINVAL),
	FIELD(create, CREATE, length, 0, EINVAL),
	FIELD(create, CREATE, length, -1ULL, EOPNOTSUPP),
	FIELD(create, CREATE, fd_flags, O_WRONLY, EINVAL),
	FIELD(create, CREATE, fd_flags, O_ACCMODE, EINVAL),
	FIELD(create, CREATE, fd_flags, O_RDWR | O_NONBLOCK, EINVAL),
	FIELD(create, CREATE, fd_flags, O_RDWR | O_APPEND, EINVAL),
	FIELD(create, CREATE, fd_flags, O_RDWR | O_CREAT, EINVAL),
	FIELD(create, CREATE, fd_flags, O_RDWR | 0x80000000, EINVAL),

	FIELD(attach, ATTACH, flags, 2, EINVAL),
	FIELD(attach, ATTACH, flags, 0x80000001, EINVAL),
	FIELD(attach, ATTACH, access, 0, EINVAL),
	FIELD(attach, ATTACH, access, 4, EINVAL),
	FIELD(attach, ATTACH, access, 7, EINVAL),
	FIELD(attach, ATTACH, access, 0x80000001, EINVAL),
	FIELD(attach, ATTACH, limits, 0, EINVAL),
	FIELD(attach, ATTACH, limits_len, 0, EINVAL),
	FIELD(attach, ATTACH, limits_len, 7, EINVAL),
	FIELD(attach, ATTACH, answer, 0, EINVAL),
	FIELD(attach, ATTACH, answer_len, 0, EINVAL),
	FIELD(attach, ATTACH, __reserved, 1, EINVAL),
	FIELD(attach, ATTACH, __reserved, 0x80000000, EINVAL),

	FIELD(detach, DETACH, flags, 1, EINVAL),
	FIELD(detach, DETACH, flags, 0x80000000, EINVAL),
	FIELD(detach, DETACH, __reserved, 1, EINVAL),
	FIELD(detach, DETACH, __reserved, 0x80000000, EINVAL),
	FIELD(detach, DETACH, id, 0, ENOENT),
	FIELD(detach, DETACH, id, 1000, ENOENT),
	FIELD(detach, DETACH, id, -1ULL, ENOENT),

	FIELD(commit, COMMIT, flags, 1, EINVAL),
	FIELD(commit, COMMIT, flags, 0x80000000, EINVAL),
	FIELD(commit, COMMIT, __reserved, 1, EINVAL),
	FIELD(commit, COMMIT, __reserved, 0x80000000, EINVAL),

	FIELD(seal, SEAL, flags, 1, EINVAL),
	FIELD(seal, SEAL, flags, 0x80000000, EINVAL),
	FIELD(seal, SEAL, __reserved, 1, EINVAL),
	FIELD(seal, SEAL, __reserved, 0x80000000, EINVAL),

	FIELD(query, QUERY, flags, 1, EINVAL),
	FIELD(query, QUERY, flags, 0x80000000, EINVAL),
	FIELD(query, QUERY, by, DMABUF_HEAP_QUERY_ALL + 1, EINVAL),
	FIELD(query, QUERY, by, 0xffffffff, EINVAL),
	FIELD(query, QUERY, by, DMABUF_HEAP_QUERY_ID, EINVAL), /* with an fd */
	FIELD(query, QUERY, by, DMABUF_HEAP_QUERY_ALL, EINVAL), /* with an fd */
	FIELD(query, QUERY, id, 1, EINVAL), /* with an fd */
	FIELD(query, QUERY, count, 0, EINVAL),
	FIELD(query, QUERY, record_size, 0, EINVAL),

	FIELD(query_attachments, QUERY_ATTACHMENTS, flags, 1, EINVAL),
	FIELD(query_attachments, QUERY_ATTACHMENTS, flags, 0x80000000, EINVAL),
	FIELD(query_attachments, QUERY_ATTACHMENTS, by, DMABUF_HEAP_QUERY_ALL + 1, EINVAL),
	FIELD(query_attachments, QUERY_ATTACHMENTS, by, 0xffffffff, EINVAL),
	FIELD(query_attachments, QUERY_ATTACHMENTS, by, DMABUF_HEAP_QUERY_ID, EINVAL),
	FIELD(query_attachments, QUERY_ATTACHMENTS, by, DMABUF_HEAP_QUERY_ALL, EINVAL),
	FIELD(query_attachments, QUERY_ATTACHMENTS, id, 1, EINVAL),
	FIELD(query_attachments, QUERY_ATTACHMENTS, record_size, 0, EINVAL),
	FIELD(query_attachments, QUERY_ATTACHMENTS, __reserved, 1, EINVAL),
	FIELD(query_attachments, QUERY_ATTACHMENTS, __reserved, 0x80000000, EINVAL),

	FIELD(watch, WATCH, flags, 1, EINVAL),
	FIELD(watch, WATCH, flags, 0x80000000, EINVAL),
	FIELD(watch, WATCH, event_size, 0, EINVAL),
	FIELD(watch, WATCH, event_size, HEAP_PAGE + 1, E2BIG),
	FIELD(watch, WATCH, event_size, 0xffffffff, E2BIG),
	FIELD(watch, WATCH, __reserved, 1, EINVAL),
	FIELD(watch, WATCH, __reserved, 0x80000000, EINVAL),
	FIELD(watch, WATCH, events, 0, EINVAL), /* with an event_size */
	FIELD(watch, WATCH, events, 1 << DMABUF_HEAP_EVENT_MISSED, EINVAL),
	FIELD(watch, WATCH, events, 1 << DMABUF_HEAP_EVENT_COUNT, EINVAL),
	FIELD(watch, WATCH, events, 1ULL << 63 | 2, EINVAL),
};

static void field_set(union subject_arg *arg, const struct wrong_field *field)
{
	__u32 word = field->value;

	if (field->size == sizeof(word))
		memcpy((char *)arg + field->offset, &word, sizeof(word));
	else
		memcpy((char *)arg + field->offset, &field->value, sizeof(field->value));
}

/* Ids that no buffer has, where nothing else of the struct is wrong. */
static void wrong_ids(struct subject *on, struct wrong_witness *witness)
{
	static const __u64 ids[] = { 0, 1ULL << 62, -1ULL };
	union subject_arg arg;
	size_t i;

	for (i = 0; i < ROWS(ids); i++) {
		subject_fill(on, DMABUF_HEAP_IOC_QUERY, &arg);
		arg.query.by = DMABUF_HEAP_QUERY_ID;
		arg.query.fd = 0;
		arg.query.id = ids[i];
		wrong_tell(witness, "query by an id that isn't there", ENOENT,
			   heap_ioctl(on->heap, DMABUF_HEAP_IOC_QUERY, &arg));
		subject_fill(on, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, &arg);
		arg.query_attachments.by = DMABUF_HEAP_QUERY_ID;
		arg.query_attachments.fd = 0;
		arg.query_attachments.id = ids[i];
		wrong_tell(witness, "query_attachments by an id that isn't there", ENOENT,
			   heap_ioctl(on->heap, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, &arg));
	}
}

void wrong_fields(struct subject *on, struct wrong_witness *witness)
{
	union subject_arg arg;
	size_t i;

	for (i = 0; i < ROWS(fields); i++) {
		subject_fill(on, fields[i].call, &arg);
		field_set(&arg, &fields[i]);
		wrong_tell(witness, fields[i].what, fields[i].error,
			   heap_ioctl(on->heap, fields[i].call, &arg));
	}
	wrong_ids(on, witness);
}

void wrong_texts(struct subject *on, struct wrong_witness *witness)
{
	static const char characters[] = "\n\t\r\x01\x1b\x1f\x7f";
	union subject_arg create, attach;
	const char *wrong;

	subject_fill(on, DMABUF_HEAP_IOC_CREATE, &create);
	subject_fill(on, DMABUF_HEAP_IOC_ATTACH, &attach);
	memset(create.create.name, 'a', sizeof(create.create.name));
	memset(attach.attach.label, 'a', sizeof(attach.attach.label));
	wrong_tell(witness, "create.name without a NUL", EINVAL,
		   heap_ioctl(on->heap, DMABUF_HEAP_IOC_CREATE, &create));
	wrong_tell(witness, "attach.label without a NUL", EINVAL,
		   heap_ioctl(on->heap, DMABUF_HEAP_IOC_ATTACH, &attach));

	create.create.name[sizeof(create.create.name) - 1] = 0;
	attach.attach.label[sizeof(attach.attach.label) - 1] = 0;
	for (wrong = characters; *wrong; wrong++) {
		create.create.name[3] = *wrong;
		wrong_tell(witness, "create.name with a control character", EINVAL,
			   heap_ioctl(on->heap, DMABUF_HEAP_IOC_CREATE, &create));
		attach.attach.label[sizeof(attach.attach.label) - 2] = *wrong;
		wrong_tell(witness, "attach.label with a control character", EINVAL,
			   heap_ioctl(on->heap, DMABUF_HEAP_IOC_ATTACH, &attach));
	}
}

/* One limit that can't be. */
static const struct {
	const char *what;
	unsigned int limit;
	__u64 value;
} limits[] = {
	{ "CONTIGUOUS = 2", DMABUF_HEAP_LIMIT_CONTIGUOUS, 2 },
	{ "CONTIGUOUS = all bits", DMABUF_HEAP_LIMIT_CONTIGUOUS, -1ULL },
	{ "MAX_SEGMENT = 0", DMABUF_HEAP_LIMIT_MAX_SEGMENT, 0 },
	{ "MAX_SEGMENT = 1", DMABUF_HEAP_LIMIT_MAX_SEGMENT, 1 },
	{ "MAX_SEGMENT a byte short of a page", DMABUF_HEAP_LIMIT_MAX_SEGMENT, HEAP_PAGE - 1 },
	{ "MAX_SEGMENT a byte over a page", DMABUF_HEAP_LIMIT_MAX_SEGMENT, HEAP_PAGE + 1 },
	{ "MAX_SEGMENT half a page over", DMABUF_HEAP_LIMIT_MAX_SEGMENT, HEAP_PAGE * 3 / 2 },
	{ "BOUNDARY = 0", DMABUF_HEAP_LIMIT_BOUNDARY, 0 },
	{ "BOUNDARY a power of two", DMABUF_HEAP_LIMIT_BOUNDARY, 0x10000 },
	{ "BOUNDARY with a hole", DMABUF_HEAP_LIMIT_BOUNDARY, 0xf0fff },
	{ "BOUNDARY below a page", DMABUF_HEAP_LIMIT_BOUNDARY, HEAP_PAGE / 2 - 1 },
	{ "MAX_SEGMENTS = 0", DMABUF_HEAP_LIMIT_MAX_SEGMENTS, 0 },
	{ "ALIGNMENT = 0", DMABUF_HEAP_LIMIT_ALIGNMENT, 0 },
	{ "ALIGNMENT half a page", DMABUF_HEAP_LIMIT_ALIGNMENT, HEAP_PAGE / 2 },
	{ "ALIGNMENT three pages", DMABUF_HEAP_LIMIT_ALIGNMENT, 3 * HEAP_PAGE },
	{ "ALIGNMENT = all bits", DMABUF_HEAP_LIMIT_ALIGNMENT, -1ULL },
	{ "CHUNK = 0", DMABUF_HEAP_LIMIT_CHUNK, 0 },
	{ "CHUNK half a page", DMABUF_HEAP_LIMIT_CHUNK, HEAP_PAGE / 2 },
	{ "CHUNK three pages", DMABUF_HEAP_LIMIT_CHUNK, 3 * HEAP_PAGE },
	{ "CHUNK = all bits", DMABUF_HEAP_LIMIT_CHUNK, -1ULL },
	{ "NODE that isn't online", DMABUF_HEAP_LIMIT_NODE, 63 },
	{ "NODE the last that can be", DMABUF_HEAP_LIMIT_NODE, DMABUF_HEAP_MAX_NODES - 1 },
	{ "NODE that can't be", DMABUF_HEAP_LIMIT_NODE, DMABUF_HEAP_MAX_NODES },
	{ "NODE = all bits", DMABUF_HEAP_LIMIT_NODE, -1ULL },
	{ "unknown limit", DMABUF_HEAP_LIMIT_COUNT, 0 },
	{ "last limit there is room for", DMABUF_HEAP_LIMIT_ROOM - 1, 0 },
	{ "limit that there is no room for", DMABUF_HEAP_LIMIT_ROOM, 0 },
	{ "limit 63", 63, 0 },
};

static void limits_tell(struct subject *on, struct wrong_witness *witness, const char *what,
			const struct dmabuf_heap_limits *wrong)
{
	union subject_arg arg;

	subject_fill(on, DMABUF_HEAP_IOC_ATTACH, &arg);
	arg.attach.limits = (uintptr_t)wrong;
	wrong_tell(witness, what, EINVAL, heap_ioctl(on->heap, DMABUF_HEAP_IOC_ATTACH, &arg));
}

void wrong_limits(struct subject *on, struct wrong_witness *witness)
{
	struct dmabuf_heap_limits wrong;
	unsigned int i;

	for (i = 0; i < ROWS(limits); i++) {
		memset(&wrong, 0, sizeof(wrong));
		wrong.valid = 1ULL << limits[i].limit;
		if (limits[i].limit < DMABUF_HEAP_LIMIT_COUNT)
			wrong.limit[limits[i].limit].value = limits[i].value;
		limits_tell(on, witness, limits[i].what, &wrong);
	}
	for (i = 0; i < DMABUF_HEAP_LIMIT_ROOM; i++) {
		memset(&wrong, 0, sizeof(wrong));
		wrong.limit[i].value = HEAP_PAGE;
		limits_tell(on, witness, "value of a limit that isn't valid", &wrong);
		wrong = on->limits;
		wrong.limit[i].set_by = 1;
		limits_tell(on, witness, "limit with a culprit", &wrong);
	}
}
