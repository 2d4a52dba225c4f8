/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices: from an fd to the device that does DMA, and from a device to its
 * limits. All that leaves here is a description by value: no reference to a
 * struct device is ever kept, since devices come and go as they please.
 */
#ifndef _DMABUF_HEAP_DEVICE_H
#define _DMABUF_HEAP_DEVICE_H

#include <linux/device.h>

#include "limits.h"

/**
 * struct heap_device - what is known of a device
 * @dev: compared with other devices' and never followed
 * @sysfs: its sysfs node, compared too. Pinned in a description that came from
 *	an fd, so that no later device at the same address has the same.
 * @flags: DMABUF_HEAP_ATTACHMENT_CPU_ONLY, _REMAPPED, _NO_DEVICE
 * @devt: number of the node it was named by, 0 if none
 * @name: of the device
 * @node: name of the node it was named by, empty if none
 * @subsystem: class of the node, or bus of the device
 * @limits: as read; also what an IOMMU makes meaningless
 *
 * A description from an fd is ended by dmabuf_heap_device_put().
 */
struct heap_device {
	const struct device *dev;
	struct kernfs_node *sysfs;
	u32 flags;
	dev_t devt;
	char name[DMABUF_HEAP_DEVICE_LEN];
	char node[DMABUF_HEAP_NAME_LEN];
	char subsystem[DMABUF_HEAP_NAME_LEN];
	struct heap_limits limits;
};

void dmabuf_heap_device_init(struct device *misc);
int dmabuf_heap_device_from_fd(int fd, struct heap_device *device);
void dmabuf_heap_device_get(const struct heap_device *device);
void dmabuf_heap_device_put(const struct heap_device *device);
bool dmabuf_heap_device_describe(struct heap_device *device, struct device *dev);
bool dmabuf_heap_device_is(const struct heap_device *a, const struct heap_device *b);
void dmabuf_heap_device_title(const struct heap_device *device, char *title, size_t size);

#endif /* _DMABUF_HEAP_DEVICE_H */
