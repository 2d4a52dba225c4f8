/* SPDX-License-Identifier: MIT */
/*
 * libdmabuf-heap: buffers whose memory is chosen once it is known who will use
 * it. The C face of /dev/dmabuf-heap.
 *
 * A buffer is an ordinary dma-buf of fixed size that has no memory at first.
 * Devices are attached to it by their fd; the first map, by a device or a CPU,
 * allocates memory that suits every device attached by then. A device that comes
 * later and can't use that memory gets -EBUSY, and dmabuf_heap_conflict_explain()
 * says why in one sentence.
 *
 * Rules of every function:
 *
 * - A function that can fail returns 0 or a negative errno and gives its results
 *   through pointers, which it writes only when it says so. It prints nothing
 *   and keeps no state outside its objects.
 * - One thread per object at a time. Different objects can be used by different
 *   threads at once; so can the buffers of one heap, since they only read it.
 * - The heap stays open until its last buffer, iterator and plan are closed.
 *   Watchers and snapshots (buffer info, attachment lists, replies, plan
 *   results) stand on their own.
 * - Every fd that the library makes is close-on-exec, except where asked.
 * - Text is UTF-8, never NULL, and lives as long as the object it came from.
 * - Structs whose fields are listed here are made by the library only, and read
 *   only by callers. A later version may add fields at the end: never copy one
 *   by value, take its size or put it into an array.
 * - Sizes and offsets are bytes, times are nanoseconds of CLOCK_MONOTONIC.
 * - Functions that write a sentence work like snprintf(): they write at most
 *   @size bytes, always end them with a NUL (@size above 0), and return the
 *   length of the whole sentence without its NUL. It has no full stop.
 * - "free" and "close" accept NULL.
 *
 * Besides what a function lists, each one that talks to the kernel can fail with
 * -EINTR (a fatal signal), each one that makes an object with -ENOMEM.
 *
 * Constants are named DBHEAP_, which keeps them apart from those of
 * linux/dmabuf-heap.h: one file can include both.
 */
#ifndef DMABUF_HEAP_H
#define DMABUF_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The device node that dmabuf_heap_open() opens when it is given no path. */
#define DBHEAP_DEFAULT_PATH	"/dev/dmabuf-heap"

/* struct dmabuf_heap - the open device */
struct dmabuf_heap;

/* struct dmabuf_heap_buffer - one buffer, held by an fd of its own */
struct dmabuf_heap_buffer;

/* struct dmabuf_heap_requirement - limits that a caller adds, with a label */
struct dmabuf_heap_requirement;

/* struct dmabuf_heap_plan - devices and limits that one buffer is to serve */
struct dmabuf_heap_plan;

/* struct dmabuf_heap_iterator - walks over all buffers */
struct dmabuf_heap_iterator;

/* struct dmabuf_heap_watcher - collects what happens to buffers */
struct dmabuf_heap_watcher;

/* struct dmabuf_heap_limits_info - limits, part of a snapshot */
struct dmabuf_heap_limits_info;

/**
 * enum dbheap_limit - the limits that a device's DMA can have
 * @DBHEAP_LIMIT_MAX_ADDR: highest address reached without bouncing, the last
 *	byte included. For a device behind an IOMMU that remaps, an address of the
 *	IOMMU's making; in a requirement without a device, a physical one.
 * @DBHEAP_LIMIT_CONTIGUOUS: 1 when the whole buffer must lie at addresses without
 *	a gap, 0 when not. Asks nothing of memory behind an IOMMU that remaps.
 * @DBHEAP_LIMIT_MAX_SEGMENT: largest scatter-gather segment in bytes, a multiple
 *	of the page size.
 * @DBHEAP_LIMIT_BOUNDARY: a segment must not cross a multiple of this value plus
 *	one; one less than a power of two.
 * @DBHEAP_LIMIT_MAX_SEGMENTS: most segments, at least 1, that the device takes the
 *	whole buffer in.
 * @DBHEAP_LIMIT_ALIGNMENT: every physical run begins at a multiple of this power
 *	of two, at least the page size. Asks nothing of memory behind an IOMMU that
 *	remaps.
 * @DBHEAP_LIMIT_CHUNK: preferred: runs of at least so many bytes, which begin at
 *	multiples of it; a power of two, at least the page size.
 * @DBHEAP_LIMIT_NODE: preferred: the NUMA node that memory lies on.
 * @DBHEAP_LIMIT_COUNT: number of limits that this header knows; grows
 *
 * DBHEAP_LIMIT_MAX_SEGMENT and DBHEAP_LIMIT_BOUNDARY shape the table that the
 * device gets; all others choose the memory. What is preferred refuses nothing.
 */
enum dbheap_limit {
	DBHEAP_LIMIT_MAX_ADDR,
	DBHEAP_LIMIT_CONTIGUOUS,
	DBHEAP_LIMIT_MAX_SEGMENT,
	DBHEAP_LIMIT_BOUNDARY,
	DBHEAP_LIMIT_MAX_SEGMENTS,
	DBHEAP_LIMIT_ALIGNMENT,
	DBHEAP_LIMIT_CHUNK,
	DBHEAP_LIMIT_NODE,
	DBHEAP_LIMIT_COUNT,
};

/**
 * enum dbheap_access - what a device, or the CPU, does with a buffer; a bit mask
 * @DBHEAP_READ: reads from memory
 * @DBHEAP_WRITE: writes to memory
 *
 * For a device this is told and shown, not enforced.
 */
enum dbheap_access {
	DBHEAP_READ = 1 << 0,
	DBHEAP_WRITE = 1 << 1,
};

/**
 * enum dbheap_direction - index of counts by direction of DMA
 * @DBHEAP_DIR_READ: the device reads memory
 * @DBHEAP_DIR_WRITE: the device writes memory
 * @DBHEAP_DIR_BOTH: it may do both
 * @DBHEAP_DIR_COUNT: number of directions
 */
enum dbheap_direction {
	DBHEAP_DIR_READ,
	DBHEAP_DIR_WRITE,
	DBHEAP_DIR_BOTH,
	DBHEAP_DIR_COUNT,
};

/**
 * enum dbheap_create - how a buffer is made; a bit mask
 * @DBHEAP_CREATE_READ_ONLY: the buffer's fd can't be mapped writable
 * @DBHEAP_CREATE_INHERIT: the fd survives exec()
 * @DBHEAP_CREATE_MOVABLE: its memory may be replaced by other memory, for a device
 *	that comes later and can't use the first, while no device and no driver
 *	maps it. Its bytes stay, and so do maps by processes. Needs
 *	DBHEAP_FEATURE_MOVE.
 */
enum dbheap_create {
	DBHEAP_CREATE_READ_ONLY = 1 << 0,
	DBHEAP_CREATE_INHERIT = 1 << 1,
	DBHEAP_CREATE_MOVABLE = 1 << 2,
};

/**
 * enum dbheap_feature - what the running module can do; a bit mask
 * @DBHEAP_FEATURE_MOVE: DBHEAP_CREATE_MOVABLE
 */
enum dbheap_feature {
	DBHEAP_FEATURE_MOVE = 1 << 0,
};

/**
 * enum dbheap_attach - how a device is attached; a bit mask
 * @DBHEAP_ATTACH_TEST: only ask whether it would be accepted now; nothing changes
 */
