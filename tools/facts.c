// SPDX-License-Identifier: GPL-2.0
/*
 * Facts about one thing for people to read.
 */
#include <stdarg.h>
#include <stdio.h>

#include "facts.h"
#include "print.h"
#include "text.h"

#define NAME_WIDTH	14
#define FACT_SIZE	1024

void facts_title(const char *format, ...)
{
	char text[FACT_SIZE];
	bool bold = table_can_color();
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_clean(text);
	printf("%s%s%s\n", bold ? "\033[1m" : "", text, bold ? "\033[0m" : "");
}

void facts_print(const char *name, const char *format, ...)
{
	char text[FACT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_clean(text);
	printf("  %-*s%s\n", NAME_WIDTH, name, text);
}
