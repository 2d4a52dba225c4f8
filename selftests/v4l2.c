// SPDX-License-Identifier: GPL-2.0
/*
 * V4L2 queues that take their frames' memory by dma-buf fd: the ioctls behind
 * v4l2.h. A slot is the index of a v4l2_buffer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "v4l2.h"

#define MAX_NODES	64
#define FRAME_TIMEOUT	5000	/* ms */

static int v4l2_call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

static __u32 type_caps(__u32 type)
{
	return type == V4L2_BUF_TYPE_VIDEO_OUTPUT ? V4L2_CAP_VIDEO_OUTPUT :
						    V4L2_CAP_VIDEO_CAPTURE;
}

static int node_is(int fd, const char *bus, __u32 type)
{
	struct v4l2_capability caps = {};

	return !v4l2_call(fd, VIDIOC_QUERYCAP, &caps) &&
	       !strncmp((char *)caps.bus_info, bus, strlen(bus)) &&
	       (caps.device_caps & type_caps(type));
}

int v4l2_refusal(int error)
{
	struct utsname name;
	int major, minor;

	if (uname(&name) || sscanf(name.release, "%d.%d", &major, &minor) != 2)
		return error;
	return major > 6 || (major == 6 && minor >= 11) ? EINVAL : error;
}

int v4l2_node_open(const char *bus, __u32 type)
{
	char path[32];
	int fd, i;

	for (i = 0; i < MAX_NODES; i++) {
		snprintf(path, sizeof(path), "/dev/video%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (node_is(fd, bus, type))
			return fd;
		close(fd);
	}
	return -1;
}

int v4l2_queue_resize(struct v4l2_queue *queue, __u32 width, __u32 height)
{
	struct v4l2_format format = { .type = queue->type };
	int rc;

	format.fmt.pix.width = width;
	format.fmt.pix.height = height;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_XBGR32;
	format.fmt.pix.field = V4L2_FIELD_ANY;
	rc = v4l2_call(queue->fd, VIDIOC_S_FMT, &format);
	if (rc)
		return rc;
	if (format.fmt.pix.pixelformat != V4L2_PIX_FMT_XBGR32)
		return -EINVAL;
	queue->width = format.fmt.pix.width;
	queue->height = format.fmt.pix.height;
	queue->pitch = format.fmt.pix.bytesperline;
	queue->length = format.fmt.pix.sizeimage;
	return 0;
}

int v4l2_queue_open(struct v4l2_queue *queue, const char *bus, __u32 type)
{
	int rc;

	memset(queue, 0, sizeof(*queue));
	queue->type = type;
	queue->fd = v4l2_node_open(bus, type);
	if (queue->fd < 0)
		return -ENODEV;
	rc = v4l2_queue_resize(queue, 640, 480);
	if (rc) {
		close(queue->fd);
		queue->fd = -1;
	}
	return rc;
}

int v4l2_queue_request(struct v4l2_queue *queue, __u32 count)
{
	struct v4l2_requestbuffers request = {
		.count = count,
		.type = queue->type,
		.memory = V4L2_MEMORY_DMABUF,
	};
	int rc = v4l2_call(queue->fd, VIDIOC_REQBUFS, &request);

	if (rc)
		return rc;
	return request.count < count ? -ENOMEM : 0;
}

int v4l2_queue_put(struct v4l2_queue *queue, __u32 index, int buffer)
{
	struct v4l2_buffer slot = {
		.index = index,
		.type = queue->type,
		.memory = V4L2_MEMORY_DMABUF,
		.m.fd = buffer,
	};

	if (queue->type == V4L2_BUF_TYPE_VIDEO_OUTPUT) {
		slot.bytesused = queue->length;
		slot.field = V4L2_FIELD_NONE;
	}
	return v4l2_call(queue->fd, VIDIOC_QBUF, &slot);
}

int v4l2_queue_get(struct v4l2_queue *queue)
{
	int output = queue->type == V4L2_BUF_TYPE_VIDEO_OUTPUT;
	struct v4l2_buffer slot = {
		.type = queue->type,
		.memory = V4L2_MEMORY_DMABUF,
	};
	struct pollfd ready = {
		.fd = queue->fd,
		.events = output ? POLLOUT : POLLIN,
	};
	int rc;

	rc = poll(&ready, 1, FRAME_TIMEOUT);
	if (rc < 1)
		return rc ? -errno : -ETIMEDOUT;
	rc = v4l2_call(queue->fd, VIDIOC_DQBUF, &slot);
	if (rc)
		return rc;
	return slot.flags & V4L2_BUF_FLAG_ERROR ? -EIO : (int)slot.index;
}

int v4l2_queue_start(struct v4l2_queue *queue)
{
	int type = queue->type;

	return v4l2_call(queue->fd, VIDIOC_STREAMON, &type);
}

int v4l2_queue_stop(struct v4l2_queue *queue)
{
	int type = queue->type;

	return v4l2_call(queue->fd, VIDIOC_STREAMOFF, &type);
}

void v4l2_queue_close(struct v4l2_queue *queue)
{
	if (queue->fd < 0)
		return;
	v4l2_queue_stop(queue);
	v4l2_queue_request(queue, 0);
	close(queue->fd);
	queue->fd = -1;
}
