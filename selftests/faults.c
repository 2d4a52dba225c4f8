// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection on demand: see faults.h. Both ways count in one small file, kept
 * open, as opening it would count too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "faults.h"
#include "heap.h"

#define PARAMETERS	"/sys/module/dmabuf_heap/parameters/"
#define DEBUG		"/sys/kernel/debug/"

/*
 * By default the kernel spares all allocations that may sleep, and single pages. On
 * the other hand it should spare what DMA_API_DEBUG keeps its records in, a tree of
 * radix_tree_node: that is off for good when it gets nothing. So the kernel command
 * line names the caches that may fail (slub_debug=A, in selftests/vm/boot.sh).
 */
static const struct {
	const char *path;
	const char *value;
} kernel_settings[] = {
	{ DEBUG "failslab/ignore-gfp-wait", "N" },
	{ DEBUG "failslab/cache-filter", "Y" },
	{ DEBUG "failslab/verbose", "0" },
	{ DEBUG "fail_page_alloc/ignore-gfp-wait", "N" },
	{ DEBUG "fail_page_alloc/ignore-gfp-highmem", "N" },
	{ DEBUG "fail_page_alloc/min-order", "0" },
	{ DEBUG "fail_page_alloc/verbose", "0" },
};

int faults_kernel_prepare(void)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; !rc && i < sizeof(kernel_settings) / sizeof(*kernel_settings); i++)
		rc = heap_file_write(kernel_settings[i].path, kernel_settings[i].value);
	return rc;
}

static int module_prepare(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	return heap_file_write(PARAMETERS "fail_pid", pid);
}

int faults_open(struct faults *faults, enum faults_way way)
{
	int rc = way == FAULTS_KERNEL ? faults_kernel_prepare() : module_prepare();

	if (rc)
		return rc;
	faults->way = way;
	faults->fd = open(way == FAULTS_KERNEL ? "/proc/thread-self/fail-nth" :
						 PARAMETERS "fail_nth", O_RDWR | O_CLOEXEC);
	return faults->fd < 0 ? -errno : 0;
}

void faults_close(struct faults *faults)
{
	close(faults->fd);
	if (faults->way == FAULTS_MODULE)
		heap_file_write(PARAMETERS "fail_pid", "0");
}

int faults_arm(struct faults *faults, unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	return pwrite(faults->fd, text, length, 0) == length ? 0 : -errno;
}

int faults_disarm(struct faults *faults)
{
	char text[16] = "";

	if (pread(faults->fd, text, sizeof(text) - 1, 0) < 1)
		return -errno;
	return faults_arm(faults, 0) ?: atoi(text);
}
