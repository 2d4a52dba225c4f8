/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program: a short list of calls, each nothing but a few numbers. What a call
 * does and to what follows from its numbers alone, never from what calls before
 * it came to, so the same numbers make the same calls again. Slots stand for fds.
 *
 * A corpus: programs that reached code which no other had. It grows while a round
 * runs; programs of a round are made from the entries of earlier rounds only.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdatomic.h>
#include <linux/types.h>

#define PROGRAM_CALLS	16
#define CALL_WORDS	28
#define CORPUS_ROOM	4096

struct program {
	__u32 calls;
	__u16 words[PROGRAM_CALLS][CALL_WORDS];
};

/* Random numbers, by a generator that a seed determines. */
struct random {
	__u64 state;
};

struct corpus {
	atomic_uint added;	/* may exceed the room */
	__u32 usable;		/* of earlier rounds */
	struct corpus_entry {
		__u64 round;
		struct program program;
	} entries[CORPUS_ROOM];
};

/* The numbers of one worker in one round. */
void random_init(struct random *random, __u64 seed, __u64 round, __u64 worker);
__u64 random_next(struct random *random);
__u32 random_below(struct random *random, __u32 limit);

/* A new program, or a changed one of the corpus. */
void program_make(struct program *program, const struct corpus *corpus,
		  struct random *random);

void corpus_add(struct corpus *corpus, const struct program *program, __u64 round);

/*
 * Makes what was added usable. Before a round.
 * With @path, writes the new entries to the end of that file. 0 or -errno.
 */
int corpus_settle(struct corpus *corpus, const char *path);

/* Reads the entries that were there before @round. 0 or -errno. */
int corpus_load(struct corpus *corpus, const char *path, __u64 round);

#endif /* PROGRAM_H */
