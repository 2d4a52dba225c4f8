// SPDX-License-Identifier: GPL-2.0
/*
 * The V4L2 half. The multi-planar API differs only in where a few fields lie;
 * pictures have a single plane either way.
 */
#include "play_camera.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "play_say.h"

/* Nodes that are looked at for the first camera. */
#define NODES	256

static int camera_ioctl(const struct camera *camera, unsigned long call,
			void *arg)
{
	int rc;

	do
		rc = ioctl(camera->fd, call, arg);
	while (rc < 0 && errno == EINTR);
	return rc;
}

static bool camera_is_multiplanar(const struct camera *camera)
{
	return camera->type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
}

/* Returns NULL, or why the open node won't do. */
static const char *camera_identify(struct camera *camera)
{
	struct v4l2_capability cap = { 0 };
	uint32_t caps;

	if (camera_ioctl(camera, VIDIOC_QUERYCAP, &cap) < 0)
		return "it is not a V4L2 device";
	caps = cap.capabilities;
	if (caps & V4L2_CAP_DEVICE_CAPS)
		caps = cap.device_caps;
	if (caps & V4L2_CAP_VIDEO_CAPTURE)
		camera->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	else if (caps & V4L2_CAP_VIDEO_CAPTURE_MPLANE)
		camera->type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	else
		return "it does not capture video";
	if (!(caps & V4L2_CAP_STREAMING))
		return "it can't stream";
	snprintf(camera->name, sizeof(camera->name), "%.32s",
		 (const char *)cap.card);
	return NULL;
}

static const char *camera_try(struct camera *camera, const char *path)
{
	const char *why;

	camera->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (camera->fd < 0)
		return strerror(errno);
	why = camera_identify(camera);
	if (why)
		camera_close(camera);
	else
		snprintf(camera->path, sizeof(camera->path), "%s", path);
	return why;
}

static int camera_find(struct camera *camera)
{
	char path[32];
	int i;

	for (i = 0; i < NODES; i++) {
		snprintf(path, sizeof(path), "/dev/video%d", i);
		if (!camera_try(camera, path))
			return 0;
	}
	return say_error("no camera: none of /dev/video* that can be opened captures by streaming");
}

int camera_open(struct camera *camera, const char *path)
{
	const char *why;

	if (!path)
		return camera_find(camera);
	why = camera_try(camera, path);
	if (why)
		return say_error("%s can't be the camera: %s", path, why);
	return 0;
}

static void camera_format(const struct camera *camera,
			  const struct pixels *pixels, uint32_t width,
			  uint32_t height, struct v4l2_format *format)
{
	memset(format, 0, sizeof(*format));
	format->type = camera->type;
	if (camera_is_multiplanar(camera)) {
		format->fmt.pix_mp.width = width;
		format->fmt.pix_mp.height = height;
		format->fmt.pix_mp.pixelformat = pixels->v4l2;
		format->fmt.pix_mp.field = V4L2_FIELD_NONE;
		format->fmt.pix_mp.num_planes = 1;
	} else {
		format->fmt.pix.width = width;
		format->fmt.pix.height = height;
		format->fmt.pix.pixelformat = pixels->v4l2;
		format->fmt.pix.field = V4L2_FIELD_NONE;
	}
}

/*
 * A driver changes what it can't do. Fields in buffers of their own are half
 * pictures, so only whole ones count.
 */
static bool camera_format_is(const struct v4l2_format *got,
			     const struct pixels *pixels, uint32_t width,
			     uint32_t height)
{
	const struct v4l2_pix_format_mplane *mp = &got->fmt.pix_mp;
	const struct v4l2_pix_format *sp = &got->fmt.pix;

	if (got->type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE)
		return mp->width == width && mp->height == height &&
		       mp->pixelformat == pixels->v4l2 && mp->num_planes == 1 &&
		       (mp->field == V4L2_FIELD_NONE ||
			mp->field == V4L2_FIELD_INTERLACED);
	return sp->width == width && sp->height == height &&
	       sp->pixelformat == pixels->v4l2 &&
	       (sp->field == V4L2_FIELD_NONE ||
		sp->field == V4L2_FIELD_INTERLACED);
}

bool camera_has_picture(const struct camera *camera, const struct pixels *pixels,
			uint32_t width, uint32_t height)
{
	struct v4l2_format format;

	camera_format(camera, pixels, width, height, &format);
	return !camera_ioctl(camera, VIDIOC_TRY_FMT, &format) &&
	       camera_format_is(&format, pixels, width, height);
}

