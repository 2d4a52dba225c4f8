/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of what a caller says, be it a process or a driver: whether it is well
 * formed, before anything is looked up or made.
 */
#ifndef _DMABUF_HEAP_CHECK_H
#define _DMABUF_HEAP_CHECK_H

#include <linux/types.h>

struct dmabuf_heap_limits;
struct heap_limits;

int dmabuf_heap_check_create(u64 length, u32 flags, u32 file_flags, const char *name);
int dmabuf_heap_check_attach(u32 access, const char *label, bool device, bool requirement);
int dmabuf_heap_check_requirement(const struct dmabuf_heap_limits *from,
				  struct heap_limits *limits);

#endif /* _DMABUF_HEAP_CHECK_H */
