// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer's life: made without memory, backed by its first map, released with
 * its last reference.
 */
#include <linux/capability.h>
#include <linux/ktime.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "attachment.h"
#include "buffer.h"
#include "compat/compat.h"
#include "event.h"
#include "memory.h"
#include "quota.h"
#include "registry.h"
#include "stats.h"
#include "trace.h"

DMABUF_HEAP_IMPORT_NS;

/* Shown as exp_name in fdinfo. */
#define BUFFER_EXPORTER	"dmabuf-heap"

/* Legal moves from one state to another. */
static const bool state_moves[][2] = {
	[DMABUF_HEAP_UNBACKED] = { [DMABUF_HEAP_BACKED] = true },
	[DMABUF_HEAP_BACKED] = { },
};

/* Of its own: kmalloc() would round a buffer's struct up to twice its size. */
static struct kmem_cache *buffers;

/**
 * dmabuf_heap_buffer_init() - prepare to make buffers
 *
 * Return: 0; -ENOMEM.
 */
int __init dmabuf_heap_buffer_init(void)
{
	buffers = kmem_cache_create("dmabuf_heap_buffer", sizeof(struct heap_buffer), 0, 0, NULL);
	return buffers ? 0 : -ENOMEM;
}

/**
 * dmabuf_heap_buffer_exit() - no buffer is left, and none will be made
 */
void dmabuf_heap_buffer_exit(void)
{
	kmem_cache_destroy(buffers);
}

static void buffer_move(struct heap_buffer *buf, enum dmabuf_heap_state to)
{
	lockdep_assert_held(&buf->lock);
	lockdep_assert_held(&buf->snap);
	WARN_ON(!state_moves[buf->state][to]);
	buf->state = to;
}

static struct heap_buffer *buffer_alloc(u64 length, u32 flags)
{
	struct heap_buffer *buf = dmabuf_heap_alloc_from(buffers);
	int ret;

	if (!buf)
		return ERR_PTR(-ENOMEM);
	ret = dmabuf_heap_quota_enter(&buf->quota);
	if (ret) {
		kmem_cache_free(buffers, buf);
		return ERR_PTR(ret);
	}
	mutex_init(&buf->lock);
	spin_lock_init(&buf->snap);
	INIT_LIST_HEAD(&buf->attachments);
	refcount_set(&buf->refs, 1);
	RB_CLEAR_NODE(&buf->registry);
	buf->length = length;
	buf->movable = flags & DMABUF_HEAP_CREATE_MOVABLE;
	buf->flags = buf->movable ? DMABUF_HEAP_BUFFER_MOVABLE : 0;
	buf->created_ns = ktime_get_ns();
	buf->uid = current_euid();
	buf->pid = get_task_pid(current, PIDTYPE_TGID);
	buf->memcg = get_mem_cgroup_from_mm(current->mm);
	get_task_comm(buf->comm, current);
	dmabuf_heap_stats_add(HEAP_STAT_BUFFERS, 1);
	return buf;
}

static void buffer_free(struct heap_buffer *buf)
{
	put_pid(buf->pid);
	mem_cgroup_put(buf->memcg);
	mutex_destroy(&buf->lock);
	dmabuf_heap_stats_add(HEAP_STAT_BUFFERS, -1);
	dmabuf_heap_quota_leave(buf->quota);
	kmem_cache_free(buffers, buf);
}

/**
 * dmabuf_heap_buffer_put() - let go of the struct
 * @buf: buffer
 *
 * Context: any but with @buf's locks held.
 */
void dmabuf_heap_buffer_put(struct heap_buffer *buf)
{
	if (refcount_dec_and_test(&buf->refs))
		buffer_free(buf);
}

static struct dma_buf *buffer_export(struct heap_buffer *buf, int file_flags,
				     const struct dma_buf_ops *ops)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);

	info.exp_name = BUFFER_EXPORTER;
	info.ops = ops;
	info.size = buf->length;
	info.flags = file_flags;
	info.priv = buf;
	return dmabuf_heap_knob_fail() ? ERR_PTR(-ENOMEM) : dma_buf_export(&info);
}

