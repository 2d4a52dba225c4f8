// SPDX-License-Identifier: GPL-2.0
/*
 * Who pays: one record for each user who has buffers, one for all users together,
 * and for each of the two a set of limits, which are module parameters. One lock
 * makes looking and counting one step, so that no two CPUs share the last byte.
 *
 * A limit refuses more of what it limits and takes nothing away: it may be lower
 * than what is in use. Root is a user like any other, and has the parameters.
 */
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/spinlock.h>
#include <linux/user_namespace.h>

#include "compat/compat.h"
#include "knobs.h"
#include "machine.h"
#include "memory.h"
#include "quota.h"
#include "stats.h"

/* What there are counts and limits of. */
enum quota_kind {
	QUOTA_BUFFERS,
	QUOTA_BYTES,
	QUOTA_SCARCE,
	QUOTA_KINDS,
};

#define QUOTA_NO_LIMIT	U64_MAX
/* Until the module is loaded, for what is then computed. Limits nothing either. */
#define QUOTA_UNSET	(QUOTA_NO_LIMIT - 1)

#define QUOTA_HASH_BITS	6

/*
 * struct heap_quota - one user
 * @entry: in quota_users
 * @uid: who
 * @used: by quota_kind; the record lives as long as there are buffers
 */
struct heap_quota {
	struct hlist_node entry;
	kuid_t uid;
	u64 used[QUOTA_KINDS];
};

/* Innermost, and protects all below, the limits and the records. */
static DEFINE_SPINLOCK(quota_lock);
static DEFINE_HASHTABLE(quota_users, QUOTA_HASH_BITS);
static u64 quota_total[QUOTA_KINDS];

static u64 user_limits[QUOTA_KINDS] = { QUOTA_NO_LIMIT, QUOTA_NO_LIMIT, QUOTA_UNSET };
static u64 total_limits[QUOTA_KINDS] = { QUOTA_NO_LIMIT, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT };

static int quota_param_set(const char *text, const struct kernel_param *param)
{
	u64 limit = QUOTA_NO_LIMIT;
	int ret = sysfs_streq(text, "max") ? 0 : kstrtou64(text, 0, &limit);

	if (ret)
		return ret;
	spin_lock(&quota_lock);
	*(u64 *)param->arg = limit;
	spin_unlock(&quota_lock);
	return 0;
}

static int quota_param_get(char *text, const struct kernel_param *param)
{
	u64 limit;

	spin_lock(&quota_lock);
	limit = *(u64 *)param->arg;
	spin_unlock(&quota_lock);
	return limit == QUOTA_NO_LIMIT ? sysfs_emit(text, "max\n") :
					 sysfs_emit(text, "%llu\n", limit);
}

static const struct kernel_param_ops quota_param_ops = {
	.set = quota_param_set,
	.get = quota_param_get,
};

#define QUOTA_PARAM(_name, _limit, _text)					\
	module_param_cb(_name, &quota_param_ops, &(_limit), 0644);		\
	MODULE_PARM_DESC(_name, _text "; max: no limit")

QUOTA_PARAM(user_buffers, user_limits[QUOTA_BUFFERS], "buffers that one user may have");
QUOTA_PARAM(user_bytes, user_limits[QUOTA_BYTES], "bytes of memory behind one user's buffers");
QUOTA_PARAM(user_scarce, user_limits[QUOTA_SCARCE],
	    "bytes of scarce memory behind one user's buffers; by default a quarter of the memory below 4 GiB");
QUOTA_PARAM(total_buffers, total_limits[QUOTA_BUFFERS], "buffers that all users together may have");
QUOTA_PARAM(total_bytes, total_limits[QUOTA_BYTES], "bytes of memory behind all buffers");
QUOTA_PARAM(total_scarce, total_limits[QUOTA_SCARCE], "bytes of scarce memory behind all buffers");

/* A quarter of what lies below 4 GiB, or of all where nothing does. */
static u64 quota_scarce_default(void)
{
	struct heap_machine machine;
	struct heap_limits limits = {};

	dmabuf_heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, U32_MAX);
	dmabuf_heap_machine_read(&limits, &machine);
	return (machine.room ?: (u64)totalram_pages() << PAGE_SHIFT) / 4;
}

/**
 * dmabuf_heap_quota_init() - compute the limits that nobody has set
 *
 * Context: the module is being loaded; there are no buffers.
 */
