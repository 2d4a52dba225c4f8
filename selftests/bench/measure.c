// SPDX-License-Identifier: GPL-2.0
/*
 * Samples and figures: see measure.h. Quartiles are samples, none is made up
 * from two.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "bench.h"

#define FIGURES_MAX	1024
#define LOOKS		101

struct figure {
	const char *what;
	__u64 length;
	const char *of;
	const char *unit;
	struct spread spread;
};

static struct figure figures[FIGURES_MAX];
static int figure_count;

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

struct spread measure_spread(__u64 *samples, int count)
{
	qsort(samples, count, sizeof(*samples), compare);
	return (struct spread) {
		.min = samples[0],
		.q1 = samples[count / 4],
		.median = samples[count / 2],
		.q3 = samples[3 * count / 4],
		.samples = count,
	};
}

/* boot.sh --icount leaves its word for us. */
bool measure_counts_instructions(void)
{
	char line[4096] = "";
	FILE *file = fopen("/proc/cmdline", "re");

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	return strstr(line, " icount=yes");
}

const char *measure_clock(void)
{
	return measure_counts_instructions() ? "instructions" : "ns";
}

__u64 measure_nothing(void)
{
	__u64 samples[LOOKS], start;
	int i;

	for (i = 0; i < LOOKS; i++) {
		start = heap_now();
		samples[i] = heap_now() - start;
	}
	return measure_spread(samples, LOOKS).median;
}

void measure_record(const char *what, __u64 length, const char *of, const char *unit,
		    const struct spread *spread)
{
	if (figure_count == FIGURES_MAX)
		ksft_exit_fail_msg("more than %d figures\n", FIGURES_MAX);
	figures[figure_count++] = (struct figure) {
		.what = what,
		.length = length,
		.of = of,
		.unit = unit ?: measure_clock(),
		.spread = *spread,
	};
}

static void figure_write(FILE *file, const struct figure *figure, const char *end)
{
	const struct spread *spread = &figure->spread;

	fprintf(file, "    {\"what\": \"%s\", \"length\": %llu, ", figure->what,
		(unsigned long long)figure->length);
	fprintf(file, "\"of\": \"%s\", \"unit\": \"%s\",\n", figure->of, figure->unit);
	fprintf(file, "     \"min\": %llu, \"q1\": %llu, \"median\": %llu, \"q3\": %llu, ",
		(unsigned long long)spread->min, (unsigned long long)spread->q1,
		(unsigned long long)spread->median, (unsigned long long)spread->q3);
	fprintf(file, "\"samples\": %d}%s\n", spread->samples, end);
}

int measure_write(const char *path)
{
	FILE *file = fopen(path, "we");
	struct utsname system;
	int i;

	if (!file)
		return -errno;
	uname(&system);
	fprintf(file, "{\n  \"kernel\": \"%s\",\n  \"machine\": \"%s\",\n  \"clock\": \"%s\",\n",
		system.release, system.machine, measure_clock());
	fprintf(file, "  \"figures\": [\n");
	for (i = 0; i < figure_count; i++)
		figure_write(file, &figures[i], i + 1 < figure_count ? "," : "");
	fprintf(file, "  ]\n}\n");
	return fclose(file) ? -errno : 0;
}
