// SPDX-License-Identifier: GPL-2.0
/*
 * Files that the program writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "text.h"

int file_write(int fd, const void *data, size_t size)
{
	const char *rest = data;

	while (size) {
		ssize_t written = write(fd, rest, size);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			rest += written;
			size -= (size_t)written;
		}
	}
	return 0;
}

/* Some file systems tell only at the end that there was no room. */
static int file_write_last(int fd, const void *data, size_t size)
{
	int error = file_write(fd, data, size);

	if (close(fd) && !error)
		error = -errno;
	return error;
}

/* As open() would have made the file, had it not been for a name of its own. */
static mode_t file_new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* In the same folder, so that it can take the place of what is there. */
static int file_write_beside(const char *path, const void *data, size_t size)
{
	static const char ending[] = ".XXXXXX";
	char *beside = text_allocate(strlen(path) + sizeof(ending), 1);
	int fd, error;

	strcpy(stpcpy(beside, path), ending);
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0) {
		error = -errno;
		free(beside);
		return error;
	}
	error = fchmod(fd, file_new_mode()) ? -errno : 0;
	if (error)
		close(fd);
	else
		error = file_write_last(fd, data, size);
	if (!error && rename(beside, path))
		error = -errno;
	if (error)
		unlink(beside);
	free(beside);
	return error;
}

int file_replace(const char *path, const void *data, size_t size)
{
	struct stat status;
	char *target;
	int fd, error;

	if (!stat(path, &status) && !S_ISREG(status.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		return fd < 0 ? -errno : file_write_last(fd, data, size);
	}
	/* A link stays, and leads to the new file. */
	target = realpath(path, NULL);
	error = file_write_beside(target ? target : path, data, size);
	free(target);
	return error;
}
