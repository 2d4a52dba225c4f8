/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much load a load test makes: little by default, more by hand. Helpers that
 * they share.
 */
#ifndef LOAD_H
#define LOAD_H

#include <linux/types.h>

/* Nanoseconds: LOAD_SECONDS of the environment, else @seconds. */
__u64 load_time(unsigned int seconds);

/* @count, or a tenth of it on a kernel that checks itself at every step. */
long load_count(long count);

/* Lets this process have that many fds, and some more. 0 or -errno. */
int load_fds(long count);

/* The next of a sequence of numbers that is the same for each start. */
__u32 load_random(__u32 *state);

/* Bytes of memory that the kernel and all programs use. */
__u64 load_memory_used(void);

/* Zeroed memory that child processes share; NULL if there is none. */
void *load_shared(__u64 length);

#endif /* LOAD_H */
