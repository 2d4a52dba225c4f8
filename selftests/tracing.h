/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One of the kernel's trace events, counted. In the trace buffer that everybody shares:
 * an instance of one's own takes a debug kernel many seconds to make.
 *
 * @event is "swiotlb/swiotlb_bounced", for one. Functions return 0 or -errno unless they
 * say otherwise.
 */
#ifndef TRACING_H
#define TRACING_H

#include <stdbool.h>
#include <linux/types.h>

/*
 * Whether the kernel records the names of the tasks that events are of, as it does by
 * default. To do so it patches its scheduler: an emulated machine of several CPUs doesn't
 * always survive it. Instances are born with what holds then.
 */
int tracing_names(bool on);

/*
 * Record the event where its fields are as @filter says, in the kernel's own syntax.
 * -ENOENT when the kernel has no such event.
 */
int tracing_start(const char *event, const char *filter);

/* Forget what has been recorded. */
int tracing_clear(void);

/*
 * The sum of the decimal numbers that the recorded events show as "@field=". -1ULL when
 * some were lost, when one has no such field, or when the record can't be read.
 */
__u64 tracing_sum(const char *event, const char *field);

/* No longer record the event, and forget. */
int tracing_stop(const char *event);

#endif /* TRACING_H */
