/* SPDX-License-Identifier: MIT */
/*
 * Requirements that outlive the caller's.
 */
#ifndef DBHEAP_ATTACH_H
#define DBHEAP_ATTACH_H

#include "dmabuf-heap.h"

/* 0 or -ENOMEM; *@copy ends with dmabuf_heap_requirement_free(). */
int dbheap_requirement_copy(const struct dmabuf_heap_requirement *requirement,
			    struct dmabuf_heap_requirement **copy);

#endif /* DBHEAP_ATTACH_H */
