// SPDX-License-Identifier: GPL-2.0
/*
 * What DRM knows of its devices: which device an import is attached to, and
 * whether the driver takes only contiguous memory.
 */
#include <linux/string.h>
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>

#include "compat/compat.h"
#include "platform.h"
#include "probe.h"

/* Nodes of these majors are all of DRM's making. */
#define DRM_NODES	226
#define ACCEL_NODES	261

/* Imports of DRM's DMA helper, which refuse a buffer of more than one piece. */
static const char * const contiguous_imports[] = {
	"drm_gem_dma_prime_import_sg_table",
	"drm_gem_dma_prime_import_sg_table_vmap",
};

/*
 * Not all of these can be had as symbols (one isn't exported to GPL-only users,
 * and none must be linked), so they are told by name. Without KALLSYMS a function has
 * no name, and no driver is known to need contiguous memory.
 */
static bool driver_is_contiguous(const struct drm_driver *driver)
{
	char name[64];
	int i;

	if (!driver->gem_prime_import_sg_table)
		return false;
	snprintf(name, sizeof(name), "%ps", driver->gem_prime_import_sg_table);
	/* The name of the module follows in brackets. */
	name[strcspn(name, " ")] = '\0';
	for (i = 0; i < ARRAY_SIZE(contiguous_imports); i++)
		if (!strcmp(name, contiguous_imports[i]))
			return true;
	return false;
}

static bool node_is(const struct device *node, const char *class, unsigned int major)
{
	return MAJOR(node->devt) == major && node->class &&
	       !strcmp(node->class->name, class) && node->parent;
}

static bool probe_drm_owns(const struct file *file, const struct device *node)
{
	return node_is(node, "drm", DRM_NODES);
}

static bool probe_accel_owns(const struct file *file, const struct device *node)
{
	return node_is(node, "accel", ACCEL_NODES);
}

static int probe_drm_read(struct file *file, struct device *node,
			  struct dmabuf_heap_platform_answer *answer)
{
	/* Every open file of DRM's majors has a drm_file, and it keeps its minor's device. */
	struct drm_file *priv = file->private_data;
	struct drm_minor *minor = dev_get_drvdata(node);

	if (!minor || !priv || priv->minor != minor)
		return -ENODEV;
	answer->dma = get_device(dmabuf_heap_compat_drm_dma(minor->dev));
	if (driver_is_contiguous(minor->dev->driver))
		dmabuf_heap_limits_add(&answer->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
	return 0;
}

struct dmabuf_heap_platform dmabuf_heap_probe_drm = {
	.name = "DRM",
	.owns = probe_drm_owns,
	.read = probe_drm_read,
};

struct dmabuf_heap_platform dmabuf_heap_probe_accel = {
	.name = "accel",
	.owns = probe_accel_owns,
	.read = probe_drm_read,
};
