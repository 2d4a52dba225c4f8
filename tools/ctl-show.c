// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl show: everything about one buffer.
 */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>

#include "attachment.h"
#include "buffer.h"
#include "ctl.h"
#include "facts.h"
#include "limits.h"
#include "print.h"
#include "reference.h"
#include "text.h"

#define SENTENCE_SIZE	512

/* Two snapshots: what came or went between them may be in one only. */
struct subject {
	struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_attachment_list *attachments;
};

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
	char text[SENTENCE_SIZE], nodes[SENTENCE_SIZE];

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

static void show_facts(const struct subject *subject)
{
	const struct dmabuf_heap_buffer_info *info = subject->info;

	if (*info->name)
		facts_title("Buffer %" PRIu64 " \"%s\"", info->id, info->name);
	else
		facts_title("Buffer %" PRIu64, info->id);
	show_memory(info);
	limits_print("Limits", info->merged, subject->attachments);
	show_creation(info);
	facts_print("Sealed", info->sealed ?
		    "yes: no further device is let in" : "no");
	show_moves(info);
	show_maps(info);
	show_conflict(info->conflict);
}

static enum status show_people(const struct subject *subject,
			       const struct table *attachments,
			       const struct view *view)
{
	/* Raw output is for programs, which want one table and nothing else. */
	if (view->format == VIEW_TABLE) {
		show_facts(subject);
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
			     const struct table *attachments,
			     const struct view *view)
{
	struct table *buffer = table_new(&buffer_layout);
	struct table *limits = limits_collect(subject->info->merged,
					      subject->attachments);
	const struct table * const tables[] = { buffer, limits, attachments };
	enum status status;

	buffer_fill(table_add(buffer), subject->info, subject->attachments);
	status = table_print_json(tables, sizeof(tables) / sizeof(tables[0]),
				  view);
	table_free(buffer);
	table_free(limits);
	return status;
}

static enum status show_print(const struct subject *subject,
			      const struct view *view)
{
	struct table *attachments = attachments_collect(&attachments_layout,
							subject->attachments);
	enum status status;

	attachments_add_refused(attachments, subject->info->conflict);
	if (view->format == VIEW_JSON)
		status = show_json(subject, attachments, view);
	else
		status = show_people(subject, attachments, view);
	table_free(attachments);
	return status;
}

static enum status subject_read_id(struct subject *subject,
				   struct dmabuf_heap *heap, uint64_t id)
{
	int error;

	error = dmabuf_heap_buffer_info_read_id(heap, id, &subject->info);
	if (!error)
		error = dmabuf_heap_attachment_list_read_id(heap, id,
							    &subject->attachments);
	if (error == -ENOENT)
		return message_error(STATUS_NOT_FOUND,
				     "there is no buffer %" PRIu64 " that you may see",
				     id);
	if (error)
		return message_call(DBHEAP_CALL_QUERY, error, "the buffer");
	return STATUS_OK;
}

static enum status subject_read_fd(struct subject *subject,
				   struct dmabuf_heap *heap,
				   const struct reference *reference)
{
	struct dmabuf_heap_buffer *buffer;
	enum status status;
	int error;

	status = reference_open(reference, heap, &buffer);
	if (status)
		return status;
	error = dmabuf_heap_buffer_info_read(buffer, &subject->info);
	if (!error)
		error = dmabuf_heap_attachment_list_read(buffer,
							 &subject->attachments);
	dmabuf_heap_buffer_close(buffer);
	if (error)
		return message_call(DBHEAP_CALL_QUERY, error, "the buffer");
	return STATUS_OK;
}

static enum status show_reference(const struct reference *reference,
				  const struct view *view)
{
	struct subject subject = { 0 };
	struct dmabuf_heap *heap;
	enum status status;

	status = message_heap_open(&heap);
	if (status)
		return status;
	if (reference->is_fd)
		status = subject_read_fd(&subject, heap, reference);
	else
		status = subject_read_id(&subject, heap, reference->id);
	if (!status)
		status = show_print(&subject, view);
	dmabuf_heap_attachment_list_free(subject.attachments);
	dmabuf_heap_buffer_info_free(subject.info);
	dmabuf_heap_close(heap);
	return status;
}

static enum status show_run(struct invocation *invocation)
{
	struct reference reference;
	enum status status;

	if (!invocation_expect(invocation, 1, "a buffer", &status))
		return status;
	if (!reference_read(invocation->argv[0], &reference))
		return invocation_misused(invocation,
					  "\"%s\" is neither an id nor PID:FD",
					  invocation->argv[0]);
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
