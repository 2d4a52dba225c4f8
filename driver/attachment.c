// SPDX-License-Identifier: GPL-2.0
/*
 * Joining and leaving a buffer. Everyone who joins goes through one gate:
 * while there is no memory, some memory of this machine must suit all who have
 * joined; once there is, it must suit the one who comes.
 */
#include <linux/ktime.h>
#include <linux/pid.h>
#include <linux/slab.h>

#include "attachment.h"
#include "backing.h"
#include "buffer.h"
#include "stats.h"
#include "trace.h"

static struct heap_attachment *attachment_alloc(struct heap_buffer *buf)
{
	struct mem_cgroup *old = dmabuf_heap_buffer_charge(buf);
	struct heap_attachment *att = kzalloc(sizeof(*att), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

	dmabuf_heap_buffer_uncharge(old);
	if (!att)
		return NULL;
	INIT_LIST_HEAD(&att->mappings);
	att->created_ns = ktime_get_ns();
	att->pid = get_task_pid(current, PIDTYPE_TGID);
	get_task_comm(att->comm, current);
	return att;
}

static void attachment_free(struct heap_attachment *att)
{
	put_pid(att->pid);
	kfree(att);
}

static void attachment_set_limits(struct heap_attachment *att, const struct heap_limits *limits)
{
	att->limits = *limits;
	if (att->flags & DMABUF_HEAP_ATTACHMENT_REMAPPED)
		dmabuf_heap_limits_drop_physical(&att->limits);
}

/* The next attachment's id. Ids of attempts that failed are used again. */
static u64 attachment_next_id(struct heap_buffer *buf)
{
	return buf->last_attachment_id + 1;
}

static void attachment_add(struct heap_buffer *buf, struct heap_attachment *att)
{
	lockdep_assert_held(&buf->lock);
	att->id = attachment_next_id(buf);
	buf->last_attachment_id = att->id;

	spin_lock(&buf->snap);
	list_add_tail(&att->entry, &buf->attachments);
	buf->attachment_count++;
	if (att->flags & DMABUF_HEAP_ATTACHMENT_DECLARED)
		buf->declared_count++;
	dmabuf_heap_limits_merge(&buf->merged, &att->limits, att->id);
	spin_unlock(&buf->snap);

	dmabuf_heap_stats_add(HEAP_STAT_ATTACHMENTS, 1);
	trace_dmabuf_heap_attach(buf->id, att->id, att->device.name, att->flags);
}

/* Limits of all attachments but @except, which may be NULL. */
static void attachment_merge_all(struct heap_buffer *buf, struct heap_merged *merged,
				 const struct heap_attachment *except)
{
	struct heap_attachment *att;

	memset(merged, 0, sizeof(*merged));
	list_for_each_entry(att, &buf->attachments, entry)
		if (att != except)
			dmabuf_heap_limits_merge(merged, &att->limits, att->id);
}

static void attachment_remove(struct heap_buffer *buf, struct heap_attachment *att)
{
	lockdep_assert_held(&buf->lock);
	spin_lock(&buf->snap);
	list_del(&att->entry);
	buf->attachment_count--;
	if (att->flags & DMABUF_HEAP_ATTACHMENT_DECLARED)
		buf->declared_count--;
	attachment_merge_all(buf, &buf->merged, NULL);
	spin_unlock(&buf->snap);

	dmabuf_heap_stats_add(HEAP_STAT_ATTACHMENTS, -1);
	trace_dmabuf_heap_detach(buf->id, att->id, att->device.name);
	attachment_free(att);
}

static struct heap_attachment *attachment_find(struct heap_buffer *buf, u64 id)
{
	struct heap_attachment *att;

