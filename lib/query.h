/* SPDX-License-Identifier: MIT */
/*
 * Asking the kernel about buffers.
 */
#ifndef DBHEAP_QUERY_H
#define DBHEAP_QUERY_H

#include <linux/dmabuf-heap.h>
#include "dmabuf-heap.h"

/* The one buffer of an fd (@id is 0) or of an id (@fd is 0). */
int dbheap_query_one(const struct dmabuf_heap *heap,
		     enum dmabuf_heap_query_by by, int fd, uint64_t id,
		     struct dmabuf_heap_buffer_record *record);

/* Up to @query's count of records after its cursor, all buffers in turn. */
int dbheap_query_batch(const struct dmabuf_heap *heap,
		       struct dmabuf_heap_query *query,
		       struct dmabuf_heap_buffer_record *records);

#endif /* DBHEAP_QUERY_H */
