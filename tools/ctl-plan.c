// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl plan: where a buffer would lie, and whose limits make it so; or who
 * would have to be left out. No buffer gets memory, or remains.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "attachment.h"
#include "ctl.h"
#include "facts.h"
#include "limits.h"
#include "print.h"
#include "target.h"
#include "text.h"
#include "way.h"

#define SENTENCE_SIZE	512

enum { OPTION_SIZE = 1, OPTION_DEVICE, OPTION_REQUIRE };

struct plan {
	uint64_t size;		/* 0: not given */
	struct target *targets;
	size_t count;
};

enum { COL_SIZE, COL_PLACEMENT, COL_RUNS, COL_ADDRESS_BITS };

static const struct column plan_columns[] = {
	[COL_SIZE] = { "SIZE", COLUMN_BYTES, "length in whole pages" },
	[COL_PLACEMENT] = { "PLACEMENT", COLUMN_TEXT,
			    "how its memory would lie" },
	[COL_RUNS] = { "RUNS", COLUMN_NUMBER,
		       "physical runs of its memory; 0: any number is fine" },
	[COL_ADDRESS_BITS] = { "ADDRESS-BITS", COLUMN_NUMBER,
			       "most bits of its highest address" },
};

static const struct layout plan_layout = {
	"plan", plan_columns, sizeof(plan_columns) / sizeof(plan_columns[0]),
	"SIZE,PLACEMENT",
};

static void plan_print_facts(const struct dmabuf_heap_buffer_info *info,
			     const struct dmabuf_heap_attachment_list *list)
{
	char text[SENTENCE_SIZE];

	dmabuf_heap_size_describe(info->length, text, sizeof(text));
	facts_title("A buffer of %s (%" PRIu64 " bytes)", text, info->length);
	dmabuf_heap_buffer_info_describe_placement(info, text, sizeof(text));
	facts_print("Would lie", "%s", text);
	limits_print("Limits", info->merged, list);
}

static enum status plan_print_people(const struct dmabuf_heap_buffer_info *info,
				     const struct dmabuf_heap_attachment_list *list,
				     const struct table *attachments,
				     const struct view *view)
{
	if (view->format == VIEW_TABLE) {
		plan_print_facts(info, list);
		if (!attachments->first)
			return STATUS_OK;
		printf("\n");
		facts_title("Attachments");
	}
	return table_print(attachments, view);
}

static void plan_fill(struct row *row, const struct dmabuf_heap_buffer_info *info)
{
	char placement[SENTENCE_SIZE];

	dmabuf_heap_buffer_info_describe_placement(info, placement,
						   sizeof(placement));
	row_set_number(row, COL_SIZE, info->length);
	row_set_text(row, COL_PLACEMENT, placement);
	row_set_number(row, COL_RUNS, info->runs);
	row_set_number(row, COL_ADDRESS_BITS, info->addr_bits);
}

/* Of a plan that can't be served the first three are empty, else the last two. */
static enum status plan_print_json(const struct plan *plan,
				   const struct dmabuf_heap_plan_result *result,
				   const struct view *view)
{
	struct table *tables[] = {
		table_new(&plan_layout),
		limits_collect(result->info ? result->info->merged : NULL,
			       result->attachments),
		attachments_collect(&planned_layout, result->attachments),
		conflict_collect(plan->targets, result),
		ways_collect(plan->targets, result),
	};
	size_t i, count = sizeof(tables) / sizeof(tables[0]);
	enum status status;

	if (result->info)
		plan_fill(table_add(tables[0]), result->info);
	status = table_print_json((const struct table * const *)tables, count, view);
	for (i = 0; i < count; i++)
		table_free(tables[i]);
	return status;
}

static enum status plan_print(const struct plan *plan,
			      const struct dmabuf_heap_plan_result *result,
			      const struct view *view)
{
	struct table *attachments;
	enum status status;

	if (view->format == VIEW_JSON)
		return plan_print_json(plan, result, view);
	attachments = attachments_collect(&planned_layout, result->attachments);
	status = plan_print_people(result->info, result->attachments, attachments,
				   view);
	table_free(attachments);
	return status;
}

