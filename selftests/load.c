// SPDX-License-Identifier: GPL-2.0
/*
 * How much load a load test makes: see load.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "heap.h"
#include "load.h"

#define SECOND	1000000000ULL
#define SPARE	1024	/* fds for everything else */

__u64 load_time(unsigned int seconds)
{
	const char *wish = getenv("LOAD_SECONDS");

	return (wish ? strtoull(wish, NULL, 10) : seconds) * SECOND;
}

long load_count(long count)
{
	return heap_kernel_checks() ? count / 10 : count;
}

int load_fds(long count)
{
	struct rlimit limit = { count + SPARE, count + SPARE };

	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

__u32 load_random(__u32 *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

__u64 load_memory_used(void)
{
	return (heap_file_field("/proc/meminfo", "MemTotal") -
		heap_file_field("/proc/meminfo", "MemFree")) * HEAP_KIB;
}

void *load_shared(__u64 length)
{
	void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}
