// SPDX-License-Identifier: GPL-2.0
/*
 * What tests of wrong input make their calls on: see subject.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "subject.h"

#define CALL(name, number, answers)					\
	[DMABUF_HEAP_CMD_##number] = {					\
		#name, DMABUF_HEAP_IOC_##number,			\
		sizeof(struct dmabuf_heap_##name), answers		\
	}

const struct subject_call subject_calls[] = {
	CALL(info, INFO, true),
	CALL(create, CREATE, true),
	CALL(attach, ATTACH, true),
	CALL(detach, DETACH, false),
	CALL(commit, COMMIT, false),
	CALL(seal, SEAL, false),
	CALL(query, QUERY, true),
	CALL(query_attachments, QUERY_ATTACHMENTS, true),
	CALL(watch, WATCH, false),
	{ },
};

int subject_require(struct subject *subject, __u64 *id)
{
	return heap_require(subject->heap, subject->buffer, DMABUF_HEAP_NO_DEVICE,
			    &subject->limits, "subject", id, NULL);
}

int subject_init(struct subject *subject, int heap)
{
	int rc;

	memset(subject, 0, sizeof(*subject));
	heap_limits_set(&subject->limits, DMABUF_HEAP_LIMIT_MAX_ADDR, 0x7ffffffffff);
	subject->heap = heap;
	rc = arena_init(&subject->arena);
	if (rc)
		return rc;
	subject->buffer = heap_create(heap, HEAP_PAGE);
	if (subject->buffer < 0)
		rc = subject->buffer;
	else
		rc = subject_require(subject, &subject->id);
	if (rc)
		subject_free(subject);
	return rc;
}

void subject_free(struct subject *subject)
{
	if (subject->buffer >= 0)
		close(subject->buffer);
	arena_free(&subject->arena);
}

void subject_fill(struct subject *subject, unsigned int call, union subject_arg *arg)
{
	memset(arg, 0, sizeof(*arg));
	switch (call) {
	case DMABUF_HEAP_IOC_INFO:
		arg->size = sizeof(arg->info);
		break;
	case DMABUF_HEAP_IOC_CREATE:
		arg->create = (struct dmabuf_heap_create) {
			.size = sizeof(arg->create),
			.length = HEAP_PAGE,
			.fd_flags = O_RDWR | O_CLOEXEC,
		};
		break;
	case DMABUF_HEAP_IOC_ATTACH:
		arg->attach = (struct dmabuf_heap_attach) {
			.size = sizeof(arg->attach),
			.fd = subject->buffer,
			.device_fd = DMABUF_HEAP_NO_DEVICE,
			.access = HEAP_ACCESS_BOTH,
			.limits_len = sizeof(subject->limits),
			.limits = (uintptr_t)&subject->limits,
			.answer = (uintptr_t)&subject->answer,
			.answer_len = sizeof(subject->answer),
		};
		break;
	case DMABUF_HEAP_IOC_DETACH:
		arg->detach = (struct dmabuf_heap_detach) {
			.size = sizeof(arg->detach),
			.fd = subject->buffer,
			.id = subject->id,
		};
		break;
	case DMABUF_HEAP_IOC_COMMIT:
	case DMABUF_HEAP_IOC_SEAL:
		/* Two structs of one shape. */
		arg->commit = (struct dmabuf_heap_commit) {
			.size = sizeof(arg->commit),
			.fd = subject->buffer,
		};
		break;
	case DMABUF_HEAP_IOC_QUERY:
		arg->query = (struct dmabuf_heap_query) {
			.size = sizeof(arg->query),
			.fd = subject->buffer,
			.records = (uintptr_t)&subject->record,
			.record_size = sizeof(subject->record),
			.count = 1,
		};
		break;
	case DMABUF_HEAP_IOC_QUERY_ATTACHMENTS:
		arg->query_attachments = (struct dmabuf_heap_query_attachments) {
			.size = sizeof(arg->query_attachments),
			.fd = subject->buffer,
			.records = (uintptr_t)&subject->attachment,
			.record_size = sizeof(subject->attachment),
			.count = 1,
		};
		break;
	case DMABUF_HEAP_IOC_WATCH:
		arg->watch = (struct dmabuf_heap_watch) {
			.size = sizeof(arg->watch),
			.event_size = sizeof(struct dmabuf_heap_event),
			.events = 1 << DMABUF_HEAP_EVENT_SEAL,
		};
		break;
	}
}

int subject_picture_take(const struct subject *subject, struct subject_picture *picture)
{
	int rc;

	memset(picture, 0, sizeof(*picture));
	picture->fds = heap_fd_count();
	picture->counters = heap_counters_read();
	rc = heap_query(subject->heap, subject->buffer, &picture->record);
	if (!rc)
		rc = heap_query_attachments(subject->heap, subject->buffer,
					    &picture->attachment, 1);
	return rc < 0 ? rc : 0;
}

static bool picture_matches(const struct subject *subject,
			    const struct subject_picture *picture)
{
	struct subject_picture now;

	return !subject_picture_take(subject, &now) && !memcmp(picture, &now, sizeof(now));
}

bool subject_picture_is(const struct subject *subject, const struct subject_picture *picture)
{
	/* What a worker still has to do is worth a wait, but seldom happens. */
	return picture_matches(subject, picture) ||
	       (!heap_counters_wait(&picture->counters) && picture_matches(subject, picture));
}
