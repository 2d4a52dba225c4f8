/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which buffers a user asks for: filters, all of which must hold.
 */
#ifndef DMABUF_CTL_FILTER_H
#define DMABUF_CTL_FILTER_H

#include <sys/types.h>

#include "invocation.h"
#include "other.h"

/* Also the ids of the options that make them. */
enum filter_kind {
	FILTER_DEVICE = 1,	/* this device is attached to it */
	FILTER_UNBACKED,	/* it has no memory yet */
	FILTER_IDLE,		/* it has memory, and nothing maps it */
	FILTER_ORPHAN,		/* no process holds it */
	FILTER_MIN_SIZE,	/* it has this length at least */
	FILTER_USER,		/* this user made it */
	FILTER_PID,		/* this process made it */
	FILTER_NAME,		/* its name has this in it */
};

struct filter {
	enum filter_kind kind;
	uint64_t number;	/* the length, user or process */
	const char *text;	/* the part of a name */
	char *device;		/* as attachments record it; NULL for one by its node */
	dev_t node;
};

/**
 * filter_read() - understand a filter
 * @filter: written on success; end it with filter_free()
 * @kind: what the user asks for
 * @invocation: its argument says which; must outlive the filter
 *
 * Return: STATUS_OK, or STATUS_USAGE after a sentence.
 */
enum status filter_read(struct filter *filter, enum filter_kind kind,
			const struct invocation *invocation);

/**
 * filter_admits() - whether a buffer is one of those asked for
 * @filter: the filter
 * @info: the buffer
 * @list: its attachments, or NULL if they aren't known
 * @holders: which processes hold what; NULL if that isn't known. What was made during
 *	that walk or after it isn't known to be an orphan.
 *
 * Return: true if so.
 */
bool filter_admits(const struct filter *filter,
		   const struct dmabuf_heap_buffer_info *info,
		   const struct dmabuf_heap_attachment_list *list,
		   const struct holders *holders);

/**
 * filter_admits_other() - whether a dma-buf of which only /proc tells is asked for
 * @filter: the filter
 * @other: the dma-buf
 *
 * Return: true if so; false for what isn't known of it.
 */
bool filter_admits_other(const struct filter *filter, const struct other *other);

/**
 * filter_free() - end a filter
 * @filter: as read
 */
void filter_free(struct filter *filter);

#endif
