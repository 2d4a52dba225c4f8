// SPDX-License-Identifier: GPL-2.0
/*
 * The smallest dma-buf exporter there can be: see bare.h. Measurements subtract
 * it, so that only what the heap adds is left.
 */
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "bare.h"

static struct sg_table *bare_map(struct dma_buf_attachment *attachment,
				 enum dma_data_direction dir)
{
	return ERR_PTR(-ENOMEM);
}

static void bare_unmap(struct dma_buf_attachment *attachment, struct sg_table *table,
		       enum dma_data_direction dir)
{
}

static void bare_release(struct dma_buf *dmabuf)
{
}

static const struct dma_buf_ops bare_ops = {
	.map_dma_buf = bare_map,
	.unmap_dma_buf = bare_unmap,
	.release = bare_release,
};

static long bare_create(struct file *file, unsigned long length)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct dma_buf *dmabuf;
	int fd;

	if (!length || PAGE_ALIGN(length) < length)
		return -EINVAL;
	info.ops = &bare_ops;
	info.size = PAGE_ALIGN(length);
	info.flags = O_RDWR;
	info.priv = file;	/* the core wants one; nobody looks at it */
	dmabuf = dma_buf_export(&info);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	fd = dma_buf_fd(dmabuf, O_CLOEXEC);
	if (fd < 0)
		dma_buf_put(dmabuf);
	return fd;
}

static long bare_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case BARE_CREATE:
		return bare_create(file, arg);
	case BARE_SETTLE:
		rcu_barrier();
		return 0;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations bare_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = bare_ioctl,
};

static struct miscdevice bare_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = BARE_NODE,
	.fops = &bare_fops,
};
module_misc_device(bare_device);

MODULE_DESCRIPTION("dma-bufs without memory, to measure against");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "DMA_BUF");
