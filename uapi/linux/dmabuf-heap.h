/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/dmabuf-heap: buffers whose memory is chosen once it is known who will
 * use it.
 *
 * A buffer made here is an ordinary dma-buf of fixed size that has no memory
 * yet. Devices are attached to it by fd. The first map, by a device or a CPU,
 * allocates memory that suits every device attached by then; a device that
 * comes later and can't use that memory gets -EBUSY and the reason.
 */
#ifndef _UAPI_LINUX_DMABUF_HEAP_H
#define _UAPI_LINUX_DMABUF_HEAP_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * DOC: Conventions
 *
 * Calls are ioctls on an fd of /dev/dmabuf-heap. Their numbers are made by
 * _IO(), without the size of the struct: every struct opens with its own size,
 * so that a struct can grow without the call getting a new number.
 *
 * - @size is what the caller knows of the struct. Less than the struct's first
 *   version is -EINVAL. More than the kernel knows is accepted while the unknown
 *   tail is zero and is -E2BIG otherwise, as is more than a page. A kernel that
 *   knows more than the caller reads zeroes for the rest and writes back only
 *   what the caller knows.
 * - Fields named __reserved and unknown flags must be zero, or the call fails
 *   with -EINVAL.
 * - Fields named out_something are written by the kernel and ignored on input.
 * - Sizes are in bytes, addresses and masks in bytes from 0, times in
 *   nanoseconds of CLOCK_MONOTONIC. Text is UTF-8 and ends with a NUL.
 * - An attachment id is unique within its buffer and never used again; no
 *   attachment has id 0. A buffer's id is the inode number of its dma-buf (the
 *   "ino" of /proc/PID/fdinfo) and is never used again.
 * - The layout is the same for 32-bit and 64-bit callers.
 *
 * One errno has one meaning in every call:
 *
 * ========== ==================================================================
 * ENOTTY     no such call
 * E2BIG      the struct is newer than the kernel and uses what is new in it
 * EFAULT     a bad pointer
 * EINVAL     malformed: unknown flag, reserved field not zero, a length of 0,
 *            an fd that is no buffer of this device
 * EBADF      not an open fd
 * EMFILE     the process, ENFILE the system, has no fd left
 * EINTR      a fatal signal came while waiting
 * ENODEV     the device fd names no device that does DMA
 * ENOENT     no such id
 * EACCES     the buffer's fd is read-only
 * EPERM      the buffer is sealed, or isn't the caller's
 * EBUSY      the buffer's memory exists and can't serve this device; for
 *            DETACH: the attachment is a driver's own
 * EOPNOTSUPP no memory of this machine can serve all that is asked
 * ENOMEM     no memory free now
 * EDQUOT     over a limit that the administrator set: for a user, or for all
 * ENOSPC     too many attachments, for the buffer or for the caller's array; for
 *            WATCH: too many open files of this user that watch
 * ========== ==================================================================
 *
 * Where several apply, EPERM comes before EOPNOTSUPP, and that before EBUSY.
 */

#define DMABUF_HEAP_IOC_TYPE	0xBE

/* Call numbers. New ones are added at the end and none is ever reused. */
enum {
	DMABUF_HEAP_CMD_INFO = 0x00,
	DMABUF_HEAP_CMD_CREATE,
	DMABUF_HEAP_CMD_ATTACH,
	DMABUF_HEAP_CMD_DETACH,
	DMABUF_HEAP_CMD_COMMIT,
	DMABUF_HEAP_CMD_SEAL,
	DMABUF_HEAP_CMD_QUERY,
	DMABUF_HEAP_CMD_QUERY_ATTACHMENTS,
	DMABUF_HEAP_CMD_WATCH,
};

/*
 * What INFO answers as out_abi: raised when a struct or a call is added.
 * 2: MAX_SEGMENTS, ALIGNMENT, CHUNK, NODE; buffers that move.
 * 3: QUERY_ATTACHMENTS of all buffers; where runs begin; WATCH, read() and poll().
 */
#define DMABUF_HEAP_ABI		3

/* Room for a text in these structs, its NUL included. */
#define DMABUF_HEAP_NAME_LEN	32
#define DMABUF_HEAP_DEVICE_LEN	64
#define DMABUF_HEAP_COMM_LEN	16

/* Attachments that one buffer can have: by ATTACH, and by drivers. */
#define DMABUF_HEAP_MAX_DECLARED	256
#define DMABUF_HEAP_MAX_IMPORTED	1024

/* Open files of one user, counted as for EDQUOT, that can watch at once. */
#define DMABUF_HEAP_MAX_WATCHERS	64

