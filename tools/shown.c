// SPDX-License-Identifier: GPL-2.0
/*
 * What "dmabuf-ctl show" prints: the command runs in a child, into a pipe.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl.h"
#include "shown.h"
#include "text.h"

/* Never returns. */
static void child_run(uint64_t id, int out)
{
	char name[] = "show", text[TEXT_NUMBER_SIZE];
	char *argv[3] = { name, text };
	struct invocation invocation;

	snprintf(text, sizeof(text), "%" PRIu64, id);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	invocation_begin(&invocation, &command_show, 2, argv);
	/* Not exit(): how the parent ends is not for the child to do. */
	_exit(message_output_end(command_show.run(&invocation)));
}

static char *pipe_read(int fd)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fdopen(fd, "r");

	if (!file) {
		close(fd);
		return text_copy("");
	}
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = text_copy("");
	}
	fclose(file);
	return text;
}

char *shown_read(uint64_t id)
{
	int ends[2];
	char *text;
	pid_t child;

	if (pipe(ends))
		return text_copy("show can't be asked: there is no pipe to it");
	child = fork();
	if (!child)
		child_run(id, ends[1]);
	close(ends[1]);
	text = pipe_read(ends[0]);
	if (child < 0) {
		free(text);
		return text_copy("show can't be asked: there is no process for it");
	}
	waitpid(child, NULL, 0);
	return text;
}
