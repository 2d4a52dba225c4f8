// SPDX-License-Identifier: GPL-2.0
/*
 * A terminal as a screen of lines, by ncurses.
 */
#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "print.h"
#include "screen.h"
#include "text.h"

#define ESCAPE_MS	25	/* an escape alone is a key, not the beginning of one */
#define NS_PER_MS	UINT64_C(1000000)

static SCREEN *terminal;

static attr_t styles[SCREEN_STYLE_COUNT] = {
	[SCREEN_PLAIN] = A_NORMAL,
	[SCREEN_FAINT] = A_DIM,
	[SCREEN_TITLE] = A_BOLD | A_UNDERLINE,
	[SCREEN_MARKED] = A_BOLD | A_REVERSE,
	[SCREEN_SELECTED] = A_REVERSE,
};

static void style_color(enum screen_style style, short ink, short paper)
{
	init_pair((short)style, ink, paper);
	styles[style] = COLOR_PAIR(style);
}

static void styles_choose(void)
{
	if (!table_can_color() || !has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	style_color(SCREEN_TITLE, COLOR_BLACK, COLOR_GREEN);
	style_color(SCREEN_MARKED, COLOR_BLACK, COLOR_CYAN);
	style_color(SCREEN_SELECTED, COLOR_BLACK, COLOR_CYAN);
}

static enum status terminal_refuse(void)
{
	const char *name = getenv("TERM");

	return message_error(STATUS_FAILURE,
			     "the terminal \"%s\" is no screen to draw on; --batch prints instead",
			     name ? name : "");
}

enum status screen_begin(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return message_error(STATUS_FAILURE,
				     "top draws on a terminal, and this is none; --batch prints instead");
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal)
		return terminal_refuse();
	atexit(screen_end);
	if (!tigetstr("cup")) {
		screen_end();
		return terminal_refuse();
	}
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	styles_choose();
	return STATUS_OK;
}

void screen_end(void)
{
	if (!terminal)
		return;
	endwin();
	delscreen(terminal);
	terminal = NULL;
}

void screen_size(size_t *lines, size_t *columns)
{
	*lines = (size_t)LINES;
	*columns = (size_t)COLS;
}

void screen_erase(void)
{
	erase();
}

/* The next character and how wide it is; what can't be shown is a question mark. */
static const char *character_read(const char *text, wchar_t *character, size_t *width)
{
	mbstate_t state = { 0 };
	size_t length = mbrtowc(character, text, strlen(text), &state);
	int columns;

	if (length == (size_t)-1 || length == (size_t)-2 || !length) {
		*character = L'?';
		length = 1;
	}
	columns = wcwidth(*character);
	if (columns < 0) {
		*character = L'?';
		columns = 1;
	}
	*width = (size_t)columns;
	return text + length;
}

void screen_write(size_t line, const char *text, size_t skip, enum screen_style style)
{
	size_t column = 0, width, end = skip + (size_t)COLS;
	wchar_t character;

	move((int)line, 0);
	while (*text) {
		text = character_read(text, &character, &width);
		if (column + width > end)
			break;
		if (column >= skip)
			addnwstr(&character, 1);
		column += width;
	}
	mvchgat((int)line, 0, -1, styles[style] & ~A_COLOR,
		(short)PAIR_NUMBER(styles[style]), NULL);
}

void screen_style_part(size_t line, size_t column, size_t length,
		       enum screen_style style)
{
	if (column < (size_t)COLS)
		mvchgat((int)line, (int)column, (int)length, styles[style] & ~A_COLOR,
			(short)PAIR_NUMBER(styles[style]), NULL);
}

void screen_show(void)
{
	refresh();
}

static int key_translate(int key)
{
	static const struct {
		int from;
		enum screen_key to;
	} keys[] = {
		{ KEY_UP, SCREEN_UP }, { KEY_DOWN, SCREEN_DOWN },
		{ KEY_LEFT, SCREEN_LEFT }, { KEY_RIGHT, SCREEN_RIGHT },
		{ KEY_PPAGE, SCREEN_PAGE_UP }, { KEY_NPAGE, SCREEN_PAGE_DOWN },
		{ KEY_HOME, SCREEN_HOME }, { KEY_END, SCREEN_END },
		{ KEY_ENTER, SCREEN_ENTER }, { '\r', SCREEN_ENTER },
		{ '\n', SCREEN_ENTER }, { '\033', SCREEN_ESCAPE },
		{ KEY_BACKSPACE, SCREEN_BACKSPACE }, { '\b', SCREEN_BACKSPACE },
		{ 0x7f, SCREEN_BACKSPACE }, { KEY_F(1), SCREEN_F1 },
		{ KEY_F(4), SCREEN_F4 }, { KEY_F(6), SCREEN_F6 },
		{ KEY_F(10), SCREEN_F10 },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].from == key)
			return (int)keys[i].to;
	return key > 0 && key < 256 ? key : SCREEN_NOTHING;
}

int screen_wait(uint64_t until_ns)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t now = text_age(0);	/* since the clock began */
	int key = getch();

	/* Keys that came along with the last one are waiting within ncurses. */
	if (key == ERR) {
		int wait = until_ns > now ? (int)((until_ns - now) / NS_PER_MS) + 1 : 0;

		/* A signal that tells of a new size ends it, too. */
		if (poll(&input, 1, wait) > 0 && (input.revents & ~POLLIN))
			return SCREEN_GONE;
		key = getch();
	}
	return key == ERR ? SCREEN_NOTHING : key_translate(key);
}
