/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints. Every event opens with the buffer's inode number, so that events
 * of one buffer can be picked out, also next to those of other tracers.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dmabuf_heap

#if !defined(_DMABUF_HEAP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _DMABUF_HEAP_TRACE_H

#include <linux/dma-direction.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "limits.h"

TRACE_EVENT(dmabuf_heap_create,
	TP_PROTO(u64 ino, u64 length, const char *name),
	TP_ARGS(ino, length, name),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u64, length)
		__array(char, name, DMABUF_HEAP_NAME_LEN)
	),
	TP_fast_assign(
		__entry->ino = ino;
		__entry->length = length;
		strscpy_pad(__entry->name, name, sizeof(__entry->name));
	),
	TP_printk("ino=%llu length=%llu name=%s", __entry->ino, __entry->length, __entry->name)
);

TRACE_EVENT(dmabuf_heap_attach,
	TP_PROTO(u64 ino, u64 id, const char *device, u32 flags),
	TP_ARGS(ino, id, device, flags),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u64, id)
		__field(u32, flags)
		__array(char, device, DMABUF_HEAP_DEVICE_LEN)
	),
	TP_fast_assign(
		__entry->ino = ino;
		__entry->id = id;
		__entry->flags = flags;
		strscpy_pad(__entry->device, device, sizeof(__entry->device));
	),
	TP_printk("ino=%llu id=%llu device=%s flags=%s", __entry->ino, __entry->id,
		  __entry->device,
		  __print_flags(__entry->flags, "|",
				{ DMABUF_HEAP_ATTACHMENT_DECLARED, "declared" },
				{ DMABUF_HEAP_ATTACHMENT_IMPORTED, "imported" },
				{ DMABUF_HEAP_ATTACHMENT_CPU_ONLY, "cpu-only" },
				{ DMABUF_HEAP_ATTACHMENT_REMAPPED, "remapped" },
				{ DMABUF_HEAP_ATTACHMENT_NO_DEVICE, "no-device" }))
);

TRACE_EVENT(dmabuf_heap_detach,
	TP_PROTO(u64 ino, u64 id, const char *device),
	TP_ARGS(ino, id, device),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u64, id)
		__array(char, device, DMABUF_HEAP_DEVICE_LEN)
	),
	TP_fast_assign(
		__entry->ino = ino;
		__entry->id = id;
		strscpy_pad(__entry->device, device, sizeof(__entry->device));
	),
	TP_printk("ino=%llu id=%llu device=%s", __entry->ino, __entry->id, __entry->device)
);

TRACE_EVENT(dmabuf_heap_first_map,
	TP_PROTO(u64 ino, u32 kind, const char *by, const struct heap_placement *placement),
	TP_ARGS(ino, kind, by, placement),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u32, kind)
		__field(u64, runs)
		__field(u32, addr_bits)
		__array(char, by, DMABUF_HEAP_DEVICE_LEN)
	),
	TP_fast_assign(
		__entry->ino = ino;
		__entry->kind = kind;
		__entry->runs = placement->runs;
		__entry->addr_bits = dmabuf_heap_limits_addr_bits(placement->last_addr);
		strscpy_pad(__entry->by, by, sizeof(__entry->by));
	),
	TP_printk("ino=%llu kind=%s by=%s runs=%llu addr_bits=%u", __entry->ino,
		  __print_symbolic(__entry->kind,
				   { DMABUF_HEAP_FIRST_DEVICE, "device" },
				   { DMABUF_HEAP_FIRST_MMAP, "mmap" },
				   { DMABUF_HEAP_FIRST_VMAP, "vmap" },
				   { DMABUF_HEAP_FIRST_COMMIT, "commit" }),
		  __entry->by, __entry->runs, __entry->addr_bits)
);

DECLARE_EVENT_CLASS(dmabuf_heap_device,
	TP_PROTO(u64 ino, u64 id, const char *device, int dir, u32 segments),
	TP_ARGS(ino, id, device, dir, segments),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u64, id)
		__field(int, dir)
		__field(u32, segments)
		__array(char, device, DMABUF_HEAP_DEVICE_LEN)
	),
	TP_fast_assign(
		__entry->ino = ino;
		__entry->id = id;
		__entry->dir = dir;
		__entry->segments = segments;
		strscpy_pad(__entry->device, device, sizeof(__entry->device));
	),
	TP_printk("ino=%llu id=%llu device=%s access=%s segments=%u", __entry->ino, __entry->id,
		  __entry->device,
		  __print_symbolic(__entry->dir,
				   { DMA_BIDIRECTIONAL, "both" },
				   { DMA_TO_DEVICE, "read" },
				   { DMA_FROM_DEVICE, "write" }),
		  __entry->segments)
);

