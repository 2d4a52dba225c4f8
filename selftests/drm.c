// SPDX-License-Identifier: GPL-2.0
/*
 * DRM devices as importers: the ioctls behind drm.h, by hand, because this needs
 * so few of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <libdrm/drm.h>
#include <libdrm/drm_fourcc.h>
#include <libdrm/drm_mode.h>

#include "drm.h"

#define MAX_NODES	16
#define MAX_MODES	64

/* vgem's own calls: libdrm-dev doesn't ship its header. */
struct vgem_fence_attach {
	__u32 handle;
	__u32 flags;
	__u32 out_fence;
	__u32 pad;
};

struct vgem_fence_signal {
	__u32 fence;
	__u32 flags;
};

#define VGEM_FENCE_WRITE	1
#define VGEM_IOC_ATTACH \
	DRM_IOWR(DRM_COMMAND_BASE + 1, struct vgem_fence_attach)
#define VGEM_IOC_SIGNAL \
	DRM_IOW(DRM_COMMAND_BASE + 2, struct vgem_fence_signal)

static int drm_call(int card, unsigned long request, void *arg)
{
	return ioctl(card, request, arg) ? -errno : 0;
}

static int card_is(int card, const char *driver)
{
	char name[32] = "";
	struct drm_version version = {
		.name = name,
		.name_len = sizeof(name) - 1,
	};

	return !drm_call(card, DRM_IOCTL_VERSION, &version) &&
	       !strncmp(name, driver, strlen(driver));
}

static int node_open(const char *pattern, int first, const char *driver)
{
	char path[32];
	int card, i;

	for (i = first; i < first + MAX_NODES; i++) {
		snprintf(path, sizeof(path), "/dev/dri/%s%d", pattern, i);
		card = open(path, O_RDWR | O_CLOEXEC);
		if (card < 0)
			continue;
		if (card_is(card, driver))
			return card;
		close(card);
	}
	return -1;
}

int drm_card_open(const char *driver)
{
	return node_open("card", 0, driver);
}

int drm_render_open(const char *driver)
{
	return node_open("renderD", 128, driver);
}

int drm_import(int card, int buffer, __u32 *handle)
{
	struct drm_prime_handle prime = { .fd = buffer };
	int rc = drm_call(card, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime);

	*handle = prime.handle;
	return rc;
}

unsigned int drm_import_maps(void)
{
	struct utsname name;

	uname(&name);
	return atoi(name.release) < 7;
}

int drm_handle_close(int card, __u32 handle)
{
	struct drm_gem_close gem = { .handle = handle };

	return drm_call(card, DRM_IOCTL_GEM_CLOSE, &gem);
}

int drm_handle_map(int card, __u32 handle, __u64 *offset)
{
	struct drm_mode_map_dumb map = { .handle = handle };
	int rc = drm_call(card, DRM_IOCTL_MODE_MAP_DUMB, &map);

	*offset = map.offset;
	return rc;
}

/* The card's only CRTC and connector: the displays here have one of each. */
static int screen_find(int card, __u32 *crtc, __u32 *connector)
{
	struct drm_mode_card_res res = {
		.count_crtcs = 1,
		.crtc_id_ptr = (uintptr_t)crtc,
		.count_connectors = 1,
		.connector_id_ptr = (uintptr_t)connector,
	};
	int rc = drm_call(card, DRM_IOCTL_MODE_GETRESOURCES, &res);

	if (rc)
		return rc;
	return res.count_crtcs == 1 && res.count_connectors == 1 ? 0 : -ENODEV;
}

static int mode_find(int card, __u32 connector, __u32 width, __u32 height,
		     struct drm_mode_modeinfo *mode)
{
	struct drm_mode_modeinfo modes[MAX_MODES] = {};
	struct drm_mode_get_connector get = { .connector_id = connector };
	__u32 i;
	int rc;

	/* Asking without room makes the kernel look for modes afresh. */
	rc = drm_call(card, DRM_IOCTL_MODE_GETCONNECTOR, &get);
	if (rc)
		return rc;
	if (get.count_modes > MAX_MODES)
		return -ENOBUFS;
	get.modes_ptr = (uintptr_t)modes;
	get.count_props = 0;
	get.count_encoders = 0;
	rc = drm_call(card, DRM_IOCTL_MODE_GETCONNECTOR, &get);
	if (rc)
		return rc;
	for (i = 0; i < get.count_modes; i++) {
		if (modes[i].hdisplay != width || modes[i].vdisplay != height)
			continue;
		*mode = modes[i];
		return 0;
	}
	return -ENOENT;
}

int drm_show(int card, __u32 handle, __u32 width, __u32 height, __u32 pitch,
	     __u32 *fb)
{
	struct drm_mode_fb_cmd2 add = {
		.width = width,
		.height = height,
		.pixel_format = DRM_FORMAT_XRGB8888,
		.handles = { handle },
		.pitches = { pitch },
	};
	struct drm_mode_crtc set = { .mode_valid = 1, .count_connectors = 1 };
	__u32 connector;
	int rc;

	rc = screen_find(card, &set.crtc_id, &connector);
	if (rc)
		return rc;
	rc = mode_find(card, connector, width, height, &set.mode);
	if (rc)
		return rc;
	rc = drm_call(card, DRM_IOCTL_MODE_ADDFB2, &add);
	if (rc)
		return rc;
	set.fb_id = add.fb_id;
	set.set_connectors_ptr = (uintptr_t)&connector;
	rc = drm_call(card, DRM_IOCTL_MODE_SETCRTC, &set);
	if (rc)
		drm_hide(card, add.fb_id);
	*fb = rc ? 0 : add.fb_id;
	return rc;
}

int drm_hide(int card, __u32 fb)
{
	unsigned int id = fb;

	return drm_call(card, DRM_IOCTL_MODE_RMFB, &id);
}

int drm_fence_attach(int card, __u32 handle, int write, __u32 *fence)
{
	struct vgem_fence_attach attach = {
		.handle = handle,
		.flags = write ? VGEM_FENCE_WRITE : 0,
	};
	int rc = drm_call(card, VGEM_IOC_ATTACH, &attach);

	*fence = attach.out_fence;
	return rc;
}

int drm_fence_signal(int card, __u32 fence)
{
	struct vgem_fence_signal signal = { .fence = fence };

	return drm_call(card, VGEM_IOC_SIGNAL, &signal);
}
