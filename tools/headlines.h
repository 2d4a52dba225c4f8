/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a look at all buffers comes down to, as three lines of text.
 */
#ifndef DMABUF_CTL_HEADLINES_H
#define DMABUF_CTL_HEADLINES_H

#include "survey.h"

#define HEADLINES	3
#define HEADLINE_SIZE	256

/**
 * headlines_write() - buffers, the module's memory, rates
 * @survey: as survey_look() left it
 * @lines: written, without line ends
 */
void headlines_write(const struct survey *survey,
		     char lines[HEADLINES][HEADLINE_SIZE]);

#endif
