// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl report: all that someone who reads a bug report wants to know, as far
 * as it can be found out. What can't be has a line that says so, and isn't a failure.
 */
#include <stdio.h>
#include <unistd.h>

#include "attachment.h"
#include "buffer.h"
#include "ctl.h"
#include "devices.h"
#include "facts.h"
#include "memory.h"
#include "module.h"
#include "print.h"
#include "record.h"
#include "refusal.h"
#include "totals.h"
#include "walk.h"

#define REASON_SIZE	1024

enum { OPTION_ANONYMOUS = 1, OPTION_JSON = 'J' };

enum { MISSING_WHAT, MISSING_REASON };

static const struct column missing_columns[] = {
	[MISSING_WHAT] = { "WHAT", COLUMN_TEXT, "what isn't known" },
	[MISSING_REASON] = { "REASON", COLUMN_TEXT, "why" },
};

static const struct layout missing_layout = {
	"missing", missing_columns,
	sizeof(missing_columns) / sizeof(missing_columns[0]), "WHAT,REASON",
};

enum section_id {
	SECTION_SYSTEM, SECTION_MISSING, SECTION_PARAMETERS, SECTION_COUNTERS,
	SECTION_MEMORY, SECTION_ZONES, SECTION_DEVICES, SECTION_BUFFERS,
	SECTION_TOTALS, SECTION_ATTACHMENTS, SECTION_CONFLICTS, SECTION_COUNT,
};

struct report {
	struct view view;	/* text or JSON */
	bool is_anonymous;
	bool is_blind;		/* the device couldn't be opened */
	struct table *tables[SECTION_COUNT];
	struct totals totals;
};

/* How people see a section; JSON has all columns of all. */
struct section {
	const char *title;	/* NULL: a line of another section */
	void (*print)(const struct table *table, const struct view *view);
	const char *columns;	/* NULL: the usual ones */
	bool needs_device;	/* has no rows without it, which says nothing */
};

static const struct section sections[SECTION_COUNT] = {
	[SECTION_SYSTEM] = { .title = "System", .print = record_print_fields },
	[SECTION_MISSING] = { .title = "What is missing here",
			      .print = record_print_pairs },
	[SECTION_PARAMETERS] = { .title = "Parameters of the module",
				 .print = record_print_pairs },
	[SECTION_COUNTERS] = { .title = "Counters of the module",
			       .print = record_print_pairs },
	[SECTION_MEMORY] = { .title = "Memory", .print = record_print_fields },
	[SECTION_ZONES] = {
		.title = "Zones of memory",
		.print = record_print_rows,
		.columns = "ZONE,NODE,PRESENT,MANAGED,FREE,CMA",
	},
	[SECTION_DEVICES] = {
		.title = "Devices",
		.print = record_print_rows,
		.columns =
		"NODE,DEVICE,DRIVER,CARD,FUNCTION,DMA,MAX-ADDRESS,CONTIGUOUS,MAX-SEGMENT,BOUNDARY,MAX-SEGMENTS,ALIGNMENT,CHUNK,NUMA-NODE,NOTE",
	},
	[SECTION_BUFFERS] = {
		.title = "Buffers",
		.print = record_print_rows,
		.columns =
		"ID,SIZE,STATE,NAME,PLACEMENT,MAPS,CPU-MAPS,KERNEL-MAPS,FIRST-MAP,FIRST-MAP-BY,FIRST-MAP-AGE,NUMA-NODES,MOVABLE,MOVES,MOVED-FOR,SEALED,CREATOR,PID,UID,AGE",
		.needs_device = true,
	},
	[SECTION_ATTACHMENTS] = {
		.title = "Attachments",
		.print = record_print_rows,
		.columns =
		"BUFFER,ID,NODE,DEVICE,LABEL,KIND,DECLARED-ID,ACCESS,DMA,LIMITS,MAPS,EVER,LAST-MAP,AGE,BY,PID",
		.needs_device = true,
	},
	[SECTION_CONFLICTS] = {
		.title = "Last conflicts",
		.print = record_print_rows,
		.needs_device = true,
	},
};

static void report_miss(struct report *report, const char *what,
			const char *reason)
{
	struct row *row = table_add(report->tables[SECTION_MISSING]);

	row_set_text(row, MISSING_WHAT, what);
	row_set_text(row, MISSING_REASON, reason);
}

static void report_miss_call(struct report *report, const char *what,
			     enum dbheap_call call, int error)
{
	char reason[REASON_SIZE];

	dmabuf_heap_error_explain(call, error, reason, sizeof(reason));
	report_miss(report, what, reason);
}

static void report_add_buffer(void *context,
			      const struct dmabuf_heap_buffer_info *info,
			      const struct dmabuf_heap_attachment_list *attachments)
{
	struct report *report = context;

	buffer_fill(table_add(report->tables[SECTION_BUFFERS]), info, attachments);
	attachments_add(report->tables[SECTION_ATTACHMENTS], info->id, attachments);
	refusal_add(report->tables[SECTION_CONFLICTS], info, report->is_anonymous);
	totals_add(&report->totals, info);
}

static void report_forget_names(struct report *report)
{
	report_miss(report, "names of buffers and processes", "left out as asked");
	table_forget(report->tables[SECTION_BUFFERS],
		     "NAME,CREATOR,FIRST-MAP-BY,CONFLICT");
	table_forget(report->tables[SECTION_ATTACHMENTS], "BY");
}

