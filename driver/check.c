// SPDX-License-Identifier: GPL-2.0
/*
 * The checks that ioctl.c and api.c share.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "buffer.h"
#include "check.h"
#include "machine.h"

/* A name: ends within its field and has nothing that would break a line. */
static int check_text(const char *text)
{
	size_t i;

	for (i = 0; i < DMABUF_HEAP_NAME_LEN; i++) {
		if (!text[i])
			return 0;
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return -EINVAL;
	}
	return -EINVAL;
}

/**
 * dmabuf_heap_check_create() - whether there can be such a buffer
 * @length: bytes
 * @flags: DMABUF_HEAP_CREATE_*
 * @file_flags: O_RDWR or O_RDONLY, with or without O_CLOEXEC
 * @name: looked at up to DMABUF_HEAP_NAME_LEN or its NUL
 *
 * Return: 0; -EINVAL; -EOPNOTSUPP for a @length above all memory.
 */
int dmabuf_heap_check_create(u64 length, u32 flags, u32 file_flags, const char *name)
{
	u32 access = file_flags & O_ACCMODE;

	if (flags & ~DMABUF_HEAP_CREATE_MOVABLE || !length)
		return -EINVAL;
	if (file_flags & ~(O_ACCMODE | O_CLOEXEC) || (access != O_RDONLY && access != O_RDWR))
		return -EINVAL;
	if (check_text(name))
		return -EINVAL;
	if (length > dmabuf_heap_buffer_max_length())
		return -EOPNOTSUPP;
	return 0;
}

/**
 * dmabuf_heap_check_attach() - whether this can be a declaration
 * @access: DMABUF_HEAP_ACCESS_*
 * @label: looked at up to DMABUF_HEAP_NAME_LEN or its NUL
 * @device: it names a device
 * @requirement: it has a requirement
 *
 * Return: 0; -EINVAL.
 */
int dmabuf_heap_check_attach(u32 access, const char *label, bool device, bool requirement)
{
	const u32 known = DMABUF_HEAP_ACCESS_READ | DMABUF_HEAP_ACCESS_WRITE;

	if (!access || access & ~known)
		return -EINVAL;
	if (!device && !requirement)
		return -EINVAL;
	return check_text(label);
}

/**
 * dmabuf_heap_check_requirement() - take a requirement from a caller
 * @from: what the caller says
 * @limits: filled in
 *
 * Return: 0; -EINVAL for a limit that is unknown or malformed, a node that isn't
 * online, or a field that must be 0 and isn't.
 */
int dmabuf_heap_check_requirement(const struct dmabuf_heap_limits *from,
				  struct heap_limits *limits)
{
	int ret = dmabuf_heap_limits_import(limits, from, PAGE_SIZE);

	if (!ret && dmabuf_heap_limits_has(limits, DMABUF_HEAP_LIMIT_NODE) &&
	    !dmabuf_heap_machine_has_node(limits->value[DMABUF_HEAP_LIMIT_NODE]))
		ret = -EINVAL;
	return ret;
}
