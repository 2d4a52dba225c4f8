/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The buffer: one dma-buf made here, from CREATE to the last reference. It is
 * unbacked until its first map, and backed from then on.
 */
#ifndef _DMABUF_HEAP_BUFFER_H
#define _DMABUF_HEAP_BUFFER_H

#include <linux/cred.h>
#include <linux/dma-buf.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>

#include "backing.h"
#include "limits.h"
#include "quota.h"

struct mem_cgroup;

/**
 * struct heap_first_map - what made a buffer backed
 * @kind: enum dmabuf_heap_first_map
 * @time_ns: when
 * @by: the device, or the task
 */
struct heap_first_map {
	u32 kind;
	u64 time_ns;
	char by[DMABUF_HEAP_DEVICE_LEN];
};

/**
 * struct heap_moves - how often a buffer's memory was replaced
 * @count: times
 * @total_ns: time that all of them took
 * @last_ns: when the last one ended, 0 for never
 * @last_for: the device that it was made for
 */
struct heap_moves {
	u64 count;
	u64 total_ns;
	u64 last_ns;
	char last_for[DMABUF_HEAP_DEVICE_LEN];
};

/*
 * Lock order: mmap_lock -> dma_resv -> heap_buffer.lock -> fs_reclaim -> i_mmap;
 * heap_buffer.snap -> dma_buf.name_lock are innermost, and so is the watchers' lock,
 * which is never taken together with snap. dma_resv is never taken here.
 *
 * @lock holds off every change and is held while memory is allocated. @snap is
 * held, inside @lock, only while the fields below "snap" are written, so that
 * QUERY reads them without waiting for an allocation: a writer holds both, a
 * reader either.
 */
struct heap_buffer {
	struct mutex lock;	/* every change; see above */
	spinlock_t snap;	/* what QUERY reads; see above */

	/* Constant from creation on. */
	u64 id;
	u64 length;
	bool movable;
	u64 created_ns;
	kuid_t uid;
	struct pid *pid;
	struct mem_cgroup *memcg;	/* pays for pages and records */
	struct heap_quota *quota;	/* the user whose limits apply */
	char comm[DMABUF_HEAP_COMM_LEN];

	/* snap */
	struct dma_buf *dmabuf;		/* NULL once the last reference is gone */
	enum dmabuf_heap_state state;
	u32 flags;			/* DMABUF_HEAP_BUFFER_* */
	struct list_head attachments;	/* by id */
	u32 declared_count;
	u32 imported_count;
	u32 maps[DMABUF_HEAP_DIR_COUNT];
	u32 vmaps;
	struct heap_merged merged;
	struct heap_first_map first_map;
	struct heap_placement placement;
	struct dmabuf_heap_report conflict;
	struct heap_moves moves;

	/* lock; constant while backed, but for one that is movable */
	struct heap_backing backing;
	struct heap_charge charge;
	u64 last_attachment_id;

	/* For themselves. */
	atomic_t cpu_maps;
	refcount_t refs;		/* of this struct: the dma-buf's and QUERY's */
	struct rb_node registry;	/* under the registry's lock */
};

/**
 * dmabuf_heap_buffer_charge() - let allocations be charged to the creator
 * @buf: buffer
 *
 * Return: what dmabuf_heap_buffer_uncharge() needs to end it.
 */
static inline struct mem_cgroup *dmabuf_heap_buffer_charge(struct heap_buffer *buf)
{
	return set_active_memcg(buf->memcg);
}

/**
 * dmabuf_heap_buffer_uncharge() - let allocations be charged as before
 * @old: what dmabuf_heap_buffer_charge() returned
 */
static inline void dmabuf_heap_buffer_uncharge(struct mem_cgroup *old)
{
	set_active_memcg(old);
}

int dmabuf_heap_buffer_init(void);
void dmabuf_heap_buffer_exit(void);
struct heap_buffer *dmabuf_heap_buffer_create(u64 length, u32 flags, int file_flags,
					      const char *name, const struct dma_buf_ops *ops);
void dmabuf_heap_buffer_release(struct heap_buffer *buf);
void dmabuf_heap_buffer_put(struct heap_buffer *buf);
bool dmabuf_heap_buffer_may_manage(const struct heap_buffer *buf);
bool dmabuf_heap_buffer_may_see_all(void);
bool dmabuf_heap_buffer_may_see(const struct heap_buffer *buf);
u64 dmabuf_heap_buffer_max_length(void);
int dmabuf_heap_buffer_back_begin(struct heap_buffer *buf);
int dmabuf_heap_buffer_back_end(struct heap_buffer *buf, u32 kind, const char *by, int ret);
int dmabuf_heap_buffer_back(struct heap_buffer *buf, u32 kind);
bool dmabuf_heap_buffer_can_move(const struct heap_buffer *buf);
int dmabuf_heap_buffer_move(struct heap_buffer *buf, const struct heap_merged *merged,
			    const char *title);
int dmabuf_heap_buffer_seal(struct heap_buffer *buf);

#endif /* _DMABUF_HEAP_BUFFER_H */
