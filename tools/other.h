/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system's other dma-bufs, of which the kernel tells only what /proc shows:
 * those of other exporters, and buffers of dmabuf-heap that aren't the user's. One
 * that no process holds isn't seen.
 */
#ifndef DMABUF_CTL_OTHER_H
#define DMABUF_CTL_OTHER_H

#include "proc.h"

#define OTHER_EXPORTER_SIZE	64

struct other {
	uint64_t inode;
	uint64_t size;		/* bytes; 0 if this user may not know */
	char name[HOLDER_NAME_SIZE];
	char exporter[OTHER_EXPORTER_SIZE];	/* empty if only mappings are left */
};

/**
 * other_read() - one more dma-buf
 * @other: written
 * @holders: of holders_collect() with the same @root
 * @root: where proc is mounted
 * @inode: the dma-buf
 *
 * The exporter is asked about now: an fd that was closed meanwhile doesn't count.
 *
 * Return: true if a process has it still, as far as can be told.
 */
bool other_read(struct other *other, const struct holders *holders, const char *root,
		uint64_t inode);

#endif
