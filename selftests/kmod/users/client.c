// SPDX-License-Identifier: GPL-2.0
/*
 * A module that makes buffers for itself: see client.h.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <linux/dmabuf-heap-kernel.h>

#include "client.h"

static struct platform_device *client_device;

static struct platform_driver client_driver = {
	.driver = { .name = CLIENT_NODE },
};

/**
 * struct client - an open file
 * @lock: for the rest
 * @dmabuf: the buffer, NULL for none
 * @attachment: of the map, NULL for none
 * @table: what the map gave
 * @thread: calls are made by a kernel thread
 */
struct client {
	struct mutex lock;	/* see above */
	struct dma_buf *dmabuf;
	struct dma_buf_attachment *attachment;
	struct sg_table *table;
	bool thread;
};

static int client_create(struct client *client, void *arg)
{
	struct client_create *create = arg;
	struct dma_buf *dmabuf;

	if (client->dmabuf)
		return -EBADFD;
	create->name[CLIENT_TEXT - 1] = '\0';
	dmabuf = dmabuf_heap_kernel_create(create->length, create->flags, create->file_flags,
					   create->name[0] ? create->name : NULL);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	client->dmabuf = dmabuf;
	return 0;
}

static int client_adopt(struct client *client, void *arg)
{
	struct dma_buf *dmabuf;

	if (client->dmabuf)
		return -EBADFD;
	dmabuf = dma_buf_get(*(int *)arg);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	client->dmabuf = dmabuf;
	return 0;
}

static int client_put(struct client *client, void *arg)
{
	if (!client->dmabuf || client->attachment)
		return -EBADFD;
	dma_buf_put(client->dmabuf);
	client->dmabuf = NULL;
	return 0;
}

static int client_fd(struct client *client, void *arg)
{
	int fd;

	if (!client->dmabuf)
		return -EBADFD;
	get_dma_buf(client->dmabuf);
	fd = dma_buf_fd(client->dmabuf, O_CLOEXEC);
	if (fd < 0)
		dma_buf_put(client->dmabuf);
	return fd;
}

static int client_attach(struct client *client, void *arg)
{
	struct client_attach *attach = arg;
	const struct dmabuf_heap_declaration what = {
		.dev = attach->flags & CLIENT_DEVICE ? &client_device->dev : NULL,
		.access = attach->access,
		.label = attach->label[0] ? attach->label : NULL,
		.limits = attach->flags & CLIENT_REQUIREMENT ? &attach->limits : NULL,
	};
	bool quiet = attach->flags & CLIENT_QUIET;

	if (!client->dmabuf)
		return -EBADFD;
	attach->label[CLIENT_TEXT - 1] = '\0';
	return dmabuf_heap_kernel_attach(client->dmabuf, &what, quiet ? NULL : &attach->id,
					 quiet ? NULL : &attach->report);
}

static int client_detach(struct client *client, void *arg)
{
	return client->dmabuf ? dmabuf_heap_kernel_detach(client->dmabuf, *(u64 *)arg) : -EBADFD;
}

static int client_seal(struct client *client, void *arg)
{
	return client->dmabuf ? dmabuf_heap_kernel_seal(client->dmabuf) : -EBADFD;
}

static int client_commit(struct client *client, void *arg)
{
	return client->dmabuf ? dmabuf_heap_kernel_commit(client->dmabuf) : -EBADFD;
}

static struct sg_table *client_map_locked(struct dma_buf_attachment *attachment)
{
	struct sg_table *table;

	dma_resv_lock(attachment->dmabuf->resv, NULL);
	table = dma_buf_map_attachment(attachment, DMA_BIDIRECTIONAL);
	dma_resv_unlock(attachment->dmabuf->resv);
	return table;
}

static void client_look(struct sg_table *table, struct client_map *map)
{
	struct scatterlist *sg;
	u64 all = 0;
	int i;

	memset(map, 0, sizeof(*map));
	for_each_sgtable_dma_sg(table, sg, i) {
		map->bytes += sg_dma_len(sg);
		map->last = max_t(u64, map->last, sg_dma_address(sg) + sg_dma_len(sg) - 1);
		map->segments++;
		all |= sg_dma_address(sg);
	}
	map->align_bits = all ? __ffs64(all) : 64;
}

static int client_map(struct client *client, void *arg)
{
	struct dma_buf_attachment *attachment;
	struct sg_table *table;

	if (!client->dmabuf || client->attachment)
		return -EBADFD;
	attachment = dma_buf_attach(client->dmabuf, &client_device->dev);
	if (IS_ERR(attachment))
		return PTR_ERR(attachment);
	table = client_map_locked(attachment);
	if (IS_ERR(table)) {
		dma_buf_detach(client->dmabuf, attachment);
		return PTR_ERR(table);
	}
	client->attachment = attachment;
	client->table = table;
	client_look(table, arg);
	return 0;
}

static int client_unmap(struct client *client, void *arg)
{
	if (!client->attachment)
		return -EBADFD;
	dma_resv_lock(client->dmabuf->resv, NULL);
	dma_buf_unmap_attachment(client->attachment, client->table, DMA_BIDIRECTIONAL);
	dma_resv_unlock(client->dmabuf->resv);
	dma_buf_detach(client->dmabuf, client->attachment);
	client->attachment = NULL;
	return 0;
}

/* Its own lock is what others read it under. */
static int client_mask(struct client *client, void *arg)
{
	struct device *dev = &client_device->dev;
	u64 mask = *(u64 *)arg;

	device_lock(dev);
	client_device->platform_dma_mask = mask;
	dev->dma_mask = mask ? &client_device->platform_dma_mask : NULL;
	device_unlock(dev);
	return 0;
}

static int client_thread(struct client *client, void *arg)
{
	client->thread = *(int *)arg;
	return 0;
}

