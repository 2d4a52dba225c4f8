// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that ends where nothing may be touched: see arena.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "arena.h"

#define GUARD	4096

int arena_init(struct arena *arena)
{
	void *map = mmap(NULL, ARENA_LENGTH + GUARD, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return -errno;
	arena->start = map;
	arena->end = arena->start + ARENA_LENGTH;
	return mprotect(arena->end, GUARD, PROT_NONE) ? -errno : 0;
}

void arena_free(struct arena *arena)
{
	munmap(arena->start, ARENA_LENGTH + GUARD);
}

void *arena_take(struct arena *arena, size_t length)
{
	memset(arena->start, ARENA_CANARY, ARENA_LENGTH);
	memset(arena->end - length, 0, length);
	return arena->end - length;
}

int arena_protect(struct arena *arena, int protection)
{
	return mprotect(arena->start, ARENA_LENGTH, protection) ? -errno : 0;
}

bool arena_bytes_are(const void *bytes, size_t length, unsigned char value)
{
	const unsigned char *byte = bytes;

	while (length--)
		if (*byte++ != value)
			return false;
	return true;
}
