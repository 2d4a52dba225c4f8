/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The devices that bench/sets.c makes sets of: devices made to measure, and real
 * drivers. Each does with a buffer what its driver does, whoever made the buffer.
 * Lengths and addresses are in bytes.
 */
#ifndef SETDEV_H
#define SETDEV_H

#include <linux/types.h>
#include <linux/dmabuf-heap.h>

#include "../mapdev.h"
#include "../v4l2.h"

enum setdev_kind {
	SETDEV_MAPPER,	/* kmod/mapper, with limits of one's choice */
	SETDEV_EDU,	/* kmod/edu: real DMA, 28 address bits */
	SETDEV_VGEM,
	SETDEV_CAMERA,	/* vivid's second, which wants contiguous memory below 4 GiB */
};

/*
 * struct setdev_spec - a device before it is there
 * @name: in the table
 * @kind: which driver it has. All below is for SETDEV_MAPPER, and 0 is for no limit.
 * @mask: highest DMA address
 * @boundary: a segment doesn't cross a multiple of this
 * @alignment: each segment begins at a multiple of this
 * @max_segment: bytes of the largest segment
 * @max_segments: most segments
 * @contiguous: no gap between segments
 */
struct setdev_spec {
	const char *name;
	enum setdev_kind kind;
	__u64 mask;
	__u64 boundary;
	__u64 alignment;
	__u32 max_segment;
	__u32 max_segments;
	bool contiguous;
};

/*
 * struct setdev - an open one
 * @spec: of this
 * @fd: the node of edu and vgem
 * @mapper: the device made to measure
 * @camera: its queue
 * @handle: vgem's, of the buffer
 * @fault: of what went wrong: the step, with -ERANGE the limit that is broken, with
 *	-EILSEQ what is wrong with the bytes
 */
struct setdev {
	const struct setdev_spec *spec;
	int fd;
	struct mapdev mapper;
	struct v4l2_queue camera;
	__u32 handle;
	const char *fault;
};

/* A buffer as the CPU has it. */
struct setdev_memory {
	char *bytes;
	__u64 length;
};

/*
 * All return 0 or -errno. Open it, so that it can use a buffer of @length; -ENODEV where
 * this machine has no such device. Close gives back all that it holds.
 */
int setdev_open(struct setdev *dev, const struct setdev_spec *spec, __u64 length);
void setdev_close(struct setdev *dev);

/* Declares it to /dev/dmabuf-heap, with what no kernel could know of it. */
int setdev_declare(const struct setdev *dev, int heap, int buffer,
		   struct dmabuf_heap_answer *answer);

/* The driver imports and maps the buffer; -ERANGE when its limits are broken. */
int setdev_map(struct setdev *dev, int buffer);

/*
 * Looks at the mapped buffer, in pages all over it: -EILSEQ where its bytes aren't the
 * CPU's. A camera makes a picture instead, and the CPU looks. vgem only imports.
 */
int setdev_look(struct setdev *dev, int buffer, const struct setdev_memory *memory);

/* Writes bytes of its own to page @page, which the CPU is to find there. */
int setdev_mark(struct setdev *dev, int page);
int setdev_find_mark(struct setdev *dev, const struct setdev_memory *memory, int page);

/* Unmaps. Safe when nothing is mapped. */
void setdev_unmap(struct setdev *dev);

#endif /* SETDEV_H */
