/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/dmabuf-mapper: an importer with limits of one's choice. Each open file is
 * a device of its own, a platform device with a driver bound to it, named to
 * ATTACH by its folder /sys/devices/platform/NAME. It attaches to one dma-buf,
 * maps it up to MAPPER_MAPS times, and looks at what it is given by itself. What
 * it holds goes with the file, unless MAPPER_HOLD was said, and with its driver.
 *
 * A device does DMA straight to memory, or by operations of its own
 * (MAPPER_OWN_DMA), which count, fail when told to, and may translate as an IOMMU
 * does (MAPPER_REMAP). Calls fail with EINVAL when they come in the wrong order
 * and with ENODEV while no driver is bound; else with what dma-buf said. Lengths
 * and addresses are in bytes.
 */
#ifndef MAPPER_H
#define MAPPER_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MAPPER_NODE	"dmabuf-mapper"
#define MAPPER_DEVICES	"/sys/devices/platform/"
#define MAPPER_DRIVER	"/sys/bus/platform/drivers/" MAPPER_NODE "/"

/* Maps that a device holds at once. */
#define MAPPER_MAPS	4

/* mapper_limits.flags */
#define MAPPER_CONTIGUOUS (1U << 0) /* addresses must follow each other */
#define MAPPER_ON_NODE	(1U << 1) /* memory must lie on @node */
#define MAPPER_OWN_DMA	(1U << 2) /* DMA operations of its own */
#define MAPPER_REMAP	(1U << 3) /* and addresses; needs MAPPER_OWN_DMA */

/*
 * struct mapper_limits - what the device can reach from now on
 * @mask: highest DMA address; 0 for a device that does no DMA
 * @boundary: a segment must not cross a multiple of this plus one
 * @max_segment: bytes of the largest segment
 * @max_segments: most segments, 0 for any number
 * @bus_limit: highest DMA address that its bus passes on, 0 for any
 * @bus_window: bytes of memory from address 0 on that its bus has an address for,
 *	0 for all
 * @bus_next: address on its bus of as many bytes that follow in memory, 0 for none:
 *	for the heap to read; nothing is mapped there
 * @alignment: a power of two that each segment begins at a multiple of, 0 for
 *	anywhere. For a device whose largest segment, or boundary, is less than that,
 *	it can't be.
 * @node: NUMA node that it is near to
 * @flags: MAPPER_*
 *
 * @max_segments, @alignment, @node and MAPPER_CONTIGUOUS are checked here and known to
 * nobody else. The DMA operations can't change while the device is attached (EBUSY), nor
 * on a kernel that has them for no device (EOPNOTSUPP).
 */
struct mapper_limits {
	__aligned_u64 mask;
	__aligned_u64 boundary;
	__u32 max_segment;
	__u32 max_segments;
	__aligned_u64 bus_limit;
	__aligned_u64 bus_window;
	__aligned_u64 bus_next;
	__aligned_u64 alignment;
	__u32 node;
	__u32 flags;
};

/* mapper_map.broken: bit n for rule n */
enum mapper_rule {
	MAPPER_RULE_MASK,	/* ends above what device and bus reach */
	MAPPER_RULE_LENGTH,	/* longer than the largest segment */
	MAPPER_RULE_BOUNDARY,	/* crosses a boundary */
	MAPPER_RULE_ADJACENT,	/* doesn't begin where the one before ends */
	MAPPER_RULE_COUNT,	/* one too many */
	MAPPER_RULE_NODE,	/* lies on another NUMA node */
	MAPPER_RULE_ALIGN,	/* not made of whole pages */
	MAPPER_RULE_TOTAL,	/* all together aren't as long as the buffer */
	MAPPER_RULE_START,	/* doesn't begin at a multiple of the alignment */
};

/*
 * struct mapper_map - a device map, and what is wrong with it
 * @dir: enum dma_data_direction: 0 both, 1 the device reads, 2 it writes
 * @segments: set to the number of segments
 * @bytes: set to the bytes in all of them
 * @largest: set to the bytes of the largest
 * @wrong: set to how many segments break a rule
 * @broken: set to the rules that are broken
 * @segment: set to the first segment that breaks one; for MAPPER_RULE_TOTAL alone
 *	the number of segments
 *
 * A map that breaks rules stays: it is up to the test to say what that means.
 */
struct mapper_map {
	__u32 dir;
	__u32 segments;
	__aligned_u64 bytes;
	__aligned_u64 largest;
	__aligned_u64 wrong;
	__u32 broken;
	__u32 segment;
};