enum dbheap_attach {
	DBHEAP_ATTACH_TEST = 1 << 0,
};

/* Device fd of a requirement that stands for no device. */
#define DBHEAP_NO_DEVICE	(-1)

/* Equal parts that &dmabuf_heap_buffer_info.run_starts divides a buffer into. */
#define DBHEAP_PARTS		64

/**
 * enum dbheap_attachment - what an attachment is; a bit mask
 * @DBHEAP_ATTACHMENT_DECLARED: made by dmabuf_heap_buffer_attach()
 * @DBHEAP_ATTACHMENT_IMPORTED: made by a driver that imported the buffer
 * @DBHEAP_ATTACHMENT_CPU_ONLY: the driver uses the CPU and does no DMA to it
 * @DBHEAP_ATTACHMENT_REMAPPED: an IOMMU remaps the device's DMA
 * @DBHEAP_ATTACHMENT_NO_DEVICE: a requirement without a device
 */
enum dbheap_attachment {
	DBHEAP_ATTACHMENT_DECLARED = 1 << 0,
	DBHEAP_ATTACHMENT_IMPORTED = 1 << 1,
	DBHEAP_ATTACHMENT_CPU_ONLY = 1 << 2,
	DBHEAP_ATTACHMENT_REMAPPED = 1 << 3,
	DBHEAP_ATTACHMENT_NO_DEVICE = 1 << 4,
};

/**
 * enum dbheap_state - whether a buffer has memory
 * @DBHEAP_UNBACKED: none yet
 * @DBHEAP_BACKED: allocated
 */
enum dbheap_state {
	DBHEAP_UNBACKED,
	DBHEAP_BACKED,
};

/**
 * enum dbheap_first_map - what made a buffer backed
 * @DBHEAP_FIRST_NONE: nothing yet
 * @DBHEAP_FIRST_DEVICE: a driver mapped it for its device
 * @DBHEAP_FIRST_MMAP: a process called mmap()
 * @DBHEAP_FIRST_VMAP: a driver asked for a kernel address
 * @DBHEAP_FIRST_COMMIT: a process called dmabuf_heap_buffer_commit()
 */
enum dbheap_first_map {
	DBHEAP_FIRST_NONE,
	DBHEAP_FIRST_DEVICE,
	DBHEAP_FIRST_MMAP,
	DBHEAP_FIRST_VMAP,
	DBHEAP_FIRST_COMMIT,
};

/* ---- The device (heap.c) ---- */

/**
 * dmabuf_heap_open() - open the device
 * @path: the device node, or NULL for DBHEAP_DEFAULT_PATH
 * @heap: written on success; end it with dmabuf_heap_close()
 *
 * Return: 0; -ENOENT when there is no such node (the module isn't loaded), or
 * what else open() fails with; -ENOTTY when the node is another device.
 */
int dmabuf_heap_open(const char *path, struct dmabuf_heap **heap);

/**
 * dmabuf_heap_close() - close the device
 * @heap: no buffer or iterator of it may be left
 */
void dmabuf_heap_close(struct dmabuf_heap *heap);

/**
 * dmabuf_heap_get_fd() - the device's fd, which stays the heap's
 * @heap: the open device
 *
 * Return: the fd.
 */
int dmabuf_heap_get_fd(const struct dmabuf_heap *heap);

/**
 * dmabuf_heap_get_abi() - the level of the running module's ABI
 * @heap: the open device
 *
 * Return: 1 or more.
 */
unsigned int dmabuf_heap_get_abi(const struct dmabuf_heap *heap);

/**
 * dmabuf_heap_get_features() - the running module's feature bits
 * @heap: the open device
 *
 * Return: bits of enum dbheap_feature, and those of a newer module.
 */
uint64_t dmabuf_heap_get_features(const struct dmabuf_heap *heap);

/**
 * dmabuf_heap_get_page_size() - every buffer's length is a multiple of this
 * @heap: the open device
 *
 * Return: bytes.
 */
size_t dmabuf_heap_get_page_size(const struct dmabuf_heap *heap);

/**
 * dmabuf_heap_get_max_length() - length of the largest buffer
 * @heap: the open device
 *
 * Return: bytes.
 */
uint64_t dmabuf_heap_get_max_length(const struct dmabuf_heap *heap);

/**
 * dmabuf_heap_can_require() - whether a requirement may carry a limit
 * @heap: the open device
 * @limit: the limit
 *
 * Return: true when the running module accepts it.
 */
bool dmabuf_heap_can_require(const struct dmabuf_heap *heap,
			     enum dbheap_limit limit);

/* ---- Buffers (buffer.c) ---- */

/**
 * dmabuf_heap_buffer_create() - make a buffer without memory
 * @heap: the open device
 * @length: bytes, at least 1; rounded up to whole pages
 * @flags: bits of enum dbheap_create
 * @name: at most 31 bytes without control characters; NULL or empty for none
 * @buffer: written on success; end it with dmabuf_heap_buffer_close()
 *
 * Costs the same for every @length.
 *
 * Return: 0; -EINVAL for a @length of 0, an unknown flag or a bad name;
 * -EOPNOTSUPP for a @length above dmabuf_heap_get_max_length(); -E2BIG for a flag
 * that the running module is too old for; -EDQUOT for more buffers than the
 * administrator allows; -EMFILE, -ENFILE or -ENOMEM.
 */
int dmabuf_heap_buffer_create(struct dmabuf_heap *heap, uint64_t length,
			      unsigned int flags, const char *name,
			      struct dmabuf_heap_buffer **buffer);

/**
 * dmabuf_heap_buffer_from_fd() - hold a buffer that someone else made
 * @heap: the open device
 * @fd: the buffer's fd, as received from another process. It is duplicated:
 *	the caller's own stays open and stays the caller's.
 * @buffer: written on success; end it with dmabuf_heap_buffer_close()
 *
 * Return: 0; -EINVAL when the fd is no buffer of this device, -EBADF when it
 * isn't open; -EMFILE or -ENOMEM.
 */
int dmabuf_heap_buffer_from_fd(struct dmabuf_heap *heap, int fd,
			       struct dmabuf_heap_buffer **buffer);

/**
 * dmabuf_heap_buffer_close() - let go of a buffer
 * @buffer: its fd is closed
 *
 * The buffer itself lives on while another fd, a map or a driver holds it.
 */
void dmabuf_heap_buffer_close(struct dmabuf_heap_buffer *buffer);

/**
 * dmabuf_heap_buffer_get_fd() - the buffer's fd, which stays the object's
 * @buffer: the buffer
 *
 * To be handed to V4L2, DRM or another process. dup() it to keep it for longer.
 *
 * Return: the fd.
 */
int dmabuf_heap_buffer_get_fd(const struct dmabuf_heap_buffer *buffer);

/**
 * dmabuf_heap_buffer_get_id() - the buffer's id
 * @buffer: the buffer
 *
 * Return: the id, which is the inode number of the dma-buf.
 */
uint64_t dmabuf_heap_buffer_get_id(const struct dmabuf_heap_buffer *buffer);

/**
 * dmabuf_heap_buffer_get_length() - the buffer's length
 * @buffer: the buffer
 *
 * Return: bytes, whole pages.
 */
uint64_t dmabuf_heap_buffer_get_length(const struct dmabuf_heap_buffer *buffer);

