/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which code of the module was reached, by KCOV where the kernel has it. A place is
 * counted by its distance from where the module begins, so that it is the same one
 * after the module was loaded again.
 */
#ifndef COVER_H
#define COVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <linux/types.h>

#define COVER_ROOM	(512 * 1024)	/* bytes of a module */

/* What all workers have reached. Shared memory. */
struct cover {
	__u64 start;		/* of the module; 0 when nothing can be told */
	__u64 size;
	atomic_uint places;
	atomic_uchar seen[COVER_ROOM];
};

/* One thread's own. */
struct trace {
	int fd;			/* -1 without KCOV */
	unsigned long *pcs;	/* their number, then they */
};

/* Finds out where the module is; after it was loaded. */
void cover_locate(struct cover *cover);

/* In two steps: the first in any thread, the second in the one that is traced. */
void trace_open(struct trace *trace);
void trace_start(struct trace *trace);

/* Forgets what was traced; adds it, and says if some of it was new. */
void trace_clear(struct trace *trace);
bool trace_collect(struct trace *trace, struct cover *cover);

#endif /* COVER_H */