static void report_collect_buffers(struct report *report,
				   struct dmabuf_heap *heap)
{
	int error = heap ? walk_buffers(heap, report_add_buffer, report) : 0;

	if (error)
		report_miss_call(report, "buffers", DBHEAP_CALL_QUERY, error);
	else if (heap && geteuid())
		report_miss(report, "others' buffers", "only root sees them");
	report->tables[SECTION_TOTALS] = totals_collect(&report->totals);
}

static void report_collect_devices(struct report *report,
				   struct dmabuf_heap *heap)
{
	struct dmabuf_heap_buffer *probe = NULL;
	int error = heap ? devices_probe_create(heap, &probe) : 0;

	if (error)
		report_miss_call(report, "limits of devices", DBHEAP_CALL_CREATE,
				 error);
	report->tables[SECTION_DEVICES] = devices_collect(probe);
	dmabuf_heap_buffer_close(probe);
}

static void report_collect_memory(struct report *report)
{
	report->tables[SECTION_MEMORY] = memory_collect();
	if (!report->tables[SECTION_MEMORY]->first)
		report_miss(report, "memory", "/proc/meminfo can't be read");
	report->tables[SECTION_ZONES] = zones_collect();
	if (!report->tables[SECTION_ZONES]->first)
		report_miss(report, "zones of memory", "/proc/zoneinfo can't be read");
}

/* The counters come before the buffer that devices are asked with. */
static void report_collect(struct report *report, struct dmabuf_heap *heap)
{
	report->tables[SECTION_BUFFERS] = table_new(&buffers_layout);
	report->tables[SECTION_ATTACHMENTS] = table_new(&all_attachments_layout);
	report->tables[SECTION_CONFLICTS] = table_new(&refusals_layout);
	report->tables[SECTION_SYSTEM] = system_collect(heap);
	report->tables[SECTION_PARAMETERS] = parameters_collect();
	report->tables[SECTION_COUNTERS] = counters_collect();
	report_collect_memory(report);
	report_collect_devices(report, heap);
	report_collect_buffers(report, heap);
	if (report->is_anonymous)
		report_forget_names(report);
}

static void report_make(struct report *report)
{
	struct dmabuf_heap *heap = NULL;
	char reason[REASON_SIZE];
	int error = dmabuf_heap_open(NULL, &heap);

	report->tables[SECTION_MISSING] = table_new(&missing_layout);
	report->is_blind = error;
	if (error) {
		message_heap_explain(error, reason, sizeof(reason));
		report_miss(report, "buffers and limits", reason);
	}
	report_collect(report, heap);
	dmabuf_heap_close(heap);
}

static enum status section_print(const struct section *section,
				 const struct table *table, bool is_blind)
{
	struct view view = { .layout = table->layout };
	enum status status = STATUS_OK;

	facts_title("%s", section->title);
	if (section->columns)
		status = view_choose(&view, section->columns);
	if (status)
		return status;
	if (table->first)
		section->print(table, &view);
	else
		printf("  %s\n", is_blind && section->needs_device ? "not known" :
								    "none");
	return STATUS_OK;
}

static enum status report_print(const struct report *report)
{
	const struct view usual = { 0 };
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < SECTION_COUNT && !status; i++) {
		if (!sections[i].title)
			continue;
		if (i)
			printf("\n");
		status = section_print(&sections[i], report->tables[i],
				       report->is_blind);
		if (i == SECTION_BUFFERS && report->totals.buffers)
			totals_print(&report->totals, &usual);
	}
	return status;
}

static enum status report_option(void *into, int option, struct invocation *invocation)
{
	struct report *report = into;

	(void)invocation;	/* none has an argument */
	if (option == OPTION_JSON)
		report->view.format = VIEW_JSON;
	else
		report->is_anonymous = true;
	return STATUS_OK;
}

/* Returns true when the report can be made. */
static bool report_read(struct report *report, struct invocation *invocation,
			enum status *status)
{
	if (!invocation_read(invocation, report_option, report, status))
		return false;
	*status = invocation_check_operands(invocation, 0, "");
	return *status == STATUS_OK;
}

static enum status report_run(struct invocation *invocation)
{
	struct report report = { .view.format = VIEW_TABLE };
	enum status status;
	size_t i;

	if (!report_read(&report, invocation, &status))
		return status;
	report_make(&report);
	if (report.view.format == VIEW_JSON)
		status = table_print_json((const struct table * const *)report.tables,
					  SECTION_COUNT, &report.view);
	else
		status = report_print(&report);
	for (i = 0; i < SECTION_COUNT; i++)
		table_free(report.tables[i]);
	return status;
}

static const struct option_entry options[] = {
	{ OPTION_ANONYMOUS, "anonymous", NULL,
	  "leave out names of buffers and processes" },
	{ OPTION_JSON, "json", NULL, "print JSON: exact numbers, and more columns" },
};

const struct command command_report = {
	.name = "report",
	.arguments = "[OPTION]...",
	.summary = "Tell all that belongs into a bug report, as one text",
	.notes = "It has versions, the module's parameters and counters, memory, devices,\n"
		 "buffers and conflicts, but no addresses, contents, host or user names.\n"
		 "What can't be found out is said in it, and the exit status is 0.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = report_run,
};
