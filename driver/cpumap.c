// SPDX-License-Identifier: GPL-2.0
/*
 * CPU access. mmap() allocates, so that a lack of memory is its error and never
 * a signal later; page tables are filled on fault, a window at a time.
 * Pages are mapped without a struct page behind them (VM_PFNMAP): nobody can take a
 * reference that would outlive the buffer.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "attachment.h"
#include "backing.h"
#include "buffer.h"
#include "compat/compat.h"
#include "cpumap.h"
#include "event.h"
#include "export.h"
#include "trace.h"

/* Around a page that is wanted, this much is mapped with it, aligned. */
#define FAULT_WINDOW	SZ_2M

/* Areas up to this are filled by mmap: the pages cost less than a fault. */
#define SMALL_AREA	SZ_16K

/* Maps from @addr to @end, as far as it goes. Returns what the first page got. */
static vm_fault_t fault_insert(struct vm_area_struct *vma, const struct heap_backing *backing,
			       unsigned long addr, unsigned long end)
{
	unsigned long index = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);
	unsigned long pages = 0;
	unsigned long pfn = 0;
	vm_fault_t first = 0;

	for (; addr != end; addr += PAGE_SIZE) {
		vm_fault_t ret;

		if (!pages)
			pfn = dmabuf_heap_backing_pfn(backing, index, &pages);
		ret = vmf_insert_pfn(vma, addr, pfn);
		first = first ?: ret;
		if (ret != VM_FAULT_NOPAGE)
			break;
		pfn++;
		index++;
		pages--;
	}
	return first;
}

static vm_fault_t fault_fill(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct heap_buffer *buf = vma->vm_private_data;
	unsigned long addr = vmf->address & PAGE_MASK;
	unsigned long base = ALIGN_DOWN(addr, FAULT_WINDOW);
	unsigned long end = min(base + FAULT_WINDOW - 1, vma->vm_end - 1) + 1;
	vm_fault_t ret;

	/* The page that is wanted decides; the rest of the window is a bonus. */
	ret = fault_insert(vma, &buf->backing, addr, end);
	if (ret == VM_FAULT_NOPAGE)
		fault_insert(vma, &buf->backing, max(base, vma->vm_start), addr);
	return ret;
}

/*
 * A buffer that is mapped is backed, and its memory stays as it is until the last
 * reference, the VMA's among them, is gone: no need for the lock. Only memory that may
 * move must not do so while it is being mapped.
 */
static vm_fault_t cpumap_fault(struct vm_fault *vmf)
{
	struct heap_buffer *buf = vmf->vma->vm_private_data;
	vm_fault_t ret;

	if (!buf->movable)
		return fault_fill(vmf);
	/* A task that is being killed: the kernel's own access would try again for ever. */
	if (mutex_lock_killable(&buf->lock))
		return VM_FAULT_SIGBUS;
	ret = fault_fill(vmf);
	mutex_unlock(&buf->lock);
	return ret;
}

static void cpumap_open(struct vm_area_struct *vma)
{
	struct heap_buffer *buf = vma->vm_private_data;

	atomic_inc(&buf->cpu_maps);
}

static void cpumap_close(struct vm_area_struct *vma)
{
	struct heap_buffer *buf = vma->vm_private_data;

	atomic_dec(&buf->cpu_maps);
}

static const struct vm_operations_struct cpumap_vm_ops = {
	.open = cpumap_open,
	.close = cpumap_close,
	.fault = cpumap_fault,
};

/**
 * dmabuf_heap_cpumap_mmap() - map into a process
 * @dmabuf: ours; the core has checked the range
 * @vma: the area
 *
 * Only shared maps: a private one would copy pages that a device goes on
 * writing. A read-only fd's area has lost VM_SHARED and VM_MAYWRITE by now and still
 * is a shared map.
 *
 * Context: mmap_lock held for writing.
 * Return: 0, -EINVAL, -ENOMEM, -EINTR.
 */
int dmabuf_heap_cpumap_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	struct heap_buffer *buf = dmabuf->priv;
	int ret;

	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	ret = dmabuf_heap_buffer_back(buf, DMABUF_HEAP_FIRST_MMAP);
	if (ret)
		return ret;
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &cpumap_vm_ops;
	vma->vm_private_data = buf;
	cpumap_open(vma);
	/* A move wouldn't find what is filled before the area is listed. */
	if (!buf->movable && vma->vm_end - vma->vm_start <= SMALL_AREA)
		fault_insert(vma, &buf->backing, vma->vm_start, vma->vm_end);
	trace_dmabuf_heap_cpu_map(buf->id, vma->vm_end - vma->vm_start, "mmap");
	dmabuf_heap_event_cpu_map(buf, DMABUF_HEAP_FIRST_MMAP, vma->vm_end - vma->vm_start);
	return 0;
}

