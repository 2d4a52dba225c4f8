// SPDX-License-Identifier: MIT
/*
 * A refusal as one sentence: who needs what, what there is instead, and which
 * first map made it so.
 */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "explain.h"
#include "limits.h"
#include "text.h"

void dbheap_first_map_add_what(struct dbheap_text *text, enum dbheap_first_map kind,
			       const char *by)
{
	static const char * const did[] = {
		[DBHEAP_FIRST_DEVICE] = "mapped it",
		[DBHEAP_FIRST_MMAP] = "filled it through mmap",
		[DBHEAP_FIRST_VMAP] = "had a driver map it for the CPU",
		[DBHEAP_FIRST_COMMIT] = "committed it",
	};
	const char *what = NULL;

	if ((unsigned int)kind < sizeof(did) / sizeof(*did))
		what = did[kind];
	dbheap_text_add(text, "%s %s", *by ? by : "someone", what ? what : "used it");
}

void dbheap_first_map_add(struct dbheap_text *text, enum dbheap_first_map kind,
			  const char *by, uint64_t when_ns)
{
	if (kind == DBHEAP_FIRST_NONE) {
		dbheap_text_add(text, "nobody has used it yet");
		return;
	}
	dbheap_first_map_add_what(text, kind, by);
	dbheap_text_add(text, " ");
	dbheap_text_add_ago(text, when_ns);
}

/*
 * "video1 (vivid.0)", "vgem as "scanout"", "the requirement "scanout"". The kernel
 * puts the node first itself where a device was attached by its node.
 */
void dbheap_who_add(struct dbheap_text *text, const char *device,
		    const char *label, const char *node)
{
	if (!*device) {
		if (*label)
			dbheap_text_add(text, "the requirement \"%s\"", label);
		else
			dbheap_text_add(text, "a requirement");
		return;
	}
	if (node && *node && !strstr(device, " ("))
		dbheap_text_add(text, "%s (%s)", node, device);
	else
		dbheap_text_add(text, "%s", device);
	if (*label)
		dbheap_text_add(text, " as \"%s\"", label);
}

static void explain_needs(struct dbheap_text *text,
			  const struct dmabuf_heap_conflict *conflict)
{
	switch (conflict->limit) {
	case DBHEAP_LIMIT_CONTIGUOUS:
		dbheap_text_add(text, " needs contiguous memory");
		break;
	case DBHEAP_LIMIT_MAX_ADDR:
		if (conflict->wanted) {
			dbheap_text_add(text, " needs memory ");
			dbheap_text_add_below(text, conflict->wanted);
		} else {
			dbheap_text_add(text, " reaches no memory without bouncing");
		}
		break;
	case DBHEAP_LIMIT_MAX_SEGMENTS:
		dbheap_text_add(text, " needs the buffer in ");
		dbheap_limit_add(text, conflict->limit, conflict->wanted);
		break;
	case DBHEAP_LIMIT_ALIGNMENT:
		dbheap_text_add(text, " needs memory ");
		dbheap_limit_add(text, conflict->limit, conflict->wanted);
		break;
	case DBHEAP_LIMIT_MAX_SEGMENT:
	case DBHEAP_LIMIT_BOUNDARY:
	case DBHEAP_LIMIT_CHUNK:
	case DBHEAP_LIMIT_NODE:
		dbheap_text_add(text, " needs ");
		dbheap_limit_add(text, conflict->limit, conflict->wanted);
		break;
	default:
		dbheap_text_add(text, " has a limit newer than this library");
		break;
	}
}

/* Address bits of a value that is all ones from bit 0 on. */
static unsigned int address_bits(uint64_t last)
{
	unsigned int bits = 0;

	for (; last; last >>= 1)
		bits++;
	return bits;
}

static void explain_first_map(struct dbheap_text *text,
			      const struct dmabuf_heap_conflict *conflict)
{
	dbheap_text_add(text, " when ");
	dbheap_first_map_add(text, conflict->first_map, conflict->first_map_by,
			     conflict->first_map_ns);
}

/* "; the buffer's memory, allocated when card0 mapped it 3.2 s ago, ": what it is like */
static void explain_memory(struct dbheap_text *text,
			   const struct dmabuf_heap_conflict *conflict)
{
	dbheap_text_add(text, "; the buffer's memory, allocated");
	explain_first_map(text, conflict);
	dbheap_text_add(text, ", ");
}

