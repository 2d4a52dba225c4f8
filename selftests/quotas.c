// SPDX-License-Identifier: GPL-2.0
/*
 * The module's parameters that limit users, and what the kernel says of its
 * memory: see quotas.h. Amounts are bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "heap.h"
#include "quotas.h"

#define PARAMETERS	"/sys/module/dmabuf_heap/parameters/"
#define UNIT		HEAP_MIB
#define LOW_END		(4 * HEAP_GIB)

static const char * const parameters[QUOTAS] = {
	[USER_BUFFERS] = PARAMETERS "user_buffers",
	[USER_BYTES] = PARAMETERS "user_bytes",
	[USER_SCARCE] = PARAMETERS "user_scarce",
	[TOTAL_BUFFERS] = PARAMETERS "total_buffers",
	[TOTAL_BYTES] = PARAMETERS "total_bytes",
	[TOTAL_SCARCE] = PARAMETERS "total_scarce",
};

int quotas_save(struct quotas *quotas)
{
	int i;

	for (i = 0; i < QUOTAS; i++) {
		quotas->was[i] = quota_get(i);
		if (access(parameters[i], W_OK))
			return -errno;
	}
	return 0;
}

int quotas_restore(const struct quotas *quotas)
{
	int rc = 0, i;

	for (i = 0; i < QUOTAS; i++)
		rc = quota_set(i, quotas->was[i]) ?: rc;
	return rc;
}

/* "max" is no number. */
__u64 quota_get(enum quota quota)
{
	return heap_file_number(parameters[quota]);
}

int quota_set(enum quota quota, __u64 limit)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", limit);
	return quota_write(quota, limit == QUOTA_MAX ? "max" : text);
}

int quota_write(enum quota quota, const char *text)
{
	return heap_file_write(parameters[quota], text);
}

static bool is_scarce(enum quota quota)
{
	return quota == USER_SCARCE || quota == TOTAL_SCARCE;
}

static bool is_buffers(enum quota quota)
{
	return quota == USER_BUFFERS || quota == TOTAL_BUFFERS;
}

__u64 quota_unit(enum quota quota)
{
	return is_buffers(quota) ? 1 : UNIT;
}

int quota_low_buffer(int heap, __u64 length)
{
	int buffer = heap_create(heap, length), rc;

	if (buffer < 0)
		return buffer;
	rc = heap_require_limit(heap, buffer, DMABUF_HEAP_LIMIT_MAX_ADDR, LOW_END - 1, NULL, NULL);
	if (!rc)
		return buffer;
	close(buffer);
	return rc;
}

int quota_take(int heap, enum quota quota)
{
	int buffer, rc;

	buffer = is_scarce(quota) ? quota_low_buffer(heap, UNIT) : heap_create(heap, UNIT);
	if (buffer < 0 || is_buffers(quota))
		return buffer;
	rc = heap_commit(heap, buffer);
	if (!rc)
		return buffer;
	close(buffer);
	return rc;
}

/* Bytes that the kernel manages in zones that end at or below LOW_END, or in the others. */
static __u64 zones_memory(bool low)
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	__u64 spanned = 0, managed = 0, start, bytes = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " spanned %llu", &spanned) == 1 ||
		    sscanf(line, " managed %llu", &managed) == 1)
			continue;
		/* The last line of a zone; one without memory has none. */
		if (sscanf(line, " start_pfn: %llu", &start) != 1)
			continue;
		if (((start + spanned) * HEAP_PAGE <= LOW_END) == low)
			bytes += managed * HEAP_PAGE;
		managed = 0;
	}
	if (file)
		fclose(file);
	return bytes;
}

__u64 quota_low_memory(void)
{
	return zones_memory(true);
}

bool quota_low_is_scarce(void)
{
	return zones_memory(false);
}
