// SPDX-License-Identifier: GPL-2.0
/*
 * --help and --list-columns, made from the tables of options and columns.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "print.h"

#define HELP_WIDTH	79
#define HELP_LINES	25
#define OPTION_SIZE	48

const struct common_option common_options[] = {
	{ 'o', true, "output", "COLUMN,...",
	  "print these columns; +COLUMN,... for more than usual" },
	{ 'x', true, "sort", "COLUMN", "sort by this column; -COLUMN: largest first" },
	{ 'J', true, "json", NULL, "print JSON: all columns, exact numbers" },
	{ 'r', true, "raw", NULL, "print exact numbers, one blank between, - for none" },
	{ 'b', true, "bytes", NULL, "print sizes and addresses in bytes" },
	{ 'n', true, "noheadings", NULL, "print no header line" },
	{ 'H', true, "list-columns", NULL, "say what the columns are" },
	{ 'h', false, "help", NULL, "print this help" },
	{ 'V', false, "version", NULL, "print the version" },
};

const size_t common_option_count =
	sizeof(common_options) / sizeof(common_options[0]);

enum { COL_NAME, COL_KIND, COL_USUAL, COL_HELP };

static const struct column column_columns[] = {
	[COL_NAME] = { "COLUMN", COLUMN_TEXT, "name for -o" },
	[COL_KIND] = { "TYPE", COLUMN_TEXT, "type in JSON" },
	[COL_USUAL] = { "USUAL", COLUMN_FLAG, "whether it is shown unasked" },
	[COL_HELP] = { "MEANING", COLUMN_TEXT, "what it holds" },
};

static const struct layout column_layout = {
	"columns", column_columns,
	sizeof(column_columns) / sizeof(column_columns[0]),
	"COLUMN,TYPE,USUAL,MEANING",
};

static void option_write(char *text, char letter, const char *name,
			 const char *argument)
{
	if (letter)
		snprintf(text, OPTION_SIZE, "  -%c, --%s%s%s", letter, name,
			 argument ? " " : "", argument ? argument : "");
	else
		snprintf(text, OPTION_SIZE, "      --%s%s%s", name,
			 argument ? " " : "", argument ? argument : "");
}

bool common_option_is_of(const struct common_option *option,
			 const struct command *command)
{
	return command->layout || !option->is_for_tables;
}

/* The options' descriptions begin in the same place: behind the longest name. */
static int help_indent(const struct command *command)
{
	char text[OPTION_SIZE];
	size_t i, longest = 0;

	for (i = 0; i < command->option_count; i++) {
		const struct option_entry *option = &command->options[i];

		option_write(text, option_entry_letter(option), option->name,
			     option->argument);
		if (strlen(text) > longest)
			longest = strlen(text);
	}
	for (i = 0; i < common_option_count; i++) {
		const struct common_option *option = &common_options[i];

		option_write(text, option->letter, option->name, option->argument);
		if (common_option_is_of(option, command) && strlen(text) > longest)
			longest = strlen(text);
	}
	return (int)longest;
}

static void help_write_options(FILE *out, const struct command *command)
{
	int indent = help_indent(command);
	char text[OPTION_SIZE];
	size_t i;

	fprintf(out, "\nOptions:\n");
	for (i = 0; i < command->option_count; i++) {
		const struct option_entry *option = &command->options[i];

		option_write(text, option_entry_letter(option), option->name,
			     option->argument);
		fprintf(out, "%-*s  %s\n", indent, text, option->help);
	}
	for (i = 0; i < common_option_count; i++) {
		const struct common_option *option = &common_options[i];

		if (!common_option_is_of(option, command))
			continue;
		option_write(text, option->letter, option->name, option->argument);
		fprintf(out, "%-*s  %s\n", indent, text, option->help);
	}
}

/* Names of those columns that are, or aren't, shown unasked; wrapped. */
static void help_write_names(FILE *out, const struct layout *layout,
			     const char *title, bool is_default)
{
	size_t i, used = strlen(title);

	fprintf(out, "%s", title);
	for (i = 0; i < layout->count; i++) {
		const char *name = layout->columns[i].name;

		if (layout_is_default(layout, i) != is_default)
			continue;
		if (used + 1 + strlen(name) > HELP_WIDTH) {
			used = strlen(title);
			fprintf(out, "\n%*s", (int)used, "");
		}
		used += 1 + strlen(name);
		fprintf(out, " %s", name);
	}
	fprintf(out, "\n");
}

static void help_write(FILE *out, const struct command *command,
		       bool wants_all_columns)
{
	fprintf(out, "Usage: " PROGRAM_NAME " %s %s\n%s\n", command->name,
		command->arguments, command->summary);
	help_write_options(out, command);
	if (command->layout) {
		fprintf(out, "\n");
		help_write_names(out, command->layout, "Columns:", true);
		if (wants_all_columns)
			help_write_names(out, command->layout, "   more:", false);
		else
			fprintf(out, "   more: see --list-columns\n");
	}
	if (command->notes)
		fprintf(out, "\n%s\n", command->notes);
}

static size_t help_count_lines(const struct command *command)
{
	char *text = NULL;
	size_t i, size = 0, lines = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return 0;
	help_write(out, command, true);
	fclose(out);
	for (i = 0; text && i < size; i++)
		lines += text[i] == '\n';
	free(text);
	return lines;
}

void help_print(const struct command *command)
{
	help_write(stdout, command, help_count_lines(command) <= HELP_LINES);
}

enum status help_print_columns(const struct view *view)
{
	struct table *table = table_new(&column_layout);
	const struct layout *layout = view->layout;
	enum status status;
	size_t i;

	for (i = 0; i < layout->count; i++) {
		const struct column *column = &layout->columns[i];
		struct row *row = table_add(table);

		row_set_text(row, COL_NAME, column->name);
		row_set_text(row, COL_KIND, column_type_name(column->type));
		row_set_number(row, COL_USUAL, layout_is_default(layout, i));
		row_set_text(row, COL_HELP, column->help);
	}
	status = table_print(table, view);
	table_free(table);
	return status;
}