static int buffer_set_name(struct dma_buf *dmabuf, const char *name)
{
	char *copy;

	if (!name[0])
		return 0;
	copy = dmabuf_heap_knob_fail() ? NULL : kstrdup(name, HEAP_GFP);
	if (!copy)
		return -ENOMEM;
	/* The dma-buf frees it. */
	spin_lock(&dmabuf->name_lock);
	dmabuf->name = copy;
	spin_unlock(&dmabuf->name_lock);
	return 0;
}

/**
 * dmabuf_heap_buffer_create() - make a buffer without memory
 * @length: bytes, whole pages
 * @flags: DMABUF_HEAP_CREATE_*
 * @file_flags: O_RDWR or O_RDONLY
 * @name: may be empty
 * @ops: what importers call; @ops->release calls dmabuf_heap_buffer_release()
 *
 * The caller owns the one reference to the dma-buf, and ends the buffer by
 * dma_buf_put(). QUERY and watchers see it after dmabuf_heap_registry_add().
 *
 * Context: may sleep.
 * Return: the buffer or an error pointer: -ENOMEM, -ENFILE, -EDQUOT.
 */
struct heap_buffer *dmabuf_heap_buffer_create(u64 length, u32 flags, int file_flags,
					      const char *name, const struct dma_buf_ops *ops)
{
	struct heap_buffer *buf = buffer_alloc(length, flags);
	struct dma_buf *dmabuf;
	int ret;

	if (IS_ERR(buf))
		return buf;
	dmabuf = buffer_export(buf, file_flags, ops);
	if (IS_ERR(dmabuf)) {
		dmabuf_heap_buffer_put(buf);
		return ERR_CAST(dmabuf);
	}
	buf->dmabuf = dmabuf;
	buf->id = file_inode(dmabuf->file)->i_ino;

	trace_dmabuf_heap_create(buf->id, buf->length, name);

	/* From here on, dma_buf_put() undoes everything through release. */
	ret = buffer_set_name(dmabuf, name);
	if (ret) {
		dma_buf_put(dmabuf);
		return ERR_PTR(ret);
	}
	return buf;
}

/**
 * dmabuf_heap_buffer_release() - the last reference to the dma-buf is gone
 * @buf: buffer
 *
 * No importer is attached, nothing is mapped. QUERY may still hold the struct.
 *
 * Context: may sleep; any task.
 */
void dmabuf_heap_buffer_release(struct heap_buffer *buf)
{
	trace_dmabuf_heap_release(buf->id, buf->length, buf->backing.pages);
	dmabuf_heap_registry_remove(buf);

	spin_lock(&buf->snap);
	buf->dmabuf = NULL;
	spin_unlock(&buf->snap);

	/* Nobody else comes here any more: a snapshot sees that the dma-buf is gone. */
	dmabuf_heap_attachment_free_all(buf);
	if (buf->state == DMABUF_HEAP_BACKED) {
		dmabuf_heap_stats_add(HEAP_STAT_PAGES, -(long)buf->backing.pages);
		dmabuf_heap_stats_add(HEAP_STAT_BACKED, -1);
		dmabuf_heap_quota_free(buf->quota, &buf->charge, &buf->backing);
	}
	dmabuf_heap_buffer_put(buf);
}

/**
 * dmabuf_heap_buffer_may_manage() - whether the caller may detach and seal
 * @buf: buffer
 *
 * Return: true for the creator's user and for CAP_SYS_ADMIN.
 */
bool dmabuf_heap_buffer_may_manage(const struct heap_buffer *buf)
{
	return uid_eq(buf->uid, current_euid()) || capable(CAP_SYS_ADMIN);
}

/**
 * dmabuf_heap_buffer_may_see_all() - whether the caller may find everybody's buffers
 *
 * Others' buffers are met on the way through all, which is nothing to audit.
 *
 * Return: true for CAP_SYS_ADMIN.
 */
bool dmabuf_heap_buffer_may_see_all(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
}

