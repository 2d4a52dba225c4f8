/* SPDX-License-Identifier: GPL-2.0 */
/*
 * V4L2 queues that take their frames' memory by dma-buf fd (V4L2_MEMORY_DMABUF):
 * find a node, set a format, queue a buffer, stream. Single-planar only. Lengths
 * are bytes. Everything returns 0 or a negative errno unless it says otherwise.
 */
#ifndef _SELFTESTS_V4L2_H
#define _SELFTESTS_V4L2_H

#include <linux/videodev2.h>

/*
 * The two cameras of vivid n_devs=2 allocators=0,1, by the bus_info of
 * VIDIOC_QUERYCAP: the first only touches frames by the CPU, the second's queues
 * attach and map, and want contiguous memory below 4 GiB. One device, vivid.0.
 */
#define V4L2_VIVID_CPU	"platform:vivid-000"
#define V4L2_VIVID_DMA	"platform:vivid-001"

/**
 * struct v4l2_queue - one direction of a node
 * @fd: the node, -1 when there is none
 * @type: V4L2_BUF_TYPE_VIDEO_CAPTURE or V4L2_BUF_TYPE_VIDEO_OUTPUT
 * @width: pixels of a line
 * @height: lines
 * @pitch: bytes of a line
 * @length: bytes of a frame
 */
struct v4l2_queue {
	int fd;
	__u32 type;
	__u32 width;
	__u32 height;
	__u32 pitch;
	__u32 length;
};

/**
 * v4l2_node_open() - open the first node that a driver has for a direction
 * @bus: how the node's bus_info begins, such as V4L2_VIVID_DMA
 * @type: V4L2_BUF_TYPE_VIDEO_CAPTURE or V4L2_BUF_TYPE_VIDEO_OUTPUT
 *
 * Return: an fd, or -1 when there is no such node.
 */
int v4l2_node_open(const char *bus, __u32 type);

/* Open the node and set 640x480 pixels of 32 bits, B G R X in memory. */
int v4l2_queue_open(struct v4l2_queue *queue, const char *bus, __u32 type);

/* Set another size; the driver may choose a near one. Updates the struct. */
int v4l2_queue_resize(struct v4l2_queue *queue, __u32 width, __u32 height);

/* Make room for that many frames; 0 lets go of all memory. */
int v4l2_queue_request(struct v4l2_queue *queue, __u32 count);

/* VIDIOC_QBUF: the driver imports the buffer into that slot. */
int v4l2_queue_put(struct v4l2_queue *queue, __u32 index, int buffer);

/*
 * What v4l2_queue_put() fails with where the heap refuses the camera with that
 * errno. From 6.11 on V4L2 attaches in a way that can't be refused without a leak,
 * so that the heap refuses the map instead; V4L2 says EINVAL for each map that fails.
 */
int v4l2_refusal(int error);

/* VIDIOC_DQBUF, waiting at most five seconds. Returns the slot. */
int v4l2_queue_get(struct v4l2_queue *queue);

int v4l2_queue_start(struct v4l2_queue *queue);
int v4l2_queue_stop(struct v4l2_queue *queue);

/* Stop, let go of all memory and close the node; a second time does nothing. */
void v4l2_queue_close(struct v4l2_queue *queue);

#endif