/* mapper_read.flags: by the kernel address of MAPPER_VMAP. */
#define MAPPER_BY_CPU	(1U << 0)

/*
 * struct mapper_read - bytes that READ reads and WRITE writes
 * @offset: of the first byte in the buffer
 * @data: pointer to them
 * @length: bytes, at most a page
 * @flags: MAPPER_BY_CPU, or 0 for the addresses of the last map, one segment after
 *	the other
 *
 * EACCES for what the direction of the map doesn't allow, ESTALE after the exporter
 * has said that the memory moved, EFAULT for addresses that lead nowhere and for
 * what is beyond the end.
 */
struct mapper_read {
	__aligned_u64 offset;
	__aligned_u64 data;
	__u32 length;
	__u32 flags;
};

/* mapper_info.flags */
#define MAPPER_BOUND	(1U << 0)
#define MAPPER_ATTACHED	(1U << 1)
#define MAPPER_DYNAMIC	(1U << 2)
#define MAPPER_HELD	(1U << 3)
#define MAPPER_VMAPPED	(1U << 4)

/*
 * struct mapper_info - the state of the device
 * @name: as in /sys/devices/platform
 * @id: for MAPPER_DROP
 * @flags: MAPPER_*
 * @maps: held now
 * @pins: held now
 * @moved: how often an exporter said that memory moves
 * @dma_maps: with MAPPER_OWN_DMA, DMA maps held now
 * @for_cpu: with MAPPER_OWN_DMA, syncs for the CPU by direction, as
 *	mapper_map.dir
 * @for_device: the same, for the device
 */
struct mapper_info {
	char name[32];
	__u32 id;
	__u32 flags;
	__u32 maps;
	__u32 pins;
	__u32 moved;
	__u32 dma_maps;
	__u32 for_cpu[3];
	__u32 for_device[3];
};

/*
 * LIMIT sets the limits, INFO tells the state.
 *
 * ATTACH attaches to the dma-buf of an fd as a static importer, ATTACH_DYNAMIC as a
 * dynamic one. DETACH ends either. MAP adds a map, CHECK looks at the last one again
 * by the limits of now, UNMAP takes it back. PIN and UNPIN are for dynamic importers.
 * Maps and pins come and go with dma_resv held.
 *
 * READ and WRITE are what the device would do. VMAP gets a kernel address of the
 * dma-buf of an fd, which needs no ATTACH, and VUNMAP gives it back.
 *
 * FAIL: with MAPPER_OWN_DMA, the next DMA map fails with that errno: EINVAL, ENOMEM
 * or EIO.
 *
 * UNBIND takes the driver away, which lets go of everything, and BIND brings it
 * back; so do the files of MAPPER_DRIVER. HOLD: the device and all that it holds
 * stay when the file is closed, until DROP, on any open file, is given its id
 * (ENOENT for any other).
 */
#define MAPPER_LIMIT	_IOW(0xBE, 0xe0, struct mapper_limits)
#define MAPPER_ATTACH	_IOW(0xBE, 0xe1, int)
#define MAPPER_DETACH	_IO(0xBE, 0xe2)
#define MAPPER_MAP	_IOWR(0xBE, 0xe3, struct mapper_map)
#define MAPPER_UNMAP	_IO(0xBE, 0xe4)
#define MAPPER_READ	_IOW(0xBE, 0xe5, struct mapper_read)
#define MAPPER_WRITE	_IOW(0xBE, 0xe6, struct mapper_read)
#define MAPPER_INFO	_IOR(0xBE, 0xe7, struct mapper_info)
#define MAPPER_ATTACH_DYNAMIC _IOW(0xBE, 0xe8, int)
#define MAPPER_PIN	_IO(0xBE, 0xe9)
#define MAPPER_UNPIN	_IO(0xBE, 0xea)
#define MAPPER_VMAP	_IOW(0xBE, 0xeb, int)
#define MAPPER_VUNMAP	_IO(0xBE, 0xec)
#define MAPPER_FAIL	_IOW(0xBE, 0xed, int)
#define MAPPER_UNBIND	_IO(0xBE, 0xee)
#define MAPPER_BIND	_IO(0xBE, 0xef)
#define MAPPER_HOLD	_IO(0xBE, 0xf0)
#define MAPPER_DROP	_IOW(0xBE, 0xf1, int)
#define MAPPER_CHECK	_IOWR(0xBE, 0xf2, struct mapper_map)

#endif /* MAPPER_H */
