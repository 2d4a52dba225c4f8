// SPDX-License-Identifier: GPL-2.0
/*
 * Steps and errors. Both are out at once: the two streams may be one file, and
 * someone may be waiting for a step.
 */
#include "play_say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static bool quiet;

void say_quiet(void)
{
	quiet = true;
}

void say_step(const char *format, ...)
{
	va_list args;

	if (quiet)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

int say_error(const char *format, ...)
{
	int error = errno;
	va_list args;

	fputs("dmabuf-play: ", stderr);
	errno = error;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return -1;
}
