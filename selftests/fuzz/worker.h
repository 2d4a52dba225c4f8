/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A worker: one thread that makes calls. It reads the numbers of the call that it
 * is at one after the other, each a choice: worker_below() and what builds on it.
 *
 * The threads of a process share its slots: fds, ids and handles that calls made
 * and other calls use, without a lock, so that an fd may be closed, and its number
 * be another file's, while a call uses it. Windows are addresses where the process
 * maps buffers; nothing else ever lies there.
 *
 * Functions that make a system call return what it returned, or -errno.
 */
#ifndef WORKER_H
#define WORKER_H

#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define SLOTS		16
#define WINDOWS		4
#define WINDOW_PAGES	4096	/* apart */
#define PLACE_ROOM	(64 * 1024)

/* Kinds of slots. */
enum slot_kind {
	SLOT_HEAP,		/* fds of /dev/dmabuf-heap */
	SLOT_BUFFER,
	SLOT_VIDEO,
	SLOT_DRM,
	SLOT_MAPPER,
	SLOT_OTHER,		/* fds of devices, folders and other things */
	SLOT_SYNC,		/* of sync files */
	SLOT_KINDS
};

/* What one process has; made before its threads. */
struct process {
	unsigned int number;
	int socket[2];		/* shared by all processes: fds travel from 0 to 1 */
	bool may_unbind;
	bool is_alone;		/* the only thread of the only process */
	char *shared;		/* two pages that all threads write */
	atomic_int fds[SLOT_KINDS][SLOTS];
	atomic_uint handles[SLOTS];	/* of imports, for DRM */
	atomic_ullong ids[SLOTS];	/* of attachments */
	atomic_ullong buffers[SLOTS];	/* ids */
};

struct worker {
	struct process *process;
	const __u16 *words;
	unsigned int at;	/* next word */
	__u64 trace;		/* hash of all choices made */
	int fail_nth;		/* fd of that file of this thread, or -1 */
	bool is_failing;	/* the call that is being made */
	char *arena;		/* PLACE_ROOM bytes, then a page that is not there */
	char *constant;		/* a page that can't be written, then one not there */
	size_t used;		/* bytes of the arena, by this call */
	sigjmp_buf escape;
	atomic_int is_guarded;
};

/* 0 or -errno. */
int process_init(struct process *process, unsigned int number, const int *socket);
int worker_init(struct worker *worker, struct process *process);

/* Signals of bad accesses end worker_copy(), and elsewhere the process. */
void worker_catch_faults(struct worker *worker);

/* The next choice: below @limit; true once in @times; one of a table. */
__u32 worker_below(struct worker *worker, __u32 limit);
bool worker_once_in(struct worker *worker, __u32 times);
__u64 worker_number(struct worker *worker);	/* of any size, mostly odd ones */
#define worker_one_of(worker, table) \
	((table)[worker_below(worker, sizeof(table) / sizeof(*(table)))])

/* An fd of a slot of that kind, now and then of any kind, or one that is bad. */
int worker_fd(struct worker *worker, enum slot_kind kind);

/* Puts an fd, if it is one, into a slot; closes what was there. Returns @fd. */
int worker_keep(struct worker *worker, enum slot_kind kind, int fd);

/* Closes a slot's fd. */
int worker_drop(struct worker *worker, enum slot_kind kind);

/*
 * Where a struct of @size bytes goes that the kernel will read and write: often
 * in order, now and then in memory that isn't there, or not all of it, can't be
 * written, is changed by other threads, or is a buffer's own. @is_own (may be
 * NULL): nobody but the caller and the kernel touches it.
 */
void *worker_place(struct worker *worker, size_t size, bool *is_own);

/* Copies that may hit anything. 0 or -EFAULT. */
int worker_copy(struct worker *worker, void *to, const void *from, size_t size);

/* The start of a window, or a page in it. */
char *worker_window(struct worker *worker);
char *worker_window_page(struct worker *worker);

/* Has the kernel fail the nth allocation of the next call, now and then. */
void worker_fail_begin(struct worker *worker);
void worker_fail_end(struct worker *worker);

#endif /* WORKER_H */
