// SPDX-License-Identifier: GPL-2.0
/*
 * What an importer is given, compared with its limits: each segment by itself,
 * each with the one before, and all together. The pages behind a table are none of
 * an importer's business, so only DMA addresses are looked at, and what lies where
 * they lead.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

#include "mapper_core.h"

static bool lies_on_node(struct mapper *mapper, u64 first, u64 last)
{
	int a = page_to_nid(pfn_to_page(PHYS_PFN(mapper_phys(mapper, first))));
	int b = page_to_nid(pfn_to_page(PHYS_PFN(mapper_phys(mapper, last))));

	return a == mapper->limits.node && b == mapper->limits.node;
}

/* A device whose segments must be smaller than a page can't have whole pages. */
static bool wants_pages(struct device *dev)
{
	return dma_get_max_seg_size(dev) >= PAGE_SIZE &&
	       dma_get_seg_boundary(dev) >= PAGE_SIZE - 1;
}

/* Whether segments can begin where the device wants them to: they have to end there. */
static bool wants_alignment(struct mapper *mapper)
{
	struct device *dev = &mapper->pdev->dev;
	u64 alignment = mapper->limits.alignment;

	return alignment && dma_get_max_seg_size(dev) >= alignment &&
	       dma_get_seg_boundary(dev) >= alignment - 1;
}

/* The rules that segment @i breaks; @end is where the one before ends. */
static u32 segment_broken(struct mapper *mapper, struct scatterlist *sg, int i, u64 end)
{
	u64 first = sg_dma_address(sg), last = first + sg_dma_len(sg) - 1;
	const struct mapper_limits *limits = &mapper->limits;
	struct device *dev = &mapper->pdev->dev;
	u64 boundary = dma_get_seg_boundary(dev);
	u32 broken = 0;

	if (last > min_not_zero(dma_get_mask(dev), dev->bus_dma_limit))
		broken |= BIT(MAPPER_RULE_MASK);
	if (sg_dma_len(sg) > dma_get_max_seg_size(dev))
		broken |= BIT(MAPPER_RULE_LENGTH);
	if ((first | boundary) != (last | boundary))
		broken |= BIT(MAPPER_RULE_BOUNDARY);
	if (limits->flags & MAPPER_CONTIGUOUS && i && first != end)
		broken |= BIT(MAPPER_RULE_ADJACENT);
	if (limits->max_segments && i >= limits->max_segments)
		broken |= BIT(MAPPER_RULE_COUNT);
	if (limits->flags & MAPPER_ON_NODE && !lies_on_node(mapper, first, last))
		broken |= BIT(MAPPER_RULE_NODE);
	if (!sg_dma_len(sg) || (wants_pages(dev) && !PAGE_ALIGNED(first | (last + 1))))
		broken |= BIT(MAPPER_RULE_ALIGN);
	if (wants_alignment(mapper) && first & (limits->alignment - 1))
		broken |= BIT(MAPPER_RULE_START);
	return broken;
}

void mapper_check(struct mapper *mapper, struct sg_table *table, u64 length,
		  struct mapper_map *map)
{
	struct scatterlist *sg;
	u64 end = 0;
	int i;

	*map = (struct mapper_map) {
		.dir = map->dir,
		.segments = table->nents,
		.segment = table->nents,
	};
	for_each_sgtable_dma_sg(table, sg, i) {
		u32 broken = segment_broken(mapper, sg, i, end);

		map->bytes += sg_dma_len(sg);
		map->largest = max_t(u64, map->largest, sg_dma_len(sg));
		if (broken) {
			map->wrong++;
			map->segment = min_t(u32, map->segment, i);
		}
		map->broken |= broken;
		end = sg_dma_address(sg) + sg_dma_len(sg);
	}
	if (map->bytes != length)
		map->broken |= BIT(MAPPER_RULE_TOTAL);
}
