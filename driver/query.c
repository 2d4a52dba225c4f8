// SPDX-License-Identifier: GPL-2.0
/*
 * QUERY and QUERY_ATTACHMENTS: finds buffers, takes their snapshots and writes
 * the records to the caller's array. Holds no lock while it does so.
 */
#include <linux/dma-buf.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "buffer.h"
#include "export.h"
#include "memory.h"
#include "query.h"
#include "registry.h"
#include "snapshot.h"

/* Record @index of a caller's array, of which each is @size bytes to the caller. */
static int record_put(u64 records, u32 index, u32 size, const void *rec, size_t known)
{
	void __user *to = u64_to_user_ptr(records + (u64)index * size);
	size_t copy = min_t(size_t, size, known);

	if (copy_to_user(to, rec, copy) || clear_user(to + copy, size - copy))
		return -EFAULT;
	return 0;
}

/* The array of records: sizes that could only be a mistake are refused. */
static int query_check_records(u32 record_size)
{
	if (!record_size)
		return -EINVAL;
	return record_size > PAGE_SIZE ? -E2BIG : 0;
}

/* Finds a buffer that QUERY names by fd or by id; pins the struct. */
static struct heap_buffer *query_get(u32 by, int fd, u64 id)
{
	struct heap_buffer *buf;

	if (by == DMABUF_HEAP_QUERY_FD) {
		buf = dmabuf_heap_export_get(fd);
		if (IS_ERR(buf))
			return buf;
		refcount_inc(&buf->refs);
		dmabuf_heap_export_put(buf);
		return buf;
	}
	buf = dmabuf_heap_registry_get(id);
	if (!buf)
		return ERR_PTR(-ENOENT);
	if (!dmabuf_heap_buffer_may_see(buf)) {
		/* Others' buffers are as if they weren't there. */
		dmabuf_heap_buffer_put(buf);
		return ERR_PTR(-ENOENT);
	}
	return buf;
}

static int query_one(struct dmabuf_heap_query *query, struct dmabuf_heap_buffer_record *rec)
{
	struct heap_buffer *buf = query_get(query->by, query->fd, query->id);
	int ret = 0;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	if (!dmabuf_heap_snapshot_take(buf, rec))
		ret = query->by == DMABUF_HEAP_QUERY_FD ? -EBADF : -ENOENT;
	dmabuf_heap_buffer_put(buf);
	if (ret)
		return ret;
	query->out_count = 1;
	query->out_cursor = rec->id;
	return record_put(query->records, 0, query->record_size, rec, sizeof(*rec));
}

/*
 * The next buffer above *cursor that the caller may see; pins the struct. NULL, too,
 * when a fatal signal has come.
 */
static struct heap_buffer *query_next(u64 *cursor)
{
	struct heap_buffer *buf;

	while (!fatal_signal_pending(current)) {
		cond_resched();
		buf = dmabuf_heap_registry_next(*cursor);
		if (!buf)
			break;
		*cursor = buf->id;
		if (dmabuf_heap_buffer_may_see(buf))
			return buf;
		dmabuf_heap_buffer_put(buf);
	}
	return NULL;
}

/* The record of the next buffer that still lives. */
static bool query_next_record(u64 *cursor, struct dmabuf_heap_buffer_record *rec)
{
	struct heap_buffer *buf;
	bool found = false;

	while (!found) {
		buf = query_next(cursor);
		if (!buf)
			break;
		found = dmabuf_heap_snapshot_take(buf, rec);
		dmabuf_heap_buffer_put(buf);
	}
	return found;
}

