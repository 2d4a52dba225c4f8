// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl frame with real frames: vivid's picture, captured into a buffer, comes
 * out as a PNG whose every pixel is what V4L2's own read() of the same picture says;
 * in each layout, where the colours come near enough to those of the others. And
 * buffers of other exporters. Needs vivid and dmabuf-ctl.
 */
#include <fcntl.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "heap.h"
#include "device.h"
#include "v4l2.h"

#define WIDTH	320
#define HEIGHT	180
#define PIXELS	(WIDTH * HEIGHT)

/* What 15 bits of colour, or half of the chroma, may lose. */
#define NEAR	12

#define PICTURE	"/tmp/frame-test.png"

static int node_call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

static int node_set_control(int fd, const char *name, int value)
{
	struct v4l2_queryctrl query = { .id = V4L2_CTRL_FLAG_NEXT_CTRL };
	struct v4l2_control control = { .value = value };

	while (!node_call(fd, VIDIOC_QUERYCTRL, &query)) {
		if (!strcmp((char *)query.name, name)) {
			control.id = query.id;
			return node_call(fd, VIDIOC_S_CTRL, &control);
		}
		query.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
	}
	return -ENOENT;
}

/* Squares of full colours; and no counter in the picture, so that all frames are alike. */
static int node_freeze(int fd, bool freeze)
{
	int rc = node_set_control(fd, "OSD Text Mode", freeze ? 2 : 0);

	return rc ?: node_set_control(fd, "Test Pattern", freeze ? 4 : 0);
}

static int queue_set_format(struct v4l2_queue *queue, __u32 code)
{
	struct v4l2_format format = { .type = queue->type };
	int rc;

	format.fmt.pix.width = WIDTH;
	format.fmt.pix.height = HEIGHT;
	format.fmt.pix.pixelformat = code;
	rc = node_call(queue->fd, VIDIOC_S_FMT, &format);
	if (rc)
		return rc;
	if (format.fmt.pix.pixelformat != code || format.fmt.pix.width != WIDTH ||
	    format.fmt.pix.height != HEIGHT)
		return -EINVAL;
	queue->width = WIDTH;
	queue->height = HEIGHT;
	queue->pitch = format.fmt.pix.bytesperline;
	queue->length = format.fmt.pix.sizeimage;
	return 0;
}

/* A frame as read() gives it, to be freed; the node has the format already. */
static unsigned char *frame_by_read(__u32 length)
{
	int fd = v4l2_node_open(V4L2_VIVID_DMA, V4L2_BUF_TYPE_VIDEO_CAPTURE);
	unsigned char *bytes = calloc(1, length);

	if (read(fd, bytes, length) != (ssize_t)length) {
		free(bytes);
		bytes = NULL;
	}
	close(fd);
	return bytes;
}

static int frame_by_queue(struct v4l2_queue *queue, int buffer)
{
	int rc = v4l2_queue_request(queue, 2);

	rc = rc ?: v4l2_queue_put(queue, 0, buffer);
	rc = rc ?: v4l2_queue_start(queue);
	if (!rc) {
		rc = v4l2_queue_get(queue);
		v4l2_queue_stop(queue);
	}
	v4l2_queue_request(queue, 0);
	return rc;
}

/* dmabuf-ctl's exit status; the picture is in PICTURE. */
static int ctl_frame(const char *buffer, const char *options)
{
	char line[256];
	int status;

	snprintf(line, sizeof(line), "dmabuf-ctl frame %s %s -o " PICTURE, buffer, options);
	status = system(line);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Red, green and blue of each pixel, to be freed. NULL if it isn't of this size. */
static unsigned char *picture_read(unsigned int width, unsigned int height)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	unsigned char *colors = NULL;
	unsigned int i;

	if (png_image_begin_read_from_file(&image, PICTURE)) {
		/* With alpha, or what is transparent would be painted over. */
		image.format = PNG_FORMAT_RGBA;
		if (image.width == width && image.height == height)
			colors = malloc(PNG_IMAGE_SIZE(image));
		if (!colors || !png_image_finish_read(&image, NULL, colors, 0, NULL)) {
			free(colors);
			colors = NULL;
		}
	}
	for (i = 0; colors && i < width * height; i++)
		memmove(colors + 3 * i, colors + 4 * i, 3);
	png_image_free(&image);
	unlink(PICTURE);
	return colors;
}

