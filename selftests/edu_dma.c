// SPDX-License-Identifier: GPL-2.0
/*
 * What tests have the edu device do: see edu_dma.h.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "edu_dma.h"
#include "heap.h"

int edu_call(int fd, unsigned long call, void *arg)
{
	return ioctl(fd, call, arg) ? -errno : 0;
}

/* Every byte says where it is and which run it belongs to. */
static unsigned char pattern(__u64 offset, unsigned char seed)
{
	return seed + offset + (offset >> 8) * 7 + (offset >> 16) * 31;
}

void edu_pattern_fill(unsigned char *bytes, __u64 offset, __u64 length, unsigned char seed)
{
	__u64 i;

	for (i = 0; i < length; i++)
		bytes[i] = pattern(offset + i, seed);
}

bool edu_pattern_is(const unsigned char *bytes, __u64 offset, __u64 length,
		    unsigned char seed)
{
	__u64 i;

	for (i = 0; i < length; i++)
		if (bytes[i] != pattern(offset + i, seed))
			return false;
	return true;
}

int edu_dma(int fd, unsigned long call, __u64 offset, void *data, __u32 length)
{
	struct edu_dma dma = {
		.offset = offset,
		.data = (uintptr_t)data,
		.length = length,
	};
	int rc = edu_call(fd, call, &dma);

	return rc ? rc : (int)dma.transfers;
}

int edu_reads(int fd, __u64 offset, __u32 length, unsigned char seed)
{
	unsigned char seen[EDU_WINDOW];
	int rc;

	if (length > EDU_WINDOW)
		return -EINVAL;
	rc = edu_dma(fd, EDU_READ, offset, seen, length);
	return rc < 0 || edu_pattern_is(seen, offset, length, seed) ? rc : -EILSEQ;
}

int edu_writes(int fd, __u64 offset, __u32 length, unsigned char seed)
{
	unsigned char bytes[EDU_WINDOW];

	if (length > EDU_WINDOW)
		return -EINVAL;
	edu_pattern_fill(bytes, offset, length, seed);
	return edu_dma(fd, EDU_WRITE, offset, bytes, length);
}

/* One window in one direction; @bytes is the CPU's view of it. */
static int edu_window(int fd, unsigned char *bytes, __u64 offset, __u32 length, __u32 dir)
{
	int rc;

	if (dir == EDU_READS) {
		edu_pattern_fill(bytes, offset, length, 1);
		return edu_reads(fd, offset, length, 1);
	}
	rc = edu_writes(fd, offset, length, 2);
	return rc < 0 || edu_pattern_is(bytes, offset, length, 2) ? rc : -EILSEQ;
}

/* All windows of a mapped buffer. */
static int edu_windows(int fd, int buffer, __u64 length, __u64 step, __u32 dir)
{
	unsigned char *bytes = heap_mmap(buffer, length);
	int most = 0, rc = 0;
	__u64 offset;

	if (!bytes)
		return -errno;
	for (offset = 0; rc >= 0 && offset < length; offset += step) {
		__u32 part = length - offset < EDU_WINDOW ? length - offset : EDU_WINDOW;

		rc = edu_window(fd, bytes + offset, offset, part, dir);
		most = rc > most ? rc : most;
	}
	munmap(bytes, length);
	return rc < 0 ? rc : most;
}

/* A map and an attachment of its own: some exporters allow but one direction for each. */
static int edu_one_way(int fd, int buffer, __u64 length, __u64 step, __u32 dir)
{
	struct edu_map map = { .dir = dir };
	int rc = edu_call(fd, EDU_ATTACH, &buffer);

	if (rc)
		return rc;
	rc = edu_call(fd, EDU_MAP, &map);
	if (!rc) {
		if (map.bytes == length && !map.wrong)
			rc = edu_windows(fd, buffer, length, step, dir);
		else
			rc = -ERANGE;
		edu_call(fd, EDU_UNMAP, NULL);
	}
	edu_call(fd, EDU_DETACH, NULL);
	return rc;
}

int edu_both_ways(int fd, int buffer, __u64 length, __u64 step)
{
	int there = edu_one_way(fd, buffer, length, step, EDU_READS), back;

	if (there < 0)
		return there;
	back = edu_one_way(fd, buffer, length, step, EDU_WRITES);
	return back < 0 || back > there ? back : there;
}
