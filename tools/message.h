/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the program says about failures: one sentence on stderr each, and the
 * exit status that goes with it.
 */
#ifndef DMABUF_CTL_MESSAGE_H
#define DMABUF_CTL_MESSAGE_H

#include <dmabuf-heap.h>

#define PROGRAM_NAME	"dmabuf-ctl"

/* Exit statuses. They are part of what scripts rely on. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILURE = 1,
	STATUS_USAGE = 2,
	STATUS_NOT_FOUND = 32,
};

/**
 * message_error() - say why the program stops
 * @status: what the caller is going to return
 * @format: the sentence, without the program's name and without a full stop
 *
 * Return: @status.
 */
enum status message_error(enum status status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * message_call() - say why a function of the library failed
 * @call: the function
 * @error: what it returned
 * @subject: what it was about; starts the sentence
 *
 * Return: STATUS_FAILURE.
 */
enum status message_call(enum dbheap_call call, int error, const char *subject);

/**
 * message_heap_explain() - why /dev/dmabuf-heap can't be opened
 * @error: what dmabuf_heap_open() returned
 * @text: where to write
 * @size: bytes at @text
 */
void message_heap_explain(int error, char *text, size_t size);

/**
 * message_heap_open() - open /dev/dmabuf-heap, or say why not
 * @heap: written on success
 *
 * Return: STATUS_OK or STATUS_FAILURE.
 */
enum status message_heap_open(struct dmabuf_heap **heap);

/**
 * message_permission() - who may open a file, for a sentence about EACCES
 * @path: the file
 * @text: where to write
 * @size: bytes at @text
 *
 * "only root may open it", "only root and the group video may open it".
 */
void message_permission(const char *path, char *text, size_t size);

/**
 * message_output_lost() - say that stdout could not be written
 * @error: the errno, 0 if it isn't known
 *
 * A reader that went away is no news to anyone and passes without a sentence.
 *
 * Return: STATUS_FAILURE.
 */
enum status message_output_lost(int error);

/**
 * message_output_end() - flush stdout and see that all was written
 * @status: the status so far
 *
 * Return: @status, or STATUS_FAILURE when output was lost.
 */
enum status message_output_end(enum status status);

#endif
