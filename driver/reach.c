// SPDX-License-Identifier: GPL-2.0
/*
 * struct device -> limits: what the driver core, the bus, the IOMMU and the
 * platforms say of a device's DMA. Nothing is kept: a driver may change its mind.
 */
#include <linux/device.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/nodemask.h>
#include <linux/swiotlb.h>

#include "limits.h"
#include "platform.h"
#include "reach.h"

/*
 * A bus that numbers memory in its own way has windows for it, and @mask is in
 * its numbers. Returns the last address that the CPU would say, of the lowest window
 * and those that follow without a gap on both sides: a segment that began in one
 * window and ended in another whose numbers don't follow would lead elsewhere, and
 * the DMA API translates only where it begins. Memory below the lowest can't be told
 * by a highest address; machines have none there.
 */
static u64 reach_windows_end(const struct bus_dma_region *windows, u64 mask)
{
	const struct bus_dma_region *window, *next;
	u64 start = U64_MAX, end = 0, dma = 0;

	for (window = windows; window->size; window++)
		start = min_t(u64, start, window->cpu_start);
	do {
		next = NULL;
		for (window = windows; window->size; window++)
			if (window->cpu_start == start && window->dma_start <= mask &&
			    (!end || window->dma_start == dma))
				next = window;
		if (next) {
			end = start + min_t(u64, next->size - 1, mask - next->dma_start);
			if (end < start)
				return U64_MAX;
			start = end + 1;
			dma = next->dma_start + next->size;
		}
	} while (next && start);
	return end;
}

/* What is bounced isn't reached: a device that must bounce reaches nothing. */
static u64 reach_max_addr(struct device *dev)
{
	u64 mask = min_not_zero(dma_get_mask(dev), dev->bus_dma_limit);

	if (is_swiotlb_force_bounce(dev))
		return 0;
	if (dev->dma_range_map)
		return reach_windows_end(dev->dma_range_map, mask);
	/* Encrypted memory lies, for a device, above all that a narrow mask reaches. */
	if (phys_to_dma(dev, 0) > mask)
		return 0;
	return mask;
}

/*
 * The smallest of the IOMMU's pages that are larger than the CPU's: memory in runs of
 * it takes fewer entries. A driver that is bound, or attaches, keeps its domain.
 */
static u64 reach_chunk(struct device *dev)
{
#ifdef CONFIG_IOMMU_API
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);
	unsigned long sizes;

	/* Any other domain has no page tables, and nothing in its bitmap. */
	if (!domain || !(domain->type & __IOMMU_DOMAIN_PAGING))
		return 0;
	sizes = domain->pgsize_bitmap & ~(PAGE_SIZE | (PAGE_SIZE - 1));
	return sizes & -sizes;
#else
	return 0;
#endif
}

/* The node that is nearest, where there is a choice. */
static u64 reach_node(struct device *dev)
{
	int node = dev_to_node(dev);

	return num_online_nodes() > 1 && node >= 0 && node_online(node) ? node : U64_MAX;
}

static void reach_read_device(struct device *dev, struct heap_limits *limits, bool remapped)
{
	u64 segment = dma_get_max_seg_size(dev);

	if (segment >= PAGE_SIZE)
		segment &= PAGE_MASK;
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_MAX_ADDR,
			       remapped ? dma_get_mask(dev) : reach_max_addr(dev));
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT,
			       segment >= (UINT_MAX & PAGE_MASK) ? U64_MAX : segment);
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_BOUNDARY,
			       dma_get_seg_boundary(dev) == ULONG_MAX ? U64_MAX :
			       dma_get_seg_boundary(dev));
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_CHUNK, remapped ? reach_chunk(dev) : 0);
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_NODE, reach_node(dev));
}

/**
 * dmabuf_heap_reach_read() - read the limits of a device
 * @dev: device; the caller keeps its driver bound
 * @limits: filled in: what platforms know of it and what its struct device says
 * @flags: DMABUF_HEAP_ATTACHMENT_REMAPPED is set or cleared
 *
 * Context: may sleep; a buffer's lock may be held, or the device's.
 * Return: false for a device that does no DMA, or of which a platform says what makes
 * no sense; @limits then are empty.
 */
bool dmabuf_heap_reach_read(struct device *dev, struct heap_limits *limits, u32 *flags)
{
	bool remapped;

	memset(limits, 0, sizeof(*limits));
	*flags &= ~DMABUF_HEAP_ATTACHMENT_REMAPPED;
	if (!dev->dma_mask || !*dev->dma_mask)
		return false;

	/* A domain alone says little: a pass-through one translates nothing. */
	remapped = dma_get_merge_boundary(dev);
	reach_read_device(dev, limits, remapped);
	if (!dmabuf_heap_platform_limit(dev, limits)) {
		memset(limits, 0, sizeof(*limits));
		return false;
	}
	if (remapped)
		*flags |= DMABUF_HEAP_ATTACHMENT_REMAPPED;
	return true;
}