static void explain_high_memory(struct dbheap_text *text,
				const struct dmabuf_heap_conflict *conflict)
{
	explain_memory(text, conflict);
	dbheap_text_add(text, "reaches %u address bits",
			address_bits(conflict->found));
	if (conflict->found < UINT64_MAX) {
		dbheap_text_add(text, " (up to ");
		dbheap_text_add_bytes(text, conflict->found + 1);
		dbheap_text_add(text, ")");
	}
}

static void explain_busy(struct dbheap_text *text,
			 const struct dmabuf_heap_conflict *conflict)
{
	explain_needs(text, conflict);
	switch (conflict->limit) {
	case DBHEAP_LIMIT_CONTIGUOUS:
		dbheap_text_add(text, "; the buffer was allocated in %llu run%s",
				(unsigned long long)conflict->runs,
				conflict->runs == 1 ? "" : "s");
		explain_first_map(text, conflict);
		break;
	case DBHEAP_LIMIT_MAX_ADDR:
		explain_high_memory(text, conflict);
		break;
	case DBHEAP_LIMIT_MAX_SEGMENTS:
		explain_memory(text, conflict);
		dbheap_text_add(text, "would be cut into %llu",
				(unsigned long long)conflict->found);
		break;
	case DBHEAP_LIMIT_ALIGNMENT:
		explain_memory(text, conflict);
		dbheap_text_add(text, "is ");
		dbheap_limit_add(text, conflict->limit, conflict->found);
		break;
	default:
		dbheap_text_add(text, "; the buffer was allocated otherwise");
		explain_first_map(text, conflict);
		break;
	}
}

static void explain_low_memory(struct dbheap_text *text,
			       const struct dmabuf_heap_conflict *conflict)
{
	explain_needs(text, conflict);
	if (!conflict->wanted) {
		dbheap_text_add(text, ", and a shared buffer can't bounce");
		return;
	}
	dbheap_text_add(text, ", where this machine can give ");
	if (conflict->found)
		dbheap_text_add_bytes(text, conflict->found);
	else
		dbheap_text_add(text, "none");
	dbheap_text_add(text, " and the buffer takes ");
	dbheap_text_add_bytes(text, conflict->length);
}

static void explain_segments(struct dbheap_text *text,
			     const struct dmabuf_heap_conflict *conflict)
{
	explain_needs(text, conflict);
	dbheap_text_add(text, ", and its ");
	dbheap_text_add_bytes(text, conflict->length);
	dbheap_text_add(text, " make at least %llu on this machine",
			(unsigned long long)conflict->found);
}

static void explain_alignment(struct dbheap_text *text,
			      const struct dmabuf_heap_conflict *conflict)
{
	explain_needs(text, conflict);
	dbheap_text_add(text, ", and this machine can align to ");
	dbheap_text_add_bytes(text, conflict->found);
	dbheap_text_add(text, " at most");
}

static void explain_impossible(struct dbheap_text *text,
			       const struct dmabuf_heap_conflict *conflict)
{
	switch (conflict->limit) {
	case DBHEAP_LIMIT_CONTIGUOUS:
		dbheap_text_add(text, " needs ");
		dbheap_text_add_bytes(text, conflict->wanted);
		dbheap_text_add(text, " of contiguous memory, and this ");
		dbheap_text_add(text, "machine's largest block is ");
		dbheap_text_add_bytes(text, conflict->found);
		break;
	case DBHEAP_LIMIT_MAX_ADDR:
		explain_low_memory(text, conflict);
		break;
	case DBHEAP_LIMIT_MAX_SEGMENTS:
		explain_segments(text, conflict);
		break;
	case DBHEAP_LIMIT_ALIGNMENT:
		explain_alignment(text, conflict);
		break;
	default:
		explain_needs(text, conflict);
		dbheap_text_add(text, ", which no memory of this machine meets");
		break;
	}
}

DBHEAP_API size_t
dmabuf_heap_conflict_explain(const struct dmabuf_heap_conflict *conflict,
			     const char *node, char *text, size_t size)
{
	struct dbheap_text to;

	dbheap_text_begin(&to, text, size);
	if (conflict->error == EPERM)
		dbheap_text_add(&to, "the buffer is sealed, and ");
	dbheap_who_add(&to, conflict->device, conflict->label, node);
	if (conflict->error == EPERM)
		dbheap_text_add(&to, " was not attached before");
	else if (conflict->error == EBUSY)
		explain_busy(&to, conflict);
	else
		explain_impossible(&to, conflict);
	return to.length;
}
