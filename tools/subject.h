/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one buffer that a command is about, and what the kernel says of it.
 */
#ifndef DMABUF_CTL_SUBJECT_H
#define DMABUF_CTL_SUBJECT_H

#include "invocation.h"
#include "reference.h"

/* Two snapshots: what came or went between them may be in one only. */
struct subject {
	struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_attachment_list *attachments;
};

/**
 * subject_expect() - read the command line of a command about one buffer
 * @invocation: as begun; the command has no options of its own
 * @reference: written on success: the buffer as the user named it
 * @status: written when the command is to stop
 *
 * Return: true when the command can go on.
 */
bool subject_expect(struct invocation *invocation, struct reference *reference,
		    enum status *status);

/**
 * subject_read() - ask about the buffer
 * @subject: zeroed; to be ended with subject_free() whatever is returned
 * @heap: the open device
 * @reference: the buffer. Once this returns it isn't held.
 *
 * Return: STATUS_OK, or after a sentence STATUS_NOT_FOUND or STATUS_FAILURE.
 */
enum status subject_read(struct subject *subject, struct dmabuf_heap *heap,
			 const struct reference *reference);

/**
 * subject_free() - end the snapshots
 * @subject: zeroed, or as read
 */
void subject_free(struct subject *subject);

#endif
