// SPDX-License-Identifier: GPL-2.0
/*
 * The list of platforms. Whoever asks one is a reader under SRCU: it may hold a
 * spinlock when it begins, and may sleep before it ends. A platform that is
 * unregistered leaves the list and waits for the readers.
 *
 * Lock order: heap_buffer.lock, or a device's lock -> platforms_srcu.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/srcu.h>

#include "compat/compat.h"
#include "machine.h"
#include "platform.h"

static LIST_HEAD(platforms);		/* the last registered first */
static DEFINE_MUTEX(platforms_lock);	/* for changes of the list */
DEFINE_STATIC_SRCU(platforms_srcu);

/* How many of them limit devices: without any, a map costs one look at this. */
static int platforms_limiting;

static bool platform_is_listed(const struct dmabuf_heap_platform *platform)
{
	struct dmabuf_heap_platform *other;

	lockdep_assert_held(&platforms_lock);
	list_for_each_entry(other, &platforms, entry)
		if (other == platform)
			return true;
	return false;
}

static bool platform_is_wellformed(const struct dmabuf_heap_platform *platform)
{
	return platform->name && !platform->owns == !platform->read &&
	       (platform->owns || platform->limits);
}

int dmabuf_heap_platform_register(struct dmabuf_heap_platform *platform)
{
	int ret = -EEXIST;

	if (!platform_is_wellformed(platform))
		return -EINVAL;
	mutex_lock(&platforms_lock);
	if (!platform_is_listed(platform)) {
		list_add_rcu(&platform->entry, &platforms);
		WRITE_ONCE(platforms_limiting, platforms_limiting + !!platform->limits);
		ret = 0;
	}
	mutex_unlock(&platforms_lock);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(dmabuf_heap_platform_register, DMABUF_HEAP_NS);

void dmabuf_heap_platform_unregister(struct dmabuf_heap_platform *platform)
{
	bool listed;

	mutex_lock(&platforms_lock);
	listed = platform_is_listed(platform);
	if (listed) {
		list_del_rcu(&platform->entry);
		WRITE_ONCE(platforms_limiting, platforms_limiting - !!platform->limits);
	}
	mutex_unlock(&platforms_lock);
	if (listed)
		synchronize_srcu(&platforms_srcu);
}
EXPORT_SYMBOL_NS_GPL(dmabuf_heap_platform_unregister, DMABUF_HEAP_NS);

/**
 * dmabuf_heap_platform_enter() - let no platform that is found go away
 *
 * Context: any; what follows may sleep.
 * Return: what dmabuf_heap_platform_leave() needs.
 */
int dmabuf_heap_platform_enter(void)
	__acquires(&platforms_srcu)
{
	return srcu_read_lock(&platforms_srcu);
}

/**
 * dmabuf_heap_platform_leave() - no platform is looked at any more
 * @inside: what dmabuf_heap_platform_enter() returned
 */
void dmabuf_heap_platform_leave(int inside)
	__releases(&platforms_srcu)
{
	srcu_read_unlock(&platforms_srcu, inside);
}

/**
 * dmabuf_heap_platform_next() - find a platform that owns a file
 * @after: one that was found before and knew nothing; NULL to begin
 * @file: open file
 * @node: the device of its number; listed
 *
 * Context: after dmabuf_heap_platform_enter(), which @after was found after too;
 * doesn't sleep.
 * Return: the platform; NULL when there is none.
 */
struct dmabuf_heap_platform *
dmabuf_heap_platform_next(struct dmabuf_heap_platform *after, const struct file *file,
			  const struct device *node)
{
	struct dmabuf_heap_platform *platform = after;

	if (!platform)
		platform = list_entry(&platforms, struct dmabuf_heap_platform, entry);
	/* One that has left the list meanwhile still leads on. */
	list_for_each_entry_continue_rcu(platform, &platforms, entry)
		if (platform->owns && platform->owns(file, node))
			return platform;
	return NULL;
}

/* Takes limits as from any caller; false if they make no sense. */
static bool platform_import(const struct dmabuf_heap_platform *platform,
			    const struct dmabuf_heap_limits *from, struct heap_limits *limits)
{
	if (dmabuf_heap_limits_import(limits, from, PAGE_SIZE)) {
		pr_debug("platform %s gave malformed limits\n", platform->name);
		return false;
	}
	/* Nodes come and go. */
	if (dmabuf_heap_limits_has(limits, DMABUF_HEAP_LIMIT_NODE) &&
	    !dmabuf_heap_machine_has_node(limits->value[DMABUF_HEAP_LIMIT_NODE]))
		dmabuf_heap_limits_set(limits, DMABUF_HEAP_LIMIT_NODE, U64_MAX);
	return true;
}

/* Moves the device, and its reference, to @to, unless the answer makes no sense. */
static int platform_check(const struct dmabuf_heap_platform *platform,
			  const struct dmabuf_heap_platform_answer *from,
			  struct heap_platform_answer *to)
{
	if (from->flags & ~DMABUF_HEAP_PLATFORM_CPU_ONLY)
		return -ENODEV;
	if (from->flags & DMABUF_HEAP_PLATFORM_CPU_ONLY) {
		put_device(from->dma);
		return 0;
	}
	if (!from->dma || !platform_import(platform, &from->limits, &to->limits))
		return -ENODEV;
	to->dma = from->dma;
	return 0;
}

/**
 * dmabuf_heap_platform_read() - ask the platform that owns a file
 * @platform: from dmabuf_heap_platform_next()
 * @file: the file
 * @node: the device of its number
 * @answer: filled in on success
 *
 * Context: after dmabuf_heap_platform_enter(), with the device lock of the node's
 * owner held; may sleep.
 * Return: 0; -ENOENT when it knows nothing; -ENODEV.
 */
int dmabuf_heap_platform_read(struct dmabuf_heap_platform *platform, struct file *file,
			      struct device *node, struct heap_platform_answer *answer)
{
	struct dmabuf_heap_platform_answer from = {};
	int ret;

	memset(answer, 0, sizeof(*answer));
	ret = platform->read(file, node, &from);
	if (ret)
		return ret == -ENOENT ? -ENOENT : -ENODEV;
	ret = platform_check(platform, &from, answer);
	if (ret)
		put_device(from.dma);
	return ret;
}

static bool platform_limit(struct dmabuf_heap_platform *platform, struct device *dev,
			   struct heap_limits *limits)
{
	struct dmabuf_heap_limits from = {};
	struct heap_limits more;

	platform->limits(dev, &from);
	if (!from.valid)
		return true;
	if (!platform_import(platform, &from, &more))
		return false;
	dmabuf_heap_limits_narrow(limits, &more);
	return true;
}

/**
 * dmabuf_heap_platform_limit() - add what all platforms know of a device
 * @dev: device
 * @limits: what its struct device says; narrowed. Of several nodes a platform's holds.
 *
 * Context: may sleep; a buffer's lock may be held, or the device's.
 * Return: false when one of them said what makes no sense.
 */
bool dmabuf_heap_platform_limit(struct device *dev, struct heap_limits *limits)
{
	struct dmabuf_heap_platform *platform;
	struct heap_limits known = {};
	bool sane = true;
	int inside;

	if (!READ_ONCE(platforms_limiting))
		return true;
	inside = dmabuf_heap_platform_enter();
	list_for_each_entry_srcu(platform, &platforms, entry,
				 srcu_read_lock_held(&platforms_srcu))
		if (sane && platform->limits)
			sane = platform_limit(platform, dev, &known);
	dmabuf_heap_platform_leave(inside);
	/* The first that is named stays. */
	dmabuf_heap_limits_narrow(&known, limits);
	*limits = known;
	return sane;
}