static void rgb_set(unsigned char rgb[3], int red, int green, int blue)
{
	rgb[0] = red;
	rgb[1] = green;
	rgb[2] = blue;
}

static int rounded(double color)
{
	return color < 0 ? 0 : color > 255 ? 255 : (int)(color + 0.5);
}

static void ycbcr_set(unsigned char rgb[3], int y, int cb, int cr)
{
	double luma = 1.164384 * (y - 16);

	rgb_set(rgb, rounded(luma + 1.596027 * (cr - 128)),
		rounded(luma - 0.391762 * (cb - 128) - 0.812968 * (cr - 128)),
		rounded(luma + 2.017232 * (cb - 128)));
}

/* What the bytes that read() gave mean, format by format. */
static void pixel_of(const unsigned char *raw, const struct v4l2_queue *queue, __u32 code,
		     unsigned int x, unsigned int y, unsigned char rgb[3])
{
	const unsigned char *row = raw + y * queue->pitch;
	const unsigned char *pair = row + x / 2 * 4;
	const unsigned char *chroma = raw + queue->pitch * HEIGHT;
	unsigned int half = queue->pitch / 2;
	unsigned int word = row[2 * x] | row[2 * x + 1] << 8;

	switch (code) {
	case V4L2_PIX_FMT_XBGR32:
	case V4L2_PIX_FMT_ABGR32:
		return rgb_set(rgb, row[4 * x + 2], row[4 * x + 1], row[4 * x]);
	case V4L2_PIX_FMT_XRGB32:
		return rgb_set(rgb, row[4 * x + 1], row[4 * x + 2], row[4 * x + 3]);
	case V4L2_PIX_FMT_RGB24:
		return rgb_set(rgb, row[3 * x], row[3 * x + 1], row[3 * x + 2]);
	case V4L2_PIX_FMT_BGR24:
		return rgb_set(rgb, row[3 * x + 2], row[3 * x + 1], row[3 * x]);
	case V4L2_PIX_FMT_RGB565:
		return rgb_set(rgb, rounded((word >> 11) * 255 / 31.0),
			       rounded((word >> 5 & 63) * 255 / 63.0),
			       rounded((word & 31) * 255 / 31.0));
	case V4L2_PIX_FMT_YUYV:
		return ycbcr_set(rgb, row[2 * x], pair[1], pair[3]);
	case V4L2_PIX_FMT_UYVY:
		return ycbcr_set(rgb, row[2 * x + 1], pair[0], pair[2]);
	case V4L2_PIX_FMT_NV12:
		chroma += y / 2 * queue->pitch + x / 2 * 2;
		return ycbcr_set(rgb, row[x], chroma[0], chroma[1]);
	case V4L2_PIX_FMT_NV16:
		chroma += y * queue->pitch + x / 2 * 2;
		return ycbcr_set(rgb, row[x], chroma[0], chroma[1]);
	case V4L2_PIX_FMT_YUV420:
		chroma += y / 2 * half + x / 2;
		return ycbcr_set(rgb, row[x], chroma[0], chroma[half * HEIGHT / 2]);
	case V4L2_PIX_FMT_YVU420:
		chroma += y / 2 * half + x / 2;
		return ycbcr_set(rgb, row[x], chroma[half * HEIGHT / 2], chroma[0]);
	default:
		return rgb_set(rgb, row[x], row[x], row[x]);
	}
}

/* Pixels of which a colour is further away than that. */
static int pixels_apart(const unsigned char *a, const unsigned char *b, int distance)
{
	int i, apart = 0;

	for (i = 0; i < PIXELS; i++)
		apart += abs(a[3 * i] - b[3 * i]) > distance ||
			 abs(a[3 * i + 1] - b[3 * i + 1]) > distance ||
			 abs(a[3 * i + 2] - b[3 * i + 2]) > distance;
	return apart;
}

