// SPDX-License-Identifier: GPL-2.0
/*
 * fd -> device -> limits.
 *
 * No exported function leads from a file to its struct device, but every device
 * is on one kset, and our own misc device shows which. A device leaves that list
 * before its memory can go, and keeps its parent until it has left: under the
 * list's lock, a listed device and its ancestors are safe to look at.
 *
 * Nothing stops a driver from being unbound while we read what it set up, but
 * the lock of the device that it is bound to. That lock is tried under the
 * list's; once it is held, the device can't go away before we let go of it.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernfs.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/swiotlb.h>

#include "device.h"
#include "probe.h"

static const struct heap_probe * const probes[] = {
	&dmabuf_heap_probe_v4l2,
	&dmabuf_heap_probe_drm,
	&dmabuf_heap_probe_accel,
};

/* All devices; and what tells a device's kobject from any other. */
static struct kset *devices;
static const struct kobj_type *device_ktype;

/* How long a device may take to be bound or unbound before it counts as gone. */
#define DEVICE_PATIENCE	HZ

/* A device that a file names, held while it is being read. */
struct device_hold {
	struct device *owner;		/* locked; its driver set the node up */
	struct module *module;		/* of the owner's driver */
	const struct heap_probe *probe;	/* NULL for no further knowledge */
	struct device *node;		/* for the probe only; the open file pins its module */
};

/**
 * dmabuf_heap_device_init() - learn where devices are listed
 * @misc: our own device
 */
void dmabuf_heap_device_init(struct device *misc)
{
	devices = misc->kobj.kset;
	device_ktype = misc->kobj.ktype;
}

static bool device_is_named_by(struct device *dev, struct inode *inode)
{
	if (S_ISCHR(inode->i_mode))
		return dev->devt == inode->i_rdev &&
		       !(dev->class && !strcmp(dev->class->name, "block"));
	/* A directory of sysfs: its node is compared, never followed. */
	return dev->kobj.sd == inode->i_private;
}

static bool inode_can_name_device(struct inode *inode)
{
	if (S_ISCHR(inode->i_mode))
		return true;
	return S_ISDIR(inode->i_mode) && inode->i_sb->s_magic == SYSFS_MAGIC && inode->i_private;
}

static struct device *device_find_locked(struct inode *inode)
{
	struct kobject *kobj;

	lockdep_assert_held(&devices->list_lock);
	list_for_each_entry(kobj, &devices->list, entry) {
		if (kobj->ktype == device_ktype && device_is_named_by(kobj_to_dev(kobj), inode))
			return kobj_to_dev(kobj);
	}
	return NULL;
}

/*
 * The nearest of @dev and its ancestors that may do DMA. Its mask is read later:
 * a driver may have put it where it is gone with the driver.
 */
static struct device *device_dma_locked(struct device *dev)
{
	lockdep_assert_held(&devices->list_lock);
	/* One that has left the list may have lost its parent. */
	while (dev && !list_empty(&dev->kobj.entry)) {
		if (dev->dma_mask)
			return dev;
		dev = dev->parent;
	}
	return NULL;
}

/* A class has more to say only about a node that is open. */
static const struct heap_probe *device_probe(struct device *dev, struct inode *inode)
{
	int i;

	if (!S_ISCHR(inode->i_mode) || !dev->class || !dev->parent)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (MAJOR(inode->i_rdev) == probes[i]->major &&
		    !strcmp(dev->class->name, probes[i]->class))
			return probes[i];
	return NULL;
}

static void device_describe_node(struct heap_device *device, struct device *node)
{
	memset(device, 0, sizeof(*device));
	device->devt = node->devt;
	strscpy(device->node, dev_name(node), sizeof(device->node));
	if (node->class)
		strscpy(device->subsystem, node->class->name, sizeof(device->subsystem));
}

/*
 * Locks @hold->owner; -EAGAIN when that would have to wait. Without a probe the
 * owner must have a driver: one without (a host bridge) does no DMA of its own,
 * and a bound driver also proves that nobody has begun to remove the device.
 */
static int device_lock_owner(struct device_hold *hold)
{
	struct device *owner = hold->owner;

	if (!owner || list_empty(&owner->kobj.entry))
		return -ENODEV;
	if (!device_trylock(owner))
		return -EAGAIN;
	hold->module = owner->driver ? owner->driver->owner : NULL;
	if ((!hold->probe && !owner->driver) || !try_module_get(hold->module))
		goto unlock;
	if (!kobject_get_unless_zero(&owner->kobj))
		goto put_module;
	return 0;

put_module:
	module_put(hold->module);
unlock:
	device_unlock(owner);
	return -ENODEV;
}

