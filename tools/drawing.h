/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A drawing: nodes in three columns, from left to right processes, buffers and
 * devices, and edges between them. Becomes text in Graphviz's language.
 *
 * Names are anyone's to choose. Who puts one into an id or a label cleans it first;
 * what Graphviz would take for more than a character is dealt with here.
 */
#ifndef DMABUF_CTL_DRAWING_H
#define DMABUF_CTL_DRAWING_H

#include <stdbool.h>
#include <stdio.h>

/* The columns; within one, nodes are in order of their ids, numbers as numbers. */
enum drawing_column {
	DRAWING_PROCESSES,
	DRAWING_BUFFERS,
	DRAWING_DEVICES,
	DRAWING_COLUMNS,
};

struct drawing_node {
	enum drawing_column column;
	const char *id;		/* unique in the drawing */
	const char *label;	/* lines, with \n between them */
	bool is_pale;		/* not there, or not yet */
	bool is_red;
};

/* How an edge is drawn; from weak to strong. */
enum drawing_line {
	DRAWING_DOTTED,
	DRAWING_DASHED,
	DRAWING_SOLID,
	DRAWING_BOLD,
};

struct drawing_edge {
	const char *from;	/* id of a node in a column further left than @to's */
	const char *to;
	const char *label;	/* as a node's */
	const char *tooltip;	/* or NULL */
	enum drawing_line line;
	bool has_arrow_to;
	bool has_arrow_from;
	bool is_red;
};

struct drawing;

/**
 * drawing_new() - begin an empty drawing
 *
 * Return: the drawing, to be ended with drawing_free().
 */
struct drawing *drawing_new(void);

/**
 * drawing_free() - end a drawing
 * @drawing: the drawing
 */
void drawing_free(struct drawing *drawing);

/**
 * drawing_is_empty() - whether there is nothing in it
 * @drawing: the drawing
 *
 * Return: true if there is no node.
 */
bool drawing_is_empty(const struct drawing *drawing);

/**
 * drawing_add_node() - add a node unless there is one by this id
 * @drawing: the drawing
 * @node: copied
 *
 * Return: true if it was added.
 */
bool drawing_add_node(struct drawing *drawing, const struct drawing_node *node);

/**
 * drawing_add_edge() - add an edge behind those that are there
 * @drawing: the drawing
 * @edge: copied; its nodes may be added later
 */
void drawing_add_edge(struct drawing *drawing, const struct drawing_edge *edge);

/**
 * drawing_write() - the drawing in Graphviz's language
 * @drawing: the drawing
 * @caption: what stands below it
 * @out: where to write; who closes it sees whether all was written
 */
void drawing_write(struct drawing *drawing, const char *caption, FILE *out);

#endif
