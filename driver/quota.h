/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Quota: what each user's buffers take, what all of them take, and the limits that
 * the administrator sets for either. Amounts are bytes, but for buffers, which are
 * counted. Memory is scarce when it lies below some address because somebody asked
 * for it while the machine has memory above, when it is contiguous beyond the
 * page allocator's largest block, or when it was allocated by range, which no
 * memory cgroup is charged for.
 */
#ifndef _DMABUF_HEAP_QUOTA_H
#define _DMABUF_HEAP_QUOTA_H

#include <linux/types.h>
#include <linux/uidgid.h>

#include "backing.h"
#include "limits.h"

struct heap_quota;

/**
 * struct heap_charge - what a backing is counted as
 * @bytes: all of it
 * @scarce: of these, scarce memory
 */
struct heap_charge {
	u64 bytes;
	u64 scarce;
};

void dmabuf_heap_quota_init(void);
kuid_t dmabuf_heap_quota_payer(void);
int dmabuf_heap_quota_enter(struct heap_quota **user);
void dmabuf_heap_quota_leave(struct heap_quota *user);
int dmabuf_heap_quota_alloc(struct heap_quota *user, struct heap_charge *charge,
			    struct heap_backing *backing, u64 length,
			    const struct heap_merged *merged);
void dmabuf_heap_quota_free(struct heap_quota *user, struct heap_charge *charge,
			    struct heap_backing *backing);

#endif /* _DMABUF_HEAP_QUOTA_H */
