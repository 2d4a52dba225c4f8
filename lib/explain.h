/* SPDX-License-Identifier: MIT */
/*
 * Parts of a sentence about who allocated a buffer's memory.
 */
#ifndef DBHEAP_EXPLAIN_H
#define DBHEAP_EXPLAIN_H

#include "dmabuf-heap.h"
#include "text.h"

void dbheap_first_map_add(struct dbheap_text *text, enum dbheap_first_map kind,
			  const char *by, uint64_t when_ns);

#endif /* DBHEAP_EXPLAIN_H */