/**
 * dmabuf_heap_buffer_is_writable() - whether the fd can be mapped writable
 * @buffer: the buffer
 *
 * Return: false for a read-only fd.
 */
bool dmabuf_heap_buffer_is_writable(const struct dmabuf_heap_buffer *buffer);

/**
 * dmabuf_heap_buffer_commit() - allocate the memory now
 * @buffer: the buffer
 *
 * As a first map would, for all devices attached so far. 0 for a buffer that has
 * its memory already.
 *
 * Return: 0; -ENOMEM, or -EDQUOT for more memory than the administrator allows:
 * both leave the buffer as it was.
 */
int dmabuf_heap_buffer_commit(struct dmabuf_heap_buffer *buffer);

/**
 * dmabuf_heap_buffer_seal() - let no further device in
 * @buffer: the buffer; the caller must be its creator (same effective uid) or
 *	have CAP_SYS_ADMIN
 *
 * From now on attaching is -EPERM and a driver can import the buffer only for a
 * device that is declared. Can't be undone. Drivers that only use the CPU never
 * attach and are beyond its reach.
 *
 * Return: 0; -EPERM.
 */
int dmabuf_heap_buffer_seal(struct dmabuf_heap_buffer *buffer);

/* ---- Limits (limits.c) ---- */

/**
 * dmabuf_heap_limits_info_get() - one limit of a list
 * @limits: the list
 * @limit: which
 * @value: written when the limit is there; may be NULL
 * @set_by: id of the attachment that set it, in merged limits, else 0; written
 *	when the limit is there; may be NULL
 *
 * Return: true when there is such a limit.
 */
bool dmabuf_heap_limits_info_get(const struct dmabuf_heap_limits_info *limits,
				 enum dbheap_limit limit, uint64_t *value,
				 uint64_t *set_by);

/**
 * dmabuf_heap_limit_describe() - one limit in words
 * @limit: which
 * @value: its value
 * @text: where to write; may be NULL when @size is 0
 * @size: bytes at @text
 *
 * "below 4 GiB", "contiguous", "segments of at most 64 KiB", "no segment across
 * 4 GiB", "at most 16 segments", "aligned to 64 KiB", "preferably runs of 2 MiB",
 * "preferably NUMA node 1". A limit that limits nothing says so: "any address",
 * "any number of runs", "segments of any size", "segments across any boundary",
 * "any number of segments", "any alignment", "runs of any size", "any NUMA node".
 *
 * Return: length of the whole text; 0 for a limit that the library doesn't know.
 */
size_t dmabuf_heap_limit_describe(enum dbheap_limit limit, uint64_t value,
				  char *text, size_t size);

/**
 * dmabuf_heap_size_describe() - a number of bytes in words
 * @bytes: the number
 * @text: where to write; may be NULL when @size is 0
 * @size: bytes at @text
 *
 * "64 KiB", "1.5 MiB", "16 EiB": at most one decimal, rounded down.
 *
 * Return: length of the whole text.
 */
size_t dmabuf_heap_size_describe(uint64_t bytes, char *text, size_t size);

/* ---- Why a device was refused (conflict.c, explain.c) ---- */

/**
 * struct dmabuf_heap_conflict - why a device was refused; part of a snapshot
 * @error: what the refused call failed with: EBUSY, EOPNOTSUPP or EPERM, positive.
 *	EPERM, a driver that imported a sealed buffer without having been attached
 *	before, is of no limit: @limit, @wanted and @found are 0.
 * @limit: enum dbheap_limit, the one that can't be met; a newer kernel's may be
 *	beyond what this header knows
 * @wanted: what it asks. The highest address for DBHEAP_LIMIT_MAX_ADDR; the bytes
 *	that must lie in one run for DBHEAP_LIMIT_CONTIGUOUS.
 * @found: what there is. With EBUSY, of the buffer's memory: for
 *	DBHEAP_LIMIT_MAX_ADDR the last address that has as many bits as its last
 *	byte's, for DBHEAP_LIMIT_CONTIGUOUS the bytes of its largest run, for
 *	DBHEAP_LIMIT_MAX_SEGMENTS the segments that it would be cut into, for
 *	DBHEAP_LIMIT_ALIGNMENT the largest power of two that all its runs begin at
 *	multiples of. With EOPNOTSUPP, of the machine: the bytes of memory at or
 *	below the wanted address, the bytes of its largest block, the fewest
 *	segments that it can cut the buffer into, the largest alignment.
 * @length: the buffer's length in bytes
 * @runs: physical runs that the memory lay in, 0 when there was none
 * @attachment_id: the attachment that set the limit; 0 when it is the one that
 *	was refused
 * @first_map: what had allocated the memory
 * @first_map_ns: when, 0 when there was none
 * @time_ns: when the device was refused
 * @device: the device that asks for the limit, as people know it: the node that it
 *	was declared by with the device in brackets, or the device alone; empty
 *	for a requirement alone
 * @label: label of the attachment that asks for it
 * @first_map_by: who had allocated: the device, in the form of @device, for
 *	DBHEAP_FIRST_DEVICE, the task's name for others
 */
struct dmabuf_heap_conflict {
	int error;
	unsigned int limit;
	uint64_t wanted;
	uint64_t found;
	uint64_t length;
	uint64_t runs;
	uint64_t attachment_id;
	enum dbheap_first_map first_map;
	uint64_t first_map_ns;
	uint64_t time_ns;
	const char *device;
	const char *label;
	const char *first_map_by;
};

/**
 * dmabuf_heap_conflict_explain() - the conflict as one sentence
 * @conflict: from a reply or a buffer info
 * @node: what the user knows @conflict's device by, named before the device where
 *	the kernel knows no node of it; NULL or empty for none
 * @text: where to write; may be NULL when @size is 0
 * @size: bytes at @text
 *
 * "video1 (vivid.0) needs contiguous memory; the buffer was allocated in 12 runs
 * when card0 (0000:00:04.0) mapped it 3.2 s ago"; "vivid.0 needs 33 MiB of
 * contiguous memory, and this machine's largest block is 4 MiB"; "the buffer is
 * sealed, and vivid.0 was not attached before". Counts "ago" from the call.
 * 512 bytes suffice for a @node of up to 100.
 *
 * Return: length of the whole sentence.
 */
size_t dmabuf_heap_conflict_explain(const struct dmabuf_heap_conflict *conflict,
				    const char *node, char *text, size_t size);

/* ---- Attaching devices (attach.c) ---- */

/**
 * dmabuf_heap_requirement_create() - begin a requirement
 * @label: which function of a device it is about ("scanout"), at most 31 bytes
 *	without control characters; NULL or empty for none
 * @requirement: written on success; end it with dmabuf_heap_requirement_free()
 *
 * A requirement without limits only gives an attachment its label.
 *
 * Return: 0; -EINVAL for a bad label; -ENOMEM.
 */
int dmabuf_heap_requirement_create(const char *label,
				   struct dmabuf_heap_requirement **requirement);

/**
 * dmabuf_heap_requirement_set() - add or change one limit of a requirement
 * @requirement: the requirement
 * @limit: the limit
 * @value: in the unit of enum dbheap_limit; the kernel checks it on attach
 *
 * Return: 0; -EINVAL for a limit that the library doesn't know.
 */
int dmabuf_heap_requirement_set(struct dmabuf_heap_requirement *requirement,
				enum dbheap_limit limit, uint64_t value);

