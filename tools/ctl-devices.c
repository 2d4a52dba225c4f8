// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl devices: the limits of every V4L2 and DRM device.
 */
#include "ctl.h"
#include "devices.h"
#include "print.h"

static enum status devices_print(struct dmabuf_heap *heap,
				 const struct view *view)
{
	struct dmabuf_heap_buffer *probe;
	struct table *table;
	enum status status;
	int error;

	error = devices_probe_create(heap, &probe);
	if (error)
		return message_call(DBHEAP_CALL_CREATE, error,
				    "a buffer to ask with");
	table = devices_collect(probe);
	dmabuf_heap_buffer_close(probe);
	status = table_print(table, view);
	table_free(table);
	return status;
}

static enum status devices_run(struct invocation *invocation)
{
	struct dmabuf_heap *heap;
	enum status status;

	if (!invocation_expect(invocation, 0, "", &status))
		return status;
	status = message_heap_open(&heap);
	if (status)
		return status;
	status = devices_print(heap, &invocation->view);
	dmabuf_heap_close(heap);
	return status;
}

const struct command command_devices = {
	.name = "devices",
	.arguments = "[OPTION]...",
	.summary = "Show every V4L2 and DRM device with its limits",
	.layout = &devices_layout,
	.run = devices_run,
};
