/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events as lines: for people, and as JSON.
 */
#ifndef DMABUF_CTL_EVENT_H
#define DMABUF_CTL_EVENT_H

#include "message.h"

/* How --help explains the argument of --events. */
#define EVENT_HELP							\
	"EVENT is create, release, attach, detach, first-map, move, refused, map, unmap,\n" \
	"cpu-map or seal. When some were missed, a line says how many."

/**
 * events_read() - understand a list of events
 * @list: "NAME,NAME"
 * @events: written: bit n for enum dbheap_event n
 *
 * Return: STATUS_OK, or STATUS_USAGE after a sentence.
 */
enum status events_read(const char *list, uint64_t *events);

/**
 * event_print() - one event as one line on stdout, for people
 * @event: the event
 */
void event_print(const struct dmabuf_heap_event_info *event);

/**
 * event_print_json() - one event as one JSON object in one line on stdout
 * @event: the event
 */
void event_print_json(const struct dmabuf_heap_event_info *event);

#endif
