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
 *
 * A platform may know more of an open file. No platform goes away before we are
 * done with it: whose lock to try depends on whether one owns the file.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernfs.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/sched/signal.h>

#include "device.h"
#include "platform.h"
#include "reach.h"

/* All devices; and what tells a device's kobject from any other. */
static struct kset *devices;
static const struct kobj_type *device_ktype;

/* How long a device may take to be bound or unbound before it counts as gone. */
#define DEVICE_PATIENCE	HZ

/* A device that a file names, held while it is being read. */
struct device_hold {
	struct device *owner;		/* locked; its driver set the node up */
	struct module *module;		/* of the owner's driver */
	struct dmabuf_heap_platform *platform;	/* NULL for no further knowledge */
	struct device *node;		/* for the platform; the open file pins its module */
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

/* A platform has more to say only about a node that is open. */
static struct dmabuf_heap_platform *device_platform(struct dmabuf_heap_platform *after,
						    const struct file *file,
						    const struct device *node)
{
	if (!S_ISCHR(file_inode(file)->i_mode))
		return NULL;
	return dmabuf_heap_platform_next(after, file, node);
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
 * Locks @hold->owner; -EAGAIN when that would have to wait. Without a platform the
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
	if ((!hold->platform && !owner->driver) || !try_module_get(hold->module))
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

/* Under the list's lock. All that is said of the node itself is copied here. */
static int device_hold_locked(struct device_hold *hold, struct file *file,
			      struct dmabuf_heap_platform *after, struct heap_device *device)
{
	struct device *node;
	int ret;

	node = device_find_locked(file_inode(file));
	if (!node)
		return -ENODEV;
	hold->platform = device_platform(after, file, node);
	hold->owner = hold->platform ? node->parent ?: node : device_dma_locked(node);
	ret = device_lock_owner(hold);
	if (ret)
		return ret;
	if (node == hold->owner && !hold->platform)
		memset(device, 0, sizeof(*device));
	else
		device_describe_node(device, node);
	/* It is listed, and its owner can't take it away: its count is not 0. */
	hold->node = hold->platform ? get_device(node) : NULL;
	return 0;
}

static int device_hold(struct device_hold *hold, struct file *file,
		       struct dmabuf_heap_platform *after, struct heap_device *device)
{
	int ret;

	spin_lock(&devices->list_lock);
	ret = device_hold_locked(hold, file, after, device);
	spin_unlock(&devices->list_lock);
	return ret;
}

static void device_release(struct device_hold *hold)
{
	device_unlock(hold->owner);
	put_device(hold->node);
	put_device(hold->owner);
	module_put(hold->module);
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
 * dmabuf_heap_device_describe() - describe a device that a driver names
 * @device: filled in; nothing is pinned
 * @dev: the device; the caller keeps it alive
 *
 * Context: may sleep.
 * Return: whether it does DMA.
 */
bool dmabuf_heap_device_describe(struct heap_device *device, struct device *dev)
{
	memset(device, 0, sizeof(*device));
	device_identify(device, dev);
	return dmabuf_heap_reach_read(dev, &device->limits, &device->flags);
}

static void device_read_cpu(struct heap_device *device, struct device *owner)
{
	device_identify(device, owner);
	/* It never attaches: an import by this device is somebody else's. */
	device->dev = NULL;
	device->sysfs = NULL;
	device->flags |= DMABUF_HEAP_ATTACHMENT_CPU_ONLY;
}

/* @more is what a platform knows of the file; it comes first, as to nodes too. */
static int device_read_dma(struct heap_device *device, struct device *dma,
			   const struct heap_limits *more)
{
	struct heap_limits limits = *more;

	if (!dmabuf_heap_reach_read(dma, &device->limits, &device->flags))
		return -ENODEV;
	dmabuf_heap_limits_narrow(&limits, &device->limits);
	device->limits = limits;
	device_identify(device, dma);
	dmabuf_heap_device_get(device);
	return 0;
}

/*
 * What a platform says. A device that isn't the owner may have a driver of its own,
 * which the owner's lock doesn't hold; its own lock is only tried, as there is no
 * order between the two. One without a driver is the owner's making, or for the
 * platform to keep.
 */
static int device_read_platform(struct heap_device *device, struct device_hold *hold,
				struct file *file)
{
	struct heap_platform_answer answer;
	int ret;

	ret = dmabuf_heap_platform_read(hold->platform, file, hold->node, &answer);
	if (ret)
		return ret;
	if (!answer.dma) {
		device_read_cpu(device, hold->owner);
		return 0;
	}
	if (answer.dma == hold->owner) {
		ret = device_read_dma(device, answer.dma, &answer.limits);
	} else if (device_trylock(answer.dma)) {
		ret = device_is_registered(answer.dma) ?
		      device_read_dma(device, answer.dma, &answer.limits) : -ENODEV;
		device_unlock(answer.dma);
	} else {
		ret = -EAGAIN;
	}
	put_device(answer.dma);
	return ret;
}

/*
 * One try to fill in @device; the hold keeps everything that is read in place. The
 * owner has a sysfs node until its lock is free.
 */
static int device_read(struct heap_device *device, struct file *file,
		       struct dmabuf_heap_platform **platform)
{
	const struct heap_limits none = {};
	struct device_hold hold;
	int ret;

	ret = device_hold(&hold, file, *platform, device);
	if (ret)
		return ret;
	if (hold.platform)
		ret = device_read_platform(device, &hold, file);
	else
		ret = device_read_dma(device, hold.owner, &none);
	if (ret == -ENOENT)
		*platform = hold.platform;
	device_release(&hold);
	return ret;
}

/*
 * Asks the next platform after @platform that owns the file, or the struct device
 * alone, which knows for sure. -ENOENT when that platform knows nothing.
 */
static int device_read_patiently(struct heap_device *device, struct file *file,
				 struct dmabuf_heap_platform **platform)
{
	unsigned long end = jiffies + DEVICE_PATIENCE;
	int ret;

	for (;;) {
		ret = device_read(device, file, platform);
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

static int device_from_file(struct file *file, struct heap_device *device)
{
	struct dmabuf_heap_platform *platform = NULL;
	int ret, inside;

	if (!inode_can_name_device(file_inode(file)))
		return -ENODEV;
	inside = dmabuf_heap_platform_enter();
	do {
		ret = device_read_patiently(device, file, &platform);
	} while (ret == -ENOENT);
	dmabuf_heap_platform_leave(inside);
	return ret;
}

/**
 * dmabuf_heap_device_from_fd() - find the device that an fd names
 * @fd: an open V4L2 or DRM node or one that another platform owns, any other
 *	character device whose device or an ancestor of it does DMA, or a directory
 *	below /sys that is a device
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
	ret = device_from_file(file, device);
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
