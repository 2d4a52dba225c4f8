/* SPDX-License-Identifier: MIT */
/*
 * Parts of a sentence: who allocated a buffer's memory, and who is attached.
 */
#ifndef DBHEAP_EXPLAIN_H
#define DBHEAP_EXPLAIN_H

#include "dmabuf-heap.h"
#include "text.h"

/* "card0 mapped it", and the same with " 3.2 s ago" or "nobody has used it yet" */
void dbheap_first_map_add_what(struct dbheap_text *text, enum dbheap_first_map kind,
			       const char *by);
void dbheap_first_map_add(struct dbheap_text *text, enum dbheap_first_map kind,
			  const char *by, uint64_t when_ns);

/* "video1 (vivid.0) as "capture"", "the requirement "scanout"" */
void dbheap_who_add(struct dbheap_text *text, const char *device,
		    const char *label, const char *node);

#endif /* DBHEAP_EXPLAIN_H */
