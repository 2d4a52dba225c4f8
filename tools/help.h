/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --help and --list-columns, made from the tables of options and columns.
 */
#ifndef DMABUF_CTL_HELP_H
#define DMABUF_CTL_HELP_H

#include "invocation.h"

/* An option that several commands have; also known by a letter. */
struct common_option {
	char letter;
	bool is_for_tables;	/* only commands with a layout have it */
	const char *name;
	const char *argument;
	const char *help;
};

extern const struct common_option common_options[];
extern const size_t common_option_count;

/**
 * common_option_is_of() - whether a command has an option
 * @option: the option
 * @command: the command
 *
 * Return: true if so.
 */
bool common_option_is_of(const struct common_option *option,
			 const struct command *command);

/**
 * help_print() - what --help says of a command; at most 25 lines
 * @command: the command
 */
void help_print(const struct command *command);

/**
 * help_print_columns() - what --list-columns says: a table of a table's columns
 * @view: how to print it; its layout is the one that is described
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence.
 */
enum status help_print_columns(const struct view *view);

#endif
