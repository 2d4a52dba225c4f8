/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A text that takes the screen until one leaves it: help, what is known of a
 * buffer, or a menu, of which one line is chosen.
 */
#ifndef DMABUF_CTL_PAGE_H
#define DMABUF_CTL_PAGE_H

#include "scroll.h"

#define PAGE_TITLE_SIZE	128

struct page {
	char title[PAGE_TITLE_SIZE];
	char *text;		/* NULL when no page is open */
	char **lines;
	struct scroll scroll;
};

enum page_answer {
	PAGE_STAYS,
	PAGE_LEFT,
	PAGE_CHOSEN,		/* the line that is selected */
};

/**
 * page_open() - put a text on the screen
 * @page: none is open
 * @title: what it is
 * @text: its lines; becomes the page's, which frees it
 * @is_menu: whether one of them can be chosen
 */
void page_open(struct page *page, const char *title, char *text, bool is_menu);

/**
 * page_close() - back to what was before
 * @page: may have been closed
 */
void page_close(struct page *page);

/**
 * page_draw() - draw the whole screen
 * @page: an open one
 */
void page_draw(struct page *page);

/**
 * page_key() - do what a key says
 * @page: an open one
 * @key: as screen_wait() returned it
 *
 * Return: what the caller has to do.
 */
enum page_answer page_key(struct page *page, int key);

#endif
