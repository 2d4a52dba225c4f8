// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl top: buffers, or the processes that hold them, again and again; on the
 * screen (live.c) or as a log.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "buffer.h"
#include "ctl.h"
#include "headlines.h"
#include "help.h"
#include "live.h"
#include "print.h"
#include "text.h"

#define NS_PER_S	UINT64_C(1000000000)
#define NS_PER_MS	UINT64_C(1000000)
#define USUAL_DELAY_NS	(2 * NS_PER_S)
#define MOST_SECONDS	86400

/* Columns of a terminal on which all usual columns have room. */
#define WIDE_ENOUGH	116

enum {
	OPTION_BATCH = 'b',
	OPTION_DELAY = 'd',
	OPTION_COLUMNS = 'H',
	OPTION_TIMES = 'n',
	OPTION_OUTPUT = 'o',
	OPTION_SORT = 'x',
	OPTION_BY = 'p',
};

/* The command line, as far as it can't be understood option by option. */
struct wishes {
	struct top *top;
	bool is_batch;
	bool wants_columns;
	const char *output;
	const char *order;
};

struct view *top_view(struct top *top)
{
	return &top->views[top->survey.rows];
}

static void top_choose_columns(struct top *top, size_t width)
{
	enum survey_rows rows = top->survey.rows;

	if (top->has_own_columns[rows])
		return;
	view_choose(&top->views[rows], width && width < WIDE_ENOUGH ?
		    survey_narrow(rows) : survey_layout(rows)->defaults);
}

int top_look(struct top *top, size_t width)
{
	top_choose_columns(top, width);
	top->survey.wants_holders =
		buffer_view_has_holders(&top->views[SURVEY_BUFFERS]);
	return survey_look(&top->survey);
}

static size_t stdout_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

static void time_print(void)
{
	time_t now = time(NULL);
	struct tm parts;
	char text[64];

	localtime_r(&now, &parts);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
	printf("%s\n", text);
}

static enum status batch_print(struct top *top)
{
	char lines[HEADLINES][HEADLINE_SIZE];
	size_t i;

	headlines_write(&top->survey, lines);
	time_print();
	for (i = 0; i < HEADLINES; i++)
		printf("%s\n", lines[i]);
	return table_print(top->survey.table, top_view(top));
}

/* Signals that end the log are only taken here, so none gets lost. */
static bool batch_wait(const sigset_t *signals, uint64_t until_ns)
{
	uint64_t now = survey_now();
	uint64_t wait_ns = until_ns > now ? until_ns - now : 0;
	struct timespec wait = {
		.tv_sec = (time_t)(wait_ns / NS_PER_S),
		.tv_nsec = (long)(wait_ns % NS_PER_S),
	};

	return sigtimedwait(signals, NULL, &wait) < 0;
}

/* Said here, because the end of the program no longer knows why. */
static enum status batch_lost(int error)
{
	clearerr(stdout);
	return message_output_lost(error);
}

static enum status batch_run(struct top *top)
{
	uint64_t i, next = survey_now();
	enum status status;
	sigset_t signals;
	int error;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	for (i = 0;; i++) {
		error = top_look(top, stdout_width());
		if (error)
			return message_call(DBHEAP_CALL_QUERY, error, "the buffers");
		errno = 0;
		if (i)
			printf("\n");
		status = batch_print(top);
		if (fflush(stdout) || ferror(stdout))
			return batch_lost(errno);
		if (status || i + 1 == top->times)
			return status;
		/* At even times, unless a look takes longer than that. */
		next += top->delay_ns;
		if (next < survey_now())
			next = survey_now();
		if (!batch_wait(&signals, next))
			return STATUS_OK;
	}
}

/* "2", "0.5": at most three digits behind the point. */
static bool seconds_read(const char *text, uint64_t *ns)
{
	size_t length = strcspn(text, "."), digits;
	char whole[TEXT_NUMBER_SIZE], part[] = "000";
	uint64_t seconds = 0, ms = 0;

	if (length >= sizeof(whole))
		return false;
	memcpy(whole, text, length);
	whole[length] = '\0';
	if (!text_number_read(whole, MOST_SECONDS, &seconds))
		return false;
	if (text[length]) {
		text += length + 1;
		digits = strlen(text);
		if (!digits || digits > 3)
			return false;
		memcpy(part, text, digits);
	}
	if (!text_number_read(part, 999, &ms))
		return false;
	*ns = seconds * NS_PER_S + ms * NS_PER_MS;
	return *ns;
}

