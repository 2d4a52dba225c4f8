/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the user asks for.
 */
#ifndef PLAY_OPTIONS_H
#define PLAY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct options - the command line
 * @camera: the camera's node, NULL to look for one
 * @card: the display's node, NULL to look for one
 * @width: pixels in a line, 0 for any
 * @height: lines, 0 for any
 * @buffers: how many go round
 * @frames: pictures to show, 0 for no end
 * @wait: stop before the first map
 * @hold: stop before the last picture goes
 */
struct options {
	const char *camera;
	const char *card;
	uint32_t width;
	uint32_t height;
	unsigned int buffers;
	unsigned long frames;
	bool wait;
	bool hold;
};

/**
 * options_parse() - read the command line
 * @options: written
 * @argc: as main() got it
 * @argv: as main() got it
 *
 * Return: -1 to go on, or the exit status: 0 when only help or the version was
 * asked for, 2 after saying what is wrong.
 */
int options_parse(struct options *options, int argc, char *argv[]);

#endif /* PLAY_OPTIONS_H */
