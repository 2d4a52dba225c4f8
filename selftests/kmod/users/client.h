/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kmod/users/client: /dev/dmabuf-client makes the calls of the heap's in-kernel API
 * as it is told, and says what came of them. Each open file holds at most one buffer
 * and one map of it; both go with the file. Calls in the wrong order are EBADFD.
 * Lengths and addresses are in bytes.
 *
 * Its device is named dmabuf-client and reaches what CLIENT_MASK says; 0 is a device
 * that does no DMA.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <linux/dmabuf-heap.h>
#include <linux/ioctl.h>
#include <linux/types.h>

#define CLIENT_MODULE	"client"
#define CLIENT_NODE	"dmabuf-client"

/* Room for a text, longer than the heap's. */
#define CLIENT_TEXT	64

/*
 * struct client_create - dmabuf_heap_kernel_create()
 * @length: bytes
 * @flags: as there
 * @file_flags: as there
 * @name: a NUL in the first byte stands for a NULL pointer
 */
struct client_create {
	__aligned_u64 length;
	__u32 flags;
	__u32 file_flags;
	char name[CLIENT_TEXT];
};

/* client_attach.flags */
#define CLIENT_DEVICE		(1U << 0) /* the module's own, else none */
#define CLIENT_REQUIREMENT	(1U << 1) /* client_attach.limits, else none */
#define CLIENT_QUIET		(1U << 2) /* NULL for the id and the report */

/*
 * struct client_attach - dmabuf_heap_kernel_attach()
 * @flags: CLIENT_*
 * @access: as there
 * @limits: the requirement
 * @label: a NUL in the first byte stands for a NULL pointer
 * @id: set
 * @report: set, also when the call fails
 */
struct client_attach {
	__u32 flags;
	__u32 access;
	struct dmabuf_heap_limits limits;
	char label[CLIENT_TEXT];
	__aligned_u64 id;
	struct dmabuf_heap_report report;
};

/*
 * struct client_map - a map by the device, both ways
 * @bytes: set to the bytes in all segments
 * @last: set to the highest address of any
 * @segments: set to their number
 * @align_bits: set to the lowest address bits that are 0 where every one begins
 */
struct client_map {
	__aligned_u64 bytes;
	__aligned_u64 last;
	__u32 segments;
	__u32 align_bits;
};

/* CLIENT_PLATFORM: what a platform that is registered has */
#define CLIENT_HAS_NAME		(1U << 0)
#define CLIENT_HAS_OWNS		(1U << 1)
#define CLIENT_HAS_READ		(1U << 2)
#define CLIENT_HAS_LIMITS	(1U << 3)
#define CLIENT_TWICE		(1U << 4) /* registered twice: what the second said */

/*
 * CREATE, ATTACH, DETACH, SEAL and COMMIT are the calls. ADOPT takes the dma-buf of
 * an fd for the buffer, PUT lets go of it, FD returns an fd of it.
 *
 * MAP attaches the device as an importer and maps, UNMAP ends both.
 *
 * THREAD: with 1 a kernel thread makes the calls, as long as the file is open.
 * PLATFORM registers a platform, and unregisters it if that went well.
 */
#define CLIENT_CREATE	_IOW(0xBE, 0xb0, struct client_create)
#define CLIENT_ADOPT	_IOW(0xBE, 0xb1, int)
#define CLIENT_PUT	_IO(0xBE, 0xb2)
#define CLIENT_FD	_IO(0xBE, 0xb3)
#define CLIENT_ATTACH	_IOWR(0xBE, 0xb4, struct client_attach)
#define CLIENT_DETACH	_IOW(0xBE, 0xb5, __u64)
#define CLIENT_SEAL	_IO(0xBE, 0xb6)
#define CLIENT_COMMIT	_IO(0xBE, 0xb7)
#define CLIENT_MAP	_IOWR(0xBE, 0xb8, struct client_map)
#define CLIENT_UNMAP	_IO(0xBE, 0xb9)
#define CLIENT_MASK	_IOW(0xBE, 0xba, __u64)
#define CLIENT_THREAD	_IOW(0xBE, 0xbb, int)
#define CLIENT_PLATFORM	_IOW(0xBE, 0xbc, int)

#endif /* CLIENT_H */
