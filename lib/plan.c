// SPDX-License-Identifier: MIT
/*
 * Plans: whether one buffer could serve a set of devices and limits, and if not,
 * which of them would have to go.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "api.h"
#include "attach.h"
#include "heap.h"
#include "question.h"
#include "search.h"

struct way_snapshot {
	struct dmabuf_heap_plan_way way;
	struct dmabuf_heap_buffer_info *info;
	size_t entries[];
};

/* What @result points at is owned here. */
struct result_snapshot {
	struct dmabuf_heap_plan_result result;
	struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_attachment_list *attachments;
	struct dmabuf_heap_reply *reply;	/* has the conflict */
	struct way_snapshot *ways[DBHEAP_PLAN_MOST];
};

DBHEAP_API int dmabuf_heap_plan_create(struct dmabuf_heap *heap, uint64_t length,
				       struct dmabuf_heap_plan **plan)
{
	struct dmabuf_heap_plan *new;

	if (!length)
		return -EINVAL;
	if (length > heap->info.out_max_length)
		return -EOPNOTSUPP;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->heap = heap;
	new->length = length;
	*plan = new;
	return 0;
}

/* The kernel checks an entry as early as it is added, so that one knows which. */
static int plan_check(const struct dmabuf_heap_plan *plan, int device_fd,
		      unsigned int access,
		      const struct dmabuf_heap_requirement *requirement)
{
	struct dmabuf_heap_buffer *buffer;
	int error;

	error = dmabuf_heap_buffer_create(plan->heap, plan->length, 0, "plan",
					  &buffer);
	if (error)
		return error;
	error = dmabuf_heap_buffer_attach(buffer, device_fd, access, requirement,
					  DBHEAP_ATTACH_TEST, NULL, NULL);
	dmabuf_heap_buffer_close(buffer);
	return error == -EOPNOTSUPP ? 0 : error;
}

static int entry_fill(struct dbheap_plan_entry *entry, int device_fd,
		      unsigned int access,
		      const struct dmabuf_heap_requirement *requirement)
{
	int error;

	entry->access = access;
	entry->requirement = NULL;
	entry->fd = DBHEAP_NO_DEVICE;
	if (requirement) {
		error = dbheap_requirement_copy(requirement, &entry->requirement);
		if (error)
			return error;
	}
	if (device_fd == DBHEAP_NO_DEVICE)
		return 0;
	entry->fd = fcntl(device_fd, F_DUPFD_CLOEXEC, 0);
	if (entry->fd >= 0)
		return 0;
	error = -errno;
	dmabuf_heap_requirement_free(entry->requirement);
	return error;
}

DBHEAP_API int
dmabuf_heap_plan_add(struct dmabuf_heap_plan *plan, int device_fd,
		     unsigned int access,
		     const struct dmabuf_heap_requirement *requirement)
{
	int error;

	if (plan->count == DBHEAP_PLAN_MOST)
		return -ENOSPC;
	error = plan_check(plan, device_fd, access, requirement);
	if (!error)
		error = entry_fill(&plan->entries[plan->count], device_fd, access,
				   requirement);
	if (!error)
		plan->count++;
	return error;
}

DBHEAP_API void dmabuf_heap_plan_free(struct dmabuf_heap_plan *plan)
{
	if (!plan)
		return;
	while (plan->count) {
		struct dbheap_plan_entry *entry = &plan->entries[--plan->count];

		dmabuf_heap_requirement_free(entry->requirement);
		if (entry->fd >= 0)
			close(entry->fd);
	}
	free(plan);
}

static int way_create(const struct dmabuf_heap_plan *plan,
		      struct dbheap_question *question, struct way_snapshot **way)
{
	struct way_snapshot *new;
	size_t i;
	int error;

	new = calloc(1, sizeof(*new) + plan->count * sizeof(*new->entries));
	if (!new)
		return -ENOMEM;
	error = dmabuf_heap_buffer_info_read(question->buffer, &new->info);
	if (error) {
		free(new);
		return error;
	}
	for (i = 0; i < plan->count; i++)
		if (question->out.has[i])
			new->entries[new->way.count++] = i;
	new->way.entries = new->entries;
	new->way.info = new->info;
	*way = new;
	return 0;
}

