/* SPDX-License-Identifier: MIT */
/*
 * A buffer as the library holds it: an fd of its own, and what never changes.
 */
#ifndef DBHEAP_BUFFER_H
#define DBHEAP_BUFFER_H

#include "dmabuf-heap.h"

struct dmabuf_heap_buffer {
	const struct dmabuf_heap *heap;
	int fd;
	bool writable;
	uint64_t id;
	uint64_t length;	/* bytes, whole pages */
};

#endif /* DBHEAP_BUFFER_H */
