// SPDX-License-Identifier: GPL-2.0
/*
 * Whether modules may use CMA: the functions have been there for long, but this one
 * only since they are exported.
 */
#include <linux/dma-map-ops.h>

struct cma *cma_exported_probe(void);

struct cma *cma_exported_probe(void)
{
	return dma_contiguous_get_area_by_idx(0);
}