/**
 * enum dmabuf_heap_limit_type - the limits that a device can have
 * @DMABUF_HEAP_LIMIT_MAX_ADDR: highest address that is reached without
 *	bouncing, the last byte included. 0 for a device that reaches all memory
 *	by bouncing. For a device behind an IOMMU that remaps, an address
 *	of the IOMMU's making: it then says nothing of memory. In a requirement
 *	without a device, a physical address.
 * @DMABUF_HEAP_LIMIT_CONTIGUOUS: 1 when the whole buffer must lie at addresses
 *	without a gap, 0 when not. Asks nothing of memory for a device behind
 *	an IOMMU that remaps.
 * @DMABUF_HEAP_LIMIT_MAX_SEGMENT: largest scatter-gather segment, in bytes, a
 *	multiple of the page size. Drivers that never said get the kernel's
 *	default of 64 KiB.
 * @DMABUF_HEAP_LIMIT_BOUNDARY: a segment must not cross a multiple of this
 *	value plus one. One less than a power of two, at least the page size
 *	less one.
 * @DMABUF_HEAP_LIMIT_MAX_SEGMENTS: most segments, at least 1, that the device
 *	takes the whole buffer in. How many there are depends on this device's
 *	MAX_SEGMENT and BOUNDARY and on how the memory lies.
 * @DMABUF_HEAP_LIMIT_ALIGNMENT: every physical run begins at a multiple of this,
 *	and so does every segment where neither MAX_SEGMENT nor BOUNDARY is smaller. A
 *	power of two, at least the page size. Asks nothing of memory behind an IOMMU that remaps.
 * @DMABUF_HEAP_LIMIT_CHUNK: preferred: memory comes in runs of at least this many
 *	bytes, which begin at multiples of it, so that an IOMMU can use its large
 *	pages. A power of two, at least the page size. Of several the largest
 *	holds. Refuses nothing.
 * @DMABUF_HEAP_LIMIT_NODE: preferred: the NUMA node that memory lies on, an online
 *	one. Of several the first holds. Refuses nothing.
 * @DMABUF_HEAP_LIMIT_COUNT: number of limits that this header knows
 *
 * MAX_SEGMENT and BOUNDARY shape the scatter-gather table that this device
 * gets, not the memory; all others choose the memory.
 */
enum dmabuf_heap_limit_type {
	DMABUF_HEAP_LIMIT_MAX_ADDR,
	DMABUF_HEAP_LIMIT_CONTIGUOUS,
	DMABUF_HEAP_LIMIT_MAX_SEGMENT,
	DMABUF_HEAP_LIMIT_BOUNDARY,
	DMABUF_HEAP_LIMIT_MAX_SEGMENTS,
	DMABUF_HEAP_LIMIT_ALIGNMENT,
	DMABUF_HEAP_LIMIT_CHUNK,
	DMABUF_HEAP_LIMIT_NODE,
	DMABUF_HEAP_LIMIT_COUNT,
};

/* No NUMA node has this number. */
#define DMABUF_HEAP_MAX_NODES	1024

/* Limits that a struct dmabuf_heap_limits has room for. */
#define DMABUF_HEAP_LIMIT_ROOM	16

/**
 * struct dmabuf_heap_limit - one limit
 * @value: in the unit that enum dmabuf_heap_limit_type gives
 * @set_by: in merged limits, id of the attachment that set this one, the first
 *	where several ask the same. 0 elsewhere; must be 0 in a requirement.
 */
struct dmabuf_heap_limit {
	__aligned_u64 value;
	__aligned_u64 set_by;
};

/**
 * struct dmabuf_heap_limits - what DMA can reach
 * @valid: bit n is set when @limit\[n\] holds; elsewhere there is no such limit
 * @limit: indexed by enum dmabuf_heap_limit_type, 0 where not valid
 *
 * As a requirement in struct dmabuf_heap_attach this travels by pointer and
 * length, so a caller may pass only the first limits.
 */
struct dmabuf_heap_limits {
	__aligned_u64 valid;
	struct dmabuf_heap_limit limit[DMABUF_HEAP_LIMIT_ROOM];
};

/**
 * enum dmabuf_heap_first_map - what made a buffer backed
 * @DMABUF_HEAP_FIRST_NONE: nothing yet
 * @DMABUF_HEAP_FIRST_DEVICE: a driver mapped it for its device
 * @DMABUF_HEAP_FIRST_MMAP: a process called mmap()
 * @DMABUF_HEAP_FIRST_VMAP: a driver asked for a kernel address
 * @DMABUF_HEAP_FIRST_COMMIT: a process called COMMIT
 */
enum dmabuf_heap_first_map {
	DMABUF_HEAP_FIRST_NONE,
	DMABUF_HEAP_FIRST_DEVICE,
	DMABUF_HEAP_FIRST_MMAP,
	DMABUF_HEAP_FIRST_VMAP,
	DMABUF_HEAP_FIRST_COMMIT,
};

