/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The administrator's limits as tests set them, through the module's parameters,
 * and ways to come up against them. Amounts are bytes, but for buffers, which are
 * counted; functions return 0, or an fd where it says so, or -errno.
 */
#ifndef QUOTAS_H
#define QUOTAS_H

#include <stdbool.h>
#include <linux/types.h>

enum quota {
	USER_BUFFERS,
	USER_BYTES,
	USER_SCARCE,
	TOTAL_BUFFERS,
	TOTAL_BYTES,
	TOTAL_SCARCE,
	QUOTAS
};

#define QUOTA_MAX	-1ULL	/* no limit */

/* What the limits were. */
struct quotas {
	__u64 was[QUOTAS];
};

int quotas_save(struct quotas *quotas);
int quotas_restore(const struct quotas *quotas);

__u64 quota_get(enum quota quota);
int quota_set(enum quota quota, __u64 limit);
/* Whatever text. */
int quota_write(enum quota quota, const char *text);

/* What one buffer of quota_take() counts. */
__u64 quota_unit(enum quota quota);

/* Uses one unit: an fd of a buffer. */
int quota_take(int heap, enum quota quota);

/* A buffer of @length that must lie below 4 GiB, without memory: an fd. */
int quota_low_buffer(int heap, __u64 length);

/* Bytes of the kernel's zones that end at or below 4 GiB. */
__u64 quota_low_memory(void);

/* Whether there is memory above, without which what is below isn't scarce. */
bool quota_low_is_scarce(void);

#endif /* QUOTAS_H */
