// SPDX-License-Identifier: GPL-2.0
/*
 * What tests of importing drivers share: see importer.h. Lengths are bytes.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "heap.h"
#include "importer.h"

/* Tries at memory that lies as wanted, all held until the last. */
#define MAX_TRIES	16
#define MAX_RECORDS	16
#define MAX_COLOURS	64

int importer_records(int heap, int buffer, const char *device,
		     struct dmabuf_heap_attachment_record *record)
{
	struct dmabuf_heap_attachment_record records[MAX_RECORDS];
	int count, found = 0, i;

	count = heap_query_attachments(heap, buffer, records, MAX_RECORDS);
	if (count < 0)
		return count;
	for (i = 0; i < count && i < MAX_RECORDS; i++) {
		if (!(records[i].flags & DMABUF_HEAP_ATTACHMENT_IMPORTED) ||
		    strcmp(records[i].device, device))
			continue;
		if (!found++ && record)
			*record = records[i];
	}
	return found;
}

/* A buffer backed by COMMIT; below @max_addr if that isn't 0. */
static int buffer_backed(int heap, __u64 length, __u64 max_addr)
{
	struct dmabuf_heap_limits limits = {};
	int buffer, rc = 0;
	__u64 id = 0;

	buffer = heap_create(heap, length);
	if (buffer < 0)
		return buffer;
	heap_limits_set(&limits, DMABUF_HEAP_LIMIT_MAX_ADDR, max_addr);
	if (max_addr)
		rc = heap_require(heap, buffer, DMABUF_HEAP_NO_DEVICE, &limits,
				  NULL, &id, NULL);
	if (!rc)
		rc = heap_commit(heap, buffer);
	if (!rc && max_addr)
		rc = heap_detach(heap, buffer, id);
	if (rc)
		close(buffer);
	return rc ? rc : buffer;
}

static int placement_is_high(const struct dmabuf_heap_placement *placement)
{
	return placement->addr_bits > 32;
}

static int placement_is_scattered(const struct dmabuf_heap_placement *placement)
{
	return placement->runs > 1;
}

static int buffer_placed(int heap, __u64 length, __u64 max_addr,
			 int (*suits)(const struct dmabuf_heap_placement *))
{
	struct dmabuf_heap_buffer_record record;
	int tries[MAX_TRIES], count = 0, found = -ENOMEM, rc;

	while (found < 0 && count < MAX_TRIES) {
		rc = buffer_backed(heap, length, max_addr);
		if (rc < 0)
			break;
		tries[count++] = rc;
		if (!heap_query(heap, rc, &record) && suits(&record.placement))
			found = rc;
	}
	while (count--)
		if (tries[count] != found)
			close(tries[count]);
	return found;
}

int importer_buffer_high(int heap, __u64 length)
{
	return buffer_placed(heap, length, 0, placement_is_high);
}

int importer_buffer_scattered(int heap, __u64 length)
{
	return buffer_placed(heap, length, IMPORTER_4G, placement_is_scattered);
}

int importer_colours(const void *line, __u32 width)
{
	__u32 seen[MAX_COLOURS], pixel;
	const __u32 *pixels = line;
	int count = 0, i;

	while (width-- && count < MAX_COLOURS) {
		pixel = pixels[width] & 0xffffff;
		for (i = 0; i < count && seen[i] != pixel; i++)
			;
		if (i == count)
			seen[count++] = pixel;
	}
	return count;
}

int importer_is_filled(const void *memory, __u64 length, unsigned char value)
{
	const unsigned char *bytes = memory;

	return !length || (bytes[0] == value && !memcmp(bytes, bytes + 1, length - 1));
}
