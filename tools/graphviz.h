/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Graphviz, which turns text into pictures: its program dot.
 */
#ifndef DMABUF_CTL_GRAPHVIZ_H
#define DMABUF_CTL_GRAPHVIZ_H

#include <stddef.h>

#include "message.h"

/**
 * graphviz_draw() - make a picture
 * @text: in Graphviz's language
 * @size: bytes at @text
 * @format: what dot calls the kind of picture: "svg", "png"
 * @picture: written on success, to be freed
 * @picture_size: bytes at @picture
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence.
 */
enum status graphviz_draw(const char *text, size_t size, const char *format,
			  void **picture, size_t *picture_size);

#endif
