/* SPDX-License-Identifier: MIT */
/*
 * A plan inside the library, and the one question about it: can a buffer serve
 * these of its entries?
 */
#ifndef DBHEAP_QUESTION_H
#define DBHEAP_QUESTION_H

#include <linux/dmabuf-heap.h>
#include "dmabuf-heap.h"

/* One buffer can be asked about no more. */
#define DBHEAP_PLAN_MOST	DMABUF_HEAP_MAX_DECLARED

struct dbheap_plan_entry {
	int fd;			/* a duplicate, or DBHEAP_NO_DEVICE */
	unsigned int access;
	struct dmabuf_heap_requirement *requirement;	/* a copy, or NULL */
};

struct dmabuf_heap_plan {
	struct dmabuf_heap *heap;
	uint64_t length;
	size_t count;
	struct dbheap_plan_entry entries[DBHEAP_PLAN_MOST];
};

/* Entries of a plan, by index. */
struct dbheap_plan_set {
	bool has[DBHEAP_PLAN_MOST];
};

/*
 * @first of the entries are attached to a new buffer first, then, in order, all
 * below @end but for those in @out, which has none of @first. The first refusal
 * is the end.
 */
struct dbheap_question {
	const struct dmabuf_heap_plan *plan;
	struct dbheap_plan_set out;
	struct dbheap_plan_set first;
	size_t end;

	/* The answer. */
	struct dmabuf_heap_buffer *buffer;
	struct dmabuf_heap_reply *reply;	/* of the refusal, else NULL */
	size_t refused;		/* number of entries when none was */
	uint64_t ids[DBHEAP_PLAN_MOST];		/* attachments of @buffer, 0 for none */
};

/* With nothing in @out and @first, about all entries. */
void dbheap_question_begin(struct dbheap_question *question,
			   const struct dmabuf_heap_plan *plan);

/* 0, refused or not, or a negative errno. */
int dbheap_question_ask(struct dbheap_question *question);

/* The buffer and the reply go, also after an error. */
void dbheap_question_end(struct dbheap_question *question);

static inline bool dbheap_question_is_refused(const struct dbheap_question *question)
{
	return question->refused < question->plan->count;
}

/* The entry that an attachment of the buffer is of; of id 0, the refused one. */
size_t dbheap_question_find(const struct dbheap_question *question, uint64_t id);

#endif /* DBHEAP_QUESTION_H */
