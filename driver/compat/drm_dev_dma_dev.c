// SPDX-License-Identifier: GPL-2.0
/* Whether a DRM device can name another device for its DMA. */
#include <drm/drm_device.h>

struct device *drm_dev_dma_dev_probe(struct drm_device *drm);

struct device *drm_dev_dma_dev_probe(struct drm_device *drm)
{
	return drm_dev_dma_dev(drm);
}
