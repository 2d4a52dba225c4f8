// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers as rows.
 */
#include <stdio.h>
#include <string.h>

#include "attachment.h"
#include "buffer.h"
#include "holder.h"
#include "text.h"

#define SENTENCE_SIZE	512
#define EXPORTER	"dmabuf-heap"	/* as fdinfo has it */

enum {
	COL_ID, COL_SIZE, COL_BACKED, COL_STATE, COL_NAME, COL_EXPORTER, COL_PLACEMENT,
	COL_DEVICES, COL_MAPS, COL_MAPS_READ, COL_MAPS_WRITE, COL_MAPS_BOTH,
	COL_CPU_MAPS, COL_KERNEL_MAPS, COL_HOLDERS, COL_HELD_BY, COL_CREATOR, COL_PID, COL_UID,
	COL_AGE, COL_SEALED, COL_ATTACHMENTS, COL_DECLARED, COL_FIRST_MAP,
	COL_FIRST_MAP_BY, COL_FIRST_MAP_AGE, COL_RUNS, COL_MIN_RUN, COL_MAX_RUN, COL_BAR,
	COL_ADDRESS_BITS, COL_ALIGNMENT_BITS, COL_NUMA_NODES, COL_MOVABLE, COL_MOVES,
	COL_MOVE_TIME, COL_MOVE_AGE, COL_MOVED_FOR, COL_CONFLICT,
};

static const struct column buffer_columns[] = {
	[COL_ID] = { "ID", COLUMN_NUMBER, "number, the inode of the dma-buf" },
	[COL_SIZE] = { "SIZE", COLUMN_BYTES, "length in whole pages" },
	[COL_BACKED] = { "BACKED", COLUMN_BYTES, "memory behind it" },
	[COL_STATE] = { "STATE", COLUMN_TEXT, "unbacked or backed" },
	[COL_NAME] = { "NAME", COLUMN_TEXT, "name that its creator gave it" },
	[COL_EXPORTER] = { "EXPORTER", COLUMN_TEXT, "driver or module that made it" },
	[COL_PLACEMENT] = { "PLACEMENT", COLUMN_TEXT,
			    "how its memory lies, or would" },
	[COL_DEVICES] = { "DEVICES", COLUMN_TEXT, "who is attached" },
	[COL_MAPS] = { "MAPS", COLUMN_SUMMARY,
		       "maps by devices now; 1r 2w: one reads, two write" },
	[COL_MAPS_READ] = { "MAPS-READ", COLUMN_NUMBER,
			    "maps by devices now for reading" },
	[COL_MAPS_WRITE] = { "MAPS-WRITE", COLUMN_NUMBER,
			     "maps by devices now for writing" },
	[COL_MAPS_BOTH] = { "MAPS-BOTH", COLUMN_NUMBER,
			    "maps by devices now for both" },
	[COL_CPU_MAPS] = { "CPU-MAPS", COLUMN_NUMBER, "maps by processes now" },
	[COL_KERNEL_MAPS] = { "KERNEL-MAPS", COLUMN_NUMBER,
			      "maps by the kernel's own code now" },
	[COL_HOLDERS] = { "HOLDERS", COLUMN_NUMBER,
			  "processes that hold it; known when asked for by name" },
	[COL_HELD_BY] = { "HELD-BY", COLUMN_TEXT,
			  "processes that hold it; known when asked for by name" },
	[COL_CREATOR] = { "CREATOR", COLUMN_TEXT, "task that made it" },
	[COL_PID] = { "PID", COLUMN_NUMBER, "process that made it, if it lives" },
	[COL_UID] = { "UID", COLUMN_NUMBER, "user that made it" },
	[COL_AGE] = { "AGE", COLUMN_TIME, "time since it was made" },
	[COL_SEALED] = { "SEALED", COLUMN_FLAG,
			 "whether no further device is let in" },
	[COL_ATTACHMENTS] = { "ATTACHMENTS", COLUMN_NUMBER,
			      "attachments of both kinds" },
	[COL_DECLARED] = { "DECLARED", COLUMN_NUMBER, "declared attachments" },
	[COL_FIRST_MAP] = { "FIRST-MAP", COLUMN_TEXT,
			    "what gave it memory: device, mmap, vmap, commit" },
	[COL_FIRST_MAP_BY] = { "FIRST-MAP-BY", COLUMN_TEXT,
			       "device or task that did" },
	[COL_FIRST_MAP_AGE] = { "FIRST-MAP-AGE", COLUMN_TIME, "time since then" },
	[COL_RUNS] = { "RUNS", COLUMN_NUMBER,
		       "physical runs of its memory; 0: any number is fine" },
	[COL_MIN_RUN] = { "MIN-RUN", COLUMN_BYTES, "its smallest run" },
	[COL_MAX_RUN] = { "MAX-RUN", COLUMN_BYTES, "its largest run" },
	[COL_BAR] = { "BAR", COLUMN_TEXT,
		      "its runs: | begins, : several do, # ten or more, - goes on" },
	[COL_ADDRESS_BITS] = { "ADDRESS-BITS", COLUMN_NUMBER,
			       "bits of its highest address" },
	[COL_ALIGNMENT_BITS] = { "ALIGNMENT-BITS", COLUMN_NUMBER,
				 "low bits that are 0 where its runs begin" },
	[COL_NUMA_NODES] = { "NUMA-NODES", COLUMN_TEXT,
			     "NUMA nodes that it lies on" },
	[COL_MOVABLE] = { "MOVABLE", COLUMN_FLAG,
			  "whether its memory may move for a late-comer" },
	[COL_MOVES] = { "MOVES", COLUMN_NUMBER, "how often its memory has moved" },
	[COL_MOVE_TIME] = { "MOVE-TIME", COLUMN_TIME, "time that this took in all" },
	[COL_MOVE_AGE] = { "MOVE-AGE", COLUMN_TIME, "time since the last move" },
	[COL_MOVED_FOR] = { "MOVED-FOR", COLUMN_TEXT,
			    "device that it last moved for" },
	[COL_CONFLICT] = { "CONFLICT", COLUMN_TEXT, "who was refused last" },
};