/**
 * dmabuf_heap_requirement_free() - end a requirement
 * @requirement: attachments made with it stay
 */
void dmabuf_heap_requirement_free(struct dmabuf_heap_requirement *requirement);

/**
 * struct dmabuf_heap_reply - what the kernel says of a device on attach
 * @flags: bits of enum dbheap_attachment, what the device is
 * @device: name of the device that does the DMA, as in /sys/devices; empty for a
 *	requirement alone
 * @limits: the device's own limits, the requirement's merged in
 * @merged: limits of all attachments of the buffer, this one included
 * @conflict: why the device was refused; NULL when it was accepted
 */
struct dmabuf_heap_reply {
	unsigned int flags;
	const char *device;
	const struct dmabuf_heap_limits_info *limits;
	const struct dmabuf_heap_limits_info *merged;
	const struct dmabuf_heap_conflict *conflict;
};

/**
 * dmabuf_heap_buffer_attach() - declare that a device will use a buffer
 * @buffer: the buffer
 * @device_fd: the device: an open V4L2 or DRM node, another character device
 *	whose device does DMA, or a directory below /sys that is a device.
 *	DBHEAP_NO_DEVICE for a requirement alone.
 * @access: bits of enum dbheap_access, at least one
 * @requirement: limits on top of the device's own and a label, or NULL
 * @flags: DBHEAP_ATTACH_TEST or 0
 * @id: the attachment's id, 0 with DBHEAP_ATTACH_TEST; written on success, may be
 *	NULL
 * @reply: what the kernel said of the device; may be NULL. Written by every call:
 *	an object on success, -EBUSY and -EOPNOTSUPP, which the caller ends with
 *	dmabuf_heap_reply_free(), and NULL after any other error.
 *
 * Does not need @device_fd afterwards. After an error the buffer is as before.
 *
 * Return: 0; -EBUSY when the buffer has memory that can't serve this device;
 * -EOPNOTSUPP when no memory of this machine could serve all devices attached;
 * -ENODEV when @device_fd names no device that does DMA, -EBADF when it isn't
 * open; -EPERM for a sealed buffer; -ENOSPC for too many attachments; -EINVAL for
 * a bad argument or limit, and for DBHEAP_NO_DEVICE without any limit; -E2BIG for
 * a limit that the running module is too old for; -EDQUOT when the buffer would
 * have to move to more memory than the administrator allows; -ENOMEM.
 */
int dmabuf_heap_buffer_attach(struct dmabuf_heap_buffer *buffer, int device_fd,
			      unsigned int access,
			      const struct dmabuf_heap_requirement *requirement,
			      unsigned int flags, uint64_t *id,
			      struct dmabuf_heap_reply **reply);

/**
 * dmabuf_heap_buffer_detach() - take an attachment back
 * @buffer: the buffer; the caller must be its creator (same effective uid) or
 *	have CAP_SYS_ADMIN
 * @id: the attachment
 *
 * Return: 0; -ENOENT when there is no such attachment; -EBUSY for a driver's own,
 * which only the driver can end; -EPERM.
 */
int dmabuf_heap_buffer_detach(struct dmabuf_heap_buffer *buffer, uint64_t id);

/**
 * dmabuf_heap_reply_free() - end a reply
 * @reply: what was taken from it goes with it
 */
void dmabuf_heap_reply_free(struct dmabuf_heap_reply *reply);

/* ---- One buffer at one moment (info.c) ---- */

/**
 * struct dmabuf_heap_buffer_info - one buffer at one moment
 * @id: the buffer's id, the inode number of the dma-buf
 * @length: bytes
 * @name: as created or renamed since; may be empty
 * @state: whether it has memory
 * @sealed: whether dmabuf_heap_buffer_seal() was called
 * @created_ns: when it was made
 * @creator_pid: process that made it, in the caller's namespace; 0 when it isn't
 *	visible there or is gone
 * @creator_uid: its user, in the caller's namespace
 * @creator_comm: name of the task that made it
 * @first_map: what allocated the memory, DBHEAP_FIRST_NONE while there is none
 * @first_map_by: who: the device, in the form of &dmabuf_heap_conflict.device, for
 *	DBHEAP_FIRST_DEVICE, the task's name for others; empty while there is no
 *	memory
 * @first_map_ns: when, 0 while there is no memory
 * @attachments: attachments of both kinds
 * @declared: those made by dmabuf_heap_buffer_attach()
 * @cpu_maps: memory areas of processes that map it now
 * @vmaps: 1 while the kernel holds an address of it, else 0
 * @device_maps: maps that devices hold now, by enum dbheap_direction
 * @runs: physical runs that the memory lies in; for an unbacked buffer, 1 when
 *	it will be one and 0 when it may be any number
 * @run_min: bytes of the smallest run, 0 while there is no memory
 * @run_max: bytes of the largest run, 0 while there is no memory
 * @nodes: bit n for memory on NUMA node n, bit 63 for node 63 and above
 * @addr_bits: address bits that the last byte needs; for an unbacked buffer the
 *	most that it may need, 64 for no limit
 * @merged: limits of all attachments, each with the attachment that set it
 * @conflict: the last refusal, NULL if there was none. Tells what a driver was
 *	refused whose own call flattened the errno.
 * @align_bits: lowest address bits that are 0 where every run begins; for an
 *	unbacked buffer the fewest that may be; 0 from a module that doesn't know
 * @movable: whether it was made with DBHEAP_CREATE_MOVABLE
 * @moves: how often its memory was replaced by other memory
 * @moves_ns: time that all these moves took together
 * @last_move_ns: when the last one ended, 0 for never
 * @moved_for: the device that the last one was made for, in the form of
 *	&dmabuf_heap_conflict.device; empty for none
 * @run_starts: how many runs begin in each of DBHEAP_PARTS equal parts of the
 *	buffer, 255 for more; all 0 while there is no memory
 *
 * All that one info tells was true at the same moment.
 */
struct dmabuf_heap_buffer_info {
	uint64_t id;
	uint64_t length;
	const char *name;
	enum dbheap_state state;
	bool sealed;
	uint64_t created_ns;
	pid_t creator_pid;
	uid_t creator_uid;
	const char *creator_comm;
	enum dbheap_first_map first_map;
	const char *first_map_by;
	uint64_t first_map_ns;
	unsigned int attachments;
	unsigned int declared;
	unsigned int cpu_maps;
	unsigned int vmaps;
	unsigned int device_maps[DBHEAP_DIR_COUNT];
	uint64_t runs;
	uint64_t run_min;
	uint64_t run_max;
	uint64_t nodes;
	unsigned int addr_bits;
	const struct dmabuf_heap_limits_info *merged;
	const struct dmabuf_heap_conflict *conflict;
	unsigned int align_bits;
	bool movable;
	uint64_t moves;
	uint64_t moves_ns;
	uint64_t last_move_ns;
	const char *moved_for;
	const unsigned char *run_starts;
};

/**
 * dmabuf_heap_buffer_info_read() - ask about a buffer that one holds
 * @buffer: the buffer
 * @info: written on success; end it with dmabuf_heap_buffer_info_free()
 *
 * Return: 0; -ENOMEM.
 */
int dmabuf_heap_buffer_info_read(struct dmabuf_heap_buffer *buffer,
				 struct dmabuf_heap_buffer_info **info);

