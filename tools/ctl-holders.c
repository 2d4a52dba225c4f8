// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl holders: who keeps one buffer alive.
 */
#include <inttypes.h>
#include <stdio.h>

#include "attachment.h"
#include "ctl.h"
#include "holder.h"
#include "print.h"
#include "text.h"

#define SENTENCE_SIZE	512

/* The devices whose drivers have imported the buffer. */
static void drivers_write(const struct dmabuf_heap_attachment_list *list,
			  char *text, size_t size)
{
	const struct dmabuf_heap_attachment_info *info;
	size_t i, count = dmabuf_heap_attachment_list_count(list);
	char name[ATTACHMENT_NAME_SIZE];

	*text = '\0';
	for (i = 0; i < count; i++) {
		info = dmabuf_heap_attachment_list_get(list, i);
		if (!(info->flags & DBHEAP_ATTACHMENT_IMPORTED))
			continue;
		attachment_name_write(list, info->id, name);
		text_append(text, size, ", ", name);
	}
}

/* People are told what it means that no row is a process. */
static void holders_explain(const struct subject *subject)
{
	uint64_t id = subject->info->id;
	char drivers[SENTENCE_SIZE];

	drivers_write(subject->attachments, drivers, sizeof(drivers));
	if (*drivers)
		printf("\nNo process in sight holds buffer %" PRIu64
		       "; the kernel does, for %s.\n", id, drivers);
	else if (subject->info->vmaps)
		printf("\nNo process in sight holds buffer %" PRIu64
		       "; the kernel does, for a driver that uses the CPU.\n", id);
	else
		printf("\nNo process in sight holds buffer %" PRIu64
		       "; the kernel does, out of sight: a driver that hasn't\n"
		       "attached it, or an fd on its way through a socket.\n", id);
}

static enum status holders_show(const struct holders *holders,
				const struct subject *subject,
				const struct view *view)
{
	struct table *table = holders_tabulate(holders, subject);
	enum status status = table_print(table, view);

	table_free(table);
	if (!status && view->format == VIEW_TABLE &&
	    !holders_count_processes(holders, subject->info->id))
		holders_explain(subject);
	holders_warn(holders, "holders");
	return status;
}

static enum status holders_run(struct invocation *invocation)
{
	struct holders *holders;
	struct subject subject = { 0 };
	struct reference reference;
	struct dmabuf_heap *heap;
	enum status status;

	if (!subject_expect(invocation, &reference, &status))
		return status;
	status = message_heap_open(&heap);
	if (status)
		return status;
	holders = holders_collect(PROC_PATH);
	status = subject_read(&subject, heap, &reference);
	if (!status)
		status = holders_show(holders, &subject, &invocation->view);
	subject_free(&subject);
	holders_free(holders);
	dmabuf_heap_close(heap);
	return status;
}

const struct command command_holders = {
	.name = "holders",
	.arguments = "[OPTION]... BUFFER",
	.summary = "Show which processes and drivers hold one buffer",
	.notes = "BUFFER is an id that list shows, PID:FD or /proc/PID/fd/FD. HOW is fd or\n"
		 "mapping for a process; for a driver, import (it has attached its device)\n"
		 "or vmap (it has an address for the CPU).",
	.layout = &holders_layout,
	.run = holders_run,
};
