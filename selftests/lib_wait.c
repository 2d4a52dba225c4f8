// SPDX-License-Identifier: GPL-2.0
/*
 * The library's waiting: DMA that is announced by fences, which vgem's fence
 * ioctl stands in for. Times are milliseconds.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "device.h"
#include "drm.h"
#include "lib_fixture.h"

#define SHORT_MS	30

FIXTURE(fence) {
	struct heap_state state;
	struct dmabuf_heap *heap;
	struct dmabuf_heap_buffer *buffer;
	int card;
	__u32 handle;
};

FIXTURE_SETUP(fence)
{
	heap_setup(&self->state);
	self->card = drm_card_open(DRM_VGEM);
	if (self->card < 0)
		heap_skip("no vgem, whose fences are needed");
	must_pass(dmabuf_heap_open(NULL, &self->heap));
	must_pass(dmabuf_heap_buffer_create(self->heap, 1, 0, "fenced",
					    &self->buffer));
	must_pass(drm_import(self->card, dmabuf_heap_buffer_get_fd(self->buffer),
			     &self->handle));
}

FIXTURE_TEARDOWN(fence)
{
	drm_handle_close(self->card, self->handle);
	dmabuf_heap_buffer_close(self->buffer);
	dmabuf_heap_close(self->heap);
	close(self->card);
	heap_teardown(&self->state);
}

TEST_F(lib, idle)
{
	must_pass(dmabuf_heap_buffer_wait(self->buffer, DBHEAP_READ, 0));
	must_pass(dmabuf_heap_buffer_wait(self->buffer, DBHEAP_WRITE, -1));
	must_fail(EINVAL, dmabuf_heap_buffer_wait(self->buffer, 0, 0));
	must_fail(EINVAL, dmabuf_heap_buffer_wait(self->buffer, 1 << 2, 0));
	must_fail(EINVAL, dmabuf_heap_buffer_wait(self->buffer, DBHEAP_READ, -2));
}

TEST_F(fence, writer)
{
	__u64 start = heap_now();
	__u32 fence;

	must_pass(drm_fence_attach(self->card, self->handle, 1, &fence));
	must_fail(ETIMEDOUT, dmabuf_heap_buffer_wait(self->buffer, DBHEAP_READ,
						     SHORT_MS));
	EXPECT_LE(SHORT_MS * 1000000ULL, heap_now() - start);
	must_fail(ETIMEDOUT, dmabuf_heap_buffer_wait(self->buffer, LIB_BOTH, 0));
	must_pass(drm_fence_signal(self->card, fence));
	must_pass(dmabuf_heap_buffer_wait(self->buffer, DBHEAP_READ, -1));
	must_pass(dmabuf_heap_buffer_wait(self->buffer, DBHEAP_WRITE, -1));
}

TEST_F(fence, reader)
{
	__u32 fence;

	must_pass(drm_fence_attach(self->card, self->handle, 0, &fence));
	must_pass(dmabuf_heap_buffer_wait(self->buffer, DBHEAP_READ, 0));
	must_fail(ETIMEDOUT, dmabuf_heap_buffer_wait(self->buffer, DBHEAP_WRITE,
						     SHORT_MS));
	must_pass(drm_fence_signal(self->card, fence));
	must_pass(dmabuf_heap_buffer_wait(self->buffer, DBHEAP_WRITE, -1));
}

static int signals_seen;

static void signal_count(int number)
{
	(void)number;
	__atomic_add_fetch(&signals_seen, 1, __ATOMIC_RELAXED);
}

/* Signals that interrupt system calls, one each @us microseconds; 0 for no more. */
static int signals_every(suseconds_t us)
{
	struct itimerval timer = {
		.it_value.tv_usec = us,
		.it_interval.tv_usec = us,
	};
	struct sigaction action = { .sa_handler = signal_count };

	__atomic_store_n(&signals_seen, 0, __ATOMIC_RELAXED);
	return sigaction(SIGALRM, &action, NULL) ?:
	       setitimer(ITIMER_REAL, &timer, NULL);
}

TEST_F(fence, wait_interrupted)
{
	__u32 fence;

	must_pass(drm_fence_attach(self->card, self->handle, 1, &fence));
	must_pass(signals_every(10000));
	must_fail(EINTR, dmabuf_heap_buffer_wait(self->buffer, DBHEAP_READ, -1));
	must_pass(signals_every(0));
	must_pass(drm_fence_signal(self->card, fence));
}

/* Reading bytes waits for the writer, however many signals come meanwhile. */
TEST_F(fence, read_interrupted)
{
	__u64 start = heap_now();
	__u32 fence;
	pid_t child;
	char byte;

	must_pass(drm_fence_attach(self->card, self->handle, 1, &fence));
	child = fork();
	ASSERT_NE(-1, child);
	if (!child) {
		usleep(100000);
		_exit(!!drm_fence_signal(self->card, fence));
	}
	must_pass(signals_every(10000));
	must_pass(dmabuf_heap_buffer_read(self->buffer, 0, &byte, 1));
	EXPECT_LE(100000000ULL, heap_now() - start);
	EXPECT_LT(0, __atomic_load_n(&signals_seen, __ATOMIC_RELAXED));
	must_pass(signals_every(0));
	EXPECT_EQ(child, waitpid(child, NULL, 0));
}

static bool fence_is_done(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 1;
}

TEST_F(fence, export)
{
	__u32 fence;
	int fd = -1;

	must_fail(EINVAL, dmabuf_heap_buffer_export_fence(self->buffer, 0, &fd));
	must_fail(EINVAL, dmabuf_heap_buffer_export_fence(self->buffer, 1 << 2,
							  &fd));
	EXPECT_EQ(-1, fd);
	must_pass(drm_fence_attach(self->card, self->handle, 1, &fence));
	must_pass(dmabuf_heap_buffer_export_fence(self->buffer, DBHEAP_READ, &fd));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_FALSE(fence_is_done(fd));
	must_pass(drm_fence_signal(self->card, fence));
	EXPECT_TRUE(fence_is_done(fd));
	close(fd);
}

TEST_F(fence, import)
{
	struct dmabuf_heap_buffer *other;
	__u32 fence;
	int fd;

	must_pass(dmabuf_heap_buffer_create(self->heap, 1, 0, "", &other));
	must_pass(drm_fence_attach(self->card, self->handle, 1, &fence));
	must_pass(dmabuf_heap_buffer_export_fence(self->buffer, LIB_BOTH, &fd));
	must_fail(EINVAL, dmabuf_heap_buffer_import_fence(other, 0, fd));
	must_fail(EINVAL, dmabuf_heap_buffer_import_fence(other, DBHEAP_READ,
							  self->card));
	must_pass(dmabuf_heap_buffer_wait(other, DBHEAP_WRITE, 0));

	must_pass(dmabuf_heap_buffer_import_fence(other, DBHEAP_READ, fd));
	must_pass(dmabuf_heap_buffer_wait(other, DBHEAP_READ, 0));
	must_fail(ETIMEDOUT, dmabuf_heap_buffer_wait(other, DBHEAP_WRITE, 0));
	must_pass(dmabuf_heap_buffer_import_fence(other, DBHEAP_WRITE, fd));
	must_fail(ETIMEDOUT, dmabuf_heap_buffer_wait(other, DBHEAP_READ, 0));

	must_pass(drm_fence_signal(self->card, fence));
	must_pass(dmabuf_heap_buffer_wait(other, DBHEAP_WRITE, -1));
	close(fd);
	dmabuf_heap_buffer_close(other);
}

TEST_HARNESS_MAIN