/**
 * dmabuf_heap_buffer_info_read_id() - ask about a buffer by its id
 * @heap: the open device
 * @id: the buffer; without CAP_SYS_ADMIN, one of the caller's own
 * @info: written on success; end it with dmabuf_heap_buffer_info_free()
 *
 * Return: 0; -ENOENT when there is no such buffer; -ENOMEM.
 */
int dmabuf_heap_buffer_info_read_id(struct dmabuf_heap *heap, uint64_t id,
				    struct dmabuf_heap_buffer_info **info);

/**
 * dmabuf_heap_buffer_info_copy() - keep an info, such as an iterator's
 * @info: the info
 * @copy: written on success; end it with dmabuf_heap_buffer_info_free()
 *
 * Return: 0; -ENOMEM.
 */
int dmabuf_heap_buffer_info_copy(const struct dmabuf_heap_buffer_info *info,
				 struct dmabuf_heap_buffer_info **copy);

/**
 * dmabuf_heap_buffer_info_free() - end an info
 * @info: what was taken from it goes with it. Not for an iterator's.
 */
void dmabuf_heap_buffer_info_free(struct dmabuf_heap_buffer_info *info);

/**
 * dmabuf_heap_buffer_info_describe_first_map() - who allocated, in words
 * @info: the info
 * @text: where to write; may be NULL when @size is 0
 * @size: bytes at @text
 *
 * "card0 (0000:00:04.0) mapped it 3.2 s ago", "dmabuf-ctl filled it through
 * mmap 12 ms ago"; "nobody has used it yet" for an unbacked buffer.
 *
 * Return: length of the whole text.
 */
size_t dmabuf_heap_buffer_info_describe_first_map(const struct dmabuf_heap_buffer_info *info,
						  char *text, size_t size);

/**
 * dmabuf_heap_buffer_info_describe_placement() - how memory lies, in words
 * @info: the info
 * @text: where to write; may be NULL when @size is 0
 * @size: bytes at @text
 *
 * For memory that is there: "contiguous, below 4 GiB", "12 runs of 64 KiB to
 * 4 MiB, below 16 GiB". For an unbacked buffer, where it would be put:
 * "contiguous, below 4 GiB", "any number of runs, any address", "contiguous, any
 * address, aligned to 64 KiB".
 *
 * Return: length of the whole text.
 */
size_t dmabuf_heap_buffer_info_describe_placement(const struct dmabuf_heap_buffer_info *info,
						  char *text, size_t size);

/* ---- All buffers (iterator.c) ---- */

/**
 * dmabuf_heap_iterator_create() - begin to walk over all buffers
 * @heap: the open device; must outlive the iterator
 * @iterator: written on success; end it with dmabuf_heap_iterator_free()
 *
 * Without CAP_SYS_ADMIN one sees the buffers of one's own effective uid.
 *
 * Return: 0; -ENOMEM.
 */
int dmabuf_heap_iterator_create(struct dmabuf_heap *heap,
				struct dmabuf_heap_iterator **iterator);

/**
 * dmabuf_heap_iterator_next() - the next buffer, by rising id
 * @iterator: the iterator
 * @info: written on success: the buffer, or NULL after the last one. Part of
 *	@iterator and valid until its next call.
 *
 * The kernel is asked for many buffers at a time, so an info may be a little
 * older than the call. A buffer that comes or goes during the walk may or may
 * not be seen; none is seen twice and none that lives throughout is missed.
 *
 * Return: 0; -ENOMEM. After an error the same step can be tried again.
 */
int dmabuf_heap_iterator_next(struct dmabuf_heap_iterator *iterator,
			      const struct dmabuf_heap_buffer_info **info);

struct dmabuf_heap_attachment_list;

/**
 * dmabuf_heap_iterator_get_attachments() - attachments of the buffer last stepped to
 * @iterator: the iterator
 * @list: written on success; end it with dmabuf_heap_attachment_list_free()
 *
 * As dmabuf_heap_attachment_list_read_id(), but the kernel is asked for those of many
 * buffers at a time: the list may be a little older or younger than the info. Empty
 * for a buffer that is gone by now.
 *
 * Return: 0; -ENOMEM.
 */
int dmabuf_heap_iterator_get_attachments(struct dmabuf_heap_iterator *iterator,
					 struct dmabuf_heap_attachment_list **list);

/**
 * dmabuf_heap_iterator_free() - end the walk
 * @iterator: its last info goes with it; may be NULL
 */
void dmabuf_heap_iterator_free(struct dmabuf_heap_iterator *iterator);

/* ---- A buffer's attachments (attachment.c) ---- */

/* struct dmabuf_heap_attachment_list - snapshot: one buffer's attachments */

/**
 * struct dmabuf_heap_attachment_info - one attachment; part of a list
 * @id: unique within its buffer, never 0
 * @declared_id: for an imported attachment, the declared one of the same device
 *	when there is just one; else 0
 * @flags: bits of enum dbheap_attachment
 * @access: bits of enum dbheap_access: what was declared, or for an imported one
 *	what its maps so far add up to
 * @device: name of the device that does the DMA, as in /sys/devices; empty for a
 *	requirement alone
 * @node: node that it was declared by, such as "video0"; empty if none
 * @node_major: number of that node, 0 if none
 * @node_minor: as @node_major
 * @subsystem: class or bus, such as "video4linux", "drm" or "pci"; may be empty
 * @label: as declared; may be empty
 * @pid: process that attached it, in the caller's namespace; 0 when it isn't
 *	visible there or is gone
 * @comm: name of the task that attached it
 * @created_ns: when it was attached
 * @last_map_ns: when its device last mapped the buffer, 0 for never
 * @bytes_mapped: bytes that its device maps now, over all maps
 * @maps: maps that its device holds now, by enum dbheap_direction
 * @maps_ever: maps that its device made so far, by enum dbheap_direction
 * @limits: its own limits, as they count in the merge
 */
struct dmabuf_heap_attachment_info {
	uint64_t id;
	uint64_t declared_id;
	unsigned int flags;
	unsigned int access;
	const char *device;
	const char *node;
	unsigned int node_major;
	unsigned int node_minor;
	const char *subsystem;
	const char *label;
	pid_t pid;
	const char *comm;
	uint64_t created_ns;
	uint64_t last_map_ns;
	uint64_t bytes_mapped;
	unsigned int maps[DBHEAP_DIR_COUNT];
	uint64_t maps_ever[DBHEAP_DIR_COUNT];
	const struct dmabuf_heap_limits_info *limits;
};

/**
 * dmabuf_heap_attachment_list_read() - attachments of a buffer that one holds
 * @buffer: the buffer
 * @list: written on success; end it with dmabuf_heap_attachment_list_free()
 *
 * Return: 0; -ENOMEM.
 */
int dmabuf_heap_attachment_list_read(struct dmabuf_heap_buffer *buffer,
				     struct dmabuf_heap_attachment_list **list);

/**
 * dmabuf_heap_attachment_list_read_id() - attachments of a buffer by its id
 * @heap: the open device
 * @id: the buffer; without CAP_SYS_ADMIN, one of the caller's own
 * @list: written on success; end it with dmabuf_heap_attachment_list_free()
 *
 * Return: 0; -ENOENT when there is no such buffer; -ENOMEM.
 */
int dmabuf_heap_attachment_list_read_id(struct dmabuf_heap *heap, uint64_t id,
					struct dmabuf_heap_attachment_list **list);

