// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's memory, as /proc tells. /proc/meminfo counts in KiB,
 * /proc/zoneinfo in pages.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

#define LINE_SIZE	256
#define ZONE_SIZE	32

enum { COL_TOTAL, COL_FREE, COL_AVAILABLE, COL_CMA, COL_CMA_FREE };

static const struct column memory_columns[] = {
	[COL_TOTAL] = { "TOTAL", COLUMN_BYTES, "memory that the kernel manages" },
	[COL_FREE] = { "FREE", COLUMN_BYTES, "what nobody uses" },
	[COL_AVAILABLE] = { "AVAILABLE", COLUMN_BYTES,
			    "what could be freed without swapping" },
	[COL_CMA] = { "CMA", COLUMN_BYTES, "kept for contiguous buffers" },
	[COL_CMA_FREE] = { "CMA-FREE", COLUMN_BYTES, "what of that is free" },
};

static const char * const memory_names[] = {
	[COL_TOTAL] = "MemTotal",
	[COL_FREE] = "MemFree",
	[COL_AVAILABLE] = "MemAvailable",
	[COL_CMA] = "CmaTotal",
	[COL_CMA_FREE] = "CmaFree",
};

static const struct layout memory_layout = {
	"memory", memory_columns,
	sizeof(memory_columns) / sizeof(memory_columns[0]),
	"TOTAL,FREE,AVAILABLE,CMA,CMA-FREE",
};

enum { ZONE_NODE, ZONE_ZONE, ZONE_PRESENT, ZONE_MANAGED, ZONE_FREE, ZONE_CMA };

static const struct column zone_columns[] = {
	[ZONE_NODE] = { "NODE", COLUMN_NUMBER, "NUMA node" },
	[ZONE_ZONE] = { "ZONE", COLUMN_TEXT, "what the kernel calls the zone" },
	[ZONE_PRESENT] = { "PRESENT", COLUMN_BYTES, "memory that is there" },
	[ZONE_MANAGED] = { "MANAGED", COLUMN_BYTES, "what of it can be allocated" },
	[ZONE_FREE] = { "FREE", COLUMN_BYTES, "what nobody uses" },
	[ZONE_CMA] = { "CMA", COLUMN_BYTES,
		       "what of it is kept for contiguous buffers" },
};

static const struct layout zones_layout = {
	"zones", zone_columns, sizeof(zone_columns) / sizeof(zone_columns[0]),
	"NODE,ZONE,PRESENT,MANAGED,FREE,CMA",
};

static void memory_read_line(struct row *row, const char *line)
{
	char name[LINE_SIZE];
	uint64_t kib;
	size_t i;

	if (sscanf(line, "%255[^:]: %" SCNu64, name, &kib) != 2)
		return;
	for (i = 0; i < sizeof(memory_names) / sizeof(memory_names[0]); i++)
		if (!strcmp(name, memory_names[i]))
			row_set_number(row, i, kib * 1024);
}

struct table *memory_collect(void)
{
	struct table *table = table_new(&memory_layout);
	FILE *file = fopen("/proc/meminfo", "re");
	char line[LINE_SIZE];
	struct row *row;

	if (!file)
		return table;
	row = table_add(table);
	while (fgets(line, sizeof(line), file))
		memory_read_line(row, line);
	fclose(file);
	return table;
}

/* A zone's numbers follow its name; it has a row once it is known to have memory. */
struct zone {
	uint64_t node;
	char name[ZONE_SIZE];
	uint64_t free;
	struct row *row;
};

static void zone_read_line(struct zone *zone, struct table *table,
			   const char *line)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t pages;

	if (sscanf(line, "Node %" SCNu64 ", zone %31s", &zone->node,
		   zone->name) == 2) {
		zone->row = NULL;
	} else if (sscanf(line, " pages free %" SCNu64, &pages) == 1) {
		zone->free = pages;
	} else if (sscanf(line, " present %" SCNu64, &pages) == 1 && pages) {
		zone->row = table_add(table);
		row_set_number(zone->row, ZONE_NODE, zone->node);
		row_set_text(zone->row, ZONE_ZONE, zone->name);
		row_set_number(zone->row, ZONE_PRESENT, pages * page);
		row_set_number(zone->row, ZONE_FREE, zone->free * page);
	} else if (zone->row && sscanf(line, " managed %" SCNu64, &pages) == 1) {
		row_set_number(zone->row, ZONE_MANAGED, pages * page);
	} else if (zone->row && sscanf(line, " cma %" SCNu64, &pages) == 1) {
		row_set_number(zone->row, ZONE_CMA, pages * page);
	}
}

struct table *zones_collect(void)
{
	struct table *table = table_new(&zones_layout);
	FILE *file = fopen("/proc/zoneinfo", "re");
	struct zone zone = { 0 };
	char line[LINE_SIZE];

	if (!file)
		return table;
	while (fgets(line, sizeof(line), file))
		zone_read_line(&zone, table, line);
	fclose(file);
	return table;
}
