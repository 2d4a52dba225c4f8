// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl graph: buffers, devices and processes as a picture.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "file.h"
#include "graphviz.h"
#include "holder.h"
#include "scene.h"
#include "subject.h"
#include "text.h"
#include "walk.h"

enum { OPTION_OUTPUT = 'o' };

/* Endings of files, and what dot calls such a picture; NULL is for the text itself. */
static const struct kind {
	const char *ending;
	const char *format;
} kinds[] = {
	{ ".dot", NULL },
	{ ".svg", "svg" },
	{ ".png", "png" },
};

static const char legend[] =
	"dashed: declared, thin: imported, bold: mapped (arrows: data), red: the last conflict";

static const struct kind *kind_find(const char *path)
{
	const char *ending = strrchr(path, '.');
	size_t i;

	for (i = 0; ending && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].ending, ending))
			return &kinds[i];
	return NULL;
}

/* What the user wants to see, and where. */
struct graph {
	struct reference *references;
	size_t count;		/* 0: all buffers */
	const char *output;	/* NULL: standard output */
};

struct canvas {
	struct drawing *drawing;
	const struct holders *holders;
};

static void canvas_add(void *context, const struct dmabuf_heap_buffer_info *info,
		       const struct dmabuf_heap_attachment_list *attachments)
{
	const struct canvas *canvas = context;

	scene_add(canvas->drawing, info, attachments, canvas->holders);
}

static enum status graph_collect_all(struct drawing *drawing, struct dmabuf_heap *heap,
				     const struct holders *holders)
{
	struct canvas canvas = { .drawing = drawing, .holders = holders };
	int error = walk_buffers(heap, canvas_add, &canvas);

	return error ? message_call(DBHEAP_CALL_QUERY, error, "the buffers") : STATUS_OK;
}

static enum status graph_collect(struct drawing *drawing, const struct graph *graph,
				 struct dmabuf_heap *heap, const struct holders *holders)
{
	enum status status = STATUS_OK;
	size_t i;

	if (!graph->count)
		return graph_collect_all(drawing, heap, holders);
	for (i = 0; i < graph->count && !status; i++) {
		struct subject subject = { 0 };

		status = subject_read(&subject, heap, &graph->references[i]);
		if (!status)
			scene_add(drawing, subject.info, subject.attachments, holders);
		subject_free(&subject);
	}
	return status;
}

static enum status graph_save(const char *text, size_t size, const char *path)
{
	const struct kind *kind = kind_find(path);
	void *picture = NULL;
	enum status status;
	int error;

	if (kind->format) {
		status = graphviz_draw(text, size, kind->format, &picture, &size);
		if (status)
			return status;
	}
	error = file_replace(path, picture ? picture : text, size);
	free(picture);
	return error ? message_error(STATUS_FAILURE, "%s: %s", path, strerror(-error)) :
		       STATUS_OK;
}

static enum status graph_write(struct drawing *drawing, const char *path)
{
	enum status status = STATUS_OK;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		text_exhausted();
	drawing_write(drawing, drawing_is_empty(drawing) ? "no buffers" : legend, out);
	if (fclose(out))
		text_exhausted();
	if (path)
		status = graph_save(text, size, path);
	else
		fwrite(text, 1, size, stdout);
	free(text);
	return status;
}

static enum status graph_draw(const struct graph *graph)
{
	struct drawing *drawing;
	struct holders *holders;
	struct dmabuf_heap *heap;
	enum status status;

	status = message_heap_open(&heap);
	if (status)
		return status;
	drawing = drawing_new();
	holders = holders_collect(PROC_PATH);
	status = graph_collect(drawing, graph, heap, holders);
	if (!status)
		status = graph_write(drawing, graph->output);
	if (!status)
		holders_warn(holders, "holders");
	holders_free(holders);
	drawing_free(drawing);
	dmabuf_heap_close(heap);
	return status;
}

static enum status graph_option(void *into, int option, struct invocation *invocation)
{
	struct graph *graph = into;
	const char *output = invocation->argument;

	(void)option;	/* there is one */
	graph->output = strcmp(output, "-") ? output : NULL;
	return STATUS_OK;
}

/* Returns true when the graph can be drawn. */
static bool graph_read(struct graph *graph, struct invocation *invocation,
		       enum status *status)
{
	int i;

	if (!invocation_read(invocation, graph_option, graph, status))
		return false;
	if (graph->output && !kind_find(graph->output))
		*status = invocation_misused(invocation,
					     "\"%s\" doesn't end in .dot, .svg or .png",
					     graph->output);
	for (i = 0; i < invocation->argc && !*status; i++)
		if (!reference_read(invocation->argv[i], &graph->references[graph->count++]))
			*status = invocation_misused(invocation,
						     "\"%s\" is neither an id nor PID:FD",
						     invocation->argv[i]);
	return *status == STATUS_OK;
}

static enum status graph_run(struct invocation *invocation)
{
	/* There can't be more buffers than arguments. */
	size_t room = (size_t)invocation->argc;
	struct graph graph = {
		.references = text_allocate(room, sizeof(*graph.references)),
	};
	enum status status;

	if (graph_read(&graph, invocation, &status))
		status = graph_draw(&graph);
	free(graph.references);
	return status;
}

static const struct option_entry options[] = {
	{ OPTION_OUTPUT, "output", "FILE", "write a file that ends in .dot, .svg or .png" },
};

const struct command command_graph = {
	.name = "graph",
	.arguments = "[OPTION]... [BUFFER]...",
	.summary = "Draw buffers with the processes that hold them and their devices",
	.notes = "BUFFER is an id that list shows, PID:FD or /proc/PID/fd/FD; without any, all\n"
		 "that you may see are drawn. Without --output the drawing is text for Graphviz's\n"
		 "dot on standard output. dot must be there for pictures (.svg, .png).",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = graph_run,
};