void dmabuf_heap_quota_init(void)
{
	u64 scarce = quota_scarce_default();

	spin_lock(&quota_lock);
	if (user_limits[QUOTA_SCARCE] == QUOTA_UNSET)
		user_limits[QUOTA_SCARCE] = scarce;
	spin_unlock(&quota_lock);
}

/**
 * dmabuf_heap_quota_payer() - whom what the caller takes is counted for
 *
 * A user may own namespaces with many ids of their own, and must not get as many
 * quotas by that: what is made in there counts for the owner. A namespace that
 * root has made is taken as root meant it: its ids are users.
 *
 * Context: the process that pays.
 * Return: the user.
 */
kuid_t dmabuf_heap_quota_payer(void)
{
	const struct user_namespace *ns = current_user_ns();
	kuid_t payer = current_euid();

	for (; ns->parent; ns = ns->parent)
		if (!uid_eq(ns->owner, GLOBAL_ROOT_UID))
			payer = ns->owner;
	return payer;
}

static bool quota_has_room(const u64 *used, const u64 *limits, const u64 *more)
{
	int kind;

	lockdep_assert_held(&quota_lock);
	for (kind = 0; kind < QUOTA_KINDS; kind++)
		if (more[kind] && (used[kind] >= limits[kind] ||
				   more[kind] > limits[kind] - used[kind]))
			return false;
	return true;
}

/* All of @more, or -EDQUOT and nothing. */
static int quota_take(struct heap_quota *user, const u64 *more)
{
	int kind;

	lockdep_assert_held(&quota_lock);
	if (!quota_has_room(user->used, user_limits, more) ||
	    !quota_has_room(quota_total, total_limits, more))
		return -EDQUOT;
	dmabuf_heap_knob_linger();
	for (kind = 0; kind < QUOTA_KINDS; kind++) {
		user->used[kind] += more[kind];
		quota_total[kind] += more[kind];
	}
	return 0;
}

static void quota_give(struct heap_quota *user, const u64 *less)
{
	int kind;

	lockdep_assert_held(&quota_lock);
	for (kind = 0; kind < QUOTA_KINDS; kind++) {
		WARN_ON(user->used[kind] < less[kind]);
		user->used[kind] -= less[kind];
		quota_total[kind] -= less[kind];
	}
}

static struct heap_quota *quota_find(kuid_t uid)
{
	struct heap_quota *user;

	lockdep_assert_held(&quota_lock);
	hash_for_each_possible(quota_users, user, entry, __kuid_val(uid))
		if (uid_eq(user->uid, uid))
			return user;
	return NULL;
}

/* Takes one buffer. -ENOENT: there is no record of @uid and no @fresh one to use. */
static int quota_enter(kuid_t uid, struct heap_quota *fresh, struct heap_quota **user)
{
	static const u64 more[QUOTA_KINDS] = { [QUOTA_BUFFERS] = 1 };
	struct heap_quota *found;
	int ret = -ENOENT;

	spin_lock(&quota_lock);
	found = quota_find(uid) ?: fresh;
	if (found)
		ret = quota_take(found, more);
	if (!ret && found == fresh)
		hash_add(quota_users, &fresh->entry, __kuid_val(uid));
	spin_unlock(&quota_lock);
	if (!ret)
		*user = found;
	return ret;
}

/**
 * dmabuf_heap_quota_enter() - one buffer more for the caller's user
 * @user: set to the user's record, which dmabuf_heap_quota_leave() lets go of
 *
 * Context: the creator's process; may sleep.
 * Return: 0; -EDQUOT for more buffers than there may be; -ENOMEM.
 */
