/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What devices have mapped since one last looked. Attachments count their maps
 * from their beginning; this remembers the counts from one look to the next. Times
 * are nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef DMABUF_CTL_RATES_H
#define DMABUF_CTL_RATES_H

#include <stddef.h>
#include <stdint.h>

/* How many maps one attachment had made. */
struct rate_count {
	uint64_t buffer;
	uint64_t attachment;
	uint64_t ever;
};

/* The counts of one look, rising by buffer and attachment. */
struct rate_look {
	uint64_t when_ns;	/* 0 for none */
	struct rate_count *counts;
	size_t count;
	size_t room;
};

struct rates {
	struct rate_look before;
	struct rate_look now;
	size_t cursor;		/* into the one before */
};

/**
 * rates_begin() - a new look; the last becomes the one before
 * @rates: 0 at first; end it with rates_free()
 * @when_ns: now, above 0
 */
void rates_begin(struct rates *rates, uint64_t when_ns);

/**
 * rates_add() - what an attachment counts in this look
 * @rates: the counts; each call has a later attachment than the call before
 * @buffer: the buffer's id
 * @attachment: the attachment's id within it
 * @ever: maps that it has made so far
 *
 * Return: how many of them are new. For an attachment that wasn't there before, all.
 */
uint64_t rates_add(struct rates *rates, uint64_t buffer, uint64_t attachment,
		   uint64_t ever);

/**
 * rates_span() - the time from the look before to this one
 * @rates: the counts
 *
 * Return: nanoseconds; 0 while there was only one look, and nothing is known.
 */
uint64_t rates_span(const struct rates *rates);

/**
 * rate_of() - a number of events as a rate
 * @events: how many there were
 * @span_ns: in which time; above 0
 *
 * Return: as many in 1000 seconds, rounded; 1 at least if there were any.
 */
uint64_t rate_of(uint64_t events, uint64_t span_ns);

/**
 * rates_free() - forget all
 * @rates: the counts
 */
void rates_free(struct rates *rates);

#endif
