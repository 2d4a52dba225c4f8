/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A round: some processes of some threads each make their programs' calls, all at
 * once, and end. What they do is determined by seed, round and worker, and by what
 * the corpus had before the round; with one worker, in the same order too.
 */
#ifndef ROUND_H
#define ROUND_H

#include <stdatomic.h>
#include <linux/types.h>

#include "calls.h"
#include "cover.h"
#include "program.h"

#define ROUND_ERRNOS	134

#define ROUND_PROCESSES	16
#define ROUND_THREADS	16

struct options {
	__u64 seed;
	__u64 processes;
	__u64 threads;		/* of each */
	__u64 calls;		/* of each thread in a round */
	__u64 limit;		/* seconds for a round */
	__u64 may_unbind;	/* drivers, now and then, if not 0 */
	__u64 may_fail;		/* allocations, by the kernel's fault injection, if not 0 */
};

/* What all processes share. */
struct shared {
	struct options options;
	__u64 round;
	atomic_ullong trace;	/* hash of all choices */
	atomic_ullong answers;	/* hash of what came of them */
	atomic_ulong results[CALLS_MAX][ROUND_ERRNOS];
	atomic_ullong spent[CALLS_MAX];	/* ns, by kind of call */
	struct cover cover;
	struct corpus corpus;
};

/* Memory for all of it; NULL if there is none. */
struct shared *round_shared(void);

/*
 * Makes shared->round. Says in a line what is wrong, if something is.
 * Returns how many things were wrong.
 */
int round_run(struct shared *shared);

#endif /* ROUND_H */
