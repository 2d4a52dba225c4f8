// SPDX-License-Identifier: GPL-2.0
/*
 * The module and the machine that it runs on. Of uname() all but the host's name.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "module.h"
#include "text.h"

#define PARAMETERS	"/sys/module/dmabuf_heap/parameters/"
#define COUNTERS	"/sys/class/misc/dmabuf-heap/"
#define VALUE_SIZE	256

enum {
	COL_TOOL, COL_LIBRARY, COL_ABI, COL_FEATURES, COL_PAGE_SIZE, COL_MAX_LENGTH,
	COL_KERNEL, COL_KERNEL_BUILD, COL_MACHINE, COL_TAINT, COL_IOMMUS,
};

static const struct column system_columns[] = {
	[COL_TOOL] = { "TOOL", COLUMN_TEXT, "version of this program" },
	[COL_LIBRARY] = { "LIBRARY", COLUMN_TEXT, "version of the library in it" },
	[COL_ABI] = { "ABI", COLUMN_NUMBER, "level of the module's ABI" },
	[COL_FEATURES] = { "FEATURES", COLUMN_TEXT,
			   "what the module can do: move, or bits of newer ones" },
	[COL_PAGE_SIZE] = { "PAGE-SIZE", COLUMN_BYTES,
			    "lengths of buffers are multiples of it" },
	[COL_MAX_LENGTH] = { "MAX-LENGTH", COLUMN_BYTES,
			     "length of the largest buffer" },
	[COL_KERNEL] = { "KERNEL", COLUMN_TEXT, "its release" },
	[COL_KERNEL_BUILD] = { "KERNEL-BUILD", COLUMN_TEXT, "which build of it" },
	[COL_MACHINE] = { "MACHINE", COLUMN_TEXT, "architecture" },
	[COL_TAINT] = { "TAINT", COLUMN_NUMBER, "the kernel's taint bits" },
	[COL_IOMMUS] = { "IOMMUS", COLUMN_TEXT,
			 "IOMMUs of the machine; DMA says which devices use one" },
};

static const struct layout system_layout = {
	"system", system_columns,
	sizeof(system_columns) / sizeof(system_columns[0]),
	"TOOL,LIBRARY,ABI,FEATURES,PAGE-SIZE,MAX-LENGTH,KERNEL,KERNEL-BUILD,MACHINE,TAINT,IOMMUS",
};

enum { COL_NAME, COL_VALUE };

static const struct column parameter_columns[] = {
	[COL_NAME] = { "NAME", COLUMN_TEXT, "what modinfo calls it" },
	[COL_VALUE] = { "VALUE", COLUMN_TEXT, "as it can be read; max: no limit" },
};

static const struct layout parameters_layout = {
	"parameters", parameter_columns,
	sizeof(parameter_columns) / sizeof(parameter_columns[0]), "NAME,VALUE",
};

static const struct column counter_columns[] = {
	[COL_NAME] = { "NAME", COLUMN_TEXT, "what sysfs calls it" },
	[COL_VALUE] = { "VALUE", COLUMN_NUMBER, "the count" },
};

static const struct layout counters_layout = {
	"counters", counter_columns,
	sizeof(counter_columns) / sizeof(counter_columns[0]), "NAME,VALUE",
};

/* The first line of a file. */
static bool file_read(const char *path, char text[VALUE_SIZE])
{
	FILE *file = fopen(path, "re");
	bool is_read = file && fgets(text, VALUE_SIZE, file);

	if (file)
		fclose(file);
	if (is_read)
		text[strcspn(text, "\n")] = '\0';
	return is_read;
}

static const char *path_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void features_write(uint64_t features, char *text, size_t size)
{
	char one[TEXT_NUMBER_SIZE];
	unsigned int bit;

	*text = '\0';
	for (bit = 0; bit < 64; bit++) {
		if (!(features >> bit & 1))
			continue;
		snprintf(one, sizeof(one), "bit %u", bit);
		text_append(text, size, ", ",
			    UINT64_C(1) << bit == DBHEAP_FEATURE_MOVE ? "move" : one);
	}
	if (!*text)
		text_append(text, size, "", "none");
}

static void system_fill_module(struct row *row, const struct dmabuf_heap *heap)
{
	char text[VALUE_SIZE];

	features_write(dmabuf_heap_get_features(heap), text, sizeof(text));
	row_set_number(row, COL_ABI, dmabuf_heap_get_abi(heap));
	row_set_text(row, COL_FEATURES, text);
	row_set_number(row, COL_PAGE_SIZE, dmabuf_heap_get_page_size(heap));
	row_set_number(row, COL_MAX_LENGTH, dmabuf_heap_get_max_length(heap));
}

static void system_fill_kernel(struct row *row)
{
	char text[VALUE_SIZE];
	struct utsname name;
	uint64_t taint;

	if (!uname(&name)) {
		row_set_text(row, COL_KERNEL, name.release);
		row_set_text(row, COL_KERNEL_BUILD, name.version);
		row_set_text(row, COL_MACHINE, name.machine);
	}
	if (file_read("/proc/sys/kernel/tainted", text) &&
	    text_number_read(text, UINT64_MAX, &taint))
		row_set_number(row, COL_TAINT, taint);
}

static void system_fill_iommus(struct row *row)
{
	char text[VALUE_SIZE] = "";
	glob_t found;
	size_t i;

	if (!glob("/sys/class/iommu/*", 0, NULL, &found))
		for (i = 0; i < found.gl_pathc; i++)
			text_append(text, sizeof(text), ", ",
				    path_name(found.gl_pathv[i]));
	globfree(&found);
	row_set_text(row, COL_IOMMUS, *text ? text : "none");
}

struct table *system_collect(const struct dmabuf_heap *heap)
{
	struct table *table = table_new(&system_layout);
	struct row *row = table_add(table);

	/* The library is linked in statically and has the same version. */
	row_set_text(row, COL_TOOL, VERSION);
	row_set_text(row, COL_LIBRARY, VERSION);
	if (heap)
		system_fill_module(row, heap);
	system_fill_kernel(row);
	system_fill_iommus(row);
	return table;
}

struct table *parameters_collect(void)
{
	struct table *table = table_new(&parameters_layout);
	char text[VALUE_SIZE];
	glob_t found;
	size_t i;

	if (!glob(PARAMETERS "*", 0, NULL, &found)) {
		for (i = 0; i < found.gl_pathc; i++) {
			struct row *row = table_add(table);

			row_set_text(row, COL_NAME, path_name(found.gl_pathv[i]));
			if (file_read(found.gl_pathv[i], text))
				row_set_text(row, COL_VALUE, text);
		}
	}
	globfree(&found);
	return table;
}

/* Every attribute that is a number is a count; others are the device core's. */
struct table *counters_collect(void)
{
	struct table *table = table_new(&counters_layout);
	char text[VALUE_SIZE];
	uint64_t value;
	glob_t found;
	size_t i;

	if (!glob(COUNTERS "*", 0, NULL, &found)) {
		for (i = 0; i < found.gl_pathc; i++) {
			struct row *row;

			if (!file_read(found.gl_pathv[i], text) ||
			    !text_number_read(text, UINT64_MAX, &value))
				continue;
			row = table_add(table);
			row_set_text(row, COL_NAME, path_name(found.gl_pathv[i]));
			row_set_number(row, COL_VALUE, value);
		}
	}
	globfree(&found);
	return table;
}
