/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the library start with: the open device, and one buffer of
 * LIB_LENGTH bytes without memory. Nothing may be left behind at the end. Include
 * kselftest_harness.h before this header.
 */
#ifndef LIB_FIXTURE_H
#define LIB_FIXTURE_H

#include <dmabuf-heap.h>
#include "heap.h"

/* More than the page allocator's largest block. */
#define LIB_LENGTH	(2 * HEAP_BLOCK_MAX)

#define LIB_BOTH	(DBHEAP_READ | DBHEAP_WRITE)

/* Highest address of a device with a 32-bit mask. */
#define LIB_LAST_BELOW_4G	0xffffffffULL

FIXTURE(lib) {
	struct heap_state state;
	struct dmabuf_heap *heap;
	struct dmabuf_heap_buffer *buffer;
};

FIXTURE_SETUP(lib)
{
	heap_setup(&self->state);
	must_pass(dmabuf_heap_open(NULL, &self->heap));
	must_pass(dmabuf_heap_buffer_create(self->heap, LIB_LENGTH, 0, "lib",
					    &self->buffer));
}

FIXTURE_TEARDOWN(lib)
{
	dmabuf_heap_buffer_close(self->buffer);
	dmabuf_heap_close(self->heap);
	heap_teardown(&self->state);
}

/*
 * Attaches a requirement without a device that has one limit. @label, @id and
 * @reply may be NULL.
 */
static inline int lib_require(struct dmabuf_heap_buffer *buffer,
			      const char *label, enum dbheap_limit limit,
			      uint64_t value, uint64_t *id,
			      struct dmabuf_heap_reply **reply)
{
	struct dmabuf_heap_requirement *requirement;
	int error;

	error = dmabuf_heap_requirement_create(label, &requirement);
	if (error)
		return error;
	error = dmabuf_heap_requirement_set(requirement, limit, value);
	if (!error)
		error = dmabuf_heap_buffer_attach(buffer, DBHEAP_NO_DEVICE,
						  DBHEAP_READ, requirement, 0,
						  id, reply);
	dmabuf_heap_requirement_free(requirement);
	return error;
}

#endif /* LIB_FIXTURE_H */
