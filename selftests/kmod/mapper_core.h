/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside kmod/mapper: the device, and what its files say to each other.
 */
#ifndef MAPPER_CORE_H
#define MAPPER_CORE_H

#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/dma-direction.h>
#include <linux/iosys-map.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>

#include "mapper.h"

/**
 * struct mapper_slot - a map
 * @table: where the exporter says that memory is
 * @dir: direction
 * @moved: &mapper.moved when it was made
 */
struct mapper_slot {
	struct sg_table *table;
	enum dma_data_direction dir;
	int moved;
};

/**
 * struct mapper - a device
 * @pdev: what importers and exporters see of it
 * @entry: on the list of those that outlive their file
 * @id: number, never used again
 * @lock: for all that follows; taken under the device's own lock, over dma_resv
 * @limits: as told; changed under the device's own lock too
 * @bound: a driver is bound; else nothing below is held
 * @hold: goes on without its file
 * @attachment: NULL when not attached
 * @pins: held
 * @maps: used slots
 * @slots: maps, in their order
 * @vmapped: dma-buf with a kernel address, NULL for none
 * @vaddr: that address
 * @windows: own DMA: what is mapped now
 * @next: own DMA: the first address that isn't used yet
 * @fail: own DMA: errno of the next map, 0 for none
 * @moved: any lock: notifications
 * @dma_maps: any lock, as all counters
 * @for_cpu: syncs
 * @for_device: syncs
 */
struct mapper {
	struct platform_device *pdev;
	struct list_head entry;
	int id;
	struct mutex lock;	/* all below */
	struct mapper_limits limits;
	bool bound;
	bool hold;
	struct dma_buf_attachment *attachment;
	unsigned int pins;
	unsigned int maps;
	struct mapper_slot slots[MAPPER_MAPS];
	struct dma_buf *vmapped;
	struct iosys_map vaddr;
	struct list_head windows;
	u64 next;
	int fail;
	atomic_t moved;
	atomic_t dma_maps;
	atomic_t for_cpu[3];
	atomic_t for_device[3];
};

/* The device's platform data is the way back, which an unbind leaves alone. */
static inline struct mapper *mapper_of(struct device *dev)
{
	return *(struct mapper **)dev_get_platdata(dev);
}

/* mapper_import: all but the copy with @lock held. */
int mapper_attach(struct mapper *mapper, void *arg);
int mapper_attach_dynamic(struct mapper *mapper, void *arg);
int mapper_detach(struct mapper *mapper, void *arg);
int mapper_map(struct mapper *mapper, void *arg);
int mapper_look(struct mapper *mapper, void *arg);
int mapper_unmap(struct mapper *mapper, void *arg);
int mapper_pin(struct mapper *mapper, void *arg);
int mapper_unpin(struct mapper *mapper, void *arg);
int mapper_vmap(struct mapper *mapper, void *arg);
int mapper_vunmap(struct mapper *mapper, void *arg);
int mapper_read(struct mapper *mapper, void *arg);
int mapper_write(struct mapper *mapper, void *arg);
void mapper_let_go(struct mapper *mapper);
phys_addr_t mapper_phys(struct mapper *mapper, u64 addr);

/* mapper_check: fills in all but the direction. */
void mapper_check(struct mapper *mapper, struct sg_table *table, u64 length,
		  struct mapper_map *map);

/* mapper_dma */
bool mapper_dma_is_possible(void);
void mapper_dma_set(struct mapper *mapper);
int mapper_dma_fail(struct mapper *mapper, void *arg);
phys_addr_t mapper_dma_phys(struct mapper *mapper, u64 addr);

#endif /* MAPPER_CORE_H */
