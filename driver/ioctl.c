// SPDX-License-Identifier: GPL-2.0
/*
 * The calls: copy in, check, do, copy out. Only this file, query.c and watch.c touch
 * a caller's memory. What a call makes becomes visible as its last step, when
 * nothing can fail any more.
 */
#include <linux/dma-buf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "attachment.h"
#include "buffer.h"
#include "check.h"
#include "device.h"
#include "export.h"
#include "memory.h"
#include "ioctl.h"
#include "query.h"
#include "registry.h"
#include "watch.h"

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
	struct dmabuf_heap_watch watch;
};

/* The struct goes back as far as the caller knows it. */
static int ioctl_respond(void __user *user, const union ioctl_arg *arg, size_t known)
{
	return copy_to_user(user, arg, min_t(size_t, arg->size, known)) ? -EFAULT : 0;
}

static int ioctl_info(struct file *file, union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_info *info = &arg->info;

	if (info->flags)
		return -EINVAL;
	info->out_abi = DMABUF_HEAP_ABI;
	info->out_page_size = PAGE_SIZE;
	info->out_limits = (1ULL << DMABUF_HEAP_LIMIT_COUNT) - 1;
	info->out_features = DMABUF_HEAP_FEATURE_MOVE;
	info->out_max_length = dmabuf_heap_buffer_max_length();
	return ioctl_respond(user, arg, sizeof(*info));
}

static int ioctl_create(struct file *file, union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_create *create = &arg->create;
	struct heap_buffer *buf;
	int fd, ret;

	ret = dmabuf_heap_check_create(create->length, create->flags, create->fd_flags,
				       create->name);
	if (ret)
		return ret;
	fd = dmabuf_heap_knob_fail() ? -EMFILE : get_unused_fd_flags(create->fd_flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	buf = dmabuf_heap_buffer_create(PAGE_ALIGN(create->length), create->flags,
					create->fd_flags & O_ACCMODE, create->name,
					&dmabuf_heap_export_ops);
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
	dmabuf_heap_export_put(buf);
put_fd:
	put_unused_fd(fd);
	return ret;
}

static int attach_check(const struct dmabuf_heap_attach *attach)
{
	if (attach->flags & ~DMABUF_HEAP_ATTACH_TEST || attach->__reserved)
		return -EINVAL;
	if (!attach->limits != !attach->limits_len || !attach->answer != !attach->answer_len)
		return -EINVAL;
	return dmabuf_heap_check_attach(attach->access, attach->label,
					attach->device_fd != DMABUF_HEAP_NO_DEVICE, attach->limits);
}

static int attach_read_limits(const struct dmabuf_heap_attach *attach, struct heap_limits *limits)
{
	const size_t valid = offsetofend(struct dmabuf_heap_limits, valid);
	struct dmabuf_heap_limits from;
	int ret;

	if (!attach->limits)
		return 0;
	if (attach->limits_len < valid ||
	    (attach->limits_len - valid) % sizeof(struct dmabuf_heap_limit))
		return -EINVAL;
	if (attach->limits_len > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(&from, sizeof(from), u64_to_user_ptr(attach->limits),
				    attach->limits_len);
	if (ret)
		return ret;
	return dmabuf_heap_check_requirement(&from, limits);
}

/* Fills in @what, which is zero. On success the caller puts its device. */
static int attach_read(const struct dmabuf_heap_attach *attach, struct heap_declaration *what)
{
	int ret = attach_read_limits(attach, &what->requirement);

	if (ret)
		return ret;
	what->access = attach->access;
	what->test = attach->flags & DMABUF_HEAP_ATTACH_TEST;
	strscpy(what->label, attach->label, sizeof(what->label));
	if (attach->device_fd != DMABUF_HEAP_NO_DEVICE)
		return dmabuf_heap_device_from_fd(attach->device_fd, &what->device);
	what->device.flags = DMABUF_HEAP_ATTACHMENT_NO_DEVICE;
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

static int ioctl_attach(struct file *file, union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_answer *answer;
	struct heap_declaration *what;
	struct heap_buffer *buf;
	int ret;

	ret = attach_check(&arg->attach);
	if (ret)
		return ret;
	buf = dmabuf_heap_export_get(arg->attach.fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	answer = dmabuf_heap_alloc(sizeof(*answer));
	what = dmabuf_heap_alloc(sizeof(*what));
	ret = -ENOMEM;
	if (!answer || !what)
		goto free;
	ret = attach_read(&arg->attach, what);
	if (ret)
		goto free;
	ret = attach_buffer(buf, arg, user, what, answer);
	dmabuf_heap_device_put(&what->device);
free:
	kfree(what);
	kfree(answer);
	dmabuf_heap_export_put(buf);
	return ret;
}

static int ioctl_detach(struct file *file, union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_detach *detach = &arg->detach;
	struct heap_buffer *buf;
	int ret = -EPERM;

	if (detach->flags || detach->__reserved)
		return -EINVAL;
	buf = dmabuf_heap_export_get(detach->fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	if (dmabuf_heap_buffer_may_manage(buf))
		ret = dmabuf_heap_attachment_detach(buf, detach->id);
	dmabuf_heap_export_put(buf);
	return ret;
}

static int ioctl_commit(struct file *file, union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_commit *commit = &arg->commit;
	struct heap_buffer *buf;
	int ret;

	if (commit->flags || commit->__reserved)
		return -EINVAL;
	buf = dmabuf_heap_export_get(commit->fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	ret = dmabuf_heap_buffer_back(buf, DMABUF_HEAP_FIRST_COMMIT);
	dmabuf_heap_export_put(buf);
	return ret;
}

static int ioctl_seal(struct file *file, union ioctl_arg *arg, void __user *user)
{
	struct dmabuf_heap_seal *seal = &arg->seal;
	struct heap_buffer *buf;
	int ret = -EPERM;

	if (seal->flags || seal->__reserved)
		return -EINVAL;
	buf = dmabuf_heap_export_get(seal->fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	if (dmabuf_heap_buffer_may_manage(buf))
		ret = dmabuf_heap_buffer_seal(buf);
	dmabuf_heap_export_put(buf);
	return ret;
}

static int ioctl_query(struct file *file, union ioctl_arg *arg, void __user *user)
{
	return dmabuf_heap_query_buffers(&arg->query) ?:
	       ioctl_respond(user, arg, sizeof(arg->query));
}

static int ioctl_query_attachments(struct file *file, union ioctl_arg *arg, void __user *user)
{
	return dmabuf_heap_query_attachments(&arg->query_attachments) ?:
	       ioctl_respond(user, arg, sizeof(arg->query_attachments));
}

static int ioctl_watch(struct file *file, union ioctl_arg *arg, void __user *user)
{
	return dmabuf_heap_watch(file, &arg->watch);
}

struct ioctl_op {
	unsigned int cmd;
	u32 size;		/* of the struct as this kernel knows it */
	u32 min_size;		/* of its first version */
	int (*execute)(struct file *file, union ioctl_arg *arg, void __user *user);
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
	IOCTL_OP(DMABUF_HEAP_IOC_WATCH, ioctl_watch, dmabuf_heap_watch, id),
};

/**
 * dmabuf_heap_ioctl() - all calls
 * @file: an open file of the device
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
	union ioctl_arg arg;
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
	return op->execute(file, &arg, ptr);
}
