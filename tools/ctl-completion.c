// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl completion: a script that has bash complete this program's command
 * lines. What it knows comes from the tables of commands, options and columns; how
 * it goes about it is in completion.sh.
 */
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "help.h"

static const char script[] =
#include "completion.inc"
;

/* The words that one key stands for. */
static void print_begin(const char *command, const char *key)
{
	printf("\t%s.%s) echo", command, key);
}

static void print_end(void)
{
	printf(" ;;\n");
}

static void print_options(const struct command *command)
{
	size_t i;

	print_begin(command->name, "options");
	for (i = 0; i < command->option_count; i++)
		printf(" --%s", command->options[i].name);
	for (i = 0; i < common_option_count; i++)
		if (common_option_is_of(&common_options[i], command))
			printf(" --%s", common_options[i].name);
	print_end();
}

static void print_argument(const struct command *command, char letter,
			   const char *name, const char *argument)
{
	if (!argument)
		return;
	if (letter)
		printf("\t%s.-%c | ", command->name, letter);
	else
		printf("\t");
	printf("%s.--%s) echo %s ;;\n", command->name, name, argument);
}

static void print_arguments(const struct command *command)
{
	size_t i;

	for (i = 0; i < command->option_count; i++) {
		const struct option_entry *option = &command->options[i];

		print_argument(command, option_entry_letter(option), option->name,
			       option->argument);
	}
	for (i = 0; i < common_option_count; i++) {
		const struct common_option *option = &common_options[i];

		if (common_option_is_of(option, command))
			print_argument(command, option->letter, option->name,
				       option->argument);
	}
}

static void print_columns(const struct command *command)
{
	size_t i;

	if (!command->layout)
		return;
	print_begin(command->name, "columns");
	for (i = 0; i < command->layout->count; i++)
		printf(" %s", command->layout->columns[i].name);
	print_end();
}

static bool word_is(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && !strncmp(text, word, length);
}

/*
 * "--size SIZE [OPTION]... BUFFER [DEVICE]" has the operands BUFFER and DEVICE:
 * neither options nor their values, nor what stands for either.
 */
static void print_operands(const struct command *command)
{
	const char *text = command->arguments;
	bool is_value = false;

	print_begin(command->name, "operands");
	while (*(text += strspn(text, " []."))) {
		size_t length = strcspn(text, " []");
		bool is_option = *text == '-';

		if (!is_option && !is_value && !word_is(text, length, "OPTION") &&
		    !word_is(text, length, "ARGUMENT"))
			printf(" %.*s", (int)length, text);
		is_value = is_option && text[length] == ' ';
		text += length;
	}
	print_end();
}

static void print_commands(void)
{
	size_t i;

	printf("\tcommands) echo");
	for (i = 0; i < command_count; i++)
		printf(" %s", commands[i]->name);
	printf(" --help --version");
	print_end();
}

static enum status completion_run(struct invocation *invocation)
{
	enum status status;
	size_t i;

	if (!invocation_expect(invocation, 1, "the name of a shell", &status))
		return status;
	if (strcmp(invocation->argv[0], "bash"))
		return invocation_misused(invocation,
					  "the only shell is bash, not \"%s\"",
					  invocation->argv[0]);
	printf("# shellcheck shell=bash\n"
	       "# Made by " PROGRAM_NAME " completion bash.\n"
	       "_dmabuf_ctl_table()\n{\n\tcase $1 in\n");
	print_commands();
	for (i = 0; i < command_count; i++) {
		print_options(commands[i]);
		print_arguments(commands[i]);
		print_columns(commands[i]);
		print_operands(commands[i]);
	}
	printf("\tesac\n}\n\n%s", script);
	return STATUS_OK;
}

const struct command command_completion = {
	.name = "completion",
	.arguments = "bash",
	.summary = "Print a script that completes command lines of this program",
	.notes = "It is installed with the program. To have it in a shell without that:\n"
		 "eval \"$(" PROGRAM_NAME " completion bash)\"",
	.run = completion_run,
};
