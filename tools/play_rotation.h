/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rotation: frame by frame, a buffer goes from the camera to the screen and
 * back. At any moment each buffer is in one place: with the camera, on its way to
 * the screen, or on the screen. It returns to the camera only when another one
 * has taken its place on the screen, so no picture is drawn while it is shown.
 */
#ifndef PLAY_ROTATION_H
#define PLAY_ROTATION_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>

#include "play_camera.h"
#include "play_display.h"
#include "play_pool.h"

/* A slot's number when there is none. */
#define ROTATION_NONE	(-1)

/**
 * struct rotation - the buffers' way round
 * @camera: started, all buffers queued
 * @display: all buffers imported
 * @mode: what the first picture is shown in
 * @pool: the buffers
 * @length: bytes of a picture
 * @signals: signalfd; readable when the user wants an end
 * @shown: slot on the screen, or ROTATION_NONE
 * @coming: slot whose flip is under way, or ROTATION_NONE
 * @frames: pictures shown so far
 * @turns: the same, by slot
 * @sequence: the camera's number of the last frame
 * @lost: frames that the camera counted and never gave out: no buffer was free, or
 *	it was late itself
 * @began: CLOCK_MONOTONIC of the first picture on the screen, in seconds
 * @ended: the same, of the last
 * @stopped: @signals was readable
 */
struct rotation {
	struct camera *camera;
	struct display *display;
	drmModeModeInfo *mode;
	struct pool *pool;
	uint32_t length;
	int signals;
	int shown;
	int coming;
	unsigned long frames;
	unsigned long turns[VIDEO_MAX_FRAME];
	uint32_t sequence;
	unsigned long lost;
	double began;
	double ended;
	bool stopped;
};

/**
 * rotation_run() - play
 * @rotation: from @camera to @signals set, @shown and @coming ROTATION_NONE, the
 *	rest zero
 * @limit: pictures to show, 0 for no end
 *
 * Comes back when the last picture is on the screen, or at a signal.
 *
 * Return: 0; -1 after saying what went wrong.
 */
int rotation_run(struct rotation *rotation, unsigned long limit);

#endif /* PLAY_ROTATION_H */
