/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests have the edu device do, by way of kmod/edu: real DMA at windows of a buffer
 * that it is attached to, with bytes that say where they belong. Lengths and offsets are
 * in bytes. Functions return 0 or -errno unless they say otherwise.
 */
#ifndef EDU_DMA_H
#define EDU_DMA_H

#include <stdbool.h>

#include "kmod/edu.h"

/* A map's direction, as in the kernel's enum dma_data_direction. */
enum { EDU_BOTH_WAYS, EDU_READS, EDU_WRITES };

/* Any call of the device. */
int edu_call(int fd, unsigned long call, void *arg);

/*
 * The bytes that belong at @offset of a buffer. Each @seed gives others, and so does each
 * page.
 */
void edu_pattern_fill(unsigned char *bytes, __u64 offset, __u64 length, unsigned char seed);
bool edu_pattern_is(const unsigned char *bytes, __u64 offset, __u64 length,
		    unsigned char seed);

/*
 * EDU_READ or EDU_WRITE, in a map of the caller's. Returns the transfers between buffer
 * and device that it took: one for each segment.
 */
int edu_dma(int fd, unsigned long call, __u64 offset, void *data, __u32 length);

/* The device reads the pattern; -EILSEQ if it reads anything else. Returns as edu_dma(). */
int edu_reads(int fd, __u64 offset, __u32 length, unsigned char seed);

/* The device writes the pattern. Returns as edu_dma(). */
int edu_writes(int fd, __u64 offset, __u32 length, unsigned char seed);

/*
 * At windows @step apart: in one map the CPU writes and the device reads, in the next the
 * device writes and the CPU reads. Between the one's use of the bytes and the other's
 * there is no sync call, because the memory is the very same. Attaches and maps by
 * itself, before the CPU does. Returns the most transfers that one window took; -EILSEQ
 * for wrong bytes, -ERANGE for a map that isn't of @length or out of reach.
 */
int edu_both_ways(int fd, int buffer, __u64 length, __u64 step);

#endif /* EDU_DMA_H */
