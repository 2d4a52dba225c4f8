// SPDX-License-Identifier: MIT
/*
 * The attachments of one buffer, as they were at one moment; and those of all
 * buffers, fetched many at a time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "attachment.h"
#include "buffer.h"
#include "heap.h"
#include "limits.h"

/* Room beyond what was counted, for those that come before they are read. */
#define LIST_SLACK	4

/* Records per call: as many as one buffer can have. */
#define WALK_BATCH	(DMABUF_HEAP_MAX_DECLARED + DMABUF_HEAP_MAX_IMPORTED)

struct dmabuf_heap_attachment_list {
	size_t count;
	struct dmabuf_heap_attachment_info *infos;
	struct dmabuf_heap_attachment_record *records; /* infos point into them */
};

static void attachment_fill(struct dmabuf_heap_attachment_info *info,
			    const struct dmabuf_heap_attachment_record *record)
{
	unsigned int i;

	info->id = record->id;
	info->declared_id = record->declared_id;
	info->flags = record->flags;
	info->access = record->access;
	info->device = record->device;
	info->node = record->node;
	info->node_major = record->dev_major;
	info->node_minor = record->dev_minor;
	info->subsystem = record->subsystem;
	info->label = record->label;
	info->pid = record->pid;
	info->comm = record->comm;
	info->created_ns = record->created_ns;
	info->last_map_ns = record->last_map_ns;
	info->bytes_mapped = record->bytes_mapped;
	for (i = 0; i < DBHEAP_DIR_COUNT; i++) {
		info->maps[i] = record->maps[i];
		info->maps_ever[i] = record->maps_ever[i];
	}
	info->limits = dbheap_limits_wrap(&record->limits);
}

static int list_infos_create(struct dmabuf_heap_attachment_list *list)
{
	size_t i;

	if (!list->count)
		return 0;
	list->infos = calloc(list->count, sizeof(*list->infos));
	if (!list->infos)
		return -ENOMEM;
	for (i = 0; i < list->count; i++)
		attachment_fill(&list->infos[i], &list->records[i]);
	return 0;
}

/*
 * Reads until all fit. Attachments are few and seldom come, so that the second
 * round is the last but in a race; each further round has room for more.
 */
static int list_records_read(struct dmabuf_heap_attachment_list *list,
			     const struct dmabuf_heap *heap,
			     struct dmabuf_heap_query_attachments *query)
{
	void *records;
	int error;

	query->size = sizeof(*query);
	query->record_size = sizeof(*list->records);
	for (;;) {
		error = dbheap_call(heap->fd, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS,
				    query);
		if (error)
			return error;
		if (query->out_count <= query->count)
			break;
		query->count = query->out_count + LIST_SLACK;
		records = reallocarray(list->records, query->count,
				       sizeof(*list->records));
		if (!records)
			return -ENOMEM;
		list->records = records;
		query->records = (uintptr_t)records;
	}
	list->count = query->out_count;
	return 0;
}

static int list_read(const struct dmabuf_heap *heap,
		     struct dmabuf_heap_query_attachments *query,
		     struct dmabuf_heap_attachment_list **list)
{
	struct dmabuf_heap_attachment_list *new;
	int error;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	error = list_records_read(new, heap, query);
	if (!error)
		error = list_infos_create(new);
	if (error) {
		dmabuf_heap_attachment_list_free(new);
		return error;
	}
	*list = new;
	return 0;
}

DBHEAP_API int
dmabuf_heap_attachment_list_read(struct dmabuf_heap_buffer *buffer,
				 struct dmabuf_heap_attachment_list **list)
{
	struct dmabuf_heap_query_attachments query = {
		.by = DMABUF_HEAP_QUERY_FD,
		.fd = buffer->fd,
	};

	return list_read(buffer->heap, &query, list);
}

DBHEAP_API int
dmabuf_heap_attachment_list_read_id(struct dmabuf_heap *heap, uint64_t id,
				    struct dmabuf_heap_attachment_list **list)
{
	struct dmabuf_heap_query_attachments query = {
		.by = DMABUF_HEAP_QUERY_ID,
		.id = id,
	};

	return list_read(heap, &query, list);
}

/* The next batch: attachments of buffer @id and of those after it. */
static int walk_fetch(struct dbheap_attachment_walk *walk,
		      const struct dmabuf_heap *heap, uint64_t id)
{
	struct dmabuf_heap_query_attachments query = {
		.size = sizeof(query),
		.by = DMABUF_HEAP_QUERY_ALL,
		.id = id - 1,
		.record_size = sizeof(*walk->records),
		.count = WALK_BATCH,
	};
	int error;

	if (!walk->records)
		walk->records = calloc(WALK_BATCH, sizeof(*walk->records));
	if (!walk->records)
		return -ENOMEM;
	query.records = (uintptr_t)walk->records;
	error = dbheap_call(heap->fd, DMABUF_HEAP_IOC_QUERY_ATTACHMENTS,
			    &query);
	if (error)
		return error;
	walk->next = 0;
	walk->count = query.out_count;
	walk->last = walk->count ? walk->records[walk->count - 1].buffer :
				   UINT64_MAX;
	return 0;
}

/* Copies those of buffer @id from the batch; those of lower ids are done with. */
static int walk_copy(struct dbheap_attachment_walk *walk, uint64_t id,
		     struct dmabuf_heap_attachment_list *list)
{
	size_t end;

	while (walk->next < walk->count && walk->records[walk->next].buffer < id)
		walk->next++;
	end = walk->next;
	while (end < walk->count && walk->records[end].buffer == id)
		end++;
	list->count = end - walk->next;
	if (!list->count)
		return 0;
	list->records = calloc(list->count, sizeof(*list->records));
	if (!list->records)
		return -ENOMEM;
	memcpy(list->records, &walk->records[walk->next],
	       list->count * sizeof(*list->records));
	return list_infos_create(list);
}

int dbheap_attachment_walk_read(struct dbheap_attachment_walk *walk,
				const struct dmabuf_heap *heap, uint64_t id,
				struct dmabuf_heap_attachment_list **list)
{
	struct dmabuf_heap_attachment_list *new;
	int error = 0;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	if (id > walk->last)
		error = walk_fetch(walk, heap, id);
	if (!error)
		error = walk_copy(walk, id, new);
	if (error) {
		dmabuf_heap_attachment_list_free(new);
		return error;
	}
	*list = new;
	return 0;
}

void dbheap_attachment_walk_end(struct dbheap_attachment_walk *walk)
{
	free(walk->records);
}

DBHEAP_API void
dmabuf_heap_attachment_list_free(struct dmabuf_heap_attachment_list *list)
{
	if (!list)
		return;
	free(list->infos);
	free(list->records);
	free(list);
}

DBHEAP_API size_t
dmabuf_heap_attachment_list_count(const struct dmabuf_heap_attachment_list *list)
{
	return list->count;
}

DBHEAP_API const struct dmabuf_heap_attachment_info *
dmabuf_heap_attachment_list_get(const struct dmabuf_heap_attachment_list *list,
				size_t index)
{
	return index < list->count ? &list->infos[index] : NULL;
}

DBHEAP_API const struct dmabuf_heap_attachment_info *
dmabuf_heap_attachment_list_find(const struct dmabuf_heap_attachment_list *list,
				 uint64_t id)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->infos[i].id == id)
			return &list->infos[i];
	return NULL;
}
