// SPDX-License-Identifier: GPL-2.0
/*
 * Joining and leaving a buffer.
 */
#include <linux/ktime.h>
#include <linux/pid.h>
#include <linux/slab.h>

#include "attachment.h"
#include "buffer.h"
#include "event.h"
#include "gate.h"
#include "memory.h"
#include "reach.h"
#include "stats.h"
#include "trace.h"

/* Of its own: kmalloc() would round a record up to nearly twice its size. */
static struct kmem_cache *attachments;

/**
 * dmabuf_heap_attachment_init() - prepare to record attachments
 *
 * Return: 0; -ENOMEM.
 */
int __init dmabuf_heap_attachment_init(void)
{
	attachments = kmem_cache_create("dmabuf_heap_attachment", sizeof(struct heap_attachment),
					0, 0, NULL);
	return attachments ? 0 : -ENOMEM;
}

/**
 * dmabuf_heap_attachment_exit() - no attachment is left, and none will be made
 */
void dmabuf_heap_attachment_exit(void)
{
	kmem_cache_destroy(attachments);
}

static struct heap_attachment *attachment_alloc(struct heap_buffer *buf)
{
	struct mem_cgroup *old = dmabuf_heap_buffer_charge(buf);
	struct heap_attachment *att = dmabuf_heap_alloc_from(attachments);

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
	if (att->flags & DMABUF_HEAP_ATTACHMENT_DECLARED)
		dmabuf_heap_device_put(&att->device);
	put_pid(att->pid);
	kmem_cache_free(attachments, att);
}

/**
 * dmabuf_heap_attachment_set_limits() - what an attachment asks
 * @att: attachment, whose flags are set
 * @asked: its limits; what counts in the merge follows from them
 *
 * Context: for a member, the lock and snap of its buffer held.
 */
void dmabuf_heap_attachment_set_limits(struct heap_attachment *att,
				       const struct heap_limits *asked)
{
	att->asked = *asked;
	att->limits = *asked;
	if (att->flags & DMABUF_HEAP_ATTACHMENT_REMAPPED)
		dmabuf_heap_limits_drop_physical(&att->limits);
}

/**
 * dmabuf_heap_attachment_next_id() - the id that the next attachment will have
 * @buf: buffer
 *
 * Context: @buf->lock held.
 * Return: the id; an attempt that fails leaves it to the next.
 */
u64 dmabuf_heap_attachment_next_id(struct heap_buffer *buf)
{
	return buf->last_attachment_id + 1;
}

/* Declarations for @device have come or gone: which one its imports belong to. */
static void attachment_relate(struct heap_buffer *buf, const struct heap_device *device)
{
	const struct heap_attachment *declared = NULL;
	struct heap_attachment *att;
	int count = 0;

	lockdep_assert_held(&buf->snap);
	list_for_each_entry(att, &buf->attachments, entry) {
		if (dmabuf_heap_attachment_is_declared_for(att, device)) {
			declared = att;
			count++;
		}
	}
	list_for_each_entry(att, &buf->attachments, entry)
		if (att->flags & DMABUF_HEAP_ATTACHMENT_IMPORTED &&
		    dmabuf_heap_device_is(&att->device, device))
			att->declared = count == 1 ? declared : NULL;
}

static u32 *attachment_counter(struct heap_buffer *buf, const struct heap_attachment *att)
{
	return att->flags & DMABUF_HEAP_ATTACHMENT_DECLARED ? &buf->declared_count :
							      &buf->imported_count;
}

static void attachment_add(struct heap_buffer *buf, struct heap_attachment *att,
			   const struct heap_merged *merged)
{
	lockdep_assert_held(&buf->lock);
	att->id = dmabuf_heap_attachment_next_id(buf);
	buf->last_attachment_id = att->id;

	spin_lock(&buf->snap);
	list_add_tail(&att->entry, &buf->attachments);
	++*attachment_counter(buf, att);
	buf->merged = *merged;
	attachment_relate(buf, &att->device);
	spin_unlock(&buf->snap);

	dmabuf_heap_stats_add(HEAP_STAT_ATTACHMENTS, 1);
	trace_dmabuf_heap_attach(buf->id, att->id, att->device.name, att->flags);
	dmabuf_heap_event_attachment(buf, DMABUF_HEAP_EVENT_ATTACH, att);
}

