/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A terminal as a screen of lines, by ncurses, which sends only what has changed.
 */
#ifndef DMABUF_CTL_SCREEN_H
#define DMABUF_CTL_SCREEN_H

#include <stddef.h>
#include <stdint.h>

#include "message.h"

/* Keys that are no characters. */
enum screen_key {
	SCREEN_NOTHING = 0,	/* the time is over, or the size has changed */
	SCREEN_UP = 0x1000,
	SCREEN_DOWN,
	SCREEN_LEFT,
	SCREEN_RIGHT,
	SCREEN_PAGE_UP,
	SCREEN_PAGE_DOWN,
	SCREEN_HOME,
	SCREEN_END,
	SCREEN_ENTER,
	SCREEN_ESCAPE,
	SCREEN_BACKSPACE,
	SCREEN_F1,
	SCREEN_F4,
	SCREEN_F6,
	SCREEN_F10,
	SCREEN_GONE,		/* there is no terminal any more */
};

enum screen_style {
	SCREEN_PLAIN,
	SCREEN_FAINT,
	SCREEN_TITLE,		/* what rows have */
	SCREEN_MARKED,		/* within a title */
	SCREEN_SELECTED,
	SCREEN_STYLE_COUNT,
};

/**
 * screen_begin() - take the terminal
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence. When the program ends the
 * terminal is as it was.
 */
enum status screen_begin(void);

/**
 * screen_end() - give the terminal back; also if it wasn't taken
 */
void screen_end(void);

/**
 * screen_size() - how large it is now
 * @lines: written
 * @columns: written
 */
void screen_size(size_t *lines, size_t *columns);

/**
 * screen_erase() - begin an empty picture
 */
void screen_erase(void);

/**
 * screen_write() - fill one line, and cut what has no room
 * @line: from 0 at the top
 * @text: what to write
 * @skip: columns of it that are left out at the beginning
 * @style: how the whole line looks
 */
void screen_write(size_t line, const char *text, size_t skip, enum screen_style style);

/**
 * screen_style_part() - have a part of a line look otherwise
 * @line: from 0 at the top
 * @column: where it begins
 * @length: columns
 * @style: how it looks
 */
void screen_style_part(size_t line, size_t column, size_t length,
		       enum screen_style style);

/**
 * screen_show() - bring the picture to the terminal
 */
void screen_show(void);

/**
 * screen_wait() - wait for a key
 * @until_ns: but no longer than until then, CLOCK_MONOTONIC
 *
 * Return: a character's byte, or one of enum screen_key.
 */
int screen_wait(uint64_t until_ns);

#endif
