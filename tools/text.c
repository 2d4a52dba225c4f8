// SPDX-License-Identifier: GPL-2.0
/*
 * Text in and out.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "message.h"
#include "text.h"

#define NS_PER_MS	UINT64_C(1000000)
#define NS_PER_S	UINT64_C(1000000000)

/*
 * Length of the UTF-8 sequence at @text, 0 if there is none: too short, longer
 * than it needs to be, a surrogate, beyond U+10FFFF, or a control character.
 */
static size_t text_sequence_length(const unsigned char *text)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length, i;
	uint32_t code;

	if (text[0] < 0x80)
		return text[0] >= 0x20 && text[0] != 0x7f;
	if (text[0] < 0xc0 || text[0] > 0xf7)
		return 0;
	length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	code = text[0] & (0x7f >> length);
	for (i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < smallest[length] || code > 0x10ffff || code < 0xa0 ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return length;
}

void text_clean(char *text)
{
	while (*text) {
		size_t length = text_sequence_length((unsigned char *)text);

		if (!length) {
			*text = '?';
			length = 1;
		}
		text += length;
	}
}

void text_exhausted(void)
{
	exit(message_error(STATUS_FAILURE, "out of memory"));
}

void *text_allocate(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		text_exhausted();
	return memory;
}

char *text_copy(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(text_allocate(size, 1), text, size);
}

/* Digits only: strtoull() would take signs, blanks and wrap-around. */
static bool text_digits_read(const char *text, const char **end,
			     uint64_t *number)
{
	char *rest;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &rest, 10);
	*end = rest;
	return !errno;
}

bool text_number_read(const char *text, uint64_t max, uint64_t *number)
{
	const char *end;
	uint64_t value;

	if (!text_digits_read(text, &end, &value) || *end || value > max)
		return false;
	*number = value;
	return true;
}

bool text_size_read(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	unsigned int shift = 0;
	const char *unit, *end;
	uint64_t value;

	if (!text_digits_read(text, &end, &value))
		return false;
	if (*end) {
		unit = strchr(units, *end);
		if (!unit || end[1])
			return false;
		shift = 10 * (unsigned int)(unit - units + 1);
	}
	if (!value || value > UINT64_MAX >> shift)
		return false;
	*bytes = value << shift;
	return true;
}

void text_age_write(uint64_t ns, char text[TEXT_NUMBER_SIZE])
{
	uint64_t s = ns / NS_PER_S;

	if (s < 1)
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 " ms", ns / NS_PER_MS);
	else if (s < 60)
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 ".%" PRIu64 " s", s,
			 ns / (NS_PER_S / 10) % 10);
	else if (s < 60 * 60)
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 " min", s / 60);
	else if (s < 48 * 60 * 60)
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 " h", s / 60 / 60);
	else
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 " d", s / 60 / 60 / 24);
}

void text_rate_write(uint64_t rate, char text[TEXT_NUMBER_SIZE])
{
	uint64_t tenths = (rate + 50) / 100;

	if (!rate)
		snprintf(text, TEXT_NUMBER_SIZE, "0");
	else if (tenths < 100)
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 ".%" PRIu64,
			 tenths / 10, tenths ? tenths % 10 : 1);
	else
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64, (rate + 500) / 1000);
}

uint64_t text_age(uint64_t when)
{
	struct timespec now;
	uint64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
	return ns > when ? ns - when : 0;
}

void text_append(char *text, size_t size, const char *separator,
		 const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", used ? separator : "", more);
}
