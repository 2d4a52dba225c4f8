// SPDX-License-Identifier: GPL-2.0
/*
 * The test knobs are module parameters. fail_nth counts down with each thing that
 * the process fail_pid makes this module ask of the kernel and that might be
 * refused: memory, an fd, a file, a mapping. The one that it reaches zero with is
 * refused. What is left says whether it came to that. scatter makes scattered
 * memory consist of single pages, none of which follows the one before it. linger is
 * how long it takes from a look to what is done upon it, where a lock must keep others
 * out in between.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "knobs.h"

static DEFINE_SPINLOCK(fail_lock);

static int fail_pid;
module_param(fail_pid, int, 0600);
MODULE_PARM_DESC(fail_pid, "process whose calls fail");

static unsigned int fail_nth;
module_param(fail_nth, uint, 0600);
MODULE_PARM_DESC(fail_nth, "which request to the kernel fails, from 1; 0: none");

static bool scatter;
module_param(scatter, bool, 0600);
MODULE_PARM_DESC(scatter, "no two pages of scattered memory adjoin");

static unsigned int linger;
module_param(linger, uint, 0600);
MODULE_PARM_DESC(linger, "microseconds between a look and what is done upon it");

/**
 * dmabuf_heap_knob_fail() - whether a request to the kernel shall fail
 *
 * Context: any task.
 * Return: true for one request after each write to fail_nth.
 */
bool dmabuf_heap_knob_fail(void)
{
	bool fail = false;

	if (current->tgid != READ_ONCE(fail_pid))
		return false;
	spin_lock(&fail_lock);
	if (fail_nth)
		fail = --fail_nth == 0;
	spin_unlock(&fail_lock);
	return fail;
}

/**
 * dmabuf_heap_knob_scatter() - whether memory shall be scattered
 *
 * Return: true if single pages are to be placed by dmabuf_heap_knob_place().
 */
bool dmabuf_heap_knob_scatter(void)
{
	return READ_ONCE(scatter);
}

/**
 * dmabuf_heap_knob_place() - add a page where it doesn't follow its neighbours in memory
 * @page: a single page
 * @list: pages so far, linked by page->lru, in the order of the buffer
 *
 * Pages tend to come in ascending order, so that most end up at the head.
 */
void dmabuf_heap_knob_place(struct page *page, struct list_head *list)
{
	struct page *head, *tail;

	if (list_empty(list)) {
		list_add(&page->lru, list);
		return;
	}
	head = list_first_entry(list, struct page, lru);
	tail = list_last_entry(list, struct page, lru);
	if (page_to_pfn(tail) + 1 != page_to_pfn(page))
		list_add_tail(&page->lru, list);
	else if (page_to_pfn(page) + 1 != page_to_pfn(head))
		list_add(&page->lru, list);
	else
		/* It precedes the head in memory, so it neither follows it nor is it followed. */
		list_add(&page->lru, &head->lru);
}

/**
 * dmabuf_heap_knob_linger() - let others come in between, if they can
 *
 * Context: any; doesn't sleep.
 */
void dmabuf_heap_knob_linger(void)
{
	udelay(min(READ_ONCE(linger), 1000U));
}
