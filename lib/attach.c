// SPDX-License-Identifier: MIT
/*
 * Declaring that a device will use a buffer, with limits on top of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "attach.h"
#include "buffer.h"
#include "conflict.h"
#include "heap.h"
#include "limits.h"

struct dmabuf_heap_requirement {
	struct dmabuf_heap_limits limits;
	char label[DMABUF_HEAP_NAME_LEN];
};

struct reply_snapshot {
	struct dmabuf_heap_reply reply;
	struct dmabuf_heap_conflict conflict;
	struct dmabuf_heap_answer answer;
};

DBHEAP_API int
dmabuf_heap_requirement_create(const char *label,
			       struct dmabuf_heap_requirement **requirement)
{
	struct dmabuf_heap_requirement *new;

	if (!label)
		label = "";
	if (strlen(label) >= sizeof(new->label))
		return -EINVAL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	strcpy(new->label, label);
	*requirement = new;
	return 0;
}

DBHEAP_API int
dmabuf_heap_requirement_set(struct dmabuf_heap_requirement *requirement,
			    enum dbheap_limit limit, uint64_t value)
{
	if ((unsigned int)limit >= DBHEAP_LIMIT_COUNT)
		return -EINVAL;
	requirement->limits.valid |= 1ULL << limit;
	requirement->limits.limit[limit].value = value;
	return 0;
}

DBHEAP_API void
dmabuf_heap_requirement_free(struct dmabuf_heap_requirement *requirement)
{
	free(requirement);
}

int dbheap_requirement_copy(const struct dmabuf_heap_requirement *requirement,
			    struct dmabuf_heap_requirement **copy)
{
	*copy = calloc(1, sizeof(**copy));
	if (!*copy)
		return -ENOMEM;
	**copy = *requirement;
	return 0;
}

static void reply_fill(struct reply_snapshot *snapshot)
{
	const struct dmabuf_heap_answer *answer = &snapshot->answer;
	struct dmabuf_heap_reply *reply = &snapshot->reply;

	reply->flags = answer->flags;
	reply->device = answer->device;
	reply->limits = dbheap_limits_wrap(&answer->limits);
	reply->merged = dbheap_limits_wrap(&answer->merged);
	reply->conflict = dbheap_conflict_fill(&snapshot->conflict,
					       &answer->report) ?
			  &snapshot->conflict : NULL;
}

static void attach_require(struct dmabuf_heap_attach *attach,
			   const struct dmabuf_heap_requirement *requirement)
{
	strcpy(attach->label, requirement->label);
	if (!requirement->limits.valid)
		return;
	attach->limits = (uintptr_t)&requirement->limits;
	attach->limits_len = sizeof(requirement->limits);
}

/* An older module would only say that something isn't valid. */
static bool requirement_is_too_new(const struct dmabuf_heap_requirement *requirement,
				   const struct dmabuf_heap *heap)
{
	return requirement->limits.valid & ~heap->info.out_limits;
}

/* The kernel writes an answer on success, and on the errors that it explains. */
static bool attach_has_answer(int error)
{
	return !error || error == -EBUSY || error == -EOPNOTSUPP;
}

static int attach_call(const struct dmabuf_heap_buffer *buffer,
		       struct dmabuf_heap_attach *attach,
		       struct dmabuf_heap_reply **reply)
{
	struct reply_snapshot *new;
	int error;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	attach->answer = (uintptr_t)&new->answer;
	attach->answer_len = sizeof(new->answer);
	error = dbheap_call(buffer->heap->fd, DMABUF_HEAP_IOC_ATTACH, attach);
	if (!attach_has_answer(error)) {
		free(new);
		return error;
	}
	reply_fill(new);
	*reply = &new->reply;
	return error;
}

DBHEAP_API int
dmabuf_heap_buffer_attach(struct dmabuf_heap_buffer *buffer, int device_fd,
			  unsigned int access,
			  const struct dmabuf_heap_requirement *requirement,
			  unsigned int flags, uint64_t *id,
			  struct dmabuf_heap_reply **reply)
{
	struct dmabuf_heap_attach attach = {
		.size = sizeof(attach),
		.flags = flags,
		.fd = buffer->fd,
		.device_fd = device_fd,
		.access = access,
	};
	int error;

	if (reply)
		*reply = NULL;
	if (requirement) {
		if (requirement_is_too_new(requirement, buffer->heap))
			return -E2BIG;
		attach_require(&attach, requirement);
	}
	if (reply)
		error = attach_call(buffer, &attach, reply);
	else
		error = dbheap_call(buffer->heap->fd, DMABUF_HEAP_IOC_ATTACH,
				    &attach);
	if (!error && id)
		*id = attach.out_id;
	return error;
}

DBHEAP_API int dmabuf_heap_buffer_detach(struct dmabuf_heap_buffer *buffer,
					 uint64_t id)
{
	struct dmabuf_heap_detach detach = {
		.size = sizeof(detach),
		.fd = buffer->fd,
		.id = id,
	};

	return dbheap_call(buffer->heap->fd, DMABUF_HEAP_IOC_DETACH, &detach);
}

DBHEAP_API void dmabuf_heap_reply_free(struct dmabuf_heap_reply *reply)
{
	free(reply);
}
