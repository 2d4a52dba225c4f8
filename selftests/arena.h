/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An arena: memory that ends where a page begins that nobody may touch, so that
 * whoever reads or writes one byte too many gets a fault. Lengths are in bytes.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stdbool.h>
#include <stddef.h>

#define ARENA_LENGTH	(128 * 1024)
#define ARENA_CANARY	0xa5

struct arena {
	unsigned char *start;
	unsigned char *end;
};

/* 0 or -errno. */
int arena_init(struct arena *arena);
void arena_free(struct arena *arena);

/* The last @length bytes, zeroed; all before them become canaries. */
void *arena_take(struct arena *arena, size_t length);

/* Allows (PROT_READ | PROT_WRITE), or no longer, to use all of the arena. */
int arena_protect(struct arena *arena, int protection);

bool arena_bytes_are(const void *bytes, size_t length, unsigned char value);

#endif /* ARENA_H */
