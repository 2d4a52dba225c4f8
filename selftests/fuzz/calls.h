/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls that a worker can make. Each returns what the kernel did, or -errno.
 */
#ifndef CALLS_H
#define CALLS_H

#include "worker.h"

#define CALLS_MAX	64

/* The calls of /dev/dmabuf-heap are the first so many. */
#define CALLS_OF_HEAP	13

/* How many kinds of calls there are, and their names. */
unsigned int calls_count(void);
const char *calls_name(unsigned int kind);

/* Makes the call that the worker's words say. @kind is set to what it was. */
long calls_make(struct worker *worker, const __u16 *words, unsigned int *kind);

/* calls_heap.c: the nine calls, any other number, and the node itself. */
long call_info(struct worker *worker);
long call_create(struct worker *worker);
long call_attach(struct worker *worker);
long call_detach(struct worker *worker);
long call_commit(struct worker *worker);
long call_seal(struct worker *worker);
long call_query(struct worker *worker);
long call_query_attachments(struct worker *worker);
long call_watch(struct worker *worker);
long call_read_events(struct worker *worker);
long call_poll_events(struct worker *worker);
long call_unknown(struct worker *worker);
long call_open(struct worker *worker);

/* calls_file.c: what any holder of a dma-buf's fd can do with it. */
long call_close(struct worker *worker);
long call_dup(struct worker *worker);
long call_send(struct worker *worker);
long call_receive(struct worker *worker);
long call_poll(struct worker *worker);
long call_sync(struct worker *worker);
long call_set_name(struct worker *worker);
long call_export_fence(struct worker *worker);
long call_import_fence(struct worker *worker);
long call_seek(struct worker *worker);
long call_fdinfo(struct worker *worker);
long call_reopen(struct worker *worker);
long call_fork(struct worker *worker);
long call_foreign(struct worker *worker);

/* calls_memory.c: buffers as memory of a process. */
long call_mmap(struct worker *worker);
long call_munmap(struct worker *worker);
long call_mremap(struct worker *worker);
long call_mprotect(struct worker *worker);
long call_madvise(struct worker *worker);
long call_touch(struct worker *worker);
long call_lock(struct worker *worker);
long call_peek(struct worker *worker);
long call_shared(struct worker *worker);

/* calls_import.c: drivers that take dma-bufs. */
long call_device_open(struct worker *worker);
long call_device_close(struct worker *worker);
long call_prime_import(struct worker *worker);
long call_prime_export(struct worker *worker);
long call_gem_close(struct worker *worker);
long call_gem_map(struct worker *worker);
long call_fence(struct worker *worker);
long call_framebuffer(struct worker *worker);
long call_video_format(struct worker *worker);
long call_video_request(struct worker *worker);
long call_video_queue(struct worker *worker);
long call_video_dequeue(struct worker *worker);
long call_video_stream(struct worker *worker);
long call_mapper_limit(struct worker *worker);
long call_mapper(struct worker *worker);
long call_unbind(struct worker *worker);

#endif /* CALLS_H */
