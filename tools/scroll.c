// SPDX-License-Identifier: GPL-2.0
/*
 * Where one is in lines of which the screen shows a part.
 */
#include "screen.h"
#include "scroll.h"

#define SIDESTEP	8	/* columns at a time */

static size_t first_at_most(const struct scroll *scroll)
{
	return scroll->count > scroll->height ? scroll->count - scroll->height : 0;
}

void scroll_select(struct scroll *scroll, size_t line)
{
	size_t last = scroll->count ? scroll->count - 1 : 0;

	scroll->selected = line < last ? line : last;
	if (scroll->is_plain)
		return;
	if (scroll->selected < scroll->first)
		scroll->first = scroll->selected;
	if (scroll->selected - scroll->first >= scroll->height)
		scroll->first = scroll->selected - scroll->height + 1;
}

void scroll_fit(struct scroll *scroll, size_t count, size_t height)
{
	scroll->count = count;
	scroll->height = height;
	if (scroll->first > first_at_most(scroll))
		scroll->first = first_at_most(scroll);
	scroll_select(scroll, scroll->selected);
}

static size_t place_move(size_t place, long lines, size_t last)
{
	if (lines < 0)
		return place > (size_t)-lines ? place - (size_t)-lines : 0;
	return last - place > (size_t)lines ? place + (size_t)lines : last;
}

static void scroll_move(struct scroll *scroll, long lines)
{
	size_t last = scroll->count ? scroll->count - 1 : 0;

	if (scroll->is_plain)
		scroll->first = place_move(scroll->first, lines, first_at_most(scroll));
	else
		scroll_select(scroll, place_move(scroll->selected, lines, last));
}

bool scroll_key(struct scroll *scroll, int key)
{
	switch (key) {
	case SCREEN_UP:
		scroll_move(scroll, -1);
		break;
	case SCREEN_DOWN:
		scroll_move(scroll, 1);
		break;
	case SCREEN_PAGE_UP:
		scroll_move(scroll, -(long)scroll->height);
		break;
	case SCREEN_PAGE_DOWN:
		scroll_move(scroll, (long)scroll->height);
		break;
	case SCREEN_HOME:
		scroll_move(scroll, -(long)scroll->count);
		break;
	case SCREEN_END:
		scroll_move(scroll, (long)scroll->count);
		break;
	case SCREEN_LEFT:
		scroll->skip -= scroll->skip < SIDESTEP ? scroll->skip : SIDESTEP;
		break;
	case SCREEN_RIGHT:
		scroll->skip += SIDESTEP;
		break;
	default:
		return false;
	}
	return true;
}
