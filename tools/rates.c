// SPDX-License-Identifier: GPL-2.0
/*
 * What devices have mapped since one last looked.
 */
#include <stdlib.h>
#include <string.h>

#include "rates.h"
#include "text.h"

#define NS_PER_1000_S	UINT64_C(1000000000000)
#define FIRST_ROOM	64

void rates_begin(struct rates *rates, uint64_t when_ns)
{
	struct rate_look oldest = rates->before;

	rates->before = rates->now;
	rates->now = oldest;
	rates->now.when_ns = when_ns;
	rates->now.count = 0;
	rates->cursor = 0;
}

static void look_remember(struct rate_look *look, const struct rate_count *count)
{
	if (look->count == look->room) {
		size_t room = look->room ? 2 * look->room : FIRST_ROOM;
		struct rate_count *counts = text_allocate(room, sizeof(*counts));

		if (look->count)
			memcpy(counts, look->counts, look->count * sizeof(*counts));
		free(look->counts);
		look->counts = counts;
		look->room = room;
	}
	look->counts[look->count++] = *count;
}

static int count_compare(const struct rate_count *a, const struct rate_count *b)
{
	if (a->buffer != b->buffer)
		return a->buffer < b->buffer ? -1 : 1;
	return (a->attachment > b->attachment) - (a->attachment < b->attachment);
}

/* Both looks rise, so one pass over the look before finds all of them. */
static uint64_t ever_before(struct rates *rates, const struct rate_count *count)
{
	const struct rate_look *before = &rates->before;
	int order = 1;

	while (rates->cursor < before->count) {
		order = count_compare(&before->counts[rates->cursor], count);
		if (order >= 0)
			break;
		rates->cursor++;
	}
	return order ? 0 : before->counts[rates->cursor].ever;
}

uint64_t rates_add(struct rates *rates, uint64_t buffer, uint64_t attachment,
		   uint64_t ever)
{
	const struct rate_count count = { buffer, attachment, ever };
	uint64_t before = ever_before(rates, &count);

	look_remember(&rates->now, &count);
	/* Fewer than before: another attachment has the ids of one that is gone. */
	return ever < before ? ever : ever - before;
}

uint64_t rates_span(const struct rates *rates)
{
	if (!rates->before.when_ns)
		return 0;
	return rates->now.when_ns - rates->before.when_ns;
}

uint64_t rate_of(uint64_t events, uint64_t span_ns)
{
	double rate = (double)events * NS_PER_1000_S / span_ns;

	return events && rate < 1 ? 1 : (uint64_t)(rate + 0.5);
}

void rates_free(struct rates *rates)
{
	free(rates->before.counts);
	free(rates->now.counts);
}
