/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices as sysfs knows them: names, numbers and folders behind the fd of a
 * node. What opens the nodes is in v4l2.h and drm.h.
 *
 * Functions return 0 or an fd, or -errno.
 */
#ifndef DEVICE_H
#define DEVICE_H

/* Of a node-opening helper: its fd; ends the test as skipped if there is none. */
#define must_have(call, what) ({					\
	int have_fd = (call);						\
									\
	if (have_fd < 0)						\
		heap_skip("no %s", what);				\
	have_fd;							\
})

/* "MAJOR:MINOR" of a device node's fd, as in /sys/dev/char. */
int device_number(int fd, char *text, int room);

/*
 * A directory fd of the sysfs folder of a device node's fd: @sub below it
 * ("device" for its parent, "." for the node's own).
 */
int device_dir(int fd, const char *sub);

/*
 * Name of the device behind that folder: the last part of its path in
 * /sys/devices.
 */
int device_name(int fd, const char *sub, char *name, int room);

/* The number in the file @file of the folder of a node's parent device. */
unsigned long long device_parent_number(int fd, const char *file);

/* A dma-buf that isn't the heap's, made by vgem: an fd. */
int device_foreign_buffer(void);

#endif /* DEVICE_H */
