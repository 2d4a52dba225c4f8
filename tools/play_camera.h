/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A camera: a V4L2 node that captures by streaming into dma-bufs that others
 * made. Works for nodes of the single-planar and of the multi-planar API.
 *
 * Functions that can fail say why on stderr and return -1.
 */
#ifndef PLAY_CAMERA_H
#define PLAY_CAMERA_H

#include <stdbool.h>
#include <stdint.h>

#include "play_picture.h"

/**
 * struct camera - an open camera; starts with fd -1
 * @fd: the node, non-blocking
 * @type: buffer type, V4L2_BUF_TYPE_VIDEO_CAPTURE or its _MPLANE
 * @path: the node
 * @name: what the driver calls the camera
 */
struct camera {
	int fd;
	uint32_t type;
	char path[64];
	char name[33];
};

/**
 * struct frame - what the camera gives back
 * @index: slot of the buffer that it is in
 * @sequence: counts the camera's frames, those that found no buffer included
 * @broken: the driver says that its data is no good
 */
struct frame {
	unsigned int index;
	uint32_t sequence;
	bool broken;
};

/**
 * camera_open() - open a camera
 * @camera: written on success
 * @path: its node; NULL for the first that can capture by streaming
 */
int camera_open(struct camera *camera, const char *path);

/**
 * camera_has_picture() - whether the camera makes pictures of a kind
 * @camera: the camera
 * @pixels: layout of the pixels
 * @width: pixels in a line
 * @height: lines
 *
 * Changes nothing.
 */
bool camera_has_picture(const struct camera *camera, const struct pixels *pixels,
			uint32_t width, uint32_t height);

/**
 * camera_set_picture() - choose what the camera makes
 * @camera: the camera
 * @picture: pixels and size go in, stride and length come out
 * @rate: pictures per second that can be shown
 * @chosen: written on success: what the camera will make of that, 0 if it doesn't
 *	say
 *
 * Fails while another program uses the camera.
 */
int camera_set_picture(struct camera *camera, struct picture *picture,
		       unsigned int rate, double *chosen);

/**
 * camera_reserve() - make slots for buffers, which makes the camera ours
 * @camera: the camera
 * @count: number of slots; the driver may make it larger, up to VIDEO_MAX_FRAME
 */
int camera_reserve(struct camera *camera, unsigned int *count);

/**
 * camera_queue() - give the camera a buffer to fill
 * @camera: the camera
 * @index: the slot, always the same for one buffer
 * @fd: the buffer
 * @length: its length in bytes
 *
 * The first time in a slot, the driver maps the buffer, and keeps the map. Says
 * nothing when it fails: the caller can ask the buffer for the reason. errno has
 * the driver's.
 */
int camera_queue(struct camera *camera, unsigned int index, int fd,
		 uint32_t length);

/**
 * camera_start() - let frames flow
 * @camera: the camera
 */
int camera_start(struct camera *camera);

/**
 * camera_dequeue() - take the next frame
 * @camera: the camera, readable to poll()
 * @frame: written on success
 */
int camera_dequeue(struct camera *camera, struct frame *frame);

/**
 * camera_close() - stop, let go of all buffers, close
 * @camera: nothing happens when it isn't open
 */
void camera_close(struct camera *camera);

#endif /* PLAY_CAMERA_H */