/* The kernel has the last word: what it refuses by now is no way. */
static int result_add_way(struct result_snapshot *snapshot,
			  const struct dmabuf_heap_plan *plan,
			  const struct dbheap_plan_set *out)
{
	size_t *count = &snapshot->result.way_count;
	struct dbheap_question question;
	int error;

	dbheap_question_begin(&question, plan);
	question.out = *out;
	error = dbheap_question_ask(&question);
	if (!error && !dbheap_question_is_refused(&question)) {
		error = way_create(plan, &question, &snapshot->ways[*count]);
		if (!error)
			++*count;
	}
	dbheap_question_end(&question);
	return error;
}

static int result_add_singles(struct result_snapshot *snapshot,
			      const struct dmabuf_heap_plan *plan)
{
	struct dbheap_plan_set singles, out = { 0 };
	size_t i;
	int error;

	error = dbheap_search_singles(plan, &singles);
	for (i = 0; i < plan->count && !error; i++) {
		if (!singles.has[i])
			continue;
		out.has[i] = true;
		error = result_add_way(snapshot, plan, &out);
		out.has[i] = false;
	}
	return error;
}

static int result_add_ways(struct result_snapshot *snapshot,
			   const struct dmabuf_heap_plan *plan)
{
	struct dbheap_plan_set out;
	int error;

	snapshot->result.is_least = true;
	error = result_add_singles(snapshot, plan);
	if (error || snapshot->result.way_count)
		return error;
	error = dbheap_search_several(plan, &out, &snapshot->result.is_least);
	return error ?: result_add_way(snapshot, plan, &out);
}

static int result_fill_served(struct result_snapshot *snapshot,
			      struct dbheap_question *question)
{
	int error;

	error = dmabuf_heap_buffer_info_read(question->buffer, &snapshot->info);
	if (!error)
		error = dmabuf_heap_attachment_list_read(question->buffer,
							 &snapshot->attachments);
	snapshot->result.info = snapshot->info;
	snapshot->result.attachments = snapshot->attachments;
	return error;
}

static int result_fill_refused(struct result_snapshot *snapshot,
			       struct dbheap_question *question)
{
	struct dmabuf_heap_plan_result *result = &snapshot->result;

	/* The reply is the result's from now on. */
	snapshot->reply = question->reply;
	question->reply = NULL;
	result->conflict = snapshot->reply->conflict;
	result->refused = question->refused;
	result->set_by = dbheap_question_find(question,
					      result->conflict->attachment_id);
	return result_add_ways(snapshot, question->plan);
}

static int result_fill(struct result_snapshot *snapshot,
		       const struct dmabuf_heap_plan *plan)
{
	struct dbheap_question question;
	int error;

	snapshot->result.refused = plan->count;
	snapshot->result.set_by = plan->count;
	dbheap_question_begin(&question, plan);
	error = dbheap_question_ask(&question);
	if (!error && dbheap_question_is_refused(&question))
		error = result_fill_refused(snapshot, &question);
	else if (!error)
		error = result_fill_served(snapshot, &question);
	dbheap_question_end(&question);
	return error;
}

DBHEAP_API int dmabuf_heap_plan_solve(const struct dmabuf_heap_plan *plan,
				      struct dmabuf_heap_plan_result **result)
{
	struct result_snapshot *new;
	int error;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	error = result_fill(new, plan);
	if (error) {
		dmabuf_heap_plan_result_free(&new->result);
		return error;
	}
	*result = &new->result;
	return 0;
}

DBHEAP_API const struct dmabuf_heap_plan_way *
dmabuf_heap_plan_result_get_way(const struct dmabuf_heap_plan_result *result,
				size_t index)
{
	const struct result_snapshot *snapshot =
		(const struct result_snapshot *)result;

	return index < result->way_count ? &snapshot->ways[index]->way : NULL;
}

DBHEAP_API void
dmabuf_heap_plan_result_free(struct dmabuf_heap_plan_result *result)
{
	struct result_snapshot *snapshot = (struct result_snapshot *)result;

	if (!result)
		return;
	while (result->way_count) {
		struct way_snapshot *way = snapshot->ways[--result->way_count];

		dmabuf_heap_buffer_info_free(way->info);
		free(way);
	}
	dmabuf_heap_reply_free(snapshot->reply);
	dmabuf_heap_attachment_list_free(snapshot->attachments);
	dmabuf_heap_buffer_info_free(snapshot->info);
	free(snapshot);
}
