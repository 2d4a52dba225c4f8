// SPDX-License-Identifier: GPL-2.0
/*
 * Copies a buffer into the records of the uAPI. Nothing here sleeps or fails;
 * a buffer whose dma-buf is gone is as if it had not been found.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "attachment.h"
#include "buffer.h"
#include "snapshot.h"

/* The process in the caller's namespace, 0 when it isn't there or is gone. */
static pid_t pid_to_caller(struct pid *pid)
{
	pid_t nr = 0;

	rcu_read_lock();
	if (pid_task(pid, PIDTYPE_TGID))
		nr = pid_vnr(pid);
	rcu_read_unlock();
	return nr;
}

/* Low bits that are 0 in a multiple of the power of two @align. */
static u32 align_bits(u64 align)
{
	return ilog2(max_t(u64, align, PAGE_SIZE));
}

static void snapshot_placement(struct heap_buffer *buf, struct dmabuf_heap_placement *to)
{
	const struct heap_placement *p = &buf->placement;
	const struct heap_limits *limits = &buf->merged.limits;

	if (buf->state == DMABUF_HEAP_UNBACKED) {
		/* What a first map would give now. */
		to->runs = dmabuf_heap_limits_one_run(&buf->merged);
		to->addr_bits = dmabuf_heap_limits_addr_bits(dmabuf_heap_limits_max_addr(limits));
		to->align_bits = align_bits(dmabuf_heap_limits_alignment(&buf->merged));
		return;
	}
	to->runs = p->runs;
	to->run_min = p->run_min;
	to->run_max = p->run_max;
	to->nodes = p->nodes;
	to->addr_bits = dmabuf_heap_limits_addr_bits(p->last_addr);
	to->align_bits = align_bits(p->align);
}

/**
 * dmabuf_heap_snapshot_name() - a buffer's name
 * @dmabuf: the buffer's
 * @name: DMABUF_HEAP_NAME_LEN bytes, zeroed; stays empty if there is no name
 *
 * Context: doesn't sleep.
 */
void dmabuf_heap_snapshot_name(struct dma_buf *dmabuf, char *name)
{
	spin_lock(&dmabuf->name_lock);
	if (dmabuf->name)
		strscpy(name, dmabuf->name, DMABUF_HEAP_NAME_LEN);
	spin_unlock(&dmabuf->name_lock);
}

static void snapshot_fill(struct heap_buffer *buf, struct dmabuf_heap_buffer_record *rec)
{
	rec->id = buf->id;
	rec->length = buf->length;
	rec->created_ns = buf->created_ns;
	rec->first_map_ns = buf->first_map.time_ns;
	rec->state = buf->state;
	rec->flags = buf->flags;
	rec->first_map = buf->first_map.kind;
	rec->creator_pid = pid_to_caller(buf->pid);
	rec->creator_uid = from_kuid_munged(current_user_ns(), buf->uid);
	rec->attachments = buf->declared_count + buf->imported_count;
	rec->declared = buf->declared_count;
	rec->cpu_maps = atomic_read(&buf->cpu_maps);
	rec->vmaps = buf->vmaps;
	memcpy(rec->device_maps, buf->maps, sizeof(rec->device_maps));
	dmabuf_heap_snapshot_name(buf->dmabuf, rec->name);
	memcpy(rec->creator_comm, buf->comm, sizeof(rec->creator_comm));
	memcpy(rec->first_map_by, buf->first_map.by, sizeof(rec->first_map_by));
	snapshot_placement(buf, &rec->placement);
	dmabuf_heap_limits_export(&rec->merged, &buf->merged.limits, buf->merged.set_by);
	rec->conflict = buf->conflict;
	rec->moves = buf->moves.count;
	rec->moves_ns = buf->moves.total_ns;
	rec->last_move_ns = buf->moves.last_ns;
	memcpy(rec->moved_for, buf->moves.last_for, sizeof(rec->moved_for));
	memcpy(rec->run_starts, buf->placement.run_starts, sizeof(rec->run_starts));
}

/**
 * dmabuf_heap_snapshot_take() - what QUERY says of one buffer
 * @buf: buffer
 * @rec: filled in whole
 *
 * Context: may be called while @buf->lock is held elsewhere; doesn't sleep.
 * Return: false when the buffer is gone.
 */
bool dmabuf_heap_snapshot_take(struct heap_buffer *buf, struct dmabuf_heap_buffer_record *rec)
{
	bool live;

	memset(rec, 0, sizeof(*rec));
	spin_lock(&buf->snap);
	live = buf->dmabuf;
	if (live)
		snapshot_fill(buf, rec);
	spin_unlock(&buf->snap);
	return live;
}

static void attachment_fill(const struct heap_buffer *buf, const struct heap_attachment *att,
			    struct dmabuf_heap_attachment_record *rec)
{
	/* An import is known by the names that its device was declared by. */
	const struct heap_attachment *named = att->declared ?: att;

	memset(rec, 0, sizeof(*rec));
	rec->id = att->id;
	rec->declared_id = att->declared ? att->declared->id : 0;
	rec->created_ns = att->created_ns;
	rec->last_map_ns = att->last_map_ns;
	rec->bytes_mapped = att->bytes_mapped;
	memcpy(rec->maps_ever, att->maps_ever, sizeof(rec->maps_ever));
	memcpy(rec->maps, att->maps, sizeof(rec->maps));
	rec->flags = att->flags;
	rec->access = att->access;
	rec->dev_major = MAJOR(named->device.devt);
	rec->dev_minor = MINOR(named->device.devt);
	rec->pid = pid_to_caller(att->pid);
	memcpy(rec->comm, att->comm, sizeof(rec->comm));
	memcpy(rec->device, att->device.name, sizeof(rec->device));
	memcpy(rec->node, named->device.node, sizeof(rec->node));
	memcpy(rec->subsystem, named->device.subsystem, sizeof(rec->subsystem));
	memcpy(rec->label, named->label, sizeof(rec->label));
	dmabuf_heap_limits_export(&rec->limits, &att->limits, NULL);
	rec->buffer = buf->id;
}

/**
 * dmabuf_heap_snapshot_attachments() - what QUERY_ATTACHMENTS says
 * @buf: buffer
 * @recs: the first @count attachments are written here, in order of their ids
 * @count: room in @recs
 * @total: set to how many there are
 *
 * Context: as dmabuf_heap_snapshot_take().
 * Return: 0, or -ENOENT when the buffer is gone.
 */
int dmabuf_heap_snapshot_attachments(struct heap_buffer *buf,
				     struct dmabuf_heap_attachment_record *recs, u32 count,
				     u32 *total)
{
	struct heap_attachment *att;
	int ret = -ENOENT;
	u32 i = 0;

	spin_lock(&buf->snap);
	if (buf->dmabuf) {
		ret = 0;
		*total = buf->declared_count + buf->imported_count;
		list_for_each_entry(att, &buf->attachments, entry) {
			if (i == count)
				break;
			attachment_fill(buf, att, &recs[i++]);
		}
	}
	spin_unlock(&buf->snap);
	return ret;
}
