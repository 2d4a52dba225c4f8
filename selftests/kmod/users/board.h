/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kmod/users/board: a platform, as a board's own module would be: it has a device,
 * /dev/dmabuf-board whose files are that device's, and further limits for devices of a
 * name. What it says is in its parameters, in /sys/module/board/parameters/:
 *
 * device	how the names of the devices begin that it limits; when loaded
 * claim	a class whose nodes it says are its own device's too; when loaded
 * max_addr, align, chunk, node	the limits: bytes; 0, and -1 for node, for none
 * flags	of its answers for files
 * error	positive errno of its answers for files
 * delay	milliseconds that it takes for any answer
 * asked	how often it was asked for any
 */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_MODULE	"board"
#define BOARD_NODE	"dmabuf-board"

#endif /* BOARD_H */
