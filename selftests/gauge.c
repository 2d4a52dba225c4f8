// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel memory by kind: see gauge.h. Values are objects, or pages.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <linux/membarrier.h>

#include "gauge.h"
#include "heap.h"

#define CACHES		"/sys/kernel/slab"
/* Name, objects in use, pages of a slab, slabs. */
#define SLABINFO	"%47s %ld %*u %*u %*u %ld : tunables %*u %*u %*u : slabdata %*u %ld"

#define PAGE_KIB	(HEAP_PAGE / HEAP_KIB)

static int gauge_add(struct gauges *gauges, const char *name, long value)
{
	struct gauge *gauge = &gauges->gauge[gauges->count];

	if (gauges->count == GAUGE_ROOM)
		return -ENOSPC;
	gauges->count++;
	snprintf(gauge->name, sizeof(gauge->name), "%s", name);
	gauge->value = value;
	return 0;
}

long gauges_value(const struct gauges *gauges, const char *name)
{
	int i;

	for (i = 0; i < gauges->count; i++)
		if (!strcmp(gauges->gauge[i].name, name))
			return gauges->gauge[i].value;
	return 0;
}

/* Frees that wait for a grace period, in two turns: some make others wait. */
static void rcu_wait(void)
{
	int i;

	if (!heap_file_write("/sys/module/rcutree/parameters/do_rcu_barrier", "1"))
		return;
	for (i = 0; i < 2; i++) {
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
		usleep(20000);
	}
}

int gauges_open(struct gauge_files *files)
{
	DIR *dir = opendir(CACHES);
	struct dirent *entry;
	char path[320];

	files->count = 0;
	files->slabinfo = open("/proc/slabinfo", O_RDONLY | O_CLOEXEC);
	files->refresh = open("/proc/sys/vm/stat_refresh", O_RDONLY | O_CLOEXEC);
	if (!dir || files->slabinfo < 0)
		return -errno;
	while ((entry = readdir(dir)) && files->count < GAUGE_ROOM) {
		/* A link is another name of a cache that is there as well. */
		if (entry->d_name[0] == '.' || entry->d_type == DT_LNK)
			continue;
		snprintf(path, sizeof(path), CACHES "/%s/shrink", entry->d_name);
		files->shrink[files->count] = open(path, O_WRONLY | O_CLOEXEC);
		if (files->shrink[files->count] >= 0)
			files->count++;
	}
	closedir(dir);
	return files->count ? 0 : -ENOENT;
}

void gauges_close(struct gauge_files *files)
{
	close(files->slabinfo);
	close(files->refresh);
	while (files->count)
		close(files->shrink[--files->count]);
}

/*
 * What each CPU keeps of each cache goes back to it, to be counted as free. The
 * kernel copies what is written: let that be so much that it comes from the cache
 * with the fewest objects in a slab.
 */
static void caches_shrink(const struct gauge_files *files)
{
	char text[HEAP_PAGE - 1];
	int i;

	memset(text, ' ', sizeof(text));
	text[0] = '1';
	for (i = 0; i < files->count; i++)
		if (write(files->shrink[i], text, sizeof(text)) < 0)
			continue;
	/* Reading this folds what each CPU has counted for itself. */
	if (pread(files->refresh, text, sizeof(text), 0))
		text[0] = 0;
}

int gauges_settle(const struct gauge_files *files)
{
	int rc;

	/* 4: from now on without a line in the log; 2: slab objects that can be had back. */
	heap_file_write("/proc/sys/vm/drop_caches", "4");
	rc = heap_file_write("/proc/sys/vm/drop_caches", "2");
	rcu_wait();
	caches_shrink(files);
	return rc;
}

/* Areas that vfree() has left for the kernel to take down when there are enough. */
static long read_lazy_areas(void)
{
	FILE *file = fopen("/proc/vmallocinfo", "re");
	char line[512];
	long count = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		count += !!strstr(line, "unpurged vm_area");
	fclose(file);
	return count;
}

/* Objects by cache; returns the pages of all caches, or -errno. */
static long read_caches(const struct gauge_files *files, struct gauges *gauges)
{
	static char text[128 * 1024];
	long active, slabs, per_slab, pages = 0;
	size_t length = 0;
	char *line, *rest = text, name[48];
	ssize_t part;

	do {
		part = pread(files->slabinfo, text + length, sizeof(text) - 1 - length, length);
		length += part > 0 ? part : 0;
	} while (part > 0);
	if (part < 0)
		return -errno;
	text[length] = 0;
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, SLABINFO, name, &active, &per_slab, &slabs) != 4)
			continue;
		pages += slabs * per_slab;
		if (!strcmp(name, "vmap_area"))
			active -= read_lazy_areas();
		if (gauge_add(gauges, name, active))
			return -ENOSPC;
	}
	return pages;
}

/* The free pages that each CPU keeps for itself. */
static long read_cpu_lists(void)
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	long count, pages = 0;
	char line[256];

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %ld", &count) == 1)
			pages += count;
	fclose(file);
	return pages;
}

/* Sums lines "NAME VALUE"; one that this kernel doesn't have counts nothing. */
static long read_fields(const char *path, const char * const *names)
{
	__u64 value;
	long sum = 0;

	for (; *names; names++) {
		value = heap_file_field(path, *names);
		if (value != -1ULL)
			sum += value;
	}
	return sum;
}

static long vmstat_pages(const char *name)
{
	const char * const names[] = { name, NULL };

	return read_fields("/proc/vmstat", names);
}

static long meminfo_pages(const char *name)
{
	const char * const names[] = { name, NULL };

	return read_fields("/proc/meminfo", names) / PAGE_KIB;
}

int gauges_read(const struct gauge_files *files, struct gauges *gauges)
{
	static const char * const users[] = {
		"nr_file_pages", "nr_anon_pages", "nr_page_table_pages",
		"nr_sec_page_table_pages", NULL
	};
	long slab, caches, percpu, vmalloc, rest;

	gauges->count = 0;
	caches = read_caches(files, gauges);
	if (caches < 0)
		return caches;
	slab = vmstat_pages("nr_slab_reclaimable") + vmstat_pages("nr_slab_unreclaimable");
	percpu = meminfo_pages("Percpu");
	vmalloc = meminfo_pages("VmallocUsed");
	rest = meminfo_pages("MemTotal") - vmstat_pages("nr_free_pages") - read_cpu_lists() -
	       slab - percpu - vmalloc - read_fields("/proc/vmstat", users);
	return gauge_add(gauges, "pages of large kmallocs", slab - caches) ?:
	       gauge_add(gauges, "pages per CPU", percpu) ?:
	       gauge_add(gauges, "pages by vmalloc", vmalloc) ?:
	       gauge_add(gauges, "pages of page tables", vmstat_pages("nr_page_table_pages")) ?:
	       gauge_add(gauges, "pages of kernel stacks", meminfo_pages("KernelStack")) ?:
	       gauge_add(gauges, GAUGE_LOST, rest) ?:
	       gauge_add(gauges, "cgroups that can't go",
			 heap_file_field("/sys/fs/cgroup/cgroup.stat", "nr_dying_descendants"));
}
