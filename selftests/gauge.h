/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel holds, one number for each kind of thing: objects of each slab
 * cache, pages of each other kind, and the pages that no statistic accounts for,
 * which is where memory goes that a driver forgets. Needs root and /proc/slabinfo.
 */
#ifndef GAUGE_H
#define GAUGE_H

#define GAUGE_ROOM	512

/* A name: whatever a driver loses by the page. */
#define GAUGE_LOST	"pages nobody accounts for"

struct gauge {
	char name[48];
	long value;
};

struct gauges {
	int count;
	struct gauge gauge[GAUGE_ROOM];
};

/*
 * Files that are opened before anything is counted: to open one takes memory from
 * just those caches that have been tidied up for the count.
 */
struct gauge_files {
	int slabinfo;
	int refresh;
	int count;
	int shrink[GAUGE_ROOM];
};

/* These return 0 or -errno. */
int gauges_open(struct gauge_files *files);
void gauges_close(struct gauge_files *files);

/*
 * Gives back what the kernel only keeps for later: objects that wait for RCU or in
 * a CPU's own lists, unused dentries and inodes.
 */
int gauges_settle(const struct gauge_files *files);

/* Right after settling, so that little has been taken again. */
int gauges_read(const struct gauge_files *files, struct gauges *gauges);

/* The value of that name, 0 where there is none: no such cache yet. */
long gauges_value(const struct gauges *gauges, const char *name);

#endif /* GAUGE_H */
