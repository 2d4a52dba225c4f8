// SPDX-License-Identifier: GPL-2.0
/*
 * Running Graphviz's dot. It reads and writes files in memory, so that neither of us
 * waits for the other, and nothing is left behind.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "graphviz.h"
#include "text.h"

#define OPTION_SIZE	16
#define COMPLAINT_SIZE	256

/* Files in memory, in the place of the program's standard ones: by their numbers. */
#define FILE_COUNT	3

static void files_close(const int files[FILE_COUNT])
{
	size_t i;

	for (i = 0; i < FILE_COUNT; i++)
		if (files[i] >= 0)
			close(files[i]);
}

static int files_open(int files[FILE_COUNT], const char *text, size_t size)
{
	size_t i;
	int error;

	for (i = 0; i < FILE_COUNT; i++) {
		files[i] = memfd_create("dot", MFD_CLOEXEC);
		if (files[i] < 0)
			return -errno;
	}
	error = file_write(files[STDIN_FILENO], text, size);
	if (!error && lseek(files[STDIN_FILENO], 0, SEEK_SET) < 0)
		error = -errno;
	return error;
}

/* All of it; a file in memory has nothing that could fail. */
static void *file_take(int fd, size_t *size)
{
	struct stat status = { 0 };
	ssize_t got;
	void *data;

	fstat(fd, &status);
	data = text_allocate((size_t)status.st_size, 1);
	got = pread(fd, data, (size_t)status.st_size, 0);
	*size = got < 0 ? 0 : (size_t)got;
	return data;
}

static int dot_spawn(const int files[FILE_COUNT], const char *format, pid_t *pid)
{
	char option[OPTION_SIZE], *arguments[] = { "dot", option, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int i, error;

	snprintf(option, sizeof(option), "-T%s", format);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	for (i = 0; i < FILE_COUNT; i++)
		posix_spawn_file_actions_adddup2(&actions, files[i], i);
	/* Ours is ignored, and that would be inherited. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	error = posix_spawnp(pid, arguments[0], &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* The first line of what dot has to say is enough. */
static enum status dot_explain(int complaints, int how)
{
	char line[COMPLAINT_SIZE] = "";
	ssize_t got = pread(complaints, line, sizeof(line) - 1, 0);

	line[got < 0 ? 0 : got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (WIFSIGNALED(how))
		return message_error(STATUS_FAILURE, "Graphviz's dot was ended by signal %d",
				     WTERMSIG(how));
	return message_error(STATUS_FAILURE, "Graphviz's dot failed with status %d%s%s",
			     WEXITSTATUS(how), *line ? ": " : "", line);
}

static enum status dot_run(const int files[FILE_COUNT], const char *format)
{
	int error, how;
	pid_t pid;

	error = dot_spawn(files, format, &pid);
	if (error == ENOENT)
		return message_error(STATUS_FAILURE,
				     "there is no program dot: is Graphviz installed?");
	if (error)
		return message_error(STATUS_FAILURE, "Graphviz's dot can't be run: %s",
				     strerror(error));
	while (waitpid(pid, &how, 0) < 0)
		if (errno != EINTR)
			return message_error(STATUS_FAILURE, "Graphviz's dot is lost: %s",
					     strerror(errno));
	if (!WIFEXITED(how) || WEXITSTATUS(how))
		return dot_explain(files[STDERR_FILENO], how);
	return STATUS_OK;
}

enum status graphviz_draw(const char *text, size_t size, const char *format,
			  void **picture, size_t *picture_size)
{
	int files[FILE_COUNT] = { -1, -1, -1 };
	enum status status;
	int error;

	error = files_open(files, text, size);
	if (error)
		status = message_error(STATUS_FAILURE, "Graphviz's dot can't be given its text: %s",
				       strerror(-error));
	else
		status = dot_run(files, format);
	if (!status)
		*picture = file_take(files[STDOUT_FILENO], picture_size);
	files_close(files);
	return status;
}
