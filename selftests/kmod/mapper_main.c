// SPDX-License-Identifier: GPL-2.0
/*
 * Devices on demand: see mapper.h. A device is made with its file and ends with it,
 * or later; its driver can come and go as drivers do, and what it holds goes with
 * the driver.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mapper_core.h"

/* Devices whose files are closed and which hold on. */
static LIST_HEAD(held);
static DEFINE_MUTEX(held_lock);

static atomic_t last_id;

/* The bus's addresses, which in the first window are memory's. */
static int window_apply(struct device *dev, const struct mapper_limits *limits)
{
	struct bus_dma_region *map = NULL;

	if (limits->bus_window) {
		map = kcalloc(3, sizeof(*map), GFP_KERNEL);
		if (!map)
			return -ENOMEM;
		map[0].size = limits->bus_window;
	}
	if (map && limits->bus_next) {
		map[1].cpu_start = limits->bus_window;
		map[1].dma_start = limits->bus_next;
		map[1].size = limits->bus_window;
	}
	/* So does the driver core, when the driver goes. */
	kfree(dev->dma_range_map);
	dev->dma_range_map = map;
	return 0;
}

/* The device's view of its limits. Its own lock is what others read them under. */
static int limits_apply(struct mapper *mapper, const struct mapper_limits *limits)
{
	struct platform_device *pdev = mapper->pdev;
	struct device *dev = &pdev->dev;
	int ret = window_apply(dev, limits);

	device_lock_assert(dev);
	if (ret)
		return ret;
	pdev->platform_dma_mask = limits->mask;
	dev->dma_mask = limits->mask ? &pdev->platform_dma_mask : NULL;
	dev->coherent_dma_mask = limits->mask;
	dev->bus_dma_limit = limits->bus_limit;
	dma_set_max_seg_size(dev, limits->max_segment);
	dma_set_seg_boundary(dev, limits->boundary);
	set_dev_node(dev, limits->flags & MAPPER_ON_NODE ? limits->node : NUMA_NO_NODE);
	mapper->limits = *limits;
	mapper_dma_set(mapper);
	return 0;
}

static int limits_set(struct mapper *mapper, const struct mapper_limits *limits)
{
	u32 own = MAPPER_OWN_DMA | MAPPER_REMAP;
	u32 flags = limits->flags;

	if (!mapper->bound)
		return -ENODEV;
	if (flags & ~(MAPPER_CONTIGUOUS | MAPPER_ON_NODE | own) ||
	    (flags & own) == MAPPER_REMAP || limits->node >= MAX_NUMNODES ||
	    limits->alignment & (limits->alignment - 1))
		return -EINVAL;
	if (flags & own && !mapper_dma_is_possible())
		return -EOPNOTSUPP;
	if (mapper->attachment && (mapper->limits.flags ^ flags) & own)
		return -EBUSY;
	/* What is mapped has addresses of the old window. */
	if (mapper->maps && mapper->limits.bus_window != limits->bus_window)
		return -EBUSY;
	return limits_apply(mapper, limits);
}

static int mapper_limit(struct mapper *mapper, void *arg)
{
	struct device *dev = &mapper->pdev->dev;
	int ret;

	device_lock(dev);
	mutex_lock(&mapper->lock);
	ret = limits_set(mapper, arg);
	mutex_unlock(&mapper->lock);
	device_unlock(dev);
	return ret;
}

static int mapper_info(struct mapper *mapper, void *arg)
{
	struct mapper_info *info = arg;
	int i;

	strscpy(info->name, dev_name(&mapper->pdev->dev), sizeof(info->name));
	info->id = mapper->id;
	info->flags = (mapper->bound ? MAPPER_BOUND : 0) |
		      (mapper->attachment ? MAPPER_ATTACHED : 0) |
		      (mapper->attachment && mapper->attachment->importer_ops ?
		       MAPPER_DYNAMIC : 0) |
		      (mapper->hold ? MAPPER_HELD : 0) |
		      (mapper->vmapped ? MAPPER_VMAPPED : 0);
	info->maps = mapper->maps;
	info->pins = mapper->pins;
	info->moved = atomic_read(&mapper->moved);
	info->dma_maps = atomic_read(&mapper->dma_maps);
	for (i = 0; i < 3; i++) {
		info->for_cpu[i] = atomic_read(&mapper->for_cpu[i]);
		info->for_device[i] = atomic_read(&mapper->for_device[i]);
	}
	return 0;
}

