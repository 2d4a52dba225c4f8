// SPDX-License-Identifier: GPL-2.0
/*
 * What importers do: attach, map, use, and all of it back.
 */
#include <linux/dma-buf.h>
#include <linux/dma-direct.h>
#include <linux/dma-resv.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mapper_core.h"

static void mapper_moved(struct dma_buf_attachment *attachment)
{
	struct mapper *mapper = attachment->importer_priv;

	atomic_inc(&mapper->moved);
}

/* By position, because the name of the second differs between kernels. */
static const struct dma_buf_attach_ops dynamic_ops = {
	false,		/* no peer-to-peer */
	mapper_moved,
};

static int attach(struct mapper *mapper, int fd, const struct dma_buf_attach_ops *ops)
{
	struct dma_buf_attachment *attachment;
	struct dma_buf *dmabuf;

	if (mapper->attachment)
		return -EINVAL;
	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	attachment = dma_buf_dynamic_attach(dmabuf, &mapper->pdev->dev, ops, mapper);
	if (IS_ERR(attachment)) {
		dma_buf_put(dmabuf);
		return PTR_ERR(attachment);
	}
	mapper->attachment = attachment;
	return 0;
}

int mapper_attach(struct mapper *mapper, void *arg)
{
	return attach(mapper, *(int *)arg, NULL);
}

int mapper_attach_dynamic(struct mapper *mapper, void *arg)
{
	return attach(mapper, *(int *)arg, &dynamic_ops);
}

int mapper_detach(struct mapper *mapper, void *arg)
{
	struct dma_buf *dmabuf;

	if (!mapper->attachment || mapper->maps || mapper->pins)
		return -EINVAL;
	dmabuf = mapper->attachment->dmabuf;
	dma_buf_detach(dmabuf, mapper->attachment);
	dma_buf_put(dmabuf);
	mapper->attachment = NULL;
	return 0;
}

/*
 * What exporters in the kernel do not look at themselves: their tables are one for
 * each attachment, and have one map; a device that does no DMA has none.
 */
static bool exporter_can_map(struct mapper *mapper)
{
	if (!strcmp(module_name(mapper->attachment->dmabuf->owner), "dmabuf_heap"))
		return mapper->maps < MAPPER_MAPS;
	return !mapper->maps && mapper->pdev->dev.dma_mask;
}

int mapper_map(struct mapper *mapper, void *arg)
{
	struct dma_buf_attachment *attachment = mapper->attachment;
	struct mapper_map *map = arg;
	struct mapper_slot *slot;
	struct sg_table *table;

	if (!attachment || map->dir >= DMA_NONE || !exporter_can_map(mapper))
		return -EINVAL;
	slot = &mapper->slots[mapper->maps];
	dma_resv_lock(attachment->dmabuf->resv, NULL);
	table = dma_buf_map_attachment(attachment, map->dir);
	slot->moved = atomic_read(&mapper->moved);
	dma_resv_unlock(attachment->dmabuf->resv);
	if (IS_ERR(table))
		return PTR_ERR(table);
	slot->table = table;
	slot->dir = map->dir;
	mapper->maps++;
	return mapper_look(mapper, map);
}

int mapper_look(struct mapper *mapper, void *arg)
{
	if (!mapper->maps)
		return -EINVAL;
	mapper_check(mapper, mapper->slots[mapper->maps - 1].table,
		     mapper->attachment->dmabuf->size, arg);
	return 0;
}

int mapper_unmap(struct mapper *mapper, void *arg)
{
	struct dma_buf_attachment *attachment = mapper->attachment;
	struct mapper_slot *slot;

	if (!mapper->maps)
		return -EINVAL;
	slot = &mapper->slots[--mapper->maps];
	dma_resv_lock(attachment->dmabuf->resv, NULL);
	dma_buf_unmap_attachment(attachment, slot->table, slot->dir);
	dma_resv_unlock(attachment->dmabuf->resv);
	return 0;
}

int mapper_pin(struct mapper *mapper, void *arg)
{
	struct dma_buf_attachment *attachment = mapper->attachment;
	int ret;

	if (!attachment || !attachment->importer_ops)
		return -EINVAL;
	dma_resv_lock(attachment->dmabuf->resv, NULL);
	ret = dma_buf_pin(attachment);
	dma_resv_unlock(attachment->dmabuf->resv);
	if (!ret)
		mapper->pins++;
	return ret;
}

int mapper_unpin(struct mapper *mapper, void *arg)
{
	struct dma_buf_attachment *attachment = mapper->attachment;

	if (!mapper->pins)
		return -EINVAL;
	dma_resv_lock(attachment->dmabuf->resv, NULL);
	dma_buf_unpin(attachment);
	dma_resv_unlock(attachment->dmabuf->resv);
	mapper->pins--;
	return 0;
}

