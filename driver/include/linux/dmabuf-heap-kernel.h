/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dmabuf-heap for other modules: telling it what a platform knows of its devices,
 * and making and using buffers without a process. All functions are exported in
 * the symbol namespace DMABUF_HEAP. Limits are those of the uAPI, in its units.
 */
#ifndef _LINUX_DMABUF_HEAP_KERNEL_H
#define _LINUX_DMABUF_HEAP_KERNEL_H

#include <linux/bits.h>
#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/dmabuf-heap.h>

/**
 * dmabuf_heap_limits_add() - set one limit in a uAPI struct
 * @limits: changed; empty when all zero
 * @type: which limit
 * @value: in its unit
 */
static inline void dmabuf_heap_limits_add(struct dmabuf_heap_limits *limits,
					  enum dmabuf_heap_limit_type type, u64 value)
{
	limits->valid |= 1ULL << type;
	limits->limit[type].value = value;
}

/* dmabuf_heap_platform_answer.flags: no DMA: the driver uses the CPU. */
#define DMABUF_HEAP_PLATFORM_CPU_ONLY	BIT(0)

/**
 * struct dmabuf_heap_platform_answer - what a platform knows of an open file
 * @dma: the device that does the DMA, with a reference that becomes the heap's.
 *	NULL only with DMABUF_HEAP_PLATFORM_CPU_ONLY. A driver that is bound to it
 *	stays while the heap reads it; without one, it must stay registered as long
 *	as the owner's lock is held (see &dmabuf_heap_platform.read).
 * @flags: DMABUF_HEAP_PLATFORM_CPU_ONLY or 0
 * @limits: which limits hold beyond those of @dma's struct device. They narrow it
 *	and can't widen it. Ignored with DMABUF_HEAP_PLATFORM_CPU_ONLY.
 */
struct dmabuf_heap_platform_answer {
	struct device *dma;
	u32 flags;
	struct dmabuf_heap_limits limits;
};

/**
 * struct dmabuf_heap_platform - what a subsystem or a board knows of its devices
 * @name: for people
 * @owns: whether ATTACH should ask @read about an open character device.
 *	@file is that file; @node is the device that has its number, of which
 *	only what is constant may be looked at: the number, the class, the parent.
 *	Called under a spinlock, so it must not sleep, nor take a lock that is
 *	held while devices are added or removed. Goes with @read.
 * @read: fills in the answer, which is zero, for a file that it @owns. Called with
 *	the device lock of the node's owner held: of its parent, or of the node itself
 *	if it has none. So the owner's driver stays bound. It may sleep and may
 *	be called again for the same file, whose calls may run at the same time; it
 *	must not take a device lock. Returns 0; -ENOENT when it knows nothing, so that
 *	the next platform is asked and at last the struct device alone counts;
 *	-ENODEV when @file's device is gone. Any other error is -ENODEV too. With
 *	an error it keeps no reference in the answer.
 * @limits: adds limits that a device has whatever it was named by; leaves @limits,
 *	which is empty, alone for a device that isn't the platform's. Called
 *	when a device is declared or attaches, and again at each of its maps, so
 *	it should be quick. The device is registered. It may sleep, with GFP_KERNEL
 *	at most: a buffer's lock may be held, and dma_resv, and mmap_lock. It must not
 *	take a device lock or call the heap. May be NULL.
 *
 * Platforms are asked in turn, the last registered first. The first one that @owns a
 * file is the one to answer. Of @limits every platform is asked, and all together
 * hold; where they prefer different NUMA nodes, the first does, and any before that
 * of the struct device.
 *
 * Answers are checked like a caller's requirement. A device with an unknown flag or
 * with a limit that is unknown or malformed is treated as one that does no DMA:
 * ATTACH and maps are -ENODEV. A preferred node that isn't online is ignored.
 *
 * Limits that are new or changed hold from a device's next attach or map on; what
 * it was known by when it attached goes on to hold for that attachment.
 */
struct dmabuf_heap_platform {
	const char *name;
	bool (*owns)(const struct file *file, const struct device *node);
	int (*read)(struct file *file, struct device *node,
		    struct dmabuf_heap_platform_answer *answer);
	void (*limits)(struct device *dev, struct dmabuf_heap_limits *limits);
	/* private: */
	struct list_head entry;
};

/**
 * dmabuf_heap_platform_register() - let a platform be asked
 * @platform: stays the caller's, and must stay as it is until it is unregistered
 *
 * From here on any of its functions may be called, before this returns too.
 *
 * Context: may sleep; not from a platform's function.
 * Return: 0; -EINVAL without a name, without any function, or with only one of
 * owns and read; -EEXIST when it is registered.
 */
