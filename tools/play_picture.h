/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A picture as camera and display both know it: its size in pixels, and how the
 * pixels lie in memory. V4L2 and DRM name the same layout by different codes.
 */
#ifndef PLAY_PICTURE_H
#define PLAY_PICTURE_H

#include <stdint.h>

/**
 * struct pixels - one layout of pixels in memory, a single plane
 * @name: DRM's name for it
 * @v4l2: V4L2's code, a V4L2_PIX_FMT_*
 * @drm: DRM's code, a DRM_FORMAT_*
 */
struct pixels {
	const char *name;
	uint32_t v4l2;
	uint32_t drm;
};

/* Those known here, best first; ends with a NULL name. */
extern const struct pixels picture_pixels[];

/**
 * struct picture - what is captured and shown
 * @pixels: their layout
 * @width: pixels in a line
 * @height: lines
 * @stride: bytes from one line to the next, as the camera writes them
 * @length: bytes that a buffer needs
 */
struct picture {
	const struct pixels *pixels;
	uint32_t width;
	uint32_t height;
	uint32_t stride;
	uint32_t length;
};

#endif /* PLAY_PICTURE_H */
