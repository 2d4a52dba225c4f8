// SPDX-License-Identifier: MIT
/*
 * Asking the kernel about buffers.
 */
#include "heap.h"
#include "query.h"

static int query_call(const struct dmabuf_heap *heap,
		      struct dmabuf_heap_query *query,
		      struct dmabuf_heap_buffer_record *records)
{
	query->size = sizeof(*query);
	query->records = (uintptr_t)records;
	query->record_size = sizeof(*records);
	return dbheap_call(heap->fd, DMABUF_HEAP_IOC_QUERY, query);
}

int dbheap_query_one(const struct dmabuf_heap *heap,
		     enum dmabuf_heap_query_by by, int fd, uint64_t id,
		     struct dmabuf_heap_buffer_record *record)
{
	struct dmabuf_heap_query query = {
		.by = by,
		.fd = fd,
		.id = id,
		.count = 1,
	};

	return query_call(heap, &query, record);
}

int dbheap_query_batch(const struct dmabuf_heap *heap,
		       struct dmabuf_heap_query *query,
		       struct dmabuf_heap_buffer_record *records)
{
	query->by = DMABUF_HEAP_QUERY_ALL;
	return query_call(heap, query, records);
}
