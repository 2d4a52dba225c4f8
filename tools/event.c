// SPDX-License-Identifier: GPL-2.0
/*
 * Events as lines. libsmartcols prints tables, which need their last row before
 * the first is printed; here every line has to go out when it happens.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "text.h"

#define SENTENCE_SIZE	512
#define NS_PER_MS	UINT64_C(1000000)
#define NS_PER_S	UINT64_C(1000000000)

static const char * const names[] = {
	[DBHEAP_EVENT_MISSED] = "missed",
	[DBHEAP_EVENT_CREATE] = "create",
	[DBHEAP_EVENT_RELEASE] = "release",
	[DBHEAP_EVENT_ATTACH] = "attach",
	[DBHEAP_EVENT_DETACH] = "detach",
	[DBHEAP_EVENT_FIRST_MAP] = "first-map",
	[DBHEAP_EVENT_MOVE] = "move",
	[DBHEAP_EVENT_REFUSED] = "refused",
	[DBHEAP_EVENT_MAP] = "map",
	[DBHEAP_EVENT_UNMAP] = "unmap",
	[DBHEAP_EVENT_CPU_MAP] = "cpu-map",
	[DBHEAP_EVENT_SEAL] = "seal",
};

#define NAME_COUNT	(sizeof(names) / sizeof(names[0]))
#define NAME_WIDTH	9

static const char *event_name(const struct dmabuf_heap_event_info *event)
{
	return event->type < NAME_COUNT ? names[event->type] : "other";
}

/* What is missed is told unasked, and can't be asked for. */
static bool event_find(const char *name, size_t length, unsigned int *type)
{
	for (*type = DBHEAP_EVENT_MISSED + 1; *type < NAME_COUNT; ++*type)
		if (strlen(names[*type]) == length &&
		    !strncmp(names[*type], name, length))
			return true;
	return false;
}

enum status events_read(const char *list, uint64_t *events)
{
	unsigned int type;
	size_t length;

	*events = 0;
	for (;; list += length + 1) {
		length = strcspn(list, ",");
		if (!event_find(list, length, &type))
			return message_error(STATUS_USAGE,
					     "there is no event \"%.*s\" (see " PROGRAM_NAME
					     " watch --help)", (int)length, list);
		*events |= UINT64_C(1) << type;
		if (!list[length])
			return STATUS_OK;
	}
}

static uint64_t clock_read(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Events have the time since boot; people have another one. */
static uint64_t event_time(const struct dmabuf_heap_event_info *event)
{
	return clock_read(CLOCK_REALTIME) - text_age(event->time_ns);
}

void event_print(const struct dmabuf_heap_event_info *event)
{
	uint64_t when = event_time(event);
	time_t seconds = (time_t)(when / NS_PER_S);
	char clock[16] = "", text[SENTENCE_SIZE];
	struct tm local;

	if (localtime_r(&seconds, &local))
		strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	dmabuf_heap_event_describe(event, text, sizeof(text));
	text_clean(text);
	printf("%s.%03u ", clock, (unsigned int)(when / NS_PER_MS % 1000));
	if (event->type == DBHEAP_EVENT_MISSED)
		printf("%s\n", text);
	else
		printf("buffer %-3" PRIu64 " %-*s %s\n", event->id, NAME_WIDTH,
		       event_name(event), text);
}

/* A member of an object; all but the first follow a comma. */
static void json_key(const char *key)
{
	printf("%s\"%s\": ", strcmp(key, "time") ? ", " : "", key);
}

static void json_number(const char *key, uint64_t number, bool is_known)
{
	json_key(key);
	if (is_known)
		printf("%" PRIu64, number);
	else
		printf("null");
}

/* Empty counts as not known, as in tables. */
static void json_text(const char *key, const char *text)
{
	char *clean, *at;

	json_key(key);
	if (!*text) {
		printf("null");
		return;
	}
	clean = text_copy(text);
	text_clean(clean);
	putchar('"');
	for (at = clean; *at; at++) {
		if (*at == '"' || *at == '\\')
			putchar('\\');
		putchar(*at);
	}
	putchar('"');
	free(clean);
}

/* Of a first map by the CPU it is the task, which has a key of its own. */
static const char *event_device(const struct dmabuf_heap_event_info *event)
{
	if (event->conflict)
		return event->conflict->device;
	if (event->type == DBHEAP_EVENT_FIRST_MAP &&
	    event->first_map != DBHEAP_FIRST_DEVICE)
		return "";
	return event->device;
}

static void json_attachment(const struct dmabuf_heap_event_info *event)
{
	static const char * const accesses[] = { "", "r", "w", "rw" };
	bool is_known = event->attachment_id;
	const char *kind = event->attachment_flags & DBHEAP_ATTACHMENT_DECLARED ?
			   "declared" : "imported";

	json_number("attachment", event->attachment_id, is_known);
	json_text("kind", is_known ? kind : "");
	json_text("device", event_device(event));
	json_text("label", event->conflict ? event->conflict->label : event->label);
	json_text("access", accesses[event->access & (DBHEAP_READ | DBHEAP_WRITE)]);
	json_number("segments", event->segments, event->segments);
}

static void json_memory(const struct dmabuf_heap_event_info *event)
{
	static const char * const kinds[] = {
		[DBHEAP_FIRST_NONE] = "",
		[DBHEAP_FIRST_DEVICE] = "device",
		[DBHEAP_FIRST_MMAP] = "mmap",
		[DBHEAP_FIRST_VMAP] = "vmap",
		[DBHEAP_FIRST_COMMIT] = "commit",
	};
	size_t kind = event->first_map;

	json_text("map", kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : "other");
	json_number("runs", event->runs, event->runs);
	json_number("address_bits", event->addr_bits, event->runs);
	json_number("duration", event->duration_ns, event->type == DBHEAP_EVENT_MOVE);
}

void event_print_json(const struct dmabuf_heap_event_info *event)
{
	bool is_missed = event->type == DBHEAP_EVENT_MISSED;
	char reason[SENTENCE_SIZE] = "";

	if (event->conflict)
		dmabuf_heap_event_describe(event, reason, sizeof(reason));
	printf("{");
	json_number("time", event_time(event), true);
	json_number("monotonic", event->time_ns, true);
	json_text("event", event_name(event));
	json_number("count", event->count, is_missed);
	json_number("id", event->id, !is_missed);
	json_text("name", event->name);
	json_number("size", event->length, !is_missed);
	json_number("uid", event->uid, !is_missed);
	json_number("pid", (uint64_t)event->pid, event->pid > 0);
	json_text("by", event->comm);
	json_attachment(event);
	json_memory(event);
	json_number("error", event->conflict ? (uint64_t)event->conflict->error : 0,
		    event->conflict);
	json_text("reason", reason);
	printf("}\n");
}
