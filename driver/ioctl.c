// SPDX-License-Identifier: GPL-2.0
/*
 * The calls: copy in, check, do, copy out. The only file that touches a caller's
 * memory. What a call makes becomes visible as its last step, when nothing can
 * fail any more.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/dma-buf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "attachment.h"
#include "buffer.h"
#include "device.h"
#include "export.h"
#include "ioctl.h"
#include "registry.h"
#include "snapshot.h"

union ioctl_arg {
	u32 size;
	struct dmabuf_heap_info info;
	struct dmabuf_heap_create create;
	struct dmabuf_heap_attach attach;
	struct dmabuf_heap_detach detach;
	struct dmabuf_heap_commit commit;
	struct dmabuf_heap_seal seal;
	struct dmabuf_heap_query query;
	struct dmabuf_heap_query_attachments query_attachments;
};

/* The struct goes back as far as the caller knows it. */
static int ioctl_respond(void __user *user, const union ioctl_arg *arg, size_t known)
{
	return copy_to_user(user, arg, min_t(size_t, arg->size, known)) ? -EFAULT : 0;
}

/* Finds our buffer behind an fd. The dma-buf is to be put. */
static struct heap_buffer *ioctl_buffer_get(int fd)
{
	struct dma_buf *dmabuf = dma_buf_get(fd);
	struct heap_buffer *buf;

	if (IS_ERR(dmabuf))
		return ERR_CAST(dmabuf);
	buf = dmabuf_heap_export_buffer(dmabuf);
	if (buf)
		return buf;
	dma_buf_put(dmabuf);
	return ERR_PTR(-EINVAL);
}

static void ioctl_buffer_put(struct heap_buffer *buf)
{
	dma_buf_put(buf->dmabuf);
}

/* A name: ends within its field and has nothing that would break a line. */
static int ioctl_check_text(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (!text[i])
			return 0;
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return -EINVAL;
	}
	return -EINVAL;
}

static int ioctl_info(union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_info *info = &arg->info;

	if (info->flags)
		return -EINVAL;
	info->out_abi = DMABUF_HEAP_ABI;
	info->out_page_size = PAGE_SIZE;
	info->out_limits = (1ULL << DMABUF_HEAP_LIMIT_COUNT) - 1;
	info->out_features = 0;
	info->out_max_length = dmabuf_heap_buffer_max_length();
	return ioctl_respond(user, arg, sizeof(*info));
}

static int create_check(const struct dmabuf_heap_create *create)
{
	u32 access = create->fd_flags & O_ACCMODE;

	if (create->flags || !create->length)
		return -EINVAL;
	if (create->fd_flags & ~(O_ACCMODE | O_CLOEXEC) ||
	    (access != O_RDONLY && access != O_RDWR))
		return -EINVAL;
	if (ioctl_check_text(create->name, sizeof(create->name)))
		return -EINVAL;
	if (create->length > dmabuf_heap_buffer_max_length())
		return -EOPNOTSUPP;
	return 0;
}

