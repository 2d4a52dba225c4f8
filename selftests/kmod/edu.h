/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/dmabuf-edu: QEMU's edu device as an importer that does real DMA, within 28
 * address bits. Its engine copies between memory and a buffer inside the device,
 * which nothing else reads or writes. It attaches to one dma-buf and maps it once
 * at a time; what it holds goes with the file. Only one file can be open, and none
 * of its calls but close does anything once the device is unbound: ENODEV.
 *
 * A transfer takes the device 100 ms, whatever its length.
 */
#ifndef EDU_H
#define EDU_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define EDU_NODE	"dmabuf-edu"

/* The last byte that the device reaches. */
#define EDU_MAX_ADDR	0xfffffffULL

/*
 * Bytes that one EDU_READ or EDU_WRITE can move. The device's buffer has 4096, but to
 * QEMU 7.2 a transfer that ends where it ends is one that goes beyond: QEMU aborts.
 */
#define EDU_WINDOW	4032

/*
 * struct edu_map - a device map
 * @dir: enum dma_data_direction: 0 both, 1 the device reads, 2 it writes
 * @segments: set to the number of segments
 * @bytes: set to the bytes in all of them
 * @wrong: set to how many segments the device can't reach
 */
struct edu_map {
	__u32 dir;
	__u32 segments;
	__aligned_u64 bytes;
	__aligned_u64 wrong;
};

/*
 * struct edu_dma - bytes on their way between the mapped dma-buf and the device
 * @offset: of the first byte in the dma-buf
 * @data: pointer to the caller's bytes. EDU_READ: what the device has read; EDU_WRITE:
 *	what it is to write
 * @length: bytes, 1 to EDU_WINDOW
 * @transfers: set to how many there were between dma-buf and device: one for each
 *	segment that the bytes lie in
 *
 * The caller's bytes go to and from the device by DMA too, by way of memory of the
 * driver's own. A map must allow the direction: else -EINVAL.
 */
struct edu_dma {
	__aligned_u64 offset;
	__aligned_u64 data;
	__u32 length;
	__u32 transfers;
};

#define EDU_ATTACH	_IOW(0xBE, 0xd0, int)
#define EDU_DETACH	_IO(0xBE, 0xd1)
#define EDU_MAP		_IOWR(0xBE, 0xd2, struct edu_map)
#define EDU_UNMAP	_IO(0xBE, 0xd3)
#define EDU_READ	_IOWR(0xBE, 0xd4, struct edu_dma)
#define EDU_WRITE	_IOWR(0xBE, 0xd5, struct edu_dma)

#endif /* EDU_H */
