// SPDX-License-Identifier: GPL-2.0
/*
 * What each process holds.
 */
#include <stdlib.h>
#include <string.h>

#include "held.h"
#include "rates.h"
#include "text.h"

enum {
	COL_PID, COL_UID, COL_BUFFERS, COL_SIZE, COL_BACKED, COL_FDS, COL_BY_FD,
	COL_MAPPINGS, COL_BY_MAPPING, COL_RATE, COL_NEW_MAPS, COL_COMMAND,
};

static const struct column columns[] = {
	[COL_PID] = { "PID", COLUMN_NUMBER, "process that holds buffers" },
	[COL_UID] = { "UID", COLUMN_NUMBER, "user that it runs as" },
	[COL_BUFFERS] = { "BUFFERS", COLUMN_NUMBER, "how many it holds" },
	[COL_SIZE] = { "SIZE", COLUMN_BYTES, "their length in all" },
	[COL_BACKED] = { "BACKED", COLUMN_BYTES, "memory behind them" },
	[COL_FDS] = { "FDS", COLUMN_NUMBER, "how many fds hold them" },
	[COL_BY_FD] = { "BY-FD", COLUMN_BYTES, "length of the buffers held by fd" },
	[COL_MAPPINGS] = { "MAPPINGS", COLUMN_NUMBER, "how many mappings hold them" },
	[COL_BY_MAPPING] = { "BY-MAPPING", COLUMN_BYTES,
			     "length of the buffers held by mapping" },
	[COL_RATE] = { "MAPS/S", COLUMN_RATE, "maps of them by devices, per second" },
	[COL_NEW_MAPS] = { "NEW-MAPS", COLUMN_NUMBER,
			   "maps of them by devices since the look before" },
	[COL_COMMAND] = { "COMMAND", COLUMN_TEXT, "name of the process" },
};

const struct layout held_layout = {
	"processes", columns, sizeof(columns) / sizeof(columns[0]),
	"PID,UID,BUFFERS,SIZE,BACKED,BY-FD,BY-MAPPING,MAPS/S,COMMAND",
};

struct process {
	struct process *next;
	pid_t pid;
	uid_t uid;
	char comm[HOLDER_COMM_SIZE];
	uint64_t buffers, size, backed, fds, by_fd, mappings, by_mapping, maps;
};

/* Few processes hold buffers, so a list will do. The last one found is first. */
struct held {
	struct process *first;
};

struct held *held_new(void)
{
	return text_allocate(1, sizeof(struct held));
}

static struct process *process_find(struct held *held, const struct holder *holder)
{
	struct process **place, *process;

	for (place = &held->first; *place; place = &(*place)->next)
		if ((*place)->pid == holder->pid)
			break;
	process = *place;
	if (process) {
		*place = process->next;
	} else {
		process = text_allocate(1, sizeof(*process));
		process->pid = holder->pid;
		process->uid = holder->uid;
		memcpy(process->comm, holder->comm, sizeof(process->comm));
	}
	process->next = held->first;
	held->first = process;
	return process;
}

/* All holders of one process; fds are before mappings. */
static void process_add(struct process *process, const struct holder *holders,
			size_t count, const struct dmabuf_heap_buffer_info *info)
{
	size_t i, fds = 0;

	for (i = 0; i < count; i++)
		fds += holders[i].fd != HOLDER_MAPPING;
	process->buffers++;
	process->size += info->length;
	if (info->state != DBHEAP_UNBACKED)
		process->backed += info->length;
	process->fds += fds;
	process->mappings += count - fds;
	if (fds)
		process->by_fd += info->length;
	if (fds < count)
		process->by_mapping += info->length;
}

void held_add(struct held *held, const struct holders *holders,
	      const struct dmabuf_heap_buffer_info *info, uint64_t maps)
{
	const struct holder *all;
	struct process *process;
	size_t i, end, count;

	all = holders_find(holders, info->id, &count);
	for (i = 0; i < count; i = end) {
		for (end = i + 1; end < count; end++)
			if (all[end].pid != all[i].pid)
				break;
		process = process_find(held, &all[i]);
		process_add(process, all + i, end - i, info);
		process->maps += maps;
	}
}

static void process_fill(struct row *row, const struct process *process,
			 uint64_t span_ns)
{
	row_set_number(row, COL_PID, (uint64_t)process->pid);
	row_set_number(row, COL_UID, process->uid);
	row_set_number(row, COL_BUFFERS, process->buffers);
	row_set_number(row, COL_SIZE, process->size);
	row_set_number(row, COL_BACKED, process->backed);
	row_set_number(row, COL_FDS, process->fds);
	row_set_number(row, COL_BY_FD, process->by_fd);
	row_set_number(row, COL_MAPPINGS, process->mappings);
	row_set_number(row, COL_BY_MAPPING, process->by_mapping);
	row_set_text(row, COL_COMMAND, process->comm);
	if (!span_ns)
		return;
	row_set_number(row, COL_RATE, rate_of(process->maps, span_ns));
	row_set_number(row, COL_NEW_MAPS, process->maps);
}

struct table *held_tabulate(const struct held *held, uint64_t span_ns)
{
	struct table *table = table_new(&held_layout);
	const struct process *process;

	for (process = held->first; process; process = process->next)
		process_fill(table_add(table), process, span_ns);
	return table;
}

void held_free(struct held *held)
{
	struct process *process, *next;

	if (!held)
		return;
	for (process = held->first; process; process = next) {
		next = process->next;
		free(process);
	}
	free(held);
}
