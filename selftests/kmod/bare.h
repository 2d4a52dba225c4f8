/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/dmabuf-bare makes dma-bufs that have no memory and never will: what is
 * left of a buffer when all that the heap adds is taken away. Its one call takes
 * a length in bytes and returns an fd.
 */
#ifndef BARE_H
#define BARE_H

#include <linux/ioctl.h>

#define BARE_NODE	"dmabuf-bare"
#define BARE_CREATE	_IO(0xBE, 0xff)

#endif /* BARE_H */
