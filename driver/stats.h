/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exact counts of what the module holds, one read-only file each below
 * /sys/class/misc/dmabuf-heap/. All but the last are back where they were when
 * everything that was made since is gone.
 */
#ifndef _DMABUF_HEAP_STATS_H
#define _DMABUF_HEAP_STATS_H

#include <linux/sysfs.h>
#include <linux/types.h>

/**
 * enum heap_stat - the counts
 * @HEAP_STAT_BUFFERS: live buffers
 * @HEAP_STAT_BACKED: buffers that have memory
 * @HEAP_STAT_PAGES: pages behind them
 * @HEAP_STAT_SCARCE_PAGES: of these, pages of scarce memory; see quota.h
 * @HEAP_STAT_ATTACHMENTS: attachments of both kinds
 * @HEAP_STAT_DEVICE_MAPS: device maps held
 * @HEAP_STAT_ALLOCATIONS: backings allocated since the module was loaded
 * @HEAP_STAT_COUNT: number of counts
 */
enum heap_stat {
	HEAP_STAT_BUFFERS,
	HEAP_STAT_BACKED,
	HEAP_STAT_PAGES,
	HEAP_STAT_SCARCE_PAGES,
	HEAP_STAT_ATTACHMENTS,
	HEAP_STAT_DEVICE_MAPS,
	HEAP_STAT_ALLOCATIONS,
	HEAP_STAT_COUNT,
};

extern const struct attribute_group *dmabuf_heap_stats_groups[];

void dmabuf_heap_stats_add(enum heap_stat stat, long value);

#endif /* _DMABUF_HEAP_STATS_H */
