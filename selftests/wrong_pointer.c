// SPDX-License-Identifier: GPL-2.0
/*
 * Pointers that are no good: see wrong_pointer.h. What ends too early ends at the
 * end of an arena.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "wrong_pointer.h"

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

/* Where no process has memory: the first page, the kernel, beyond all addresses. */
static const __u64 nowhere[] = {
	8,
	-4096UL,
#if __SIZEOF_POINTER__ == 8
	0xffff888000000000,
	0x8000000000000000,
	0x00007ffffffff000,
#endif
};

static void tell(struct wrong_witness *witness, const char *name, const char *what, __u64 at,
		 int rc)
{
	char text[128];

	snprintf(text, sizeof(text), "%s: %s, 0x%llx", name, what, at);
	wrong_tell(witness, text, EFAULT, rc);
}

static void struct_nowhere(struct subject *on, struct wrong_witness *witness,
			   const struct subject_call *call)
{
	size_t i;

	tell(witness, call->name, "struct at NULL", 0, heap_ioctl(on->heap, call->number, NULL));
	for (i = 0; i < ROWS(nowhere); i++)
		tell(witness, call->name, "struct nowhere", nowhere[i],
		     heap_ioctl(on->heap, call->number, (void *)(uintptr_t)nowhere[i]));
	tell(witness, call->name, "struct not accessible", 0,
	     heap_ioctl(on->heap, call->number, on->arena.end));
}

/* The last bytes of it aren't there, or even those of its size. */
static void struct_cut(struct subject *on, struct wrong_witness *witness,
		       const struct subject_call *call)
{
	const size_t there[] = { 2, sizeof(__u32), 8, call->size - 1 };
	union subject_arg arg;
	size_t i;

	subject_fill(on, call->number, &arg);
	for (i = 0; i < ROWS(there); i++) {
		memcpy(on->arena.end - there[i], &arg, there[i]);
		tell(witness, call->name, "struct that is cut off", there[i],
		     heap_ioctl(on->heap, call->number, on->arena.end - there[i]));
	}
}

/* An answer can't be written, and what the call made must not stay. */
static void struct_read_only(struct subject *on, struct wrong_witness *witness,
			     const struct subject_call *call)
{
	union subject_arg arg;
	void *at = on->arena.start;

	subject_fill(on, call->number, &arg);
	memcpy(at, &arg, sizeof(arg));
	arena_protect(&on->arena, PROT_READ);
	tell(witness, call->name, "struct that can only be read", 0,
	     heap_ioctl(on->heap, call->number, at));
	arena_protect(&on->arena, PROT_READ | PROT_WRITE);
}

void wrong_pointers_to_struct(struct subject *on, struct wrong_witness *witness)
{
	const struct subject_call *call;

	for (call = subject_calls; call->name; call++) {
		struct_nowhere(on, witness, call);
		struct_cut(on, witness, call);
		if (call->answers)
			struct_read_only(on, witness, call);
	}
}

/* A pointer in a struct, to something of @length bytes. */
struct place {
	const char *name;
	unsigned int call;
	size_t offset;
	size_t length;
	bool output;
};

#define PLACE(name, cmd, field, length, output) \
	{ #name "." #field, DMABUF_HEAP_IOC_##cmd, offsetof(struct dmabuf_heap_##name, field), \
	  length, output }

static const struct place places[] = {
	PLACE(attach, ATTACH, limits, sizeof(struct dmabuf_heap_limits), false),
	PLACE(attach, ATTACH, answer, sizeof(struct dmabuf_heap_answer), true),
	PLACE(query, QUERY, records, sizeof(struct dmabuf_heap_buffer_record), true),
	PLACE(query_attachments, QUERY_ATTACHMENTS, records,
	      sizeof(struct dmabuf_heap_attachment_record), true),
};

static void place_tell(struct subject *on, struct wrong_witness *witness,
		       const struct place *place, const char *what, __u64 pointer)
{
	union subject_arg arg;

	subject_fill(on, place->call, &arg);
	memcpy((char *)&arg + place->offset, &pointer, sizeof(pointer));
	tell(witness, place->name, what, pointer, heap_ioctl(on->heap, place->call, &arg));
}

static void place_cut(struct subject *on, struct wrong_witness *witness,
		      const struct place *place)
{
	const size_t there[] = { 1, 8, place->length / 2, place->length - 1 };
	size_t i;

	for (i = 0; i < ROWS(there); i++) {
		/* Valid as far as it goes, if it goes in. */
		memcpy(on->arena.end - there[i], &on->limits,
		       there[i] < sizeof(on->limits) ? there[i] : sizeof(on->limits));
		place_tell(on, witness, place, "cut off",
			   (uintptr_t)(on->arena.end - there[i]));
	}
}

void wrong_pointers_in_struct(struct subject *on, struct wrong_witness *witness)
{
	const struct place *place;
	size_t i;

	for (place = places; place < places + ROWS(places); place++) {
		for (i = 0; i < ROWS(nowhere); i++)
			place_tell(on, witness, place, "nowhere", nowhere[i]);
		place_tell(on, witness, place, "not accessible", (uintptr_t)on->arena.end);
		place_cut(on, witness, place);
		if (!place->output)
			continue;
		arena_protect(&on->arena, PROT_READ);
		place_tell(on, witness, place, "can only be read",
			   (uintptr_t)on->arena.start);
		arena_protect(&on->arena, PROT_READ | PROT_WRITE);
		/* NULL is "no answer" to ATTACH, and only there. */
		if (place->call != DMABUF_HEAP_IOC_ATTACH)
			place_tell(on, witness, place, "NULL", 0);
	}
}