static void attachment_remove(struct heap_buffer *buf, struct heap_attachment *att)
{
	struct heap_merged merged;

	lockdep_assert_held(&buf->lock);
	dmabuf_heap_gate_merge(buf, &merged, att);
	spin_lock(&buf->snap);
	list_del(&att->entry);
	--*attachment_counter(buf, att);
	buf->merged = merged;
	attachment_relate(buf, &att->device);
	spin_unlock(&buf->snap);

	dmabuf_heap_stats_add(HEAP_STAT_ATTACHMENTS, -1);
	trace_dmabuf_heap_detach(buf->id, att->id, att->device.name);
	dmabuf_heap_event_attachment(buf, DMABUF_HEAP_EVENT_DETACH, att);
	attachment_free(att);
}

/**
 * dmabuf_heap_attachment_find() - find an attachment
 * @buf: buffer
 * @id: its id
 *
 * Context: @buf->lock held.
 * Return: the attachment or NULL.
 */
struct heap_attachment *dmabuf_heap_attachment_find(struct heap_buffer *buf, u64 id)
{
	struct heap_attachment *att;

	lockdep_assert_held(&buf->lock);
	list_for_each_entry(att, &buf->attachments, entry)
		if (att->id == id)
			return att;
	return NULL;
}

/**
 * dmabuf_heap_attachment_shape() - what shapes the table of a device
 * @buf: buffer
 * @att: an attachment of the device; need not be a member
 * @except: a declaration that doesn't count; may be NULL
 * @shape: what @att asks; changed: with what was required of the same device
 *
 * Context: @buf->lock held.
 */
void dmabuf_heap_attachment_shape(struct heap_buffer *buf, const struct heap_attachment *att,
				  const struct heap_attachment *except,
				  struct heap_limits *shape)
{
	struct heap_attachment *other;

	lockdep_assert_held(&buf->lock);
	list_for_each_entry(other, &buf->attachments, entry)
		if (other != except && dmabuf_heap_attachment_is_declared_for(other, &att->device))
			dmabuf_heap_limits_narrow(shape, &other->asked);
}

static int attachment_declare_locked(struct heap_buffer *buf, struct heap_attachment *att,
				     const struct heap_declaration *what,
				     struct dmabuf_heap_answer *answer, u64 *id)
{
	struct heap_merged merged;
	int ret;

	lockdep_assert_held(&buf->lock);
	if (buf->flags & DMABUF_HEAP_BUFFER_SEALED)
		return -EPERM;
	if (buf->declared_count >= DMABUF_HEAP_MAX_DECLARED)
		return -ENOSPC;

	ret = dmabuf_heap_gate_check(buf, att, &att->asked, att->flags, &merged,
				     &answer->report);
	dmabuf_heap_limits_export(&answer->merged, &merged.limits, merged.set_by);
	if (what->test)
		return ret == HEAP_GATE_MOVE ? 0 : ret;
	ret = dmabuf_heap_gate_pass(buf, att, &merged, &answer->report, ret);
	if (ret)
		return ret;
	attachment_add(buf, att, &merged);
	/* With the lock gone, another task may detach it at once. */
	*id = att->id;
	return 0;
}

static struct heap_attachment *attachment_from(struct heap_buffer *buf,
					       const struct heap_declaration *what,
					       const struct heap_limits *limits)
{
	struct heap_attachment *att = attachment_alloc(buf);

	if (!att)
		return NULL;
	att->flags = DMABUF_HEAP_ATTACHMENT_DECLARED | what->device.flags;
	att->access = what->access;
	att->device = what->device;
	dmabuf_heap_device_get(&att->device);
	strscpy(att->label, what->label, sizeof(att->label));
	dmabuf_heap_attachment_set_limits(att, limits);
	return att;
}