/* Raw output is for programs, which want one table: there is none. */
static enum status plan_print_refused(const struct plan *plan,
				      const struct dmabuf_heap_plan_result *result,
				      const struct view *view)
{
	target_refused(&plan->targets[result->refused], result->conflict);
	if (view->format == VIEW_TABLE)
		ways_print(plan->targets, plan->count, result);
	else if (view->format == VIEW_JSON)
		plan_print_json(plan, result, view);
	return STATUS_FAILURE;
}

static enum status plan_solve(const struct plan *plan,
			      const struct dmabuf_heap_plan *asked,
			      const struct view *view)
{
	struct dmabuf_heap_plan_result *result;
	enum status status;
	int error;

	error = dmabuf_heap_plan_solve(asked, &result);
	if (error)
		return message_call(DBHEAP_CALL_ATTACH, error, "the plan");
	if (result->conflict)
		status = plan_print_refused(plan, result, view);
	else
		status = plan_print(plan, result, view);
	dmabuf_heap_plan_result_free(result);
	return status;
}

static enum status plan_make(const struct plan *plan, struct dmabuf_heap *heap,
			     const struct view *view)
{
	struct dmabuf_heap_plan *asked;
	enum status status = STATUS_OK;
	size_t i;
	int error;

	error = dmabuf_heap_plan_create(heap, plan->size, &asked);
	if (error)
		return message_call(DBHEAP_CALL_CREATE, error, "--size");
	for (i = 0; i < plan->count && !status; i++)
		status = target_plan(&plan->targets[i], asked);
	if (!status)
		status = plan_solve(plan, asked, view);
	dmabuf_heap_plan_free(asked);
	return status;
}

static enum status plan_option(void *into, int option, struct invocation *invocation)
{
	struct plan *plan = into;

	switch (option) {
	case OPTION_SIZE:
		return invocation_read_size(invocation, &plan->size);
	case OPTION_DEVICE:
		return target_read_device(invocation->argument,
					  &plan->targets[plan->count++]);
	default:
		return target_read_requirement(invocation->argument,
					       &plan->targets[plan->count++]);
	}
}

/* Returns true when the plan can be made. */
static bool plan_read(struct plan *plan, struct invocation *invocation,
		      enum status *status)
{
	if (!invocation_read(invocation, plan_option, plan, status))
		return false;
	*status = invocation_check_operands(invocation, 0, "");
	if (!*status && !plan->size)
		*status = invocation_misused(invocation, "plan wants --size");
	return *status == STATUS_OK;
}

static enum status plan_run(struct invocation *invocation)
{
	/* There can't be more targets than arguments. */
	size_t room = (size_t)invocation->argc;
	struct plan plan = {
		.targets = text_allocate(room, sizeof(*plan.targets)),
	};
	struct dmabuf_heap *heap;
	enum status status;

	if (plan_read(&plan, invocation, &status)) {
		status = message_heap_open(&heap);
		if (!status) {
			status = plan_make(&plan, heap, &invocation->view);
			dmabuf_heap_close(heap);
		}
	}
	while (plan.count)
		target_free(&plan.targets[--plan.count]);
	free(plan.targets);
	return status;
}

static const struct option_entry options[] = {
	{ OPTION_SIZE, "size", "SIZE", "bytes, or with K, M, G or T: 1200K, 8M" },
	{ OPTION_DEVICE, "device", "DEVICE", "a device that will use the buffer" },
	{ OPTION_REQUIRE, "require", "LIMITS", "limits without a device" },
};

const struct command command_plan = {
	.name = "plan",
	.arguments = "--size SIZE [OPTION]...",
	.summary = "Tell where a buffer would lie, and why, without making one",
	.notes = TARGET_HELP,
	.layout = &planned_layout,
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = plan_run,
};