/**
 * struct dmabuf_heap_report - why a device was refused
 * @error: EBUSY, EOPNOTSUPP or EPERM as a positive number, 0 when there is no
 *	conflict. EPERM, a driver that imported a sealed buffer without having
 *	been declared, has no limit: @limit, @wanted and @found are 0.
 * @limit: enum dmabuf_heap_limit_type, the first that can't be met
 * @wanted: what the limit asks. For CONTIGUOUS, the bytes that must lie in one
 *	run: the buffer's length.
 * @found: what there is. With EBUSY the placement: for MAX_ADDR the last address
 *	that has as many bits as the memory's last byte, for CONTIGUOUS the bytes
 *	of the largest run, for MAX_SEGMENTS the segments that there would be, for
 *	ALIGNMENT the largest power of two that every run begins at a multiple of.
 *	With EOPNOTSUPP what the machine could give: for
 *	MAX_ADDR the bytes of memory that can be had at or below that address
 *	(@wanted then is the address, @length what has to fit), for CONTIGUOUS the
 *	bytes of the largest block, for MAX_SEGMENTS the fewest segments that the
 *	buffer can be cut into, for ALIGNMENT the largest that some memory has.
 * @length: the buffer's length in bytes
 * @runs: physical runs that the memory lies in, 0 while there is none
 * @attachment: id of the attachment that set the limit; 0 when it is the one
 *	that was refused
 * @first_map_ns: when the memory was allocated, 0 if there is none
 * @time_ns: when this conflict arose
 * @first_map: enum dmabuf_heap_first_map, what allocated the memory
 * @__reserved: 0
 * @device: the device that asks for the limit, as people know it: the node it
 *	was declared by with the device in brackets, or the device alone. Empty
 *	for a pure requirement.
 * @label: label of the attachment that asks for the limit
 * @first_map_by: who allocated the memory: the device, in the form of @device,
 *	for a device map, the task for all others
 */
struct dmabuf_heap_report {
	__u32 error;
	__u32 limit;
	__aligned_u64 wanted;
	__aligned_u64 found;
	__aligned_u64 length;
	__aligned_u64 runs;
	__aligned_u64 attachment;
	__aligned_u64 first_map_ns;
	__aligned_u64 time_ns;
	__u32 first_map;
	__u32 __reserved;
	char device[DMABUF_HEAP_DEVICE_LEN];
	char label[DMABUF_HEAP_NAME_LEN];
	char first_map_by[DMABUF_HEAP_DEVICE_LEN];
};

/* dmabuf_heap_info.out_features */
#define DMABUF_HEAP_FEATURE_MOVE (1ULL << 0) /* DMABUF_HEAP_CREATE_MOVABLE */

/**
 * struct dmabuf_heap_info - ioctl(DMABUF_HEAP_IOC_INFO)
 * @size: sizeof(struct dmabuf_heap_info)
 * @flags: must be 0
 * @out_abi: DMABUF_HEAP_ABI of the running module
 * @out_page_size: every buffer's length is a multiple of this
 * @out_limits: bit n is set when a requirement may carry limit n
 * @out_features: DMABUF_HEAP_FEATURE_*
 * @out_max_length: length of the largest buffer that CREATE accepts: all memory
 *	of this machine
 *
 * Errors: only those of every call.
 */
struct dmabuf_heap_info {
	__u32 size;
	__u32 flags;
	__u32 out_abi;
	__u32 out_page_size;
	__aligned_u64 out_limits;
	__aligned_u64 out_features;
	__aligned_u64 out_max_length;
};

#define DMABUF_HEAP_IOC_INFO \
	_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_INFO)

/* dmabuf_heap_create.flags: memory may move while no device and no driver maps it. */
#define DMABUF_HEAP_CREATE_MOVABLE	(1U << 0)

/**
 * struct dmabuf_heap_create - ioctl(DMABUF_HEAP_IOC_CREATE)
 * @size: sizeof(struct dmabuf_heap_create)
 * @flags: DMABUF_HEAP_CREATE_MOVABLE or 0
 * @length: bytes, at least 1; rounded up to whole pages
 * @fd_flags: O_RDWR or O_RDONLY for the buffer's fd, with or without O_CLOEXEC.
 *	Only an O_RDWR fd can be mapped writable.
 * @out_fd: the buffer's fd
 * @out_id: the buffer's id
 * @out_length: the length in whole pages
 * @name: shown by every tool and in fdinfo; may be empty. Must hold a NUL and no
 *	control characters. DMA_BUF_SET_NAME can change it later.
 *
 * Makes a buffer without memory. The cost doesn't depend on @length.
 *
 * When a late-comer can't use the memory of a movable buffer, and no device maps
 * it and no driver holds a kernel address of it, the buffer is given other memory
 * that suits all attachments, the late-comer's included, instead of -EBUSY. Its
 * bytes stay as they are, memory maps of processes stay valid and see every write.
 *
 * Errors: EINVAL, EMFILE, ENFILE, ENOMEM; EDQUOT for more buffers than the
 * administrator allows; EOPNOTSUPP for a @length above INFO's out_max_length. A
 * failed call leaves no fd behind.
 */
struct dmabuf_heap_create {
	__u32 size;
	__u32 flags;
	__aligned_u64 length;
	__u32 fd_flags;
	__s32 out_fd;
	__aligned_u64 out_id;
	__aligned_u64 out_length;
	char name[DMABUF_HEAP_NAME_LEN];
};

#define DMABUF_HEAP_IOC_CREATE \
	_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_CREATE)

/* Values of access: what the device does with the buffer. Told, not enforced. */
#define DMABUF_HEAP_ACCESS_READ		(1U << 0)
#define DMABUF_HEAP_ACCESS_WRITE	(1U << 1)

/* dmabuf_heap_attach.device_fd of a requirement without a device. */
#define DMABUF_HEAP_NO_DEVICE		(-1)

/* dmabuf_heap_attach.flags: only say whether it would be accepted. */
#define DMABUF_HEAP_ATTACH_TEST		(1U << 0)

