// SPDX-License-Identifier: GPL-2.0
/*
 * Memory cgroups, version 2, by their files: see cgroup.h.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "heap.h"

#define ROOT	"/sys/fs/cgroup/"

static void group_path(char *path, int room, const char *group, const char *file)
{
	snprintf(path, room, ROOT "%s%s%s", group ? group : "", group ? "/" : "", file);
}

int cgroup_create(const char *group)
{
	int rc = heap_file_write(ROOT "cgroup.subtree_control", "+memory");
	char path[128];

	group_path(path, sizeof(path), group, "");
	if (!rc && mkdir(path, 0700))
		rc = -errno;
	return rc;
}

int cgroup_remove(const char *group)
{
	char path[128];

	group_path(path, sizeof(path), group, "");
	return rmdir(path) ? -errno : 0;
}

int cgroup_enter(const char *group)
{
	char path[128];

	group_path(path, sizeof(path), group, "cgroup.procs");
	return heap_file_write(path, "0");
}

int cgroup_limit(const char *group, __u64 bytes)
{
	char path[128], text[32] = "max";

	group_path(path, sizeof(path), group, "memory.max");
	if (bytes != -1ULL)
		snprintf(text, sizeof(text), "%llu", bytes);
	return heap_file_write(path, text);
}

__u64 cgroup_charged(const char *group)
{
	char path[128];

	group_path(path, sizeof(path), group, "memory.current");
	return heap_file_number(path);
}

__u64 cgroup_killed(const char *group)
{
	char path[128];

	group_path(path, sizeof(path), group, "memory.events");
	return heap_file_field(path, "oom_kill");
}