#define COLUMN_COUNT	(sizeof(buffer_columns) / sizeof(buffer_columns[0]))
#define DEFAULTS	"ID,SIZE,BACKED,NAME,PLACEMENT,DEVICES,MAPS,CPU-MAPS," \
			"CREATOR,PID,AGE"

const struct layout buffers_layout = {
	"buffers", buffer_columns, COLUMN_COUNT, DEFAULTS,
};

const struct layout all_layout = {
	"buffers", buffer_columns, COLUMN_COUNT,
	"ID,SIZE,BACKED,EXPORTER,NAME,DEVICES,MAPS,HELD-BY",
};

const struct layout buffer_layout = {
	"buffer", buffer_columns, COLUMN_COUNT, DEFAULTS,
};

static const char *first_map_name(enum dbheap_first_map kind)
{
	static const char * const names[] = {
		[DBHEAP_FIRST_NONE] = "none",
		[DBHEAP_FIRST_DEVICE] = "device",
		[DBHEAP_FIRST_MMAP] = "mmap",
		[DBHEAP_FIRST_VMAP] = "vmap",
		[DBHEAP_FIRST_COMMIT] = "commit",
	};

	if ((unsigned int)kind < sizeof(names) / sizeof(names[0]))
		return names[kind];
	return "other";
}

void buffer_nodes_write(uint64_t nodes, char *text, size_t size)
{
	char one[TEXT_NUMBER_SIZE];
	unsigned int node;

	*text = '\0';
	for (node = 0; node < 64; node++) {
		if (!(nodes >> node & 1))
			continue;
		snprintf(one, sizeof(one), "%u", node);
		text_append(text, size, ",", one);
	}
}

void buffer_bar_write(const struct dmabuf_heap_buffer_info *info,
		      char text[BUFFER_BAR_SIZE])
{
	unsigned int i, starts;

	for (i = 0; i < DBHEAP_PARTS; i++) {
		starts = info->run_starts[i];
		text[i] = !starts ? '-' : starts == 1 ? '|' : starts < 10 ? ':' : '#';
	}
	text[i] = '\0';
}

/* An import that was announced is the same device, not one more. */
static bool attachment_is_repeated(const struct dmabuf_heap_attachment_list *list,
				   size_t index)
{
	const struct dmabuf_heap_attachment_info *info, *other;
	size_t i;

	info = dmabuf_heap_attachment_list_get(list, index);
	if (info->declared_id)
		return true;
	for (i = 0; i < index; i++) {
		other = dmabuf_heap_attachment_list_get(list, i);
		if (!strcmp(other->node, info->node) &&
		    !strcmp(other->device, info->device))
			return true;
	}
	return false;
}

static void devices_write(const struct dmabuf_heap_attachment_list *list,
			  char *text, size_t size)
{
	size_t i, count = dmabuf_heap_attachment_list_count(list);

	*text = '\0';
	for (i = 0; i < count; i++) {
		const struct dmabuf_heap_attachment_info *info;

		info = dmabuf_heap_attachment_list_get(list, i);
		if (!*info->device || attachment_is_repeated(list, i))
			continue;
		text_append(text, size, ",",
			    *info->node ? info->node : info->device);
	}
}

static void buffer_fill_maps(struct row *row,
			     const struct dmabuf_heap_buffer_info *info)
{
	uint64_t maps[DBHEAP_DIR_COUNT];
	char text[TEXT_NUMBER_SIZE * DBHEAP_DIR_COUNT];
	size_t i;

	for (i = 0; i < DBHEAP_DIR_COUNT; i++) {
		maps[i] = info->device_maps[i];
		row_set_number(row, COL_MAPS_READ + i, maps[i]);
	}
	attachment_maps_write(maps, text, sizeof(text));
	row_set_text(row, COL_MAPS, text);
	row_set_number(row, COL_CPU_MAPS, info->cpu_maps);
	row_set_number(row, COL_KERNEL_MAPS, info->vmaps);
	row_set_number(row, COL_ATTACHMENTS, info->attachments);
	row_set_number(row, COL_DECLARED, info->declared);
}

