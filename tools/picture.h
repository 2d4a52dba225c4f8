/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pictures as PNG files. A file is there as a whole or not at all.
 */
#ifndef DMABUF_CTL_PICTURE_H
#define DMABUF_CTL_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

/**
 * struct picture - colours in rows from the top
 * @width: pixels of a row
 * @height: rows
 * @has_alpha: a pixel is red, green, blue and alpha, else red, green and blue;
 *	a byte each
 * @colors: the pixels, without a gap
 */
struct picture {
	uint32_t width;
	uint32_t height;
	bool has_alpha;
	const uint8_t *colors;
};

/**
 * picture_write() - make a PNG file
 * @picture: the picture
 * @path: the file, which is replaced when the new one is complete; what isn't a
 *	plain file is written to. "-" is stdout.
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence, which a reader of stdout
 * that went away doesn't get.
 */
enum status picture_write(const struct picture *picture, const char *path);

#endif
