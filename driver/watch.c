// SPDX-License-Identifier: GPL-2.0
/*
 * Open files that watch. Each has a ring of events: whoever changes a buffer adds
 * to it and never waits, whoever reads takes from it. When there is no room the
 * newest are lost, and counted by an event that stands where they would.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <linux/wait.h>

#include "buffer.h"
#include "memory.h"
#include "quota.h"
#include "watch.h"

/* Events that a ring has room for; the last place is for MISSED. */
#define RING_SIZE	1024

/* What a reader's namespaces make numbers of is kept beside the event. */
struct watch_slot {
	struct dmabuf_heap_event event;
	struct pid *pid;	/* NULL for MISSED */
	kuid_t uid;
};

/**
 * struct watcher - an open file for which WATCH was called
 * @entry: in the list of watchers; empty for one that watches no longer
 * @reading: held by whoever takes events, and while @ring comes or goes
 * @wait: who waits for events
 * @ring: RING_SIZE events; NULL while it doesn't watch
 * @ends: how often it has ceased to watch
 * @first: place of the oldest event
 * @count: events that are there
 * @events: bit n is set for events of type n
 * @id: the only buffer that it is about, or 0
 * @event_size: bytes of an event to the reader
 * @uid: whose buffers it is about
 * @payer: user that it is counted for
 * @sees_all: it is about everybody's
 *
 * @reading is outside the lock of all watchers, which protects the rest. What lies
 * in the oldest place belongs to the holder of @reading: nobody else touches it.
 */
struct watcher {
	struct list_head entry;
	struct mutex reading;		/* taking events; see above */
	wait_queue_head_t wait;
	struct watch_slot *ring;
	u32 ends;
	u32 first;
	u32 count;
	u64 events;
	u64 id;
	u32 event_size;
	kuid_t uid;
	kuid_t payer;
	bool sees_all;
};

/* Innermost but for wait queues: taken with a buffer's lock held. */
static DEFINE_SPINLOCK(lock);
static LIST_HEAD(watchers);

u64 dmabuf_heap_watch_events;

static void watchers_changed(void)
{
	struct watcher *watcher;
	u64 events = 0;

	lockdep_assert_held(&lock);
	list_for_each_entry(watcher, &watchers, entry)
		events |= watcher->events;
	WRITE_ONCE(dmabuf_heap_watch_events, events);
}

static struct watch_slot *ring_place(const struct watcher *watcher, u32 index)
{
	return &watcher->ring[(watcher->first + index) % RING_SIZE];
}

static bool ring_ends_missed(const struct watcher *watcher)
{
	return watcher->count &&
	       ring_place(watcher, watcher->count - 1)->event.type == DMABUF_HEAP_EVENT_MISSED;
}

/*
 * An event leaves one place free behind it, in which what comes too late is
 * counted. The oldest place is never changed: with so few free, it isn't the last.
 */
static void ring_add(struct watcher *watcher, const struct dmabuf_heap_event *event, kuid_t uid)
{
	bool has_room = watcher->count + 2 <= RING_SIZE;
	struct watch_slot *slot;

	lockdep_assert_held(&lock);
	if (!has_room && ring_ends_missed(watcher)) {
		ring_place(watcher, watcher->count - 1)->event.count++;
		return;
	}
	slot = ring_place(watcher, watcher->count);
	if (has_room) {
		slot->event = *event;
		slot->pid = get_pid(task_tgid(current));
		slot->uid = uid;
	} else {
		memset(slot, 0, sizeof(*slot));
		slot->event.type = DMABUF_HEAP_EVENT_MISSED;
		slot->event.time_ns = event->time_ns;
		slot->event.count = 1;
	}
	/* A reader that sees the count sees the event. */
	smp_store_release(&watcher->count, watcher->count + 1);
}

static bool ring_has_events(const struct watcher *watcher)
{
	/* Pairs with ring_add(). */
	return smp_load_acquire(&watcher->count);
}

static void ring_drop_first(struct watcher *watcher)
{
	struct pid *pid = watcher->ring[watcher->first].pid;

	lockdep_assert_held(&watcher->reading);
	spin_lock(&lock);
	watcher->first = (watcher->first + 1) % RING_SIZE;
	WRITE_ONCE(watcher->count, watcher->count - 1);
	spin_unlock(&lock);
	put_pid(pid);
}

static bool watcher_wants(const struct watcher *watcher, const struct dmabuf_heap_event *event,
			  kuid_t uid)
{
	return watcher->events & BIT_ULL(event->type) &&
	       (!watcher->id || watcher->id == event->id) &&
	       (watcher->sees_all || uid_eq(watcher->uid, uid));
}

