// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel modules come and go: see module.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/limits.h>
#include <sys/syscall.h>

#include "module.h"

int module_load(const char *path, const char *args)
{
	int file, rc;

	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	rc = syscall(SYS_finit_module, file, args, 0) ? -errno : 0;
	close(file);
	return rc;
}

int module_load_user(const char *name, const char *args)
{
	const char *kmods = getenv("KMODS");
	char path[PATH_MAX];

	if (!kmods)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/users/%s.ko", kmods, name);
	return module_load(path, args);
}

int module_unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

int module_unload_wait(const char *name)
{
	int rc = module_unload(name), tries;

	for (tries = 0; rc == -EAGAIN && tries < 100; tries++) {
		usleep(10000);
		rc = module_unload(name);
	}
	return rc;
}
