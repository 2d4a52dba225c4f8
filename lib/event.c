// SPDX-License-Identifier: MIT
/*
 * An event in words, for a line that names its type and the buffer.
 */
#include "api.h"
#include "dmabuf-heap.h"
#include "explain.h"
#include "text.h"

#define NSEC_PER_MSEC	1000000ULL

static void event_add_by(struct dbheap_text *text,
			 const struct dmabuf_heap_event_info *event)
{
	dbheap_text_add(text, "by %s", event->comm);
	if (event->pid)
		dbheap_text_add(text, " (process %d)", event->pid);
}

static void event_add_size(struct dbheap_text *text,
			   const struct dmabuf_heap_event_info *event)
{
	if (*event->name)
		dbheap_text_add(text, "\"%s\" of ", event->name);
	dbheap_text_add_bytes(text, event->length);
}

static void event_add_access(struct dbheap_text *text,
			     const struct dmabuf_heap_event_info *event)
{
	static const char * const does[] = {
		[0] = "do nothing",
		[DBHEAP_READ] = "read",
		[DBHEAP_WRITE] = "write",
		[DBHEAP_READ | DBHEAP_WRITE] = "read and write",
	};

	dbheap_text_add(text, "to %s",
			does[event->access & (DBHEAP_READ | DBHEAP_WRITE)]);
}

static void event_add_attachment(struct dbheap_text *text,
				 const struct dmabuf_heap_event_info *event)
{
	dbheap_who_add(text, event->device, event->label, NULL);
	dbheap_text_add(text, ", %s",
			event->attachment_flags & DBHEAP_ATTACHMENT_DECLARED ?
			"declared" : "imported");
}

static void event_add_placement(struct dbheap_text *text,
				const struct dmabuf_heap_event_info *event)
{
	if (event->runs == 1)
		dbheap_text_add(text, ": contiguous, ");
	else
		dbheap_text_add(text, ": %llu runs, ",
				(unsigned long long)event->runs);
	dbheap_text_add_below(text, event->addr_bits < 64 ?
			      (1ULL << event->addr_bits) - 1 : UINT64_MAX);
}

static void event_add_move(struct dbheap_text *text,
			   const struct dmabuf_heap_event_info *event)
{
	dbheap_text_add(text, "for %s, in ",
			*event->device ? event->device : "a requirement");
	if (event->duration_ns < NSEC_PER_MSEC)
		dbheap_text_add(text, "less than 1 ms");
	else
		dbheap_text_add(text, "%llu ms",
				(unsigned long long)(event->duration_ns / NSEC_PER_MSEC));
	event_add_placement(text, event);
}

static void event_add_cpu_map(struct dbheap_text *text,
			      const struct dmabuf_heap_event_info *event)
{
	dbheap_text_add_bytes(text, event->length);
	dbheap_text_add(text, " %s, ", event->first_map == DBHEAP_FIRST_VMAP ?
			"for a driver" : "through mmap");
	event_add_by(text, event);
}

static void event_add(struct dbheap_text *text,
		      const struct dmabuf_heap_event_info *event)
{
	switch (event->type) {
	case DBHEAP_EVENT_MISSED:
		dbheap_text_add(text, "%llu event%s missed",
				(unsigned long long)event->count,
				event->count == 1 ? " was" : "s were");
		break;
	case DBHEAP_EVENT_CREATE:
		event_add_size(text, event);
		dbheap_text_add(text, event->movable ? ", movable, " : ", ");
		event_add_by(text, event);
		break;
	case DBHEAP_EVENT_RELEASE:
		event_add_size(text, event);
		break;
	case DBHEAP_EVENT_ATTACH:
		event_add_attachment(text, event);
		if (event->access) {
			dbheap_text_add(text, ", ");
			event_add_access(text, event);
		}
		break;
	case DBHEAP_EVENT_DETACH:
		event_add_attachment(text, event);
		break;
	case DBHEAP_EVENT_FIRST_MAP:
		dbheap_first_map_add_what(text, event->first_map, event->device);
		event_add_placement(text, event);
		break;
	case DBHEAP_EVENT_MOVE:
		event_add_move(text, event);
		break;
	case DBHEAP_EVENT_MAP:
	case DBHEAP_EVENT_UNMAP:
		dbheap_who_add(text, event->device, event->label, NULL);
		dbheap_text_add(text, " ");
		event_add_access(text, event);
		dbheap_text_add(text, ", %u segment%s", event->segments,
				event->segments == 1 ? "" : "s");
		break;
	case DBHEAP_EVENT_CPU_MAP:
		event_add_cpu_map(text, event);
		break;
	case DBHEAP_EVENT_SEAL:
		event_add_by(text, event);
		break;
	}
}

DBHEAP_API size_t
dmabuf_heap_event_describe(const struct dmabuf_heap_event_info *event,
			   char *text, size_t size)
{
	struct dbheap_text to;

	if (event->conflict)
		return dmabuf_heap_conflict_explain(event->conflict, NULL, text,
						    size);
	dbheap_text_begin(&to, text, size);
	event_add(&to, event);
	return to.length;
}
