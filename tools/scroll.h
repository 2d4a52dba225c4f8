/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where one is in lines of which the screen shows a part: the first that is seen,
 * the one that is selected, and how the keys of a screen move both.
 */
#ifndef DMABUF_CTL_SCROLL_H
#define DMABUF_CTL_SCROLL_H

#include <stdbool.h>
#include <stddef.h>

struct scroll {
	bool is_plain;		/* nothing is selected: what is seen moves at once */
	size_t count;		/* lines in all */
	size_t height;		/* lines that fit */
	size_t first;		/* the first that is seen */
	size_t selected;	/* below count, unless there is none */
	size_t skip;		/* columns that are left out on the left */
};

/**
 * scroll_fit() - the lines or the screen have changed
 * @scroll: keeps its place, as far as there still is one
 * @count: lines in all
 * @height: lines that fit, at least 1
 */
void scroll_fit(struct scroll *scroll, size_t count, size_t height);

/**
 * scroll_select() - go to a line
 * @scroll: shows it, and moves no more than that takes
 * @line: beyond the last means the last
 */
void scroll_select(struct scroll *scroll, size_t line);

/**
 * scroll_key() - move by a key
 * @scroll: moves no further than to the ends
 * @key: one of enum screen_key, or a character
 *
 * Return: false for a key that doesn't move.
 */
bool scroll_key(struct scroll *scroll, int key);

#endif
