// SPDX-License-Identifier: MIT
/*
 * What to leave out of a plan that can't be served as a whole.
 *
 * Relies on one property of limits: what can't be served can't be served with
 * more entries either. So something of every core must go, a core being entries
 * that can't be served together, but could without any one of them. A core is a
 * conflict between few limits and has few entries, however long the plan.
 */
#include <errno.h>
#include <string.h>

#include "search.h"

/* Buffers to ask before the search is given up. */
#define QUESTIONS_MOST	1000

struct search {
	const struct dmabuf_heap_plan *plan;
	unsigned int questions;
};

static bool search_is_over(const struct search *search)
{
	return search->questions >= QUESTIONS_MOST;
}

static bool set_is_empty(const struct dbheap_plan_set *set)
{
	return !memchr(set->has, true, sizeof(set->has));
}

/* *@refused is the number of entries when all that was asked about is served. */
static int search_ask(struct search *search, const struct dbheap_plan_set *out,
		      const struct dbheap_plan_set *first, size_t end,
		      size_t *refused)
{
	struct dbheap_question question;
	int error;

	dbheap_question_begin(&question, search->plan);
	question.out = *out;
	if (first)
		question.first = *first;
	question.end = end;
	error = dbheap_question_ask(&question);
	*refused = question.refused;
	dbheap_question_end(&question);
	search->questions++;
	return error;
}

/* 1 when all but @out can be served, 0 when not. */
static int search_is_served(struct search *search,
			    const struct dbheap_plan_set *out)
{
	size_t count = search->plan->count, refused;
	int error;

	error = search_ask(search, out, NULL, count, &refused);
	return error ?: refused == count;
}

/*
 * One core of all but @out; empty when they can be served. The first entry that is
 * refused belongs to it, and those before it complete it. With that entry first,
 * the next refusal names the next one, and so on, until what has been found is
 * refused by itself.
 */
static int search_core(struct search *search, const struct dbheap_plan_set *out,
		       struct dbheap_plan_set *core)
{
	size_t count = search->plan->count, end = count, refused;
	int error;

	memset(core, 0, sizeof(*core));
	for (;;) {
		error = search_ask(search, out, core, end, &refused);
		if (error || refused == count || core->has[refused])
			return error;
		core->has[refused] = true;
		end = refused;
	}
}

/*
 * Leaves out at most @most entries more. 1 when that is enough, and @out has them;
 * 0 when not, and @out is as before.
 */
static int search_leave_out(struct search *search, struct dbheap_plan_set *out,
			    unsigned int most)
{
	struct dbheap_plan_set core;
	int found = 0;
	size_t i;

	if (search_is_over(search))
		return 0;
	if (!most)
		return search_is_served(search, out);
	found = search_core(search, out, &core);
	if (found < 0)
		return found;
	if (set_is_empty(&core))
		return 1;
	for (i = 0; i < search->plan->count && !found; i++) {
		if (!core.has[i])
			continue;
		out->has[i] = true;
		found = search_leave_out(search, out, most - 1);
		if (!found)
			out->has[i] = false;
	}
	return found;
}

/* Leaves out each entry that is refused after those before it. */
static int search_take_any(struct search *search, struct dbheap_plan_set *out)
{
	size_t count = search->plan->count, refused;
	int error;

	memset(out, 0, sizeof(*out));
	for (;;) {
		error = search_ask(search, out, NULL, count, &refused);
		if (error || refused == count)
			return error;
		out->has[refused] = true;
	}
}

int dbheap_search_singles(const struct dmabuf_heap_plan *plan,
			  struct dbheap_plan_set *singles)
{
	struct dbheap_plan_set out = { 0 }, core;
	struct search search = { .plan = plan };
	int served;
	size_t i;

	memset(singles, 0, sizeof(*singles));
	served = search_core(&search, &out, &core);
	for (i = 0; i < plan->count && served >= 0; i++) {
		if (!core.has[i])
			continue;
		out.has[i] = true;
		served = search_is_served(&search, &out);
		singles->has[i] = served > 0;
		out.has[i] = false;
	}
	return served < 0 ? served : 0;
}

int dbheap_search_several(const struct dmabuf_heap_plan *plan,
			  struct dbheap_plan_set *out, bool *is_least)
{
	struct search search = { .plan = plan };
	unsigned int most;
	int found = 0;

	memset(out, 0, sizeof(*out));
	for (most = 2; !found && !search_is_over(&search); most++)
		found = search_leave_out(&search, out, most);
	*is_least = found > 0;
	if (!found)
		found = search_take_any(&search, out);
	return found < 0 ? found : 0;
}
