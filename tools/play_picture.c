// SPDX-License-Identifier: GPL-2.0
/*
 * The layouts that both subsystems can name. V4L2 lists bytes in the order of
 * memory, DRM the bits of a little-endian word, so their names run against each
 * other. Layouts with alpha are left out, as a camera's may be 0 all over.
 */
#include "play_picture.h"

#include <drm_fourcc.h>
#include <linux/videodev2.h>
#include <stddef.h>

const struct pixels picture_pixels[] = {
	{ "XRGB8888", V4L2_PIX_FMT_XBGR32, DRM_FORMAT_XRGB8888 },
	{ "BGRX8888", V4L2_PIX_FMT_XRGB32, DRM_FORMAT_BGRX8888 },
	{ "XBGR8888", V4L2_PIX_FMT_RGBX32, DRM_FORMAT_XBGR8888 },
	{ "RGB888", V4L2_PIX_FMT_BGR24, DRM_FORMAT_RGB888 },
	{ "BGR888", V4L2_PIX_FMT_RGB24, DRM_FORMAT_BGR888 },
	{ "RGB565", V4L2_PIX_FMT_RGB565, DRM_FORMAT_RGB565 },
	{ "XRGB1555", V4L2_PIX_FMT_XRGB555, DRM_FORMAT_XRGB1555 },
	{ "YUYV", V4L2_PIX_FMT_YUYV, DRM_FORMAT_YUYV },
	{ "UYVY", V4L2_PIX_FMT_UYVY, DRM_FORMAT_UYVY },
	{ "YVYU", V4L2_PIX_FMT_YVYU, DRM_FORMAT_YVYU },
	{ "VYUY", V4L2_PIX_FMT_VYUY, DRM_FORMAT_VYUY },
	{ NULL, 0, 0 },
};