int dmabuf_heap_platform_register(struct dmabuf_heap_platform *platform);

/**
 * dmabuf_heap_platform_unregister() - let a platform be asked no more
 * @platform: one that is registered, or not
 *
 * When this returns, none of its functions runs, nor will: the module may go.
 * What it had said of attachments that exist stays.
 *
 * Context: sleeps until nobody is in any platform's function, so not from one, nor
 * with a lock held that one takes. With a device lock held this may take a second,
 * as long as ATTACH waits for that lock.
 */
void dmabuf_heap_platform_unregister(struct dmabuf_heap_platform *platform);

/**
 * struct dmabuf_heap_declaration - who will use a buffer, and for what
 * @dev: the device. The caller keeps it registered and, if it has a driver, bound
 *	during the call. NULL for a pure requirement.
 * @access: DMABUF_HEAP_ACCESS_READ, _WRITE or both
 * @label: as in struct dmabuf_heap_attach; NULL for none
 * @limits: a requirement on top of what is known of @dev. NULL for none, which
 *	needs a @dev.
 */
struct dmabuf_heap_declaration {
	struct device *dev;
	u32 access;
	const char *label;
	const struct dmabuf_heap_limits *limits;
};

/**
 * dmabuf_heap_kernel_create() - make a buffer without memory
 * @length: bytes, at least 1; rounded up to whole pages
 * @flags: DMABUF_HEAP_CREATE_MOVABLE or 0
 * @file_flags: O_RDWR or O_RDONLY, for fds of it. O_CLOEXEC is for dma_buf_fd().
 * @name: as in struct dmabuf_heap_create; NULL for none
 *
 * Memory and records are charged to the caller's active memory cgroup, which for
 * a kernel thread is the root's, and QUERY shows the caller as the creator.
 * The buffer is mapped by dma_buf_attach() and dma_buf_map_attachment() like any
 * other, and ends with dma_buf_put().
 *
 * Context: may sleep; needs no mm.
 * Return: the buffer, or an error pointer: -EINVAL, -ENOMEM, -ENFILE; -EDQUOT over
 * an administrator's limit; -EOPNOTSUPP for a length above all memory.
 */
struct dma_buf *dmabuf_heap_kernel_create(u64 length, u32 flags, int file_flags,
					  const char *name);

/**
 * dmabuf_heap_kernel_attach() - declare that a device will use a buffer
 * @dmabuf: a buffer of the heap's, by whomever it was made
 * @what: who, and what for
 * @id: set to the attachment's id, for dmabuf_heap_kernel_detach(); may be NULL
 * @report: set to why, on -EBUSY and -EOPNOTSUPP; else all zero. May be NULL
 *
 * The same as ATTACH. The record lives until it is detached or the buffer ends,
 * whatever becomes of the device. For dma_buf_attach() by a driver for its own
 * device no declaration is needed, unless the buffer is sealed.
 *
 * Context: may sleep; needs no mm. No lock of @dmabuf's may be held but dma_resv.
 * Return: 0; -EINVAL; -ENODEV for a @dev that does no DMA; -EPERM for a sealed
 * buffer; -ENOSPC; -EOPNOTSUPP; -EBUSY; -ENOMEM; -EDQUOT; -EINTR on a fatal signal.
 */
int dmabuf_heap_kernel_attach(struct dma_buf *dmabuf, const struct dmabuf_heap_declaration *what,
			      u64 *id, struct dmabuf_heap_report *report);

/**
 * dmabuf_heap_kernel_detach() - take a declaration back
 * @dmabuf: a buffer of the heap's
 * @id: declared attachment of it
 *
 * Context: may sleep; needs no mm.
 * Return: 0; -EINVAL; -ENOENT; -EBUSY for an imported one; -EINTR.
 */
int dmabuf_heap_kernel_detach(struct dma_buf *dmabuf, u64 id);

/**
 * dmabuf_heap_kernel_seal() - let nobody join any more
 * @dmabuf: a buffer of the heap's
 *
 * The same as SEAL.
 *
 * Context: may sleep; needs no mm.
 * Return: 0; -EINVAL; -EINTR.
 */
int dmabuf_heap_kernel_seal(struct dma_buf *dmabuf);

/**
 * dmabuf_heap_kernel_commit() - allocate the memory now
 * @dmabuf: a buffer of the heap's
 *
 * The same as COMMIT: for all devices attached so far.
 *
 * Context: may sleep; needs no mm.
 * Return: 0; -EINVAL; -ENOMEM; -EDQUOT; -EINTR.
 */
int dmabuf_heap_kernel_commit(struct dma_buf *dmabuf);

#endif /* _LINUX_DMABUF_HEAP_KERNEL_H */
