// SPDX-License-Identifier: GPL-2.0
/*
 * Processes in a user namespace of their own: see settler.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/wait.h>

#include "heap.h"
#include "settler.h"

static int settler_live(const struct settler *settler, int ready, int go)
{
	char byte = 0;
	int rc;

	if (settler->owner && setuid(settler->owner))
		return -errno;
	rc = settler->before(settler->arg);
	if (rc)
		return rc;
	if (unshare(CLONE_NEWUSER))
		return -EOPNOTSUPP;
	if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1)
		return -EPIPE;
	if (setuid(settler->inside))
		return -errno;
	return settler->body(settler->arg);
}

/* It can't give itself other ids than its own. */
static int settler_wait(const struct settler *settler, pid_t child, int ready, int go)
{
	char path[64], byte;
	int rc = 0, status;

	snprintf(path, sizeof(path), "/proc/%d/uid_map", child);
	if (read(ready, &byte, 1) == 1)
		rc = heap_file_write(path, settler->map) ?: write(go, &byte, 1) - 1;
	close(go);
	close(ready);
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -EPROTO;
	return rc ?: (signed char)WEXITSTATUS(status);
}

int settler_run(const struct settler *settler)
{
	int ready[2], go[2];
	pid_t child;

	if (pipe(ready) || pipe(go))
		return -errno;
	fflush(NULL);
	child = fork();
	if (!child) {
		close(ready[0]);
		close(go[1]);
		_exit(settler_live(settler, ready[1], go[0]));
	}
	close(ready[1]);
	close(go[0]);
	return settler_wait(settler, child, ready[0], go[1]);
}