/* With dma_resv, as newer kernels want it and older ones allow. */
int mapper_vmap(struct mapper *mapper, void *arg)
{
	struct dma_buf *dmabuf;
	int ret;

	if (mapper->vmapped)
		return -EINVAL;
	dmabuf = dma_buf_get(*(int *)arg);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	dma_resv_lock(dmabuf->resv, NULL);
	ret = dma_buf_vmap(dmabuf, &mapper->vaddr);
	dma_resv_unlock(dmabuf->resv);
	if (ret)
		dma_buf_put(dmabuf);
	else
		mapper->vmapped = dmabuf;
	return ret;
}

int mapper_vunmap(struct mapper *mapper, void *arg)
{
	struct dma_buf *dmabuf = mapper->vmapped;

	if (!dmabuf)
		return -EINVAL;
	dma_resv_lock(dmabuf->resv, NULL);
	dma_buf_vunmap(dmabuf, &mapper->vaddr);
	dma_resv_unlock(dmabuf->resv);
	dma_buf_put(dmabuf);
	mapper->vmapped = NULL;
	return 0;
}

/* All that a driver gives back when it is taken from its device. */
void mapper_let_go(struct mapper *mapper)
{
	lockdep_assert_held(&mapper->lock);
	while (!mapper_unmap(mapper, NULL))
		;
	while (!mapper_unpin(mapper, NULL))
		;
	mapper_detach(mapper, NULL);
	mapper_vunmap(mapper, NULL);
}

/*
 * Where a DMA address of a map leads. With no operations of its own a device has
 * nothing between it and memory: no firmware says that there is an IOMMU.
 */
phys_addr_t mapper_phys(struct mapper *mapper, u64 addr)
{
	if (mapper->limits.flags & MAPPER_OWN_DMA)
		return mapper_dma_phys(mapper, addr);
	return dma_to_phys(&mapper->pdev->dev, addr);
}

static void copy(void *memory, void *bytes, size_t length, bool write)
{
	if (write)
		memcpy(memory, bytes, length);
	else
		memcpy(bytes, memory, length);
}

static int copy_by_dma(struct mapper *mapper, u64 skip, void *bytes, size_t length, bool write)
{
	struct mapper_slot *slot;
	struct scatterlist *sg;
	int i;

	if (!mapper->maps)
		return -EINVAL;
	slot = &mapper->slots[mapper->maps - 1];
	if (slot->dir == (write ? DMA_TO_DEVICE : DMA_FROM_DEVICE))
		return -EACCES;
	if (slot->moved != atomic_read(&mapper->moved))
		return -ESTALE;
	for_each_sgtable_dma_sg(slot->table, sg, i) {
		phys_addr_t phys;
		size_t part;

		if (!length)
			break;
		if (skip >= sg_dma_len(sg)) {
			skip -= sg_dma_len(sg);
			continue;
		}
		phys = mapper_phys(mapper, sg_dma_address(sg) + skip);
		if (!phys)
			return -EFAULT;
		part = min_t(size_t, length, sg_dma_len(sg) - skip);
		copy(phys_to_virt(phys), bytes, part, write);
		bytes += part;
		length -= part;
		skip = 0;
	}
	return length ? -EFAULT : 0;
}

static int copy_by_cpu(struct mapper *mapper, u64 offset, void *bytes, size_t length, bool write)
{
	if (!mapper->vmapped)
		return -EINVAL;
	if (offset > mapper->vmapped->size || length > mapper->vmapped->size - offset)
		return -EFAULT;
	copy(mapper->vaddr.vaddr + offset, bytes, length, write);
	return 0;
}

/* User memory is touched without the lock, which an unbind in sysfs needs too. */
static int mapper_copy(struct mapper *mapper, const struct mapper_read *what, bool write)
{
	void __user *user = u64_to_user_ptr(what->data);
	void *bytes;
	int ret;

	if (what->length > PAGE_SIZE || what->flags & ~MAPPER_BY_CPU)
		return -EINVAL;
	bytes = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!bytes)
		return -ENOMEM;
	ret = write && copy_from_user(bytes, user, what->length) ? -EFAULT : 0;
	if (!ret) {
		mutex_lock(&mapper->lock);
		if (what->flags & MAPPER_BY_CPU)
			ret = copy_by_cpu(mapper, what->offset, bytes, what->length, write);
		else
			ret = copy_by_dma(mapper, what->offset, bytes, what->length, write);
		mutex_unlock(&mapper->lock);
	}
	if (!ret && !write && copy_to_user(user, bytes, what->length))
		ret = -EFAULT;
	kfree(bytes);
	return ret;
}

int mapper_read(struct mapper *mapper, void *arg)
{
	return mapper_copy(mapper, arg, false);
}

int mapper_write(struct mapper *mapper, void *arg)
{
	return mapper_copy(mapper, arg, true);
}
