/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DRM devices as importers: find a card by its driver, import a dma-buf as a GEM
 * handle, put it on the screen, attach a fence to it. Everything returns 0 or a
 * negative errno unless it says otherwise.
 */
#ifndef _SELFTESTS_DRM_H
#define _SELFTESTS_DRM_H

#include <linux/types.h>

#define DRM_CIRRUS	"cirrus"	/* cirrus-qemu in newer kernels */
#define DRM_VGEM	"vgem"

/**
 * drm_card_open() - open the first card of a driver
 * @driver: its name, such as DRM_VGEM
 *
 * Return: an fd, or -1 when there is no such card.
 */
int drm_card_open(const char *driver);

/* The same for its render node. Only vgem has one here. */
int drm_render_open(const char *driver);

/*
 * PRIME import: the driver attaches the buffer, and maps it if drm_import_maps().
 * The same buffer again gives the same handle.
 */
int drm_import(int card, int buffer, __u32 *handle);

/*
 * Whether cirrus and vgem map what they import. In newer kernels they only attach,
 * and what they do with a buffer is done by the CPU.
 */
unsigned int drm_import_maps(void);

int drm_handle_close(int card, __u32 handle);

/* The offset at which the card's fd maps the handle into the CPU's view. */
int drm_handle_map(int card, __u32 handle, __u64 *offset);

/**
 * drm_show() - put an imported buffer on the screen
 * @card: the card's fd; the caller has to be its only user
 * @handle: the buffer
 * @width: pixels of a line; the display must have a mode of this size
 * @height: lines
 * @pitch: bytes of a line
 * @fb: out: the framebuffer
 *
 * Pixels are 32 bits, B G R X in memory.
 */
int drm_show(int card, __u32 handle, __u32 width, __u32 height, __u32 pitch,
	     __u32 *fb);

/* Take a framebuffer off the screen. Its memory is let go of some time later. */
int drm_hide(int card, __u32 fb);

/* vgem: a device's work on the buffer begins, as a writer or as a reader. */
int drm_fence_attach(int card, __u32 handle, int write, __u32 *fence);

/* vgem: the work has ended. */
int drm_fence_signal(int card, __u32 fence);

#endif
