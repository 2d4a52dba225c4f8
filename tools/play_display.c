// SPDX-License-Identifier: GPL-2.0
/*
 * The DRM half: legacy mode setting, which every driver speaks, atomic ones
 * included, and page flips with an event.
 */
#include "play_display.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "play_say.h"

/* Nodes that are looked at for the first card. */
#define CARDS	64

/* The first connector with a screen; its modes, the preferred one first. */
static drmModeConnector *display_find_connector(const struct display *display,
						const drmModeRes *resources)
{
	drmModeConnector *connector;
	int i;

	for (i = 0; i < resources->count_connectors; i++) {
		connector = drmModeGetConnector(display->fd,
						resources->connectors[i]);
		if (!connector)
			continue;
		if (connector->connection == DRM_MODE_CONNECTED &&
		    connector->count_modes > 0)
			return connector;
		drmModeFreeConnector(connector);
	}
	return NULL;
}

/* Bit n is set when the connector can be fed by the n-th CRTC. */
static uint32_t display_possible_crtcs(const struct display *display)
{
	const drmModeConnector *connector = display->connector;
	drmModeEncoder *encoder;
	uint32_t possible = 0;
	int i;

	for (i = 0; i < connector->count_encoders; i++) {
		encoder = drmModeGetEncoder(display->fd, connector->encoders[i]);
		if (!encoder)
			continue;
		possible |= encoder->possible_crtcs;
		drmModeFreeEncoder(encoder);
	}
	return possible;
}

static bool display_plane_is_primary(const struct display *display, uint32_t id)
{
	drmModeObjectProperties *properties;
	drmModePropertyRes *property;
	bool primary = false;
	uint32_t i;

	properties = drmModeObjectGetProperties(display->fd, id,
						DRM_MODE_OBJECT_PLANE);
	if (!properties)
		return false;
	for (i = 0; i < properties->count_props && !primary; i++) {
		property = drmModeGetProperty(display->fd, properties->props[i]);
		if (!property)
			continue;
		primary = !strcmp(property->name, "type") &&
			  properties->prop_values[i] == DRM_PLANE_TYPE_PRIMARY;
		drmModeFreeProperty(property);
	}
	drmModeFreeObjectProperties(properties);
	return primary;
}

static drmModePlane *display_find_plane(const struct display *display, int crtc)
{
	drmModePlaneRes *planes = drmModeGetPlaneResources(display->fd);
	drmModePlane *plane, *found = NULL;
	uint32_t i;

	for (i = 0; planes && i < planes->count_planes && !found; i++) {
		plane = drmModeGetPlane(display->fd, planes->planes[i]);
		if (!plane)
			continue;
		if (plane->possible_crtcs & (1U << crtc) &&
		    display_plane_is_primary(display, plane->plane_id))
			found = plane;
		else
			drmModeFreePlane(plane);
	}
	drmModeFreePlaneResources(planes);
	return found;
}

/* Returns NULL, or why the card's parts can't be put together. */
static const char *display_assemble(struct display *display,
				    const drmModeRes *resources)
{
	uint32_t possible;
	int crtc;

	display->connector = display_find_connector(display, resources);
	if (!display->connector)
		return "no screen is connected to it";
	possible = display_possible_crtcs(display);
	for (crtc = 0; crtc < resources->count_crtcs; crtc++)
		if (possible & (1U << crtc))
			break;
	if (crtc == resources->count_crtcs)
		return "nothing feeds its connector";
	display->crtc_id = resources->crtcs[crtc];
	display->before = drmModeGetCrtc(display->fd, display->crtc_id);
	display->plane = display_find_plane(display, crtc);
	if (!display->plane)
		return "it has no primary plane";
	return NULL;
}

static const char *display_identify(struct display *display)
{
	drmVersion *version = drmGetVersion(display->fd);
	drmModeRes *resources;
	const char *why;

	if (!version)
		return "it is not a DRM device";
	snprintf(display->name, sizeof(display->name), "%s", version->name);
	drmFreeVersion(version);
	drmSetClientCap(display->fd, DRM_CLIENT_CAP_UNIVERSAL_PLANES, 1);
	resources = drmModeGetResources(display->fd);
	if (!resources)
		return "it drives no screens";
	why = display_assemble(display, resources);
	drmModeFreeResources(resources);
	return why;
}

