// SPDX-License-Identifier: MIT
/*
 * A refusal, taken over from the kernel's report.
 */
#include "conflict.h"

bool dbheap_conflict_fill(struct dmabuf_heap_conflict *conflict,
			  const struct dmabuf_heap_report *report)
{
	if (!report->error)
		return false;
	conflict->error = report->error;
	conflict->limit = report->limit;
	conflict->wanted = report->wanted;
	conflict->found = report->found;
	conflict->length = report->length;
	conflict->runs = report->runs;
	conflict->attachment_id = report->attachment;
	conflict->first_map = (enum dbheap_first_map)report->first_map;
	conflict->first_map_ns = report->first_map_ns;
	conflict->time_ns = report->time_ns;
	conflict->device = report->device;
	conflict->label = report->label;
	conflict->first_map_by = report->first_map_by;
	return true;
}
