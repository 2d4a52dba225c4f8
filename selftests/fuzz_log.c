// SPDX-License-Identifier: GPL-2.0
/*
 * What the fuzzer takes for a splat: kernel logs as /dev/kmsg has them, a record for
 * each read. Needs no kernel module.
 */
#include "kselftest_harness.h"
#include <sys/socket.h>

#include "fuzz/kernel.c"

#define CUT		"------------[ cut here ]------------"
#define END		"---[ end trace 0000000000000000 ]---"
#define WARNING_DMA	"WARNING: CPU: 1 PID: 284 at kernel/dma/debug.c:1125 check_sync+0xe02/0x1740"
#define WARNING_BOUNCE	"WARNING: CPU: 0 PID: 94 at kernel/dma/swiotlb.c:949 swiotlb_map+0x50e/0x720"
#define WARNING_PAT	"WARNING: CPU: 0 PID: 288 at arch/x86/mm/pat/memtype.c:1028 untrack_pfn+0x2b1/0x340"
#define WARNING_OURS	"WARNING: CPU: 0 PID: 9 at driver/attachment.c:340 export_detach+0x5/0x40"
#define UDMABUF		"DMA-API: misc udmabuf: device driver syncs DMA memory with different direction"
#define VKMS		"DMA-API: platform vkms: cacheline tracking EEXIST, overlapping mappings"
#define HEAP_FRAME	" system_heap_map_dma_buf+0x83/0x100"

FIXTURE(fuzz_log) {
	int log[2];
	int shown;	/* where standard output went before */
};

/* What is shown of splats looks like this test's own output. */
FIXTURE_SETUP(fuzz_log)
{
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, self->log));
	fflush(stdout);
	self->shown = dup(STDOUT_FILENO);
	ASSERT_LE(0, self->shown);
	ASSERT_NE(NULL, freopen("/dev/null", "w", stdout));
}

FIXTURE_TEARDOWN(fuzz_log)
{
	fflush(stdout);
	dup2(self->shown, STDOUT_FILENO);
	close(self->shown);
	close(self->log[0]);
	close(self->log[1]);
}

/* Splats in these lines. */
static int splats_in(const int log[2], const char *const *lines, int count)
{
	char record[512];
	int i, length;

	for (i = 0; i < count; i++) {
		length = snprintf(record, sizeof(record), "4,%d,%d,-;%s\n", i, i, lines[i]);
		if (send(log[1], record, length, 0) != length)
			return -errno;
	}
	return kernel_log_splats(log[0]);
}

#define SPLATS(...)								\
({										\
	static const char *const lines[] = { __VA_ARGS__ };			\
										\
	splats_in(self->log, lines, sizeof(lines) / sizeof(*lines));		\
})

TEST_F(fuzz_log, silence)
{
	EXPECT_EQ(0, SPLATS("vim2m vim2m.0: vidioc_s_fmt queue busy", "failed to attach dmabuf"));
}

TEST_F(fuzz_log, ours)
{
	EXPECT_EQ(1, SPLATS(CUT, WARNING_OURS, " export_detach+0x5/0x40", END));
	EXPECT_EQ(1, SPLATS("BUG: KASAN: slab-use-after-free in export_map+0x12/0x90"));
	/* Of DMA_API_DEBUG, but nobody else's name in it. */
	EXPECT_EQ(1, SPLATS(CUT, VKMS, WARNING_DMA, " export_map+0x12/0x90", END));
}

TEST_F(fuzz_log, others)
{
	EXPECT_EQ(0, SPLATS(CUT, UDMABUF, WARNING_DMA, " begin_cpu_udmabuf+0x10c/0x1f0", END,
			    "DMA-API: Mapped at:", " begin_cpu_udmabuf+0x12b/0x1f0"));
	EXPECT_EQ(0, SPLATS(CUT, VKMS, WARNING_DMA, HEAP_FRAME, END));
	EXPECT_EQ(0, SPLATS(CUT, WARNING_BOUNCE, " map_udmabuf+0x78/0xb0", END));
	EXPECT_EQ(0, SPLATS(CUT, WARNING_PAT, " system_heap_mmap+0x1c5/0x2f0", END));
}

/* Of two CPUs at once; when one has ended, the other goes on. */
TEST_F(fuzz_log, interleaved)
{
	EXPECT_EQ(0, SPLATS(CUT, VKMS, WARNING_DMA, HEAP_FRAME, CUT, UDMABUF, END,
			    WARNING_DMA, " begin_cpu_udmabuf+0x10c/0x1f0", END));
	EXPECT_EQ(1, SPLATS(CUT, WARNING_OURS));
	EXPECT_EQ(0, SPLATS("failed to attach dmabuf"));
}

/* Another's at the same time excuses nothing. */
TEST_F(fuzz_log, ours_among_others)
{
	EXPECT_EQ(1, SPLATS(CUT, VKMS, WARNING_DMA, HEAP_FRAME, CUT, WARNING_OURS, END, END));
	EXPECT_EQ(1, SPLATS(CUT, WARNING_OURS, CUT, UDMABUF, END, WARNING_DMA, END));
	EXPECT_EQ(0, SPLATS(CUT, VKMS, WARNING_DMA, HEAP_FRAME, END));
}

TEST_HARNESS_MAIN
