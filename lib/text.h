/* SPDX-License-Identifier: MIT */
/*
 * A sentence that grows in a buffer of the caller's, as snprintf() would write
 * it: cut to the buffer's size, its whole length counted.
 */
#ifndef DBHEAP_TEXT_H
#define DBHEAP_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct dbheap_text {
	char *to;
	size_t size;	/* bytes at @to */
	size_t length;	/* of the whole sentence so far */
};

void dbheap_text_begin(struct dbheap_text *text, char *to, size_t size);
void dbheap_text_add(struct dbheap_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void dbheap_text_add_bytes(struct dbheap_text *text, uint64_t bytes);
void dbheap_text_add_below(struct dbheap_text *text, uint64_t last);
void dbheap_text_add_ago(struct dbheap_text *text, uint64_t since_ns);

#endif /* DBHEAP_TEXT_H */
