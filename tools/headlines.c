// SPDX-License-Identifier: GPL-2.0
/*
 * What a look at all buffers comes down to.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "headlines.h"
#include "text.h"

static void __attribute__((format(printf, 2, 3)))
line_add(char *line, const char *format, ...)
{
	size_t used = strlen(line);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line + used, HEADLINE_SIZE - used, format, arguments);
	va_end(arguments);
}

static void buffers_write(const struct survey *survey, char *line)
{
	const struct totals *totals = &survey->totals;
	char size[TEXT_NUMBER_SIZE];

	line_add(line, "Buffers  %" PRIu64, totals->buffers);
	if (!totals->buffers)
		return;
	dmabuf_heap_size_describe(totals->size, size, sizeof(size));
	line_add(line, ", %s: %" PRIu64 " backed", size, totals->backed_buffers);
	dmabuf_heap_size_describe(totals->backed, size, sizeof(size));
	if (totals->backed)
		line_add(line, " (%s)", size);
	line_add(line, ", %" PRIu64 " unbacked, %" PRIu64 " mapped",
		 totals->buffers - totals->backed_buffers, totals->mapped_buffers);
	if (totals->knows_orphans)
		line_add(line, ", %" PRIu64 " orphaned", totals->orphaned_buffers);
}

static void module_write(const struct survey *survey, char *line)
{
	const struct counters *counters = &survey->counters;
	char size[TEXT_NUMBER_SIZE];

	line_add(line, "Module   ");
	if (!counters->is_known) {
		line_add(line, "its counts can't be read");
		return;
	}
	dmabuf_heap_size_describe(counters->bytes, size, sizeof(size));
	line_add(line, "%s for %" PRIu64 " of %" PRIu64 " buffers of all users", size,
		 counters->backed, counters->buffers);
	dmabuf_heap_size_describe(counters->scarce_bytes, size, sizeof(size));
	line_add(line, ", %s of it scarce", size);
}

static void rates_write(const struct survey *survey, char *line)
{
	uint64_t span = rates_span(&survey->rates);
	uint64_t allocations = survey->counters.allocations - survey->before.allocations;
	char rate[TEXT_NUMBER_SIZE];

	line_add(line, "Maps     ");
	if (!span) {
		line_add(line, "known from the next look on");
		return;
	}
	text_rate_write(rate_of(survey->maps, span), rate);
	line_add(line, "%s per second by devices", rate);
	if (!survey->counters.is_known || !survey->before.is_known)
		return;
	text_rate_write(rate_of(allocations, span), rate);
	line_add(line, "; %s allocations", rate);
}

void headlines_write(const struct survey *survey,
		     char lines[HEADLINES][HEADLINE_SIZE])
{
	memset(lines, 0, HEADLINES * sizeof(*lines));
	buffers_write(survey, lines[0]);
	module_write(survey, lines[1]);
	rates_write(survey, lines[2]);
}
