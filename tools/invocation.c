// SPDX-License-Identifier: GPL-2.0
/*
 * One call of the program: reading options by the tables.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "help.h"
#include "invocation.h"
#include "print.h"
#include "text.h"

#ifndef VERSION
#error "the Makefile says which version this is"
#endif

#define MAX_OPTIONS	32

/* Ids of a command's own options come after all letters. */
#define OWN_OPTION_BASE	256

enum status invocation_misused(const struct invocation *invocation,
			       const char *format, ...)
{
	char sentence[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	return message_error(STATUS_USAGE, "%s (see " PROGRAM_NAME " %s --help)",
			     sentence, invocation->command->name);
}

void invocation_begin(struct invocation *invocation,
		      const struct command *command, int argc, char **argv)
{
	memset(invocation, 0, sizeof(*invocation));
	invocation->command = command;
	invocation->argc = argc;
	invocation->argv = argv;
	invocation->view.layout = command->layout;
	opterr = 0;
	optind = 0;
}

char option_entry_letter(const struct option_entry *entry)
{
	return isalpha(entry->id) ? (char)entry->id : '\0';
}

static bool command_has_letter(const struct command *command, int letter)
{
	size_t i;

	for (i = 0; i < command->option_count; i++)
		if (option_entry_letter(&command->options[i]) == letter)
			return true;
	return false;
}

/* The tables as getopt_long() wants them. */
static void options_write(const struct command *command,
			  struct option options[MAX_OPTIONS], char *letters)
{
	size_t i;

	if (command->runs_command)
		*letters++ = '+';
	*letters++ = ':';
	for (i = 0; i < common_option_count; i++) {
		const struct common_option *common = &common_options[i];

		if (common->is_for_tables && !command->layout)
			continue;
		*options++ = (struct option){ common->name, !!common->argument,
					      NULL, common->letter };
		*letters++ = common->letter;
		if (common->argument)
			*letters++ = ':';
	}
	for (i = 0; i < command->option_count; i++) {
		const struct option_entry *own = &command->options[i];

		*options++ = (struct option){ own->name, !!own->argument, NULL,
					      OWN_OPTION_BASE + own->id };
		if (!option_entry_letter(own))
			continue;
		*letters++ = option_entry_letter(own);
		if (own->argument)
			*letters++ = ':';
	}
	*letters = '\0';
	*options = (struct option){ 0 };
}

static enum status view_set_format(struct invocation *invocation,
				   enum view_format format)
{
	enum view_format *now = &invocation->view.format;

	if (*now != VIEW_TABLE && *now != format)
		return invocation_misused(invocation,
					  "--json and --raw exclude each other");
	*now = format;
	return STATUS_OK;
}

/* Returns true when there is nothing left to do, with the status. */
static bool common_option_apply(struct invocation *invocation, int letter,
				enum status *status)
{
	*status = STATUS_OK;
	switch (letter) {
	case 'o':
		invocation->columns = optarg;
		break;
	case 'x':
		*status = view_choose_order(&invocation->view, optarg);
		break;
	case 'J':
		*status = view_set_format(invocation, VIEW_JSON);
		break;
	case 'r':
		*status = view_set_format(invocation, VIEW_RAW);
		break;
	case 'b':
		invocation->view.bytes = true;
		break;
	case 'n':
		invocation->view.noheadings = true;
		break;
	case 'H':
		invocation->wants_columns = true;
		break;
	case 'h':
		help_print(invocation->command);
		return true;
	case 'V':
		printf(PROGRAM_NAME " " VERSION "\n");
		return true;
	}
	return *status != STATUS_OK;
}

/* getopt_long() tells a wrong option by a letter, a number, or its place. */
static enum status option_refuse(const struct invocation *invocation,
				 int result)
{
	const char *command = invocation->command->name;
	const char *word = invocation->argv[optind - 1];
	int length = (int)strcspn(word, "=");

	if (result == ':')
		return invocation_misused(invocation, "%s wants a value", word);
	if (word[length] && optopt)
		return invocation_misused(invocation, "%.*s takes no value",
					  length, word);
	if (optopt > 0 && optopt < OWN_OPTION_BASE)
		return invocation_misused(invocation, "%s has no option -%c",
					  command, optopt);
	return invocation_misused(invocation, "%s has no option %.*s", command,
				  length, word);
}

/* An option, whoever's it is. Returns false when the command is to stop. */
static bool option_read(struct invocation *invocation, int result, option_take *take,
			void *into, enum status *status)
{
	if (result == '?' || result == ':') {
		*status = option_refuse(invocation, result);
		return false;
	}
	invocation->argument = optarg;
	if (result >= OWN_OPTION_BASE)
		*status = take(into, result - OWN_OPTION_BASE, invocation);
	else if (command_has_letter(invocation->command, result))
		*status = take(into, result, invocation);
	else
		return !common_option_apply(invocation, result, status);
	return *status == STATUS_OK;
}

/* Of a table. Returns false when the command is to stop. */
static bool columns_choose(struct invocation *invocation, enum status *status)
{
	*status = STATUS_OK;
	if (invocation->columns)
		*status = view_choose(&invocation->view, invocation->columns);
	if (*status)
		return false;
	if (invocation->wants_columns)
		*status = help_print_columns(&invocation->view);
	return !invocation->wants_columns;
}

bool invocation_read(struct invocation *invocation, option_take *take, void *into,
		     enum status *status)
{
	struct option options[MAX_OPTIONS];
	char letters[2 * MAX_OPTIONS];
	int result;

	options_write(invocation->command, options, letters);
	while ((result = getopt_long(invocation->argc, invocation->argv, letters,
				     options, NULL)) != -1)
		if (!option_read(invocation, result, take, into, status))
			return false;
	invocation->argc -= optind;
	invocation->argv += optind;
	return columns_choose(invocation, status);
}

enum status invocation_check_operands(const struct invocation *invocation,
				      int operands, const char *what)
{
	if (invocation->argc < operands)
		return invocation_misused(invocation, "%s wants %s",
					  invocation->command->name, what);
	if (invocation->argc > operands)
		return invocation_misused(invocation,
					  "%s doesn't know what to do with \"%s\"",
					  invocation->command->name,
					  invocation->argv[operands]);
	return STATUS_OK;
}

bool invocation_expect(struct invocation *invocation, int operands,
		       const char *what, enum status *status)
{
	/* Without options of its own there is nothing to take. */
	if (!invocation_read(invocation, NULL, NULL, status))
		return false;
	*status = invocation_check_operands(invocation, operands, what);
	return *status == STATUS_OK;
}

enum status invocation_read_size(const struct invocation *invocation,
				 uint64_t *size)
{
	if (text_size_read(invocation->argument, size))
		return STATUS_OK;
	return invocation_misused(invocation,
				  "\"%s\" is no size (such as 1200K or 8M)",
				  invocation->argument);
}
