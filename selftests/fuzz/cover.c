// SPDX-License-Identifier: GPL-2.0
/*
 * Coverage by KCOV: see cover.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/kcov.h>

#include "cover.h"

#define TRACE_WORDS	(256 * 1024UL)	/* of all code of the kernel, for one call */

void cover_locate(struct cover *cover)
{
	unsigned long long start, size;
	char line[512], name[64];
	FILE *file = fopen("/proc/modules", "re");

	cover->start = 0;
	cover->size = 0;
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %llu %*s %*s %*s %llx", name, &size, &start) != 3 ||
		    strcmp(name, "dmabuf_heap"))
			continue;
		cover->start = start;
		cover->size = size < COVER_ROOM ? size : COVER_ROOM;
	}
	fclose(file);
}

void trace_open(struct trace *trace)
{
	void *map;

	trace->fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (trace->fd < 0)
		return;
	if (!ioctl(trace->fd, KCOV_INIT_TRACE, TRACE_WORDS)) {
		map = mmap(NULL, TRACE_WORDS * sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED,
			   trace->fd, 0);
		trace->pcs = map;
		if (map != MAP_FAILED)
			return;
	}
	close(trace->fd);
	trace->fd = -1;
}

void trace_start(struct trace *trace)
{
	if (trace->fd >= 0 && ioctl(trace->fd, KCOV_ENABLE, KCOV_TRACE_PC))
		trace->fd = -1;
}

void trace_clear(struct trace *trace)
{
	if (trace->fd >= 0)
		__atomic_store_n(trace->pcs, 0, __ATOMIC_RELAXED);
}

bool trace_collect(struct trace *trace, struct cover *cover)
{
	unsigned long count, i;
	bool is_new = false;

	if (trace->fd < 0)
		return false;
	count = __atomic_load_n(trace->pcs, __ATOMIC_RELAXED);
	for (i = 1; i <= count && i < TRACE_WORDS; i++) {
		__u64 place = trace->pcs[i] - cover->start;

		if (place >= cover->size || atomic_load_explicit(&cover->seen[place],
								 memory_order_relaxed))
			continue;
		if (!atomic_exchange(&cover->seen[place], 1)) {
			atomic_fetch_add(&cover->places, 1);
			is_new = true;
		}
	}
	return is_new;
}
