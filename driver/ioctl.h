/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls of /dev/dmabuf-heap.
 */
#ifndef _DMABUF_HEAP_IOCTL_H
#define _DMABUF_HEAP_IOCTL_H

struct file;

long dmabuf_heap_ioctl(struct file *file, unsigned int cmd, unsigned long user);

#endif /* _DMABUF_HEAP_IOCTL_H */
