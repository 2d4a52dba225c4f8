// SPDX-License-Identifier: GPL-2.0
/*
 * Targets: what a user wants attached to a buffer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node.h"
#include "target.h"
#include "text.h"

#define SENTENCE_SIZE	512

/* Names of limits in a requirement. Sizes are one above the highest address. */
static const struct {
	const char *name;
	enum dbheap_limit limit;
	unsigned int less;	/* value is the size less this */
} size_limits[] = {
	{ "below", DBHEAP_LIMIT_MAX_ADDR, 1 },
	{ "segment", DBHEAP_LIMIT_MAX_SEGMENT, 0 },
	{ "boundary", DBHEAP_LIMIT_BOUNDARY, 1 },
};

static enum status requirement_read_size(struct dmabuf_heap_requirement *requirement,
					 const char *name, const char *size)
{
	uint64_t bytes;
	size_t i;

	for (i = 0; i < sizeof(size_limits) / sizeof(size_limits[0]); i++) {
		if (strcmp(size_limits[i].name, name))
			continue;
		if (!text_size_read(size, &bytes))
			return message_error(STATUS_USAGE,
					     "\"%s\" is no size (such as 64K or 4G)",
					     size);
		dmabuf_heap_requirement_set(requirement, size_limits[i].limit,
					    bytes - size_limits[i].less);
		return STATUS_OK;
	}
	return message_error(STATUS_USAGE, "there is no limit \"%s\"", name);
}

static enum status requirement_read_word(struct dmabuf_heap_requirement *requirement,
					 char *word)
{
	char *value = strchr(word, '=');

	if (!strcmp(word, "contiguous")) {
		dmabuf_heap_requirement_set(requirement,
					    DBHEAP_LIMIT_CONTIGUOUS, 1);
		return STATUS_OK;
	}
	if (!value)
		return message_error(STATUS_USAGE, "\"%s\" is no limit", word);
	*value = '\0';
	return requirement_read_size(requirement, word, value + 1);
}

/* The label must be known first, so look for it and take it out of the list. */
static const char *label_find(const char *word)
{
	static const char label[] = "label=";

	return strncmp(word, label, strlen(label)) ? NULL : word + strlen(label);
}

static enum status requirement_begin(const char *list,
				     struct dmabuf_heap_requirement **requirement)
{
	char *copy = text_copy(list), *rest = copy;
	const char *label = NULL;
	enum status status = STATUS_OK;
	char *word;
	int error;

	while ((word = strsep(&rest, ",")))
		if (label_find(word))
			label = label_find(word);
	error = dmabuf_heap_requirement_create(label, requirement);
	if (error == -EINVAL)
		status = message_error(STATUS_USAGE,
				       "a label has 31 bytes at most and no control characters");
	else if (error)
		status = message_call(DBHEAP_CALL_ATTACH, error, list);
	free(copy);
	return status;
}

static enum status requirement_read(const char *list,
				    struct dmabuf_heap_requirement **requirement)
{
	char *copy, *rest, *word;
	enum status status;

	status = requirement_begin(list, requirement);
	if (status)
		return status;
	copy = text_copy(list);
	rest = copy;
	while (!status && (word = strsep(&rest, ",")))
		if (!label_find(word))
			status = requirement_read_word(*requirement, word);
	free(copy);
	return status;
}

static void target_begin(struct target *target, const char *text)
{
	memset(target, 0, sizeof(*target));
	target->text = text_copy(text);
	target->access = DBHEAP_READ | DBHEAP_WRITE;
}

enum status target_read_requirement(const char *text, struct target *target)
{
	target_begin(target, text);
	return requirement_read(text, &target->requirement);
}

/* Paths below /sys have colons too, so only a known access ends the node. */
static const char *access_find(const char *text, unsigned int *access)
{
	static const struct {
		const char *name;
		unsigned int access;
	} names[] = {
		{ "r", DBHEAP_READ },
		{ "w", DBHEAP_WRITE },
		{ "rw", DBHEAP_READ | DBHEAP_WRITE },
	};
	const char *at;
	size_t i;

	for (at = strchr(text, ':'); at; at = strchr(at + 1, ':')) {
		size_t length = strcspn(at + 1, ":");

		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strlen(names[i].name) != length ||
			    strncmp(names[i].name, at + 1, length))
				continue;
			*access = names[i].access;
			return at;
		}
	}
	return NULL;
}

enum status target_read_device(const char *text, struct target *target)
{
	const char *access, *limits;

	target_begin(target, text);
	target->path = text_copy(text);
	access = access_find(text, &target->access);
	if (access) {
		target->path[access - text] = '\0';
		limits = strchr(access + 1, ':');
		if (limits)
			return requirement_read(limits + 1, &target->requirement);
	}
	if (*target->path != '/')
		return message_error(STATUS_USAGE,
				     "\"%s\" is no path of a device (such as /dev/video0)",
				     target->path);
	return STATUS_OK;
}

void target_free(struct target *target)
{
	dmabuf_heap_requirement_free(target->requirement);
	free(target->path);
	free(target->text);
}

/* "/dev/video1 is refused (EBUSY)", and then the reason. */
static enum status target_refused(const struct target *target, int error,
				  const struct dmabuf_heap_reply *reply)
{
	const char *what = target->path ? target->path : target->text;
	char reason[SENTENCE_SIZE];

	if (!reply || !reply->conflict)
		return message_call(DBHEAP_CALL_ATTACH, error, what);
	dmabuf_heap_conflict_explain(reply->conflict, NULL, reason,
				     sizeof(reason));
	return message_error(STATUS_FAILURE, "%s is refused (%s): %s", what,
			     strerrorname_np(-error), reason);
}

static enum status target_open(const struct target *target, int *fd)
{
	char reason[SENTENCE_SIZE];

	*fd = DBHEAP_NO_DEVICE;
	if (!target->path)
		return STATUS_OK;
	*fd = node_open(target->path);
	if (*fd >= 0)
		return STATUS_OK;
	node_explain(target->path, *fd, reason, sizeof(reason));
	return message_error(STATUS_FAILURE, "%s: %s", target->path, reason);
}

enum status target_attach(const struct target *target,
			  struct dmabuf_heap_buffer *buffer, unsigned int flags,
			  uint64_t *id)
{
	struct dmabuf_heap_reply *reply;
	enum status status;
	int fd, error;

	status = target_open(target, &fd);
	if (status)
		return status;
	error = dmabuf_heap_buffer_attach(buffer, fd, target->access,
					  target->requirement, flags, id, &reply);
	if (fd >= 0)
		close(fd);
	if (error)
		status = target_refused(target, error, reply);
	dmabuf_heap_reply_free(reply);
	return status;
}
