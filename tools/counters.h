/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's own counts, of all users: files below /sys that everyone can read.
 */
#ifndef DMABUF_CTL_COUNTERS_H
#define DMABUF_CTL_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

struct counters {
	bool is_known;		/* else all is 0 */
	uint64_t buffers;
	uint64_t backed;	/* buffers that have memory */
	uint64_t bytes;		/* memory behind them */
	uint64_t scarce_bytes;	/* of these: below an address, or in very large runs */
	uint64_t allocations;	/* made since the module was loaded */
};

/**
 * counters_read() - read the counts, one after the other
 * @counters: written
 */
void counters_read(struct counters *counters);

#endif
