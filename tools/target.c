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

#define A_SIZE	"size (such as 64K or 4G)"

/* Limits in a requirement that have a value. */
struct value_limit {
	const char *name;
	enum dbheap_limit limit;
	unsigned int less;	/* the limit is the value less this */
	bool (*read)(const char *text, uint64_t *value);
	const char *what;	/* @read reads */
};

static bool segments_read(const char *text, uint64_t *value)
{
	return text_number_read(text, UINT32_MAX, value) && *value;
}

static bool node_read(const char *text, uint64_t *value)
{
	return text_number_read(text, UINT32_MAX, value);
}

/* Sizes are one above the highest address. */
static const struct value_limit value_limits[] = {
	{ "below", DBHEAP_LIMIT_MAX_ADDR, 1, text_size_read, A_SIZE },
	{ "segment", DBHEAP_LIMIT_MAX_SEGMENT, 0, text_size_read, A_SIZE },
	{ "boundary", DBHEAP_LIMIT_BOUNDARY, 1, text_size_read, A_SIZE },
	{ "segments", DBHEAP_LIMIT_MAX_SEGMENTS, 0, segments_read,
	  "number of segments" },
	{ "align", DBHEAP_LIMIT_ALIGNMENT, 0, text_size_read, A_SIZE },
	{ "chunk", DBHEAP_LIMIT_CHUNK, 0, text_size_read, A_SIZE },
	{ "node", DBHEAP_LIMIT_NODE, 0, node_read, "number of a NUMA node" },
};

static enum status requirement_read_value(struct dmabuf_heap_requirement *requirement,
					  const char *name, const char *text)
{
	uint64_t value;
	size_t i;

	for (i = 0; i < sizeof(value_limits) / sizeof(value_limits[0]); i++) {
		const struct value_limit *limit = &value_limits[i];

		if (strcmp(limit->name, name))
			continue;
		if (!limit->read(text, &value))
			return message_error(STATUS_USAGE, "\"%s\" is no %s",
					     text, limit->what);
		dmabuf_heap_requirement_set(requirement, limit->limit,
					    value - limit->less);
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
	return requirement_read_value(requirement, word, value + 1);
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

static const char *target_name(const struct target *target)
{
	return target->path ? target->path : target->text;
}

/* "/dev/video1 is refused (EBUSY)", and then the reason. */
enum status target_refused(const struct target *target,
			   const struct dmabuf_heap_conflict *conflict)
{
	char reason[SENTENCE_SIZE];

	dmabuf_heap_conflict_explain(conflict, NULL, reason, sizeof(reason));
	return message_error(STATUS_FAILURE, "%s is refused (%s): %s",
			     target_name(target), strerrorname_np(conflict->error),
			     reason);
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

static enum status target_call(const struct target *target,
			       struct dmabuf_heap_buffer *buffer,
			       unsigned int flags, uint64_t *id,
			       struct dmabuf_heap_reply **reply, int *error)
{
	enum status status;
	int fd;

	*reply = NULL;
	status = target_open(target, &fd);
	if (status)
		return status;
	*error = dmabuf_heap_buffer_attach(buffer, fd, target->access,
					   target->requirement, flags, id, reply);
	if (fd >= 0)
		close(fd);
	return STATUS_OK;
}

enum status target_test(const struct target *target,
			struct dmabuf_heap_buffer *buffer,
			struct dmabuf_heap_reply **reply, int *error)
{
	return target_call(target, buffer, DBHEAP_ATTACH_TEST, NULL, reply, error);
}

enum status target_explain(const struct target *target,
			   const struct dmabuf_heap_reply *reply, int error)
{
	if (reply && reply->conflict)
		return target_refused(target, reply->conflict);
	if (error)
		return message_call(DBHEAP_CALL_ATTACH, error,
				    target_name(target));
	return STATUS_OK;
}

enum status target_attach(const struct target *target,
			  struct dmabuf_heap_buffer *buffer, unsigned int flags,
			  uint64_t *id)
{
	struct dmabuf_heap_reply *reply;
	enum status status;
	int error;

	status = target_call(target, buffer, flags, id, &reply, &error);
	if (!status)
		status = target_explain(target, reply, error);
	dmabuf_heap_reply_free(reply);
	return status;
}

enum status target_plan(const struct target *target, struct dmabuf_heap_plan *plan)
{
	enum status status;
	int fd, error;

	status = target_open(target, &fd);
	if (status)
		return status;
	error = dmabuf_heap_plan_add(plan, fd, target->access,
				     target->requirement);
	if (fd >= 0)
		close(fd);
	if (error)
		status = message_call(DBHEAP_CALL_ATTACH, error,
				      target_name(target));
	return status;
}
