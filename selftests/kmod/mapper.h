/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/dmabuf-mapper: an importer with limits of one's choice. Each open file is
 * a device of its own, which attaches to one dma-buf and maps it once at a time.
 * What it holds goes with the file.
 */
#ifndef MAPPER_H
#define MAPPER_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MAPPER_NODE	"dmabuf-mapper"

/*
 * struct mapper_limits - what the device can reach from now on
 * @mask: highest DMA address; 0 for a device that does no DMA
 * @boundary: a segment must not cross a multiple of this plus one
 * @max_segment: bytes of the largest segment
 */
struct mapper_limits {
	__aligned_u64 mask;
	__aligned_u64 boundary;
	__u32 max_segment;
	__u32 __reserved;
};

/*
 * struct mapper_map - a device map
 * @dir: enum dma_data_direction: 0 both, 1 the device reads, 2 it writes
 * @segments: set to the number of segments
 * @bytes: set to the bytes in all of them
 * @largest: set to the bytes of the largest
 * @wrong: set to how many segments break a limit of the device
 */
struct mapper_map {
	__u32 dir;
	__u32 segments;
	__aligned_u64 bytes;
	__aligned_u64 largest;
	__aligned_u64 wrong;
};

/*
 * struct mapper_read - bytes as the device would read them, segment by segment
 * @offset: of the first byte
 * @data: pointer to room for them
 * @length: bytes, at most a page
 * @__reserved: 0
 */
struct mapper_read {
	__aligned_u64 offset;
	__aligned_u64 data;
	__u32 length;
	__u32 __reserved;
};

#define MAPPER_LIMIT	_IOW(0xBE, 0xe0, struct mapper_limits)
#define MAPPER_ATTACH	_IOW(0xBE, 0xe1, int)
#define MAPPER_DETACH	_IO(0xBE, 0xe2)
#define MAPPER_MAP	_IOWR(0xBE, 0xe3, struct mapper_map)
#define MAPPER_UNMAP	_IO(0xBE, 0xe4)
#define MAPPER_READ	_IOW(0xBE, 0xe5, struct mapper_read)

#endif /* MAPPER_H */