	lockdep_assert_held(&buf->lock);
	list_for_each_entry(att, &buf->attachments, entry)
		if (att->id == id)
			return att;
	return NULL;
}

/* Writes down why @att was refused; @id is the attachment that asks for the limit. */
static void report_fill(struct heap_buffer *buf, struct dmabuf_heap_report *report, int error,
			const struct heap_conflict *conflict, const struct heap_attachment *att,
			u64 id)
{
	const struct heap_attachment *culprit = attachment_find(buf, id);

	memset(report, 0, sizeof(*report));
	report->error = -error;
	report->limit = conflict->limit;
	report->wanted = conflict->wanted;
	report->found = conflict->found;
	report->length = buf->length;
	report->runs = buf->placement.runs;
	report->time_ns = ktime_get_ns();
	report->first_map = buf->first_map.kind;
	report->first_map_ns = buf->first_map.time_ns;
	strscpy(report->first_map_by, buf->first_map.by, sizeof(report->first_map_by));
	if (culprit && culprit != att)
		report->attachment = id;
	else
		culprit = att;
	dmabuf_heap_device_title(&culprit->device, report->device, sizeof(report->device));
	strscpy(report->label, culprit->label, sizeof(report->label));
}

/*
 * The gate. @att may be a member already, whose limits have changed. Merges all
 * limits, @att's included, into @merged. A refusal is 0 in @report->error or -EBUSY,
 * -EOPNOTSUPP as a positive number.
 */
static int attachment_admit(struct heap_buffer *buf, const struct heap_attachment *att,
			    struct heap_merged *merged, struct dmabuf_heap_report *report)
{
	u64 id = att->id ?: attachment_next_id(buf);
	struct heap_conflict suit, conflict;
	struct heap_machine machine;

	lockdep_assert_held(&buf->lock);
	memset(report, 0, sizeof(*report));
	attachment_merge_all(buf, merged, att);
	dmabuf_heap_limits_merge(merged, &att->limits, id);

	if (buf->state == DMABUF_HEAP_BACKED &&
	    dmabuf_heap_limits_suit(&att->limits, &buf->placement, buf->length, &suit))
		return 0;

	dmabuf_heap_backing_machine(&merged->limits, &machine);
	if (!dmabuf_heap_limits_feasible(&merged->limits, &machine, buf->length, &conflict)) {
		report_fill(buf, report, -EOPNOTSUPP, &conflict, att,
			    merged->set_by[conflict.limit]);
		return -EOPNOTSUPP;
	}
	if (buf->state == DMABUF_HEAP_BACKED) {
		report_fill(buf, report, -EBUSY, &suit, att, id);
		return -EBUSY;
	}
	return 0;
}

/* An importer swallows the errno: QUERY keeps the reason. */
static void attachment_refuse(struct heap_buffer *buf, const struct dmabuf_heap_report *report)
{
	spin_lock(&buf->snap);
	buf->conflict = *report;
	spin_unlock(&buf->snap);
	trace_dmabuf_heap_busy(buf->id, report->error, report->limit, report->device);
}

static int attachment_declare_locked(struct heap_buffer *buf, struct heap_attachment *att,
				     const struct heap_declaration *what,
				     struct dmabuf_heap_answer *answer)
{
	struct heap_merged merged;
	int ret;

	lockdep_assert_held(&buf->lock);
	if (buf->flags & DMABUF_HEAP_BUFFER_SEALED)
		return -EPERM;
	if (buf->declared_count >= DMABUF_HEAP_MAX_DECLARED)
		return -ENOSPC;

	ret = attachment_admit(buf, att, &merged, &answer->report);
	dmabuf_heap_limits_export(&answer->merged, &merged.limits, merged.set_by);
	if (what->test)
		return ret;
	if (ret)
		attachment_refuse(buf, &answer->report);
	else
		attachment_add(buf, att);
	return ret;
}

/**
 * dmabuf_heap_attachment_declare() - ATTACH
 * @buf: buffer
 * @what: who, and what for
 * @answer: filled in on 0, -EBUSY and -EOPNOTSUPP
 * @id: set on success to the attachment's id, 0 for a test
 *
 * Context: may sleep.
 * Return: 0, -EPERM, -ENOSPC, -EOPNOTSUPP, -EBUSY, -ENOMEM, -EINTR.
 */
int dmabuf_heap_attachment_declare(struct heap_buffer *buf, const struct heap_declaration *what,
				   struct dmabuf_heap_answer *answer, u64 *id)
{
	struct heap_attachment *att = attachment_alloc(buf);
	int ret;

