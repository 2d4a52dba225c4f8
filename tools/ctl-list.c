// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl list: all buffers that the user may see, or those that all filters
 * admit, and what they add up to; and the system's other dma-bufs, too.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "buffer.h"
#include "ctl.h"
#include "filter.h"
#include "holder.h"
#include "other.h"
#include "print.h"
#include "text.h"
#include "totals.h"
#include "walk.h"

#define SENTENCE_SIZE	512
#define OPTION_ALL	(FILTER_NAME + 1)

struct list {
	struct filter *filters;
	size_t count;
	struct holders *holders;	/* NULL if nobody asks */
	struct table *table;
	struct totals totals;
	bool has_others;
	uint64_t last_other;	/* all up to this one are listed or are buffers */
};

static bool list_admits(const struct list *list,
			const struct dmabuf_heap_buffer_info *info,
			const struct dmabuf_heap_attachment_list *attachments)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!filter_admits(&list->filters[i], info, attachments, list->holders))
			return false;
	return true;
}

static bool list_admits_other(const struct list *list, const struct other *other)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!filter_admits_other(&list->filters[i], other))
			return false;
	return true;
}

/* What processes hold that has a number in between is no buffer of this walk. */
static void list_add_others(struct list *list, uint64_t before)
{
	struct other other;

	while (holders_next(list->holders, &list->last_other) && list->last_other < before) {
		if (!other_read(&other, list->holders, PROC_PATH, list->last_other) ||
		    !list_admits_other(list, &other))
			continue;
		buffer_fill_other(table_add(list->table), &other, list->holders);
		totals_add_other(&list->totals, other.size);
	}
	list->last_other = before;
}

/* Whether it takes a walk over all processes to say what is asked. */
static bool list_wants_holders(const struct list *list, const struct view *view)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->filters[i].kind == FILTER_ORPHAN)
			return true;
	return buffer_view_has_holders(view);
}

static void list_add(void *context, const struct dmabuf_heap_buffer_info *info,
		     const struct dmabuf_heap_attachment_list *attachments)
{
	struct list *list = context;
	struct row *row;

	if (list->has_others)
		list_add_others(list, info->id);
	if (!list_admits(list, info, attachments))
		return;
	row = table_add(list->table);
	buffer_fill(row, info, attachments);
	totals_add(&list->totals, info);
	if (buffer_knows_holders(info, list->holders))
		buffer_fill_holders(row, list->holders, info->id);
	if (buffer_is_orphan(info, list->holders))
		totals_add_orphan(&list->totals, info);
}

static enum status list_print_json(const struct list *list, const struct view *view)
{
	struct table *totals = totals_collect(&list->totals);
	const struct table * const tables[] = { list->table, totals };
	enum status status;

	status = table_print_json(tables, sizeof(tables) / sizeof(tables[0]), view);
	table_free(totals);
	return status;
}

static enum status list_print_table(const struct list *list, const struct view *view)
{
	enum status status = table_print(list->table, view);

	if (!status && view->format == VIEW_TABLE && !view->noheadings)
		totals_print(&list->totals, view);
	return status;
}

/* Who filters has asked for something; that there is none is an answer. */
static enum status list_print(const struct list *list, const struct view *view)
{
	enum status status = view->format == VIEW_JSON ?
			     list_print_json(list, view) :
			     list_print_table(list, view);

	if (list->holders)
		holders_warn(list->holders, list->has_others ?
			     "dma-bufs and holders" : "holders");
	if (!status && list->count && !list->totals.buffers && !list->totals.others)
		return STATUS_NOT_FOUND;
	return status;
}

/* Without the device, /proc tells what it can of all dma-bufs. */
static enum status list_open(const struct list *list, struct dmabuf_heap **heap)
{
	char reason[SENTENCE_SIZE];
	int error;

	if (!list->has_others)
		return message_heap_open(heap);
	error = dmabuf_heap_open(NULL, heap);
	if (!error)
		return STATUS_OK;
	*heap = NULL;
	if (error == -ENOENT)
		return STATUS_OK;
	message_heap_explain(error, reason, sizeof(reason));
	return message_error(STATUS_OK, "only what /proc tells: %s", reason);
}

static enum status list_collect(struct list *list, struct dmabuf_heap *heap)
{
	int error = heap ? walk_buffers(heap, list_add, list) : 0;

	if (error)
		return message_call(DBHEAP_CALL_QUERY, error, "the buffers");
	if (list->has_others)
		list_add_others(list, UINT64_MAX);
	list->totals.knows_orphans = list->holders && holders_is_complete(list->holders);
	list->totals.knows_others = list->has_others;
	return STATUS_OK;
}

static enum status list_show(struct list *list, const struct view *view)
{
	struct dmabuf_heap *heap;
	enum status status;

	status = list_open(list, &heap);
	if (status)
		return status;
	/* First, so that a buffer that has gone meanwhile isn't listed as an orphan. */
	if (list->has_others || list_wants_holders(list, view))
		list->holders = holders_collect(PROC_PATH);
	list->table = table_new(view->layout);
	status = list_collect(list, heap);
	if (!status)
		status = list_print(list, view);
	table_free(list->table);
	holders_free(list->holders);
	dmabuf_heap_close(heap);
	return status;
}

/* Returns true when the list can be shown. */
static enum status list_option(void *into, int option, struct invocation *invocation)
{
	struct list *list = into;

	if (option != OPTION_ALL)
		return filter_read(&list->filters[list->count++],
				   (enum filter_kind)option, invocation);
	list->has_others = true;
	invocation->view.layout = &all_layout;
	return STATUS_OK;
}

static bool list_read(struct list *list, struct invocation *invocation,
		      enum status *status)
{
	if (!invocation_read(invocation, list_option, list, status))
		return false;
	*status = invocation_check_operands(invocation, 0, "");
	return *status == STATUS_OK;
}

static enum status list_run(struct invocation *invocation)
{
	/* There can't be more filters than arguments. */
	size_t room = (size_t)invocation->argc;
	struct list list = {
		.filters = text_allocate(room, sizeof(*list.filters)),
	};
	enum status status;

	if (list_read(&list, invocation, &status))
		status = list_show(&list, &invocation->view);
	while (list.count)
		filter_free(&list.filters[--list.count]);
	free(list.filters);
	return status;
}

static const struct option_entry options[] = {
	{ OPTION_ALL, "all", NULL, "also the system's other dma-bufs, as /proc shows them" },
	{ FILTER_DEVICE, "device", "DEVICE", "only what it is attached to: a node or a name" },
	{ FILTER_UNBACKED, "unbacked", NULL, "only what has no memory yet" },
	{ FILTER_IDLE, "idle", NULL, "only what has memory that nothing maps now" },
	{ FILTER_ORPHAN, "orphan", NULL, "only what no process holds" },
	{ FILTER_MIN_SIZE, "min-size", "SIZE", "only what is this large: 1200K, 8M" },
	{ FILTER_USER, "user", "USER", "only what this user made: a name or a number" },
	{ FILTER_PID, "pid", "PID", "only what this process made" },
	{ FILTER_NAME, "name", "TEXT", "only what has this in its name" },
};

const struct command command_list = {
	.name = "list",
	.arguments = "[OPTION]...",
	.summary = "Show all buffers that you may see: your own, and as root everyone's",
	.layout = &buffers_layout,
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = list_run,
};
