// SPDX-License-Identifier: GPL-2.0
/*
 * The module's own counts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"

#define COUNTERS_FOLDER	"/sys/class/misc/dmabuf-heap/"

static bool counter_read(const char *name, uint64_t *value)
{
	char path[64];
	FILE *file;
	int got;

	snprintf(path, sizeof(path), COUNTERS_FOLDER "%s", name);
	file = fopen(path, "re");
	if (!file)
		return false;
	got = fscanf(file, "%" SCNu64, value);
	fclose(file);
	return got == 1;
}

void counters_read(struct counters *counters)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	memset(counters, 0, sizeof(*counters));
	counters->is_known = counter_read("buffers", &counters->buffers) &&
			     counter_read("backed", &counters->backed) &&
			     counter_read("pages", &counters->bytes) &&
			     counter_read("scarce_pages", &counters->scarce_bytes) &&
			     counter_read("allocations", &counters->allocations);
	if (!counters->is_known)
		memset(counters, 0, sizeof(*counters));
	counters->bytes *= page;
	counters->scarce_bytes *= page;
}
