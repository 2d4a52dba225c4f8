/* SPDX-License-Identifier: MIT */
/*
 * A buffer at one moment: the fields that callers read, and the kernel's record
 * that they point into.
 */
#ifndef DBHEAP_INFO_H
#define DBHEAP_INFO_H

#include <linux/dmabuf-heap.h>
#include "dmabuf-heap.h"

struct dbheap_info_snapshot {
	struct dmabuf_heap_buffer_info info;
	struct dmabuf_heap_conflict conflict;
	struct dmabuf_heap_buffer_record record;
};

/* After @snapshot->record was written, or the snapshot moved. */
void dbheap_info_fill(struct dbheap_info_snapshot *snapshot);

#endif /* DBHEAP_INFO_H */
