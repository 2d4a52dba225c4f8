// SPDX-License-Identifier: MIT
/*
 * Sentences, and the quantities that appear in them: bytes, addresses, ages.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "text.h"

#define NSEC_PER_MSEC	1000000ULL

void dbheap_text_begin(struct dbheap_text *text, char *to, size_t size)
{
	text->to = to;
	text->size = size;
	text->length = 0;
	if (size)
		*to = '\0';
}

void dbheap_text_add(struct dbheap_text *text, const char *format, ...)
{
	size_t room = 0;
	char *end = NULL;
	va_list arguments;
	int length;

	if (text->length < text->size) {
		end = text->to + text->length;
		room = text->size - text->length;
	}
	va_start(arguments, format);
	length = vsnprintf(end, room, format, arguments);
	va_end(arguments);
	if (length > 0)
		text->length += length;
}

/* log2 of the largest binary unit that @bytes holds at least once */
static unsigned int bytes_unit_shift(uint64_t bytes)
{
	unsigned int shift = 0;

	while (shift < 60 && bytes >> (shift + 10))
		shift += 10;
	return shift;
}

void dbheap_text_add_bytes(struct dbheap_text *text, uint64_t bytes)
{
	static const char unit[][4] = {
		"", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
	};
	unsigned int shift = bytes_unit_shift(bytes);
	unsigned int tenth;

	if (!shift) {
		dbheap_text_add(text, "%u byte%s", (unsigned int)bytes,
				bytes == 1 ? "" : "s");
		return;
	}
	tenth = (bytes >> (shift - 10) & 1023) * 10 >> 10;
	dbheap_text_add(text, "%u", (unsigned int)(bytes >> shift));
	if (tenth)
		dbheap_text_add(text, ".%u", tenth);
	dbheap_text_add(text, " %s", unit[shift / 10]);
}

/* @last is the highest address, so that all of memory fits 64 bits. */
void dbheap_text_add_below(struct dbheap_text *text, uint64_t last)
{
	uint64_t end = last + 1;

	if (!end) {
		dbheap_text_add(text, "any address");
	} else if (end & ((1ULL << bytes_unit_shift(end)) - 1)) {
		dbheap_text_add(text, "up to address 0x%llx",
				(unsigned long long)last);
	} else {
		dbheap_text_add(text, "below ");
		dbheap_text_add_bytes(text, end);
	}
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 * NSEC_PER_MSEC + now.tv_nsec;
}

void dbheap_text_add_ago(struct dbheap_text *text, uint64_t since_ns)
{
	uint64_t now = now_ns();
	/* A time namespace can shift this process's clock against the kernel's. */
	unsigned long long ms = now > since_ns ?
				(now - since_ns) / NSEC_PER_MSEC : 0;
	unsigned long long s = ms / 1000;

	if (!ms)
		dbheap_text_add(text, "less than 1 ms ago");
	else if (!s)
		dbheap_text_add(text, "%llu ms ago", ms);
	else if (s < 60)
		dbheap_text_add(text, "%llu.%llu s ago", s, ms % 1000 / 100);
	else if (s < 2 * 60 * 60)
		dbheap_text_add(text, "%llu min ago", s / 60);
	else if (s < 2 * 24 * 60 * 60)
		dbheap_text_add(text, "%llu hours ago", s / 3600);
	else
		dbheap_text_add(text, "%llu days ago", s / 86400);
}