static void display_forget(struct display *display)
{
	drmModeFreePlane(display->plane);
	drmModeFreeCrtc(display->before);
	drmModeFreeConnector(display->connector);
	close(display->fd);
	memset(display, 0, sizeof(*display));
	display->fd = -1;
}

static const char *display_try(struct display *display, const char *path)
{
	const char *why;

	display->fd = open(path, O_RDWR | O_CLOEXEC);
	if (display->fd < 0)
		return strerror(errno);
	why = display_identify(display);
	if (why)
		display_forget(display);
	else
		snprintf(display->path, sizeof(display->path), "%s", path);
	return why;
}

static int display_find(struct display *display)
{
	char path[32];
	int i;

	for (i = 0; i < CARDS; i++) {
		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		if (!display_try(display, path))
			return 0;
	}
	return say_error("no display: none of /dev/dri/card* that can be opened has a screen");
}

int display_open(struct display *display, const char *path)
{
	const char *why;

	if (path) {
		why = display_try(display, path);
		if (why)
			return say_error("%s can't be the display: %s", path, why);
	} else if (display_find(display)) {
		return -1;
	}
	if (!drmIsMaster(display->fd)) {
		say_error("another program, such as a desktop, owns the display %s",
			  display->path);
		display_forget(display);
		return -1;
	}
	return 0;
}

bool display_has_pixels(const struct display *display,
			const struct pixels *pixels)
{
	uint32_t i;

	for (i = 0; i < display->plane->count_formats; i++)
		if (display->plane->formats[i] == pixels->drm)
			return true;
	return false;
}

int display_import(struct display *display, unsigned int slot, int fd,
		   const struct picture *picture)
{
	uint32_t handles[4] = { 0 }, strides[4] = { picture->stride };
	uint32_t offsets[4] = { 0 };

	if (drmPrimeFDToHandle(display->fd, fd, &display->handle[slot]) < 0)
		return -1;
	handles[0] = display->handle[slot];
	return drmModeAddFB2(display->fd, picture->width, picture->height,
			     picture->pixels->drm, handles, strides, offsets,
			     &display->fb[slot], 0);
}

int display_set_mode(struct display *display, drmModeModeInfo *mode,
		     unsigned int slot)
{
	uint32_t connector = display->connector->connector_id;

	if (drmModeSetCrtc(display->fd, display->crtc_id, display->fb[slot],
			   0, 0, &connector, 1, mode) < 0)
		return say_error("the display %s can't change to %s: %m",
				 display->path, mode->name);
	display->changed = true;
	return 0;
}

int display_flip(struct display *display, unsigned int slot)
{
	if (drmModePageFlip(display->fd, display->crtc_id, display->fb[slot],
			    DRM_MODE_PAGE_FLIP_EVENT, display) < 0)
		return say_error("the display %s can't flip pages: %m",
				 display->path);
	display->flipping = true;
	return 0;
}

static void display_flip_done(int fd, unsigned int sequence, unsigned int sec,
			      unsigned int usec, void *data)
{
	struct display *display = data;

	(void)fd;
	(void)sequence;
	(void)sec;
	(void)usec;
	display->flipping = false;
}

int display_flip_end(struct display *display)
{
	drmEventContext context = {
		.version = 2,
		.page_flip_handler = display_flip_done,
	};

	if (drmHandleEvent(display->fd, &context) < 0)
		return say_error("the display %s lost an event", display->path);
	return 0;
}

/* Best effort: what was there may have gone with the program that made it. */
static void display_restore(struct display *display)
{
	uint32_t connector = display->connector->connector_id;
	drmModeCrtc *before = display->before;

	if (before && before->buffer_id && before->mode_valid &&
	    !drmModeSetCrtc(display->fd, before->crtc_id, before->buffer_id,
			    before->x, before->y, &connector, 1, &before->mode))
		return;
	drmModeSetCrtc(display->fd, display->crtc_id, 0, 0, 0, NULL, 0, NULL);
}

void display_close(struct display *display)
{
	struct drm_gem_close gem = { 0 };
	unsigned int i;

	if (display->fd < 0)
		return;
	if (display->changed)
		display_restore(display);
	for (i = 0; i < VIDEO_MAX_FRAME; i++) {
		if (display->fb[i])
			drmModeRmFB(display->fd, display->fb[i]);
		if (!display->handle[i])
			continue;
		gem.handle = display->handle[i];
		drmIoctl(display->fd, DRM_IOCTL_GEM_CLOSE, &gem);
	}
	display_forget(display);
}