/* Runs before anything else is taken from the device. */
static void mapper_unbound(void *data)
{
	struct mapper *mapper = data;

	mutex_lock(&mapper->lock);
	mapper_let_go(mapper);
	mapper->bound = false;
	mutex_unlock(&mapper->lock);
}

static int mapper_probe(struct platform_device *pdev)
{
	struct mapper *mapper = mapper_of(&pdev->dev);
	int ret;

	mutex_lock(&mapper->lock);
	ret = limits_apply(mapper, &mapper->limits);
	mapper->bound = !ret;
	mutex_unlock(&mapper->lock);
	return ret ?: devm_add_action_or_reset(&pdev->dev, mapper_unbound, mapper);
}

static struct platform_driver mapper_driver = {
	.probe = mapper_probe,
	.driver = { .name = MAPPER_NODE },
};

static int mapper_unbind(struct mapper *mapper, void *arg)
{
	device_release_driver(&mapper->pdev->dev);
	return 0;
}

static int mapper_bind(struct mapper *mapper, void *arg)
{
	int ret = device_attach(&mapper->pdev->dev);

	return ret < 0 ? ret : ret ? 0 : -ENODEV;
}

static struct mapper *mapper_create(void)
{
	struct mapper *mapper = kzalloc(sizeof(*mapper), GFP_KERNEL);
	int ret;

	if (!mapper)
		return ERR_PTR(-ENOMEM);
	mutex_init(&mapper->lock);
	INIT_LIST_HEAD(&mapper->windows);
	mapper->id = atomic_inc_return(&last_id);
	mapper->limits.mask = DMA_BIT_MASK(32);
	mapper->pdev = platform_device_alloc(MAPPER_NODE, mapper->id);
	ret = mapper->pdev ? 0 : -ENOMEM;
	if (!ret)
		ret = platform_device_add_data(mapper->pdev, &mapper, sizeof(mapper));
	if (!ret)
		ret = platform_device_add(mapper->pdev);
	if (ret) {
		platform_device_put(mapper->pdev);
		kfree(mapper);
		return ERR_PTR(ret);
	}
	return mapper;
}

static void mapper_destroy(struct mapper *mapper)
{
	platform_device_unregister(mapper->pdev);
	kfree(mapper);
}

static int mapper_hold(struct mapper *mapper, void *arg)
{
	mapper->hold = true;
	return 0;
}

static int mapper_drop(struct mapper *mapper, void *arg)
{
	struct mapper *other;
	int ret = -ENOENT;

	mutex_lock(&held_lock);
	list_for_each_entry(other, &held, entry) {
		if (other->id == *(int *)arg) {
			list_del(&other->entry);
			ret = 0;
			break;
		}
	}
	mutex_unlock(&held_lock);
	if (!ret)
		mapper_destroy(other);
	return ret;
}

enum mapper_locking {
	TAKES_LOCK,	/* by itself */
	LOCKED,
	BOUND,		/* locked, and the driver must be there */
};