/**
 * dmabuf_heap_attachment_list_free() - end a list
 * @list: its attachment infos go with it
 */
void dmabuf_heap_attachment_list_free(struct dmabuf_heap_attachment_list *list);

/**
 * dmabuf_heap_attachment_list_count() - how many there are
 * @list: the list
 *
 * Return: the number.
 */
size_t
dmabuf_heap_attachment_list_count(const struct dmabuf_heap_attachment_list *list);

/**
 * dmabuf_heap_attachment_list_get() - one of them, by place
 * @list: the list, in order of ids
 * @index: 0 for the first
 *
 * Return: the attachment, part of @list; NULL beyond the last.
 */
const struct dmabuf_heap_attachment_info *
dmabuf_heap_attachment_list_get(const struct dmabuf_heap_attachment_list *list,
				size_t index);

/**
 * dmabuf_heap_attachment_list_find() - one of them, by id
 * @list: the list
 * @id: an attachment's id, such as a merged limit's set_by
 *
 * Return: the attachment, part of @list; NULL when there is none.
 */
const struct dmabuf_heap_attachment_info *
dmabuf_heap_attachment_list_find(const struct dmabuf_heap_attachment_list *list,
				 uint64_t id);

/* ---- Planning a buffer (plan.c) ---- */

/**
 * struct dmabuf_heap_plan_way - what to leave out of a plan; part of a result
 * @count: how many entries
 * @entries: their indexes, rising
 * @info: the buffer that would serve all others: where it would lie, and its
 *	merged limits. When there are no others, one without any attachment.
 */
struct dmabuf_heap_plan_way {
	size_t count;
	const size_t *entries;
	const struct dmabuf_heap_buffer_info *info;
};

/**
 * struct dmabuf_heap_plan_result - whether one buffer can serve a whole plan
 * @info: the buffer that would serve all entries, unbacked; NULL when none can
 * @attachments: its attachments, in order of the entries; NULL when none can
 * @conflict: why none can; NULL when one can. Its attachment is one of a buffer
 *	that is gone: @set_by has the entry.
 * @refused: with @conflict, index of the first entry that is refused when all are
 *	attached in order; else the number of entries
 * @set_by: with @conflict, index of the entry that set the limit: @refused or one
 *	before it; else the number of entries
 * @way_count: with @conflict, ways to leave entries out so that the rest can be
 *	served: dmabuf_heap_plan_result_get_way(); else 0
 * @is_least: with @conflict, whether no smaller number of entries would do
 */
struct dmabuf_heap_plan_result {
	const struct dmabuf_heap_buffer_info *info;
	const struct dmabuf_heap_attachment_list *attachments;
	const struct dmabuf_heap_conflict *conflict;
	size_t refused;
	size_t set_by;
	size_t way_count;
	bool is_least;
};

/**
 * dmabuf_heap_plan_create() - begin a plan
 * @heap: the open device; must outlive the plan
 * @length: bytes of the buffer, at least 1; rounded up to whole pages
 * @plan: written on success; end it with dmabuf_heap_plan_free()
 *
 * Return: 0; -EINVAL for a @length of 0; -EOPNOTSUPP for one above
 * dmabuf_heap_get_max_length(); -ENOMEM.
 */
int dmabuf_heap_plan_create(struct dmabuf_heap *heap, uint64_t length,
			    struct dmabuf_heap_plan **plan);

/**
 * dmabuf_heap_plan_add() - add an entry: a device, or a requirement alone
 * @plan: the plan; the entry's index is the number of those before it
 * @device_fd: as for dmabuf_heap_buffer_attach(). It is duplicated and stays the
 *	caller's; the plan has the node open until its end.
 * @access: bits of enum dbheap_access, at least one
 * @requirement: limits on top of the device's own and a label, or NULL; copied
 *
 * The same device may come several times, each time with a label of its own. An
 * entry that no memory of this machine could serve is taken too; it is the
 * result that says so.
 *
 * Return: 0; what dmabuf_heap_buffer_attach() fails with but for -EOPNOTSUPP and
 * -EBUSY; -ENOSPC for more than 256 entries; -EMFILE, -ENFILE, -EDQUOT or
 * -ENOMEM. After an error the plan is as before.
 */
int dmabuf_heap_plan_add(struct dmabuf_heap_plan *plan, int device_fd,
			 unsigned int access,
			 const struct dmabuf_heap_requirement *requirement);

/**
 * dmabuf_heap_plan_solve() - ask whether one buffer can serve all entries
 * @plan: the plan; a plan without entries can be served
 * @result: written on success; end it with dmabuf_heap_plan_result_free()
 *
 * The kernel answers, on buffers that never get memory and are closed again. When
 * it refuses, the result has the nearest sets that it doesn't refuse:
 *
 * - If leaving out one entry is enough, each entry of which that is true, as a way
 *   of its own, in order.
 * - If not, one way, of the smallest number of entries that is enough: two are
 *   tried before three. Only entries that a refusal is about are tried, but their
 *   combinations can be many: after a thousand buffers the search ends, each
 *   entry that is refused after those before it is left out, and @is_least is
 *   false. None of these could be kept; another choice could be smaller.
 *
 * Return: 0, also for a plan that can't be served; -ENODEV when a device has gone;
 * -EMFILE, -ENFILE, -EDQUOT or -ENOMEM.
 */
int dmabuf_heap_plan_solve(const struct dmabuf_heap_plan *plan,
			   struct dmabuf_heap_plan_result **result);

/**
 * dmabuf_heap_plan_free() - end a plan
 * @plan: its results stay
 */
void dmabuf_heap_plan_free(struct dmabuf_heap_plan *plan);

/**
 * dmabuf_heap_plan_result_get_way() - one way to leave entries out
 * @result: the result
 * @index: 0 for the first
 *
 * Return: the way, part of @result; NULL beyond the last.
 */
const struct dmabuf_heap_plan_way *
dmabuf_heap_plan_result_get_way(const struct dmabuf_heap_plan_result *result,
				size_t index);

/**
 * dmabuf_heap_plan_result_free() - end a result
 * @result: what was taken from it goes with it
 */
void dmabuf_heap_plan_result_free(struct dmabuf_heap_plan_result *result);

/* ---- What happens to buffers (watch.c, event.c) ---- */

/**
 * enum dbheap_event - what happens to buffers
 * @DBHEAP_EVENT_MISSED: events were lost, because nobody read those before them
 * @DBHEAP_EVENT_CREATE: there is a new buffer
 * @DBHEAP_EVENT_RELEASE: its last reference is gone, and all that is declared with
 *	it, for which there is no DBHEAP_EVENT_DETACH
 * @DBHEAP_EVENT_ATTACH: a device was declared, or a driver has attached
 * @DBHEAP_EVENT_DETACH: a declaration was taken back, or a driver has detached
 * @DBHEAP_EVENT_FIRST_MAP: memory was allocated
 * @DBHEAP_EVENT_MOVE: the memory was replaced by other memory
 * @DBHEAP_EVENT_REFUSED: a device was refused
 * @DBHEAP_EVENT_MAP: a driver has mapped it for its device
 * @DBHEAP_EVENT_UNMAP: such a map is gone
 * @DBHEAP_EVENT_CPU_MAP: a process has mapped it, or a driver for use by the CPU.
 *	Their end is no event.
 * @DBHEAP_EVENT_SEAL: it was sealed
 * @DBHEAP_EVENT_COUNT: number of events that this header knows; grows
 */
