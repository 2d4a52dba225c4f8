/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/dmabuf-bare makes dma-bufs that have no memory and never will: what is
 * left of a buffer when all that the heap adds is taken away. BARE_CREATE takes a
 * length in bytes and returns an fd. BARE_SETTLE waits until what the kernel frees
 * later (RCU) is freed, so that whoever is measured next doesn't do it for others.
 */
#ifndef BARE_H
#define BARE_H

#include <linux/ioctl.h>

#define BARE_NODE	"dmabuf-bare"
#define BARE_CREATE	_IO(0xBE, 0xff)
#define BARE_SETTLE	_IO(0xBE, 0xfe)

#endif /* BARE_H */
