// SPDX-License-Identifier: GPL-2.0
/*
 * The dma_buf_ops for devices. There is no pin: with one, the core of older
 * kernels would map as soon as a driver attaches, and nobody could join after the
 * first. Map and unmap come with dma_resv held or without, as kernel and driver
 * please, so the buffer's own lock does it all.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/slab.h>

#include "attachment.h"
#include "backing.h"
#include "buffer.h"
#include "cpumap.h"
#include "event.h"
#include "export.h"
#include "gate.h"
#include "memory.h"
#include "probe.h"
#include "trace.h"

/*
 * Several devices map the same memory at once, which is what buffers are shared
 * for. To the DMA API, a map that synchronises owns its memory alone, so ours
 * don't; the same is done by calls of its own right after the map and before the
 * unmap.
 */
#define MAPPING_ATTRS	DMA_ATTR_SKIP_CPU_SYNC

static int export_attach(struct dma_buf *dmabuf, struct dma_buf_attachment *attachment)
{
	struct heap_attachment *att;

	att = dmabuf_heap_attachment_import(dmabuf->priv, attachment->dev);
	if (IS_ERR(att) && !dmabuf_heap_probe_v4l2_forgets(attachment->dev))
		return PTR_ERR(att);
	/* An error pointer is a refusal that has to wait for the map. */
	attachment->priv = att;
	return 0;
}

/* Its map is over. */
static void mapping_free(struct heap_mapping *map)
{
	if (!map)
		return;
	sg_free_table(&map->table);
	kfree(map);
}

static void export_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attachment)
{
	struct heap_attachment *att = attachment->priv;

	if (IS_ERR(att))
		return;
	/* Nobody maps for this importer any more. */
	mapping_free(att->spare);
	dmabuf_heap_attachment_end(dmabuf->priv, att);
}

static struct heap_mapping *mapping_build(struct heap_buffer *buf, const struct heap_limits *shape)
{
	struct mem_cgroup *old = dmabuf_heap_buffer_charge(buf);
	struct heap_mapping *map = dmabuf_heap_alloc(sizeof(*map));
	int ret = -ENOMEM;

	if (map)
		ret = dmabuf_heap_backing_table(&buf->backing, shape, &map->table);
	dmabuf_heap_buffer_uncharge(old);
	if (ret) {
		kfree(map);
		return ERR_PTR(ret);
	}
	map->shape = *shape;
	map->moves = buf->moves.count;
	return map;
}

/* The one that is kept, if shape and memory are still the same; else a new one. */
static struct heap_mapping *mapping_get(struct heap_buffer *buf, struct heap_attachment *att,
					const struct heap_limits *shape)
{
	struct heap_mapping *spare = att->spare;

	lockdep_assert_held(&buf->lock);
	att->spare = NULL;
	if (spare && spare->moves == buf->moves.count &&
	    dmabuf_heap_limits_same(&spare->shape, shape))
		return spare;
	mapping_free(spare);
	return mapping_build(buf, shape);
}

/* Keeps it for the next map: importers map the same buffers again and again. */
static void mapping_put(struct heap_buffer *buf, struct heap_attachment *att,
			struct heap_mapping *map)
{
	lockdep_assert_held(&buf->lock);
	mapping_free(att->spare);
	att->spare = map;
}

static int mapping_map(struct heap_mapping *map, struct device *dev, enum dma_data_direction dir)
{
	int ret;

	ret = dmabuf_heap_knob_fail() ? -ENOMEM :
	      dma_map_sgtable(dev, &map->table, dir, MAPPING_ATTRS);
	if (ret)
		return ret;
	dma_sync_sgtable_for_device(dev, &map->table, dir);
	map->dev = dev;
	map->dir = dir;
	return 0;
}

static void mapping_unmap(struct heap_mapping *map)
{
	dma_sync_sgtable_for_cpu(map->dev, &map->table, map->dir);
	dma_unmap_sgtable(map->dev, &map->table, map->dir, MAPPING_ATTRS);
}

/* The buffer is backed, or will be if this succeeds. */
static struct heap_mapping *mapping_make(struct heap_buffer *buf, struct heap_attachment *att,
					 const struct heap_limits *shape, struct device *dev,
					 enum dma_data_direction dir)
{
	struct heap_mapping *map = mapping_get(buf, att, shape);
	int ret;

	if (IS_ERR(map))
		return map;
	ret = mapping_map(map, dev, dir);
	if (ret)
		goto free_map;
	/* Memory was chosen for it, but what an IOMMU makes of it is only known now. */
	if (dmabuf_heap_limits_has(shape, DMABUF_HEAP_LIMIT_MAX_SEGMENTS) &&
	    map->table.nents > shape->value[DMABUF_HEAP_LIMIT_MAX_SEGMENTS]) {
		dmabuf_heap_gate_refuse_segments(buf, att,
						 shape->value[DMABUF_HEAP_LIMIT_MAX_SEGMENTS],
						 map->table.nents);
		ret = -EBUSY;
		goto unmap;
	}
	return map;

unmap:
	mapping_unmap(map);
free_map:
	mapping_free(map);
	return ERR_PTR(ret);
}

