/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine: what memory there is for given limits.
 */
#ifndef _DMABUF_HEAP_MACHINE_H
#define _DMABUF_HEAP_MACHINE_H

#include "limits.h"

void dmabuf_heap_machine_read(const struct heap_limits *limits, struct heap_machine *machine);

u64 dmabuf_heap_machine_end(void);

#endif /* _DMABUF_HEAP_MACHINE_H */
