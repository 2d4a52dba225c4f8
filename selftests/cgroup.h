/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory cgroups for tests: groups below the root, and what the kernel charges
 * to them. Amounts are bytes; functions return 0 or -errno.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <linux/types.h>

int cgroup_create(const char *group);
int cgroup_remove(const char *group);

/* This process goes into the group; NULL for the root, where nothing is limited. */
int cgroup_enter(const char *group);

/* The limit of the group, -1ULL for none. */
int cgroup_limit(const char *group, __u64 bytes);

/* What is charged to it now; exact but for some 256 KiB for each CPU. */
__u64 cgroup_charged(const char *group);

/* Tasks that the kernel has killed there for lack of memory. */
__u64 cgroup_killed(const char *group);

#endif /* CGROUP_H */
