// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl why: would a buffer let a device in now, and if not, why not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "limits.h"
#include "move.h"
#include "print.h"
#include "reach.h"
#include "target.h"

#define SENTENCE_SIZE	512

enum {
	COL_ID, COL_TARGET, COL_DEVICE, COL_ACCEPTED, COL_MOVES, COL_ERROR,
	COL_LIMIT, COL_WANTED, COL_FOUND, COL_REASON,
};

static const struct column why_columns[] = {
	[COL_ID] = { "ID", COLUMN_NUMBER, "the buffer" },
	[COL_TARGET] = { "TARGET", COLUMN_TEXT, "who wants in, as it was given" },
	[COL_DEVICE] = { "DEVICE", COLUMN_TEXT,
			 "device that does the DMA, as in /sys/devices" },
	[COL_ACCEPTED] = { "ACCEPTED", COLUMN_FLAG, "whether it would be let in now" },
	[COL_MOVES] = { "MOVES", COLUMN_FLAG,
			"whether memory would move for it; null: it may" },
	[COL_ERROR] = { "ERROR", COLUMN_TEXT, "name of the error, if not" },
	[COL_LIMIT] = { "LIMIT", COLUMN_TEXT, "which limit can't be met" },
	[COL_WANTED] = { "WANTED", COLUMN_NUMBER, "what it asks" },
	[COL_FOUND] = { "FOUND", COLUMN_NUMBER, "what the memory, or the machine, has" },
	[COL_REASON] = { "REASON", COLUMN_TEXT, "the same in words" },
};

static const struct layout why_layout = {
	"why", why_columns, sizeof(why_columns) / sizeof(why_columns[0]),
	"ID,TARGET,ACCEPTED,MOVES,ERROR,REASON",
};

/* What was asked, and what the kernel said. */
struct answer {
	const struct target *target;
	struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_reply *reply;	/* NULL if it said just @error */
	int error;
};

static void refusal_fill(struct row *row, const struct answer *answer)
{
	const struct dmabuf_heap_conflict *conflict;
	char reason[SENTENCE_SIZE];

	conflict = answer->reply ? answer->reply->conflict : NULL;
	if (conflict) {
		dmabuf_heap_conflict_explain(conflict, NULL, reason, sizeof(reason));
		row_set_text(row, COL_LIMIT, limit_name(conflict->limit));
		row_set_number(row, COL_WANTED, conflict->wanted);
		row_set_number(row, COL_FOUND, conflict->found);
	} else {
		dmabuf_heap_error_explain(DBHEAP_CALL_ATTACH, answer->error, reason,
					  sizeof(reason));
	}
	row_set_text(row, COL_ERROR, strerrorname_np(-answer->error));
	row_set_text(row, COL_REASON, reason);
}

static void answer_fill(struct row *row, const struct answer *answer)
{
	enum move move;

	row_set_number(row, COL_ID, answer->info->id);
	row_set_text(row, COL_TARGET, answer->target->text);
	row_set_number(row, COL_ACCEPTED, !answer->error);
	if (answer->reply)
		row_set_text(row, COL_DEVICE, answer->reply->device);
	if (answer->error) {
		row_set_number(row, COL_MOVES, false);
		refusal_fill(row, answer);
		return;
	}
	move = move_expect(answer->info, answer->reply);
	if (move != MOVE_UNKNOWN)
		row_set_number(row, COL_MOVES, move == MOVE_NEEDED);
}

static void answer_say_yes(const struct answer *answer)
{
	static const char * const moves[] = {
		[MOVE_NONE] = "",
		[MOVE_UNKNOWN] = "; its memory may have to move for that",
		[MOVE_NEEDED] = "; its memory would move for that",
	};

	printf("buffer %" PRIu64 " would accept %s%s\n", answer->info->id,
	       answer->target->text, moves[move_expect(answer->info, answer->reply)]);
}

/* People get a sentence, and whoever asks for columns gets a row. */
static enum status answer_print(const struct answer *answer,
				const struct view *view)
{
	bool is_sentence = view->format == VIEW_TABLE && !view->count;
	enum status status = STATUS_OK;
	struct table *table;

	if (!is_sentence) {
		table = table_new(&why_layout);
		answer_fill(table_add(table), answer);
		status = table_print(table, view);
		table_free(table);
	} else if (!answer->error) {
		answer_say_yes(answer);
	}
	if (answer->error)
		return target_explain(answer->target, answer->reply, answer->error);
	return status;
}

static enum status why_ask(const struct target *target,
			   struct dmabuf_heap_buffer *buffer,
			   const struct view *view)
{
	struct answer answer = { .target = target };
	enum status status;
	int error;

	status = target_test(target, buffer, &answer.reply, &answer.error);
	if (status)
		return status;
	error = dmabuf_heap_buffer_info_read(buffer, &answer.info);
	if (error)
		status = message_call(DBHEAP_CALL_QUERY, error, "the buffer");
	else
		status = answer_print(&answer, view);
	dmabuf_heap_buffer_info_free(answer.info);
	dmabuf_heap_reply_free(answer.reply);
	return status;
}

static enum status why_show(const struct reference *reference,
			    const struct target *target, const struct view *view)
{
	struct dmabuf_heap_buffer *buffer;
	struct dmabuf_heap *heap;
	enum status status;

	status = message_heap_open(&heap);
	if (status)
		return status;
	status = reach_buffer(reference, heap, &buffer);
	if (!status) {
		status = why_ask(target, buffer, view);
		dmabuf_heap_buffer_close(buffer);
	}
	dmabuf_heap_close(heap);
	return status;
}

static enum status why_run(struct invocation *invocation)
{
	struct reference reference;
	struct target target;
	enum status status;

	if (!invocation_expect(invocation, 2, "a buffer and a device", &status))
		return status;
	if (!reference_read(invocation->argv[0], &reference))
		return invocation_misused(invocation,
					  "\"%s\" is neither an id nor PID:FD",
					  invocation->argv[0]);
	status = target_read_device(invocation->argv[1], &target);
	if (!status)
		status = why_show(&reference, &target, &invocation->view);
	target_free(&target);
	return status;
}

const struct command command_why = {
	.name = "why",
	.arguments = "[OPTION]... BUFFER DEVICE",
	.summary = "Tell whether a buffer would accept a device now, and if not, why",
	.notes = "BUFFER is an id that list shows, PID:FD or /proc/PID/fd/FD.\n"
		 TARGET_HELP,
	.layout = &why_layout,
	.run = why_run,
};
