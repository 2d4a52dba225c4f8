// SPDX-License-Identifier: GPL-2.0
/*
 * DMA operations of a device's own. They see each map, unmap and sync that an
 * exporter makes, also on machines where these cost nothing and leave no trace.
 * Memory has its physical address here, or one after the other addresses that only
 * the device knows, as behind an IOMMU.
 *
 * Maps and unmaps come from within the importer's own calls, so its lock is held;
 * syncs come from anybody.
 */
#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "mapper_core.h"

/* Where a translating device's addresses begin: 0 is a good address nowhere else. */
#define FIRST_ADDRESS	SZ_1M

struct window_part {
	u64 addr;
	u64 length;
	phys_addr_t phys;
};

/* One DMA map. */
struct mapper_window {
	struct list_head entry;
	int count;
	struct window_part parts[];
};

/* The next address for @length bytes that cross no boundary; 0 if there is none. */
static u64 address_take(struct mapper *mapper, u64 length)
{
	struct device *dev = &mapper->pdev->dev;
	u64 boundary = dma_get_seg_boundary(dev);
	u64 addr;

	if (!mapper->next)
		mapper->next = FIRST_ADDRESS;
	addr = mapper->next;
	if ((addr | boundary) != ((addr + length - 1) | boundary))
		addr = (addr | boundary) + 1;
	if (addr + length - 1 > min_not_zero(dma_get_mask(dev), dev->bus_dma_limit))
		return 0;
	mapper->next = addr + length;
	return addr;
}

static int window_fill(struct mapper *mapper, struct mapper_window *window,
		       struct scatterlist *sgl)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, window->count, i) {
		struct window_part *part = &window->parts[i];

		part->length = sg->length;
		part->phys = sg_phys(sg);
		part->addr = part->phys;
		if (mapper->limits.flags & MAPPER_REMAP)
			part->addr = address_take(mapper, part->length);
		if (!part->addr)
			return -ENOMEM;
		sg_dma_address(sg) = part->addr;
		sg_dma_len(sg) = part->length;
	}
	return 0;
}

static void window_end(struct mapper *mapper, struct mapper_window *window)
{
	list_del(&window->entry);
	kvfree(window);
	if (list_empty(&mapper->windows))
		mapper->next = 0;
}

static int mapper_dma_map_sg(struct device *dev, struct scatterlist *sg, int nents,
			     enum dma_data_direction dir, unsigned long attrs)
{
	struct mapper *mapper = mapper_of(dev);
	struct mapper_window *window;
	int ret = -mapper->fail;

	lockdep_assert_held(&mapper->lock);
	mapper->fail = 0;
	if (ret)
		return ret;
	window = kvzalloc(struct_size(window, parts, nents), GFP_KERNEL);
	if (!window)
		return -ENOMEM;
	window->count = nents;
	list_add(&window->entry, &mapper->windows);
	ret = window_fill(mapper, window, sg);
	if (ret) {
		window_end(mapper, window);
		return ret;
	}
	atomic_inc(&mapper->dma_maps);
	return nents;
}

/* Equal maps are as good as each other; none like it is the exporter's mistake. */
static void mapper_dma_unmap_sg(struct device *dev, struct scatterlist *sg, int nents,
				enum dma_data_direction dir, unsigned long attrs)
{
	struct mapper *mapper = mapper_of(dev);
	struct mapper_window *window;

	lockdep_assert_held(&mapper->lock);
	list_for_each_entry(window, &mapper->windows, entry) {
		if (window->count == nents && window->parts[0].addr == sg_dma_address(sg)) {
			window_end(mapper, window);
			atomic_dec(&mapper->dma_maps);
			return;
		}
	}
	dev_WARN(dev, "unmap of what isn't mapped\n");
}

static void mapper_dma_for_cpu(struct device *dev, struct scatterlist *sg, int nents,
			       enum dma_data_direction dir)
{
	atomic_inc(&mapper_of(dev)->for_cpu[dir]);
}

static void mapper_dma_for_device(struct device *dev, struct scatterlist *sg, int nents,
				  enum dma_data_direction dir)
{
	atomic_inc(&mapper_of(dev)->for_device[dir]);
}

/* What can be merged into one segment, says who translates. */
static unsigned long mapper_dma_merge_boundary(struct device *dev)
{
	return PAGE_SIZE - 1;
}

static const struct dma_map_ops plain_ops = {
	.map_sg = mapper_dma_map_sg,
	.unmap_sg = mapper_dma_unmap_sg,
	.sync_sg_for_cpu = mapper_dma_for_cpu,
	.sync_sg_for_device = mapper_dma_for_device,
};

static const struct dma_map_ops remap_ops = {
	.map_sg = mapper_dma_map_sg,
	.unmap_sg = mapper_dma_unmap_sg,
	.sync_sg_for_cpu = mapper_dma_for_cpu,
	.sync_sg_for_device = mapper_dma_for_device,
	.get_merge_boundary = mapper_dma_merge_boundary,
};

/* Where no device has operations of its own, setting them does nothing. */
bool mapper_dma_is_possible(void)
{
	return IS_ENABLED(CONFIG_DMA_OPS) || IS_ENABLED(CONFIG_ARCH_HAS_DMA_OPS);
}

void mapper_dma_set(struct mapper *mapper)
{
	u32 flags = mapper->limits.flags;

	set_dma_ops(&mapper->pdev->dev, flags & MAPPER_REMAP ? &remap_ops :
		    flags & MAPPER_OWN_DMA ? &plain_ops : NULL);
}

int mapper_dma_fail(struct mapper *mapper, void *arg)
{
	int error = *(int *)arg;

	if (!(mapper->limits.flags & MAPPER_OWN_DMA))
		return -EINVAL;
	/* The DMA API allows no other. */
	if (error && error != EINVAL && error != ENOMEM && error != EIO)
		return -EINVAL;
	mapper->fail = error;
	return 0;
}

/* Where an address leads, 0 for nowhere. */
phys_addr_t mapper_dma_phys(struct mapper *mapper, u64 addr)
{
	struct mapper_window *window;
	int i;

	list_for_each_entry(window, &mapper->windows, entry) {
		for (i = 0; i < window->count; i++) {
			struct window_part *part = &window->parts[i];

			if (addr >= part->addr && addr - part->addr < part->length)
				return part->phys + (addr - part->addr);
		}
	}
	return 0;
}