/**
 * dmabuf_heap_watch_tell() - an event has happened
 * @event: the event, of the task that is running; gets its time
 * @uid: whose buffer it is about
 *
 * Context: any task, with any lock of a buffer's but snap; doesn't sleep.
 */
void dmabuf_heap_watch_tell(struct dmabuf_heap_event *event, kuid_t uid)
{
	struct watcher *watcher;

	spin_lock(&lock);
	/* Under the lock, so that times rise. */
	event->time_ns = ktime_get_ns();
	list_for_each_entry(watcher, &watchers, entry) {
		if (!watcher_wants(watcher, event, uid))
			continue;
		ring_add(watcher, event, uid);
		wake_up_interruptible_poll(&watcher->wait, EPOLLIN | EPOLLRDNORM);
	}
	spin_unlock(&lock);
}

/* NULL when WATCH was never called. */
static struct watcher *watcher_of(struct file *file)
{
	/* Pairs with cmpxchg() below, in another thread. */
	return smp_load_acquire(&file->private_data);
}

/* Made by the first WATCH, and there until the file is closed. */
static struct watcher *watcher_get(struct file *file)
{
	struct watcher *watcher = watcher_of(file);
	void *other;

	if (watcher)
		return watcher;
	watcher = dmabuf_heap_alloc(sizeof(*watcher));
	if (!watcher)
		return NULL;
	INIT_LIST_HEAD(&watcher->entry);
	mutex_init(&watcher->reading);
	init_waitqueue_head(&watcher->wait);
	other = cmpxchg(&file->private_data, NULL, watcher);
	if (!other)
		return watcher;
	/* Another thread was faster. */
	kfree(watcher);
	return other;
}

static bool payer_has_room(kuid_t payer, const struct watcher *except)
{
	struct watcher *watcher;
	int count = 0;

	lockdep_assert_held(&lock);
	list_for_each_entry(watcher, &watchers, entry)
		if (watcher != except && uid_eq(watcher->payer, payer))
			count++;
	return count < DMABUF_HEAP_MAX_WATCHERS;
}

/* Has it watch as @watch says. Takes *@ring if it has none yet. */
static int watcher_set(struct watcher *watcher, const struct dmabuf_heap_watch *watch,
		       struct watch_slot **ring)
{
	bool sees_all = dmabuf_heap_buffer_may_see_all();
	kuid_t payer = dmabuf_heap_quota_payer();

	spin_lock(&lock);
	if (!payer_has_room(payer, watcher)) {
		spin_unlock(&lock);
		return -ENOSPC;
	}
	if (!watcher->ring) {
		WRITE_ONCE(watcher->ring, *ring);
		*ring = NULL;
		list_add_tail(&watcher->entry, &watchers);
	}
	watcher->events = watch->events;
	watcher->id = watch->id;
	watcher->event_size = watch->event_size;
	watcher->uid = current_euid();
	watcher->payer = payer;
	watcher->sees_all = sees_all;
	watchers_changed();
	spin_unlock(&lock);
	return 0;
}

static int watcher_begin(struct watcher *watcher, const struct dmabuf_heap_watch *watch)
{
	struct watch_slot *ring = NULL;
	int ret;

	lockdep_assert_held(&watcher->reading);
	if (!watcher->ring) {
		ring = dmabuf_heap_alloc_array(RING_SIZE, sizeof(*ring));
		if (!ring)
			return -ENOMEM;
	}
	ret = watcher_set(watcher, watch, &ring);
	kvfree(ring);
	return ret;
}

static void watcher_end(struct watcher *watcher)
{
	struct watch_slot *ring;

	lockdep_assert_held(&watcher->reading);
	if (!watcher->ring)
		return;
	spin_lock(&lock);
	list_del_init(&watcher->entry);
	watchers_changed();
	spin_unlock(&lock);

	/* Nobody adds any more. */
	while (watcher->count)
		ring_drop_first(watcher);
	ring = watcher->ring;
	WRITE_ONCE(watcher->ring, NULL);
	WRITE_ONCE(watcher->ends, watcher->ends + 1);
	wake_up_interruptible_poll(&watcher->wait, EPOLLERR);
	kvfree(ring);
}

static int watch_check(const struct dmabuf_heap_watch *watch)
{
	const u64 known = BIT_ULL(DMABUF_HEAP_EVENT_COUNT) - 1;

	if (watch->flags || watch->__reserved)
		return -EINVAL;
	if (!watch->events)
		return watch->event_size || watch->id ? -EINVAL : 0;
	if (watch->events & ~known || watch->events & BIT_ULL(DMABUF_HEAP_EVENT_MISSED))
		return -EINVAL;
	if (!watch->event_size)
		return -EINVAL;
	return watch->event_size > PAGE_SIZE ? -E2BIG : 0;
}

