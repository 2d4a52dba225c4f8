/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine: what memory there is for given limits.
 */
#ifndef _DMABUF_HEAP_MACHINE_H
#define _DMABUF_HEAP_MACHINE_H

#include <linux/nodemask.h>

#include "limits.h"

/**
 * dmabuf_heap_machine_has_node() - whether this machine has a NUMA node now
 * @node: number
 *
 * Return: true when it is online.
 */
static inline bool dmabuf_heap_machine_has_node(u64 node)
{
	return node < MAX_NUMNODES && node_online(node);
}

void dmabuf_heap_machine_read(const struct heap_limits *limits, struct heap_machine *machine);

u64 dmabuf_heap_machine_end(void);

#endif /* _DMABUF_HEAP_MACHINE_H */