DEFINE_EVENT(dmabuf_heap_device, dmabuf_heap_device_map,
	TP_PROTO(u64 ino, u64 id, const char *device, int dir, u32 segments),
	TP_ARGS(ino, id, device, dir, segments)
);

DEFINE_EVENT(dmabuf_heap_device, dmabuf_heap_device_unmap,
	TP_PROTO(u64 ino, u64 id, const char *device, int dir, u32 segments),
	TP_ARGS(ino, id, device, dir, segments)
);

TRACE_EVENT(dmabuf_heap_cpu_map,
	TP_PROTO(u64 ino, u64 length, const char *kind),
	TP_ARGS(ino, length, kind),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u64, length)
		__array(char, kind, DMABUF_HEAP_COMM_LEN)
	),
	TP_fast_assign(
		__entry->ino = ino;
		__entry->length = length;
		strscpy_pad(__entry->kind, kind, sizeof(__entry->kind));
	),
	TP_printk("ino=%llu length=%llu kind=%s", __entry->ino, __entry->length, __entry->kind)
);

TRACE_EVENT(dmabuf_heap_busy,
	TP_PROTO(u64 ino, u32 error, u32 limit, const char *device),
	TP_ARGS(ino, error, limit, device),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u32, error)
		__field(u32, limit)
		__array(char, device, DMABUF_HEAP_DEVICE_LEN)
	),
	TP_fast_assign(
		__entry->ino = ino;
		__entry->error = error;
		__entry->limit = error == EPERM ? U32_MAX : limit;
		strscpy_pad(__entry->device, device, sizeof(__entry->device));
	),
	TP_printk("ino=%llu error=%u limit=%s device=%s", __entry->ino, __entry->error,
		  __print_symbolic(__entry->limit,
				   { DMABUF_HEAP_LIMIT_MAX_ADDR, "max-addr" },
				   { DMABUF_HEAP_LIMIT_CONTIGUOUS, "contiguous" },
				   { DMABUF_HEAP_LIMIT_MAX_SEGMENT, "max-segment" },
				   { DMABUF_HEAP_LIMIT_BOUNDARY, "boundary" },
				   { DMABUF_HEAP_LIMIT_MAX_SEGMENTS, "max-segments" },
				   { DMABUF_HEAP_LIMIT_ALIGNMENT, "alignment" },
				   { U32_MAX, "sealed" }),
		  __entry->device)
);

TRACE_EVENT(dmabuf_heap_move,
	TP_PROTO(u64 ino, u64 length, u64 ns, const char *device,
		 const struct heap_placement *placement),
	TP_ARGS(ino, length, ns, device, placement),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u64, length)
		__field(u64, ns)
		__field(u64, runs)
		__field(u32, addr_bits)
		__array(char, device, DMABUF_HEAP_DEVICE_LEN)
	),
	TP_fast_assign(
		__entry->ino = ino;
		__entry->length = length;
		__entry->ns = ns;
		__entry->runs = placement->runs;
		__entry->addr_bits = dmabuf_heap_limits_addr_bits(placement->last_addr);
		strscpy_pad(__entry->device, device, sizeof(__entry->device));
	),
	TP_printk("ino=%llu length=%llu ns=%llu device=%s runs=%llu addr_bits=%u", __entry->ino,
		  __entry->length, __entry->ns, __entry->device, __entry->runs,
		  __entry->addr_bits)
);

TRACE_EVENT(dmabuf_heap_release,
	TP_PROTO(u64 ino, u64 length, unsigned long pages),
	TP_ARGS(ino, length, pages),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u64, length)
		__field(unsigned long, pages)
	),
	TP_fast_assign(
		__entry->ino = ino;
		__entry->length = length;
		__entry->pages = pages;
	),
	TP_printk("ino=%llu length=%llu pages=%lu", __entry->ino, __entry->length, __entry->pages)
);

#endif /* _DMABUF_HEAP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
