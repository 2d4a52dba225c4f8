// SPDX-License-Identifier: GPL-2.0
/*
 * Who keeps a buffer alive, as rows and as facts.
 */
#include <pwd.h>
#include <stdio.h>

#include "attachment.h"
#include "facts.h"
#include "holder.h"
#include "text.h"

#define SUMMARY_SIZE	256
#define MOST_PROCESSES	8	/* that are named one by one */
#define MOST_PLACES	4	/* of each */

enum {
	COL_PID, COL_COMMAND, COL_USER, COL_UID, COL_HOW, COL_FD, COL_LENGTH,
	COL_OFFSET, COL_ACCESS, COL_NODE, COL_DEVICE,
};

static const struct column holder_columns[] = {
	[COL_PID] = { "PID", COLUMN_NUMBER, "process that holds the buffer" },
	[COL_COMMAND] = { "COMMAND", COLUMN_TEXT, "its name" },
	[COL_USER] = { "USER", COLUMN_TEXT, "user that it runs as" },
	[COL_UID] = { "UID", COLUMN_NUMBER, "the same as a number" },
	[COL_HOW] = { "HOW", COLUMN_TEXT,
		      "process: fd or mapping; driver: import or vmap" },
	[COL_FD] = { "FD", COLUMN_NUMBER, "number of the fd" },
	[COL_LENGTH] = { "LENGTH", COLUMN_BYTES,
			 "bytes of the mapping, or that the device maps now" },
	[COL_OFFSET] = { "OFFSET", COLUMN_BYTES,
			 "where in the buffer the mapping begins" },
	[COL_ACCESS] = { "ACCESS", COLUMN_TEXT,
			 "what the fd or mapping allows: r reading, w writing" },
	[COL_NODE] = { "NODE", COLUMN_TEXT,
		       "of an import: node that its device was declared by" },
	[COL_DEVICE] = { "DEVICE", COLUMN_TEXT,
			 "of an import: device, as in /sys/devices" },
};

const struct layout holders_layout = {
	"holders", holder_columns,
	sizeof(holder_columns) / sizeof(holder_columns[0]),
	"PID,COMMAND,USER,HOW,FD,LENGTH,ACCESS,NODE,DEVICE",
};

void holders_warn(const struct holders *holders, const char *what)
{
	if (holders_is_complete(holders))
		return;
	message_error(STATUS_OK,
		      "%s may be missing: not every process could be looked into (root sees all)",
		      what);
}

static void user_write(uid_t uid, char *text, size_t size)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(text, size, "%s", user->pw_name);
	else
		snprintf(text, size, "%u", (unsigned int)uid);
}

static void holder_fill(struct row *row, const struct holder *holder)
{
	char user[SUMMARY_SIZE];
	unsigned int access = (holder->can_read ? DBHEAP_READ : 0) |
			      (holder->can_write ? DBHEAP_WRITE : 0);

	user_write(holder->uid, user, sizeof(user));
	row_set_number(row, COL_PID, (uint64_t)holder->pid);
	row_set_text(row, COL_COMMAND, holder->comm);
	row_set_text(row, COL_USER, user);
	row_set_number(row, COL_UID, holder->uid);
	row_set_text(row, COL_ACCESS, attachment_access_name(access));
	if (holder->fd == HOLDER_MAPPING) {
		row_set_text(row, COL_HOW, "mapping");
		row_set_number(row, COL_LENGTH, holder->length);
		row_set_number(row, COL_OFFSET, holder->offset);
	} else {
		row_set_text(row, COL_HOW, "fd");
		row_set_number(row, COL_FD, (uint64_t)holder->fd);
	}
}

static void import_fill(struct row *row,
			const struct dmabuf_heap_attachment_info *info)
{
	row_set_text(row, COL_HOW, "import");
	row_set_number(row, COL_LENGTH, info->bytes_mapped);
	row_set_text(row, COL_NODE, info->node);
	row_set_text(row, COL_DEVICE, info->device);
}

