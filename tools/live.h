/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dmabuf-ctl top on the screen: the rows of the last look, those of them that are
 * shown, and what the keys have come to.
 */
#ifndef DMABUF_CTL_LIVE_H
#define DMABUF_CTL_LIVE_H

#include "page.h"
#include "scroll.h"
#include "top.h"

#define FILTER_SIZE	64

struct live {
	struct top *top;
	const struct row **rows;	/* that the filter admits, in order */
	size_t count;
	struct scroll scroll;
	uint64_t selected;		/* first cell of the row that is selected */
	char filter[FILTER_SIZE];
	bool is_typing;			/* the filter */
	struct page page;
	bool is_menu;			/* what the page is */
	bool is_over;
};

/**
 * live_run() - look again and again, and do what keys say
 * @top: what was asked for
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence.
 */
enum status live_run(struct top *top);

/**
 * live_height() - lines that there are for rows
 *
 * Return: 1 at least.
 */
size_t live_height(void);

/**
 * live_draw() - draw what is to be seen now
 * @live: there has been a look
 */
void live_draw(struct live *live);

#endif
