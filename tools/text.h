/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text in and out: numbers as users write them, ages, bytes that are safe to
 * show on a terminal and in JSON.
 */
#ifndef DMABUF_CTL_TEXT_H
#define DMABUF_CTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a number in words, such as a size, an age or an address. */
#define TEXT_NUMBER_SIZE	48

/**
 * text_clean() - replace what must not reach a terminal or a JSON file
 * @text: changed in place
 *
 * Names of buffers and processes are anyone's to choose. Control characters and
 * bytes that aren't UTF-8 become question marks.
 */
void text_clean(char *text);

/**
 * text_exhausted() - end the program because there is no memory left
 */
__attribute__((noreturn)) void text_exhausted(void);

/**
 * text_copy() - duplicate a string, or end the program
 * @text: the string
 *
 * Return: the copy, to be freed.
 */
char *text_copy(const char *text);

/**
 * text_allocate() - zeroed memory, or the end of the program
 * @count: elements
 * @size: bytes of each
 *
 * Return: the memory, to be freed.
 */
void *text_allocate(size_t count, size_t size);

/**
 * text_size_read() - "4096", "64K", "2M", "1G", "1T" as bytes
 * @text: the number
 * @bytes: written on success
 *
 * Return: true; false for anything else, 0 included.
 */
bool text_size_read(const char *text, uint64_t *bytes);

/**
 * text_number_read() - a decimal number
 * @text: digits and nothing else
 * @max: the largest that is accepted
 * @number: written on success
 *
 * Return: true; false for anything else.
 */
bool text_number_read(const char *text, uint64_t max, uint64_t *number);

/**
 * text_age_write() - a span of time, short
 * @ns: nanoseconds
 * @text: written: "12 ms", "3.2 s", "5 min", "3 h", "9 d"
 */
void text_age_write(uint64_t ns, char text[TEXT_NUMBER_SIZE]);

/**
 * text_rate_write() - how often something happens, per second
 * @rate: how often in 1000 seconds
 * @text: written: "0.4", "25"; not 0 for what isn't
 */
void text_rate_write(uint64_t rate, char text[TEXT_NUMBER_SIZE]);

/**
 * text_age() - how long ago something was
 * @when: nanoseconds of CLOCK_MONOTONIC
 *
 * Return: nanoseconds; 0 for a time to come, as a time namespace can have it.
 */
uint64_t text_age(uint64_t when);

/**
 * text_append() - add to a string, cutting what has no room
 * @text: the string
 * @size: bytes at @text
 * @separator: put between, unless @text is empty
 * @more: what is added
 */
void text_append(char *text, size_t size, const char *separator,
		 const char *more);

#endif
