// SPDX-License-Identifier: GPL-2.0
/*
 * What V4L2 knows of its devices: which device a queue does DMA with, and whether
 * the queue's memory helper wants contiguous memory or only the CPU's view.
 */
#include <linux/module.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-fh.h>
#include <media/v4l2-mem2mem.h>
#include <media/videobuf2-core.h>

#include "compat/compat.h"
#include "platform.h"
#include "probe.h"

#define VIDEO_CLASS	"video4linux"

/*
 * Whether @ops are the helper's that exports @symbol. A helper that isn't loaded
 * is nobody's. Only the address is compared, the helper needn't stay.
 */
static bool memops_are(const struct vb2_mem_ops *ops, const char *symbol)
{
	void *helper = __symbol_get(symbol);

	if (!helper)
		return false;
	__symbol_put(symbol);
	return ops == helper;
}

/*
 * Adds what one queue says. A driver may name a device for each plane, but only
 * once buffers are requested; one that names none by then does DMA with its own.
 */
static void queue_read(const struct vb2_queue *queue, struct device *parent,
		       struct dmabuf_heap_platform_answer *answer)
{
	struct device *plane = READ_ONCE(queue->alloc_devs[0]);

	if (memops_are(queue->mem_ops, "vb2_vmalloc_memops"))
		return;
	answer->flags = 0;
	if (!answer->dma)
		answer->dma = get_device(plane ?: queue->dev ?: parent);
	if (memops_are(queue->mem_ops, "vb2_dma_contig_memops"))
		dmabuf_heap_limits_add(&answer->limits, DMABUF_HEAP_LIMIT_CONTIGUOUS, 1);
}

/* Memory-to-memory nodes have their queues in each open file. */
static struct v4l2_m2m_ctx *file_m2m(struct file *file, struct video_device *vdev)
{
	struct v4l2_fh *fh = file->private_data;

	if (!test_bit(V4L2_FL_USES_V4L2_FH, &vdev->flags) || !fh || fh->vdev != vdev)
		return NULL;
	return fh->m2m_ctx;
}

static int probe_v4l2_read(struct file *file, struct device *node,
			   struct dmabuf_heap_platform_answer *answer)
{
	struct video_device *vdev = to_video_device(node);
	struct v4l2_m2m_ctx *m2m;

	/* The cdev lives as long as the file: equal pointers prove that it is this node's. */
	if (file_inode(file)->i_cdev != vdev->cdev || !video_is_registered(vdev))
		return -ENODEV;

	answer->flags = DMABUF_HEAP_PLATFORM_CPU_ONLY;
	if (vdev->queue && vdev->queue->mem_ops) {
		queue_read(vdev->queue, node->parent, answer);
		return 0;
	}
	m2m = file_m2m(file, vdev);
	if (!m2m || !m2m->cap_q_ctx.q.mem_ops || !m2m->out_q_ctx.q.mem_ops)
		return -ENOENT;
	/* Both queues' needs; where they have different devices, the capture's counts. */
	queue_read(&m2m->cap_q_ctx.q, node->parent, answer);
	queue_read(&m2m->out_q_ctx.q, node->parent, answer);
	return 0;
}

static bool node_is_v4l2(const struct device *node)
{
	return node->class && !strcmp(node->class->name, VIDEO_CLASS);
}

/* Nodes of V4L2's major are all of its making. */
static bool probe_v4l2_owns(const struct file *file, const struct device *node)
{
	return MAJOR(node->devt) == VIDEO_MAJOR && node_is_v4l2(node) && node->parent;
}

static int child_is_v4l2(struct device *node, void *unused)
{
	return node_is_v4l2(node);
}

/**
 * dmabuf_heap_probe_v4l2_forgets() - would a refused attach leak the buffer
 * @dev: device of an importer
 *
 * Where V4L2 forgets what it holds when its attach is refused, the refusal has to
 * wait until it maps, which it does at once.
 *
 * Context: may sleep.
 * Return: true for a device with V4L2 nodes on a kernel that has this bug.
 */
bool dmabuf_heap_probe_v4l2_forgets(struct device *dev)
{
	return DMABUF_HEAP_VB2_FORGETS && device_for_each_child(dev, NULL, child_is_v4l2);
}

struct dmabuf_heap_platform dmabuf_heap_probe_v4l2 = {
	.name = "V4L2",
	.owns = probe_v4l2_owns,
	.read = probe_v4l2_read,
};
