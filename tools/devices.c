// SPDX-License-Identifier: GPL-2.0
/*
 * Devices as rows. A device that tells nothing has a row that says why.
 */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "devices.h"
#include "limits.h"
#include "node.h"

#define NOTE_SIZE	512

enum {
	COL_NODE, COL_DEVICE, COL_SUBSYSTEM, COL_DRIVER, COL_CARD, COL_FUNCTION,
	COL_DMA, COL_MAX_ADDRESS, COL_CONTIGUOUS, COL_MAX_SEGMENT, COL_BOUNDARY,
	COL_MAX_SEGMENTS, COL_ALIGNMENT, COL_CHUNK, COL_NUMA_NODE, COL_NOTE,
};

static const struct column columns[] = {
	[COL_NODE] = { "NODE", COLUMN_TEXT, "device node" },
	[COL_DEVICE] = { "DEVICE", COLUMN_TEXT,
			 "device that does the DMA, as in /sys/devices" },
	[COL_SUBSYSTEM] = { "SUBSYSTEM", COLUMN_TEXT, "class of the node" },
	[COL_DRIVER] = { "DRIVER", COLUMN_TEXT, "what its driver calls itself" },
	[COL_CARD] = { "CARD", COLUMN_TEXT, "what its driver calls the device" },
	[COL_FUNCTION] = { "FUNCTION", COLUMN_TEXT, "what the node is for" },
	[COL_DMA] = { "DMA", COLUMN_TEXT,
		      "how it reaches memory: direct, IOMMU, CPU only" },
	LIMIT_COLUMNS(COL_MAX_ADDRESS),
	[COL_NOTE] = { "NOTE", COLUMN_TEXT, "why nothing is known" },
};

const struct layout devices_layout = {
	"devices", columns, sizeof(columns) / sizeof(columns[0]),
	"NODE,DEVICE,DRIVER,FUNCTION,DMA,MAX-ADDRESS,CONTIGUOUS,MAX-SEGMENT,BOUNDARY,NOTE",
};

static void device_note(struct row *row, const char *note)
{
	row_set_text(row, COL_NOTE, note);
	row_set_color(row, "yellow");
}

/* The limits are known even when no memory of this machine meets them. */
static void device_fill_limits(struct row *row, struct dmabuf_heap_buffer *probe,
			       int fd)
{
	struct dmabuf_heap_reply *reply;
	char note[NOTE_SIZE];
	int error;

	error = dmabuf_heap_buffer_attach(probe, fd, DBHEAP_READ | DBHEAP_WRITE,
					  NULL, DBHEAP_ATTACH_TEST, NULL, &reply);
	if (reply) {
		row_set_text(row, COL_DEVICE, reply->device);
		row_set_text(row, COL_DMA, attachment_dma_name(reply->flags));
		limits_fill(row, COL_MAX_ADDRESS, reply->flags, reply->limits);
	}
	if (error) {
		if (reply && reply->conflict)
			dmabuf_heap_conflict_explain(reply->conflict, NULL, note,
						     sizeof(note));
		else
			dmabuf_heap_error_explain(DBHEAP_CALL_ATTACH, error, note,
						  sizeof(note));
		device_note(row, note);
	}
	dmabuf_heap_reply_free(reply);
}

static void device_fill(struct row *row, struct dmabuf_heap_buffer *probe,
			const char *path)
{
	struct node_identity identity;
	char note[NOTE_SIZE];
	int fd;

	row_set_text(row, COL_NODE, path);
	fd = node_open(path);
	if (fd < 0) {
		node_explain(path, fd, note, sizeof(note));
		device_note(row, note);
		return;
	}
	node_identify(fd, &identity);
	row_set_text(row, COL_SUBSYSTEM, identity.subsystem);
	row_set_text(row, COL_DRIVER, identity.driver);
	row_set_text(row, COL_CARD, identity.card);
	row_set_text(row, COL_FUNCTION, identity.function);
	if (probe)
		device_fill_limits(row, probe, fd);
	close(fd);
}

static int path_compare(const void *a, const void *b)
{
	return strverscmp(*(char * const *)a, *(char * const *)b);
}

static void devices_add(struct table *table, struct dmabuf_heap_buffer *probe,
			const char *pattern)
{
	glob_t found;
	size_t i;

	if (!glob(pattern, 0, NULL, &found)) {
		qsort(found.gl_pathv, found.gl_pathc, sizeof(*found.gl_pathv),
		      path_compare);
		for (i = 0; i < found.gl_pathc; i++)
			device_fill(table_add(table), probe, found.gl_pathv[i]);
	}
	globfree(&found);
}

int devices_probe_create(struct dmabuf_heap *heap,
			 struct dmabuf_heap_buffer **probe)
{
	return dmabuf_heap_buffer_create(heap, dmabuf_heap_get_page_size(heap), 0,
					 "devices", probe);
}

struct table *devices_collect(struct dmabuf_heap_buffer *probe)
{
	struct table *table = table_new(&devices_layout);

	devices_add(table, probe, "/dev/video[0-9]*");
	devices_add(table, probe, "/dev/dri/card[0-9]*");
	devices_add(table, probe, "/dev/dri/renderD[0-9]*");
	return table;
}
