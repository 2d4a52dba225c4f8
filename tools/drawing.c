// SPDX-License-Identifier: GPL-2.0
/*
 * A drawing as text in Graphviz's language.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "drawing.h"
#include "text.h"

#define RED	"#cc0000"
#define FONT	"fontname=\"sans-serif\""

/* Nodes are a tree, which keeps them in order; edges are text as they come. */
struct drawing {
	void *nodes;
	FILE *edges;
	char *text;	/* of @edges, once it is flushed */
	size_t size;
};

/* While the tree is walked: one column goes to one stream. */
struct walk {
	enum drawing_column column;
	FILE *out;
};

static const struct {
	const char *name;
	const char *style;
} columns[DRAWING_COLUMNS] = {
	[DRAWING_PROCESSES] = {
		"processes", "shape=box, style=\"filled,rounded\", fillcolor=\"#dbe8f6\"",
	},
	[DRAWING_BUFFERS] = {
		"buffers", "shape=box, style=filled, fillcolor=\"#fdf0c8\"",
	},
	[DRAWING_DEVICES] = {
		"devices", "shape=ellipse, style=filled, fillcolor=\"#dff0d8\"",
	},
};

/* With a backslash come Graphviz's line ends and names of nodes, with & characters by name. */
static void quoted_write(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
		} else if (*text == '&') {
			fputs("&amp;", out);
		} else {
			if (*text == '"' || *text == '\\')
				fputc('\\', out);
			fputc(*text, out);
		}
	}
	fputc('"', out);
}

static int node_compare(const void *a, const void *b)
{
	const struct drawing_node *left = a, *right = b;

	return strverscmp(left->id, right->id);
}

static void node_free(void *memory)
{
	struct drawing_node *node = memory;

	free((char *)node->id);
	free((char *)node->label);
	free(node);
}

struct drawing *drawing_new(void)
{
	struct drawing *drawing = text_allocate(1, sizeof(*drawing));

	drawing->edges = open_memstream(&drawing->text, &drawing->size);
	if (!drawing->edges)
		text_exhausted();
	return drawing;
}

void drawing_free(struct drawing *drawing)
{
	tdestroy(drawing->nodes, node_free);
	fclose(drawing->edges);
	free(drawing->text);
	free(drawing);
}

bool drawing_is_empty(const struct drawing *drawing)
{
	return !drawing->nodes;
}

bool drawing_add_node(struct drawing *drawing, const struct drawing_node *node)
{
	struct drawing_node *copy;

	if (tfind(node, &drawing->nodes, node_compare))
		return false;
	copy = text_allocate(1, sizeof(*copy));
	*copy = *node;
	copy->id = text_copy(node->id);
	copy->label = text_copy(node->label);
	if (!tsearch(copy, &drawing->nodes, node_compare))
		text_exhausted();
	return true;
}

static const char *edge_direction(const struct drawing_edge *edge)
{
	if (edge->has_arrow_to)
		return edge->has_arrow_from ? "both" : "forward";
	return edge->has_arrow_from ? "back" : NULL;
}

void drawing_add_edge(struct drawing *drawing, const struct drawing_edge *edge)
{
	static const char * const lines[] = {
		[DRAWING_DOTTED] = "dotted",
		[DRAWING_DASHED] = "dashed",
		[DRAWING_SOLID] = "solid",
		[DRAWING_BOLD] = "bold",
	};
	const char *direction = edge_direction(edge);
	FILE *out = drawing->edges;

	fputc('\t', out);
	quoted_write(out, edge->from);
	fputs(" -> ", out);
	quoted_write(out, edge->to);
	fputs(" [label=", out);
	quoted_write(out, edge->label);
	fprintf(out, ", style=%s", lines[edge->line]);
	if (direction)
		fprintf(out, ", dir=%s", direction);
	if (edge->is_red)
		fputs(", color=\"" RED "\", fontcolor=\"" RED "\"", out);
	if (edge->tooltip) {
		fputs(", tooltip=", out);
		quoted_write(out, edge->tooltip);
	}
	fputs("];\n", out);
}

static void node_write(const void *place, VISIT visit, void *memory)
{
	const struct drawing_node *node = *(const struct drawing_node * const *)place;
	const struct walk *walk = memory;
	FILE *out = walk->out;

	if ((visit != postorder && visit != leaf) || node->column != walk->column)
		return;
	fputs("\t\t", out);
	quoted_write(out, node->id);
	fputs(" [label=", out);
	quoted_write(out, node->label);
	if (node->is_pale)
		fputs(", style=\"filled,dashed\", fillcolor=white", out);
	if (node->is_red)
		fputs(", color=\"" RED "\"", out);
	fputs("];\n", out);
}

void drawing_write(struct drawing *drawing, const char *caption, FILE *out)
{
	struct walk walk = { .out = out };

	fputs("digraph buffers {\n", out);
	fputs("\tgraph [rankdir=LR, ranksep=0.6, " FONT ", fontsize=10, ", out);
	fputs("fontcolor=gray40, label=", out);
	quoted_write(out, caption);
	fputs("];\n", out);
	fputs("\tnode [" FONT ", fontsize=11, color=gray40, margin=\"0.15,0.08\"];\n", out);
	fputs("\tedge [" FONT ", fontsize=10, color=gray25, dir=none];\n", out);
	for (; walk.column < DRAWING_COLUMNS; walk.column++) {
		fprintf(out, "\tsubgraph %s {\n\t\trank=same;\n\t\tnode [%s];\n",
			columns[walk.column].name, columns[walk.column].style);
		twalk_r(drawing->nodes, node_write, &walk);
		fputs("\t}\n", out);
	}
	if (fflush(drawing->edges))
		text_exhausted();
	fputs(drawing->text, out);
	fputs("}\n", out);
}