static int query_all(struct dmabuf_heap_query *query, struct dmabuf_heap_buffer_record *rec)
{
	u64 cursor = query->id;
	int ret;

	query->out_cursor = cursor;
	while (query_next_record(&cursor, rec)) {
		if (query->out_count == query->count) {
			query->out_more = 1;
			break;
		}
		ret = record_put(query->records, query->out_count, query->record_size, rec,
				 sizeof(*rec));
		if (ret)
			return ret;
		query->out_count++;
		query->out_cursor = cursor;
	}
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* Copies as many attachments as there are, @count at most. The caller frees *recs. */
static int query_attachments_read(struct heap_buffer *buf, u32 count, u32 *total,
				  struct dmabuf_heap_attachment_record **recs)
{
	u32 room = 0;
	int ret;

	*recs = NULL;
	for (;;) {
		ret = dmabuf_heap_snapshot_attachments(buf, *recs, room, total);
		/* Until none has come in between. */
		if (ret || room >= min(*total, count))
			return ret;
		kvfree(*recs);
		room = min(*total, count);
		*recs = dmabuf_heap_alloc_array(room, sizeof(**recs));
		if (!*recs)
			return -ENOMEM;
	}
}

/* Writes @buf's attachments to the caller's array from @first on; @total: as there are. */
static int query_attachments_put(const struct dmabuf_heap_query_attachments *query,
				 struct heap_buffer *buf, u32 first, u32 *total)
{
	u32 room = query->count - first, i;
	struct dmabuf_heap_attachment_record *recs;
	int ret;

	ret = query_attachments_read(buf, room, total, &recs);
	if (!ret && *total > room && query->by == DMABUF_HEAP_QUERY_ALL)
		ret = -ENOSPC;
	for (i = 0; !ret && i < min(room, *total); i++)
		ret = record_put(query->records, first + i, query->record_size, &recs[i],
				 sizeof(*recs));
	kvfree(recs);
	return ret;
}

static int query_attachments_one(struct dmabuf_heap_query_attachments *query)
{
	struct heap_buffer *buf = query_get(query->by, query->fd, query->id);
	int ret;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	ret = query_attachments_put(query, buf, 0, &query->out_count);
	if (ret == -ENOENT && query->by == DMABUF_HEAP_QUERY_FD)
		ret = -EBADF;
	dmabuf_heap_buffer_put(buf);
	return ret;
}

/* Those of one buffer after the other, as long as the next one's fit. */
static int query_attachments_all(struct dmabuf_heap_query_attachments *query)
{
	u64 cursor = query->id;
	struct heap_buffer *buf;
	u32 count = 0, more;
	int ret = 0;

	while (!ret && count < query->count) {
		buf = query_next(&cursor);
		if (!buf)
			break;
		ret = query_attachments_put(query, buf, count, &more);
		if (!ret)
			count += more;
		else if (ret == -ENOENT)
			ret = 0;	/* it is gone */
		dmabuf_heap_buffer_put(buf);
	}
	query->out_count = count;
	if (ret == -ENOSPC && count)
		ret = 0;
	return ret ?: fatal_signal_pending(current) ? -EINTR : 0;
}

static int query_check_which(u32 by, int fd, u64 id)
{
	return (by == DMABUF_HEAP_QUERY_FD ? id != 0 : fd != 0) ? -EINVAL : 0;
}

/**
 * dmabuf_heap_query_buffers() - QUERY
 * @query: as the caller gave it; its outputs are set
 *
 * Context: the calling process; may sleep.
 * Return: 0 or what struct dmabuf_heap_query lists.
 */
int dmabuf_heap_query_buffers(struct dmabuf_heap_query *query)
{
	struct dmabuf_heap_buffer_record *rec;
	int ret;

	if (query->flags || !query->count || query->by > DMABUF_HEAP_QUERY_ALL)
		return -EINVAL;
	ret = query_check_which(query->by, query->fd, query->id);
	if (!ret)
		ret = query_check_records(query->record_size);
	if (ret)
		return ret;
	query->out_count = 0;
	query->out_more = 0;
	rec = dmabuf_heap_alloc(sizeof(*rec));
	if (!rec)
		return -ENOMEM;
	if (query->by == DMABUF_HEAP_QUERY_ALL)
		ret = query_all(query, rec);
	else
		ret = query_one(query, rec);
	kfree(rec);
	return ret;
}

/**
 * dmabuf_heap_query_attachments() - QUERY_ATTACHMENTS
 * @query: as the caller gave it; its outputs are set
 *
 * Context: the calling process; may sleep.
 * Return: 0 or what struct dmabuf_heap_query_attachments lists.
 */
int dmabuf_heap_query_attachments(struct dmabuf_heap_query_attachments *query)
{
	bool all = query->by == DMABUF_HEAP_QUERY_ALL;
	int ret;

	if (query->flags || query->__reserved || query->by > DMABUF_HEAP_QUERY_ALL ||
	    (all && !query->count))
		return -EINVAL;
	ret = query_check_which(query->by, query->fd, query->id);
	if (!ret)
		ret = query_check_records(query->record_size);
	if (ret)
		return ret;
	return all ? query_attachments_all(query) : query_attachments_one(query);
}
