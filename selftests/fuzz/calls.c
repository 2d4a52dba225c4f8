// SPDX-License-Identifier: GPL-2.0
/*
 * All calls and how often each is made: see calls.h.
 */
#include "calls.h"

struct call_kind {
	const char *name;
	unsigned int weight;
	long (*make)(struct worker *worker);
};

static const struct call_kind kinds[] = {
	{ "INFO", 20, call_info },
	{ "CREATE", 300, call_create },
	{ "ATTACH", 600, call_attach },
	{ "DETACH", 200, call_detach },
	{ "COMMIT", 150, call_commit },
	{ "SEAL", 30, call_seal },
	{ "QUERY", 300, call_query },
	{ "QUERY_ATTACHMENTS", 200, call_query_attachments },
	{ "WATCH", 40, call_watch },
	{ "read events", 60, call_read_events },
	{ "poll for events", 20, call_poll_events },
	{ "unknown number", 20, call_unknown },
	{ "open", 30, call_open },
	{ "close", 120, call_close },
	{ "dup", 60, call_dup },
	{ "send by socket", 50, call_send },
	{ "receive", 60, call_receive },
	{ "poll", 40, call_poll },
	{ "DMA_BUF_SYNC", 120, call_sync },
	{ "DMA_BUF_SET_NAME", 40, call_set_name },
	{ "EXPORT_SYNC_FILE", 40, call_export_fence },
	{ "IMPORT_SYNC_FILE", 30, call_import_fence },
	{ "lseek", 20, call_seek },
	{ "fdinfo", 10, call_fdinfo },
	{ "open by /proc", 20, call_reopen },
	{ "fork", 1, call_fork },
	{ "another's buffer", 10, call_foreign },
	{ "mmap", 200, call_mmap },
	{ "munmap", 100, call_munmap },
	{ "mremap", 40, call_mremap },
	{ "mprotect", 30, call_mprotect },
	{ "madvise", 40, call_madvise },
	{ "touch", 200, call_touch },
	{ "mlock", 10, call_lock },
	{ "/proc/self/mem", 20, call_peek },
	{ "shared arguments", 40, call_shared },
	{ "open a device", 120, call_device_open },
	{ "close a device", 20, call_device_close },
	{ "PRIME import", 140, call_prime_import },
	{ "PRIME export", 30, call_prime_export },
	{ "GEM close", 80, call_gem_close },
	{ "GEM map", 20, call_gem_map },
	{ "vgem fence", 10, call_fence },
	{ "framebuffer", 20, call_framebuffer },
	{ "S_FMT", 10, call_video_format },
	{ "REQBUFS", 40, call_video_request },
	{ "QBUF", 100, call_video_queue },
	{ "DQBUF", 20, call_video_dequeue },
	{ "STREAMON, STREAMOFF", 10, call_video_stream },
	{ "mapper limits", 30, call_mapper_limit },
	{ "mapper", 240, call_mapper },
	{ "unbind and bind", 1, call_unbind },
};

#define KINDS	(sizeof(kinds) / sizeof(*kinds))

_Static_assert(KINDS <= CALLS_MAX, "raise CALLS_MAX");

unsigned int calls_count(void)
{
	return KINDS;
}

const char *calls_name(unsigned int kind)
{
	return kinds[kind].name;
}

static unsigned int all_weights(void)
{
	static unsigned int sum;
	unsigned int i, weights = 0;

	if (sum)
		return sum;
	for (i = 0; i < KINDS; i++)
		weights += kinds[i].weight;
	return sum = weights;
}

long calls_make(struct worker *worker, const __u16 *words, unsigned int *kind)
{
	unsigned int i = 0, pick;

	worker->words = words;
	worker->at = 0;
	worker->used = 0;
	pick = worker_below(worker, all_weights());
	while (pick >= kinds[i].weight)
		pick -= kinds[i++].weight;
	*kind = i;
	return kinds[i].make(worker);
}
