// SPDX-License-Identifier: GPL-2.0
/*
 * The module: one misc device. Live buffers hold references to the module, so it
 * can't be unloaded under them.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "attachment.h"
#include "buffer.h"
#include "device.h"
#include "ioctl.h"
#include "platform.h"
#include "probe.h"
#include "quota.h"
#include "stats.h"
#include "watch.h"

/*
 * Nobody needs to know where devices are listed before the first open, and the
 * misc core opens and registers under one lock: our device is there by now. From
 * then on the file's private data is watch.c's.
 */
static int main_open(struct inode *inode, struct file *file)
{
	struct miscdevice *misc = file->private_data;

	dmabuf_heap_device_init(misc->this_device);
	file->private_data = NULL;
	return nonseekable_open(inode, file);
}

static const struct file_operations main_fops = {
	.owner = THIS_MODULE,
	.open = main_open,
	.release = dmabuf_heap_watch_release,
	.read = dmabuf_heap_watch_read,
	.poll = dmabuf_heap_watch_poll,
	.unlocked_ioctl = dmabuf_heap_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice main_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dmabuf-heap",
	.fops = &main_fops,
	.groups = dmabuf_heap_stats_groups,
};

/* Asked last: whatever registers later knows better. */
static struct dmabuf_heap_platform * const main_platforms[] = {
	&dmabuf_heap_probe_v4l2,
	&dmabuf_heap_probe_drm,
	&dmabuf_heap_probe_accel,
};

/* They need no end: who could be inside one has this module open. */
static int main_register_platforms(void)
{
	int i, ret = 0;

	for (i = 0; i < ARRAY_SIZE(main_platforms) && !ret; i++)
		ret = dmabuf_heap_platform_register(main_platforms[i]);
	return ret;
}

/* What was never prepared is no matter. */
static void main_end(void)
{
	dmabuf_heap_attachment_exit();
	dmabuf_heap_buffer_exit();
}

static int __init main_init(void)
{
	int ret;

	dmabuf_heap_quota_init();
	ret = dmabuf_heap_buffer_init() ?: dmabuf_heap_attachment_init() ?:
	      main_register_platforms() ?: misc_register(&main_misc);
	if (ret)
		main_end();
	return ret;
}

static void __exit main_exit(void)
{
	misc_deregister(&main_misc);
	main_end();
}

module_init(main_init);
module_exit(main_exit);

MODULE_DESCRIPTION("dma-bufs that are allocated once it is known who will use them");
MODULE_LICENSE("GPL");