/* What a device or an attachment is: dmabuf_heap_answer.flags and others. */
#define DMABUF_HEAP_ATTACHMENT_DECLARED	(1U << 0) /* by ATTACH */
#define DMABUF_HEAP_ATTACHMENT_IMPORTED	(1U << 1) /* by a driver */
#define DMABUF_HEAP_ATTACHMENT_CPU_ONLY	(1U << 2) /* its driver uses the CPU */
#define DMABUF_HEAP_ATTACHMENT_REMAPPED	(1U << 3) /* an IOMMU remaps its DMA */
#define DMABUF_HEAP_ATTACHMENT_NO_DEVICE (1U << 4) /* a pure requirement */

/**
 * struct dmabuf_heap_answer - what ATTACH says besides its errno
 * @flags: DMABUF_HEAP_ATTACHMENT_* of the device
 * @__reserved: 0
 * @device: name of the device that does the DMA, as in /sys/devices
 * @limits: the device's limits as read, with the requirement's merged in
 * @merged: limits of all attachments of the buffer, this one included
 * @report: on EBUSY and EOPNOTSUPP, why; else all zero
 *
 * Written on success, and on EBUSY and EOPNOTSUPP too.
 */
struct dmabuf_heap_answer {
	__u32 flags;
	__u32 __reserved;
	char device[DMABUF_HEAP_DEVICE_LEN];
	struct dmabuf_heap_limits limits;
	struct dmabuf_heap_limits merged;
	struct dmabuf_heap_report report;
};

/**
 * struct dmabuf_heap_attach - ioctl(DMABUF_HEAP_IOC_ATTACH)
 * @size: sizeof(struct dmabuf_heap_attach)
 * @flags: DMABUF_HEAP_ATTACH_TEST or 0
 * @fd: the buffer
 * @device_fd: the device: an open V4L2 or DRM node, any other character device
 *	whose device or an ancestor of it does DMA, or a directory below /sys
 *	that is such a device. Except for V4L2 and DRM, the device must have a
 *	driver. DMABUF_HEAP_NO_DEVICE for a pure requirement.
 * @access: DMABUF_HEAP_ACCESS_READ, _WRITE or both
 * @limits_len: bytes at @limits, 0 just when that is 0: the first limits of the
 *	struct, whole
 * @limits: pointer to a struct dmabuf_heap_limits: a requirement on top of what
 *	the kernel knows of the device. 0 for none, which needs a device.
 * @answer: pointer to a struct dmabuf_heap_answer to be written, or 0
 * @answer_len: bytes at @answer, 0 just when that is 0; the kernel writes at most
 *	these
 * @__reserved: must be 0
 * @out_id: the attachment's id; 0 with DMABUF_HEAP_ATTACH_TEST
 * @label: which function of the device the requirement is about, such as
 *	"scanout"; may be empty. As &dmabuf_heap_create.name.
 *
 * Declares that a device will use the buffer. While the buffer is unbacked its
 * limits join the others'; once it is backed, the memory must suit. The record
 * lives until DETACH or the buffer's end, whatever becomes of the device or its
 * fd. With DMABUF_HEAP_ATTACH_TEST the answer is what the real call would give
 * now, short of ENOMEM, and nothing changes.
 *
 * What only a V4L2 queue or a DRM driver knows (that its memory must be
 * contiguous) is learned here, through the node's open fd; a driver that imports
 * without having been declared is known by its struct device alone, and so is a
 * directory below /sys.
 *
 * A driver that only uses the CPU (V4L2 queues on vb2-vmalloc) is recorded with
 * DMABUF_HEAP_ATTACHMENT_CPU_ONLY and without limits.
 *
 * Errors: EINVAL, EBADF, ENODEV, EPERM (sealed), ENOSPC, EOPNOTSUPP, EBUSY,
 * ENOMEM, EINTR, and EDQUOT for a move. On EOPNOTSUPP and EBUSY the report says
 * why. After any error the buffer is as before.
 */
struct dmabuf_heap_attach {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__s32 device_fd;
	__u32 access;
	__u32 limits_len;
	__aligned_u64 limits;
	__aligned_u64 answer;
	__u32 answer_len;
	__u32 __reserved;
	__aligned_u64 out_id;
	char label[DMABUF_HEAP_NAME_LEN];
};

#define DMABUF_HEAP_IOC_ATTACH \
	_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_ATTACH)

/**
 * struct dmabuf_heap_detach - ioctl(DMABUF_HEAP_IOC_DETACH)
 * @size: sizeof(struct dmabuf_heap_detach)
 * @flags: must be 0
 * @fd: the buffer
 * @__reserved: must be 0
 * @id: a declared attachment of it
 *
 * Takes a declaration back. Limits are merged anew without it; memory that
 * exists stays where it is. Only for the buffer's creator (same effective uid)
 * and CAP_SYS_ADMIN.
 *
 * Errors: EINVAL, EBADF, EPERM, ENOENT, EINTR; EBUSY for an imported
 * attachment, which only its driver can end.
 */
struct dmabuf_heap_detach {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 __reserved;
	__aligned_u64 id;
};

#define DMABUF_HEAP_IOC_DETACH \
	_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_DETACH)

