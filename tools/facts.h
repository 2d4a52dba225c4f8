/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Facts about one thing for people to read: a name and a sentence per line.
 */
#ifndef DMABUF_CTL_FACTS_H
#define DMABUF_CTL_FACTS_H

/**
 * facts_title() - the line above a block of facts
 * @format: what the block is about
 */
void facts_title(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/**
 * facts_print() - one fact
 * @name: what it tells, or an empty string to go on with the one above
 * @format: the fact
 */
void facts_print(const char *name, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
