// SPDX-License-Identifier: GPL-2.0
/*
 * Device nodes: opening them, and what subsystems tell about them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "message.h"
#include "node.h"

#define PATH_SIZE	256

/* Name of a node in sysfs (@link is empty), or of what its directory links to. */
static void node_link(int fd, const char *link, char target[NODE_TEXT_SIZE])
{
	char path[PATH_SIZE], to[PATH_SIZE];
	struct stat status;
	const char *name;
	ssize_t length;

	*target = '\0';
	if (fstat(fd, &status) || !S_ISCHR(status.st_mode))
		return;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u%s",
		 major(status.st_rdev), minor(status.st_rdev), link);
	length = readlink(path, to, sizeof(to) - 1);
	if (length < 0)
		return;
	to[length] = '\0';
	name = strrchr(to, '/');
	snprintf(target, NODE_TEXT_SIZE, "%.*s", NODE_TEXT_SIZE - 1,
		 name ? name + 1 : to);
}

/* Who opens a DRM card first is in charge of the display; that isn't wanted. */
static void node_leave_display(int fd)
{
	char name[NODE_TEXT_SIZE];

	node_link(fd, "", name);
	if (!strncmp(name, "card", 4) && drmIsMaster(fd))
		drmDropMaster(fd);
}

int node_open(const char *path)
{
	const int flags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd;

	fd = open(path, O_RDWR | flags);
	if (fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS ||
		       errno == EISDIR))
		fd = open(path, O_RDONLY | flags);
	if (fd < 0)
		return -errno;
	node_leave_display(fd);
	return fd;
}

void node_explain(const char *path, int error, char *text, size_t size)
{
	char who[PATH_SIZE];

	switch (error) {
	case -ENOENT:
	case -ENOTDIR:
		snprintf(text, size, "there is no such file");
		break;
	case -ENODEV:
	case -ENXIO:
		snprintf(text, size, "no driver is behind it");
		break;
	case -EACCES:
	case -EPERM:
		message_permission(path, who, sizeof(who));
		snprintf(text, size, "no permission: %s", who);
		break;
	case -EBUSY:
		snprintf(text, size, "another program has it open");
		break;
	default:
		snprintf(text, size, "it can't be opened: %s", strerror(-error));
	}
}

static const char *v4l2_function(unsigned int caps)
{
	static const struct {
		unsigned int caps;
		const char *name;
	} functions[] = {
		{ V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_M2M_MPLANE, "mem-to-mem" },
		{ V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE,
		  "capture" },
		{ V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_VIDEO_OUTPUT_MPLANE, "output" },
		{ V4L2_CAP_META_CAPTURE | V4L2_CAP_META_OUTPUT, "metadata" },
	};
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (caps & functions[i].caps)
			return functions[i].name;
	return "";
}

static void node_identify_v4l2(int fd, struct node_identity *identity)
{
	struct v4l2_capability capability;
	unsigned int caps;

	if (ioctl(fd, VIDIOC_QUERYCAP, &capability))
		return;
	caps = capability.capabilities & V4L2_CAP_DEVICE_CAPS ?
	       capability.device_caps : capability.capabilities;
	snprintf(identity->driver, NODE_TEXT_SIZE, "%.16s",
		 (const char *)capability.driver);
	snprintf(identity->card, NODE_TEXT_SIZE, "%.32s",
		 (const char *)capability.card);
	snprintf(identity->function, NODE_TEXT_SIZE, "%s", v4l2_function(caps));
}

static void node_identify_drm(int fd, struct node_identity *identity)
{
	drmVersion *version = drmGetVersion(fd);

	snprintf(identity->function, NODE_TEXT_SIZE, "%s",
		 drmIsKMS(fd) ? "display" : "render");
	if (!version)
		return;
	snprintf(identity->driver, NODE_TEXT_SIZE, "%s", version->name);
	snprintf(identity->card, NODE_TEXT_SIZE, "%s", version->desc);
	drmFreeVersion(version);
}

void node_identify(int fd, struct node_identity *identity)
{
	memset(identity, 0, sizeof(*identity));
	node_link(fd, "/subsystem", identity->subsystem);
	if (!strcmp(identity->subsystem, "video4linux"))
		node_identify_v4l2(fd, identity);
	else if (!strcmp(identity->subsystem, "drm"))
		node_identify_drm(fd, identity);
}
