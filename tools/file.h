/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that the program writes: whole, or not at all.
 */
#ifndef DMABUF_CTL_FILE_H
#define DMABUF_CTL_FILE_H

#include <stddef.h>

/**
 * file_write() - write all bytes to an open file
 * @fd: the file
 * @data: the bytes
 * @size: how many
 *
 * Return: 0 or a negative errno.
 */
int file_write(int fd, const void *data, size_t size);

/**
 * file_replace() - write a file
 * @path: its name. A plain file that is there is replaced when the new one is
 *	complete, and stays after an error; a device or a pipe is written to.
 * @data: what will be in it
 * @size: bytes at @data
 *
 * Return: 0 or a negative errno.
 */
int file_replace(const char *path, const void *data, size_t size);

#endif