static int cpumap_vmap_locked(struct heap_buffer *buf, struct iosys_map *map)
{
	struct mem_cgroup *old;
	void *vaddr;
	int ret;

	lockdep_assert_held(&buf->lock);
	ret = dmabuf_heap_buffer_back_begin(buf);
	if (ret)
		return ret;
	old = dmabuf_heap_buffer_charge(buf);
	vaddr = dmabuf_heap_backing_vmap(&buf->backing);
	dmabuf_heap_buffer_uncharge(old);
	ret = dmabuf_heap_buffer_back_end(buf, DMABUF_HEAP_FIRST_VMAP, current->comm,
					  vaddr ? 0 : -ENOMEM);
	if (ret)
		return ret;
	iosys_map_set_vaddr(map, vaddr);

	spin_lock(&buf->snap);
	buf->vmaps++;
	spin_unlock(&buf->snap);
	trace_dmabuf_heap_cpu_map(buf->id, buf->length, "vmap");
	dmabuf_heap_event_cpu_map(buf, DMABUF_HEAP_FIRST_VMAP, buf->length);
	return 0;
}

/**
 * dmabuf_heap_cpumap_vmap() - map into the kernel
 * @dmabuf: ours
 * @map: filled in
 *
 * The core counts users and calls this for the first only.
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, -EINTR.
 */
int dmabuf_heap_cpumap_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	struct heap_buffer *buf = dmabuf->priv;
	int ret = mutex_lock_killable(&buf->lock);

	if (ret)
		return ret;
	ret = cpumap_vmap_locked(buf, map);
	mutex_unlock(&buf->lock);
	return ret;
}

/**
 * dmabuf_heap_cpumap_vunmap() - unmap from the kernel
 * @dmabuf: ours
 * @map: what dmabuf_heap_cpumap_vmap() filled in
 *
 * Context: may sleep.
 */
void dmabuf_heap_cpumap_vunmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	struct heap_buffer *buf = dmabuf->priv;

	mutex_lock(&buf->lock);
	dmabuf_heap_backing_vunmap(&buf->backing, map->vaddr);
	spin_lock(&buf->snap);
	buf->vmaps--;
	spin_unlock(&buf->snap);
	mutex_unlock(&buf->lock);
}

/* The direction of the map counts, not the CPU's: the DMA API wants its own back. */
static void cpumap_sync(struct heap_buffer *buf,
			void (*sync)(struct device *, struct sg_table *, enum dma_data_direction))
{
	struct heap_attachment *att;
	struct heap_mapping *map;

	lockdep_assert_held(&buf->lock);
	list_for_each_entry(att, &buf->attachments, entry)
		list_for_each_entry(map, &att->mappings, entry)
			sync(map->dev, &map->table, map->dir);
}

/**
 * dmabuf_heap_cpumap_begin() - let the CPU see what devices wrote
 * @dmabuf: ours
 * @dir: what the CPU is about to do
 *
 * Reaches every device that maps the buffer. Nothing to do while there is no memory:
 * there are no maps.
 *
 * Waits for fenced DMA first. The core does so too, but only afterwards, when
 * caches that were made to forget stale data would have fetched it again.
 *
 * Context: may sleep; dma_resv not held.
 * Return: 0, or a negative errno when a signal came.
 */
int dmabuf_heap_cpumap_begin(struct dma_buf *dmabuf, enum dma_data_direction dir)
{
	bool write = dir == DMA_BIDIRECTIONAL || dir == DMA_TO_DEVICE;
	struct heap_buffer *buf = dmabuf->priv;
	long ret;

	ret = dma_resv_wait_timeout(dmabuf->resv, dma_resv_usage_rw(write), true,
				    MAX_SCHEDULE_TIMEOUT);
	if (ret < 0)
		return ret;
	ret = mutex_lock_killable(&buf->lock);
	if (ret)
		return ret;
	cpumap_sync(buf, dma_sync_sgtable_for_cpu);
	mutex_unlock(&buf->lock);
	return 0;
}

/**
 * dmabuf_heap_cpumap_end() - let devices see what the CPU wrote
 * @dmabuf: ours
 * @dir: what the CPU has done
 *
 * Context: may sleep.
 * Return: 0.
 */
int dmabuf_heap_cpumap_end(struct dma_buf *dmabuf, enum dma_data_direction dir)
{
	struct heap_buffer *buf = dmabuf->priv;

	mutex_lock(&buf->lock);
	cpumap_sync(buf, dma_sync_sgtable_for_device);
	mutex_unlock(&buf->lock);
	return 0;
}
