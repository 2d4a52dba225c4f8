// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer's attachments as rows, and each as a name.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "attachment.h"
#include "limits.h"
#include "text.h"

#define SUMMARY_SIZE	256

enum {
	COL_ID, COL_NODE, COL_DEVICE, COL_SUBSYSTEM, COL_LABEL, COL_KIND,
	COL_DECLARED_ID, COL_ACCESS, COL_DMA, COL_LIMITS, COL_MAX_ADDRESS,
	COL_CONTIGUOUS, COL_MAX_SEGMENT, COL_BOUNDARY, COL_MAX_SEGMENTS,
	COL_ALIGNMENT, COL_CHUNK, COL_NUMA_NODE, COL_MAPS, COL_MAPS_READ,
	COL_MAPS_WRITE, COL_MAPS_BOTH, COL_EVER, COL_EVER_READ, COL_EVER_WRITE,
	COL_EVER_BOTH, COL_MAPPED, COL_LAST_MAP, COL_AGE, COL_BY, COL_PID, COL_BUFFER,
};

static const struct column attachment_columns[] = {
	[COL_ID] = { "ID", COLUMN_NUMBER, "number, unique within the buffer" },
	[COL_NODE] = { "NODE", COLUMN_TEXT, "node that it was declared by" },
	[COL_DEVICE] = { "DEVICE", COLUMN_TEXT,
			 "device that does the DMA, as in /sys/devices" },
	[COL_SUBSYSTEM] = { "SUBSYSTEM", COLUMN_TEXT, "its class or bus" },
	[COL_LABEL] = { "LABEL", COLUMN_TEXT,
			"which function of the device it is about" },
	[COL_KIND] = { "KIND", COLUMN_TEXT,
		       "declared by a process, imported by a driver, or refused" },
	[COL_DECLARED_ID] = { "DECLARED-ID", COLUMN_NUMBER,
			      "of an imported one: the declared one of the same device" },
	[COL_ACCESS] = { "ACCESS", COLUMN_TEXT,
			 "what the device does: r reads, w writes" },
	[COL_DMA] = { "DMA", COLUMN_TEXT,
		      "how it reaches memory: direct, IOMMU, CPU only, none" },
	[COL_LIMITS] = { "LIMITS", COLUMN_SUMMARY,
			 "its limits that choose memory" },
	LIMIT_COLUMNS(COL_MAX_ADDRESS),
	[COL_MAPS] = { "MAPS", COLUMN_SUMMARY, "maps held now, by direction" },
	[COL_MAPS_READ] = { "MAPS-READ", COLUMN_NUMBER,
			    "maps held now for reading" },
	[COL_MAPS_WRITE] = { "MAPS-WRITE", COLUMN_NUMBER,
			     "maps held now for writing" },
	[COL_MAPS_BOTH] = { "MAPS-BOTH", COLUMN_NUMBER,
			    "maps held now for both" },
	[COL_EVER] = { "EVER", COLUMN_SUMMARY, "maps made so far, by direction" },
	[COL_EVER_READ] = { "EVER-READ", COLUMN_NUMBER,
			    "maps made so far for reading" },
	[COL_EVER_WRITE] = { "EVER-WRITE", COLUMN_NUMBER,
			     "maps made so far for writing" },
	[COL_EVER_BOTH] = { "EVER-BOTH", COLUMN_NUMBER,
			    "maps made so far for both" },
	[COL_MAPPED] = { "MAPPED", COLUMN_BYTES, "bytes that it maps now" },
	[COL_LAST_MAP] = { "LAST-MAP", COLUMN_TIME, "time since its last map" },
	[COL_AGE] = { "AGE", COLUMN_TIME, "time since it was attached or refused" },
	[COL_BY] = { "BY", COLUMN_TEXT, "task that attached it" },
	[COL_PID] = { "PID", COLUMN_NUMBER, "process that attached it" },
	[COL_BUFFER] = { "BUFFER", COLUMN_NUMBER, "buffer that it is attached to" },
};

/* Where all are of one buffer, there is no column for it. */
#define COLUMN_COUNT	COL_BUFFER

const struct layout attachments_layout = {
	"attachments", attachment_columns, COLUMN_COUNT,
	"ID,NODE,DEVICE,LABEL,KIND,ACCESS,DMA,LIMITS,MAPS,EVER,MAPPED,LAST-MAP",
};

const struct layout planned_layout = {
	"attachments", attachment_columns, COLUMN_COUNT,
	"ID,NODE,DEVICE,LABEL,ACCESS,DMA,MAX-ADDRESS,CONTIGUOUS,MAX-SEGMENT,BOUNDARY",
};

const struct layout all_attachments_layout = {
	"attachments", attachment_columns, COL_BUFFER + 1,
	"BUFFER,ID,NODE,DEVICE,LABEL,KIND,ACCESS,DMA,LIMITS,MAPS,EVER,MAPPED,LAST-MAP",
};

const char *attachment_dma_name(unsigned int flags)
{
	if (flags & DBHEAP_ATTACHMENT_NO_DEVICE)
		return "none";
	if (flags & DBHEAP_ATTACHMENT_CPU_ONLY)
		return "CPU only";
	if (flags & DBHEAP_ATTACHMENT_REMAPPED)
		return "IOMMU";
	return "direct";
}

const char *attachment_access_name(unsigned int access)
{
	static const char * const names[] = {
		[0] = "",
		[DBHEAP_READ] = "r",
		[DBHEAP_WRITE] = "w",
		[DBHEAP_READ | DBHEAP_WRITE] = "rw",
	};

	return names[access & (DBHEAP_READ | DBHEAP_WRITE)];
}

