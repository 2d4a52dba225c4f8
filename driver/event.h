/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events: what happens to a buffer, told to those who watch. Called beside the
 * tracepoint of the same; where nobody watches such events, one comparison is all
 * there is to it.
 */
#ifndef _DMABUF_HEAP_EVENT_H
#define _DMABUF_HEAP_EVENT_H

#include <linux/dma-direction.h>

#include "watch.h"

struct heap_attachment;
struct heap_buffer;

void dmabuf_heap_event_tell_buffer(struct heap_buffer *buf, enum dmabuf_heap_event_type type);
void dmabuf_heap_event_tell_attachment(struct heap_buffer *buf, enum dmabuf_heap_event_type type,
				       const struct heap_attachment *att);
void dmabuf_heap_event_tell_map(struct heap_buffer *buf, enum dmabuf_heap_event_type type,
				const struct heap_attachment *att, enum dma_data_direction dir,
				u32 segments);
void dmabuf_heap_event_tell_memory(struct heap_buffer *buf, enum dmabuf_heap_event_type type,
				   const char *device, u64 duration_ns);
void dmabuf_heap_event_tell_cpu_map(struct heap_buffer *buf, enum dmabuf_heap_first_map kind,
				    u64 length);
void dmabuf_heap_event_tell_refused(struct heap_buffer *buf,
				    const struct dmabuf_heap_report *report);

static inline void dmabuf_heap_event_buffer(struct heap_buffer *buf,
					    enum dmabuf_heap_event_type type)
{
	if (dmabuf_heap_watch_wants(type))
		dmabuf_heap_event_tell_buffer(buf, type);
}

static inline void dmabuf_heap_event_attachment(struct heap_buffer *buf,
						enum dmabuf_heap_event_type type,
						const struct heap_attachment *att)
{
	if (dmabuf_heap_watch_wants(type))
		dmabuf_heap_event_tell_attachment(buf, type, att);
}

static inline void dmabuf_heap_event_map(struct heap_buffer *buf,
					 enum dmabuf_heap_event_type type,
					 const struct heap_attachment *att,
					 enum dma_data_direction dir, u32 segments)
{
	if (dmabuf_heap_watch_wants(type))
		dmabuf_heap_event_tell_map(buf, type, att, dir, segments);
}

static inline void dmabuf_heap_event_memory(struct heap_buffer *buf,
					    enum dmabuf_heap_event_type type,
					    const char *device, u64 duration_ns)
{
	if (dmabuf_heap_watch_wants(type))
		dmabuf_heap_event_tell_memory(buf, type, device, duration_ns);
}

static inline void dmabuf_heap_event_cpu_map(struct heap_buffer *buf,
					     enum dmabuf_heap_first_map kind, u64 length)
{
	if (dmabuf_heap_watch_wants(DMABUF_HEAP_EVENT_CPU_MAP))
		dmabuf_heap_event_tell_cpu_map(buf, kind, length);
}

static inline void dmabuf_heap_event_refused(struct heap_buffer *buf,
					     const struct dmabuf_heap_report *report)
{
	if (dmabuf_heap_watch_wants(DMABUF_HEAP_EVENT_REFUSED))
		dmabuf_heap_event_tell_refused(buf, report);
}

#endif /* _DMABUF_HEAP_EVENT_H */
