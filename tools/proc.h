/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which processes hold a dma-buf: one walk over /proc finds all of them for all
 * dma-bufs, by fd and by mapping. An inode stands for a dma-buf; for a buffer of
 * dmabuf-heap it is the id.
 *
 * What /proc doesn't show isn't found: fds on their way through a socket, files
 * that io_uring has registered, references of drivers, other pid namespaces.
 */
#ifndef DMABUF_CTL_PROC_H
#define DMABUF_CTL_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROC_PATH		"/proc"
#define HOLDER_COMM_SIZE	16
#define HOLDER_NAME_SIZE	64
#define HOLDER_MAPPING		(-1)	/* in place of an fd */

/* One fd or one mapping. */
struct holder {
	uint64_t inode;
	pid_t pid;
	uid_t uid;		/* effective one of the process */
	pid_t task;		/* thread through which it was found */
	char comm[HOLDER_COMM_SIZE];
	int fd;			/* or HOLDER_MAPPING, for which the next two are */
	uint64_t length;	/* bytes */
	uint64_t offset;	/* of its first byte in the dma-buf */
	bool can_read;
	bool can_write;
	dev_t device;		/* of the inode */
	uint64_t size;		/* of the dma-buf; 0 if this user may not know */
	char name[HOLDER_NAME_SIZE];	/* that the dma-buf was given */
};

/* All of them. */
struct holders;

/**
 * holders_collect() - walk over all processes
 * @root: where proc is mounted
 *
 * Takes time in proportion to the processes, threads, fds and mappings that there
 * are. What ends or is closed on the way may be in the result or not.
 *
 * Return: the holders, to be ended with holders_free(); none, and not complete, when
 * @root can't be read.
 */
struct holders *holders_collect(const char *root);

/**
 * holders_free() - end a walk's result
 * @holders: may be NULL
 */
void holders_free(struct holders *holders);

/**
 * holders_find() - who holds a dma-buf
 * @holders: of holders_collect()
 * @inode: the dma-buf
 * @count: how many there are
 *
 * Return: the first of @count in order of pid, fds before mappings.
 */
const struct holder *holders_find(const struct holders *holders, uint64_t inode,
				  size_t *count);

/**
 * holders_next() - go through all dma-bufs that processes hold
 * @holders: of holders_collect()
 * @inode: the one before, 0 at first; set to the next, by rising number
 *
 * Return: false when there are no more.
 */
bool holders_next(const struct holders *holders, uint64_t *inode);

/**
 * holders_count_processes() - how many processes hold a dma-buf
 * @holders: of holders_collect()
 * @inode: the dma-buf
 *
 * Return: the number.
 */
size_t holders_count_processes(const struct holders *holders, uint64_t inode);

/**
 * holders_is_complete() - whether every process could be looked into
 * @holders: of holders_collect()
 *
 * Return: false when a process was out of bounds for this user, or hidden.
 */
bool holders_is_complete(const struct holders *holders);

/**
 * holders_is_before() - whether the walk began before something happened
 * @holders: of holders_collect()
 * @when: nanoseconds of CLOCK_MONOTONIC
 *
 * Return: true if so: the walk can't tell who holds what was made then.
 */
bool holders_is_before(const struct holders *holders, uint64_t when);

#endif