/**
 * dmabuf_heap_attachment_declare() - ATTACH
 * @buf: buffer
 * @what: who, and what for
 * @answer: filled in on 0, -EBUSY and -EOPNOTSUPP
 * @id: the attachment's id, 0 for a test and on error
 *
 * Context: may sleep.
 * Return: 0, -EPERM, -ENOSPC, -EOPNOTSUPP, -EBUSY, -ENOMEM, -EDQUOT, -EINTR.
 */
int dmabuf_heap_attachment_declare(struct heap_buffer *buf, const struct heap_declaration *what,
				   struct dmabuf_heap_answer *answer, u64 *id)
{
	struct heap_limits limits = what->requirement;
	struct heap_attachment *att;
	int ret;

	*id = 0;
	/* In this order, so that of two nodes the requirement's holds. */
	dmabuf_heap_limits_narrow(&limits, &what->device.limits);
	answer->flags = what->device.flags;
	strscpy(answer->device, what->device.name, sizeof(answer->device));
	dmabuf_heap_limits_export(&answer->limits, &limits, NULL);

	att = attachment_from(buf, what, &limits);
	if (!att)
		return -ENOMEM;
	ret = mutex_lock_killable(&buf->lock);
	if (!ret) {
		ret = attachment_declare_locked(buf, att, what, answer, id);
		mutex_unlock(&buf->lock);
	}
	/* Once it is a member it isn't ours any more. */
	if (!*id)
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
	att = dmabuf_heap_attachment_find(buf, id);
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
	att = dmabuf_heap_attachment_find(buf, id);
	if (att && att->flags & DMABUF_HEAP_ATTACHMENT_DECLARED)
		attachment_remove(buf, att);
	mutex_unlock(&buf->lock);
}

/*
 * What is known of a declared device holds for its import too: its queue or
 * driver may know more than the struct device that we are given. A requirement
 * is the declaration's own. Returns whether there is a declaration.
 */
static bool attachment_inherit(struct heap_buffer *buf, struct heap_attachment *att)
{
	struct heap_attachment *other;
	bool declared = false;

	lockdep_assert_held(&buf->lock);
	list_for_each_entry(other, &buf->attachments, entry) {
		if (dmabuf_heap_attachment_is_declared_for(other, &att->device)) {
			dmabuf_heap_limits_narrow(&att->device.limits, &other->device.limits);
			declared = true;
		}
	}
	return declared;
}

static int attachment_import_locked(struct heap_buffer *buf, struct heap_attachment *att)
{
	struct dmabuf_heap_report report;
	struct heap_merged merged;
	bool declared;
	int ret;

	lockdep_assert_held(&buf->lock);
	declared = attachment_inherit(buf, att);
	if (!declared && buf->flags & DMABUF_HEAP_BUFFER_SEALED) {
		dmabuf_heap_gate_refuse_sealed(buf, att);
		return -EPERM;
	}
	if (buf->imported_count >= DMABUF_HEAP_MAX_IMPORTED)
		return -ENOSPC;
	dmabuf_heap_attachment_set_limits(att, &att->device.limits);
	ret = dmabuf_heap_gate_check(buf, att, &att->asked, att->flags, &merged, &report);
	ret = dmabuf_heap_gate_pass(buf, att, &merged, &report, ret);
	if (!ret)
		attachment_add(buf, att, &merged);
	return ret;
}

/**
 * dmabuf_heap_attachment_import() - a driver attaches
 * @buf: buffer
 * @dev: its device; need not do DMA, as long as it doesn't map
 *
 * Context: may sleep.
 * Return: the record, or an error pointer: -EPERM, -ENOSPC, -EOPNOTSUPP,
 * -EBUSY, -ENOMEM, -EDQUOT, -EINTR.
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
