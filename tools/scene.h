/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers with all that is around them, as a drawing: the processes that hold them,
 * the devices that are attached to them, and who was refused last.
 */
#ifndef DMABUF_CTL_SCENE_H
#define DMABUF_CTL_SCENE_H

#include <dmabuf-heap.h>

#include "drawing.h"
#include "proc.h"

/**
 * scene_add() - draw one buffer
 * @drawing: where; a buffer that is there isn't drawn again
 * @info: the buffer
 * @attachments: its attachments, or NULL if they aren't known
 * @holders: of holders_collect()
 */
void scene_add(struct drawing *drawing, const struct dmabuf_heap_buffer_info *info,
	       const struct dmabuf_heap_attachment_list *attachments,
	       const struct holders *holders);

#endif
