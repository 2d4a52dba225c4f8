/* SPDX-License-Identifier: MIT */
/*
 * What to leave out of a plan that can't be served as a whole.
 */
#ifndef DBHEAP_SEARCH_H
#define DBHEAP_SEARCH_H

#include "question.h"

/*
 * Each entry without which alone all others can be served. 0 or a negative errno,
 * as of all functions here.
 */
int dbheap_search_singles(const struct dmabuf_heap_plan *plan,
			  struct dbheap_plan_set *singles);

/*
 * A smallest set of at least two entries without which all others can be served;
 * *@is_least is false when the search was given up for just any set that does.
 */
int dbheap_search_several(const struct dmabuf_heap_plan *plan,
			  struct dbheap_plan_set *out, bool *is_least);

#endif /* DBHEAP_SEARCH_H */
