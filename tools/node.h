/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device nodes: opening them without disturbing who uses them, and what
 * subsystems tell about them.
 */
#ifndef DMABUF_CTL_NODE_H
#define DMABUF_CTL_NODE_H

#include <stddef.h>

#define NODE_TEXT_SIZE	64

/* What a node's driver says of itself. Texts are empty where nothing is known. */
struct node_identity {
	char subsystem[NODE_TEXT_SIZE];	/* "video4linux" */
	char driver[NODE_TEXT_SIZE];	/* "vivid" */
	char card[NODE_TEXT_SIZE];	/* what the device is called for people */
	char function[NODE_TEXT_SIZE];	/* "capture", "render" */
};

/**
 * node_open() - open a device node, or a directory below /sys
 * @path: the node
 *
 * For reading and writing if the user may, else for reading; never waits for a
 * device, and doesn't stay in charge of a display.
 *
 * Return: the fd, or a negative errno.
 */
int node_open(const char *path);

/**
 * node_explain() - why a node can't be opened
 * @path: the node
 * @error: what node_open() returned
 * @text: where to write; doesn't name the node
 * @size: bytes at @text
 */
void node_explain(const char *path, int error, char *text, size_t size);

/**
 * node_identify() - ask a V4L2 or DRM driver what it is
 * @fd: the open node
 * @identity: written
 */
void node_identify(int fd, struct node_identity *identity);

#endif
