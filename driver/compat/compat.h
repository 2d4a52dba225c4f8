/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that knows that kernels differ. The rest of the driver is
 * written as for the newest kernel; what older ones lack is made up for here.
 * What a kernel has is found by compiling the probes beside this file, never by
 * its number: distributions move features between versions.
 */
#ifndef _DMABUF_HEAP_COMPAT_H
#define _DMABUF_HEAP_COMPAT_H

#include <linux/mm.h>
#include <linux/mmzone.h>

#include "generated.h"

/* Largest order of the page allocator. MAX_ORDER was one more where it is still there. */
#ifdef MAX_PAGE_ORDER
#define DMABUF_HEAP_MAX_ORDER	MAX_PAGE_ORDER
#else
#define DMABUF_HEAP_MAX_ORDER	(MAX_ORDER - 1)
#endif

#ifndef DMABUF_HEAP_HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags |= flags;
}
#endif

#ifdef DMABUF_HEAP_HAVE_NAMESPACE_TOKEN
#define DMABUF_HEAP_IMPORT_NS	MODULE_IMPORT_NS(DMA_BUF)
#else
#define DMABUF_HEAP_IMPORT_NS	MODULE_IMPORT_NS("DMA_BUF")
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
