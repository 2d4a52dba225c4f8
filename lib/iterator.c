// SPDX-License-Identifier: MIT
/*
 * A walk over all buffers: many records per call, one snapshot at a time.
 */
#include <errno.h>
#include <stdlib.h>

#include "api.h"
#include "attachment.h"
#include "info.h"
#include "query.h"

/* Records per call: few calls for many buffers, and no large allocation. */
#define ITERATOR_BATCH	256

struct dmabuf_heap_iterator {
	const struct dmabuf_heap *heap;
	uint64_t cursor;	/* id of the last record that was fetched */
	bool more;		/* there may be buffers beyond @cursor */
	unsigned int next;	/* place in @records */
	unsigned int count;	/* records that are valid */
	struct dbheap_info_snapshot snapshot;
	struct dbheap_attachment_walk attachments;
	struct dmabuf_heap_buffer_record records[ITERATOR_BATCH];
};

DBHEAP_API int
dmabuf_heap_iterator_create(struct dmabuf_heap *heap,
			    struct dmabuf_heap_iterator **iterator)
{
	struct dmabuf_heap_iterator *new;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->heap = heap;
	new->more = true;
	*iterator = new;
	return 0;
}

static int iterator_fetch(struct dmabuf_heap_iterator *iterator)
{
	struct dmabuf_heap_query query = {
		.id = iterator->cursor,
		.count = ITERATOR_BATCH,
	};
	int error;

	error = dbheap_query_batch(iterator->heap, &query, iterator->records);
	if (error)
		return error;
	iterator->cursor = query.out_cursor;
	iterator->more = query.out_more;
	iterator->count = query.out_count;
	iterator->next = 0;
	return 0;
}

DBHEAP_API int
dmabuf_heap_iterator_next(struct dmabuf_heap_iterator *iterator,
			  const struct dmabuf_heap_buffer_info **info)
{
	int error;

	if (iterator->next == iterator->count && iterator->more) {
		error = iterator_fetch(iterator);
		if (error)
			return error;
	}
	if (iterator->next == iterator->count) {
		*info = NULL;
		return 0;
	}
	iterator->snapshot.record = iterator->records[iterator->next++];
	dbheap_info_fill(&iterator->snapshot);
	*info = &iterator->snapshot.info;
	return 0;
}

DBHEAP_API int
dmabuf_heap_iterator_get_attachments(struct dmabuf_heap_iterator *iterator,
				     struct dmabuf_heap_attachment_list **list)
{
	return dbheap_attachment_walk_read(&iterator->attachments,
					   iterator->heap,
					   iterator->snapshot.record.id, list);
}

DBHEAP_API void
dmabuf_heap_iterator_free(struct dmabuf_heap_iterator *iterator)
{
	if (!iterator)
		return;
	dbheap_attachment_walk_end(&iterator->attachments);
	free(iterator);
}