static int ioctl_create(union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_create *create = &arg->create;
	struct heap_buffer *buf;
	int fd, ret;

	ret = create_check(create);
	if (ret)
		return ret;
	fd = get_unused_fd_flags(create->fd_flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	buf = dmabuf_heap_buffer_create(PAGE_ALIGN(create->length), create->fd_flags & O_ACCMODE,
					create->name, &dmabuf_heap_export_ops);
	if (IS_ERR(buf)) {
		ret = PTR_ERR(buf);
		goto put_fd;
	}

	create->out_fd = fd;
	create->out_id = buf->id;
	create->out_length = buf->length;
	ret = ioctl_respond(user, arg, sizeof(*create));
	if (ret)
		goto put_buffer;
	/* Nothing fails from here on. The fd takes over the reference. */
	dmabuf_heap_registry_add(buf);
	fd_install(fd, buf->dmabuf->file);
	return 0;

put_buffer:
	ioctl_buffer_put(buf);
put_fd:
	put_unused_fd(fd);
	return ret;
}

static int attach_check(const struct dmabuf_heap_attach *attach)
{
	const u32 access = DMABUF_HEAP_ACCESS_READ | DMABUF_HEAP_ACCESS_WRITE;

	if (attach->flags & ~DMABUF_HEAP_ATTACH_TEST || attach->__reserved)
		return -EINVAL;
	if (!attach->access || attach->access & ~access)
		return -EINVAL;
	if (!attach->limits != !attach->limits_len || !attach->answer != !attach->answer_len)
		return -EINVAL;
	if (attach->device_fd == DMABUF_HEAP_NO_DEVICE && !attach->limits)
		return -EINVAL;
	return ioctl_check_text(attach->label, sizeof(attach->label));
}

static int attach_read_limits(const struct dmabuf_heap_attach *attach, struct heap_limits *limits)
{
	struct dmabuf_heap_limits from;
	int ret;

	memset(limits, 0, sizeof(*limits));
	if (!attach->limits)
		return 0;
	if (attach->limits_len < offsetofend(struct dmabuf_heap_limits, valid))
		return -EINVAL;
	if (attach->limits_len > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(&from, sizeof(from), u64_to_user_ptr(attach->limits),
				    attach->limits_len);
	if (ret)
		return ret;
	return dmabuf_heap_limits_import(limits, &from, PAGE_SIZE);
}

static int attach_read(const struct dmabuf_heap_attach *attach, struct heap_declaration *what)
{
	struct heap_limits requirement;
	int ret;

	ret = attach_read_limits(attach, &requirement);
	if (ret)
		return ret;
	memset(what, 0, sizeof(*what));
	what->access = attach->access;
	what->test = attach->flags & DMABUF_HEAP_ATTACH_TEST;
	strscpy(what->label, attach->label, sizeof(what->label));
	if (attach->device_fd == DMABUF_HEAP_NO_DEVICE)
		what->device.flags = DMABUF_HEAP_ATTACHMENT_NO_DEVICE;
	else
		ret = dmabuf_heap_device_from_fd(attach->device_fd, &what->device);
	if (ret)
		return ret;
	dmabuf_heap_limits_narrow(&what->device.limits, &requirement);
	return 0;
}

static int attach_respond(union ioctl_arg *arg, void __user *user,
			  const struct dmabuf_heap_answer *answer)
{
	struct dmabuf_heap_attach *attach = &arg->attach;

	if (attach->answer &&
	    copy_to_user(u64_to_user_ptr(attach->answer), answer,
			 min_t(size_t, attach->answer_len, sizeof(*answer))))
		return -EFAULT;
	return ioctl_respond(user, arg, sizeof(*attach));
}

static int attach_buffer(struct heap_buffer *buf, union ioctl_arg *arg, void __user *user,
			 const struct heap_declaration *what, struct dmabuf_heap_answer *answer)
{
	int ret, fault;

	ret = dmabuf_heap_attachment_declare(buf, what, answer, &arg->attach.out_id);
	if (ret && ret != -EBUSY && ret != -EOPNOTSUPP)
		return ret;
	fault = attach_respond(arg, user, answer);
	if (!fault)
		return ret;
	/* The caller can't know of it, so it must not stay. */
	if (arg->attach.out_id)
		dmabuf_heap_attachment_undo(buf, arg->attach.out_id);
	return fault;
}

static int ioctl_attach(union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_answer *answer;
	struct heap_declaration *what;
	struct heap_buffer *buf;
	int ret;

	ret = attach_check(&arg->attach);
	if (ret)
		return ret;
	buf = ioctl_buffer_get(arg->attach.fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	answer = kzalloc(sizeof(*answer), GFP_KERNEL_ACCOUNT);
	what = kzalloc(sizeof(*what), GFP_KERNEL_ACCOUNT);
	ret = answer && what ? attach_read(&arg->attach, what) : -ENOMEM;
	if (!ret)
		ret = attach_buffer(buf, arg, user, what, answer);
	kfree(what);
	kfree(answer);
	ioctl_buffer_put(buf);
	return ret;
}

static int ioctl_detach(union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_detach *detach = &arg->detach;
	struct heap_buffer *buf;
	int ret = -EPERM;

	if (detach->flags || detach->__reserved)
		return -EINVAL;
	buf = ioctl_buffer_get(detach->fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	if (dmabuf_heap_buffer_may_manage(buf))
		ret = dmabuf_heap_attachment_detach(buf, detach->id);
	ioctl_buffer_put(buf);
	return ret;
}

static int ioctl_commit(union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_commit *commit = &arg->commit;
	struct heap_buffer *buf;
	int ret;

	if (commit->flags || commit->__reserved)
		return -EINVAL;
	buf = ioctl_buffer_get(commit->fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	ret = dmabuf_heap_buffer_back(buf, DMABUF_HEAP_FIRST_COMMIT);
	ioctl_buffer_put(buf);
	return ret;
}

static int ioctl_seal(union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_seal *seal = &arg->seal;
	struct heap_buffer *buf;
	int ret = -EPERM;

	if (seal->flags || seal->__reserved)
		return -EINVAL;
	buf = ioctl_buffer_get(seal->fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	if (dmabuf_heap_buffer_may_manage(buf))
		ret = dmabuf_heap_buffer_seal(buf);
	ioctl_buffer_put(buf);
	return ret;
}

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
		buf = ioctl_buffer_get(fd);
		if (IS_ERR(buf))
			return buf;
		refcount_inc(&buf->refs);
		ioctl_buffer_put(buf);
		return buf;
	}
	buf = dmabuf_heap_registry_get(id);
	if (!buf)
		return ERR_PTR(-ENOENT);
	if (!dmabuf_heap_buffer_may_manage(buf)) {
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

/* The next buffer above *cursor that the caller may see and that still lives. */
static bool query_next(u64 *cursor, bool all, struct dmabuf_heap_buffer_record *rec)
{
	struct heap_buffer *buf;
	bool found = false;

	while (!found && !fatal_signal_pending(current)) {
		buf = dmabuf_heap_registry_next(*cursor);
		if (!buf)
			break;
		*cursor = buf->id;
		found = (all || uid_eq(buf->uid, current_euid())) &&
			dmabuf_heap_snapshot_take(buf, rec);
		dmabuf_heap_buffer_put(buf);
		cond_resched();
	}
	return found;
}

static int query_all(struct dmabuf_heap_query *query, struct dmabuf_heap_buffer_record *rec)
{
	bool all = capable(CAP_SYS_ADMIN);
	u64 cursor = query->id;
	int ret;

	query->out_cursor = cursor;
	while (query_next(&cursor, all, rec)) {
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

static int query_check(const struct dmabuf_heap_query *query)
{
	if (query->flags || !query->count || query->by > DMABUF_HEAP_QUERY_ALL)
		return -EINVAL;
	if (query->by == DMABUF_HEAP_QUERY_FD ? query->id != 0 : query->fd != 0)
		return -EINVAL;
	return query_check_records(query->record_size);
}

static int ioctl_query(union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_query *query = &arg->query;
	struct dmabuf_heap_buffer_record *rec;
	int ret;

	ret = query_check(query);
	if (ret)
		return ret;
	query->out_count = 0;
	query->out_more = 0;
	rec = kmalloc(sizeof(*rec), GFP_KERNEL_ACCOUNT);
	if (!rec)
		return -ENOMEM;
	if (query->by == DMABUF_HEAP_QUERY_ALL)
		ret = query_all(query, rec);
	else
		ret = query_one(query, rec);
	kfree(rec);
	return ret ?: ioctl_respond(user, arg, sizeof(*query));
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
		*recs = kvmalloc_array(room, sizeof(**recs), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
		if (!*recs)
			return -ENOMEM;
	}
}

static int query_attachments_copy(struct dmabuf_heap_query_attachments *query,
				  struct heap_buffer *buf)
{
	struct dmabuf_heap_attachment_record *recs;
	int ret;
	u32 i;

	ret = query_attachments_read(buf, query->count, &query->out_count, &recs);
	if (ret == -ENOENT && query->by == DMABUF_HEAP_QUERY_FD)
		ret = -EBADF;
	for (i = 0; !ret && i < min(query->count, query->out_count); i++)
		ret = record_put(query->records, i, query->record_size, &recs[i], sizeof(*recs));
	kvfree(recs);
	return ret;
}

static int ioctl_query_attachments(union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_query_attachments *query = &arg->query_attachments;
	struct heap_buffer *buf;
	int ret;

	if (query->flags || query->__reserved || query->by > DMABUF_HEAP_QUERY_ID)
		return -EINVAL;
	if (query->by == DMABUF_HEAP_QUERY_FD ? query->id != 0 : query->fd != 0)
		return -EINVAL;
	ret = query_check_records(query->record_size);
	if (ret)
		return ret;
	buf = query_get(query->by, query->fd, query->id);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	ret = query_attachments_copy(query, buf);
	dmabuf_heap_buffer_put(buf);
	return ret ?: ioctl_respond(user, arg, sizeof(*query));
}

struct ioctl_op {
	unsigned int cmd;
	u32 size;		/* of the struct as this kernel knows it */
	u32 min_size;		/* of its first version */
	int (*execute)(union ioctl_arg *arg, void __user *user);
};

#define IOCTL_OP(_cmd, _execute, _struct, _last)				\
	[_IOC_NR(_cmd)] = {							\
		.cmd = _cmd,							\
		.size = sizeof(struct _struct),					\
		.min_size = offsetofend(struct _struct, _last),			\
		.execute = _execute,						\
	}

static const struct ioctl_op ioctl_ops[] = {
	IOCTL_OP(DMABUF_HEAP_IOC_INFO, ioctl_info, dmabuf_heap_info, out_max_length),
	IOCTL_OP(DMABUF_HEAP_IOC_CREATE, ioctl_create, dmabuf_heap_create, name),
	IOCTL_OP(DMABUF_HEAP_IOC_ATTACH, ioctl_attach, dmabuf_heap_attach, label),
	IOCTL_OP(DMABUF_HEAP_IOC_DETACH, ioctl_detach, dmabuf_heap_detach, id),
	IOCTL_OP(DMABUF_HEAP_IOC_COMMIT, ioctl_commit, dmabuf_heap_commit, __reserved),
	IOCTL_OP(DMABUF_HEAP_IOC_SEAL, ioctl_seal, dmabuf_heap_seal, __reserved),
	IOCTL_OP(DMABUF_HEAP_IOC_QUERY, ioctl_query, dmabuf_heap_query, out_cursor),
	IOCTL_OP(DMABUF_HEAP_IOC_QUERY_ATTACHMENTS, ioctl_query_attachments,
		 dmabuf_heap_query_attachments, __reserved),
};

/**
 * dmabuf_heap_ioctl() - all calls
 * @file: unused
 * @cmd: one of DMABUF_HEAP_IOC_*
 * @user: pointer to the call's struct
 *
 * Context: the calling process; may sleep.
 * Return: 0 or one of the errors that the uAPI header lists.
 */
long dmabuf_heap_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	void __user *ptr = (void __user *)user;
	unsigned int nr = _IOC_NR(cmd);
	const struct ioctl_op *op;
	union ioctl_arg arg = { };
	u32 size;
	int ret;

	if (nr >= ARRAY_SIZE(ioctl_ops))
		return -ENOTTY;
	op = &ioctl_ops[array_index_nospec(nr, ARRAY_SIZE(ioctl_ops))];
	if (op->cmd != cmd)
		return -ENOTTY;
	if (get_user(size, (u32 __user *)ptr))
		return -EFAULT;
	if (size < op->min_size)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(&arg, op->size, ptr, size);
	if (ret)
		return ret;
	/* The caller may have changed its mind, and its copy, in between. */
	arg.size = size;
	return op->execute(&arg, ptr);
}
