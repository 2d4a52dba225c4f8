/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine's memory, as /proc tells: in all, and by zones.
 */
#ifndef DMABUF_CTL_MEMORY_H
#define DMABUF_CTL_MEMORY_H

#include "table.h"

/**
 * memory_collect() - how much there is, and how much of it is free
 *
 * Return: a table of one row, or of none where that can't be read; to be freed.
 */
struct table *memory_collect(void);

/**
 * zones_collect() - the same for each zone that has memory
 *
 * Return: a table, empty where that can't be read; to be freed.
 */
struct table *zones_collect(void);

#endif