FIXTURE(frame) {
	struct heap_state state;
	struct v4l2_queue queue;
	int buffer;
};

/* @format: as the user writes it */
FIXTURE_VARIANT(frame) {
	__u32 code;
	const char *format;
	bool is_grey;
};

FIXTURE_VARIANT_ADD(frame, xrgb8888) { .code = V4L2_PIX_FMT_XBGR32, .format = "XRGB8888" };
FIXTURE_VARIANT_ADD(frame, argb8888) { .code = V4L2_PIX_FMT_ABGR32, .format = "ar24" };
FIXTURE_VARIANT_ADD(frame, bgrx8888) { .code = V4L2_PIX_FMT_XRGB32, .format = "XRGB32" };
FIXTURE_VARIANT_ADD(frame, rgb24) { .code = V4L2_PIX_FMT_RGB24, .format = "RGB24" };
FIXTURE_VARIANT_ADD(frame, bgr24) { .code = V4L2_PIX_FMT_BGR24, .format = "BGR3" };
FIXTURE_VARIANT_ADD(frame, rgb565) { .code = V4L2_PIX_FMT_RGB565, .format = "RGBP" };
FIXTURE_VARIANT_ADD(frame, yuyv) { .code = V4L2_PIX_FMT_YUYV, .format = "yuyv" };
FIXTURE_VARIANT_ADD(frame, uyvy) { .code = V4L2_PIX_FMT_UYVY, .format = "UYVY" };
FIXTURE_VARIANT_ADD(frame, nv12) { .code = V4L2_PIX_FMT_NV12, .format = "NV12" };
FIXTURE_VARIANT_ADD(frame, nv16) { .code = V4L2_PIX_FMT_NV16, .format = "NV16" };
FIXTURE_VARIANT_ADD(frame, yuv420) { .code = V4L2_PIX_FMT_YUV420, .format = "I420" };
FIXTURE_VARIANT_ADD(frame, yvu420) { .code = V4L2_PIX_FMT_YVU420, .format = "YV12" };
FIXTURE_VARIANT_ADD(frame, grey) {
	.code = V4L2_PIX_FMT_GREY, .format = "R8", .is_grey = true
};

FIXTURE_SETUP(frame)
{
	heap_setup(&self->state);
	if (system("command -v dmabuf-ctl >/dev/null"))
		heap_skip("dmabuf-ctl isn't built");
	self->queue.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	self->queue.fd = v4l2_node_open(V4L2_VIVID_DMA, self->queue.type);
	if (self->queue.fd < 0)
		heap_skip("no vivid instance with allocators=1");
	must_pass(node_freeze(self->queue.fd, true));
	must_pass(queue_set_format(&self->queue, variant->code));
	self->buffer = must_open(heap_create(self->state.fd, self->queue.length));
}

FIXTURE_TEARDOWN(frame)
{
	node_freeze(self->queue.fd, false);
	v4l2_queue_close(&self->queue);
	close(self->buffer);
	heap_teardown(&self->state);
}

