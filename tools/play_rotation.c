// SPDX-License-Identifier: GPL-2.0
/*
 * One poll loop. While a flip is under way only its end is waited for: frames
 * that the camera finishes meanwhile stay with the driver, in their order.
 */
#include "play_rotation.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "play_say.h"

/* Milliseconds without a frame, or a flip, after which something is broken. */
#define PATIENCE	10000

static double rotation_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static int rotation_queue(struct rotation *rotation, unsigned int slot)
{
	if (camera_queue(rotation->camera, slot,
			 pool_get_fd(rotation->pool, slot), rotation->length))
		return pool_say_refused(rotation->pool, slot,
					rotation->camera->path);
	return 0;
}

/* The picture in @slot is on the screen now, and the one before is not. */
static int rotation_advance(struct rotation *rotation, int slot)
{
	int before = rotation->shown;

	rotation->shown = slot;
	rotation->coming = ROTATION_NONE;
	rotation->turns[slot]++;
	rotation->ended = rotation_now();
	if (!rotation->frames++)
		rotation->began = rotation->ended;
	if (before == ROTATION_NONE)
		return 0;
	return rotation_queue(rotation, before);
}

/* The first frame's number is where the camera's count begins for us. */
static void rotation_count_lost(struct rotation *rotation,
				const struct frame *frame)
{
	if (rotation->shown != ROTATION_NONE)
		rotation->lost += frame->sequence - rotation->sequence - 1;
	rotation->sequence = frame->sequence;
}

static int rotation_take_frame(struct rotation *rotation)
{
	struct frame frame;

	if (camera_dequeue(rotation->camera, &frame))
		return -1;
	rotation_count_lost(rotation, &frame);
	if (frame.broken)
		return rotation_queue(rotation, frame.index);
	if (rotation->shown == ROTATION_NONE) {
		if (display_set_mode(rotation->display, rotation->mode,
				     frame.index))
			return -1;
		return rotation_advance(rotation, frame.index);
	}
	if (display_flip(rotation->display, frame.index))
		return -1;
	rotation->coming = frame.index;
	return 0;
}

static int rotation_end_flip(struct rotation *rotation)
{
	if (display_flip_end(rotation->display))
		return -1;
	if (rotation->display->flipping)
		return 0;
	return rotation_advance(rotation, rotation->coming);
}

/* Wait for one thing to happen, and deal with it. */
static int rotation_step(struct rotation *rotation)
{
	bool flipping = rotation->display->flipping;
	struct pollfd fds[] = {
		{ .fd = rotation->signals, .events = POLLIN },
		{ .events = POLLIN },
	};
	int rc;

	fds[1].fd = flipping ? rotation->display->fd : rotation->camera->fd;
	rc = poll(fds, 2, PATIENCE);
	if (rc < 0)
		return errno == EINTR ? 0 : say_error("can't wait: %m");
	if (!rc)
		return say_error("nothing came from %s for %d seconds",
				 flipping ? rotation->display->path :
					    rotation->camera->path,
				 PATIENCE / 1000);
	if (fds[0].revents) {
		rotation->stopped = true;
		return 0;
	}
	return flipping ? rotation_end_flip(rotation) :
			  rotation_take_frame(rotation);
}

int rotation_run(struct rotation *rotation, unsigned long limit)
{
	while (!rotation->stopped && (!limit || rotation->frames < limit))
		if (rotation_step(rotation))
			return -1;
	return 0;
}