/**
 * struct dmabuf_heap_commit - ioctl(DMABUF_HEAP_IOC_COMMIT)
 * @size: sizeof(struct dmabuf_heap_commit)
 * @flags: must be 0
 * @fd: the buffer
 * @__reserved: must be 0
 *
 * Allocates the memory now, as a first map would: for all devices attached so
 * far. 0 for a buffer that is backed already. The memory is charged to the
 * memory cgroup of the buffer's creator, whoever calls.
 *
 * Errors: EINVAL, EBADF, ENOMEM, EDQUOT, EINTR. ENOMEM and EDQUOT leave the
 * buffer unbacked and unharmed.
 */
struct dmabuf_heap_commit {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 __reserved;
};

#define DMABUF_HEAP_IOC_COMMIT \
	_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_COMMIT)

/**
 * struct dmabuf_heap_seal - ioctl(DMABUF_HEAP_IOC_SEAL)
 * @size: sizeof(struct dmabuf_heap_seal)
 * @flags: must be 0
 * @fd: the buffer
 * @__reserved: must be 0
 *
 * From now on ATTACH is EPERM and a driver can import the buffer only for a
 * device that is declared. Can't be undone; sealing again is 0. Devices that
 * never attach (V4L2 queues on vb2-vmalloc) are beyond its reach. Only for the
 * buffer's creator (same effective uid) and CAP_SYS_ADMIN.
 *
 * Errors: EINVAL, EBADF, EPERM, EINTR.
 */
struct dmabuf_heap_seal {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 __reserved;
};

#define DMABUF_HEAP_IOC_SEAL \
	_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_SEAL)

/**
 * enum dmabuf_heap_state - whether there is memory
 * @DMABUF_HEAP_UNBACKED: none yet
 * @DMABUF_HEAP_BACKED: allocated
 */
enum dmabuf_heap_state {
	DMABUF_HEAP_UNBACKED,
	DMABUF_HEAP_BACKED,
};

/**
 * struct dmabuf_heap_placement - how memory lies, by fact
 * @runs: physically contiguous runs; 1 when the whole buffer is one. 0 for an
 *	unbacked buffer that may lie in any number of runs.
 * @run_min: bytes of the smallest run, 0 while there is no memory
 * @run_max: bytes of the largest run, 0 while there is no memory
 * @nodes: bit n is set when memory lies on NUMA node n, node 63 and above in
 *	bit 63
 * @addr_bits: address bits that the last byte needs; for an unbacked buffer the
 *	most that it may need, 64 for no limit
 * @align_bits: lowest address bits that are 0 where every run begins; for an
 *	unbacked buffer the fewest that may be
 */
struct dmabuf_heap_placement {
	__aligned_u64 runs;
	__aligned_u64 run_min;
	__aligned_u64 run_max;
	__aligned_u64 nodes;
	__u32 addr_bits;
	__u32 align_bits;
};

/* Equal parts that &dmabuf_heap_buffer_record.run_starts divides a buffer into. */
#define DMABUF_HEAP_PARTS	64

/* dmabuf_heap_buffer_record.flags */
#define DMABUF_HEAP_BUFFER_SEALED	(1U << 0)
#define DMABUF_HEAP_BUFFER_MOVABLE	(1U << 1)

/**
 * enum dmabuf_heap_direction - index of counts by direction of DMA
 * @DMABUF_HEAP_DIR_READ: the device reads memory
 * @DMABUF_HEAP_DIR_WRITE: the device writes memory
 * @DMABUF_HEAP_DIR_BOTH: it may do both
 * @DMABUF_HEAP_DIR_COUNT: number of directions
 */
enum dmabuf_heap_direction {
	DMABUF_HEAP_DIR_READ,
	DMABUF_HEAP_DIR_WRITE,
	DMABUF_HEAP_DIR_BOTH,
	DMABUF_HEAP_DIR_COUNT,
};

/**
 * struct dmabuf_heap_buffer_record - what QUERY says of one buffer
 * @id: buffer id
 * @length: bytes
 * @created_ns: when CREATE made it
 * @first_map_ns: when its memory was allocated, 0 while unbacked
 * @state: enum dmabuf_heap_state
 * @flags: DMABUF_HEAP_BUFFER_*
 * @first_map: enum dmabuf_heap_first_map
 * @creator_pid: process that created it, in the caller's pid namespace; 0 when
 *	it isn't visible there or is gone
 * @creator_uid: its user, in the caller's user namespace
 * @attachments: attachments of both kinds
 * @declared: those made by ATTACH
 * @cpu_maps: memory areas of processes that map it now
 * @vmaps: 1 while the kernel holds an address of it, else 0
 * @device_maps: device maps held now, by enum dmabuf_heap_direction
 * @name: as created, or set by DMA_BUF_SET_NAME
 * @creator_comm: name of the task that created it
 * @first_map_by: device (FIRST_DEVICE) or task (all others) that allocated
 * @placement: where the memory lies; for an unbacked buffer, where it would
 * @merged: limits of all attachments, each with the attachment that set it
 * @conflict: the last refusal, all zero if there was none. Tells what an importer
 *	was refused that swallowed the errno.
 * @moves: how often its memory was replaced by other memory
 * @moves_ns: time that all these moves took together
 * @last_move_ns: when the last one ended, 0 for never
 * @moved_for: the device that the last one was made for, in the form of
 *	&dmabuf_heap_report.device
 * @run_starts: how the runs follow each other: how many begin in each of
 *	DMABUF_HEAP_PARTS equal parts of the buffer, 255 for more; all 0 while there
 *	is no memory
 *
 * Taken at one moment: all fields of one record fit together, but for @cpu_maps,
 * which processes change without the buffer's lock.
 */
