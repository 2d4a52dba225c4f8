/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Samples, what is said of them, and the list of all that was measured, which
 * ends as JSON.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>
#include <linux/types.h>

/*
 * struct spread - many samples of one thing
 * @min: the least
 * @q1: a quarter of them is below
 * @median: half of them is below
 * @q3: three quarters are below
 * @samples: how many there were
 */
struct spread {
	__u64 min;
	__u64 q1;
	__u64 median;
	__u64 q3;
	int samples;
};

/* Sorts the samples. There is at least one. */
struct spread measure_spread(__u64 *samples, int count);

/* Does the machine count instructions? Times are these then. */
bool measure_counts_instructions(void);

/* What the figures of this machine's clock are, for people. */
const char *measure_clock(void);

/* Time that passes between two looks at the clock with nothing in between. */
__u64 measure_nothing(void);

/*
 * measure_record() - a figure for the list
 * @what: the thing that was measured
 * @length: bytes of a buffer, 0 where none has a part in it
 * @of: whose figure it is
 * @unit: "ns", "instructions" or "bytes", or an outcome of sets.c; NULL for the clock's
 * @spread: copied
 *
 * Texts are not copied.
 */
void measure_record(const char *what, __u64 length, const char *of, const char *unit,
		    const struct spread *spread);

/* Writes the list to a file: 0 or -errno. */
int measure_write(const char *path);

#endif /* MEASURE_H */
