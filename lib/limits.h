/* SPDX-License-Identifier: MIT */
/*
 * Limits inside a snapshot: the kernel's struct in a wrapper that the public
 * header needn't show.
 */
#ifndef DBHEAP_LIMITS_H
#define DBHEAP_LIMITS_H

#include <linux/dmabuf-heap.h>
#include "dmabuf-heap.h"
#include "text.h"

struct dmabuf_heap_limits_info {
	struct dmabuf_heap_limits limits;
};

static inline const struct dmabuf_heap_limits_info *
dbheap_limits_wrap(const struct dmabuf_heap_limits *limits)
{
	return (const struct dmabuf_heap_limits_info *)limits;
}

void dbheap_limit_add(struct dbheap_text *text, enum dbheap_limit limit,
		      uint64_t value);

#endif /* DBHEAP_LIMITS_H */
