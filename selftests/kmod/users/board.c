// SPDX-License-Identifier: GPL-2.0
/*
 * A board that knows its devices: see board.h. Its node has no parent, so nothing but
 * this module knows which device it stands for.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/dmabuf-heap-kernel.h>

#include "board.h"

static char *device = BOARD_NODE;
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "how the names of the devices begin that have the limits");

static char *claim = "";
module_param(claim, charp, 0444);
MODULE_PARM_DESC(claim, "class of nodes that are the board's too");

static ulong max_addr;
module_param(max_addr, ulong, 0644);
MODULE_PARM_DESC(max_addr, "highest address, 0 for any");

static ulong align;
module_param(align, ulong, 0644);
MODULE_PARM_DESC(align, "where memory must begin, in bytes, 0 for anywhere");

static ulong chunk;
module_param(chunk, ulong, 0644);
MODULE_PARM_DESC(chunk, "bytes of the runs that are preferred, 0 for any");

static int node = NUMA_NO_NODE;
module_param(node, int, 0644);
MODULE_PARM_DESC(node, "NUMA node that is preferred, -1 for any");

static uint flags;
module_param(flags, uint, 0644);
MODULE_PARM_DESC(flags, "flags of answers for files");

static int error;
module_param(error, int, 0644);
MODULE_PARM_DESC(error, "errno of answers for files");

static uint delay;
module_param(delay, uint, 0644);
MODULE_PARM_DESC(delay, "milliseconds that an answer takes");

static uint asked;
module_param(asked, uint, 0444);
MODULE_PARM_DESC(asked, "answers that were begun");

static struct platform_device *board_device;

static struct platform_driver board_driver = {
	.driver = { .name = BOARD_NODE },
};

static const struct file_operations board_fops = {
	.owner = THIS_MODULE,
};

static struct miscdevice board_node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = BOARD_NODE,
	.fops = &board_fops,
};

static void board_take_time(void)
{
	WRITE_ONCE(asked, asked + 1);
	if (delay)
		msleep(delay);
}

static void board_add_limits(struct dmabuf_heap_limits *limits)
{
	if (max_addr)
		dmabuf_heap_limits_add(limits, DMABUF_HEAP_LIMIT_MAX_ADDR, max_addr);
	if (align)
		dmabuf_heap_limits_add(limits, DMABUF_HEAP_LIMIT_ALIGNMENT, align);
	if (chunk)
		dmabuf_heap_limits_add(limits, DMABUF_HEAP_LIMIT_CHUNK, chunk);
	if (node != NUMA_NO_NODE)
		dmabuf_heap_limits_add(limits, DMABUF_HEAP_LIMIT_NODE, node);
}

static void board_limits(struct device *dev, struct dmabuf_heap_limits *limits)
{
	if (strncmp(dev_name(dev), device, strlen(device)))
		return;
	board_take_time();
	board_add_limits(limits);
}

/* A file of ours is told by its operations, which nobody else has. */
static bool board_owns(const struct file *file, const struct device *of)
{
	if (file->f_op == &board_fops)
		return true;
	return claim[0] && of->class && !strcmp(of->class->name, claim);
}

/* The device stays until no platform is asked any more. */
static int board_read(struct file *file, struct device *of,
		      struct dmabuf_heap_platform_answer *answer)
{
	board_take_time();
	if (error)
		return -error;
	answer->dma = get_device(&board_device->dev);
	answer->flags = flags;
	board_add_limits(&answer->limits);
	return 0;
}

static struct dmabuf_heap_platform board_platform = {
	.name = "board",
	.owns = board_owns,
	.read = board_read,
	.limits = board_limits,
};

static int board_add_device(void)
{
	const struct platform_device_info info = {
		.name = BOARD_NODE,
		.id = PLATFORM_DEVID_NONE,
		.dma_mask = DMA_BIT_MASK(64),
	};

	board_device = platform_device_register_full(&info);
	return PTR_ERR_OR_ZERO(board_device);
}

/* The platform comes last, and goes first: it says what the others are. */
static int __init board_init(void)
{
	int ret;

	ret = platform_driver_register(&board_driver);
	if (ret)
		return ret;
	ret = board_add_device();
	if (ret)
		goto unregister_driver;
	ret = misc_register(&board_node);
	if (ret)
		goto unregister_device;
	ret = dmabuf_heap_platform_register(&board_platform);
	if (ret)
		goto unregister_node;
	return 0;

unregister_node:
	misc_deregister(&board_node);
unregister_device:
	platform_device_unregister(board_device);
unregister_driver:
	platform_driver_unregister(&board_driver);
	return ret;
}

static void __exit board_exit(void)
{
	dmabuf_heap_platform_unregister(&board_platform);
	misc_deregister(&board_node);
	platform_device_unregister(board_device);
	platform_driver_unregister(&board_driver);
}

module_init(board_init);
module_exit(board_exit);

MODULE_DESCRIPTION("a platform that knows limits of its devices, for tests");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "DMABUF_HEAP");
