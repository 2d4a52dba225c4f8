/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What "dmabuf-ctl show" prints about a buffer, as text.
 */
#ifndef DMABUF_CTL_SHOWN_H
#define DMABUF_CTL_SHOWN_H

#include <stdint.h>

/**
 * shown_read() - have show tell about a buffer
 * @id: the buffer
 *
 * Return: what it prints, which may be why it can't tell; to be freed.
 */
char *shown_read(uint64_t id);

#endif
