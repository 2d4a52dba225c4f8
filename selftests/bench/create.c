// SPDX-License-Identifier: GPL-2.0
/*
 * CREATE makes no memory, so its time must not depend on the length.
 */
#include <unistd.h>

#include "bench.h"

#define SMALL		(4 * HEAP_KIB)
#define LARGE		(64 * HEAP_MIB)
#define CREATES		501	/* of each length */

static __u64 create_time(int heap, __u64 length)
{
	__u64 start = heap_now(), end;
	int buffer = heap_create(heap, length);

	end = heap_now();
	close(bench_fd(buffer));
	return end - start;
}

void bench_create(int heap)
{
	static const char what[] = "create: 64 MiB cost what 4 KiB cost";
	__u64 small[CREATES], large[CREATES];
	struct spread a, b;
	double ratio;
	int i;

	/* The first ones fill the kernel's caches. */
	for (i = 0; i < 100; i++)
		create_time(heap, i % 2 ? SMALL : LARGE);
	for (i = 0; i < CREATES; i++) {
		small[i] = create_time(heap, SMALL);
		large[i] = create_time(heap, LARGE);
	}
	a = measure_spread(small, CREATES);
	b = measure_spread(large, CREATES);
	ratio = (double)b.median / a.median;
	measure_record("CREATE alone", SMALL, "dmabuf-heap", NULL, &a);
	measure_record("CREATE alone", LARGE, "dmabuf-heap", NULL, &b);
	ksft_print_msg("CREATE of 4 KiB: %llu %s, of 64 MiB: %llu; medians of %d; ratio %.3f\n",
		       (unsigned long long)a.median, measure_clock(),
		       (unsigned long long)b.median, CREATES, ratio);
	if (measure_counts_instructions())
		bench_result(ratio <= BENCH_RATIO_MAX, "%s\n", what);
	else
		bench_skip("%s: the clock does not count instructions\n", what);
}
