// SPDX-License-Identifier: GPL-2.0
/*
 * Device maps of an attachment: whether there may be one, in which shape, and the
 * counts of them.
 */
#include <linux/ktime.h>

#include "attachment.h"
#include "buffer.h"
#include "gate.h"
#include "reach.h"
#include "stats.h"

/* Its limits are others than they were: like one who comes only now. */
static int attachment_change(struct heap_buffer *buf, struct heap_attachment *att,
			     const struct heap_limits *asked, u32 flags)
{
	struct dmabuf_heap_report report;
	struct heap_merged merged;
	int ret;

	ret = dmabuf_heap_gate_check(buf, att, asked, flags, &merged, &report);
	ret = dmabuf_heap_gate_pass(buf, att, &merged, &report, ret);
	if (ret)
		return ret;

	spin_lock(&buf->snap);
	att->flags = flags;
	dmabuf_heap_attachment_set_limits(att, asked);
	/* Merged in order of ids again: on a tie, the earlier still is the culprit. */
	dmabuf_heap_gate_merge(buf, &buf->merged, NULL);
	spin_unlock(&buf->snap);
	return 0;
}

/**
 * dmabuf_heap_attachment_check_map() - may this device map now
 * @buf: buffer
 * @att: record of the importer
 * @dev: its device
 * @shape: set to the limits that its scatter-gather table must obey
 *
 * A driver may have changed its mask since it attached, so limits are read
 * again: they join the merge while there is no memory, and memory is compared
 * with them once there is. The DMA API is asked only after this.
 *
 * Context: @buf->lock held.
 * Return: 0; -ENODEV for a device that does no DMA; -EOPNOTSUPP, -EBUSY; -ENOMEM,
 * -EDQUOT, -EINTR for a move.
 */
int dmabuf_heap_attachment_check_map(struct heap_buffer *buf, struct heap_attachment *att,
				     struct device *dev, struct heap_limits *shape)
{
	struct heap_limits asked;
	u32 flags = att->flags;

	lockdep_assert_held(&buf->lock);
	if (!dmabuf_heap_reach_read(dev, &asked, &flags))
		return -ENODEV;
	/* Mostly nothing has changed. */
	if (!dmabuf_heap_limits_same(&asked, &att->device.limits))
		dmabuf_heap_limits_narrow(&asked, &att->device.limits);
	*shape = asked;
	dmabuf_heap_attachment_shape(buf, att, NULL, shape);
	/* What was let in, memory has been chosen for, or will be. */
	if (flags == att->flags && dmabuf_heap_limits_same(&asked, &att->asked))
		return 0;
	return attachment_change(buf, att, &asked, flags);
}

static enum dmabuf_heap_direction dir_to_direction(enum dma_data_direction dir)
{
	switch (dir) {
	case DMA_TO_DEVICE:
		return DMABUF_HEAP_DIR_READ;
	case DMA_FROM_DEVICE:
		return DMABUF_HEAP_DIR_WRITE;
	default:
		return DMABUF_HEAP_DIR_BOTH;
	}
}

/**
 * dmabuf_heap_attachment_access() - what a device does that maps this way
 * @dir: direction of the DMA
 *
 * Return: DMABUF_HEAP_ACCESS_*.
 */
u32 dmabuf_heap_attachment_access(enum dma_data_direction dir)
{
	switch (dir) {
	case DMA_TO_DEVICE:
		return DMABUF_HEAP_ACCESS_READ;
	case DMA_FROM_DEVICE:
		return DMABUF_HEAP_ACCESS_WRITE;
	default:
		return DMABUF_HEAP_ACCESS_READ | DMABUF_HEAP_ACCESS_WRITE;
	}
}

/**
 * dmabuf_heap_attachment_count_map() - a device map has come or gone
 * @buf: buffer
 * @att: whose
 * @dir: direction of the DMA
 * @change: 1 or -1
 *
 * Context: @buf->lock held.
 */
void dmabuf_heap_attachment_count_map(struct heap_buffer *buf, struct heap_attachment *att,
				      enum dma_data_direction dir, int change)
{
	enum dmabuf_heap_direction d = dir_to_direction(dir);

	lockdep_assert_held(&buf->lock);
	spin_lock(&buf->snap);
	buf->maps[d] += change;
	att->maps[d] += change;
	att->bytes_mapped += change * (s64)buf->length;
	if (change > 0) {
		att->maps_ever[d]++;
		att->last_map_ns = ktime_get_ns();
		att->access |= dmabuf_heap_attachment_access(dir);
	}
	spin_unlock(&buf->snap);
	dmabuf_heap_stats_add(HEAP_STAT_DEVICE_MAPS, change);
}