struct dmabuf_heap_buffer_record {
	__aligned_u64 id;
	__aligned_u64 length;
	__aligned_u64 created_ns;
	__aligned_u64 first_map_ns;
	__u32 state;
	__u32 flags;
	__u32 first_map;
	__s32 creator_pid;
	__u32 creator_uid;
	__u32 attachments;
	__u32 declared;
	__u32 cpu_maps;
	__u32 vmaps;
	__u32 device_maps[DMABUF_HEAP_DIR_COUNT];
	char name[DMABUF_HEAP_NAME_LEN];
	char creator_comm[DMABUF_HEAP_COMM_LEN];
	char first_map_by[DMABUF_HEAP_DEVICE_LEN];
	struct dmabuf_heap_placement placement;
	struct dmabuf_heap_limits merged;
	struct dmabuf_heap_report conflict;
	__aligned_u64 moves;
	__aligned_u64 moves_ns;
	__aligned_u64 last_move_ns;
	char moved_for[DMABUF_HEAP_DEVICE_LEN];
	__u8 run_starts[DMABUF_HEAP_PARTS];
};

/**
 * enum dmabuf_heap_query_by - which buffers QUERY and QUERY_ATTACHMENTS are about
 * @DMABUF_HEAP_QUERY_FD: the one of an fd; every holder of the fd may
 * @DMABUF_HEAP_QUERY_ID: the one with an id
 * @DMABUF_HEAP_QUERY_ALL: those with an id above a cursor, in order of their ids
 *
 * By id and by cursor a caller sees the buffers of its own effective uid, and
 * with CAP_SYS_ADMIN all; others' are as if they weren't there.
 */
enum dmabuf_heap_query_by {
	DMABUF_HEAP_QUERY_FD,
	DMABUF_HEAP_QUERY_ID,
	DMABUF_HEAP_QUERY_ALL,
};

/**
 * struct dmabuf_heap_query - ioctl(DMABUF_HEAP_IOC_QUERY)
 * @size: sizeof(struct dmabuf_heap_query)
 * @flags: must be 0
 * @by: enum dmabuf_heap_query_by
 * @fd: the buffer, with QUERY_FD; else must be 0
 * @id: the buffer's id with QUERY_ID, the cursor with QUERY_ALL (0 to begin,
 *	then @out_cursor of the call before); with QUERY_FD must be 0
 * @records: pointer to an array of struct dmabuf_heap_buffer_record
 * @record_size: bytes of one record as the caller knows it, at least 1 and at most
 *	a page (-E2BIG). The kernel writes at most these, and zeroes what it
 *	doesn't know.
 * @count: room of the array in records; at least 1
 * @out_count: records written
 * @out_more: 1 when there were more buffers than room, else 0
 * @out_cursor: id of the last record written, @id if there was none
 *
 * Never waits for a first map that is under way. Buffers that come or go between
 * two calls may or may not be seen; none is seen twice and none that lives
 * throughout is missed.
 *
 * Errors: EINVAL, EBADF (QUERY_FD), ENOENT (QUERY_ID), ENOMEM, EINTR.
 */
struct dmabuf_heap_query {
	__u32 size;
	__u32 flags;
	__u32 by;
	__s32 fd;
	__aligned_u64 id;
	__aligned_u64 records;
	__u32 record_size;
	__u32 count;
	__u32 out_count;
	__u32 out_more;
	__aligned_u64 out_cursor;
};

#define DMABUF_HEAP_IOC_QUERY \
	_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_QUERY)

/**
 * struct dmabuf_heap_attachment_record - what QUERY_ATTACHMENTS says of one
 * @id: attachment id
 * @declared_id: for an imported attachment, the declared one of the same device,
 *	when there is just one; else 0
 * @created_ns: when it was made
 * @last_map_ns: when its device last mapped the buffer, 0 for never
 * @bytes_mapped: bytes that its device maps now, over all maps
 * @maps_ever: device maps so far, by enum dmabuf_heap_direction
 * @maps: device maps held now, by enum dmabuf_heap_direction
 * @flags: DMABUF_HEAP_ATTACHMENT_*
 * @access: DMABUF_HEAP_ACCESS_*; what was declared, or for an imported
 *	attachment what its maps so far add up to
 * @dev_major: number of the node it was declared by, 0 if none
 * @dev_minor: as @dev_major
 * @pid: process that attached it, in the caller's pid namespace; 0 when it isn't
 *	visible there or is gone
 * @comm: name of the task that attached it
 * @device: device that does the DMA, as in /sys/devices; empty for a pure
 *	requirement
 * @node: node that it was declared by, such as "video0"; empty if none
 * @subsystem: class or bus, such as "video4linux", "drm" or "pci"
 * @label: as declared
 * @limits: its own limits, as they count in the merge
 * @buffer: id of the buffer that it is of
 */
