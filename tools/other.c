// SPDX-License-Identifier: GPL-2.0
/*
 * The system's other dma-bufs: what fdinfo says.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "other.h"

#define PATH_SIZE	256

/* The value of "KEY:\tVALUE", or NULL if the line has another key. */
static const char *line_value(char *line, const char *key)
{
	size_t length = strlen(key);

	if (strncmp(line, key, length) || line[length] != ':')
		return NULL;
	line += length + 1;
	line[strcspn(line, "\n")] = '\0';
	return line + strspn(line, "\t ");
}

/* Not if the fd leads elsewhere by now. */
static bool fdinfo_read(struct other *other, FILE *file)
{
	char *line = NULL;
	bool is_it = false;
	const char *value;
	size_t size = 0;

	while (getline(&line, &size, file) > 0) {
		value = line_value(line, "ino");
		if (value)
			is_it = strtoull(value, NULL, 10) == other->inode;
		value = line_value(line, "exp_name");
		if (value)
			snprintf(other->exporter, sizeof(other->exporter), "%s", value);
	}
	free(line);
	return is_it;
}

static bool other_ask(struct other *other, const char *root, const struct holder *holder)
{
	char path[PATH_SIZE];
	bool is_it;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%d/task/%d/fdinfo/%d", root, holder->pid,
		 holder->task, holder->fd);
	file = fopen(path, "re");
	if (!file)
		return false;
	is_it = fdinfo_read(other, file);
	fclose(file);
	if (!is_it)
		other->exporter[0] = '\0';
	return is_it;
}

bool other_read(struct other *other, const struct holders *holders, const char *root,
		uint64_t inode)
{
	const struct holder *all;
	bool is_there = false;
	size_t i, count;

	memset(other, 0, sizeof(*other));
	other->inode = inode;
	all = holders_find(holders, inode, &count);
	for (i = 0; i < count; i++) {
		snprintf(other->name, sizeof(other->name), "%s", all[i].name);
		if (!other->size)
			other->size = all[i].size;
		if (all[i].fd == HOLDER_MAPPING)
			is_there = true;
		else if (!*other->exporter && other_ask(other, root, &all[i]))
			is_there = true;
	}
	return is_there;
}
