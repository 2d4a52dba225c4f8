// SPDX-License-Identifier: GPL-2.0
/*
 * What many buffers add up to, as a line and as a row.
 */
#include <inttypes.h>
#include <stdio.h>

#include "buffer.h"
#include "text.h"
#include "totals.h"

enum {
	COL_BUFFERS, COL_SIZE, COL_BACKED_BUFFERS, COL_BACKED,
	COL_UNBACKED_BUFFERS, COL_UNBACKED, COL_MAPPED_BUFFERS, COL_MAPPED,
	COL_ORPHANED_BUFFERS, COL_ORPHANED, COL_OTHERS, COL_OTHERS_SIZE,
};

static const struct column columns[] = {
	[COL_BUFFERS] = { "BUFFERS", COLUMN_NUMBER, "how many there are" },
	[COL_SIZE] = { "SIZE", COLUMN_BYTES, "their length in all" },
	[COL_BACKED_BUFFERS] = { "BACKED-BUFFERS", COLUMN_NUMBER,
				 "how many have memory" },
	[COL_BACKED] = { "BACKED", COLUMN_BYTES, "length of these" },
	[COL_UNBACKED_BUFFERS] = { "UNBACKED-BUFFERS", COLUMN_NUMBER,
				   "how many have none" },
	[COL_UNBACKED] = { "UNBACKED", COLUMN_BYTES, "length of these" },
	[COL_MAPPED_BUFFERS] = { "MAPPED-BUFFERS", COLUMN_NUMBER,
				 "how many devices map now" },
	[COL_MAPPED] = { "MAPPED", COLUMN_BYTES, "length of these" },
	[COL_ORPHANED_BUFFERS] = { "ORPHANED-BUFFERS", COLUMN_NUMBER,
				   "how many no process holds, if that is known" },
	[COL_ORPHANED] = { "ORPHANED", COLUMN_BYTES, "length of these" },
	[COL_OTHERS] = { "OTHERS", COLUMN_NUMBER,
			 "other dma-bufs, if they were asked for" },
	[COL_OTHERS_SIZE] = { "OTHERS-SIZE", COLUMN_BYTES,
			      "length of these, if all are known" },
};

static const struct layout layout = {
	"totals", columns, sizeof(columns) / sizeof(columns[0]),
	"BUFFERS,SIZE,BACKED,UNBACKED,MAPPED",
};

void totals_add(struct totals *totals, const struct dmabuf_heap_buffer_info *info)
{
	totals->buffers++;
	totals->size += info->length;
	if (info->state != DBHEAP_UNBACKED) {
		totals->backed_buffers++;
		totals->backed += info->length;
	}
	if (buffer_is_mapped(info)) {
		totals->mapped_buffers++;
		totals->mapped += info->length;
	}
}

void totals_add_orphan(struct totals *totals, const struct dmabuf_heap_buffer_info *info)
{
	totals->orphaned_buffers++;
	totals->orphaned += info->length;
}

void totals_add_other(struct totals *totals, uint64_t size)
{
	totals->others++;
	totals->others_size += size;
	if (!size)
		totals->others_unsized++;
}

static void size_write(uint64_t bytes, const struct view *view,
		       char text[TEXT_NUMBER_SIZE])
{
	if (view->bytes)
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 " bytes", bytes);
	else
		dmabuf_heap_size_describe(bytes, text, TEXT_NUMBER_SIZE);
}

static void buffers_print(const struct totals *totals, const struct view *view)
{
	char size[TEXT_NUMBER_SIZE];

	size_write(totals->size, view, size);
	printf("%" PRIu64 " buffer%s, %s: %" PRIu64 " backed", totals->buffers,
	       totals->buffers == 1 ? "" : "s", size, totals->backed_buffers);
	if (totals->backed) {
		size_write(totals->backed, view, size);
		printf(" (%s)", size);
	}
	printf(", %" PRIu64 " unbacked, %" PRIu64 " mapped by devices",
	       totals->buffers - totals->backed_buffers, totals->mapped_buffers);
	if (totals->knows_orphans)
		printf(", %" PRIu64 " orphaned", totals->orphaned_buffers);
	printf("\n");
}

void totals_print(const struct totals *totals, const struct view *view)
{
	char size[TEXT_NUMBER_SIZE];

	if (totals->buffers || totals->others)
		printf("\n");
	if (totals->buffers)
		buffers_print(totals, view);
	if (!totals->others)
		return;
	size_write(totals->others_size, view, size);
	printf("%" PRIu64 " other dma-buf%s", totals->others,
	       totals->others == 1 ? "" : "s");
	if (totals->others_size)
		printf(", %s", size);
	if (totals->others_unsized)
		printf(", %" PRIu64 " of unknown length", totals->others_unsized);
	printf("\n");
}

struct table *totals_collect(const struct totals *totals)
{
	struct table *table = table_new(&layout);
	struct row *row = table_add(table);

	row_set_number(row, COL_BUFFERS, totals->buffers);
	row_set_number(row, COL_SIZE, totals->size);
	row_set_number(row, COL_BACKED_BUFFERS, totals->backed_buffers);
	row_set_number(row, COL_BACKED, totals->backed);
	row_set_number(row, COL_UNBACKED_BUFFERS,
		       totals->buffers - totals->backed_buffers);
	row_set_number(row, COL_UNBACKED, totals->size - totals->backed);
	row_set_number(row, COL_MAPPED_BUFFERS, totals->mapped_buffers);
	row_set_number(row, COL_MAPPED, totals->mapped);
	if (totals->knows_orphans) {
		row_set_number(row, COL_ORPHANED_BUFFERS, totals->orphaned_buffers);
		row_set_number(row, COL_ORPHANED, totals->orphaned);
	}
	if (totals->knows_others) {
		row_set_number(row, COL_OTHERS, totals->others);
		if (!totals->others_unsized)
			row_set_number(row, COL_OTHERS_SIZE, totals->others_size);
	}
	return table;
}