/* One try, under the list's lock. All that is said of the node itself is copied here. */
static int device_hold_locked(struct device_hold *hold, struct inode *inode, bool probing,
			      struct heap_device *device)
{
	struct device *node;
	int ret;

	node = device_find_locked(inode);
	if (!node)
		return -ENODEV;
	hold->probe = probing ? device_probe(node, inode) : NULL;
	hold->owner = hold->probe ? node->parent : device_dma_locked(node);
	ret = device_lock_owner(hold);
	if (ret)
		return ret;
	if (node == hold->owner)
		memset(device, 0, sizeof(*device));
	else
		device_describe_node(device, node);
	/* It is listed, and its owner can't take it away: its count is not 0. */
	hold->node = hold->probe ? get_device(node) : NULL;
	return 0;
}

static int device_hold(struct device_hold *hold, struct inode *inode, bool probing,
		       struct heap_device *device)
{
	unsigned long end = jiffies + DEVICE_PATIENCE;
	int ret;

	for (;;) {
		spin_lock(&devices->list_lock);
		ret = device_hold_locked(hold, inode, probing, device);
		spin_unlock(&devices->list_lock);
		if (ret != -EAGAIN)
			return ret;
		/*
		 * Being bound or unbound. An unbind may even wait for our caller to
		 * close this very file, so there is an end to waiting for it.
		 */
		if (time_after(jiffies, end))
			return -ENODEV;
		schedule_timeout_killable(msecs_to_jiffies(2));
		if (fatal_signal_pending(current))
			return -EINTR;
	}
}

static void device_release(struct device_hold *hold)
{
	device_unlock(hold->owner);
	put_device(hold->node);
	put_device(hold->owner);
	module_put(hold->module);
}

/*
 * A bus that numbers memory in its own way has windows for it, and @mask is in
 * its numbers. Returns the last address that the CPU would say, of the lowest window
 * and those that follow without a gap on both sides: a segment that began in one
 * window and ended in another whose numbers don't follow would lead elsewhere, and
 * the DMA API translates only where it begins. Memory below the lowest can't be told
 * by a highest address; machines have none there.
 */
static u64 device_windows_end(const struct bus_dma_region *windows, u64 mask)
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
static u64 device_max_addr(struct device *dev)
{
	u64 mask = min_not_zero(dma_get_mask(dev), dev->bus_dma_limit);

	if (is_swiotlb_force_bounce(dev))
		return 0;
	if (dev->dma_range_map)
		return device_windows_end(dev->dma_range_map, mask);
	/* Encrypted memory lies, for a device, above all that a narrow mask reaches. */
	if (phys_to_dma(dev, 0) > mask)
		return 0;
	return mask;
}

/**
 * dmabuf_heap_device_read_limits() - read what a struct device says of its DMA
 * @dev: device; the caller keeps its driver bound
 * @limits: filled in
 * @flags: DMABUF_HEAP_ATTACHMENT_REMAPPED is set or cleared
 *
 * Context: any.
 * Return: false for a device that does no DMA; it has no limits.
 */
bool dmabuf_heap_device_read_limits(struct device *dev, struct heap_limits *limits, u32 *flags)
{
	u64 segment;

	memset(limits, 0, sizeof(*limits));
	*flags &= ~DMABUF_HEAP_ATTACHMENT_REMAPPED;
	if (!dev->dma_mask || !*dev->dma_mask)
		return false;

	/* A domain alone says little: a pass-through one translates nothing. */
	if (dma_get_merge_boundary(dev))
		*flags |= DMABUF_HEAP_ATTACHMENT_REMAPPED;
	segment = dma_get_max_seg_size(dev);
	if (segment >= PAGE_SIZE)
		segment &= PAGE_MASK;

	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_MAX_ADDR,
			       *flags & DMABUF_HEAP_ATTACHMENT_REMAPPED ?
			       dma_get_mask(dev) : device_max_addr(dev));
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT,
			       segment >= (UINT_MAX & PAGE_MASK) ? U64_MAX : segment);
	dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_BOUNDARY,
			       dma_get_seg_boundary(dev) == ULONG_MAX ? U64_MAX :
			       dma_get_seg_boundary(dev));
	return true;
}

