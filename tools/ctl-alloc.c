// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl alloc: make a buffer, do things to it in the order in which they
 * were asked for, and hold it or hand it to a command.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "target.h"
#include "text.h"

enum {
	OPTION_SIZE = 1, OPTION_NAME, OPTION_MOVABLE,
	OPTION_DEVICE, OPTION_REQUIRE, OPTION_FILL, OPTION_COMMIT, OPTION_SEAL,
};

/* One thing to do to the buffer. */
struct step {
	int option;
	struct target target;	/* of OPTION_DEVICE and OPTION_REQUIRE */
	unsigned char byte;	/* of OPTION_FILL */
};

struct request {
	uint64_t size;		/* 0: not given */
	const char *name;
	unsigned int flags;	/* bits of enum dbheap_create */
	struct step *steps;
	size_t count;
};

static enum status alloc_fill(struct dmabuf_heap_buffer *buffer,
			      unsigned char byte)
{
	uint64_t length = dmabuf_heap_buffer_get_length(buffer);
	void *address;
	int error;

	if (length > SIZE_MAX)
		return message_error(STATUS_FAILURE,
				     "the buffer is too large to be mapped");
	error = dmabuf_heap_buffer_map(buffer, 0, (size_t)length, DBHEAP_WRITE,
				       &address);
	if (error)
		return message_call(DBHEAP_CALL_MAP, error, "--fill");
	error = dmabuf_heap_buffer_sync_begin(buffer, DBHEAP_WRITE);
	if (!error) {
		memset(address, byte, (size_t)length);
		error = dmabuf_heap_buffer_sync_end(buffer, DBHEAP_WRITE);
	}
	dmabuf_heap_buffer_unmap(address, (size_t)length);
	if (error)
		return message_call(DBHEAP_CALL_SYNC, error, "--fill");
	return STATUS_OK;
}

static enum status alloc_step(const struct step *step,
			      struct dmabuf_heap_buffer *buffer)
{
	int error;

	switch (step->option) {
	case OPTION_FILL:
		return alloc_fill(buffer, step->byte);
	case OPTION_COMMIT:
		error = dmabuf_heap_buffer_commit(buffer);
		if (error)
			return message_call(DBHEAP_CALL_COMMIT, error, "--commit");
		return STATUS_OK;
	case OPTION_SEAL:
		error = dmabuf_heap_buffer_seal(buffer);
		if (error)
			return message_call(DBHEAP_CALL_SEAL, error, "--seal");
		return STATUS_OK;
	default:
		return target_attach(&step->target, buffer, 0, NULL);
	}
}

static enum status alloc_hold(struct dmabuf_heap_buffer *buffer)
{
	uint64_t id = dmabuf_heap_buffer_get_id(buffer);
	sigset_t signals;
	int signal;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (dprintf(STDOUT_FILENO,
		    "buffer %" PRIu64 " is fd %d of process %d until a signal; "
		    "look at it: " PROGRAM_NAME " show %" PRIu64 "\n",
		    id, dmabuf_heap_buffer_get_fd(buffer), getpid(), id) < 0)
		return message_output_lost(errno);
	sigwait(&signals, &signal);
	return STATUS_OK;
}

static void environment_set(const char *name, uint64_t number)
{
	char text[TEXT_NUMBER_SIZE];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	if (setenv(name, text, 1))
		exit(message_error(STATUS_FAILURE, "out of memory"));
}

/* The command takes this process over, with the buffer's fd. */
static enum status alloc_run_command(struct dmabuf_heap_buffer *buffer,
				     char **command)
{
	environment_set("DMABUF_FD", (uint64_t)dmabuf_heap_buffer_get_fd(buffer));
	environment_set("DMABUF_ID", dmabuf_heap_buffer_get_id(buffer));
	signal(SIGPIPE, SIG_DFL);
	execvp(*command, command);
	return message_error(STATUS_FAILURE, "%s can't be run: %s", *command,
			     strerror(errno));
}

static enum status alloc_make(const struct request *request,
			      struct dmabuf_heap *heap, char **command)
{
	unsigned int flags = request->flags |
			     (*command ? DBHEAP_CREATE_INHERIT : 0);
	struct dmabuf_heap_buffer *buffer;
	enum status status = STATUS_OK;
	size_t i;
	int error;

