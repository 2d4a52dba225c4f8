// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer that two devices map, one of them again and again, is allocated once.
 */
#include <unistd.h>

#include "../drm.h"
#include "bench.h"

void bench_share(int heap)
{
	static const char what[] = "share: one backing for two devices and ten maps again";
	int first = drm_card_open(DRM_CIRRUS), second = drm_card_open(DRM_VGEM);
	__u64 before = heap_counters_read().allocations, after;
	int buffer = bench_fd(heap_create(heap, HEAP_MIB)), i, rc;
	__u32 handle;

	if (first < 0 || second < 0) {
		bench_skip("%s: cirrus or vgem is missing\n", what);
		goto out;
	}
	rc = heap_attach(heap, buffer, first, NULL, NULL);
	if (!rc)
		rc = drm_import(first, buffer, &handle);
	for (i = 0; i < 11 && !rc; i++) {
		rc = drm_import(second, buffer, &handle);
		if (!rc && i < 10)
			rc = drm_handle_close(second, handle);
	}
	after = heap_counters_read().allocations;
	ksft_print_msg("device maps: 12, held now: 2, allocations: %llu\n",
		       (unsigned long long)(after - before));
	bench_result(!rc && after - before == 1, "%s\n", what);
out:
	close(buffer);
	close(first);
	close(second);
}