struct table *holders_tabulate(const struct holders *holders,
			       const struct subject *subject)
{
	const struct dmabuf_heap_attachment_info *info;
	struct table *table = table_new(&holders_layout);
	const struct holder *all;
	size_t i, count;

	all = holders_find(holders, subject->info->id, &count);
	for (i = 0; i < count; i++)
		holder_fill(table_add(table), &all[i]);
	count = dmabuf_heap_attachment_list_count(subject->attachments);
	for (i = 0; i < count; i++) {
		info = dmabuf_heap_attachment_list_get(subject->attachments, i);
		if (info->flags & DBHEAP_ATTACHMENT_IMPORTED)
			import_fill(table_add(table), info);
	}
	/* Drivers that only use the CPU never attach: that is all there is of them. */
	for (i = 0; i < subject->info->vmaps; i++)
		row_set_text(table_add(table), COL_HOW, "vmap");
	return table;
}

/* "fd 5, fd 6, mapping"; all @count are of one process. */
static void places_write(const struct holder *all, size_t count, char *text,
			 size_t size)
{
	char one[TEXT_NUMBER_SIZE] = "mapping";
	size_t i;

	*text = '\0';
	for (i = 0; i < count && i < MOST_PLACES; i++) {
		if (all[i].fd == HOLDER_MAPPING)
			snprintf(one, sizeof(one), "mapping");
		else
			snprintf(one, sizeof(one), "fd %d", all[i].fd);
		text_append(text, size, ", ", one);
	}
	if (count > MOST_PLACES) {
		snprintf(one, sizeof(one), "%zu more", count - MOST_PLACES);
		text_append(text, size, ", ", one);
	}
}

/* How many of the first ones are of the same process. */
static size_t holders_same_process(const struct holder *all, size_t count)
{
	size_t i;

	for (i = 1; i < count; i++)
		if (all[i].pid != all[0].pid)
			break;
	return i;
}

size_t holder_describe_process(const struct holder *all, size_t count, char *text,
			       size_t size)
{
	size_t same = holders_same_process(all, count);

	places_write(all, same, text, size);
	return same;
}

void holders_describe(const struct holders *holders, uint64_t id, char *text, size_t size)
{
	size_t processes = holders_count_processes(holders, id);
	char one[HOLDER_COMM_SIZE + TEXT_NUMBER_SIZE];
	const struct holder *all;
	size_t i, same, count;

	*text = '\0';
	all = holders_find(holders, id, &count);
	for (i = 0; i < processes && i < MOST_PROCESSES; i++) {
		snprintf(one, sizeof(one), "%s (%d)", all[0].comm, all[0].pid);
		text_append(text, size, ", ", one);
		same = holders_same_process(all, count);
		all += same;
		count -= same;
	}
	if (processes > MOST_PROCESSES) {
		snprintf(one, sizeof(one), "%zu more", processes - MOST_PROCESSES);
		text_append(text, size, ", ", one);
	}
}

void holders_print(const struct holders *holders, uint64_t id)
{
	size_t processes = holders_count_processes(holders, id);
	const char *title = "Held by";
	char places[SUMMARY_SIZE];
	const struct holder *all;
	size_t i, same, count;

	all = holders_find(holders, id, &count);
	if (!count)
		facts_print(title, "no process%s", holders_is_complete(holders) ? "" :
			    " in sight; not every one could be looked into");
	for (i = 0; i < processes && i < MOST_PROCESSES; i++) {
		same = holder_describe_process(all, count, places, sizeof(places));
		facts_print(i ? "" : title, "process %d (%s): %s", all[0].pid,
			    all[0].comm, places);
		all += same;
		count -= same;
	}
	if (processes > MOST_PROCESSES)
		facts_print("", "and %zu more", processes - MOST_PROCESSES);
	if (processes && !holders_is_complete(holders))
		facts_print("", "maybe others: not every process could be looked into");
}