/* Cameras without a choice of rates fail here, and are as good. */
static double camera_set_rate(struct camera *camera, unsigned int rate)
{
	struct v4l2_streamparm parm = { .type = camera->type };
	struct v4l2_fract *interval = &parm.parm.capture.timeperframe;

	interval->numerator = 1;
	interval->denominator = rate;
	if (camera_ioctl(camera, VIDIOC_S_PARM, &parm) < 0 ||
	    !interval->numerator)
		return 0;
	return (double)interval->denominator / interval->numerator;
}

int camera_set_picture(struct camera *camera, struct picture *picture,
		       unsigned int rate, double *chosen)
{
	struct v4l2_format format;

	camera_format(camera, picture->pixels, picture->width, picture->height,
		      &format);
	if (camera_ioctl(camera, VIDIOC_S_FMT, &format) < 0) {
		if (errno == EBUSY)
			return say_error("another program uses the camera %s",
					 camera->path);
		return say_error("the camera %s can't be set to %ux%u %s: %m",
				 camera->path, picture->width, picture->height,
				 picture->pixels->name);
	}
	if (!camera_format_is(&format, picture->pixels, picture->width,
			      picture->height))
		return say_error("the camera %s changed its mind about %ux%u %s",
				 camera->path, picture->width, picture->height,
				 picture->pixels->name);
	if (camera_is_multiplanar(camera)) {
		picture->stride = format.fmt.pix_mp.plane_fmt[0].bytesperline;
		picture->length = format.fmt.pix_mp.plane_fmt[0].sizeimage;
	} else {
		picture->stride = format.fmt.pix.bytesperline;
		picture->length = format.fmt.pix.sizeimage;
	}
	*chosen = camera_set_rate(camera, rate);
	return 0;
}

int camera_reserve(struct camera *camera, unsigned int *count)
{
	struct v4l2_requestbuffers request = {
		.count = *count,
		.type = camera->type,
		.memory = V4L2_MEMORY_DMABUF,
	};

	if (camera_ioctl(camera, VIDIOC_REQBUFS, &request) < 0) {
		if (errno == EBUSY)
			return say_error("another program uses the camera %s",
					 camera->path);
		if (errno == EINVAL)
			return say_error("the camera %s can't capture into dma-bufs",
					 camera->path);
		return say_error("the camera %s refuses %u buffers: %m",
				 camera->path, *count);
	}
	if (request.count < *count || request.count > VIDEO_MAX_FRAME)
		return say_error("the camera %s insists on %u buffers",
				 camera->path, request.count);
	*count = request.count;
	return 0;
}

int camera_queue(struct camera *camera, unsigned int index, int fd,
		 uint32_t length)
{
	struct v4l2_plane plane = { .m.fd = fd, .length = length };
	struct v4l2_buffer buffer = {
		.index = index,
		.type = camera->type,
		.memory = V4L2_MEMORY_DMABUF,
	};

	if (camera_is_multiplanar(camera)) {
		buffer.m.planes = &plane;
		buffer.length = 1;
	} else {
		buffer.m.fd = fd;
		buffer.length = length;
	}
	return camera_ioctl(camera, VIDIOC_QBUF, &buffer);
}

int camera_start(struct camera *camera)
{
	if (camera_ioctl(camera, VIDIOC_STREAMON, &camera->type) < 0)
		return say_error("the camera %s can't start: %m", camera->path);
	return 0;
}

int camera_dequeue(struct camera *camera, struct frame *frame)
{
	struct v4l2_plane plane = { 0 };
	struct v4l2_buffer buffer = {
		.type = camera->type,
		.memory = V4L2_MEMORY_DMABUF,
	};

	if (camera_is_multiplanar(camera)) {
		buffer.m.planes = &plane;
		buffer.length = 1;
	}
	if (camera_ioctl(camera, VIDIOC_DQBUF, &buffer) < 0)
		return say_error("the camera %s gives no frame: %m",
				 camera->path);
	frame->index = buffer.index;
	frame->sequence = buffer.sequence;
	frame->broken = buffer.flags & V4L2_BUF_FLAG_ERROR;
	return 0;
}

void camera_close(struct camera *camera)
{
	if (camera->fd < 0)
		return;
	/* The driver then stops the stream and lets go of the buffers. */
	close(camera->fd);
	camera->fd = -1;
}