	error = dmabuf_heap_buffer_create(heap, request->size, flags,
					  request->name, &buffer);
	if (error == -EINVAL)
		return message_error(STATUS_USAGE,
				     "a name has 31 bytes at most and no control characters");
	if (error)
		return message_call(DBHEAP_CALL_CREATE, error,
				    error == -E2BIG ? "--movable" : "--size");
	for (i = 0; i < request->count && !status; i++)
		status = alloc_step(&request->steps[i], buffer);
	if (!status)
		status = *command ? alloc_run_command(buffer, command) :
				    alloc_hold(buffer);
	dmabuf_heap_buffer_close(buffer);
	return status;
}

static enum status step_read_byte(struct step *step,
				  const struct invocation *invocation)
{
	const char *text = invocation->argument;
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (*text < '0' || *text > '9' || *end || errno || value > UCHAR_MAX)
		return invocation_misused(invocation,
					  "\"%s\" is no byte (0 to 255, or 0x00 to 0xff)",
					  text);
	step->byte = (unsigned char)value;
	return STATUS_OK;
}

static enum status request_option(void *into, int option, struct invocation *invocation)
{
	struct request *request = into;
	struct step *step;

	if (option == OPTION_NAME) {
		request->name = invocation->argument;
		return STATUS_OK;
	}
	if (option == OPTION_MOVABLE) {
		request->flags |= DBHEAP_CREATE_MOVABLE;
		return STATUS_OK;
	}
	if (option == OPTION_SIZE)
		return invocation_read_size(invocation, &request->size);
	step = &request->steps[request->count++];
	step->option = option;
	if (option == OPTION_DEVICE)
		return target_read_device(invocation->argument, &step->target);
	if (option == OPTION_REQUIRE)
		return target_read_requirement(invocation->argument,
					       &step->target);
	if (option == OPTION_FILL)
		return step_read_byte(step, invocation);
	return STATUS_OK;
}

/* Returns true when the request can be met. */
static bool request_read(struct request *request, struct invocation *invocation,
			 enum status *status)
{
	if (!invocation_read(invocation, request_option, request, status))
		return false;
	if (!request->size)
		*status = invocation_misused(invocation, "alloc wants --size");
	return *status == STATUS_OK;
}

static enum status alloc_run(struct invocation *invocation)
{
	/* There can't be more steps than arguments. */
	size_t room = (size_t)invocation->argc;
	struct request request = {
		.steps = text_allocate(room, sizeof(*request.steps)),
	};
	struct dmabuf_heap *heap;
	enum status status;

	if (request_read(&request, invocation, &status)) {
		status = message_heap_open(&heap);
		if (!status) {
			status = alloc_make(&request, heap, invocation->argv);
			dmabuf_heap_close(heap);
		}
	}
	while (request.count)
		target_free(&request.steps[--request.count].target);
	free(request.steps);
	return status;
}

static const struct option_entry options[] = {
	{ OPTION_SIZE, "size", "SIZE", "bytes, or with K, M, G or T: 1200K, 8M" },
	{ OPTION_NAME, "name", "TEXT", "name of the buffer, 31 bytes at most" },
	{ OPTION_MOVABLE, "movable", NULL, "let its memory move for a late-comer" },
	{ OPTION_DEVICE, "device", "DEVICE", "attach a device" },
	{ OPTION_REQUIRE, "require", "LIMITS", "attach limits without a device" },
	{ OPTION_FILL, "fill", "BYTE", "have the CPU fill it with BYTE, which gives it memory" },
	{ OPTION_COMMIT, "commit", NULL, "give it memory" },
	{ OPTION_SEAL, "seal", NULL, "let no further device in" },
};

const struct command command_alloc = {
	.name = "alloc",
	.arguments = "--size SIZE [OPTION]... [--] [COMMAND [ARGUMENT]...]",
	.summary = "Make a buffer and hold it, or run a command with it",
	.notes = "All but --size, --name and --movable happen in the order given. COMMAND gets\n"
		 "the buffer as an open fd, its number in DMABUF_FD and the buffer's id in\n"
		 "DMABUF_ID. Without a COMMAND the buffer is held until a signal.\n\n"
		 TARGET_HELP,
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.runs_command = true,
	.run = alloc_run,
};