static enum status rows_read(struct top *top, const struct invocation *invocation)
{
	if (!strcmp(invocation->argument, "process"))
		top->survey.rows = SURVEY_PROCESSES;
	else if (!strcmp(invocation->argument, "buffer"))
		top->survey.rows = SURVEY_BUFFERS;
	else
		return invocation_misused(invocation,
					  "rows are by buffer or by process, not by \"%s\"",
					  invocation->argument);
	return STATUS_OK;
}

static enum status top_option(void *into, int option, struct invocation *invocation)
{
	struct wishes *wishes = into;
	struct top *top = wishes->top;
	const char *argument = invocation->argument;

	switch (option) {
	case OPTION_BATCH:
		wishes->is_batch = true;
		break;
	case OPTION_COLUMNS:
		wishes->wants_columns = true;
		break;
	case OPTION_OUTPUT:
		wishes->output = argument;
		break;
	case OPTION_SORT:
		wishes->order = argument;
		break;
	case OPTION_BY:
		return rows_read(top, invocation);
	case OPTION_DELAY:
		if (!seconds_read(argument, &top->delay_ns))
			return invocation_misused(invocation,
						  "\"%s\" is no number of seconds (such as 2 or 0.5)",
						  argument);
		break;
	case OPTION_TIMES:
		if (!text_number_read(argument, UINT32_MAX, &top->times) || !top->times)
			return invocation_misused(invocation, "\"%s\" is no number of times",
						  argument);
		break;
	}
	return STATUS_OK;
}

/* Columns and their order are those of the rows, which may be told last. */
static enum status wishes_apply(const struct wishes *wishes)
{
	struct top *top = wishes->top;
	enum survey_rows rows = top->survey.rows;
	enum status status = STATUS_OK;

	if (wishes->output) {
		top->has_own_columns[rows] = true;
		status = view_choose(top_view(top), wishes->output);
	}
	if (!status && wishes->order)
		status = view_choose_order(top_view(top), wishes->order);
	return status;
}

static enum status top_show(struct top *top, bool is_batch)
{
	enum status status = message_heap_open(&top->survey.heap);

	if (status)
		return status;
	status = is_batch ? batch_run(top) : live_run(top);
	survey_end(&top->survey);
	dmabuf_heap_close(top->survey.heap);
	return status;
}

static void top_prepare(struct top *top)
{
	enum survey_rows rows;

	for (rows = 0; rows < SURVEY_ROWS_COUNT; rows++) {
		top->views[rows].layout = survey_layout(rows);
		view_choose_order(&top->views[rows], "-SIZE");
	}
}

static enum status top_run(struct invocation *invocation)
{
	struct top top = { .delay_ns = USUAL_DELAY_NS };
	struct wishes wishes = { .top = &top };
	enum status status;

	top_prepare(&top);
	if (!invocation_read(invocation, top_option, &wishes, &status))
		return status;
	status = invocation_check_operands(invocation, 0, "");
	if (!status)
		status = wishes_apply(&wishes);
	if (status)
		return status;
	if (wishes.wants_columns)
		return help_print_columns(top_view(&top));
	return top_show(&top, wishes.is_batch);
}

static const struct option_entry options[] = {
	{ OPTION_BATCH, "batch", NULL, "print, for a log, instead of drawing on the screen" },
	{ OPTION_DELAY, "delay", "SECONDS", "from one look to the next; usually 2" },
	{ OPTION_TIMES, "times", "TIMES", "looks to take; usually there is no end" },
	{ OPTION_BY, "by", "process", "rows are processes that hold buffers" },
	{ OPTION_SORT, "sort", "COLUMN", "sort by this column; -COLUMN: largest first" },
	{ OPTION_OUTPUT, "output", "COLUMN,...", "show these columns; +COLUMN,... for more" },
	{ OPTION_COLUMNS, "list-columns", NULL, "say what the columns are" },
};

const struct command command_top = {
	.name = "top",
	.arguments = "[OPTION]...",
	.summary = "Watch all buffers that you may see, or the processes that hold them",
	.notes = "Keys: F1 help, F6 < > sort, I invert, M size, R maps, T age, p processes,\n"
		 "/ filter, Enter show, q quit.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = top_run,
};
