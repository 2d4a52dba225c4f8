/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A trap: who writes to an arena, the kernel for example with an answer, waits there
 * until it is opened. Of x86-64; needs root.
 */
#ifndef TRAP_H
#define TRAP_H

#include <stdbool.h>

#include "arena.h"

/* An fd, to be closed when done, or -errno. */
int trap_set(const struct arena *arena);

/* Waits until somebody is in there; false after ten seconds. */
bool trap_has_caught(int trap);

/* 0 or -errno. */
int trap_open(int trap, const struct arena *arena);

#endif /* TRAP_H */
