// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU's edu device as an importer: see edu.h. Lengths are in bytes.
 *
 * The end of a transfer is polled for: all are waited for by whoever asks for them,
 * and without an interrupt handler nothing but the lock stands between an unbind
 * and the hardware.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/iopoll.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "edu.h"

/* Registers, and where transfers find the device's buffer. */
#define EDU_REG_ID	0x00
#define EDU_REG_SOURCE	0x80
#define EDU_REG_TARGET	0x88
#define EDU_REG_LENGTH	0x90
#define EDU_REG_COMMAND	0x98
#define EDU_BUFFER	0x40000

#define EDU_ID_MASK	0xffff
#define EDU_ID		0x00ed

#define EDU_RUN		BIT(0)
#define EDU_TO_MEMORY	BIT(1)

/* A transfer's 100 ms are a busy emulator's; this is for one that will never end. */
#define EDU_POLL_US	2000
#define EDU_PATIENCE_US	(60 * USEC_PER_SEC)

struct edu {
	struct kref kref;	/* the binding's and the open file's */
	struct miscdevice misc;
	struct mutex lock;	/* all below; one call at a time */
	struct pci_dev *pdev;	/* NULL once unbound */
	void __iomem *regs;
	void *own;		/* EDU_WINDOW bytes that the device reaches */
	dma_addr_t own_addr;
	bool open;
	struct dma_buf_attachment *attachment;	/* NULL when not attached */
	struct sg_table *table;			/* NULL when not mapped */
	enum dma_data_direction dir;
};

/* There is one node, so there is one device. */
static atomic_t edu_bound;

static void edu_free(struct kref *kref)
{
	kfree(container_of(kref, struct edu, kref));
}

/*
 * Between @memory and the device's buffer from @skip on. The device would drop the
 * address bits that it doesn't have, and hit what lies there instead.
 */
static int edu_transfer(struct edu *edu, dma_addr_t memory, u32 skip, u32 length, bool to_memory)
{
	u32 device = EDU_BUFFER + skip;
	u32 command;
	int ret;

	if (memory + length - 1 > EDU_MAX_ADDR)
		return -ERANGE;
	writel(to_memory ? device : memory, edu->regs + EDU_REG_SOURCE);
	writel(to_memory ? memory : device, edu->regs + EDU_REG_TARGET);
	writel(length, edu->regs + EDU_REG_LENGTH);
	writel(EDU_RUN | (to_memory ? EDU_TO_MEMORY : 0), edu->regs + EDU_REG_COMMAND);
	ret = readl_poll_timeout(edu->regs + EDU_REG_COMMAND, command, !(command & EDU_RUN),
				 EDU_POLL_US, EDU_PATIENCE_US);
	/* It may still come, but must not touch memory any more. */
	if (ret)
		pci_clear_master(edu->pdev);
	return ret;
}

/* The window of the mapped dma-buf that @dma names, one transfer for each segment. */
static int edu_transfer_window(struct edu *edu, struct edu_dma *dma, bool to_memory)
{
	u64 offset = dma->offset;
	struct scatterlist *sg;
	u32 done = 0;
	int i, ret;

	for_each_sgtable_dma_sg(edu->table, sg, i) {
		u32 part;

		if (offset >= sg_dma_len(sg)) {
			offset -= sg_dma_len(sg);
			continue;
		}
		part = min_t(u64, dma->length - done, sg_dma_len(sg) - offset);
		ret = edu_transfer(edu, sg_dma_address(sg) + offset, done, part, to_memory);
		if (ret)
			return ret;
		offset = 0;
		done += part;
		dma->transfers++;
		if (done == dma->length)
			return 0;
	}
	return -EINVAL;
}

static int edu_read(struct edu *edu, struct edu_dma *dma)
{
	int ret;

	/* What the device doesn't write can't be taken for what it has read. */
	memset(edu->own, 0xee, EDU_WINDOW);
	ret = edu_transfer_window(edu, dma, false);
	if (!ret)
		ret = edu_transfer(edu, edu->own_addr, 0, dma->length, true);
	if (!ret && copy_to_user(u64_to_user_ptr(dma->data), edu->own, dma->length))
		ret = -EFAULT;
	return ret;
}

static int edu_write(struct edu *edu, struct edu_dma *dma)
{
	int ret;

	if (copy_from_user(edu->own, u64_to_user_ptr(dma->data), dma->length))
		return -EFAULT;
	ret = edu_transfer(edu, edu->own_addr, 0, dma->length, false);
	if (!ret)
		ret = edu_transfer_window(edu, dma, true);
	return ret;
}

static int edu_dma(struct edu *edu, bool writes, void __user *user)
{
	struct edu_dma dma;
	int ret;

	if (copy_from_user(&dma, user, sizeof(dma)))
		return -EFAULT;
	if (!edu->table || !dma.length || dma.length > EDU_WINDOW)
		return -EINVAL;
	if (edu->dir == (writes ? DMA_TO_DEVICE : DMA_FROM_DEVICE))
		return -EINVAL;
	dma.transfers = 0;
	ret = writes ? edu_write(edu, &dma) : edu_read(edu, &dma);
	if (!ret && copy_to_user(user, &dma, sizeof(dma)))
		ret = -EFAULT;
	return ret;
}

static int edu_attach(struct edu *edu, int __user *user)
{
	struct dma_buf_attachment *attachment;
	struct dma_buf *dmabuf;
	int fd;

	if (get_user(fd, user))
		return -EFAULT;
	if (edu->attachment)
		return -EINVAL;
	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	attachment = dma_buf_attach(dmabuf, &edu->pdev->dev);
	if (IS_ERR(attachment)) {
		dma_buf_put(dmabuf);
		return PTR_ERR(attachment);
	}
	edu->attachment = attachment;
	return 0;
}

