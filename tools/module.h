/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module and the machine that it runs on, as sysfs and uname() tell. None of it
 * needs the device to be open.
 */
#ifndef DMABUF_CTL_MODULE_H
#define DMABUF_CTL_MODULE_H

#include "table.h"

/**
 * system_collect() - versions, and what the module can do
 * @heap: the open device, or NULL: then the latter isn't known
 *
 * Return: a table of one row, to be freed.
 */
struct table *system_collect(const struct dmabuf_heap *heap);

/**
 * parameters_collect() - the module's parameters
 *
 * Return: a table, empty where there is no module; to be freed.
 */
struct table *parameters_collect(void);

/**
 * counters_collect() - what the module counts
 *
 * Return: a table, empty where there is no module; to be freed.
 */
struct table *counters_collect(void);

#endif
