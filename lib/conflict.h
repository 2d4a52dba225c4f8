/* SPDX-License-Identifier: MIT */
/*
 * A refusal, taken over from the kernel's report.
 */
#ifndef DBHEAP_CONFLICT_H
#define DBHEAP_CONFLICT_H

#include <linux/dmabuf-heap.h>
#include "dmabuf-heap.h"

/* @conflict points into @report. False when the report tells of no conflict. */
bool dbheap_conflict_fill(struct dmabuf_heap_conflict *conflict,
			  const struct dmabuf_heap_report *report);

#endif /* DBHEAP_CONFLICT_H */
