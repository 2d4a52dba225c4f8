/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Knobs for tests: what happens rarely on a healthy machine happens on demand. A
 * module that is built without KNOBS=y has none, and no code for them.
 */
#ifndef _DMABUF_HEAP_KNOBS_H
#define _DMABUF_HEAP_KNOBS_H

#include <linux/types.h>

struct list_head;
struct page;

#ifdef DMABUF_HEAP_KNOBS

bool dmabuf_heap_knob_fail(void);
bool dmabuf_heap_knob_scatter(void);
void dmabuf_heap_knob_place(struct page *page, struct list_head *list);
void dmabuf_heap_knob_linger(void);

#else

/* Whether what is about to be asked of the kernel shall fail. */
static inline bool dmabuf_heap_knob_fail(void)
{
	return false;
}

/* Whether scattered memory shall be as scattered as it can be. */
static inline bool dmabuf_heap_knob_scatter(void)
{
	return false;
}

static inline void dmabuf_heap_knob_place(struct page *page, struct list_head *list)
{
}

/* Called between a look and what is done upon it: others come in between if they can. */
static inline void dmabuf_heap_knob_linger(void)
{
}

#endif /* DMABUF_HEAP_KNOBS */

#endif /* _DMABUF_HEAP_KNOBS_H */