/* The buffer keeps its memory if its first map, by @att, has come off. */
static int export_first_map(struct heap_buffer *buf, const struct heap_attachment *att, int ret)
{
	char title[DMABUF_HEAP_DEVICE_LEN];

	dmabuf_heap_gate_title(att, title, sizeof(title));
	return dmabuf_heap_buffer_back_end(buf, DMABUF_HEAP_FIRST_DEVICE, title, ret);
}

static struct heap_mapping *export_map_locked(struct heap_buffer *buf, struct heap_attachment *att,
					      struct device *dev, enum dma_data_direction dir)
{
	struct heap_mapping *map;
	struct heap_limits shape;
	int ret;

	lockdep_assert_held(&buf->lock);
	ret = dmabuf_heap_attachment_check_map(buf, att, dev, &shape);
	if (ret)
		return ERR_PTR(ret);
	ret = dmabuf_heap_buffer_back_begin(buf);
	if (ret)
		return ERR_PTR(ret);
	map = mapping_make(buf, att, &shape, dev, dir);
	ret = PTR_ERR_OR_ZERO(map);
	if (buf->state == DMABUF_HEAP_UNBACKED)
		ret = export_first_map(buf, att, ret);
	if (ret)
		return ERR_PTR(ret);
	list_add(&map->entry, &att->mappings);
	dmabuf_heap_attachment_count_map(buf, att, dir, 1);
	trace_dmabuf_heap_device_map(buf->id, att->id, att->device.name, dir, map->table.nents);
	dmabuf_heap_event_map(buf, DMABUF_HEAP_EVENT_MAP, att, dir, map->table.nents);
	return map;
}

static struct sg_table *export_map(struct dma_buf_attachment *attachment,
				   enum dma_data_direction dir)
{
	struct heap_buffer *buf = attachment->dmabuf->priv;
	struct heap_mapping *map;
	int ret;

	if (IS_ERR(attachment->priv))
		return attachment->priv;
	if (dir == DMA_NONE)
		return ERR_PTR(-EINVAL);
	ret = mutex_lock_killable(&buf->lock);
	if (ret)
		return ERR_PTR(ret);
	map = export_map_locked(buf, attachment->priv, attachment->dev, dir);
	mutex_unlock(&buf->lock);
	return IS_ERR(map) ? ERR_CAST(map) : &map->table;
}

static void export_unmap(struct dma_buf_attachment *attachment, struct sg_table *table,
			 enum dma_data_direction dir)
{
	struct heap_mapping *map = container_of(table, struct heap_mapping, table);
	struct heap_buffer *buf = attachment->dmabuf->priv;
	struct heap_attachment *att = attachment->priv;

	mutex_lock(&buf->lock);
	list_del(&map->entry);
	dmabuf_heap_attachment_count_map(buf, att, map->dir, -1);
	trace_dmabuf_heap_device_unmap(buf->id, att->id, att->device.name, map->dir,
				       table->nents);
	dmabuf_heap_event_map(buf, DMABUF_HEAP_EVENT_UNMAP, att, map->dir, table->nents);
	/* Under the lock, so that no CPU access syncs what is being unmapped. */
	mapping_unmap(map);
	mapping_put(buf, att, map);
	mutex_unlock(&buf->lock);
}

static void export_release(struct dma_buf *dmabuf)
{
	dmabuf_heap_buffer_release(dmabuf->priv);
}

const struct dma_buf_ops dmabuf_heap_export_ops = {
	.attach = export_attach,
	.detach = export_detach,
	.map_dma_buf = export_map,
	.unmap_dma_buf = export_unmap,
	.release = export_release,
	.begin_cpu_access = dmabuf_heap_cpumap_begin,
	.end_cpu_access = dmabuf_heap_cpumap_end,
	.mmap = dmabuf_heap_cpumap_mmap,
	.vmap = dmabuf_heap_cpumap_vmap,
	.vunmap = dmabuf_heap_cpumap_vunmap,
};

/**
 * dmabuf_heap_export_get() - find the buffer behind an fd
 * @fd: an fd of a caller's
 *
 * Context: the calling process.
 * Return: the buffer, held as a dma-buf until dmabuf_heap_export_put(); or an
 * error pointer: -EBADF, -EINVAL for anything that isn't one of ours.
 */
struct heap_buffer *dmabuf_heap_export_get(int fd)
{
	struct dma_buf *dmabuf = dma_buf_get(fd);

	if (IS_ERR(dmabuf))
		return ERR_CAST(dmabuf);
	if (dmabuf->ops == &dmabuf_heap_export_ops)
		return dmabuf->priv;
	dma_buf_put(dmabuf);
	return ERR_PTR(-EINVAL);
}

/**
 * dmabuf_heap_export_put() - let go of a buffer, or of one that is being made
 * @buf: buffer
 *
 * Context: the calling process; may sleep.
 */
void dmabuf_heap_export_put(struct heap_buffer *buf)
{
	dma_buf_put(buf->dmabuf);
}
