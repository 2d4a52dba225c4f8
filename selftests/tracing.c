// SPDX-License-Identifier: GPL-2.0
/*
 * Trace events, from tracefs: see tracing.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/limits.h>

#include "heap.h"
#include "tracing.h"

#define TRACING		"/sys/kernel/tracing/"

static int event_write(const char *event, const char *file, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), TRACING "events/%s/%s", event, file);
	return heap_file_write(path, text);
}

int tracing_names(bool on)
{
	return heap_file_write(TRACING "options/record-cmd", on ? "1" : "0");
}

/* To open it so is what clears it. */
int tracing_clear(void)
{
	int fd = open(TRACING "trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	return fd < 0 || close(fd) ? -errno : 0;
}

int tracing_start(const char *event, const char *filter)
{
	int rc = event_write(event, "filter", filter);

	if (!rc)
		rc = tracing_clear();
	if (!rc)
		rc = tracing_names(false);
	if (!rc)
		rc = event_write(event, "enable", "1");
	return rc;
}

int tracing_stop(const char *event)
{
	int rc = event_write(event, "enable", "0");

	if (!rc)
		rc = tracing_names(true);
	if (!rc)
		rc = event_write(event, "filter", "0");
	return rc ? rc : tracing_clear();
}

/* One line of the record; false when it shows that the sum would be wrong. */
static bool line_add(const char *line, const char *name, const char *field, __u64 *sum)
{
	unsigned long long there, written;
	const char *number;
	char *end;

	if (sscanf(line, "# entries-in-buffer/entries-written: %llu/%llu", &there, &written) == 2)
		return there == written;
	if (line[0] == '#' || !strstr(line, name))
		return true;
	number = strstr(line, field);
	if (!number)
		return false;
	number += strlen(field);
	*sum += strtoull(number, &end, 10);
	return end != number;
}

__u64 tracing_sum(const char *event, const char *field)
{
	char line[512], name[64], equals[64];
	bool good = true;
	__u64 sum = 0;
	FILE *file;

	file = fopen(TRACING "trace", "re");
	if (!file)
		return -1ULL;
	snprintf(name, sizeof(name), " %s: ", strrchr(event, '/') + 1);
	snprintf(equals, sizeof(equals), " %s=", field);
	while (good && fgets(line, sizeof(line), file))
		good = line_add(line, name, equals, &sum);
	fclose(file);
	return good ? sum : -1ULL;
}