enum dbheap_event {
	DBHEAP_EVENT_MISSED,
	DBHEAP_EVENT_CREATE,
	DBHEAP_EVENT_RELEASE,
	DBHEAP_EVENT_ATTACH,
	DBHEAP_EVENT_DETACH,
	DBHEAP_EVENT_FIRST_MAP,
	DBHEAP_EVENT_MOVE,
	DBHEAP_EVENT_REFUSED,
	DBHEAP_EVENT_MAP,
	DBHEAP_EVENT_UNMAP,
	DBHEAP_EVENT_CPU_MAP,
	DBHEAP_EVENT_SEAL,
	DBHEAP_EVENT_COUNT,
};

/**
 * struct dmabuf_heap_event_info - one event; a watcher's
 * @type: enum dbheap_event
 * @time_ns: when
 * @count: of DBHEAP_EVENT_MISSED, how many were lost; else 0. It has nothing else
 *	but @type and @time_ns.
 * @id: the buffer
 * @length: bytes of the buffer; of DBHEAP_EVENT_CPU_MAP, bytes that were mapped
 * @name: the buffer's name at that time; may be empty
 * @uid: user that created the buffer, in the caller's namespace
 * @movable: of all but events of an attachment, whether the buffer is
 * @sealed: of the same, whether the buffer was by then
 * @pid: process in whose course it happened, in the caller's namespace; 0 when it
 *	isn't visible there. It may have ended since.
 * @comm: name of the task in whose course it happened
 * @attachment_id: of ATTACH, DETACH, MAP and UNMAP, the attachment; else 0
 * @attachment_flags: of the same, bits of enum dbheap_attachment
 * @access: bits of enum dbheap_access: of ATTACH and DETACH, what was declared, or
 *	what a driver's maps so far add up to; of MAP and UNMAP, the direction
 * @segments: of MAP and UNMAP, segments that the device was given
 * @device: device that it is about, in the form of &dmabuf_heap_conflict.device;
 *	of a FIRST_MAP by anyone else, the task's name; may be empty
 * @label: label of the attachment; may be empty
 * @first_map: of FIRST_MAP, what it was; of CPU_MAP, DBHEAP_FIRST_MMAP or
 *	DBHEAP_FIRST_VMAP
 * @runs: of FIRST_MAP and MOVE, physical runs of the memory
 * @addr_bits: of the same, address bits that its last byte needs
 * @duration_ns: of MOVE, how long it took
 * @conflict: of REFUSED, why; else NULL
 */
struct dmabuf_heap_event_info {
	unsigned int type;
	uint64_t time_ns;
	uint64_t count;
	uint64_t id;
	uint64_t length;
	const char *name;
	uid_t uid;
	bool movable;
	bool sealed;
	pid_t pid;
	const char *comm;
	uint64_t attachment_id;
	unsigned int attachment_flags;
	unsigned int access;
	unsigned int segments;
	const char *device;
	const char *label;
	enum dbheap_first_map first_map;
	uint64_t runs;
	unsigned int addr_bits;
	uint64_t duration_ns;
	const struct dmabuf_heap_conflict *conflict;
};

/**
 * dmabuf_heap_watcher_create() - collect events from now on
 * @heap: the open device. Its path is opened once more.
 * @events: bit n for events of type n, and 0 for all that the library knows.
 *	DBHEAP_EVENT_MISSED comes unasked: its bit must not be set.
 * @id: only events of the buffer of this id, whether there is one or not; 0 for
 *	those of all
 * @watcher: written on success; end it with dmabuf_heap_watcher_free()
 *
 * What is seen are buffers of the caller's effective uid, with CAP_SYS_ADMIN all.
 * About a thousand events are kept until they are read; of more, only the number
 * is known, and DBHEAP_EVENT_MISSED tells it in their place. To know all buffers,
 * make the watcher first and walk over them with an iterator then.
 *
 * Return: 0; -EINVAL for an event that the module doesn't know; -ENOTTY for a
 * module that is too old for it; -ENOSPC for more than 64 watchers of one user;
 * what open() fails with; -ENOMEM.
 */
int dmabuf_heap_watcher_create(struct dmabuf_heap *heap, uint64_t events,
			       uint64_t id, struct dmabuf_heap_watcher **watcher);

/**
 * dmabuf_heap_watcher_get_fd() - what to poll() for events, which stays the watcher's
 * @watcher: the watcher
 *
 * POLLIN says that there is one which dmabuf_heap_watcher_next() hasn't fetched yet.
 * Call that until there is none, and then poll().
 *
 * Return: the fd.
 */
int dmabuf_heap_watcher_get_fd(const struct dmabuf_heap_watcher *watcher);

/**
 * dmabuf_heap_watcher_next() - the next event; doesn't wait
 * @watcher: the watcher
 * @event: written on success: the event, valid until the next call; NULL when
 *	there is none now
 *
 * Return: 0; -EINVAL after somebody else ended the watching of its fd, and what else
 * read() of that fails with.
 */
int dmabuf_heap_watcher_next(struct dmabuf_heap_watcher *watcher,
			     const struct dmabuf_heap_event_info **event);

/**
 * dmabuf_heap_watcher_free() - end a watcher
 * @watcher: unread events go with it
 */
void dmabuf_heap_watcher_free(struct dmabuf_heap_watcher *watcher);

/**
 * dmabuf_heap_event_describe() - what an event tells besides its type, in words
 * @event: the event
 * @text: where to write; may be NULL when @size is 0
 * @size: bytes at @text
 *
 * For a line that already names the type and the buffer: "\"frame\" of 1.1 MiB, by
 * dmabuf-play (process 173)", "video0 (vivid.0) as \"capture\", declared, to write",
 * "video0 (vivid.0) mapped it: contiguous, below 128 MiB". Of REFUSED it is what
 * dmabuf_heap_conflict_explain() says. 512 bytes suffice.
 *
 * Return: length of the whole text; 0 for a type that the library doesn't know.
 */
size_t dmabuf_heap_event_describe(const struct dmabuf_heap_event_info *event,
				  char *text, size_t size);

/* ---- Errors as sentences (error.c) ---- */

/**
 * enum dbheap_call - which function failed
 * @DBHEAP_CALL_OPEN: dmabuf_heap_open()
 * @DBHEAP_CALL_CREATE: dmabuf_heap_buffer_create() and dmabuf_heap_plan_create()
 * @DBHEAP_CALL_FROM_FD: dmabuf_heap_buffer_from_fd()
 * @DBHEAP_CALL_ATTACH: dmabuf_heap_buffer_attach(), requirements, entries of plans
 *	and dmabuf_heap_plan_solve()
 * @DBHEAP_CALL_DETACH: dmabuf_heap_buffer_detach()
 * @DBHEAP_CALL_COMMIT: dmabuf_heap_buffer_commit()
 * @DBHEAP_CALL_SEAL: dmabuf_heap_buffer_seal()
 * @DBHEAP_CALL_QUERY: infos, iterators and attachment lists
 * @DBHEAP_CALL_MAP: dmabuf_heap_buffer_map()
 * @DBHEAP_CALL_SYNC: dmabuf_heap_buffer_sync_begin() and its end
 * @DBHEAP_CALL_BYTES: dmabuf_heap_buffer_read() and dmabuf_heap_buffer_write()
 * @DBHEAP_CALL_WAIT: dmabuf_heap_buffer_wait()
 * @DBHEAP_CALL_FENCE: dmabuf_heap_buffer_export_fence() and its import
 * @DBHEAP_CALL_WATCH: watchers
 */
