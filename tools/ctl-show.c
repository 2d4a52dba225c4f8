// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl show: everything about one buffer.
 */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>

#include "attachment.h"
#include "buffer.h"
#include "ctl.h"
#include "facts.h"
#include "holder.h"
#include "limits.h"
#include "print.h"
#include "text.h"

#define SENTENCE_SIZE	512

static void show_creation(const struct dmabuf_heap_buffer_info *info)
{
	const struct passwd *user = getpwuid(info->creator_uid);
	char age[TEXT_NUMBER_SIZE], pid[TEXT_NUMBER_SIZE] = "gone or out of sight";

	text_age_write(text_age(info->created_ns), age);
	if (info->creator_pid)
		snprintf(pid, sizeof(pid), "%d", info->creator_pid);
	if (user)
		facts_print("Created", "%s ago by %s (process %s, user %s)", age,
			    info->creator_comm, pid, user->pw_name);
	else
		facts_print("Created", "%s ago by %s (process %s, user %u)", age,
			    info->creator_comm, pid, info->creator_uid);
}

static void show_memory(const struct dmabuf_heap_buffer_info *info)
{
	char text[SENTENCE_SIZE], nodes[SENTENCE_SIZE], bar[BUFFER_BAR_SIZE];

	dmabuf_heap_size_describe(info->length, text, sizeof(text));
	facts_print("Size", "%s (%" PRIu64 " bytes)", text, info->length);
	facts_print("State", info->state == DBHEAP_UNBACKED ?
		    "unbacked: 0 bytes behind it" : "backed");
	dmabuf_heap_buffer_info_describe_first_map(info, text, sizeof(text));
	facts_print("First map", "%s", text);
	dmabuf_heap_buffer_info_describe_placement(info, text, sizeof(text));
	if (info->state == DBHEAP_UNBACKED) {
		facts_print("Would lie", "%s", text);
		return;
	}
	buffer_nodes_write(info->nodes, nodes, sizeof(nodes));
	facts_print("Lies", "%s; %u address bits; NUMA node %s", text,
		    info->addr_bits, nodes);
	buffer_bar_write(info, bar);
	facts_print("Runs", "%s", bar);
}

static void show_maps(const struct dmabuf_heap_buffer_info *info)
{
	facts_print("Maps now", "devices %u reading, %u writing, %u both; processes %u; kernel %u",
		    info->device_maps[DBHEAP_DIR_READ],
		    info->device_maps[DBHEAP_DIR_WRITE],
		    info->device_maps[DBHEAP_DIR_BOTH], info->cpu_maps,
		    info->vmaps);
}

static void show_moves(const struct dmabuf_heap_buffer_info *info)
{
	char age[TEXT_NUMBER_SIZE], took[TEXT_NUMBER_SIZE];

	facts_print("Movable", info->movable ? "yes" : "no");
	if (!info->moves)
		return;
	text_age_write(text_age(info->last_move_ns), age);
	text_age_write(info->moves_ns, took);
	facts_print("Moved", "%" PRIu64 " time%s, last %s ago for %s, took %s%s",
		    info->moves, info->moves == 1 ? "" : "s", age,
		    *info->moved_for ? info->moved_for : "a requirement", took,
		    info->moves == 1 ? "" : " in all");
}

static void show_conflict(const struct dmabuf_heap_conflict *conflict)
{
	char text[SENTENCE_SIZE], age[TEXT_NUMBER_SIZE];

	if (!conflict) {
		facts_print("Last conflict", "none");
		return;
	}
	dmabuf_heap_conflict_explain(conflict, NULL, text, sizeof(text));
	text_age_write(text_age(conflict->time_ns), age);
	facts_print("Last conflict", "%s ago: %s", age, text);
}

static void show_facts(const struct subject *subject,
		       const struct holders *holders)
{
	const struct dmabuf_heap_buffer_info *info = subject->info;

	if (*info->name)
		facts_title("Buffer %" PRIu64 " \"%s\"", info->id, info->name);
	else
		facts_title("Buffer %" PRIu64, info->id);
	show_memory(info);
	limits_print("Limits", info->merged, subject->attachments);
	show_creation(info);
	holders_print(holders, info->id);
	facts_print("Sealed", info->sealed ?
		    "yes: no further device is let in" : "no");
	show_moves(info);
	show_maps(info);
	show_conflict(info->conflict);
}

static enum status show_people(const struct subject *subject,
			       const struct holders *holders,
			       const struct table *attachments,
			       const struct view *view)
{
	/* Raw output is for programs, which want one table and nothing else. */
	if (view->format == VIEW_TABLE) {
		show_facts(subject, holders);
		if (!attachments->first) {
			printf("\nNothing is attached.\n");
			return STATUS_OK;
		}
		printf("\n");
		facts_title("Attachments");
	}
	return table_print(attachments, view);
}

static enum status show_json(const struct subject *subject,
			     const struct holders *holders,
			     const struct table *attachments,
			     const struct view *view)
{
	struct table *buffer = table_new(&buffer_layout);
	struct table *limits = limits_collect(subject->info->merged,
					      subject->attachments);
	struct table *held = holders_tabulate(holders, subject);
	const struct table * const tables[] = { buffer, limits, attachments, held };
	struct row *row = table_add(buffer);
	enum status status;

	buffer_fill(row, subject->info, subject->attachments);
	buffer_fill_holders(row, holders, subject->info->id);
	status = table_print_json(tables, sizeof(tables) / sizeof(tables[0]),
				  view);
	table_free(buffer);
	table_free(limits);
	table_free(held);
	holders_warn(holders, "holders");
	return status;
}

static enum status show_print(const struct subject *subject,
			      const struct holders *holders,
			      const struct view *view)
{
	struct table *attachments = attachments_collect(&attachments_layout,
							subject->attachments);
	enum status status;

	attachments_add_refused(attachments, subject->info->conflict);
	if (view->format == VIEW_JSON)
		status = show_json(subject, holders, attachments, view);
	else
		status = show_people(subject, holders, attachments, view);
	table_free(attachments);
	return status;
}

static enum status show_reference(const struct reference *reference,
				  const struct view *view)
{
	struct holders *holders = NULL;
	struct subject subject = { 0 };
	struct dmabuf_heap *heap;
	enum status status;

	status = message_heap_open(&heap);
	if (status)
		return status;
	/* Raw output has only attachments. */
	if (view->format != VIEW_RAW)
		holders = holders_collect(PROC_PATH);
	status = subject_read(&subject, heap, reference);
	if (!status)
		status = show_print(&subject, holders, view);
	subject_free(&subject);
	holders_free(holders);
	dmabuf_heap_close(heap);
	return status;
}

static enum status show_run(struct invocation *invocation)
{
	struct reference reference;
	enum status status;

	if (!subject_expect(invocation, &reference, &status))
		return status;
	return show_reference(&reference, &invocation->view);
}

const struct command command_show = {
	.name = "show",
	.arguments = "[OPTION]... BUFFER",
	.summary = "Show everything about one buffer",
	.notes = "BUFFER is an id that list shows, PID:FD or /proc/PID/fd/FD.\n"
		 "The columns are those of the table of attachments.",
	.layout = &attachments_layout,
	.run = show_run,
};
