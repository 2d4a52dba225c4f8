// SPDX-License-Identifier: GPL-2.0
/*
 * What the program says about failures.
 */
#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "message.h"
#include "text.h"

#define SENTENCE_SIZE	512

enum status message_error(enum status status, const char *format, ...)
{
	char sentence[2 * SENTENCE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	text_clean(sentence);
	fprintf(stderr, PROGRAM_NAME ": %s\n", sentence);
	return status;
}

enum status message_call(enum dbheap_call call, int error, const char *subject)
{
	char reason[SENTENCE_SIZE];

	dmabuf_heap_error_explain(call, error, reason, sizeof(reason));
	return message_error(STATUS_FAILURE, "%s: %s", subject, reason);
}

void message_permission(const char *path, char *text, size_t size)
{
	const mode_t both = 0060;	/* the group may read and write */
	const struct group *group;
	struct stat status;

	if (stat(path, &status) || (status.st_mode & both) != both) {
		snprintf(text, size, "only root may open it");
		return;
	}
	group = getgrgid(status.st_gid);
	if (group)
		snprintf(text, size, "only root and the group %s may open it",
			 group->gr_name);
	else
		snprintf(text, size, "only root and the group %u may open it",
			 (unsigned int)status.st_gid);
}

void message_heap_explain(int error, char *text, size_t size)
{
	char why[SENTENCE_SIZE];

	switch (error) {
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		snprintf(text, size, DBHEAP_DEFAULT_PATH
			 " is not there: is the dmabuf-heap module loaded?");
		break;
	case -EACCES:
	case -EPERM:
		message_permission(DBHEAP_DEFAULT_PATH, why, sizeof(why));
		snprintf(text, size, "no permission to open " DBHEAP_DEFAULT_PATH
			 ": %s", why);
		break;
	default:
		dmabuf_heap_error_explain(DBHEAP_CALL_OPEN, error, why, sizeof(why));
		snprintf(text, size, DBHEAP_DEFAULT_PATH ": %s", why);
	}
}

enum status message_heap_open(struct dmabuf_heap **heap)
{
	char reason[2 * SENTENCE_SIZE];
	int error = dmabuf_heap_open(NULL, heap);

	if (!error)
		return STATUS_OK;
	message_heap_explain(error, reason, sizeof(reason));
	return message_error(STATUS_FAILURE, "%s", reason);
}

enum status message_output_lost(int error)
{
	if (error == EPIPE)
		return STATUS_FAILURE;
	return message_error(STATUS_FAILURE, "not all output could be written%s%s",
			     error ? ": " : "", error ? strerror(error) : "");
}

enum status message_output_end(enum status status)
{
	bool is_lost = ferror(stdout);

	errno = 0;
	if (fclose(stdout))
		is_lost = true;
	return is_lost ? message_output_lost(errno) : status;
}
