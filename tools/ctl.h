/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dmabuf-ctl's commands: what a command is, and which there are. Each has a file
 * of its own, ctl-NAME.c.
 */
#ifndef DMABUF_CTL_H
#define DMABUF_CTL_H

#include "invocation.h"

extern const struct command command_devices;
extern const struct command command_list;
extern const struct command command_show;
extern const struct command command_holders;
extern const struct command command_top;
extern const struct command command_plan;
extern const struct command command_alloc;
extern const struct command command_attach;
extern const struct command command_frame;
extern const struct command command_watch;
extern const struct command command_report;
extern const struct command command_completion;

/* All of these, in the order in which --help has them. */
extern const struct command * const commands[];
extern const size_t command_count;
extern const struct command command_why;
extern const struct command command_graph;

#endif