static int edu_unmap(struct edu *edu)
{
	if (!edu->table)
		return -EINVAL;
	dma_buf_unmap_attachment_unlocked(edu->attachment, edu->table, edu->dir);
	edu->table = NULL;
	return 0;
}

static int edu_detach(struct edu *edu)
{
	struct dma_buf *dmabuf;

	if (!edu->attachment || edu->table)
		return -EINVAL;
	dmabuf = edu->attachment->dmabuf;
	dma_buf_detach(dmabuf, edu->attachment);
	dma_buf_put(dmabuf);
	edu->attachment = NULL;
	return 0;
}

static int edu_map(struct edu *edu, void __user *user)
{
	struct scatterlist *sg;
	struct sg_table *table;
	struct edu_map map;
	int i;

	if (copy_from_user(&map, user, sizeof(map)))
		return -EFAULT;
	if (!edu->attachment || edu->table || map.dir >= DMA_NONE)
		return -EINVAL;
	table = dma_buf_map_attachment_unlocked(edu->attachment, map.dir);
	if (IS_ERR(table))
		return PTR_ERR(table);
	edu->table = table;
	edu->dir = map.dir;

	map.segments = table->nents;
	map.bytes = 0;
	map.wrong = 0;
	for_each_sgtable_dma_sg(table, sg, i) {
		map.bytes += sg_dma_len(sg);
		map.wrong += sg_dma_address(sg) + sg_dma_len(sg) - 1 > EDU_MAX_ADDR;
	}
	return copy_to_user(user, &map, sizeof(map)) ? -EFAULT : 0;
}

static int edu_call(struct edu *edu, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case EDU_ATTACH:
		return edu_attach(edu, user);
	case EDU_DETACH:
		return edu_detach(edu);
	case EDU_MAP:
		return edu_map(edu, user);
	case EDU_UNMAP:
		return edu_unmap(edu);
	case EDU_READ:
		return edu_dma(edu, false, user);
	case EDU_WRITE:
		return edu_dma(edu, true, user);
	default:
		return -ENOTTY;
	}
}

static long edu_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	struct edu *edu = file->private_data;
	long ret = -ENODEV;

	mutex_lock(&edu->lock);
	if (edu->pdev)
		ret = edu_call(edu, cmd, (void __user *)user);
	mutex_unlock(&edu->lock);
	return ret;
}

static int edu_open(struct inode *inode, struct file *file)
{
	struct edu *edu = container_of(file->private_data, struct edu, misc);
	int ret = -EBUSY;

	mutex_lock(&edu->lock);
	if (!edu->open) {
		kref_get(&edu->kref);
		edu->open = true;
		file->private_data = edu;
		ret = 0;
	}
	mutex_unlock(&edu->lock);
	return ret;
}

static int edu_release(struct inode *inode, struct file *file)
{
	struct edu *edu = file->private_data;

	mutex_lock(&edu->lock);
	edu_unmap(edu);
	edu_detach(edu);
	edu->open = false;
	mutex_unlock(&edu->lock);
	kref_put(&edu->kref, edu_free);
	return 0;
}

static const struct file_operations edu_fops = {
	.owner = THIS_MODULE,
	.open = edu_open,
	.release = edu_release,
	.unlocked_ioctl = edu_ioctl,
};

/* What is set up here goes by itself when the device is unbound. */
static int edu_setup(struct edu *edu, struct pci_dev *pdev)
{
	int ret;

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	edu->regs = pcim_iomap(pdev, 0, 0);
	if (!edu->regs)
		return -ENOMEM;
	if ((readl(edu->regs + EDU_REG_ID) & EDU_ID_MASK) != EDU_ID)
		return -ENODEV;
	/* Fails where no memory lies so low, and nothing translates. */
	ret = dma_set_mask_and_coherent(&pdev->dev, EDU_MAX_ADDR);
	if (ret)
		return ret;
	edu->own = dmam_alloc_coherent(&pdev->dev, EDU_WINDOW, &edu->own_addr, GFP_KERNEL);
	return edu->own ? 0 : -ENOMEM;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu;
	int ret;

	if (atomic_cmpxchg(&edu_bound, 0, 1))
		return -EBUSY;
	edu = kzalloc(sizeof(*edu), GFP_KERNEL);
	if (!edu) {
		ret = -ENOMEM;
		goto unclaim;
	}
	kref_init(&edu->kref);
	mutex_init(&edu->lock);
	edu->pdev = pdev;
	ret = edu_setup(edu, pdev);
	if (ret)
		goto free;
	pci_set_master(pdev);
	pci_set_drvdata(pdev, edu);
	edu->misc.minor = MISC_DYNAMIC_MINOR;
	edu->misc.name = EDU_NODE;
	edu->misc.fops = &edu_fops;
	edu->misc.parent = &pdev->dev;
	ret = misc_register(&edu->misc);
	if (ret)
		goto clear_master;
	return 0;

clear_master:
	pci_clear_master(pdev);
free:
	kref_put(&edu->kref, edu_free);
unclaim:
	atomic_set(&edu_bound, 0);
	return ret;
}

/* An importer lets go of what it holds before its device goes. */
static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	misc_deregister(&edu->misc);
	mutex_lock(&edu->lock);
	pci_clear_master(pdev);
	edu_unmap(edu);
	edu_detach(edu);
	edu->pdev = NULL;
	mutex_unlock(&edu->lock);
	kref_put(&edu->kref, edu_free);
	atomic_set(&edu_bound, 0);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = EDU_NODE,
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};
module_pci_driver(edu_driver);

MODULE_DESCRIPTION("QEMU's edu device as an importer of dma-bufs, for tests");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "DMA_BUF");
