/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests of wrong input make their calls on: a buffer with one requirement,
 * each call's struct with nothing wrong in it, and a picture of all that a call
 * could change. Lengths are in bytes; functions return 0 or -errno.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <linux/dmabuf-heap.h>

#include "arena.h"
#include "heap.h"

/* Any call's struct. */
union subject_arg {
	__u32 size;
	struct dmabuf_heap_info info;
	struct dmabuf_heap_create create;
	struct dmabuf_heap_attach attach;
	struct dmabuf_heap_detach detach;
	struct dmabuf_heap_commit commit;
	struct dmabuf_heap_seal seal;
	struct dmabuf_heap_query query;
	struct dmabuf_heap_query_attachments query_attachments;
	struct dmabuf_heap_watch watch;
};

struct subject_call {
	const char *name;
	unsigned int number;
	size_t size;		/* of its struct */
	bool answers;		/* writes to it */
};

/* All calls, by DMABUF_HEAP_CMD_*; after the last comes one without a name. */
extern const struct subject_call subject_calls[];

struct subject {
	int heap;
	int buffer;
	__u64 id;		/* of the requirement */
	struct arena arena;

	/* Behind the pointers of the structs. */
	struct dmabuf_heap_limits limits;
	struct dmabuf_heap_answer answer;
	struct dmabuf_heap_buffer_record record;
	struct dmabuf_heap_attachment_record attachment;
};

int subject_init(struct subject *subject, int heap);
void subject_free(struct subject *subject);

/* A requirement that every buffer meets. */
int subject_require(struct subject *subject, __u64 *id);

/* All that the call needs to succeed. */
void subject_fill(struct subject *subject, unsigned int call, union subject_arg *arg);

struct subject_picture {
	int fds;
	struct heap_counters counters;
	struct dmabuf_heap_buffer_record record;
	struct dmabuf_heap_attachment_record attachment;
};

int subject_picture_take(const struct subject *subject, struct subject_picture *picture);
bool subject_picture_is(const struct subject *subject, const struct subject_picture *picture);

#endif /* SUBJECT_H */