static void buffer_fill_memory(struct row *row,
			       const struct dmabuf_heap_buffer_info *info)
{
	bool is_backed = info->state != DBHEAP_UNBACKED;
	char text[SENTENCE_SIZE];

	row_set_number(row, COL_BACKED, is_backed ? info->length : 0);
	row_set_text(row, COL_STATE, is_backed ? "backed" : "unbacked");
	dmabuf_heap_buffer_info_describe_placement(info, text, sizeof(text));
	row_set_text(row, COL_PLACEMENT, text);
	row_set_text(row, COL_FIRST_MAP, first_map_name(info->first_map));
	row_set_number(row, COL_RUNS, info->runs);
	row_set_number(row, COL_ADDRESS_BITS, info->addr_bits);
	row_set_number(row, COL_ALIGNMENT_BITS, info->align_bits);
	if (!is_backed) {
		row_set_color(row, "halfbright");
		return;
	}
	row_set_text(row, COL_FIRST_MAP_BY, info->first_map_by);
	row_set_number(row, COL_FIRST_MAP_AGE, text_age(info->first_map_ns));
	row_set_number(row, COL_MIN_RUN, info->run_min);
	row_set_number(row, COL_MAX_RUN, info->run_max);
	buffer_nodes_write(info->nodes, text, sizeof(text));
	row_set_text(row, COL_NUMA_NODES, text);
	buffer_bar_write(info, text);
	row_set_text(row, COL_BAR, text);
}

static void buffer_fill_moves(struct row *row,
			      const struct dmabuf_heap_buffer_info *info)
{
	row_set_number(row, COL_MOVABLE, info->movable);
	row_set_number(row, COL_MOVES, info->moves);
	row_set_number(row, COL_MOVE_TIME, info->moves_ns);
	if (info->moves)
		row_set_number(row, COL_MOVE_AGE, text_age(info->last_move_ns));
	row_set_text(row, COL_MOVED_FOR, info->moved_for);
}

static bool column_is_of_holders(size_t column)
{
	return column == COL_HOLDERS || column == COL_HELD_BY;
}

bool buffer_view_has_holders(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->count; i++)
		if (column_is_of_holders(view->columns[i]))
			return true;
	return view->is_sorted && column_is_of_holders(view->sort_column);
}

bool buffer_is_mapped(const struct dmabuf_heap_buffer_info *info)
{
	size_t i;

	for (i = 0; i < DBHEAP_DIR_COUNT; i++)
		if (info->device_maps[i])
			return true;
	return false;
}

bool buffer_knows_holders(const struct dmabuf_heap_buffer_info *info,
			  const struct holders *holders)
{
	return holders && !holders_is_before(holders, info->created_ns);
}

bool buffer_is_orphan(const struct dmabuf_heap_buffer_info *info,
		      const struct holders *holders)
{
	return buffer_knows_holders(info, holders) &&
	       !holders_count_processes(holders, info->id);
}

void buffer_fill_holders(struct row *row, const struct holders *holders, uint64_t id)
{
	char text[SENTENCE_SIZE];

	row_set_number(row, COL_HOLDERS, holders_count_processes(holders, id));
	holders_describe(holders, id, text, sizeof(text));
	row_set_text(row, COL_HELD_BY, text);
}

void buffer_fill_other(struct row *row, const struct other *other,
		       const struct holders *holders)
{
	row_set_number(row, COL_ID, other->inode);
	if (other->size)
		row_set_number(row, COL_SIZE, other->size);
	row_set_text(row, COL_NAME, other->name);
	row_set_text(row, COL_EXPORTER, other->exporter);
	buffer_fill_holders(row, holders, other->inode);
}

void buffer_fill(struct row *row, const struct dmabuf_heap_buffer_info *info,
		 const struct dmabuf_heap_attachment_list *list)
{
	char text[SENTENCE_SIZE];

	row_set_number(row, COL_ID, info->id);
	row_set_number(row, COL_SIZE, info->length);
	row_set_text(row, COL_NAME, info->name);
	row_set_text(row, COL_EXPORTER, EXPORTER);
	row_set_text(row, COL_CREATOR, info->creator_comm);
	if (info->creator_pid)
		row_set_number(row, COL_PID, (uint64_t)info->creator_pid);
	row_set_number(row, COL_UID, info->creator_uid);
	row_set_number(row, COL_AGE, text_age(info->created_ns));
	row_set_number(row, COL_SEALED, info->sealed);
	buffer_fill_memory(row, info);
	buffer_fill_moves(row, info);
	buffer_fill_maps(row, info);
	if (list) {
		devices_write(list, text, sizeof(text));
		row_set_text(row, COL_DEVICES, text);
	}
	if (info->conflict) {
		dmabuf_heap_conflict_explain(info->conflict, NULL, text,
					     sizeof(text));
		row_set_text(row, COL_CONFLICT, text);
	}
}
