/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Those that make dma-bufs: we, and whom we are compared with. A buffer is an fd
 * and nothing else, whoever made it, so that using and freeing it is the same.
 */
#ifndef PEER_H
#define PEER_H

#include <linux/types.h>

/*
 * struct peer - one exporter
 * @name: for people and for JSON
 * @needs: what a kernel lacks that doesn't have it
 * @open: an fd of it or -errno
 * @create: an fd of a new buffer of @length bytes, or -errno. Does all that a
 *	program has to do for one.
 * @exporter: what @open gave
 */
struct peer {
	const char *name;
	const char *needs;
	int (*open)(void);
	int (*create)(int exporter, __u64 length);
	int exporter;
};

#define PEERS_MAX	4

/* The first two of peers_open()'s, where there are two: the bar is between them. */
#define PEER_OURS	0
#define PEER_HEAP	1

/*
 * Opens those that this kernel has, @most of them, and copies them to @peers: how
 * many. @heap is ours. Where the system heap is missing, @has_heap is false.
 */
int peers_open(int heap, struct peer *peers, int most, bool *has_heap);

void peers_close(struct peer *peers, int count);

#endif /* PEER_H */
