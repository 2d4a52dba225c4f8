/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls that tell what there is.
 */
#ifndef _DMABUF_HEAP_QUERY_H
#define _DMABUF_HEAP_QUERY_H

#include <linux/dmabuf-heap.h>

int dmabuf_heap_query_buffers(struct dmabuf_heap_query *query);
int dmabuf_heap_query_attachments(struct dmabuf_heap_query_attachments *query);

#endif /* _DMABUF_HEAP_QUERY_H */
