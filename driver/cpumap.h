/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The CPU's views of a buffer: memory maps of processes, the kernel's own address,
 * and the synchronisation with devices around CPU access.
 */
#ifndef _DMABUF_HEAP_CPUMAP_H
#define _DMABUF_HEAP_CPUMAP_H

#include <linux/dma-direction.h>

struct dma_buf;
struct iosys_map;
struct vm_area_struct;

int dmabuf_heap_cpumap_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma);
int dmabuf_heap_cpumap_vmap(struct dma_buf *dmabuf, struct iosys_map *map);
void dmabuf_heap_cpumap_vunmap(struct dma_buf *dmabuf, struct iosys_map *map);
int dmabuf_heap_cpumap_begin(struct dma_buf *dmabuf, enum dma_data_direction dir);
int dmabuf_heap_cpumap_end(struct dma_buf *dmabuf, enum dma_data_direction dir);

#endif /* _DMABUF_HEAP_CPUMAP_H */