struct dmabuf_heap_attachment_record {
	__aligned_u64 id;
	__aligned_u64 declared_id;
	__aligned_u64 created_ns;
	__aligned_u64 last_map_ns;
	__aligned_u64 bytes_mapped;
	__aligned_u64 maps_ever[DMABUF_HEAP_DIR_COUNT];
	__u32 maps[DMABUF_HEAP_DIR_COUNT];
	__u32 flags;
	__u32 access;
	__u32 dev_major;
	__u32 dev_minor;
	__s32 pid;
	char comm[DMABUF_HEAP_COMM_LEN];
	char device[DMABUF_HEAP_DEVICE_LEN];
	char node[DMABUF_HEAP_NAME_LEN];
	char subsystem[DMABUF_HEAP_NAME_LEN];
	char label[DMABUF_HEAP_NAME_LEN];
	struct dmabuf_heap_limits limits;
	__aligned_u64 buffer;
};

/**
 * struct dmabuf_heap_query_attachments -
 *	ioctl(DMABUF_HEAP_IOC_QUERY_ATTACHMENTS)
 * @size: sizeof(struct dmabuf_heap_query_attachments)
 * @flags: must be 0
 * @by: enum dmabuf_heap_query_by
 * @fd: the buffer, with QUERY_FD; else must be 0
 * @id: the buffer's id with QUERY_ID, with QUERY_ALL a cursor: the buffers with a
 *	higher id; with QUERY_FD must be 0
 * @records: pointer to an array of struct dmabuf_heap_attachment_record; ignored
 *	when @count is 0
 * @record_size: as in struct dmabuf_heap_query
 * @count: room of the array in records; 0 to ask only for the number, which
 *	QUERY_ALL doesn't know
 * @out_count: attachments that there are. The first @count of them, in order of
 *	their ids, are written. With QUERY_ALL: records written, 0 when no buffer
 *	beyond the cursor has an attachment
 * @__reserved: must be 0
 *
 * QUERY_ALL writes the attachments of buffer after buffer, in order of ids, each
 * buffer's whole and taken at one moment, as long as the next one's fit. The call
 * after it goes on with the last record's @buffer as its cursor. Who may see which
 * buffer, and what of those that come and go is seen, is as for QUERY. Room for
 * DMABUF_HEAP_MAX_DECLARED + DMABUF_HEAP_MAX_IMPORTED records is never too little.
 *
 * Errors: EINVAL, EBADF (QUERY_FD), ENOENT (QUERY_ID), ENOSPC (QUERY_ALL: not even
 * one buffer's fit), ENOMEM, EINTR.
 */
struct dmabuf_heap_query_attachments {
	__u32 size;
	__u32 flags;
	__u32 by;
	__s32 fd;
	__aligned_u64 id;
	__aligned_u64 records;
	__u32 record_size;
	__u32 count;
	__u32 out_count;
	__u32 __reserved;
};

#define DMABUF_HEAP_IOC_QUERY_ATTACHMENTS \
	_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_QUERY_ATTACHMENTS)

/**
 * enum dmabuf_heap_event_type - what happens to buffers
 * @DMABUF_HEAP_EVENT_MISSED: events were lost, because nobody read the ones before
 *	them. Stands in their place.
 * @DMABUF_HEAP_EVENT_CREATE: there is a new buffer, by CREATE or a module's call
 * @DMABUF_HEAP_EVENT_RELEASE: its last reference is gone, and with it all that is
 *	declared: for that there is no DETACH. Its memory is freed right after it.
 * @DMABUF_HEAP_EVENT_ATTACH: a device was declared, or a driver has attached
 * @DMABUF_HEAP_EVENT_DETACH: a declaration was taken back, or a driver has detached
 * @DMABUF_HEAP_EVENT_FIRST_MAP: memory was allocated
 * @DMABUF_HEAP_EVENT_MOVE: the memory was replaced by other memory
 * @DMABUF_HEAP_EVENT_REFUSED: a device was refused: ATTACH, or a driver's attach or
 *	map. That of a driver nobody else may ever tell. ATTACH to a sealed buffer,
 *	which is refused to whatever device, is no event.
 * @DMABUF_HEAP_EVENT_MAP: a driver has mapped it for its device. When that was the
 *	first map, FIRST_MAP comes before it.
 * @DMABUF_HEAP_EVENT_UNMAP: such a map is gone
 * @DMABUF_HEAP_EVENT_CPU_MAP: a process called mmap(), or a driver asked for a kernel
 *	address that it will use. Their end is no event.
 * @DMABUF_HEAP_EVENT_SEAL: it was sealed
 * @DMABUF_HEAP_EVENT_COUNT: number of types that this header knows
 */
enum dmabuf_heap_event_type {
	DMABUF_HEAP_EVENT_MISSED,
	DMABUF_HEAP_EVENT_CREATE,
	DMABUF_HEAP_EVENT_RELEASE,
	DMABUF_HEAP_EVENT_ATTACH,
	DMABUF_HEAP_EVENT_DETACH,
	DMABUF_HEAP_EVENT_FIRST_MAP,
	DMABUF_HEAP_EVENT_MOVE,
	DMABUF_HEAP_EVENT_REFUSED,
	DMABUF_HEAP_EVENT_MAP,
	DMABUF_HEAP_EVENT_UNMAP,
	DMABUF_HEAP_EVENT_CPU_MAP,
	DMABUF_HEAP_EVENT_SEAL,
	DMABUF_HEAP_EVENT_COUNT,
};

