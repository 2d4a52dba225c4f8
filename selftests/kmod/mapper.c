// SPDX-License-Identifier: GPL-2.0
/*
 * An importer that does what a test says: see mapper.h. It uses buffers as any
 * static importer does, and looks at what it is given.
 */
#include <linux/dma-buf.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mapper.h"

struct mapper {
	struct mutex lock;	/* one call at a time */
	struct platform_device *pdev;
	u64 dma_mask;
	struct dma_buf_attachment *attachment;	/* NULL when not attached */
	struct sg_table *table;			/* NULL when not mapped */
	enum dma_data_direction dir;
};

static int mapper_limit(struct mapper *mapper, void __user *user)
{
	struct device *dev = &mapper->pdev->dev;
	struct mapper_limits limits;

	if (copy_from_user(&limits, user, sizeof(limits)))
		return -EFAULT;
	mapper->dma_mask = limits.mask;
	dev->dma_mask = limits.mask ? &mapper->dma_mask : NULL;
	dev->coherent_dma_mask = limits.mask;
	dma_set_max_seg_size(dev, limits.max_segment);
	dma_set_seg_boundary(dev, limits.boundary);
	return 0;
}

static int mapper_attach(struct mapper *mapper, int __user *user)
{
	struct dma_buf_attachment *attachment;
	struct dma_buf *dmabuf;
	int fd;

	if (get_user(fd, user))
		return -EFAULT;
	if (mapper->attachment)
		return -EINVAL;
	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	attachment = dma_buf_attach(dmabuf, &mapper->pdev->dev);
	if (IS_ERR(attachment)) {
		dma_buf_put(dmabuf);
		return PTR_ERR(attachment);
	}
	mapper->attachment = attachment;
	return 0;
}

static int mapper_unmap(struct mapper *mapper)
{
	if (!mapper->table)
		return -EINVAL;
	dma_buf_unmap_attachment_unlocked(mapper->attachment, mapper->table, mapper->dir);
	mapper->table = NULL;
	return 0;
}

static int mapper_detach(struct mapper *mapper)
{
	struct dma_buf *dmabuf;

	if (!mapper->attachment || mapper->table)
		return -EINVAL;
	dmabuf = mapper->attachment->dmabuf;
	dma_buf_detach(dmabuf, mapper->attachment);
	dma_buf_put(dmabuf);
	mapper->attachment = NULL;
	return 0;
}

/* A segment that the device could not use. */
static bool segment_is_wrong(struct device *dev, struct scatterlist *sg)
{
	u64 first = sg_dma_address(sg), last = first + sg_dma_len(sg) - 1;
	u64 boundary = dma_get_seg_boundary(dev);

	return last > dma_get_mask(dev) || sg_dma_len(sg) > dma_get_max_seg_size(dev) ||
	       (first | boundary) != (last | boundary);
}

static void mapper_look(struct mapper *mapper, struct mapper_map *map)
{
	struct scatterlist *sg;
	int i;

	map->segments = mapper->table->nents;
	map->bytes = 0;
	map->largest = 0;
	map->wrong = 0;
	for_each_sgtable_dma_sg(mapper->table, sg, i) {
		map->bytes += sg_dma_len(sg);
		map->largest = max_t(u64, map->largest, sg_dma_len(sg));
		map->wrong += segment_is_wrong(&mapper->pdev->dev, sg);
	}
}

static int mapper_map(struct mapper *mapper, void __user *user)
{
	struct sg_table *table;
	struct mapper_map map;

	if (copy_from_user(&map, user, sizeof(map)))
		return -EFAULT;
	if (!mapper->attachment || mapper->table || map.dir >= DMA_NONE)
		return -EINVAL;
	table = dma_buf_map_attachment_unlocked(mapper->attachment, map.dir);
	if (IS_ERR(table))
		return PTR_ERR(table);
	mapper->table = table;
	mapper->dir = map.dir;
	mapper_look(mapper, &map);
	return copy_to_user(user, &map, sizeof(map)) ? -EFAULT : 0;
}

/*
 * Copies from where DMA addresses lead, with nothing between device and memory;
 * the pages behind a table are none of an importer's business.
 */
static void mapper_copy(struct mapper *mapper, u64 skip, char *bytes, size_t length)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(mapper->table, sg, i) {
		phys_addr_t phys = dma_to_phys(&mapper->pdev->dev, sg_dma_address(sg));
		size_t part;

		if (skip >= sg_dma_len(sg)) {
			skip -= sg_dma_len(sg);
			continue;
		}
		part = min_t(size_t, length, sg_dma_len(sg) - skip);
		memcpy(bytes, phys_to_virt(phys + skip), part);
		bytes += part;
		length -= part;
		skip = 0;
		if (!length)
			break;
	}
}

static int mapper_read(struct mapper *mapper, void __user *user)
{
	struct mapper_read read;
	void *bytes;
	int ret = -EFAULT;

	if (copy_from_user(&read, user, sizeof(read)))
		return -EFAULT;
	if (!mapper->table || read.length > PAGE_SIZE)
		return -EINVAL;
	bytes = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!bytes)
		return -ENOMEM;
	mapper_copy(mapper, read.offset, bytes, read.length);
	if (!copy_to_user(u64_to_user_ptr(read.data), bytes, read.length))
		ret = 0;
	kfree(bytes);
	return ret;
}

static long mapper_call(struct mapper *mapper, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case MAPPER_LIMIT:
		return mapper_limit(mapper, user);
	case MAPPER_ATTACH:
		return mapper_attach(mapper, user);
	case MAPPER_DETACH:
		return mapper_detach(mapper);
	case MAPPER_MAP:
		return mapper_map(mapper, user);
	case MAPPER_UNMAP:
		return mapper_unmap(mapper);
	case MAPPER_READ:
		return mapper_read(mapper, user);
	default:
		return -ENOTTY;
	}
}

static long mapper_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	struct mapper *mapper = file->private_data;
	long ret;

	mutex_lock(&mapper->lock);
	ret = mapper_call(mapper, cmd, (void __user *)user);
	mutex_unlock(&mapper->lock);
	return ret;
}

static int mapper_open(struct inode *inode, struct file *file)
{
	struct mapper *mapper = kzalloc(sizeof(*mapper), GFP_KERNEL);

	if (!mapper)
		return -ENOMEM;
	mutex_init(&mapper->lock);
	mapper->pdev = platform_device_register_simple(MAPPER_NODE, PLATFORM_DEVID_AUTO, NULL, 0);
	if (IS_ERR(mapper->pdev)) {
		int ret = PTR_ERR(mapper->pdev);

		kfree(mapper);
		return ret;
	}
	file->private_data = mapper;
	return 0;
}

static int mapper_release(struct inode *inode, struct file *file)
{
	struct mapper *mapper = file->private_data;

	mapper_unmap(mapper);
	mapper_detach(mapper);
	platform_device_unregister(mapper->pdev);
	kfree(mapper);
	return 0;
}

static const struct file_operations mapper_fops = {
	.owner = THIS_MODULE,
	.open = mapper_open,
	.release = mapper_release,
	.unlocked_ioctl = mapper_ioctl,
};

static struct miscdevice mapper_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = MAPPER_NODE,
	.fops = &mapper_fops,
};
module_misc_device(mapper_device);

MODULE_DESCRIPTION("an importer of dma-bufs that does as it is told, for tests");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "DMA_BUF");