/* Who it is, without its limits. */
static void device_identify(struct heap_device *device, struct device *dev)
{
	device->dev = dev;
	/* Not followed: a device that is being removed loses it. */
	device->sysfs = READ_ONCE(dev->kobj.sd);
	strscpy(device->name, dev_name(dev), sizeof(device->name));
	if (dev->bus && !device->subsystem[0])
		strscpy(device->subsystem, dev->bus->name, sizeof(device->subsystem));
}

/**
 * dmabuf_heap_device_describe() - describe a device that a driver attaches
 * @device: filled in; nothing is pinned
 * @dev: the device; the caller keeps it alive
 *
 * Context: may sleep.
 */
void dmabuf_heap_device_describe(struct heap_device *device, struct device *dev)
{
	memset(device, 0, sizeof(*device));
	device_identify(device, dev);
	dmabuf_heap_device_read_limits(dev, &device->limits, &device->flags);
}

/*
 * Fills in the rest of @device; the hold keeps everything that is read in place.
 * The owner has a sysfs node until its lock is free.
 */
static int device_read(struct heap_device *device, struct device_hold *hold, struct file *file)
{
	struct heap_probe_answer answer = { .dma = hold->owner };
	int ret;

	if (hold->probe) {
		answer.dma = NULL;
		ret = hold->probe->read(file, hold->node, &answer);
		if (ret)
			return ret;
	}
	if (answer.cpu_only) {
		device_identify(device, hold->owner);
		/* It never attaches: an import by this device is somebody else's. */
		device->dev = NULL;
		device->sysfs = NULL;
		device->flags |= DMABUF_HEAP_ATTACHMENT_CPU_ONLY;
		return 0;
	}
	if (!dmabuf_heap_device_read_limits(answer.dma, &device->limits, &device->flags))
		return -ENODEV;
	dmabuf_heap_limits_set(&device->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, answer.contiguous);
	device_identify(device, answer.dma);
	dmabuf_heap_device_get(device);
	return 0;
}

static int device_from_file(struct file *file, struct heap_device *device, bool probing)
{
	struct inode *inode = file_inode(file);
	struct device_hold hold;
	int ret;

	if (!inode_can_name_device(inode))
		return -ENODEV;
	ret = device_hold(&hold, inode, probing, device);
	if (ret)
		return ret;
	ret = device_read(device, &hold, file);
	device_release(&hold);
	return ret;
}

/**
 * dmabuf_heap_device_from_fd() - find the device that an fd names
 * @fd: an open V4L2 or DRM node, any other character device whose device or an
 *	ancestor of it does DMA, or a directory below /sys that is a device
 * @device: filled in on success; dmabuf_heap_device_put() ends it
 *
 * Context: may sleep; waits a while for a driver that is being bound or unbound.
 * Return: 0; -EBADF; -ENODEV; -EINTR on a fatal signal.
 */
int dmabuf_heap_device_from_fd(int fd, struct heap_device *device)
{
	struct file *file = fget(fd);
	int ret;

	if (!file)
		return -EBADF;
	ret = device_from_file(file, device, true);
	/* Its class may know no more than the device itself does. */
	if (ret == -ENOENT)
		ret = device_from_file(file, device, false);
	fput(file);
	return ret;
}

/**
 * dmabuf_heap_device_get() - pin once more what a description from an fd pins
 * @device: description
 */
void dmabuf_heap_device_get(const struct heap_device *device)
{
	kernfs_get(device->sysfs);
}

/**
 * dmabuf_heap_device_put() - end a description from an fd
 * @device: description
 *
 * Context: may sleep.
 */
void dmabuf_heap_device_put(const struct heap_device *device)
{
	kernfs_put(device->sysfs);
}

/**
 * dmabuf_heap_device_is() - whether two descriptions are of one device
 * @a: one
 * @b: the other
 *
 * Return: true when they are.
 */
bool dmabuf_heap_device_is(const struct heap_device *a, const struct heap_device *b)
{
	return a->dev && a->sysfs && a->dev == b->dev && a->sysfs == b->sysfs;
}

/**
 * dmabuf_heap_device_title() - name a device for people
 * @device: device
 * @title: its node with the device in brackets, or the device alone
 * @size: bytes at @title
 */
void dmabuf_heap_device_title(const struct heap_device *device, char *title, size_t size)
{
	if (device->node[0])
		snprintf(title, size, "%s (%s)", device->node, device->name);
	else
		strscpy(title, device->name, size);
}
