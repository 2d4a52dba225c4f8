/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Targets: what a user wants attached to a buffer. A device node with an access
 * and perhaps a requirement, or a requirement alone.
 */
#ifndef DMABUF_CTL_TARGET_H
#define DMABUF_CTL_TARGET_H

#include "message.h"

/* How --help explains the arguments of --device and --require. */
#define TARGET_HELP							\
	"DEVICE is NODE[:ACCESS[:LIMITS]], NODE a character device or a directory below\n" \
	"/sys, ACCESS r, w or rw. LIMITS, with commas: below=SIZE, contiguous, node=N,\n" \
	"segment=SIZE, segments=N, boundary=SIZE, align=SIZE, chunk=SIZE, label=TEXT."

struct target {
	char *path;		/* NULL for a requirement alone */
	char *text;		/* as the user wrote it */
	unsigned int access;	/* bits of enum dbheap_access */
	struct dmabuf_heap_requirement *requirement;	/* or NULL */
};

/**
 * target_read_device() - understand the argument of --device
 * @text: NODE[:ACCESS[:LIMITS]]
 * @target: written; end it with target_free(), also after an error
 *
 * Return: STATUS_OK, or STATUS_USAGE after a sentence.
 */
enum status target_read_device(const char *text, struct target *target);

/**
 * target_read_requirement() - understand the argument of --require
 * @text: LIMITS
 * @target: written; end it with target_free(), also after an error
 *
 * Return: STATUS_OK, or STATUS_USAGE after a sentence.
 */
enum status target_read_requirement(const char *text, struct target *target);

/**
 * target_free() - end a target
 * @target: attachments made of it stay
 */
void target_free(struct target *target);

/**
 * target_attach() - attach a target to a buffer, or say why it was refused
 * @target: what to attach
 * @buffer: the buffer
 * @flags: bits of enum dbheap_attach
 * @id: the attachment's id, written on success; may be NULL
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence.
 */
enum status target_attach(const struct target *target,
			  struct dmabuf_heap_buffer *buffer, unsigned int flags,
			  uint64_t *id);

/**
 * target_test() - ask whether a buffer would accept a target; nothing changes
 * @target: what would be attached
 * @buffer: the buffer
 * @reply: written: what the kernel says of it, to be freed; NULL for none
 * @error: written on success: 0, or the negative errno that it would be refused with
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence when it can't be asked.
 */
enum status target_test(const struct target *target,
			struct dmabuf_heap_buffer *buffer,
			struct dmabuf_heap_reply **reply, int *error);

/**
 * target_explain() - say why a target was refused, if it was
 * @target: the target
 * @reply: what the kernel said of it, or NULL
 * @error: 0, or what it was refused with
 *
 * Return: STATUS_OK without a sentence for 0; else STATUS_FAILURE.
 */
enum status target_explain(const struct target *target,
			   const struct dmabuf_heap_reply *reply, int error);

/**
 * target_plan() - make a target the next entry of a plan, or say why not
 * @target: what to add
 * @plan: the plan
 *
 * Return: STATUS_OK, or STATUS_FAILURE after a sentence.
 */
enum status target_plan(const struct target *target, struct dmabuf_heap_plan *plan);

/**
 * target_refused() - say why a target was refused
 * @target: the target
 * @conflict: the reason
 *
 * Return: STATUS_FAILURE.
 */
enum status target_refused(const struct target *target,
			   const struct dmabuf_heap_conflict *conflict);

#endif
