/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A display: a DRM card, the first of its connectors that has a screen, and the
 * CRTC that feeds it. Shows dma-bufs that others made, as they are: a mode as
 * large as the picture is set, and nothing is scaled.
 *
 * Functions that can fail say why on stderr and return -1.
 */
#ifndef PLAY_DISPLAY_H
#define PLAY_DISPLAY_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>
#include <xf86drmMode.h>

#include "play_picture.h"

/**
 * struct display - an open display; starts with fd -1
 * @fd: the card
 * @path: its node
 * @name: its driver
 * @connector: where the screen is, with the modes that it has
 * @crtc_id: what feeds the connector
 * @before: what the CRTC showed when the display was opened
 * @changed: it shows something of ours now
 * @plane: the CRTC's primary plane, with the formats that it takes
 * @fb: framebuffer ids, by slot of the buffer; 0 where there is none
 * @handle: the card's handles of the buffers, by slot
 * @flipping: a page flip is under way
 */
struct display {
	int fd;
	char path[64];
	char name[32];
	drmModeConnector *connector;
	uint32_t crtc_id;
	drmModeCrtc *before;
	bool changed;
	drmModePlane *plane;
	uint32_t fb[VIDEO_MAX_FRAME];
	uint32_t handle[VIDEO_MAX_FRAME];
	bool flipping;
};

/**
 * display_open() - open a display
 * @display: written on success
 * @path: the card's node; NULL for the first that a screen is connected to
 *
 * Fails while another program owns the display.
 */
int display_open(struct display *display, const char *path);

/**
 * display_has_pixels() - whether the display takes a layout of pixels
 * @display: the display
 * @pixels: the layout
 */
bool display_has_pixels(const struct display *display,
			const struct pixels *pixels);

/**
 * display_import() - make a buffer one that can be shown
 * @display: the display
 * @slot: where to remember it, below VIDEO_MAX_FRAME
 * @fd: the buffer
 * @picture: what will be in it
 *
 * The driver attaches to the buffer here, and on most kernels maps it too. Says
 * nothing when it fails: the caller can ask the buffer for the reason. errno has
 * the driver's.
 */
int display_import(struct display *display, unsigned int slot, int fd,
		   const struct picture *picture);

/**
 * display_set_mode() - change to a mode and show a first picture in it
 * @display: the display
 * @mode: one of the connector's modes
 * @slot: the picture
 */
int display_set_mode(struct display *display, drmModeModeInfo *mode,
		     unsigned int slot);

/**
 * display_flip() - show another picture from the next refresh on
 * @display: the display, no flip under way
 * @slot: the picture
 *
 * Only starts it. The picture before stays on the screen until a
 * display_flip_end() finds @flipping false.
 */
int display_flip(struct display *display, unsigned int slot);

/**
 * display_flip_end() - see whether the flip is done
 * @display: the display, readable to poll()
 *
 * Clears @flipping when it is.
 */
int display_flip_end(struct display *display);

/**
 * display_close() - show what was there before, let go of all buffers, close
 * @display: nothing happens when it isn't open
 */
void display_close(struct display *display);

#endif /* PLAY_DISPLAY_H */
