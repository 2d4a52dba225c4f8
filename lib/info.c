// SPDX-License-Identifier: MIT
/*
 * A buffer at one moment, by fields and in words.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "api.h"
#include "buffer.h"
#include "conflict.h"
#include "explain.h"
#include "info.h"
#include "limits.h"
#include "query.h"
#include "text.h"

static void info_fill_counts(struct dmabuf_heap_buffer_info *info,
			     const struct dmabuf_heap_buffer_record *record)
{
	unsigned int i;

	info->attachments = record->attachments;
	info->declared = record->declared;
	info->cpu_maps = record->cpu_maps;
	info->vmaps = record->vmaps;
	for (i = 0; i < DBHEAP_DIR_COUNT; i++)
		info->device_maps[i] = record->device_maps[i];
}

static void info_fill_placement(struct dmabuf_heap_buffer_info *info,
				const struct dmabuf_heap_placement *placement)
{
	info->runs = placement->runs;
	info->run_min = placement->run_min;
	info->run_max = placement->run_max;
	info->nodes = placement->nodes;
	info->addr_bits = placement->addr_bits;
	info->align_bits = placement->align_bits;
}

static void info_fill_moves(struct dmabuf_heap_buffer_info *info,
			    const struct dmabuf_heap_buffer_record *record)
{
	info->movable = record->flags & DMABUF_HEAP_BUFFER_MOVABLE;
	info->moves = record->moves;
	info->moves_ns = record->moves_ns;
	info->last_move_ns = record->last_move_ns;
	info->moved_for = record->moved_for;
	info->run_starts = record->run_starts;
}

void dbheap_info_fill(struct dbheap_info_snapshot *snapshot)
{
	const struct dmabuf_heap_buffer_record *record = &snapshot->record;
	struct dmabuf_heap_buffer_info *info = &snapshot->info;

	info->id = record->id;
	info->length = record->length;
	info->name = record->name;
	info->state = (enum dbheap_state)record->state;
	info->sealed = record->flags & DMABUF_HEAP_BUFFER_SEALED;
	info->created_ns = record->created_ns;
	info->creator_pid = record->creator_pid;
	info->creator_uid = record->creator_uid;
	info->creator_comm = record->creator_comm;
	info->first_map = (enum dbheap_first_map)record->first_map;
	info->first_map_by = record->first_map_by;
	info->first_map_ns = record->first_map_ns;
	info_fill_counts(info, record);
	info_fill_placement(info, &record->placement);
	info_fill_moves(info, record);
	info->merged = dbheap_limits_wrap(&record->merged);
	info->conflict = dbheap_conflict_fill(&snapshot->conflict,
					      &record->conflict) ?
			 &snapshot->conflict : NULL;
}

static int info_read(const struct dmabuf_heap *heap,
		     enum dmabuf_heap_query_by by, int fd, uint64_t id,
		     struct dmabuf_heap_buffer_info **info)
{
	struct dbheap_info_snapshot *new;
	int error;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	error = dbheap_query_one(heap, by, fd, id, &new->record);
	if (error) {
		free(new);
		return error;
	}
	dbheap_info_fill(new);
	*info = &new->info;
	return 0;
}

DBHEAP_API int
dmabuf_heap_buffer_info_read(struct dmabuf_heap_buffer *buffer,
			     struct dmabuf_heap_buffer_info **info)
{
	return info_read(buffer->heap, DMABUF_HEAP_QUERY_FD, buffer->fd, 0,
			 info);
}

DBHEAP_API int
dmabuf_heap_buffer_info_read_id(struct dmabuf_heap *heap, uint64_t id,
				struct dmabuf_heap_buffer_info **info)
{
	return info_read(heap, DMABUF_HEAP_QUERY_ID, 0, id, info);
}

DBHEAP_API int
dmabuf_heap_buffer_info_copy(const struct dmabuf_heap_buffer_info *info,
			     struct dmabuf_heap_buffer_info **copy)
{
	const struct dbheap_info_snapshot *from =
		(const struct dbheap_info_snapshot *)info;
	struct dbheap_info_snapshot *new;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->record = from->record;
	dbheap_info_fill(new);
	*copy = &new->info;
	return 0;
}

DBHEAP_API void
dmabuf_heap_buffer_info_free(struct dmabuf_heap_buffer_info *info)
{
	free(info);
}

DBHEAP_API size_t
dmabuf_heap_buffer_info_describe_first_map(const struct dmabuf_heap_buffer_info *info,
					   char *text, size_t size)
{
	struct dbheap_text to;

	dbheap_text_begin(&to, text, size);
	dbheap_first_map_add(&to, info->first_map, info->first_map_by,
			     info->first_map_ns);
	return to.length;
}

static void info_add_runs(struct dbheap_text *text,
			  const struct dmabuf_heap_buffer_info *info)
{
	if (info->runs == 1) {
		dbheap_text_add(text, "contiguous");
		return;
	}
	if (info->state == DBHEAP_UNBACKED) {
		dbheap_text_add(text, "any number of runs");
		return;
	}
	dbheap_text_add(text, "%llu runs of ",
			(unsigned long long)info->runs);
	dbheap_text_add_bytes(text, info->run_min);
	if (info->run_max > info->run_min) {
		dbheap_text_add(text, " to ");
		dbheap_text_add_bytes(text, info->run_max);
	}
}

/* That runs begin where pages do goes without saying. */
static void info_add_alignment(struct dbheap_text *text,
			       const struct dmabuf_heap_buffer_info *info)
{
	uint64_t align = info->align_bits < 64 ? 1ULL << info->align_bits : 0;

	if (align <= (uint64_t)sysconf(_SC_PAGESIZE))
		return;
	dbheap_text_add(text, ", ");
	dbheap_limit_add(text, DBHEAP_LIMIT_ALIGNMENT, align);
}

DBHEAP_API size_t
dmabuf_heap_buffer_info_describe_placement(const struct dmabuf_heap_buffer_info *info,
					   char *text, size_t size)
{
	uint64_t last = info->addr_bits < 64 ? (1ULL << info->addr_bits) - 1 :
					       UINT64_MAX;
	struct dbheap_text to;

	dbheap_text_begin(&to, text, size);
	info_add_runs(&to, info);
	dbheap_text_add(&to, ", ");
	dbheap_text_add_below(&to, last);
	if (info->state == DBHEAP_UNBACKED)
		info_add_alignment(&to, info);
	return to.length;
}
