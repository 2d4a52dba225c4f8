// SPDX-License-Identifier: GPL-2.0
/*
 * other COMMAND...: runs a command with a dma-buf of another exporter, 16 KiB long and
 * called "of another", as DMABUF_FD.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/ioctl.h>

#include <linux/dma-buf.h>

#include "../device.h"

int main(int argc, char **argv)
{
	int buffer = device_foreign_buffer();
	char number[16];

	if (argc < 2)
		error(2, 0, "usage: other COMMAND...");
	if (buffer < 0)
		error(1, 0, "no dma-buf of vgem");
	if (ioctl(buffer, DMA_BUF_SET_NAME_B, "of another"))
		error(1, errno, "no name");
	/* Not to be closed by exec. */
	buffer = dup(buffer);
	snprintf(number, sizeof(number), "%d", buffer);
	setenv("DMABUF_FD", number, 1);
	execvp(argv[1], argv + 1);
	error(127, errno, "no program %s", argv[1]);
}
