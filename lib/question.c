// SPDX-License-Identifier: MIT
/*
 * Whether one buffer can serve some entries of a plan: the kernel is asked, by
 * attaching them to a buffer that never gets memory.
 */
#include <errno.h>
#include <string.h>

#include "question.h"

void dbheap_question_begin(struct dbheap_question *question,
			   const struct dmabuf_heap_plan *plan)
{
	memset(question, 0, sizeof(*question));
	question->plan = plan;
	question->end = plan->count;
	question->refused = plan->count;
}

static int question_attach(struct dbheap_question *question, size_t index)
{
	const struct dbheap_plan_entry *entry = &question->plan->entries[index];
	int error;

	dmabuf_heap_reply_free(question->reply);
	error = dmabuf_heap_buffer_attach(question->buffer, entry->fd,
					  entry->access, entry->requirement, 0,
					  &question->ids[index],
					  &question->reply);
	if (question->reply && question->reply->conflict) {
		question->refused = index;
		return 0;
	}
	return error;
}

static bool question_is_about(const struct dbheap_question *question,
			      size_t index, bool first)
{
	if (first || question->first.has[index])
		return first && question->first.has[index];
	return index < question->end && !question->out.has[index];
}

static int question_attach_all(struct dbheap_question *question, bool first)
{
	int error = 0;
	size_t i;

	for (i = 0; i < question->plan->count; i++) {
		if (!question_is_about(question, i, first))
			continue;
		error = question_attach(question, i);
		if (error || dbheap_question_is_refused(question))
			break;
	}
	return error;
}

int dbheap_question_ask(struct dbheap_question *question)
{
	const struct dmabuf_heap_plan *plan = question->plan;
	int error;

	error = dmabuf_heap_buffer_create(plan->heap, plan->length, 0, "plan",
					  &question->buffer);
	if (!error)
		error = question_attach_all(question, true);
	if (!error && !dbheap_question_is_refused(question))
		error = question_attach_all(question, false);
	return error;
}

void dbheap_question_end(struct dbheap_question *question)
{
	dmabuf_heap_reply_free(question->reply);
	dmabuf_heap_buffer_close(question->buffer);
}

size_t dbheap_question_find(const struct dbheap_question *question, uint64_t id)
{
	size_t i;

	for (i = 0; id && i < question->plan->count; i++)
		if (question->ids[i] == id)
			return i;
	return question->refused;
}
