/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices made to measure, by kmod/mapper: what its calls mean is in kmod/mapper.h.
 * Functions return 0 or -errno. Lengths and addresses are in bytes.
 */
#ifndef MAPDEV_H
#define MAPDEV_H

#include <linux/types.h>

#include "kmod/mapper.h"

#define MAPDEV_ANY	(~0ULL)		/* any address, no boundary */
#define MAPDEV_4G	0xffffffffULL

/* mapper_map.dir */
enum {
	MAPDEV_BOTH,
	MAPDEV_READS,
	MAPDEV_WRITES,
};

struct mapdev {
	int fd;			/* -1 when closed */
	int folder;		/* in sysfs, which names it to ATTACH */
	char name[32];
	struct mapper_limits limits;
	struct mapper_map map;	/* what came of the last */
};

/*
 * A device that reaches all memory, and whose driver said nothing of segments; with
 * MAPPER_* for @flags. -EOPNOTSUPP where there can't be such a device.
 */
int mapdev_open(struct mapdev *dev, __u32 flags);
void mapdev_close(struct mapdev *dev);

#define mapdev_setup(dev, flags) do {					\
	int setup_rc = mapdev_open(dev, flags);				\
									\
	if (setup_rc == -ENOENT)					\
		heap_skip("kmod/mapper isn't loaded");			\
	if (setup_rc == -EOPNOTSUPP)					\
		heap_skip("no DMA operations of a device's own on this kernel"); \
	must_pass(setup_rc);						\
} while (0)

/* Any call with any argument. */
int mapdev_call(const struct mapdev *dev, unsigned long call, void *arg);

/* Tells the device its @limits, after they were changed. */
int mapdev_limit(const struct mapdev *dev);

int mapdev_attach(const struct mapdev *dev, int buffer);
int mapdev_attach_dynamic(const struct mapdev *dev, int buffer);
int mapdev_detach(const struct mapdev *dev);
int mapdev_map(struct mapdev *dev, __u32 dir);

/* What is wrong with the last map, by the limits of now, to its @map. */
int mapdev_check(struct mapdev *dev);

int mapdev_unmap(const struct mapdev *dev);

/* At most a page. */
int mapdev_read(const struct mapdev *dev, __u64 offset, void *bytes, __u32 length);
int mapdev_write(const struct mapdev *dev, __u64 offset, const void *bytes, __u32 length);

struct mapper_info mapdev_info(const struct mapdev *dev);

/*
 * Writes a pattern of @seed over the buffer through the last map, or compares it:
 * -EILSEQ where it differs. Each word depends on where it is.
 */
int mapdev_fill(const struct mapdev *dev, __u64 length, __u64 seed);
int mapdev_compare(const struct mapdev *dev, __u64 length, __u64 seed);

/* The same to memory. */
void mapdev_memory_fill(void *memory, __u64 length, __u64 seed);
int mapdev_memory_compare(const void *memory, __u64 length, __u64 seed);

#endif /* MAPDEV_H */
