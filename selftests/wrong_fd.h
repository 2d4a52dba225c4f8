/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fds that are no buffer and no device, in every place where a call wants one.
 * Opening them is a matter of its own, so that the calls can be repeated.
 */
#ifndef WRONG_FD_H
#define WRONG_FD_H

#include "wrong.h"

#define WRONG_FD_ROOM	64

struct wrong_fd {
	const char *what;
	int fd;
	int buffer_error;	/* 0: isn't tried as a buffer */
	int device_error;	/* 0: isn't tried as a device */
	bool opened;
};

struct wrong_fds {
	struct wrong_fd fd[WRONG_FD_ROOM];
	int count;
};

/* What isn't there on this machine is left out. */
void wrong_fds_open(struct wrong_fds *fds, const struct subject *on);
void wrong_fds_close(struct wrong_fds *fds);

void wrong_fds_as_buffer(const struct wrong_fds *fds, struct subject *on,
			 struct wrong_witness *witness);
void wrong_fds_as_device(const struct wrong_fds *fds, struct subject *on,
			 struct wrong_witness *witness);

#endif /* WRONG_FD_H */