	if (!att)
		return -ENOMEM;
	att->flags = DMABUF_HEAP_ATTACHMENT_DECLARED | what->device.flags;
	att->access = what->access;
	att->device = what->device;
	strscpy(att->label, what->label, sizeof(att->label));
	attachment_set_limits(att, &what->device.limits);

	answer->flags = what->device.flags;
	strscpy(answer->device, what->device.name, sizeof(answer->device));
	dmabuf_heap_limits_export(&answer->limits, &what->device.limits, NULL);

	ret = mutex_lock_killable(&buf->lock);
	if (!ret) {
		ret = attachment_declare_locked(buf, att, what, answer);
		mutex_unlock(&buf->lock);
	}
	*id = ret ? 0 : att->id;
	if (ret || what->test)
		attachment_free(att);
	return ret;
}

/**
 * dmabuf_heap_attachment_detach() - DETACH
 * @buf: buffer
 * @id: attachment
 *
 * Context: may sleep.
 * Return: 0; -ENOENT; -EBUSY for an imported one; -EINTR.
 */
int dmabuf_heap_attachment_detach(struct heap_buffer *buf, u64 id)
{
	struct heap_attachment *att;
	int ret;

	ret = mutex_lock_killable(&buf->lock);
	if (ret)
		return ret;
	att = attachment_find(buf, id);
	if (!att)
		ret = -ENOENT;
	else if (att->flags & DMABUF_HEAP_ATTACHMENT_IMPORTED)
		ret = -EBUSY;
	else
		attachment_remove(buf, att);
	mutex_unlock(&buf->lock);
	return ret;
}

/**
 * dmabuf_heap_attachment_undo() - take back what ATTACH has just made
 * @buf: buffer
 * @id: attachment; another task may have detached it in the meantime
 *
 * Context: may sleep. Can't fail.
 */
void dmabuf_heap_attachment_undo(struct heap_buffer *buf, u64 id)
{
	struct heap_attachment *att;

	mutex_lock(&buf->lock);
	att = attachment_find(buf, id);
	if (att)
		attachment_remove(buf, att);
	mutex_unlock(&buf->lock);
}

/*
 * What was declared for this device holds for its import too: its queue or driver
 * may know more than the struct device that we are given. Returns how many
 * declarations there are.
 */
static int attachment_inherit(struct heap_buffer *buf, struct heap_attachment *att)
{
	struct heap_attachment *other;
	int count = 0;

	list_for_each_entry(other, &buf->attachments, entry) {
		if (!(other->flags & DMABUF_HEAP_ATTACHMENT_DECLARED) ||
		    !dmabuf_heap_device_is(&other->device, &att->device))
			continue;
		dmabuf_heap_limits_narrow(&att->device.limits, &other->device.limits);
		if (!count++) {
			att->declared_id = other->id;
			att->device.devt = other->device.devt;
			strscpy(att->device.node, other->device.node, sizeof(att->device.node));
			strscpy(att->device.subsystem, other->device.subsystem,
				sizeof(att->device.subsystem));
			strscpy(att->label, other->label, sizeof(att->label));
		}
	}
	if (count > 1) {
		/* Any of them: which, nobody can tell. */
		att->declared_id = 0;
		att->device.devt = 0;
		att->device.node[0] = '\0';
		att->label[0] = '\0';
	}
	return count;
}

static int attachment_import_locked(struct heap_buffer *buf, struct heap_attachment *att)
{
	struct dmabuf_heap_report report;
	struct heap_merged merged;
	int declared, ret;

	lockdep_assert_held(&buf->lock);
	declared = attachment_inherit(buf, att);
	if (!declared && (buf->flags & DMABUF_HEAP_BUFFER_SEALED))
		return -EPERM;
	attachment_set_limits(att, &att->device.limits);
	ret = attachment_admit(buf, att, &merged, &report);
	if (ret)
		attachment_refuse(buf, &report);
	else
		attachment_add(buf, att);
	return ret;
}

/**
 * dmabuf_heap_attachment_import() - a driver attaches
 * @buf: buffer
 * @dev: its device; need not do DMA, as long as it doesn't map
 *
 * Context: may sleep.
 * Return: the record, or an error pointer: -EPERM, -EOPNOTSUPP, -EBUSY,
 * -ENOMEM, -EINTR.
 */
struct heap_attachment *dmabuf_heap_attachment_import(struct heap_buffer *buf, struct device *dev)
{
	struct heap_attachment *att = attachment_alloc(buf);
	int ret;