void attachment_maps_write(const uint64_t maps[DBHEAP_DIR_COUNT], char *text,
			   size_t size)
{
	static const char * const names[DBHEAP_DIR_COUNT] = {
		[DBHEAP_DIR_READ] = "r",
		[DBHEAP_DIR_WRITE] = "w",
		[DBHEAP_DIR_BOTH] = "rw",
	};
	char one[TEXT_NUMBER_SIZE];
	size_t i;

	*text = '\0';
	for (i = 0; i < DBHEAP_DIR_COUNT; i++) {
		if (!maps[i])
			continue;
		snprintf(one, sizeof(one), "%" PRIu64 "%s", maps[i], names[i]);
		text_append(text, size, " ", one);
	}
	if (!*text)
		text_append(text, size, "", "none");
}

static void attachment_fill_maps(struct row *row,
				 const struct dmabuf_heap_attachment_info *info)
{
	uint64_t now[DBHEAP_DIR_COUNT];
	char text[SUMMARY_SIZE];
	size_t i;

	for (i = 0; i < DBHEAP_DIR_COUNT; i++) {
		now[i] = info->maps[i];
		row_set_number(row, COL_MAPS_READ + i, info->maps[i]);
		row_set_number(row, COL_EVER_READ + i, info->maps_ever[i]);
	}
	attachment_maps_write(now, text, sizeof(text));
	row_set_text(row, COL_MAPS, text);
	attachment_maps_write(info->maps_ever, text, sizeof(text));
	row_set_text(row, COL_EVER, text);
	row_set_number(row, COL_MAPPED, info->bytes_mapped);
}

static void attachment_fill(struct row *row,
			    const struct dmabuf_heap_attachment_info *info)
{
	bool is_declared = info->flags & DBHEAP_ATTACHMENT_DECLARED;
	char limits[SUMMARY_SIZE];

	row_set_number(row, COL_ID, info->id);
	row_set_text(row, COL_NODE, info->node);
	row_set_text(row, COL_DEVICE, info->device);
	row_set_text(row, COL_SUBSYSTEM, info->subsystem);
	row_set_text(row, COL_LABEL, info->label);
	row_set_text(row, COL_KIND, is_declared ? "declared" : "imported");
	if (info->declared_id)
		row_set_number(row, COL_DECLARED_ID, info->declared_id);
	row_set_text(row, COL_ACCESS, attachment_access_name(info->access));
	row_set_text(row, COL_DMA, attachment_dma_name(info->flags));
	limits_describe(info->limits, limits, sizeof(limits));
	row_set_text(row, COL_LIMITS, limits);
	limits_fill(row, COL_MAX_ADDRESS, info->flags, info->limits);
	attachment_fill_maps(row, info);
	if (info->last_map_ns)
		row_set_number(row, COL_LAST_MAP, text_age(info->last_map_ns));
	row_set_number(row, COL_AGE, text_age(info->created_ns));
	row_set_text(row, COL_BY, info->comm);
	if (info->pid)
		row_set_number(row, COL_PID, (uint64_t)info->pid);
}

struct table *attachments_collect(const struct layout *layout,
				  const struct dmabuf_heap_attachment_list *list)
{
	struct table *table = table_new(layout);
	size_t i, count = list ? dmabuf_heap_attachment_list_count(list) : 0;

	for (i = 0; i < count; i++)
		attachment_fill(table_add(table),
				dmabuf_heap_attachment_list_get(list, i));
	return table;
}

void attachments_add(struct table *table, uint64_t buffer,
		     const struct dmabuf_heap_attachment_list *list)
{
	size_t i, count = dmabuf_heap_attachment_list_count(list);

	for (i = 0; i < count; i++) {
		struct row *row = table_add(table);

		attachment_fill(row, dmabuf_heap_attachment_list_get(list, i));
		row_set_number(row, COL_BUFFER, buffer);
	}
}

/* That driver's device has no record: what the buffer remembers of it is all there is. */
void attachments_add_refused(struct table *table,
			     const struct dmabuf_heap_conflict *conflict)
{
	struct row *row;

	if (!conflict || conflict->error != EPERM)
		return;
	row = table_add(table);
	row_set_text(row, COL_DEVICE, conflict->device);
	row_set_text(row, COL_LABEL, conflict->label);
	row_set_text(row, COL_KIND, "refused");
	row_set_number(row, COL_AGE, text_age(conflict->time_ns));
	row_set_color(row, "yellow");
}

void attachment_name_write(const struct dmabuf_heap_attachment_list *list,
			   uint64_t id, char name[ATTACHMENT_NAME_SIZE])
{
	const struct dmabuf_heap_attachment_info *info;
	const char *as = "", *label = "", *end = "";

	info = dmabuf_heap_attachment_list_find(list, id);
	if (!info) {
		snprintf(name, ATTACHMENT_NAME_SIZE, "attachment %" PRIu64, id);
		return;
	}
	if (*info->label) {
		as = *info->device ? " as \"" : " \"";
		label = info->label;
		end = "\"";
	}
	if (!*info->device)
		snprintf(name, ATTACHMENT_NAME_SIZE, "the requirement%s%s%s", as,
			 label, end);
	else if (!*info->node)
		snprintf(name, ATTACHMENT_NAME_SIZE, "%s%s%s%s", info->device, as,
			 label, end);
	else
		snprintf(name, ATTACHMENT_NAME_SIZE, "%s (%s)%s%s%s", info->node,
			 info->device, as, label, end);
}