enum dbheap_call {
	DBHEAP_CALL_OPEN,
	DBHEAP_CALL_CREATE,
	DBHEAP_CALL_FROM_FD,
	DBHEAP_CALL_ATTACH,
	DBHEAP_CALL_DETACH,
	DBHEAP_CALL_COMMIT,
	DBHEAP_CALL_SEAL,
	DBHEAP_CALL_QUERY,
	DBHEAP_CALL_MAP,
	DBHEAP_CALL_SYNC,
	DBHEAP_CALL_BYTES,
	DBHEAP_CALL_WAIT,
	DBHEAP_CALL_FENCE,
	DBHEAP_CALL_WATCH,
};

/**
 * dmabuf_heap_error_explain() - what a function's error means
 * @call: the function that failed
 * @error: what it returned; the sign doesn't matter
 * @text: where to write; may be NULL when @size is 0
 * @size: bytes at @text
 *
 * "there is no such device node: is the module dmabuf-heap loaded?". For -EBUSY
 * and -EOPNOTSUPP of an attach, dmabuf_heap_conflict_explain() says more. An
 * error that the function doesn't document reads as the C library has it.
 *
 * Return: length of the whole sentence.
 */
size_t dmabuf_heap_error_explain(enum dbheap_call call, int error, char *text,
				 size_t size);

/* ---- The CPU and a buffer (cpu.c) ---- */

/**
 * dmabuf_heap_buffer_map() - map a part of a buffer into the process
 * @buffer: the buffer; gets its memory now if it has none
 * @offset: first byte; need not be at the start of a page
 * @length: bytes, at least 1
 * @access: bits of enum dbheap_access, at least one
 * @address: written on success: where the byte at @offset is; end it with
 *	dmabuf_heap_buffer_unmap()
 *
 * Put dmabuf_heap_buffer_sync_begin() and dmabuf_heap_buffer_sync_end() around
 * every use of the memory.
 *
 * Return: 0; -EINVAL for bytes beyond the end or a bad @access; -EACCES for
 * DBHEAP_WRITE with a read-only fd; -ENOMEM.
 */
int dmabuf_heap_buffer_map(struct dmabuf_heap_buffer *buffer, uint64_t offset,
			   size_t length, unsigned int access, void **address);

/**
 * dmabuf_heap_buffer_unmap() - end a map
 * @address: as dmabuf_heap_buffer_map() gave it
 * @length: as it was asked for
 *
 * Works after the buffer was closed, too.
 *
 * Return: 0; -EINVAL when no map can be there.
 */
int dmabuf_heap_buffer_unmap(void *address, size_t length);

/**
 * dmabuf_heap_buffer_sync_begin() - the CPU is about to use the buffer
 * @buffer: the buffer
 * @access: bits of enum dbheap_access, at least one: what the CPU will do
 *
 * Waits for fenced DMA that is in the way, as dmabuf_heap_buffer_wait() without
 * a time-out, and makes what devices wrote visible to the CPU.
 *
 * Return: 0; -EINVAL for a bad @access.
 */
int dmabuf_heap_buffer_sync_begin(struct dmabuf_heap_buffer *buffer,
				  unsigned int access);

/**
 * dmabuf_heap_buffer_sync_end() - the CPU is done with the buffer
 * @buffer: the buffer
 * @access: as at the beginning
 *
 * Makes what the CPU wrote visible to devices.
 *
 * Return: 0; -EINVAL for a bad @access.
 */
int dmabuf_heap_buffer_sync_end(struct dmabuf_heap_buffer *buffer,
				unsigned int access);

/**
 * dmabuf_heap_buffer_read() - copy bytes out of a buffer
 * @buffer: the buffer; gets its memory now if it has none
 * @offset: first byte, anywhere
 * @data: where to put them
 * @length: bytes; 0 does nothing
 *
 * Maps, syncs, copies, syncs and unmaps. All bytes are read, or it fails.
 *
 * Return: 0; -EINVAL when the last byte lies beyond the end; -ENOMEM.
 */
int dmabuf_heap_buffer_read(struct dmabuf_heap_buffer *buffer, uint64_t offset,
			    void *data, size_t length);

/**
 * dmabuf_heap_buffer_write() - copy bytes into a buffer
 * @buffer: the buffer; gets its memory now if it has none
 * @offset: first byte, anywhere
 * @data: the bytes
 * @length: how many; 0 does nothing
 *
 * Maps, syncs, copies, syncs and unmaps. All bytes are written, or none unless
 * the sync at the end fails.
 *
 * Return: 0; -EINVAL when the last byte lies beyond the end; -EACCES with a
 * read-only fd; -ENOMEM.
 */
int dmabuf_heap_buffer_write(struct dmabuf_heap_buffer *buffer, uint64_t offset,
			     const void *data, size_t length);

/* ---- Waiting for devices (wait.c) ---- */

/**
 * dmabuf_heap_buffer_wait() - wait until DMA is out of the way
 * @buffer: the buffer
 * @access: what the caller is about to do. DBHEAP_READ waits until those that
 *	write are done; DBHEAP_WRITE, alone or with DBHEAP_READ, until all are.
 * @timeout_ms: milliseconds; 0 only looks, -1 waits for ever
 *
 * Knows the DMA that drivers announce by fences, which is DRM's. V4L2 sets no
 * fences: there, VIDIOC_DQBUF says that a device is done, and this function
 * returns at once.
 *
 * Return: 0; -ETIMEDOUT; -EINTR for any signal with a handler; -EINVAL for a bad
 * argument.
 */
int dmabuf_heap_buffer_wait(struct dmabuf_heap_buffer *buffer,
			    unsigned int access, int timeout_ms);

/**
 * dmabuf_heap_buffer_export_fence() - DMA under way as a sync_file
 * @buffer: the buffer
 * @access: what one wants to wait for, as for dmabuf_heap_buffer_wait()
 * @fd: written on success: a sync_file, close-on-exec, which the caller closes.
 *	It becomes readable to poll() when the DMA known now is done.
 *
 * Return: 0; -EINVAL for a bad @access; -ENOTTY before Linux 6.0; -EMFILE or
 * -ENOMEM.
 */
int dmabuf_heap_buffer_export_fence(struct dmabuf_heap_buffer *buffer,
				    unsigned int access, int *fd);

/**
 * dmabuf_heap_buffer_import_fence() - have others wait for a sync_file
 * @buffer: the buffer
 * @access: what the work behind the fence does: DBHEAP_READ makes only those wait
 *	who will write, DBHEAP_WRITE all
 * @fd: a sync_file, which stays the caller's
 *
 * Return: 0; -EINVAL for a bad @access or an fd that is no sync_file; -ENOTTY
 * before Linux 6.0; -ENOMEM.
 */
int dmabuf_heap_buffer_import_fence(struct dmabuf_heap_buffer *buffer,
				    unsigned int access, int fd);

#ifdef __cplusplus
}
#endif

#endif /* DMABUF_HEAP_H */