	if (!att)
		return ERR_PTR(-ENOMEM);
	dmabuf_heap_device_describe(&att->device, dev);
	att->flags = DMABUF_HEAP_ATTACHMENT_IMPORTED | att->device.flags;

	ret = mutex_lock_killable(&buf->lock);
	if (!ret) {
		ret = attachment_import_locked(buf, att);
		mutex_unlock(&buf->lock);
	}
	if (ret) {
		attachment_free(att);
		return ERR_PTR(ret);
	}
	return att;
}

/**
 * dmabuf_heap_attachment_end() - a driver detaches
 * @buf: buffer
 * @att: its record; gone afterwards
 *
 * Context: may sleep.
 */
void dmabuf_heap_attachment_end(struct heap_buffer *buf, struct heap_attachment *att)
{
	mutex_lock(&buf->lock);
	WARN_ON(!list_empty(&att->mappings));
	attachment_remove(buf, att);
	mutex_unlock(&buf->lock);
}

/**
 * dmabuf_heap_attachment_check_map() - may this device map now
 * @buf: buffer
 * @att: record of the importer
 * @dev: its device
 *
 * A driver may have changed its mask since it attached, so limits are read
 * again: they join the merge while there is no memory, and memory is compared
 * with them once there is. The DMA API is asked only after this.
 *
 * Context: @buf->lock held.
 * Return: 0; -ENODEV for a device that does no DMA; -EOPNOTSUPP, -EBUSY.
 */
int dmabuf_heap_attachment_check_map(struct heap_buffer *buf, struct heap_attachment *att,
				     struct device *dev)
{
	struct dmabuf_heap_report report;
	struct heap_limits now, before;
	struct heap_merged merged;
	u32 flags = att->flags;
	u32 flags_before = att->flags;
	int ret;

	lockdep_assert_held(&buf->lock);
	if (!dmabuf_heap_device_read_limits(dev, &now, &flags))
		return -ENODEV;
	dmabuf_heap_limits_narrow(&now, &att->device.limits);

	before = att->limits;
	spin_lock(&buf->snap);
	att->flags = flags;
	attachment_set_limits(att, &now);
	spin_unlock(&buf->snap);

	ret = attachment_admit(buf, att, &merged, &report);
	spin_lock(&buf->snap);
	if (ret) {
		att->flags = flags_before;
		att->limits = before;
	} else {
		/* In order of ids, so that on a tie the earlier still is the culprit. */
		attachment_merge_all(buf, &buf->merged, NULL);
	}
	spin_unlock(&buf->snap);
	if (ret)
		attachment_refuse(buf, &report);
	return ret;
}

static enum dmabuf_heap_direction direction_of(enum dma_data_direction dir)
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

static u32 access_of(enum dma_data_direction dir)
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
	enum dmabuf_heap_direction d = direction_of(dir);

	lockdep_assert_held(&buf->lock);
	spin_lock(&buf->snap);
	buf->maps[d] += change;
	att->maps[d] += change;
	att->bytes_mapped += change * (s64)buf->length;
	if (change > 0) {
		att->maps_ever[d]++;
		att->last_map_ns = ktime_get_ns();
		att->access |= access_of(dir);
	}
	spin_unlock(&buf->snap);
	dmabuf_heap_stats_add(HEAP_STAT_DEVICE_MAPS, change);
}

/**
 * dmabuf_heap_attachment_free_all() - the buffer has ended
 * @buf: buffer that nobody can reach any more; all importers have detached
 */
void dmabuf_heap_attachment_free_all(struct heap_buffer *buf)
{
	struct heap_attachment *att, *next;

	list_for_each_entry_safe(att, next, &buf->attachments, entry) {
		WARN_ON(att->flags & DMABUF_HEAP_ATTACHMENT_IMPORTED);
		dmabuf_heap_stats_add(HEAP_STAT_ATTACHMENTS, -1);
		attachment_free(att);
	}
}
