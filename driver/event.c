// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to a buffer, as structs for those who watch. Called only where
 * somebody does: see event.h.
 */
#include <linux/sched.h>
#include <linux/string.h>

#include "attachment.h"
#include "buffer.h"
#include "event.h"
#include "gate.h"
#include "snapshot.h"

/* What every event has. */
static void event_begin(struct dmabuf_heap_event *event, enum dmabuf_heap_event_type type,
			struct heap_buffer *buf)
{
	memset(event, 0, sizeof(*event));
	event->type = type;
	event->id = buf->id;
	event->length = buf->length;
	get_task_comm(event->comm, current);
	spin_lock(&buf->snap);
	event->flags = buf->flags;
	dmabuf_heap_snapshot_name(buf->dmabuf, event->name);
	spin_unlock(&buf->snap);
}

static void event_set_attachment(struct dmabuf_heap_event *event,
				 const struct heap_attachment *att)
{
	const struct heap_attachment *named = att->declared ?: att;

	event->attachment = att->id;
	event->access = att->access;
	event->flags = att->flags;
	dmabuf_heap_gate_title(att, event->device, sizeof(event->device));
	strscpy(event->label, named->label, sizeof(event->label));
}

/**
 * dmabuf_heap_event_tell_buffer() - something happened to a buffer as a whole
 * @buf: buffer, which still is a dma-buf
 * @type: CREATE, RELEASE or SEAL
 *
 * Context: doesn't sleep.
 */
void dmabuf_heap_event_tell_buffer(struct heap_buffer *buf, enum dmabuf_heap_event_type type)
{
	struct dmabuf_heap_event event;

	event_begin(&event, type, buf);
	dmabuf_heap_watch_tell(&event, buf->uid);
}

/**
 * dmabuf_heap_event_tell_attachment() - somebody has joined, or left
 * @buf: buffer
 * @type: ATTACH or DETACH
 * @att: the record
 *
 * Context: @buf->lock held; doesn't sleep.
 */
void dmabuf_heap_event_tell_attachment(struct heap_buffer *buf, enum dmabuf_heap_event_type type,
				       const struct heap_attachment *att)
{
	struct dmabuf_heap_event event;

	lockdep_assert_held(&buf->lock);
	event_begin(&event, type, buf);
	event_set_attachment(&event, att);
	dmabuf_heap_watch_tell(&event, buf->uid);
}

/**
 * dmabuf_heap_event_tell_map() - a device map has come or gone
 * @buf: buffer
 * @type: MAP or UNMAP
 * @att: whose
 * @dir: direction of the DMA
 * @segments: that the device is given
 *
 * Context: @buf->lock held; doesn't sleep.
 */
void dmabuf_heap_event_tell_map(struct heap_buffer *buf, enum dmabuf_heap_event_type type,
				const struct heap_attachment *att, enum dma_data_direction dir,
				u32 segments)
{
	struct dmabuf_heap_event event;

	lockdep_assert_held(&buf->lock);
	event_begin(&event, type, buf);
	event_set_attachment(&event, att);
	event.access = dmabuf_heap_attachment_access(dir);
	event.segments = segments;
	dmabuf_heap_watch_tell(&event, buf->uid);
}

/**
 * dmabuf_heap_event_tell_memory() - a buffer has other memory than before
 * @buf: buffer
 * @type: FIRST_MAP or MOVE
 * @device: the device, or of a first map the task, that it was for
 * @duration_ns: how long a move took
 *
 * Context: @buf->lock held; doesn't sleep.
 */
void dmabuf_heap_event_tell_memory(struct heap_buffer *buf, enum dmabuf_heap_event_type type,
				   const char *device, u64 duration_ns)
{
	struct dmabuf_heap_event event;

	lockdep_assert_held(&buf->lock);
	event_begin(&event, type, buf);
	event.runs = buf->placement.runs;
	event.addr_bits = dmabuf_heap_limits_addr_bits(buf->placement.last_addr);
	event.duration_ns = duration_ns;
	if (type == DMABUF_HEAP_EVENT_FIRST_MAP)
		event.first_map = buf->first_map.kind;
	strscpy(event.device, device, sizeof(event.device));
	dmabuf_heap_watch_tell(&event, buf->uid);
}

/**
 * dmabuf_heap_event_tell_cpu_map() - the CPU has got an address of a buffer
 * @buf: buffer
 * @kind: DMABUF_HEAP_FIRST_MMAP or _VMAP, whether it was the first map or not
 * @length: bytes that are mapped
 *
 * Context: doesn't sleep.
 */
void dmabuf_heap_event_tell_cpu_map(struct heap_buffer *buf, enum dmabuf_heap_first_map kind,
				    u64 length)
{
	struct dmabuf_heap_event event;

	event_begin(&event, DMABUF_HEAP_EVENT_CPU_MAP, buf);
	event.first_map = kind;
	event.length = length;
	dmabuf_heap_watch_tell(&event, buf->uid);
}

/**
 * dmabuf_heap_event_tell_refused() - a device was refused
 * @buf: buffer
 * @report: why
 *
 * Context: @buf->lock held; doesn't sleep.
 */
void dmabuf_heap_event_tell_refused(struct heap_buffer *buf,
				    const struct dmabuf_heap_report *report)
{
	struct dmabuf_heap_event event;

	lockdep_assert_held(&buf->lock);
	event_begin(&event, DMABUF_HEAP_EVENT_REFUSED, buf);
	event.report = *report;
	dmabuf_heap_watch_tell(&event, buf->uid);
}