/**
 * dmabuf_heap_watch() - WATCH
 * @file: an open file of the device
 * @watch: as the caller gave it
 *
 * Context: the calling process; may sleep.
 * Return: 0 or what struct dmabuf_heap_watch lists.
 */
int dmabuf_heap_watch(struct file *file, const struct dmabuf_heap_watch *watch)
{
	struct watcher *watcher;
	int ret;

	ret = watch_check(watch);
	if (ret)
		return ret;
	watcher = watcher_get(file);
	if (!watcher)
		return -ENOMEM;
	ret = mutex_lock_killable(&watcher->reading);
	if (ret)
		return ret;
	if (watch->events)
		ret = watcher_begin(watcher, watch);
	else
		watcher_end(watcher);
	mutex_unlock(&watcher->reading);
	return ret;
}

/* An event is dropped when it has been copied, so that none is lost by a bad pointer. */
static int read_first(struct watcher *watcher, char __user *to)
{
	struct watch_slot *slot = &watcher->ring[watcher->first];
	size_t copy = min_t(size_t, watcher->event_size, sizeof(slot->event));

	lockdep_assert_held(&watcher->reading);
	if (slot->pid) {
		slot->event.pid = pid_vnr(slot->pid);
		slot->event.uid = from_kuid_munged(current_user_ns(), slot->uid);
	}
	if (copy_to_user(to, &slot->event, copy) ||
	    clear_user(to + copy, watcher->event_size - copy))
		return -EFAULT;
	ring_drop_first(watcher);
	return 0;
}

/* Bytes of the events that were read; -EAGAIN when there is none. */
static ssize_t read_some(struct watcher *watcher, char __user *to, size_t size)
{
	size_t done = 0;
	int ret = -EAGAIN;

	lockdep_assert_held(&watcher->reading);
	if (!watcher->ring || size < watcher->event_size)
		return -EINVAL;
	while (ring_has_events(watcher) && size - done >= watcher->event_size) {
		ret = read_first(watcher, to + done);
		if (ret)
			break;
		done += watcher->event_size;
		/* They may come as fast as they are read. */
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done ?: ret;
}

static int read_begin(struct watcher *watcher, bool waits)
{
	if (!waits)
		return mutex_trylock(&watcher->reading) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&watcher->reading) ? -ERESTARTSYS : 0;
}

/* With an event, or because it has ceased to watch, if only for a moment. */
static bool read_would_return(const struct watcher *watcher, u32 ends)
{
	return ring_has_events(watcher) || READ_ONCE(watcher->ends) != ends;
}

/**
 * dmabuf_heap_watch_read() - read() of the device
 * @file: the open file
 * @to: where the events go
 * @size: bytes there
 * @offset: unused
 *
 * Context: the calling process; may sleep.
 * Return: bytes read, or what struct dmabuf_heap_watch says.
 */
ssize_t dmabuf_heap_watch_read(struct file *file, char __user *to, size_t size, loff_t *offset)
{
	struct watcher *watcher = watcher_of(file);
	bool waits = !(file->f_flags & O_NONBLOCK);
	ssize_t ret;
	u32 ends;

	if (!watcher)
		return -EINVAL;
	ends = READ_ONCE(watcher->ends);
	for (;;) {
		ret = read_begin(watcher, waits);
		if (ret)
			return ret;
		ret = watcher->ends == ends ? read_some(watcher, to, size) : -EINVAL;
		mutex_unlock(&watcher->reading);
		if (ret != -EAGAIN || !waits)
			return ret;
		ret = wait_event_interruptible(watcher->wait, read_would_return(watcher, ends));
		if (ret)
			return ret;
	}
}

/**
 * dmabuf_heap_watch_poll() - poll() of the device
 * @file: the open file
 * @table: who waits
 *
 * Return: EPOLLIN when there are events, EPOLLERR when the file doesn't watch.
 */
__poll_t dmabuf_heap_watch_poll(struct file *file, poll_table *table)
{
	struct watcher *watcher = watcher_of(file);

	if (!watcher)
		return EPOLLERR;
	poll_wait(file, &watcher->wait, table);
	if (!READ_ONCE(watcher->ring))
		return EPOLLERR;
	return ring_has_events(watcher) ? EPOLLIN | EPOLLRDNORM : 0;
}

/**
 * dmabuf_heap_watch_release() - an open file of the device is closed
 * @inode: unused
 * @file: the file
 *
 * Return: 0.
 */
int dmabuf_heap_watch_release(struct inode *inode, struct file *file)
{
	struct watcher *watcher = file->private_data;

	if (!watcher)
		return 0;
	mutex_lock(&watcher->reading);
	watcher_end(watcher);
	mutex_unlock(&watcher->reading);
	mutex_destroy(&watcher->reading);
	kfree(watcher);
	return 0;
}
