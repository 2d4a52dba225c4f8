/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that knows that kernels differ. The rest of the driver is
 * written as for the newest kernel; what older ones lack is made up for here.
 * What a kernel has is found by compiling the probes beside this file, never by
 * its number: distributions move features between versions.
 */
#ifndef _DMABUF_HEAP_COMPAT_H
#define _DMABUF_HEAP_COMPAT_H

#include <linux/cma.h>
#include <linux/dma-map-ops.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "generated.h"

/* Largest order of the page allocator. MAX_ORDER was one more where it is still there. */
#ifdef MAX_PAGE_ORDER
#define DMABUF_HEAP_MAX_ORDER	MAX_PAGE_ORDER
#else
#define DMABUF_HEAP_MAX_ORDER	(MAX_ORDER - 1)
#endif

/* Range allocation: whether there is any, and one attempt. Returns 0 or an errno. */
#ifdef CONFIG_CONTIG_ALLOC
#define DMABUF_HEAP_CONTIG_RANGE	true
static inline int dmabuf_heap_compat_contig_range(unsigned long start, unsigned long end)
{
#ifdef DMABUF_HEAP_HAVE_ACR_FLAGS
	return alloc_contig_range(start, end, ACR_FLAGS_NONE, GFP_KERNEL | __GFP_NOWARN);
#else
	return alloc_contig_range(start, end, MIGRATE_MOVABLE, GFP_KERNEL | __GFP_NOWARN);
#endif
}
#else
#define DMABUF_HEAP_CONTIG_RANGE	false
static inline int dmabuf_heap_compat_contig_range(unsigned long start, unsigned long end)
{
	return -EOPNOTSUPP;
}
#endif

/* The default CMA area, where modules may use it and there is one. */
#if defined(DMABUF_HEAP_HAVE_CMA_EXPORTED) && defined(CONFIG_DMA_CMA)
static inline struct page *dmabuf_heap_compat_cma_alloc(unsigned long pages, unsigned int order)
{
	struct cma *area = dev_get_cma_area(NULL);

	return area ? cma_alloc(area, pages, order, true) : NULL;
}

static inline void dmabuf_heap_compat_cma_release(struct page *page, unsigned long pages)
{
	cma_release(dev_get_cma_area(NULL), page, pages);
}
#else
static inline struct page *dmabuf_heap_compat_cma_alloc(unsigned long pages, unsigned int order)
{
	return NULL;
}

static inline void dmabuf_heap_compat_cma_release(struct page *page, unsigned long pages)
{
}
#endif

#ifndef DMABUF_HEAP_HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags |= flags;
}
#endif

/* Namespaces: whose symbols we use, and for EXPORT_SYMBOL_NS_GPL() our own. */
#ifdef DMABUF_HEAP_HAVE_NAMESPACE_TOKEN
#define DMABUF_HEAP_IMPORT_NS	MODULE_IMPORT_NS(DMA_BUF)
#define DMABUF_HEAP_NS		DMABUF_HEAP
#else
#define DMABUF_HEAP_IMPORT_NS	MODULE_IMPORT_NS("DMA_BUF")
#define DMABUF_HEAP_NS		"DMABUF_HEAP"
#endif

/* A macro, so that only its user needs DRM's headers. */
#ifdef DMABUF_HEAP_HAVE_DRM_DEV_DMA_DEV
#define dmabuf_heap_compat_drm_dma(drm)	drm_dev_dma_dev(drm)
#else
#define dmabuf_heap_compat_drm_dma(drm)	((drm)->dev)
#endif

/*
 * Since the planes of a V4L2 buffer can share an attachment, videobuf2 forgets its
 * reference to a dma-buf whose attach is refused. One that can't be mapped it puts,
 * though not those of the frame's other planes.
 */
#ifdef DMABUF_HEAP_HAVE_VB2_SHARED_PLANES
#define DMABUF_HEAP_VB2_FORGETS	true
#else
#define DMABUF_HEAP_VB2_FORGETS	false
#endif

#endif /* _DMABUF_HEAP_COMPAT_H */
