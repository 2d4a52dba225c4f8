// SPDX-License-Identifier: GPL-2.0
/*
 * Programs and the corpus: see program.h. The corpus file has one entry per line:
 * the round, the number of calls and all their words, in hexadecimal.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "program.h"

/* The finalizer of a 64-bit hash: every bit of the state decides every bit. */
__u64 random_next(struct random *random)
{
	__u64 z = random->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

__u32 random_below(struct random *random, __u32 limit)
{
	return (random_next(random) >> 32) * limit >> 32;
}

void random_init(struct random *random, __u64 seed, __u64 round, __u64 worker)
{
	random->state = seed;
	random->state = random_next(random) ^ round;
	random->state = random_next(random) ^ worker;
	random_next(random);
}

static void call_make(__u16 *words, struct random *random)
{
	int i;

	for (i = 0; i < CALL_WORDS; i++)
		words[i] = random_next(random);
}

static void program_generate(struct program *program, struct random *random)
{
	__u32 i;

	program->calls = 1 + random_below(random, PROGRAM_CALLS);
	for (i = 0; i < program->calls; i++)
		call_make(program->words[i], random);
}

/* Another call of the corpus in the place of one, or after all. */
static void mutate_splice(struct program *program, const struct corpus *corpus,
			  struct random *random)
{
	const struct program *other;
	__u32 to = random_below(random, program->calls + 1);

	other = &corpus->entries[random_below(random, corpus->usable)].program;
	if (to == PROGRAM_CALLS)
		to--;
	else if (to == program->calls)
		program->calls++;
	memcpy(program->words[to], other->words[random_below(random, other->calls)],
	       sizeof(program->words[to]));
}

static void mutate_remove(struct program *program, struct random *random)
{
	__u32 at = random_below(random, program->calls);

	if (program->calls == 1)
		return;
	program->calls--;
	memmove(program->words[at], program->words[at + 1],
		(program->calls - at) * sizeof(program->words[at]));
}

static void mutate_insert(struct program *program, struct random *random)
{
	__u32 at = random_below(random, program->calls);

	if (program->calls == PROGRAM_CALLS)
		return;
	memmove(program->words[at + 1], program->words[at],
		(program->calls - at) * sizeof(program->words[at]));
	program->calls++;
	call_make(program->words[at], random);
}

static void program_mutate(struct program *program, const struct corpus *corpus,
			   struct random *random)
{
	__u32 times = 1 + random_below(random, 4);

	while (times--) {
		__u16 *words = program->words[random_below(random, program->calls)];
		__u16 *word = &words[random_below(random, CALL_WORDS)];

		switch (random_below(random, 8)) {
		case 0:
			mutate_splice(program, corpus, random);
			break;
		case 1:
			mutate_remove(program, random);
			break;
		case 2:
			mutate_insert(program, random);
			break;
		case 3:
			*word ^= 1 << random_below(random, 16);
			break;
		case 4:
			*word += random_below(random, 17) - 8;
			break;
		default:
			*word = random_next(random);
			break;
		}
	}
}

void program_make(struct program *program, const struct corpus *corpus,
		  struct random *random)
{
	if (!corpus->usable || !random_below(random, 3)) {
		program_generate(program, random);
		return;
	}
	*program = corpus->entries[random_below(random, corpus->usable)].program;
	program_mutate(program, corpus, random);
}

void corpus_add(struct corpus *corpus, const struct program *program, __u64 round)
{
	__u32 at = atomic_fetch_add(&corpus->added, 1);

	if (at >= CORPUS_ROOM)
		return;
	corpus->entries[at].round = round;
	corpus->entries[at].program = *program;
}

static void entry_write(const struct corpus_entry *entry, FILE *file)
{
	const struct program *program = &entry->program;
	__u32 i, j;

	fprintf(file, "%llu %u", entry->round, program->calls);
	for (i = 0; i < program->calls; i++)
		for (j = 0; j < CALL_WORDS; j++)
			fprintf(file, " %x", program->words[i][j]);
	fputc('\n', file);
}

int corpus_settle(struct corpus *corpus, const char *path)
{
	__u32 added = atomic_load(&corpus->added);
	FILE *file = NULL;

	if (added > CORPUS_ROOM)
		added = CORPUS_ROOM;
	if (path) {
		file = fopen(path, "ae");
		if (!file)
			return -errno;
	}
	for (; corpus->usable < added; corpus->usable++)
		if (file)
			entry_write(&corpus->entries[corpus->usable], file);
	return file && fclose(file) ? -errno : 0;
}

/* 0 at the end of the file, 1 for an entry. */
static int entry_read(struct corpus_entry *entry, FILE *file)
{
	struct program *program = &entry->program;
	__u32 i, j;

	if (fscanf(file, "%llu %u", &entry->round, &program->calls) != 2)
		return feof(file) ? 0 : -EINVAL;
	if (!program->calls || program->calls > PROGRAM_CALLS)
		return -EINVAL;
	for (i = 0; i < program->calls; i++)
		for (j = 0; j < CALL_WORDS; j++)
			if (fscanf(file, "%hx", &program->words[i][j]) != 1)
				return -EINVAL;
	return 1;
}

int corpus_load(struct corpus *corpus, const char *path, __u64 round)
{
	FILE *file = fopen(path, "re");
	int rc;

	if (!file)
		return -errno;
	do {
		rc = entry_read(&corpus->entries[corpus->usable], file);
		if (rc > 0 && corpus->entries[corpus->usable].round < round)
			corpus->usable++;
	} while (rc > 0 && corpus->usable < CORPUS_ROOM);
	fclose(file);
	atomic_store(&corpus->added, corpus->usable);
	return rc < 0 ? rc : 0;
}