static bool platform_owns(const struct file *file, const struct device *node)
{
	return false;
}

static int platform_read(struct file *file, struct device *node,
			 struct dmabuf_heap_platform_answer *answer)
{
	return -ENOENT;
}

static void platform_limits(struct device *dev, struct dmabuf_heap_limits *limits)
{
}

static int client_platform(struct client *client, void *arg)
{
	int has = *(int *)arg, ret;
	struct dmabuf_heap_platform platform = {
		.name = has & CLIENT_HAS_NAME ? CLIENT_MODULE : NULL,
		.owns = has & CLIENT_HAS_OWNS ? platform_owns : NULL,
		.read = has & CLIENT_HAS_READ ? platform_read : NULL,
		.limits = has & CLIENT_HAS_LIMITS ? platform_limits : NULL,
	};

	ret = dmabuf_heap_platform_register(&platform);
	if (!ret && has & CLIENT_TWICE)
		ret = dmabuf_heap_platform_register(&platform);
	/* Also one that isn't registered. */
	dmabuf_heap_platform_unregister(&platform);
	return ret;
}

struct client_call {
	unsigned int cmd;
	bool here;	/* needs the process */
	int (*run)(struct client *client, void *arg);
};

static const struct client_call calls[] = {
	{ CLIENT_CREATE, false, client_create },
	{ CLIENT_ADOPT, true, client_adopt },
	{ CLIENT_PUT, false, client_put },
	{ CLIENT_FD, true, client_fd },
	{ CLIENT_ATTACH, false, client_attach },
	{ CLIENT_DETACH, false, client_detach },
	{ CLIENT_SEAL, false, client_seal },
	{ CLIENT_COMMIT, false, client_commit },
	{ CLIENT_MAP, false, client_map },
	{ CLIENT_UNMAP, false, client_unmap },
	{ CLIENT_MASK, false, client_mask },
	{ CLIENT_THREAD, true, client_thread },
	{ CLIENT_PLATFORM, false, client_platform },
};

struct client_job {
	struct work_struct work;
	const struct client_call *call;
	struct client *client;
	void *arg;
	int ret;
};

static void job_run(struct work_struct *work)
{
	struct client_job *job = container_of(work, struct client_job, work);

	job->ret = WARN_ON(current->mm) ? -EINVAL : job->call->run(job->client, job->arg);
}

static int call_run(struct client *client, const struct client_call *call, void *arg)
{
	struct client_job job = { .call = call, .client = client, .arg = arg };

	if (call->here || !client->thread)
		return call->run(client, arg);
	INIT_WORK_ONSTACK(&job.work, job_run);
	schedule_work(&job.work);
	flush_work(&job.work);
	destroy_work_on_stack(&job.work);
	return job.ret;
}

static int call_run_user(struct client *client, const struct client_call *call,
			 void __user *user, void *arg)
{
	unsigned int dir = _IOC_DIR(call->cmd), size = _IOC_SIZE(call->cmd);
	int ret;

	if (dir & _IOC_WRITE && copy_from_user(arg, user, size))
		return -EFAULT;
	mutex_lock(&client->lock);
	ret = call_run(client, call, arg);
	mutex_unlock(&client->lock);
	/* What a call says when it fails too. */
	if (dir & _IOC_READ && copy_to_user(user, arg, size))
		return -EFAULT;
	return ret;
}

static long client_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	void *arg;
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(calls) && calls[i].cmd != cmd; i++)
		;
	if (i == ARRAY_SIZE(calls))
		return -ENOTTY;
	arg = kzalloc(max_t(size_t, _IOC_SIZE(cmd), sizeof(u64)), GFP_KERNEL);
	if (!arg)
		return -ENOMEM;
	ret = call_run_user(file->private_data, &calls[i], (void __user *)user, arg);
	kfree(arg);
	return ret;
}

static int client_open(struct inode *inode, struct file *file)
{
	struct client *client = kzalloc(sizeof(*client), GFP_KERNEL);

	if (!client)
		return -ENOMEM;
	mutex_init(&client->lock);
	file->private_data = client;
	return 0;
}

static int client_release(struct inode *inode, struct file *file)
{
	struct client *client = file->private_data;

	client_unmap(client, NULL);
	client_put(client, NULL);
	kfree(client);
	return 0;
}

static const struct file_operations client_fops = {
	.owner = THIS_MODULE,
	.open = client_open,
	.release = client_release,
	.unlocked_ioctl = client_ioctl,
};

static struct miscdevice client_node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = CLIENT_NODE,
	.fops = &client_fops,
};

static int client_add_device(void)
{
	const struct platform_device_info info = {
		.name = CLIENT_NODE,
		.id = PLATFORM_DEVID_NONE,
		.dma_mask = DMA_BIT_MASK(64),
	};

	client_device = platform_device_register_full(&info);
	return PTR_ERR_OR_ZERO(client_device);
}

static int __init client_init(void)
{
	int ret;

	ret = platform_driver_register(&client_driver);
	if (ret)
		return ret;
	ret = client_add_device();
	if (ret)
		goto unregister_driver;
	ret = misc_register(&client_node);
	if (ret)
		goto unregister_device;
	return 0;

unregister_device:
	platform_device_unregister(client_device);
unregister_driver:
	platform_driver_unregister(&client_driver);
	return ret;
}

static void __exit client_exit(void)
{
	misc_deregister(&client_node);
	platform_device_unregister(client_device);
	platform_driver_unregister(&client_driver);
}

module_init(client_init);
module_exit(client_exit);

MODULE_DESCRIPTION("makes dma-bufs by the heap's in-kernel API, for tests");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "DMA_BUF");
MODULE_INFO(import_ns, "DMABUF_HEAP");