/**
 * dmabuf_heap_buffer_may_see() - whether the caller may find it by id or cursor
 * @buf: buffer
 *
 * Return: true for the creator's user and for CAP_SYS_ADMIN.
 */
bool dmabuf_heap_buffer_may_see(const struct heap_buffer *buf)
{
	return uid_eq(buf->uid, current_euid()) || dmabuf_heap_buffer_may_see_all();
}

/**
 * dmabuf_heap_buffer_max_length() - the longest buffer that makes sense
 *
 * Return: all memory of this machine, in bytes, as far as a length can say.
 */
u64 dmabuf_heap_buffer_max_length(void)
{
	return min_t(u64, (u64)totalram_pages() << PAGE_SHIFT, SIZE_MAX & PAGE_MASK);
}

/**
 * dmabuf_heap_buffer_back_begin() - make sure that there is memory for a map
 * @buf: buffer
 *
 * The first map allocates, for all attachments so far. What is allocated becomes
 * the buffer's by dmabuf_heap_buffer_back_end(), which must follow a success.
 *
 * Context: @buf->lock held; may sleep.
 * Return: 0, -ENOMEM, -EDQUOT, -EINTR.
 */
int dmabuf_heap_buffer_back_begin(struct heap_buffer *buf)
{
	struct mem_cgroup *old;
	int ret;

	lockdep_assert_held(&buf->lock);
	if (buf->state == DMABUF_HEAP_BACKED)
		return 0;
	old = dmabuf_heap_buffer_charge(buf);
	ret = dmabuf_heap_quota_alloc(buf->quota, &buf->charge, &buf->backing, buf->length,
				      &buf->merged);
	dmabuf_heap_buffer_uncharge(old);
	return ret;
}

static void buffer_become_backed(struct heap_buffer *buf, u32 kind, const char *by)
{
	lockdep_assert_held(&buf->lock);
	spin_lock(&buf->snap);
	buffer_move(buf, DMABUF_HEAP_BACKED);
	buf->placement = buf->backing.placement;
	buf->first_map.kind = kind;
	buf->first_map.time_ns = ktime_get_ns();
	strscpy(buf->first_map.by, by, sizeof(buf->first_map.by));
	spin_unlock(&buf->snap);

	dmabuf_heap_stats_add(HEAP_STAT_BACKED, 1);
	dmabuf_heap_stats_add(HEAP_STAT_PAGES, buf->backing.pages);
	dmabuf_heap_stats_add(HEAP_STAT_ALLOCATIONS, 1);
	trace_dmabuf_heap_first_map(buf->id, kind, by, &buf->placement);
	dmabuf_heap_event_memory(buf, DMABUF_HEAP_EVENT_FIRST_MAP, by, 0);
}

/**
 * dmabuf_heap_buffer_back_end() - the map that needed memory has succeeded or not
 * @buf: buffer
 * @kind: enum dmabuf_heap_first_map, what this map is
 * @by: name of the device or task that maps
 * @ret: 0, or why the map failed: an unbacked buffer then stays unbacked
 *
 * Context: @buf->lock held since dmabuf_heap_buffer_back_begin().
 * Return: @ret.
 */
int dmabuf_heap_buffer_back_end(struct heap_buffer *buf, u32 kind, const char *by, int ret)
{
	lockdep_assert_held(&buf->lock);
	if (buf->state == DMABUF_HEAP_BACKED)
		return ret;
	if (ret)
		dmabuf_heap_quota_free(buf->quota, &buf->charge, &buf->backing);
	else
		buffer_become_backed(buf, kind, by);
	return ret;
}

/**
 * dmabuf_heap_buffer_can_move() - whether other memory could take the place
 * @buf: buffer
 *
 * Context: @buf->lock held.
 * Return: true for a movable buffer that nobody but processes maps.
 */
bool dmabuf_heap_buffer_can_move(const struct heap_buffer *buf)
{
	u32 maps = buf->vmaps;
	int dir;

	lockdep_assert_held(&buf->lock);
	for (dir = 0; dir < DMABUF_HEAP_DIR_COUNT; dir++)
		maps += buf->maps[dir];
	return buf->movable && buf->state == DMABUF_HEAP_BACKED && !maps;
}

