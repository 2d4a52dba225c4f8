/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who was refused last by each buffer, as rows.
 */
#ifndef DMABUF_CTL_REFUSAL_H
#define DMABUF_CTL_REFUSAL_H

#include "table.h"

extern const struct layout refusals_layout;

/**
 * refusal_add() - add a buffer's last refusal to a table
 * @table: of refusals_layout
 * @info: the buffer; one that has refused nobody adds nothing
 * @is_anonymous: leave the names of processes out
 */
void refusal_add(struct table *table, const struct dmabuf_heap_buffer_info *info,
		 bool is_anonymous);

#endif