/**
 * struct dmabuf_heap_event - what read() gives of an open file that watches
 * @type: enum dmabuf_heap_event_type
 * @pid: process in whose course it happened, in the reader's pid namespace; 0
 *	when it isn't visible there. It may have ended since.
 * @time_ns: when
 * @count: of MISSED, how many were lost
 * @id: the buffer
 * @length: bytes of the buffer; of CPU_MAP, bytes that were mapped
 * @attachment: of ATTACH, DETACH, MAP and UNMAP, the attachment's id
 * @runs: of FIRST_MAP and MOVE, physical runs of the memory
 * @duration_ns: of MOVE, how long it took
 * @addr_bits: of FIRST_MAP and MOVE, address bits that the memory's last byte needs
 * @segments: of MAP and UNMAP, segments that the device was given
 * @first_map: of FIRST_MAP, enum dmabuf_heap_first_map; of CPU_MAP, FIRST_MMAP or
 *	FIRST_VMAP
 * @access: DMABUF_HEAP_ACCESS_*: of ATTACH and DETACH what was declared, or what a
 *	driver's maps so far add up to; of MAP and UNMAP the direction of the DMA
 * @flags: of ATTACH, DETACH, MAP and UNMAP, DMABUF_HEAP_ATTACHMENT_*; of all others
 *	DMABUF_HEAP_BUFFER_*
 * @uid: user that created the buffer, in the reader's user namespace
 * @comm: task in whose course it happened
 * @name: the buffer's name at that time
 * @device: device that it is about, in the form of &dmabuf_heap_report.device; of
 *	FIRST_MAP by anyone else, the task
 * @label: label of the attachment
 * @report: of REFUSED, why; else all zero
 *
 * Fields that an event doesn't have are 0. Of MISSED that is all but @type,
 * @time_ns, when the first of them was lost, and @count.
 */
struct dmabuf_heap_event {
	__u32 type;
	__s32 pid;
	__aligned_u64 time_ns;
	__aligned_u64 count;
	__aligned_u64 id;
	__aligned_u64 length;
	__aligned_u64 attachment;
	__aligned_u64 runs;
	__aligned_u64 duration_ns;
	__u32 addr_bits;
	__u32 segments;
	__u32 first_map;
	__u32 access;
	__u32 flags;
	__u32 uid;
	char comm[DMABUF_HEAP_COMM_LEN];
	char name[DMABUF_HEAP_NAME_LEN];
	char device[DMABUF_HEAP_DEVICE_LEN];
	char label[DMABUF_HEAP_NAME_LEN];
	struct dmabuf_heap_report report;
};

/**
 * struct dmabuf_heap_watch - ioctl(DMABUF_HEAP_IOC_WATCH)
 * @size: sizeof(struct dmabuf_heap_watch)
 * @flags: must be 0
 * @event_size: bytes of one struct dmabuf_heap_event as the caller knows it, at
 *	least 1 and at most a page (-E2BIG). read() writes at most these, and zeroes
 *	what it doesn't know.
 * @__reserved: must be 0
 * @events: bit n is set for events of type n. MISSED comes unasked: its bit must
 *	be 0. 0 to watch no longer; then all else must be 0.
 * @id: only events of the buffer with this id, whether there is one or not; 0 for
 *	those of all
 *
 * From now on this open file collects the events of buffers of the caller's
 * effective uid, and if the caller has CAP_SYS_ADMIN of all. What the caller is
 * counts at the time of the call, and a buffer's user is its creator. A further
 * call changes what is collected; unread events stay. With @events 0 they are
 * dropped, and whoever waits in read() gets -EINVAL, also when WATCH is called again at once.
 *
 * read() gives as many whole events as there are and have room, in the order in
 * which they happened. It is -EINVAL when not one has room, or when nobody called
 * WATCH. While there is none it waits, or with O_NONBLOCK is -EAGAIN, which it also is
 * while another thread reads or calls WATCH. readv() waits for each of its parts.
 * poll() says EPOLLIN when there is one, and EPOLLERR when nobody called WATCH: call it
 * before the file is given to epoll.
 *
 * About a thousand events are kept. Those that find no room are counted, and
 * MISSED stands where they would. An event is taken when it has been copied:
 * -EFAULT loses none. Readers of one open file, also after fork(), share its
 * events.
 *
 * To know all buffers, call WATCH first and then QUERY: one that is created in
 * between may be told twice, and none is missed.
 *
 * Errors: EINVAL, E2BIG, ENOMEM, ENOSPC, EINTR. After an error the file watches
 * what it did before.
 */
struct dmabuf_heap_watch {
	__u32 size;
	__u32 flags;
	__u32 event_size;
	__u32 __reserved;
	__aligned_u64 events;
	__aligned_u64 id;
};

#define DMABUF_HEAP_IOC_WATCH \
	_IO(DMABUF_HEAP_IOC_TYPE, DMABUF_HEAP_CMD_WATCH)

#endif /* _UAPI_LINUX_DMABUF_HEAP_H */
