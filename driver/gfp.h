/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How this module asks for memory of its own: records, tables, arrays. Charged to
 * the active memory cgroup, which is the buffer's creator's. RETRY_MAYFAIL makes
 * a cgroup at its limit an ENOMEM for whoever asks; without it, a small
 * allocation would kill a task of that cgroup instead.
 */
#ifndef _DMABUF_HEAP_GFP_H
#define _DMABUF_HEAP_GFP_H

#include <linux/gfp.h>

#define HEAP_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

#endif /* _DMABUF_HEAP_GFP_H */
