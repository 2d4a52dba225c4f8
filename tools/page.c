// SPDX-License-Identifier: GPL-2.0
/*
 * A text that takes the screen until one leaves it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "screen.h"
#include "text.h"

void page_open(struct page *page, const char *title, char *text, bool is_menu)
{
	size_t room = 1, count = 0;
	const char *c;

	for (c = text; *c; c++)
		room += *c == '\n';
	memset(page, 0, sizeof(*page));
	snprintf(page->title, sizeof(page->title), "%s", title);
	page->text = text;
	page->lines = text_allocate(room, sizeof(*page->lines));
	while (*text) {
		page->lines[count++] = text;
		text += strcspn(text, "\n");
		if (*text)
			*text++ = '\0';
	}
	page->scroll.count = count;
	page->scroll.is_plain = !is_menu;
}

void page_close(struct page *page)
{
	free(page->text);
	free(page->lines);
	memset(page, 0, sizeof(*page));
}

void page_draw(struct page *page)
{
	struct scroll *scroll = &page->scroll;
	size_t lines, columns, line;

	screen_size(&lines, &columns);
	scroll_fit(scroll, scroll->count, lines - 2);
	screen_erase();
	screen_write(0, page->title, 0, SCREEN_TITLE);
	for (line = scroll->first; line < scroll->count; line++) {
		bool is_selected = !scroll->is_plain && line == scroll->selected;

		if (line - scroll->first == scroll->height)
			break;
		screen_write(1 + line - scroll->first, page->lines[line], scroll->skip,
			     is_selected ? SCREEN_SELECTED : SCREEN_PLAIN);
	}
	screen_write(lines - 1, scroll->is_plain ?
		     "Arrows, PgUp, PgDn, Home, End: move   Esc, q: back" :
		     "Arrows, PgUp, PgDn, Home, End: move   Enter: choose   Esc, q: back",
		     0, SCREEN_FAINT);
	screen_show();
}

enum page_answer page_key(struct page *page, int key)
{
	switch (key) {
	case 'q':
	case SCREEN_F10:
	case SCREEN_ESCAPE:
		return PAGE_LEFT;
	case SCREEN_ENTER:
		return page->scroll.is_plain ? PAGE_LEFT : PAGE_CHOSEN;
	default:
		scroll_key(&page->scroll, key);
		return PAGE_STAYS;
	}
}
