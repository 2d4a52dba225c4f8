/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gate that everyone passes who joins a buffer or maps it.
 */
#ifndef _DMABUF_HEAP_GATE_H
#define _DMABUF_HEAP_GATE_H

#include <linux/types.h>

/* dmabuf_heap_gate_check() returns this where the memory has to move first. */
#define HEAP_GATE_MOVE	1

struct dmabuf_heap_report;
struct heap_attachment;
struct heap_buffer;
struct heap_limits;
struct heap_merged;

void dmabuf_heap_gate_merge(struct heap_buffer *buf, struct heap_merged *merged,
			    const struct heap_attachment *except);
void dmabuf_heap_gate_title(const struct heap_attachment *att, char *title, size_t size);
int dmabuf_heap_gate_check(struct heap_buffer *buf, const struct heap_attachment *att,
			   const struct heap_limits *asked, u32 flags,
			   struct heap_merged *merged, struct dmabuf_heap_report *report);
int dmabuf_heap_gate_pass(struct heap_buffer *buf, const struct heap_attachment *att,
			  const struct heap_merged *merged,
			  const struct dmabuf_heap_report *report, int ret);
void dmabuf_heap_gate_refuse(struct heap_buffer *buf, const struct dmabuf_heap_report *report);
void dmabuf_heap_gate_refuse_sealed(struct heap_buffer *buf, const struct heap_attachment *att);
void dmabuf_heap_gate_refuse_segments(struct heap_buffer *buf, const struct heap_attachment *att,
				      u64 most, u64 found);

#endif /* _DMABUF_HEAP_GATE_H */
