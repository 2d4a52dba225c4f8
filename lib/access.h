/* SPDX-License-Identifier: MIT */
/*
 * What is done with a buffer: read, write or both, never neither.
 */
#ifndef DBHEAP_ACCESS_H
#define DBHEAP_ACCESS_H

#include "dmabuf-heap.h"

static inline bool dbheap_access_is_valid(unsigned int access)
{
	return access && !(access & ~(DBHEAP_READ | DBHEAP_WRITE));
}

#endif /* DBHEAP_ACCESS_H */