static const struct mapper_call {
	unsigned int cmd;
	enum mapper_locking locking;
	int (*run)(struct mapper *mapper, void *arg);
} calls[] = {
	{ MAPPER_LIMIT, TAKES_LOCK, mapper_limit },
	{ MAPPER_ATTACH, BOUND, mapper_attach },
	{ MAPPER_DETACH, BOUND, mapper_detach },
	{ MAPPER_MAP, BOUND, mapper_map },
	{ MAPPER_CHECK, BOUND, mapper_look },
	{ MAPPER_UNMAP, BOUND, mapper_unmap },
	{ MAPPER_READ, TAKES_LOCK, mapper_read },
	{ MAPPER_WRITE, TAKES_LOCK, mapper_write },
	{ MAPPER_INFO, LOCKED, mapper_info },
	{ MAPPER_ATTACH_DYNAMIC, BOUND, mapper_attach_dynamic },
	{ MAPPER_PIN, BOUND, mapper_pin },
	{ MAPPER_UNPIN, BOUND, mapper_unpin },
	{ MAPPER_VMAP, BOUND, mapper_vmap },
	{ MAPPER_VUNMAP, BOUND, mapper_vunmap },
	{ MAPPER_FAIL, LOCKED, mapper_dma_fail },
	{ MAPPER_UNBIND, TAKES_LOCK, mapper_unbind },
	{ MAPPER_BIND, TAKES_LOCK, mapper_bind },
	{ MAPPER_HOLD, LOCKED, mapper_hold },
	{ MAPPER_DROP, TAKES_LOCK, mapper_drop },
};

static int call_run(struct mapper *mapper, const struct mapper_call *call, void *arg)
{
	int ret = -ENODEV;

	if (call->locking == TAKES_LOCK)
		return call->run(mapper, arg);
	mutex_lock(&mapper->lock);
	if (call->locking == LOCKED || mapper->bound)
		ret = call->run(mapper, arg);
	mutex_unlock(&mapper->lock);
	return ret;
}

static long mapper_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	union {
		int number;
		struct mapper_limits limits;
		struct mapper_map map;
		struct mapper_read copy;
		struct mapper_info info;
	} arg = {};
	unsigned int size = _IOC_SIZE(cmd);
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(calls) && calls[i].cmd != cmd; i++)
		;
	if (i == ARRAY_SIZE(calls))
		return -ENOTTY;
	if (_IOC_DIR(cmd) & _IOC_WRITE && copy_from_user(&arg, (void __user *)user, size))
		return -EFAULT;
	ret = call_run(file->private_data, &calls[i], &arg);
	if (!ret && _IOC_DIR(cmd) & _IOC_READ && copy_to_user((void __user *)user, &arg, size))
		ret = -EFAULT;
	return ret;
}

static int mapper_open(struct inode *inode, struct file *file)
{
	struct mapper *mapper = mapper_create();

	if (IS_ERR(mapper))
		return PTR_ERR(mapper);
	file->private_data = mapper;
	return 0;
}

static int mapper_release(struct inode *inode, struct file *file)
{
	struct mapper *mapper = file->private_data;

	if (!mapper->hold) {
		mapper_destroy(mapper);
		return 0;
	}
	mutex_lock(&held_lock);
	list_add(&mapper->entry, &held);
	mutex_unlock(&held_lock);
	return 0;
}

static const struct file_operations mapper_fops = {
	.owner = THIS_MODULE,
	.open = mapper_open,
	.release = mapper_release,
	.unlocked_ioctl = mapper_ioctl,
};

static struct miscdevice mapper_node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = MAPPER_NODE,
	.fops = &mapper_fops,
};

static int __init mapper_init(void)
{
	int ret = platform_driver_register(&mapper_driver);

	if (ret)
		return ret;
	ret = misc_register(&mapper_node);
	if (ret)
		platform_driver_unregister(&mapper_driver);
	return ret;
}

static void __exit mapper_exit(void)
{
	struct mapper *mapper, *next;

	misc_deregister(&mapper_node);
	list_for_each_entry_safe(mapper, next, &held, entry)
		mapper_destroy(mapper);
	platform_driver_unregister(&mapper_driver);
}

module_init(mapper_init);
module_exit(mapper_exit);
MODULE_DESCRIPTION("devices that import dma-bufs as they are told, for tests");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "DMA_BUF");
