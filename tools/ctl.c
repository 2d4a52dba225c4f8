// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl: what /dev/dmabuf-heap knows, and a few things to do with it.
 * The table of commands.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

const struct command * const commands[] = {
	&command_devices,
	&command_list,
	&command_show,
	&command_holders,
	&command_top,
	&command_plan,
	&command_alloc,
	&command_attach,
	&command_frame,
	&command_watch,
	&command_report,
	&command_completion,
	&command_why,
	&command_graph,
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static void print_help(void)
{
	size_t i;

	printf("Usage: " PROGRAM_NAME " COMMAND [OPTION]... [ARGUMENT]...\n"
	       "See and make buffers whose memory suits every device that uses them.\n"
	       "\nCommands:\n");
	for (i = 0; i < command_count; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n" PROGRAM_NAME " COMMAND --help tells more of one, and "
	       PROGRAM_NAME "(1) of all.\n"
	       "Exit status: 0 done, 1 failed or refused, 2 wrong usage, 32 nothing found.\n");
}

static const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < command_count; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static enum status command_run(int argc, char **argv)
{
	struct invocation invocation;
	const struct command *command;

	if (argc < 2)
		return message_error(STATUS_USAGE,
				     "which command? (see " PROGRAM_NAME " --help)");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help();
		return STATUS_OK;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf(PROGRAM_NAME " " VERSION "\n");
		return STATUS_OK;
	}
	command = command_find(argv[1]);
	if (!command)
		return message_error(STATUS_USAGE,
				     "there is no command \"%s\" (see " PROGRAM_NAME " --help)",
				     argv[1]);
	invocation_begin(&invocation, command, argc - 1, argv + 1);
	return command->run(&invocation);
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	/* Output that nobody reads is an error like others: see message.c. */
	signal(SIGPIPE, SIG_IGN);
	return message_output_end(command_run(argc, argv));
}
