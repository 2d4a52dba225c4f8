/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Export: what importers of a buffer call, through the dma-buf core.
 */
#ifndef _DMABUF_HEAP_EXPORT_H
#define _DMABUF_HEAP_EXPORT_H

#include <linux/dma-direction.h>
#include <linux/list.h>
#include <linux/scatterlist.h>

#include "limits.h"

struct dma_buf;
struct heap_attachment;
struct heap_buffer;

/**
 * struct heap_mapping - one device map
 * @entry: in &heap_attachment.mappings
 * @table: what the importer got; leads back to this struct
 * @shape: the limits that it obeys
 * @moves: &heap_moves.count of the memory that it describes
 * @dev: device that it is mapped for; the importer keeps it until it unmaps
 * @dir: direction of the DMA
 */
struct heap_mapping {
	struct list_head entry;
	struct sg_table table;
	struct heap_limits shape;
	u64 moves;
	struct device *dev;
	enum dma_data_direction dir;
};

extern const struct dma_buf_ops dmabuf_heap_export_ops;

struct heap_buffer *dmabuf_heap_export_get(int fd);
void dmabuf_heap_export_put(struct heap_buffer *buf);

#endif /* _DMABUF_HEAP_EXPORT_H */
