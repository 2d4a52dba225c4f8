// SPDX-License-Identifier: GPL-2.0
/*
 * keep HOW COMMAND...: holds the buffer DMABUF_FD, which may be PID:FD, in one of
 * several ways, and runs a command that doesn't inherit it. Exits as the command does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../drm.h"

#define PAGE	4096	/* the second one is mapped */

static int buffer;
static char **command;

static int run(void)
{
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, command[0], NULL, NULL, command, environ))
		error(127, 0, "no program %s", command[0]);
	if (waitpid(pid, &status, 0) != pid)
		error(1, errno, "waiting");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void moment(void)
{
	usleep(100000);
}

static int by_fd(void)
{
	return run();
}

static int by_two_fds(void)
{
	if (fcntl(buffer, F_DUPFD_CLOEXEC, 0) < 0)
		error(1, errno, "no second fd");
	return run();
}

static int by_map(void)
{
	if (mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, buffer, PAGE) == MAP_FAILED)
		error(1, errno, "no mapping");
	close(buffer);
	return run();
}

/* As an event each, these are more than a watcher keeps. */
static int by_many_maps(void)
{
	void *map;
	int i;

	for (i = 0; i < 3000; i++) {
		map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, buffer, 0);
		if (map == MAP_FAILED)
			error(1, errno, "no mapping");
		munmap(map, PAGE);
	}
	return run();
}

static int by_import(void)
{
	int card = open(getenv("RENDER"), O_RDWR | O_CLOEXEC);
	__u32 handle;

	if (card < 0)
		error(1, errno, "no card");
	if (drm_import(card, buffer, &handle))
		error(1, 0, "no import");
	close(buffer);
	return run();
}

static int by_fork(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		for (;;)
			pause();
	status = run();
	kill(child, SIGKILL);
	return status;
}

/* The fd of a process whose main thread has ended. */
static void *thread_run(void *unused)
{
	char link[1];

	(void)unused;
	while (readlink("/proc/self/exe", link, sizeof(link)) >= 0)
		moment();
	exit(run());
}

static int by_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_run, NULL))
		error(1, 0, "no thread");
	syscall(SYS_exit, 0);
	return 1;
}

/* The fd is in the thread's own table when the main thread has closed it. */
static pthread_barrier_t apart, closed;

static void *table_run(void *unused)
{
	(void)unused;
	if (unshare(CLONE_FILES))
		error(1, errno, "no table of its own");
	pthread_barrier_wait(&apart);
	pthread_barrier_wait(&closed);
	exit(run());
}

static int by_table(void)
{
	pthread_t thread;

	pthread_barrier_init(&apart, NULL, 2);
	pthread_barrier_init(&closed, NULL, 2);
	if (pthread_create(&thread, NULL, table_run, NULL))
		error(1, 0, "no thread");
	pthread_barrier_wait(&apart);
	close(buffer);
	pthread_barrier_wait(&closed);
	pthread_join(thread, NULL);
	return 1;
}

static const struct way {
	const char *name;
	int (*keep)(void);
} ways[] = {
	{ "fd", by_fd },
	{ "twice", by_two_fds },
	{ "map", by_map },
	{ "maps", by_many_maps },
	{ "import", by_import },
	{ "fork", by_fork },
	{ "thread", by_thread },
	{ "table", by_table },
};

/* The fd @text of ours, or of another process. */
static int buffer_get(const char *text)
{
	int pid, fd, pidfd;

	if (sscanf(text, "%d:%d", &pid, &fd) != 2)
		return atoi(text);
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	fd = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	return fd;
}

int main(int argc, char **argv)
{
	const char *number = getenv("DMABUF_FD");
	size_t i;

	if (argc < 3 || !number)
		error(2, 0, "usage: DMABUF_FD=N keep HOW COMMAND...");
	buffer = buffer_get(number);
	command = argv + 2;
	if (fcntl(buffer, F_SETFD, FD_CLOEXEC))
		error(1, errno, "no buffer");
	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(argv[1], ways[i].name))
			return ways[i].keep();
	error(2, 0, "there is no way \"%s\"", argv[1]);
}
