// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers with all that is around them, as a drawing. Between a buffer and a device
 * there is one edge for each declaration, and the device's import is the same edge:
 * what is drawn is how far it has come.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "holder.h"
#include "scene.h"
#include "text.h"

#define NAME_SIZE	256
#define LABEL_SIZE	512
#define SENTENCE_SIZE	512

/* One buffer while it is drawn. */
struct scene {
	struct drawing *drawing;
	const struct dmabuf_heap_buffer_info *info;
	const struct dmabuf_heap_attachment_list *attachments;	/* or NULL */
	const struct dmabuf_heap_conflict *conflict;		/* or NULL */
	char sentence[SENTENCE_SIZE];	/* the conflict in words */
	char id[NAME_SIZE];		/* of the buffer's node */
	bool has_culprit;		/* who is to blame for the conflict is drawn */
};

/* A declaration and its imports, or imports that nobody declared. */
struct link {
	const struct dmabuf_heap_attachment_info *first;
	bool is_imported;
	bool is_culprit;
	unsigned int access;
	uint64_t maps[DBHEAP_DIR_COUNT];
};

/* Names in it are clean afterwards. */
static void id_write(char id[NAME_SIZE], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void id_write(char id[NAME_SIZE], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(id, NAME_SIZE, format, arguments);
	va_end(arguments);
	text_clean(id);
}

/* One line more; a name in it can't begin another. */
static void line_add(char label[LABEL_SIZE], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void line_add(char label[LABEL_SIZE], const char *format, ...)
{
	char line[LABEL_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	text_clean(line);
	text_append(label, LABEL_SIZE, "\n", line);
}

/* ---- The buffer and its processes ---- */

static bool buffer_add(const struct scene *scene, bool is_held)
{
	const struct dmabuf_heap_buffer_info *info = scene->info;
	bool is_backed = info->state != DBHEAP_UNBACKED;
	char text[SENTENCE_SIZE], label[LABEL_SIZE] = "";

	if (*info->name)
		line_add(label, "Buffer %" PRIu64 " \"%s\"", info->id, info->name);
	else
		line_add(label, "Buffer %" PRIu64, info->id);
	dmabuf_heap_size_describe(info->length, text, sizeof(text));
	line_add(label, "%s, %s%s%s", text, is_backed ? "backed" : "unbacked",
		 info->movable ? ", movable" : "", info->sealed ? ", sealed" : "");
	dmabuf_heap_buffer_info_describe_placement(info, text, sizeof(text));
	line_add(label, "%s%s", is_backed ? "" : "would lie: ", text);
	if (!is_held)
		line_add(label, "held by no process in sight");
	return drawing_add_node(scene->drawing, &(struct drawing_node){
		.column = DRAWING_BUFFERS,
		.id = scene->id,
		.label = label,
		.is_pale = !is_backed,
		.is_red = scene->conflict,
	});
}

/* What the one did who gave the buffer its memory, and so decided where it lies. */
static const char *first_map_did(enum dbheap_first_map kind)
{
	switch (kind) {
	case DBHEAP_FIRST_DEVICE:
		return "mapped it first";
	case DBHEAP_FIRST_MMAP:
		return "filled it first";
	case DBHEAP_FIRST_COMMIT:
		return "committed it";
	default:
		return "used it first";
	}
}

/* With EBUSY it is the memory that is in the way, so whoever made the first map is. */
static bool conflict_is_busy(const struct dmabuf_heap_conflict *conflict)
{
	return conflict && conflict->error == EBUSY &&
	       conflict->first_map != DBHEAP_FIRST_NONE;
}

/* Only a task's name is kept of it. This process has the name, too, but just looks. */
static bool task_is_culprit(const struct scene *scene, const struct holder *holder)
{
	const struct dmabuf_heap_conflict *conflict = scene->conflict;

	return conflict_is_busy(conflict) &&
	       conflict->first_map != DBHEAP_FIRST_DEVICE && holder->pid != getpid() &&
	       !strcmp(conflict->first_map_by, holder->comm);
}

static void process_add(struct scene *scene, const struct holder *holder,
			const char *places)
{
	bool is_culprit = task_is_culprit(scene, holder);
	char id[NAME_SIZE], name[LABEL_SIZE] = "", label[LABEL_SIZE] = "";

	id_write(id, "process %d", holder->pid);
	line_add(name, "%s", holder->comm);
	line_add(name, "process %d", holder->pid);
	drawing_add_node(scene->drawing, &(struct drawing_node){
		.column = DRAWING_PROCESSES,
		.id = id,
		.label = name,
	});
	line_add(label, "%s", places);
	if (is_culprit)
		line_add(label, "%s", first_map_did(scene->conflict->first_map));
	drawing_add_edge(scene->drawing, &(struct drawing_edge){
		.from = id,
		.to = scene->id,
		.label = label,
		.tooltip = is_culprit ? scene->sentence : NULL,
		.line = DRAWING_SOLID,
		.is_red = is_culprit,
	});
	scene->has_culprit |= is_culprit;
}

static void processes_add(struct scene *scene, const struct holder *all, size_t count)
{
	char places[LABEL_SIZE];
	size_t same;

	for (; count; count -= same) {
		same = holder_describe_process(all, count, places, sizeof(places));
		process_add(scene, all, places);
		all += same;
	}
}

/* ---- Its devices ---- */

/* As the kernel calls a device in a conflict, so that it is the same one. */
static void title_write(const struct dmabuf_heap_attachment_info *info,
			char title[NAME_SIZE])
{
	if (*info->node)
		snprintf(title, NAME_SIZE, "%s (%s)", info->node, info->device);
	else
		snprintf(title, NAME_SIZE, "%s", info->device);
}

/* "video0 (vivid.0)" on two lines. */
static void title_add(char label[LABEL_SIZE], const char *title)
{
	const char *device = strstr(title, " (");
	size_t length = strlen(title);

	if (device && title[length - 1] == ')') {
		line_add(label, "%.*s", (int)(device - title), title);
		device += strlen(" (");
		line_add(label, "%.*s", (int)(title + length - 1 - device), device);
	} else {
		line_add(label, "%s", title);
	}
}

/* A device is one node for all buffers; a requirement without one is the buffer's own. */
static void device_add(const struct scene *scene, const char *title, const char *what,
		       char id[NAME_SIZE])
{
	char label[LABEL_SIZE] = "";

	if (*title) {
		id_write(id, "device %s", title);
		title_add(label, title);
	} else {
		id_write(id, "requirement \"%s\" of %s", what, scene->id);
		line_add(label, "requirement");
		if (*what)
			line_add(label, "\"%s\"", what);
	}
	drawing_add_node(scene->drawing, &(struct drawing_node){
		.column = DRAWING_DEVICES,
		.id = id,
		.label = label,
		.is_pale = !*title,
	});
}

static bool link_takes(const struct link *link,
		       const struct dmabuf_heap_attachment_info *info)
{
	const struct dmabuf_heap_attachment_info *first = link->first;

	if (info->declared_id)
		return first->id == info->declared_id;
	return info->flags & first->flags & DBHEAP_ATTACHMENT_IMPORTED &&
	       !strcmp(first->device, info->device) &&
	       !strcmp(first->node, info->node) && !strcmp(first->label, info->label);
}

static bool attachment_is_culprit(const struct scene *scene,
				  const struct dmabuf_heap_attachment_info *info)
{
	const struct dmabuf_heap_conflict *conflict = scene->conflict;
	char title[NAME_SIZE];

	if (!conflict)
		return false;
	if (conflict->attachment_id)
		return conflict->attachment_id == info->id;
	if (!conflict_is_busy(conflict) || conflict->first_map != DBHEAP_FIRST_DEVICE)
		return false;
	title_write(info, title);
	return !strcmp(conflict->first_map_by, title);
}

static void link_join(struct link *link, const struct scene *scene,
		      const struct dmabuf_heap_attachment_info *info)
{
	size_t i;

	/* A driver's own access says more than what was declared of it. */
	if (info->flags & DBHEAP_ATTACHMENT_IMPORTED && info->access)
		link->access = (link->is_imported ? link->access : 0) | info->access;
	else if (!link->access)
		link->access = info->access;
	if (info->flags & DBHEAP_ATTACHMENT_IMPORTED)
		link->is_imported = true;
	if (attachment_is_culprit(scene, info))
		link->is_culprit = true;
	for (i = 0; i < DBHEAP_DIR_COUNT; i++)
		link->maps[i] += info->maps[i];
}

static void limit_add(char label[LABEL_SIZE],
		      const struct dmabuf_heap_conflict *conflict)
{
	char text[SENTENCE_SIZE];

	if (!dmabuf_heap_limit_describe(conflict->limit, conflict->wanted, text,
					sizeof(text)))
		snprintf(text, sizeof(text), "a limit that is new");
	line_add(label, "%s", text);
}

static void link_label(const struct link *link, const struct scene *scene,
		       bool is_mapped, char label[LABEL_SIZE])
{
	const struct dmabuf_heap_conflict *conflict = scene->conflict;
	const char *access = attachment_access_name(link->access);
	char maps[TEXT_NUMBER_SIZE * DBHEAP_DIR_COUNT];

	if (*link->first->device && *link->first->label)
		line_add(label, "%s", link->first->label);
	attachment_maps_write(link->maps, maps, sizeof(maps));
	if (is_mapped)
		line_add(label, "mapped %s", maps);
	else
		line_add(label, "%s%s%s", link->is_imported ? "imported" : "declared",
			 *access ? " " : "", access);
	if (link->first->flags & DBHEAP_ATTACHMENT_CPU_ONLY)
		line_add(label, "CPU only");
	if (!link->is_culprit)
		return;
	if (!conflict->attachment_id) {
		line_add(label, "%s", first_map_did(conflict->first_map));
		return;
	}
	line_add(label, "in the way:");
	limit_add(label, conflict);
}

static void link_draw(const struct link *link, const struct scene *scene)
{
	bool reads = link->maps[DBHEAP_DIR_READ] || link->maps[DBHEAP_DIR_BOTH];
	bool writes = link->maps[DBHEAP_DIR_WRITE] || link->maps[DBHEAP_DIR_BOTH];
	char title[NAME_SIZE], id[NAME_SIZE], label[LABEL_SIZE] = "";

	title_write(link->first, title);
	device_add(scene, title, link->first->label, id);
	link_label(link, scene, reads || writes, label);
	drawing_add_edge(scene->drawing, &(struct drawing_edge){
		.from = scene->id,
		.to = id,
		.label = label,
		.tooltip = link->is_culprit ? scene->sentence : NULL,
		.line = reads || writes ? DRAWING_BOLD :
			link->is_imported ? DRAWING_SOLID : DRAWING_DASHED,
		.has_arrow_to = reads,
		.has_arrow_from = writes,
		.is_red = link->is_culprit,
	});
}

static void scene_add_attachments(struct scene *scene)
{
	size_t i, j, used = 0, count = dmabuf_heap_attachment_list_count(scene->attachments);
	struct link *links = text_allocate(count, sizeof(*links));

	for (i = 0; i < count; i++) {
		const struct dmabuf_heap_attachment_info *info;

		info = dmabuf_heap_attachment_list_get(scene->attachments, i);
		for (j = 0; j < used; j++)
			if (link_takes(&links[j], info))
				break;
		if (j == used)
			links[used++].first = info;
		link_join(&links[j], scene, info);
	}
	for (i = 0; i < used; i++) {
		link_draw(&links[i], scene);
		scene->has_culprit |= links[i].is_culprit;
	}
	free(links);
}

/* ---- Who was refused ---- */

static void refused_add(const struct scene *scene)
{
	const struct dmabuf_heap_conflict *conflict = scene->conflict;
	char id[NAME_SIZE], label[LABEL_SIZE] = "";

	device_add(scene, conflict->device, conflict->label, id);
	if (*conflict->device && *conflict->label)
		line_add(label, "%s", conflict->label);
	line_add(label, "refused (%s):", strerrorname_np(conflict->error));
	if (conflict->error == EPERM)
		line_add(label, "sealed");
	else
		limit_add(label, conflict);
	drawing_add_edge(scene->drawing, &(struct drawing_edge){
		.from = scene->id,
		.to = id,
		.label = label,
		.tooltip = scene->sentence,
		.line = DRAWING_DOTTED,
		.is_red = true,
	});
}

/* The one to blame has detached its device, closed its fd, or ended. */
static void culprit_add(const struct scene *scene)
{
	const struct dmabuf_heap_conflict *conflict = scene->conflict;
	const char *did = first_map_did(conflict->first_map);
	bool is_device = conflict->first_map == DBHEAP_FIRST_DEVICE;
	char id[NAME_SIZE], label[LABEL_SIZE] = "";

	if (is_device) {
		device_add(scene, conflict->first_map_by, "", id);
	} else {
		id_write(id, "\"%s\" for %s", conflict->first_map_by, scene->id);
		line_add(label, "%s", conflict->first_map_by);
		line_add(label, "holds it no more");
		drawing_add_node(scene->drawing, &(struct drawing_node){
			.column = DRAWING_PROCESSES,
			.id = id,
			.label = label,
			.is_pale = true,
		});
	}
	drawing_add_edge(scene->drawing, &(struct drawing_edge){
		.from = is_device ? scene->id : id,
		.to = is_device ? id : scene->id,
		.label = did,
		.tooltip = scene->sentence,
		.line = DRAWING_DOTTED,
		.is_red = true,
	});
}

void scene_add(struct drawing *drawing, const struct dmabuf_heap_buffer_info *info,
	       const struct dmabuf_heap_attachment_list *attachments,
	       const struct holders *holders)
{
	struct scene scene = {
		.drawing = drawing,
		.info = info,
		.attachments = attachments,
		.conflict = info->conflict,
	};
	const struct holder *all;
	size_t count;

	id_write(scene.id, "buffer %" PRIu64, info->id);
	all = holders_find(holders, info->id, &count);
	if (!buffer_add(&scene, count))
		return;
	if (scene.conflict) {
		dmabuf_heap_conflict_explain(scene.conflict, NULL, scene.sentence,
					     sizeof(scene.sentence));
		text_clean(scene.sentence);
	}
	processes_add(&scene, all, count);
	if (scene.attachments)
		scene_add_attachments(&scene);
	/* Of one that another's limit kept out, the kernel tells only that limit. */
	if (scene.conflict && !scene.conflict->attachment_id)
		refused_add(&scene);
	if (conflict_is_busy(scene.conflict) && !scene.has_culprit)
		culprit_add(&scene);
}
