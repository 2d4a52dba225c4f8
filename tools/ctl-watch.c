// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl watch: one line per event, as it happens.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ctl.h"
#include "event.h"
#include "text.h"

enum { OPTION_EVENTS = 1, OPTION_ID, OPTION_COUNT, OPTION_JSON };

struct request {
	struct dmabuf_heap *heap;
	uint64_t events;	/* 0: all */
	uint64_t id;		/* 0: all */
	uint64_t count;		/* 0: no end */
	bool json;
	bool is_gone;		/* the buffer; its end may be among what was missed */
};

/* What the program waits for. */
enum { POLL_EVENTS, POLL_SIGNAL, POLL_OUTPUT, POLL_COUNT };

static bool request_wants(const struct request *request,
			  const struct dmabuf_heap_event_info *event)
{
	return !request->events || event->type == DBHEAP_EVENT_MISSED ||
	       request->events >> event->type & 1;
}

static enum status watch_print(const struct request *request,
			       const struct dmabuf_heap_event_info *event)
{
	if (request->json)
		event_print_json(event);
	else
		event_print(event);
	/* Whoever reads this reads along. */
	return fflush(stdout) ? STATUS_FAILURE : STATUS_OK;
}

static int watch_find_id(const struct request *request)
{
	struct dmabuf_heap_buffer_info *info;
	int error = dmabuf_heap_buffer_info_read_id(request->heap, request->id, &info);

	if (!error)
		dmabuf_heap_buffer_info_free(info);
	return error;
}

/* What an event says of the end of the buffer: it is over, or about to be. */
static bool watch_ends_buffer(struct request *request,
			      const struct dmabuf_heap_event_info *event)
{
	if (!request->id)
		return false;
	if (event->type == DBHEAP_EVENT_MISSED)
		request->is_gone = watch_find_id(request) == -ENOENT;
	return event->type == DBHEAP_EVENT_RELEASE;
}

/* Prints what there is. @is_over: nothing more will come, or is wanted. */
static enum status watch_drain(struct request *request,
			       struct dmabuf_heap_watcher *watcher, bool *is_over)
{
	const struct dmabuf_heap_event_info *event;
	enum status status = STATUS_OK;
	int error;

	while (!status && !*is_over) {
		error = dmabuf_heap_watcher_next(watcher, &event);
		if (error)
			return message_call(DBHEAP_CALL_WATCH, error, "the events");
		if (!event) {
			*is_over = request->is_gone;
			break;
		}
		if (request_wants(request, event)) {
			status = watch_print(request, event);
			*is_over = request->count && !--request->count;
		}
		if (watch_ends_buffer(request, event))
			*is_over = true;
	}
	return status;
}

static enum status watch_loop(struct request *request,
			      struct dmabuf_heap_watcher *watcher, int signals)
{
	struct pollfd fds[POLL_COUNT] = {
		[POLL_EVENTS] = { dmabuf_heap_watcher_get_fd(watcher), POLLIN, 0 },
		[POLL_SIGNAL] = { signals, POLLIN, 0 },
		/* A pipe that nobody reads is an error, without being asked for. */
		[POLL_OUTPUT] = { STDOUT_FILENO, 0, 0 },
	};
	enum status status = STATUS_OK;
	bool is_over = false;

	while (!status && !is_over) {
		if (poll(fds, POLL_COUNT, -1) < 0 && errno != EINTR)
			return message_error(STATUS_FAILURE, "poll: %s",
					     strerror(errno));
		if (fds[POLL_EVENTS].revents)
			status = watch_drain(request, watcher, &is_over);
		if (fds[POLL_SIGNAL].revents)
			is_over = true;
		else if (fds[POLL_OUTPUT].revents && !is_over)
			status = STATUS_FAILURE;
	}
	return status;
}

/* Signals that are a well-behaved end. */
static int signals_open(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* The watcher is there by now, so that a buffer's end can't be missed. */
static enum status watch_check_id(const struct request *request)
{
	int error = request->id ? watch_find_id(request) : 0;

	if (error == -ENOENT)
		return message_error(STATUS_NOT_FOUND,
				     "there is no buffer %" PRIu64 " that you may see",
				     request->id);
	if (error)
		return message_call(DBHEAP_CALL_QUERY, error, "the buffer");
	return STATUS_OK;
}

static enum status watch_begin(struct request *request)
{
	uint64_t events = request->events;
	struct dmabuf_heap_watcher *watcher;
	enum status status;
	int error, signals;

	/* With one buffer this ends when the buffer does. */
	if (events && request->id)
		events |= UINT64_C(1) << DBHEAP_EVENT_RELEASE;
	error = dmabuf_heap_watcher_create(request->heap, events, request->id,
					   &watcher);
	if (error)
		return message_call(DBHEAP_CALL_WATCH, error, DBHEAP_DEFAULT_PATH);
	status = watch_check_id(request);
	if (!status) {
		signals = signals_open();
		status = watch_loop(request, watcher, signals);
		close(signals);
	}
	dmabuf_heap_watcher_free(watcher);
	return status;
}

static enum status request_option(void *into, int option, struct invocation *invocation)
{
	struct request *request = into;
	const char *text = invocation->argument;
	uint64_t *number;

	switch (option) {
	case OPTION_EVENTS:
		return events_read(text, &request->events);
	case OPTION_JSON:
		request->json = true;
		return STATUS_OK;
	default:
		number = option == OPTION_ID ? &request->id : &request->count;
		if (text_number_read(text, UINT64_MAX, number) && *number)
			return STATUS_OK;
		return invocation_misused(invocation, "\"%s\" is no %s", text,
					  option == OPTION_ID ? "id" : "number of lines");
	}
}

static enum status watch_run(struct invocation *invocation)
{
	struct request request = { 0 };
	enum status status;

	if (!invocation_read(invocation, request_option, &request, &status))
		return status;
	status = invocation_check_operands(invocation, 0, "");
	if (!status)
		status = message_heap_open(&request.heap);
	if (status)
		return status;
	status = watch_begin(&request);
	dmabuf_heap_close(request.heap);
	return status;
}

static const struct option_entry options[] = {
	{ OPTION_EVENTS, "events", "EVENT,...", "only these" },
	{ OPTION_ID, "id", "ID", "only of this buffer; ends when the buffer does" },
	{ OPTION_COUNT, "count", "N", "end after N lines" },
	{ OPTION_JSON, "json", NULL, "print each event as a JSON object, one per line" },
};

const struct command command_watch = {
	.name = "watch",
	.arguments = "[OPTION]...",
	.summary = "Show what happens to buffers, as it happens",
	.notes = EVENT_HELP "\n\n"
		 "You see what happens to your own buffers, and as root to all. Ends by a signal.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = watch_run,
};
