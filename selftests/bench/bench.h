/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the benchmarks share: the parts of the program, and its ways to end when
 * the machine won't do what is measured. Lengths are in bytes.
 */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <stdbool.h>
#include <linux/types.h>

#include "kselftest.h"
#include "../heap.h"
#include "measure.h"

/* At most so much more than what it is compared with counts as the same. */
#define BENCH_RATIO_MAX	1.1

/* The lengths that everything is measured at, for comparison with others' figures. */
#define BENCH_LENGTHS	4
extern const __u64 bench_lengths[BENCH_LENGTHS];

/* A length as people write it. The text is good until the call after the next. */
const char *bench_length(__u64 length);

/* End the program, naming the error, unless there is none. */
void *bench_pointer(void *pointer);
int bench_fd(int fd);

/* kmod/bare's device: an fd or -errno. */
int bench_bare_open(void);

/*
 * A test's result, by its name. kselftest.h counts for each file that includes it,
 * so all of them are reported by one.
 */
__attribute__((format(printf, 2, 3))) void bench_result(bool passed, const char *name, ...);
__attribute__((format(printf, 1, 2))) void bench_skip(const char *reason, ...);

/* One benchmark each, see bench.c. @heap is an fd of /dev/dmabuf-heap. */
void bench_bar(int heap);
void bench_create(int heap);
void bench_many(int heap);
void bench_memory(int heap);
void bench_peers(int heap);
void bench_query(int heap);
void bench_sets(int heap);
void bench_share(int heap);
void bench_stress(int heap);

/* How many test results bench_bar() and bench_peers() report. */
int bench_peers_points(void);

/* And bench_sets(). */
int bench_sets_points(void);

#endif /* BENCH_H */