/* @new has the buffer's bytes; afterwards it has the memory that was the buffer's. */
static void buffer_take_memory(struct heap_buffer *buf, struct heap_backing *new,
			       const char *title, u64 start_ns)
{
	lockdep_assert_held(&buf->lock);
	spin_lock(&buf->snap);
	dmabuf_heap_backing_swap(&buf->backing, new);
	buf->placement = buf->backing.placement;
	buf->moves.count++;
	buf->moves.last_ns = ktime_get_ns();
	buf->moves.total_ns += buf->moves.last_ns - start_ns;
	strscpy(buf->moves.last_for, title, sizeof(buf->moves.last_for));
	spin_unlock(&buf->snap);
	trace_dmabuf_heap_move(buf->id, buf->length, buf->moves.last_ns - start_ns, title,
			       &buf->placement);
	dmabuf_heap_event_memory(buf, DMABUF_HEAP_EVENT_MOVE, title,
				 buf->moves.last_ns - start_ns);
}

/**
 * dmabuf_heap_buffer_move() - give a buffer other memory
 * @buf: buffer for which dmabuf_heap_buffer_can_move()
 * @merged: limits that the memory must serve
 * @title: name of the device that needs it
 *
 * Memory maps of processes are emptied first, and their next access waits for the
 * lock: what they wrote is copied, and what they write next goes to the new memory.
 * Maps only ever become filled under the lock.
 *
 * Context: @buf->lock held; may sleep. Takes i_mmap.
 * Return: 0; -ENOMEM, -EDQUOT, -EINTR: nothing has changed.
 */
int dmabuf_heap_buffer_move(struct heap_buffer *buf, const struct heap_merged *merged,
			    const char *title)
{
	u64 start_ns = ktime_get_ns();
	struct heap_charge charge;
	struct mem_cgroup *old;
	struct heap_backing new;
	int ret;

	lockdep_assert_held(&buf->lock);
	old = dmabuf_heap_buffer_charge(buf);
	ret = dmabuf_heap_quota_alloc(buf->quota, &charge, &new, buf->length, merged);
	dmabuf_heap_buffer_uncharge(old);
	if (ret)
		return ret;
	unmap_mapping_range(buf->dmabuf->file->f_mapping, 0, 0, 1);
	dmabuf_heap_backing_copy(&new, &buf->backing);
	buffer_take_memory(buf, &new, title, start_ns);
	swap(buf->charge, charge);
	dmabuf_heap_quota_free(buf->quota, &charge, &new);
	return 0;
}

/**
 * dmabuf_heap_buffer_back() - allocate for the CPU
 * @buf: buffer
 * @kind: DMABUF_HEAP_FIRST_MMAP or _COMMIT
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, -EDQUOT, -EINTR.
 */
int dmabuf_heap_buffer_back(struct heap_buffer *buf, u32 kind)
{
	int ret = mutex_lock_killable(&buf->lock);

	if (ret)
		return ret;
	ret = dmabuf_heap_buffer_back_begin(buf);
	if (!ret)
		dmabuf_heap_buffer_back_end(buf, kind, current->comm, 0);
	mutex_unlock(&buf->lock);
	return ret;
}

/**
 * dmabuf_heap_buffer_seal() - let nobody join any more
 * @buf: buffer
 *
 * Context: may sleep.
 * Return: 0, or -EINTR on a fatal signal.
 */
int dmabuf_heap_buffer_seal(struct heap_buffer *buf)
{
	int ret = mutex_lock_killable(&buf->lock);
	bool is_sealed;

	if (ret)
		return ret;
	spin_lock(&buf->snap);
	is_sealed = buf->flags & DMABUF_HEAP_BUFFER_SEALED;
	buf->flags |= DMABUF_HEAP_BUFFER_SEALED;
	spin_unlock(&buf->snap);
	if (!is_sealed)
		dmabuf_heap_event_buffer(buf, DMABUF_HEAP_EVENT_SEAL);
	mutex_unlock(&buf->lock);
	return 0;
}
