// SPDX-License-Identifier: GPL-2.0
/*
 * Which buffers a user asks for: reading filters, and trying them.
 */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "buffer.h"
#include "filter.h"
#include "text.h"

/* A directory below /sys is called as the last part of its path; NULL elsewhere. */
static char *filter_directory_name(const char *path)
{
	static const char sys[] = "/sys/";
	char *whole = realpath(path, NULL);
	char *name = NULL;

	if (whole && !strncmp(whole, sys, strlen(sys)))
		name = text_copy(strrchr(whole, '/') + 1);
	free(whole);
	return name;
}

/* By its number a node is found under any name; what has no path is a name. */
static enum status filter_read_device(struct filter *filter,
				      const struct invocation *invocation)
{
	const char *device = invocation->argument;
	struct stat status;

	if (!*device)
		return invocation_misused(invocation, "--device wants a node or a name");
	if (!strchr(device, '/')) {
		filter->device = text_copy(device);
		return STATUS_OK;
	}
	if (stat(device, &status))
		return invocation_misused(invocation, "--device %s: %s", device,
					  errno == ENOENT ? "there is no such file" :
					  strerror(errno));
	if (S_ISCHR(status.st_mode))
		filter->node = status.st_rdev;
	else
		filter->device = filter_directory_name(device);
	if (filter->node || filter->device)
		return STATUS_OK;
	return invocation_misused(invocation, "%s is no device", device);
}

/* Names come first: a user may be called by a number. */
static enum status filter_read_user(struct filter *filter,
				    const struct invocation *invocation)
{
	const struct passwd *user = getpwnam(invocation->argument);

	if (user)
		filter->number = user->pw_uid;
	else if (!text_number_read(invocation->argument, UINT32_MAX - 1,
				   &filter->number))
		return invocation_misused(invocation, "there is no user \"%s\"",
					  invocation->argument);
	return STATUS_OK;
}

static enum status filter_read_pid(struct filter *filter,
				   const struct invocation *invocation)
{
	if (text_number_read(invocation->argument, INT_MAX, &filter->number) &&
	    filter->number)
		return STATUS_OK;
	return invocation_misused(invocation, "\"%s\" is no number of a process",
				  invocation->argument);
}

static enum status filter_read_name(struct filter *filter,
				    const struct invocation *invocation)
{
	filter->text = invocation->argument;
	if (*filter->text)
		return STATUS_OK;
	return invocation_misused(invocation, "--name wants a part of a name");
}

enum status filter_read(struct filter *filter, enum filter_kind kind,
			const struct invocation *invocation)
{
	memset(filter, 0, sizeof(*filter));
	filter->kind = kind;
	switch (kind) {
	case FILTER_DEVICE:
		return filter_read_device(filter, invocation);
	case FILTER_MIN_SIZE:
		return invocation_read_size(invocation, &filter->number);
	case FILTER_USER:
		return filter_read_user(filter, invocation);
	case FILTER_PID:
		return filter_read_pid(filter, invocation);
	case FILTER_NAME:
		return filter_read_name(filter, invocation);
	default:
		return STATUS_OK;
	}
}

static bool filter_names_attachment(const struct filter *filter,
				    const struct dmabuf_heap_attachment_info *info)
{
	if (filter->device)
		return !strcmp(filter->device, info->node) ||
		       !strcmp(filter->device, info->device);
	return *info->node && info->node_major == major(filter->node) &&
	       info->node_minor == minor(filter->node);
}

static bool filter_has_device(const struct filter *filter,
			      const struct dmabuf_heap_attachment_list *list)
{
	size_t i, count = list ? dmabuf_heap_attachment_list_count(list) : 0;

	for (i = 0; i < count; i++)
		if (filter_names_attachment(filter,
					    dmabuf_heap_attachment_list_get(list, i)))
			return true;
	return false;
}

static bool buffer_is_idle(const struct dmabuf_heap_buffer_info *info)
{
	return info->state != DBHEAP_UNBACKED && !buffer_is_mapped(info) &&
	       !info->cpu_maps && !info->vmaps;
}

bool filter_admits(const struct filter *filter,
		   const struct dmabuf_heap_buffer_info *info,
		   const struct dmabuf_heap_attachment_list *list,
		   const struct holders *holders)
{
	switch (filter->kind) {
	case FILTER_DEVICE:
		return filter_has_device(filter, list);
	case FILTER_UNBACKED:
		return info->state == DBHEAP_UNBACKED;
	case FILTER_IDLE:
		return buffer_is_idle(info);
	case FILTER_ORPHAN:
		return buffer_is_orphan(info, holders);
	case FILTER_MIN_SIZE:
		return info->length >= filter->number;
	case FILTER_USER:
		return info->creator_uid == filter->number;
	case FILTER_PID:
		return (uint64_t)info->creator_pid == filter->number;
	case FILTER_NAME:
		return strstr(info->name, filter->text);
	}
	return false;
}

bool filter_admits_other(const struct filter *filter, const struct other *other)
{
	switch (filter->kind) {
	case FILTER_MIN_SIZE:
		return other->size >= filter->number;
	case FILTER_NAME:
		return strstr(other->name, filter->text);
	default:
		return false;
	}
}

void filter_free(struct filter *filter)
{
	free(filter->device);
}
