/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One call of the program: a command and what stands behind it. A table of
 * options per command drives parsing and --help; commands with a layout have the
 * options of tables in common.
 */
#ifndef DMABUF_CTL_INVOCATION_H
#define DMABUF_CTL_INVOCATION_H

#include "table.h"

/* An option that only one command has. */
struct option_entry {
	int id;			/* above 0. A letter: -o too */
	const char *name;	/* without its dashes */
	const char *argument;	/* what --help calls its argument, or NULL */
	const char *help;
};

/**
 * option_entry_letter() - the letter that an option is known by, too
 * @entry: the option
 *
 * Return: the letter, or 0.
 */
char option_entry_letter(const struct option_entry *entry);

struct invocation;

struct command {
	const char *name;
	const char *arguments;		/* behind the name, for --help */
	const char *summary;
	const char *notes;		/* lines at the end of --help, or NULL */
	const struct layout *layout;	/* of its table, or NULL */
	const struct option_entry *options;
	size_t option_count;
	bool runs_command;	/* options end at the first operand */
	enum status (*run)(struct invocation *invocation);
};

struct invocation {
	const struct command *command;
	int argc;		/* operands, when all options are read */
	char **argv;
	const char *argument;	/* of the option just read, or NULL */
	struct view view;
	const char *columns;	/* of -o, or NULL; chosen when all options are read */
	bool wants_columns;	/* --list-columns */
};

/**
 * invocation_begin() - read the arguments of a command
 * @invocation: written
 * @command: the command
 * @argc: number of arguments, the command's name included
 * @argv: the arguments; may be reordered
 */
void invocation_begin(struct invocation *invocation,
		      const struct command *command, int argc, char **argv);

/**
 * option_take - what a command does with an option of its own
 * @into: the command's
 * @option: id of the option
 * @invocation: has its argument
 *
 * Return: STATUS_OK to go on, or another after a sentence.
 */
typedef enum status option_take(void *into, int option, struct invocation *invocation);

/**
 * invocation_read() - read all options; what is left are operands
 * @invocation: as begun
 * @take: called for each option that is the command's own, in their order
 * @into: for @take
 * @status: written when the command is to stop: help was printed, or the user has
 *	made a mistake that was reported
 *
 * Return: true when the command can go on.
 */
bool invocation_read(struct invocation *invocation, option_take *take, void *into,
		     enum status *status);

/**
 * invocation_expect() - read a command line without options of its own
 * @invocation: as begun
 * @operands: how many there must be
 * @what: what they are, for the sentence if they are missing
 * @status: written when the command is to stop
 *
 * Return: true when the command can go on.
 */
bool invocation_expect(struct invocation *invocation, int operands,
		       const char *what, enum status *status);

/**
 * invocation_check_operands() - whether their number is right
 * @invocation: all options are read
 * @operands: how many there must be
 * @what: what they are
 *
 * Return: STATUS_OK, or STATUS_USAGE after a sentence.
 */
enum status invocation_check_operands(const struct invocation *invocation,
				      int operands, const char *what);

/**
 * invocation_misused() - report a mistake in a command's arguments
 * @invocation: the call
 * @format: the sentence
 *
 * Return: STATUS_USAGE.
 */
enum status invocation_misused(const struct invocation *invocation,
			       const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * invocation_read_size() - read the option's argument as a size
 * @invocation: the call
 * @size: set to the bytes
 *
 * Return: STATUS_OK, or STATUS_USAGE after a sentence.
 */
enum status invocation_read_size(const struct invocation *invocation,
				 uint64_t *size);

#endif