TEST_F(frame, is_what_read_says)
{
	unsigned char *raw, *colors, *wanted = calloc(PIXELS, 3);
	struct v4l2_queue *queue = &self->queue;
	char buffer[32], options[64];
	unsigned int x, y;
	void *memory;

	raw = frame_by_read(queue->length);
	ASSERT_NE(NULL, raw);
	must_pass(heap_attach(self->state.fd, self->buffer, queue->fd, NULL, NULL));
	must_pass(frame_by_queue(queue, self->buffer));
	memory = heap_mmap(self->buffer, queue->length);
	ASSERT_NE(NULL, memory);
	/* Else the pictures weren't the same one to begin with. */
	EXPECT_EQ(0, memcmp(raw, memory, queue->length));
	munmap(memory, queue->length);

	snprintf(buffer, sizeof(buffer), "%d:%d", getpid(), self->buffer);
	snprintf(options, sizeof(options), "--format %s --size %ux%u", variant->format, WIDTH,
		 HEIGHT);
	ASSERT_EQ(0, ctl_frame(buffer, options));
	colors = picture_read(WIDTH, HEIGHT);
	ASSERT_NE(NULL, colors);
	for (y = 0; y < HEIGHT; y++)
		for (x = 0; x < WIDTH; x++)
			pixel_of(raw, queue, variant->code, x, y, wanted + 3 * (y * WIDTH + x));
	/* The last digit of a colour can be rounded in two ways. */
	EXPECT_EQ(0, pixels_apart(colors, wanted, 1));

	/* And it is the picture that the camera shows in red, green and blue. */
	must_pass(queue_set_format(queue, V4L2_PIX_FMT_XBGR32));
	free(raw);
	raw = frame_by_read(queue->length);
	ASSERT_NE(NULL, raw);
	for (y = 0; y < HEIGHT; y++)
		for (x = 0; x < WIDTH; x++)
			pixel_of(raw, queue, V4L2_PIX_FMT_XBGR32, x, y,
				 wanted + 3 * (y * WIDTH + x));
	if (!variant->is_grey)
		EXPECT_GT(PIXELS / 20, pixels_apart(colors, wanted, NEAR));
	EXPECT_LT(PIXELS / 2, pixels_apart(wanted, (unsigned char [3 * PIXELS]) { 0 }, NEAR));
	free(raw);
	free(colors);
	free(wanted);
}

FIXTURE(others) {
	struct heap_state state;
};

FIXTURE_SETUP(others)
{
	heap_setup(&self->state);
	if (system("command -v dmabuf-ctl >/dev/null"))
		heap_skip("dmabuf-ctl isn't built");
}

FIXTURE_TEARDOWN(others)
{
	heap_teardown(&self->state);
}

/* Looking gives no memory, and the sentence is the only thing that comes of it. */
TEST_F(others, unbacked_stays_unbacked)
{
	int buffer = must_open(heap_create(self->state.fd, HEAP_PAGE));
	struct dmabuf_heap_buffer_record record;
	char name[32];

	snprintf(name, sizeof(name), "%d:%d", getpid(), buffer);
	EXPECT_EQ(1, ctl_frame(name, "--format XR24 --size 32x32"));
	EXPECT_EQ(-1, access(PICTURE, F_OK));
	must_pass(heap_query(self->state.fd, buffer, &record));
	EXPECT_EQ(DMABUF_HEAP_UNBACKED, record.state);
	close(buffer);
}

/* A fd that was inherited, and memory that nobody has written to: black. */
TEST_F(others, inherited)
{
	int buffer = must_open(heap_create(self->state.fd, HEAP_PAGE));
	unsigned char *colors;
	char name[32];
	int i;

	must_pass(heap_commit(self->state.fd, buffer));
	ASSERT_EQ(0, fcntl(buffer, F_SETFD, 0));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", buffer);
	ASSERT_EQ(0, ctl_frame(name, "--format XR24 --size 32x32"));
	colors = picture_read(32, 32);
	ASSERT_NE(NULL, colors);
	for (i = 0; i < 32 * 32 * 3; i++)
		EXPECT_EQ(0, colors[i]);
	free(colors);
	close(buffer);
}

/* Of another exporter, and more of it than a frame in its middle. */
TEST_F(others, foreign)
{
	int buffer = device_foreign_buffer(), i;
	unsigned char *memory, *colors;
	char name[32];

	if (buffer < 0)
		SKIP(return, "no vgem");
	memory = heap_mmap(buffer, 64 * 64 * 4);
	ASSERT_NE(NULL, memory);
	for (i = 0; i < 64 * 64 * 4; i++)
		memory[i] = i * 7 + i / 256;
	snprintf(name, sizeof(name), "%d:%d", getpid(), buffer);
	ASSERT_EQ(0, ctl_frame(name, "--format XBGR8888 --size 32x50 --stride 256 --offset 300"));
	colors = picture_read(32, 50);
	ASSERT_NE(NULL, colors);
	for (i = 0; i < 32 * 50 * 3; i++)
		EXPECT_EQ(memory[300 + i / 96 * 256 + i % 96 / 3 * 4 + i % 3], colors[i]);
	free(colors);
	munmap(memory, 64 * 64 * 4);
	close(buffer);
}

TEST_HARNESS_MAIN
