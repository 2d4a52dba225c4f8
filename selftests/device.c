// SPDX-License-Identifier: GPL-2.0
/*
 * Devices as sysfs knows them: see device.h. Errors are -errno.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <linux/limits.h>
#include <libdrm/drm.h>
#include <libdrm/drm_mode.h>

#include "device.h"
#include "drm.h"
#include "heap.h"

int device_number(int fd, char *text, int room)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISCHR(st.st_mode))
		return -ENODEV;
	snprintf(text, room, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
	return 0;
}

static int device_path(int fd, const char *sub, char *path, int room)
{
	char number[32];
	int rc = device_number(fd, number, sizeof(number));

	snprintf(path, room, "/sys/dev/char/%s/%s", rc ? "" : number, sub);
	return rc;
}

int device_dir(int fd, const char *sub)
{
	char path[PATH_MAX];
	int rc = device_path(fd, sub, path, sizeof(path));

	if (rc)
		return rc;
	rc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return rc < 0 ? -errno : rc;
}

int device_name(int fd, const char *sub, char *name, int room)
{
	char path[PATH_MAX], real[PATH_MAX];
	int rc = device_path(fd, sub, path, sizeof(path));

	if (rc)
		return rc;
	if (!realpath(path, real))
		return -errno;
	snprintf(name, room, "%s", strrchr(real, '/') + 1);
	return 0;
}

unsigned long long device_parent_number(int fd, const char *file)
{
	char path[PATH_MAX], sub[64];

	snprintf(sub, sizeof(sub), "device/%s", file);
	if (device_path(fd, sub, path, sizeof(path)))
		return -1ULL;
	return heap_file_number(path);
}

static int dumb_export(int card)
{
	struct drm_mode_create_dumb dumb = { .width = 64, .height = 64, .bpp = 32 };
	struct drm_prime_handle prime = { .flags = DRM_CLOEXEC | DRM_RDWR };
	int rc;

	if (ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return -errno;
	prime.handle = dumb.handle;
	rc = ioctl(card, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime) ? -errno : prime.fd;
	drm_handle_close(card, dumb.handle);
	return rc;
}

int device_foreign_buffer(void)
{
	int card = drm_card_open(DRM_VGEM), rc;

	if (card < 0)
		return -ENODEV;
	rc = dumb_export(card);
	close(card);
	return rc;
}