int dmabuf_heap_quota_enter(struct heap_quota **user)
{
	kuid_t uid = dmabuf_heap_quota_payer();
	struct heap_quota *fresh;
	int ret = quota_enter(uid, NULL, user);

	if (ret != -ENOENT)
		return ret;
	fresh = dmabuf_heap_alloc(sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	fresh->uid = uid;
	ret = quota_enter(uid, fresh, user);
	/* Refused, or the same user's other process was faster. */
	if (ret || *user != fresh)
		kfree(fresh);
	return ret;
}

/**
 * dmabuf_heap_quota_leave() - one buffer less
 * @user: the buffer's; may be gone after this
 *
 * Context: any but interrupts. All that was charged for the buffer is uncharged.
 */
void dmabuf_heap_quota_leave(struct heap_quota *user)
{
	static const u64 less[QUOTA_KINDS] = { [QUOTA_BUFFERS] = 1 };
	bool last;

	spin_lock(&quota_lock);
	quota_give(user, less);
	last = !user->used[QUOTA_BUFFERS];
	if (last)
		hash_del(&user->entry);
	spin_unlock(&quota_lock);
	if (last)
		kfree(user);
}

/* Counts memory before it is allocated; @bytes may already have what is @scarce. */
static int quota_charge(struct heap_quota *user, u64 bytes, u64 scarce)
{
	const u64 more[QUOTA_KINDS] = { [QUOTA_BYTES] = bytes, [QUOTA_SCARCE] = scarce };
	int ret;

	spin_lock(&quota_lock);
	ret = quota_take(user, more);
	spin_unlock(&quota_lock);
	if (!ret)
		dmabuf_heap_stats_add(HEAP_STAT_SCARCE_PAGES, scarce >> PAGE_SHIFT);
	return ret;
}

/* Of what was charged; it was freed, or couldn't be had. */
static void quota_uncharge(struct heap_quota *user, u64 bytes, u64 scarce)
{
	const u64 less[QUOTA_KINDS] = { [QUOTA_BYTES] = bytes, [QUOTA_SCARCE] = scarce };

	dmabuf_heap_stats_add(HEAP_STAT_SCARCE_PAGES, -(long)(scarce >> PAGE_SHIFT));
	spin_lock(&quota_lock);
	quota_give(user, less);
	spin_unlock(&quota_lock);
}

/* What can be known before there is memory. */
static u64 scarce_by_limits(u64 length, const struct heap_merged *merged)
{
	u64 max_addr = dmabuf_heap_limits_max_addr(&merged->limits);
	bool low = max_addr != U64_MAX && max_addr < dmabuf_heap_machine_end() - 1;
	bool large = dmabuf_heap_limits_one_run(merged) &&
		     length > (u64)PAGE_SIZE << DMABUF_HEAP_MAX_ORDER;

	return low || large ? length : 0;
}

/**
 * dmabuf_heap_quota_alloc() - allocate memory that suits, and count it
 * @user: who pays
 * @charge: set to what was charged; untouched by an error
 * @backing: filled in on success, empty or as it was after an error
 * @length: bytes, whole pages
 * @merged: limits that the memory must serve
 *
 * A move allocates the new memory by this before dmabuf_heap_quota_free() of the old.
 *
 * Context: may sleep; @user has a buffer.
 * Return: 0; -EDQUOT; any error of dmabuf_heap_backing_alloc().
 */
int dmabuf_heap_quota_alloc(struct heap_quota *user, struct heap_charge *charge,
			    struct heap_backing *backing, u64 length,
			    const struct heap_merged *merged)
{
	struct heap_charge new = { length, scarce_by_limits(length, merged) };
	u64 ranged, more;
	int ret;

	ret = quota_charge(user, new.bytes, new.scarce);
	if (ret)
		return ret;
	ret = dmabuf_heap_backing_alloc(backing, length, merged);
	if (ret)
		goto uncharge;
	/* That it had to come by range is known only now. */
	ranged = dmabuf_heap_backing_ranged(backing);
	more = ranged > new.scarce ? ranged - new.scarce : 0;
	ret = quota_charge(user, 0, more);
	if (ret)
		goto free_backing;
	new.scarce += more;
	*charge = new;
	return 0;

free_backing:
	dmabuf_heap_backing_free(backing);
uncharge:
	quota_uncharge(user, new.bytes, new.scarce);
	return ret;
}

/**
 * dmabuf_heap_quota_free() - give memory back, and count it no more
 * @user: who paid
 * @charge: what dmabuf_heap_quota_alloc() set; zero afterwards
 * @backing: emptied
 *
 * Context: may sleep; @user has a buffer. Nobody may use the memory any more.
 */
void dmabuf_heap_quota_free(struct heap_quota *user, struct heap_charge *charge,
			    struct heap_backing *backing)
{
	dmabuf_heap_backing_free(backing);
	quota_uncharge(user, charge->bytes, charge->scarce);
	*charge = (struct heap_charge) {};
}
