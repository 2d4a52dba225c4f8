// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl attach: a late-comer to a buffer of another process.
 */
#include <inttypes.h>
#include <stdio.h>

#include "ctl.h"
#include "reference.h"
#include "target.h"

enum { OPTION_TEST = 1 };

static enum status attach_target(const struct target *target,
				 const struct reference *reference,
				 unsigned int flags)
{
	struct dmabuf_heap_buffer *buffer;
	struct dmabuf_heap *heap;
	enum status status;
	uint64_t id;

	status = message_heap_open(&heap);
	if (status)
		return status;
	status = reference_open(reference, heap, &buffer);
	if (status)
		goto out;
	status = target_attach(target, buffer, flags, &id);
	if (!status && flags & DBHEAP_ATTACH_TEST)
		printf("buffer %" PRIu64 " would accept %s\n",
		       dmabuf_heap_buffer_get_id(buffer), target->text);
	else if (!status)
		printf("buffer %" PRIu64 " has accepted %s as attachment %" PRIu64 "\n",
		       dmabuf_heap_buffer_get_id(buffer), target->text, id);
	dmabuf_heap_buffer_close(buffer);
out:
	dmabuf_heap_close(heap);
	return status;
}

static enum status attach_option(void *into, int option, struct invocation *invocation)
{
	unsigned int *flags = into;

	(void)option;	/* there is one, */
	(void)invocation;	/* without an argument */
	*flags |= DBHEAP_ATTACH_TEST;
	return STATUS_OK;
}

static enum status attach_run(struct invocation *invocation)
{
	struct reference reference;
	unsigned int flags = 0;
	struct target target;
	enum status status;

	if (!invocation_read(invocation, attach_option, &flags, &status))
		return status;
	status = invocation_check_operands(invocation, 2, "a buffer and a device");
	if (status)
		return status;
	if (!reference_read(invocation->argv[0], &reference) || !reference.is_fd)
		return invocation_misused(invocation, "\"%s\" is not PID:FD",
					  invocation->argv[0]);
	status = target_read_device(invocation->argv[1], &target);
	if (!status)
		status = attach_target(&target, &reference, flags);
	target_free(&target);
	return status;
}

static const struct option_entry options[] = {
	{ OPTION_TEST, "test", NULL, "only ask whether it would be accepted" },
};

const struct command command_attach = {
	.name = "attach",
	.arguments = "[OPTION]... PID:FD DEVICE",
	.summary = "Attach a device to a buffer that a process has open",
	.notes = TARGET_HELP "\n"
		 "The attachment lives as long as the buffer.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = attach_run,
};
