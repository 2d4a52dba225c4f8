/* SPDX-License-Identifier: MIT */
/*
 * The open device, and the one way to make a call on an fd.
 */
#ifndef DBHEAP_HEAP_H
#define DBHEAP_HEAP_H

#include <linux/dmabuf-heap.h>
#include "dmabuf-heap.h"

struct dmabuf_heap {
	int fd;
	char *path;		/* for who needs an open file of its own */
	struct dmabuf_heap_info info;
};

int dbheap_call(int fd, unsigned long request, void *argument);

#endif /* DBHEAP_HEAP_H */
