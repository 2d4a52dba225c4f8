// SPDX-License-Identifier: GPL-2.0
/*
 * The module's own counts. Atomic, each for itself: no reader needs two of them
 * to fit together.
 */
#include <linux/atomic.h>
#include <linux/device.h>

#include "stats.h"

static atomic_long_t stats[HEAP_STAT_COUNT];

/**
 * dmabuf_heap_stats_add() - count something
 * @stat: which
 * @value: how many more, negative for fewer
 *
 * Context: any.
 */
void dmabuf_heap_stats_add(enum heap_stat stat, long value)
{
	atomic_long_add(value, &stats[stat]);
}

static ssize_t stat_show(enum heap_stat stat, char *text)
{
	return sysfs_emit(text, "%ld\n", atomic_long_read(&stats[stat]));
}

#define HEAP_STAT_ATTR(_name, _stat)						\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr,	\
			    char *text)						\
{										\
	return stat_show(_stat, text);						\
}										\
static DEVICE_ATTR_RO(_name)

HEAP_STAT_ATTR(buffers, HEAP_STAT_BUFFERS);
HEAP_STAT_ATTR(backed, HEAP_STAT_BACKED);
HEAP_STAT_ATTR(pages, HEAP_STAT_PAGES);
HEAP_STAT_ATTR(scarce_pages, HEAP_STAT_SCARCE_PAGES);
HEAP_STAT_ATTR(attachments, HEAP_STAT_ATTACHMENTS);
HEAP_STAT_ATTR(device_maps, HEAP_STAT_DEVICE_MAPS);
HEAP_STAT_ATTR(allocations, HEAP_STAT_ALLOCATIONS);

static struct attribute *stats_attrs[] = {
	&dev_attr_buffers.attr,
	&dev_attr_backed.attr,
	&dev_attr_pages.attr,
	&dev_attr_scarce_pages.attr,
	&dev_attr_attachments.attr,
	&dev_attr_device_maps.attr,
	&dev_attr_allocations.attr,
	NULL,
};

static const struct attribute_group stats_group = {
	.attrs = stats_attrs,
};

const struct attribute_group *dmabuf_heap_stats_groups[] = {
	&stats_group,
	NULL,
};
