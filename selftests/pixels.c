// SPDX-License-Identifier: GPL-2.0
/*
 * Pixels of dmabuf-ctl frame: a frame of known colours, put into memory by the words
 * of the layouts (which bits from the highest down, which bytes in which order), must
 * come back. What lies between rows and planes is noise, and behind the last byte
 * is a page that can't be read. Needs no kernel.
 */
#include <libdrm/drm_fourcc.h>
#include <linux/videodev2.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kselftest_harness.h"

#include "../tools/pixels.c"

#define PAGE		4096
#define ROOM		(4 * PAGE)
#define MAX_PLANES	3

/*
 * A layout in words. @bits, of a number of @bytes bytes: "x8 R8 G8 B8" from the highest
 * bit down. Else @order: the letters of each plane's bytes, in the order of memory, for
 * one group of @across times @down pixels. A plane with luma in it has a group for each
 * row; one with luma alone has one for each pixel. @depth are bits of a sample, at the
 * upper end of two bytes if more than eight.
 */
struct words {
	const char *name;
	int bytes;
	const char *bits;
	const char *order[MAX_PLANES];
	unsigned int across;
	unsigned int down;
	unsigned int depth;
};

#define RGB(name, bytes, bits)	{ name, bytes, bits, { NULL }, 1, 1, 8 }
#define YUV(name, across, down, ...)	{ name, 0, NULL, { __VA_ARGS__ }, across, down, 8 }

static const struct words layouts[] = {
	RGB("XRGB8888", 4, "x8 R8 G8 B8"), RGB("ARGB8888", 4, "A8 R8 G8 B8"),
	RGB("XBGR8888", 4, "x8 B8 G8 R8"), RGB("ABGR8888", 4, "A8 B8 G8 R8"),
	RGB("RGBX8888", 4, "R8 G8 B8 x8"), RGB("RGBA8888", 4, "R8 G8 B8 A8"),
	RGB("BGRX8888", 4, "B8 G8 R8 x8"), RGB("BGRA8888", 4, "B8 G8 R8 A8"),
	RGB("RGB888", 3, "R8 G8 B8"), RGB("BGR888", 3, "B8 G8 R8"),
	RGB("RGB565", 2, "R5 G6 B5"), RGB("BGR565", 2, "B5 G6 R5"),
	RGB("XRGB1555", 2, "x1 R5 G5 B5"), RGB("ARGB1555", 2, "A1 R5 G5 B5"),
	RGB("XBGR1555", 2, "x1 B5 G5 R5"), RGB("ABGR1555", 2, "A1 B5 G5 R5"),
	RGB("RGBX5551", 2, "R5 G5 B5 x1"), RGB("RGBA5551", 2, "R5 G5 B5 A1"),
	RGB("BGRX5551", 2, "B5 G5 R5 x1"), RGB("BGRA5551", 2, "B5 G5 R5 A1"),
	RGB("XRGB4444", 2, "x4 R4 G4 B4"), RGB("ARGB4444", 2, "A4 R4 G4 B4"),
	RGB("XBGR4444", 2, "x4 B4 G4 R4"), RGB("ABGR4444", 2, "A4 B4 G4 R4"),
	RGB("RGB332", 1, "R3 G3 B2"),
	RGB("XRGB2101010", 4, "x2 R10 G10 B10"), RGB("ARGB2101010", 4, "A2 R10 G10 B10"),
	RGB("XBGR2101010", 4, "x2 B10 G10 R10"), RGB("ABGR2101010", 4, "A2 B10 G10 R10"),
	RGB("XRGB16161616", 8, "x16 R16 G16 B16"), RGB("XBGR16161616", 8, "x16 B16 G16 R16"),
	RGB("GREY", 1, "Y8"), RGB("Y10", 2, "x6 Y10"), RGB("Y12", 2, "x4 Y12"),
	RGB("Y16", 2, "Y16"),
	YUV("YUYV", 2, 1, "YUYV"), YUV("YVYU", 2, 1, "YVYU"),
	YUV("UYVY", 2, 1, "UYVY"), YUV("VYUY", 2, 1, "VYUY"),
	YUV("NV12", 2, 2, "Y", "UV"), YUV("NV21", 2, 2, "Y", "VU"),
	YUV("NV16", 2, 1, "Y", "UV"), YUV("NV61", 2, 1, "Y", "VU"),
	YUV("NV24", 1, 1, "Y", "UV"), YUV("NV42", 1, 1, "Y", "VU"),
	{ "P010", 0, NULL, { "Y", "UV" }, 2, 2, 10 },
	YUV("YUV420", 2, 2, "Y", "U", "V"), YUV("YVU420", 2, 2, "Y", "V", "U"),
	YUV("YUV422", 2, 1, "Y", "U", "V"), YUV("YVU422", 2, 1, "Y", "V", "U"),
	YUV("YUV411", 4, 1, "Y", "U", "V"), YUV("YUV410", 4, 4, "Y", "U", "V"),
	YUV("YVU410", 4, 4, "Y", "V", "U"),
	YUV("VUY888", 1, 1, "YUV"), YUV("VUYX32", 1, 1, "VUYx"), YUV("YUVX32", 1, 1, "YUVx"),
};

/* Any colours do, as long as neighbours differ. */
static unsigned int noise(unsigned int seed)
{
	seed = (seed ^ 61) ^ (seed >> 16);
	seed *= 9;
	seed ^= seed >> 4;
	seed *= 0x27d4eb2d;
	return seed ^ (seed >> 15);
}

/* What component @letter of a pixel, or of its group, is in so many bits. */
static unsigned int value(const struct words *words, char letter, unsigned int bits,
			  unsigned int x, unsigned int y)
{
	if (letter == 'U' || letter == 'V') {
		x /= words->across;
		y /= words->down;
	}
	return noise(x * 131 + y * 7919 + letter) & ((1u << bits) - 1);
}

/* @memory: ROOM bytes, noise at first, which are followed by nothing */
FIXTURE(pixels) {
	uint8_t *memory;
};

FIXTURE_SETUP(pixels)
{
	size_t i;

	self->memory = mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->memory);
	ASSERT_EQ(0, mprotect(self->memory + ROOM, PAGE, PROT_NONE));
	for (i = 0; i < ROOM; i++)
		self->memory[i] = noise(i);
}

FIXTURE_TEARDOWN(pixels)
{
	munmap(self->memory, ROOM + PAGE);
}

/* One number of "x8 R8 G8 B8", little-endian. */
static void word_put(const struct words *words, uint8_t *to, unsigned int x, unsigned int y)
{
	const char *field = words->bits;
	uint64_t word = 0;
	char *end;
	int i;

	while (*field) {
		unsigned int bits = strtoul(field + 1, &end, 10);

		word = word << bits | value(words, *field, bits, x, y);
		field = end + strspn(end, " ");
	}
	for (i = 0; i < words->bytes; i++)
		to[i] = word >> 8 * i;
}

/* One group of a plane; luma by luma goes to the right. */
static void group_put(const struct words *words, const char *order, uint8_t *to,
		      unsigned int x, unsigned int y)
{
	unsigned int luma = 0;

	for (; *order; order++) {
		unsigned int right = *order == 'Y' ? luma++ : 0;
		unsigned int sample = value(words, *order, words->depth, x + right, y);

		if (words->depth > 8) {
			sample <<= 16 - words->depth;
			*to++ = sample;
			sample >>= 8;
		}
		*to++ = sample;
	}
}

struct shape {
	unsigned int group;	/* pixels of a group in a row */
	unsigned int down;	/* rows of it */
	unsigned int bytes;
};

static struct shape shape_of(const struct words *words, unsigned int plane)
{
	const char *order = words->order[plane];

	if (words->bits)
		return (struct shape) { 1, 1, words->bytes };
	return (struct shape) {
		.group = strcmp(order, "Y") ? words->across : 1,
		.down = strchr(order, 'Y') ? 1 : words->down,
		.bytes = strlen(order) * (words->depth > 8 ? 2 : 1),
	};
}

static unsigned int planes_of(const struct words *words)
{
	unsigned int planes = 1;

	while (!words->bits && planes < MAX_PLANES && words->order[planes])
		planes++;
	return planes;
}

/* Puts a whole frame where its strides and offsets say: the end of its last byte. */
static size_t frame_put(const struct words *words, const struct frame *frame, uint8_t *memory)
{
	unsigned int plane, x, y;
	size_t at, last = 0;

	for (plane = 0; plane < planes_of(words); plane++) {
		struct shape shape = shape_of(words, plane);

		for (y = 0; y < frame->height; y += shape.down)
			for (x = 0; x < frame->width; x += shape.group) {
				at = frame->offsets[plane] + frame->strides[plane] *
				     (y / shape.down) + x / shape.group * shape.bytes;
				if (words->bits)
					word_put(words, memory + at, x, y);
				else
					group_put(words, words->order[plane], memory + at, x, y);
				if (at + shape.bytes > last)
					last = at + shape.bytes;
			}
	}
	return last;
}

static int scaled(const struct words *words, char letter, unsigned int x, unsigned int y)
{
	const char *field = words->bits;
	unsigned int bits;

	while (*field && *field != letter)
		field++;
	if (!*field)
		return -1;
	bits = strtoul(field + 1, NULL, 10);
	return value(words, letter, bits, x, y) * 255.0 / ((1 << bits) - 1) + 0.5;
}

static int clamped(double color)
{
	return color < 0 ? 0 : color > 255 ? 255 : (int)(color + 0.5);
}

/* What must come back for a pixel: BT.601 as its text has it; -1 is nothing. */
static void expected(const struct words *words, unsigned int x, unsigned int y, int color[4])
{
	double scale = 1 << (words->depth - 8), luma, blue, red;

	color[3] = -1;
	if (words->bits && strchr(words->bits, 'Y')) {
		color[0] = scaled(words, 'Y', x, y);
		color[1] = color[0];
		color[2] = color[0];
	} else if (words->bits) {
		color[0] = scaled(words, 'R', x, y);
		color[1] = scaled(words, 'G', x, y);
		color[2] = scaled(words, 'B', x, y);
		color[3] = scaled(words, 'A', x, y);
	} else {
		luma = 1.164384 * (value(words, 'Y', words->depth, x, y) / scale - 16);
		blue = value(words, 'U', words->depth, x, y) / scale - 128;
		red = value(words, 'V', words->depth, x, y) / scale - 128;
		color[0] = clamped(luma + 1.596027 * red);
		color[1] = clamped(luma - 0.391762 * blue - 0.812968 * red);
		color[2] = clamped(luma + 2.017232 * blue);
	}
}

static bool color_is(const struct words *words, const uint8_t *color, const int wanted[4])
{
	int i, most = words->bits ? 0 : 1;

	for (i = 0; i < 4; i++)
		if (wanted[i] >= 0 && abs(color[i] - wanted[i]) > most)
			return false;
	return true;
}

/* Laid out, put, read: every pixel as it was. Returns the number of wrong ones. */
static int frame_mistakes(struct __test_metadata *_metadata, const struct words *words,
			  struct frame *frame, uint8_t *all)
{
	uint8_t *memory, *colors, *color;
	int wrong = 0, wanted[4];
	unsigned int x, y;
	size_t size;

	frame->format = pixels_format_find(words->name);
	ASSERT_NE(NULL, frame->format);
	/* Nothing is guessed from such a size. */
	ASSERT_EQ(0, frame_lay_out(frame, UINT64_MAX, 1));
	frame->stride_count = MAX_PLANES;
	frame->offset_count = MAX_PLANES;
	size = frame_put(words, frame, all);
	memory = all + ROOM - size;
	memmove(memory, all, size);
	EXPECT_EQ(0, frame_lay_out(frame, size, 1));
	EXPECT_EQ(-ERANGE, frame_lay_out(frame, size - 1, 1))
		TH_LOG("%s: %zu bytes are one too few", words->name, size - 1);

	colors = calloc(frame->width * frame->height, 4);
	color = colors;
	frame_read(frame, memory, colors);
	for (y = 0; y < frame->height; y++)
		for (x = 0; x < frame->width; x++) {
			expected(words, x, y, wanted);
			wrong += !color_is(words, color, wanted);
			EXPECT_EQ(wanted[3] >= 0 ? 4 : 3, frame_pixel_size(frame));
			color += frame_pixel_size(frame);
		}
	free(colors);
	return wrong;
}

#define mistakes(words, frame)	frame_mistakes(_metadata, words, frame, self->memory)

/* All sizes that a group of pixels can be cut off by. */
TEST_F(pixels, colors)
{
	unsigned int i, width, height;

	for (i = 0; i < ARRAY_SIZE(layouts); i++)
		for (width = 1; width <= 9; width++)
			for (height = 1; height <= 9; height++) {
				struct frame frame = { .width = width, .height = height };

				EXPECT_EQ(0, mistakes(&layouts[i], &frame))
					TH_LOG("%s, %ux%u", layouts[i].name, width, height);
			}
}

TEST_F(pixels, strides_and_offsets)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct frame frame = {
			.width = 6, .height = 5,
			.stride_count = 1, .strides = { 99 },
			.offset_count = 1, .offsets = { 17 },
		};

		EXPECT_EQ(0, mistakes(&layouts[i], &frame))
			TH_LOG("%s", layouts[i].name);
	}
}

/* Each plane where it is said to be, also before the one that it belongs to. */
TEST_F(pixels, planes_apart)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct frame frame = {
			.width = 7, .height = 6,
			.stride_count = 3, .strides = { 70, 41, 83 },
			.offset_count = 3, .offsets = { 2000, 1001, 1 },
		};

		EXPECT_EQ(0, mistakes(&layouts[i], &frame))
			TH_LOG("%s", layouts[i].name);
	}
}

TEST_F(pixels, all_formats_are_tested)
{
	size_t i, j;

	EXPECT_EQ(ARRAY_SIZE(layouts), pixels_format_count);
	for (i = 0; i < pixels_format_count; i++) {
		for (j = 0; j < ARRAY_SIZE(layouts); j++)
			if (!strcmp(layouts[j].name, pixels_formats[i].name))
				break;
		EXPECT_NE(ARRAY_SIZE(layouts), j)
			TH_LOG("%s", pixels_formats[i].name);
	}
}

/* No name has two meanings, whatever the size of its letters. */
TEST_F(pixels, names_are_unique)
{
	char list[64], *name, *rest;
	size_t i;

	for (i = 0; i < pixels_format_count; i++) {
		snprintf(list, sizeof(list), "%s %s", pixels_formats[i].name,
			 pixels_formats[i].aliases);
		for (rest = list; (name = strsep(&rest, " "));) {
			if (!*name)
				continue;
			EXPECT_EQ(&pixels_formats[i], pixels_format_find(name))
				TH_LOG("%s", name);
			*name |= 0x20;
			EXPECT_EQ(&pixels_formats[i], pixels_format_find(name));
		}
	}
	EXPECT_EQ(NULL, pixels_format_find(""));
	EXPECT_EQ(NULL, pixels_format_find("XR2"));
	EXPECT_EQ(NULL, pixels_format_find("XR24 XBGR32"));
	EXPECT_EQ(NULL, pixels_format_find("AYUV"));
}

/* What the two headers call a layout; the bytes in words, once more, are theirs. */
static const struct {
	const char *name;
	uint32_t drm;
	uint32_t v4l2;
} codes[] = {
	{ "XRGB8888", DRM_FORMAT_XRGB8888, V4L2_PIX_FMT_XBGR32 },
	{ "XRGB8888", DRM_FORMAT_XRGB8888, V4L2_PIX_FMT_BGR32 },
	{ "ARGB8888", DRM_FORMAT_ARGB8888, V4L2_PIX_FMT_ABGR32 },
	{ "XBGR8888", DRM_FORMAT_XBGR8888, V4L2_PIX_FMT_RGBX32 },
	{ "ABGR8888", DRM_FORMAT_ABGR8888, V4L2_PIX_FMT_RGBA32 },
	{ "RGBX8888", DRM_FORMAT_RGBX8888, V4L2_PIX_FMT_BGRX32 },
	{ "RGBA8888", DRM_FORMAT_RGBA8888, V4L2_PIX_FMT_BGRA32 },
	{ "BGRX8888", DRM_FORMAT_BGRX8888, V4L2_PIX_FMT_XRGB32 },
	{ "BGRX8888", DRM_FORMAT_BGRX8888, V4L2_PIX_FMT_RGB32 },
	{ "BGRA8888", DRM_FORMAT_BGRA8888, V4L2_PIX_FMT_ARGB32 },
	{ "RGB888", DRM_FORMAT_RGB888, V4L2_PIX_FMT_BGR24 },
	{ "BGR888", DRM_FORMAT_BGR888, V4L2_PIX_FMT_RGB24 },
	{ "RGB565", DRM_FORMAT_RGB565, V4L2_PIX_FMT_RGB565 },
	{ "BGR565", DRM_FORMAT_BGR565, 0 },
	{ "XRGB1555", DRM_FORMAT_XRGB1555, V4L2_PIX_FMT_XRGB555 },
	{ "XRGB1555", DRM_FORMAT_XRGB1555, V4L2_PIX_FMT_RGB555 },
	{ "ARGB1555", DRM_FORMAT_ARGB1555, V4L2_PIX_FMT_ARGB555 },
	{ "XBGR1555", DRM_FORMAT_XBGR1555, V4L2_PIX_FMT_XBGR555 },
	{ "ABGR1555", DRM_FORMAT_ABGR1555, V4L2_PIX_FMT_ABGR555 },
	{ "RGBX5551", DRM_FORMAT_RGBX5551, V4L2_PIX_FMT_RGBX555 },
	{ "RGBA5551", DRM_FORMAT_RGBA5551, V4L2_PIX_FMT_RGBA555 },
	{ "BGRX5551", DRM_FORMAT_BGRX5551, V4L2_PIX_FMT_BGRX555 },
	{ "BGRA5551", DRM_FORMAT_BGRA5551, V4L2_PIX_FMT_BGRA555 },
	{ "XRGB4444", DRM_FORMAT_XRGB4444, V4L2_PIX_FMT_XRGB444 },
	{ "XRGB4444", DRM_FORMAT_XRGB4444, V4L2_PIX_FMT_RGB444 },
	{ "ARGB4444", DRM_FORMAT_ARGB4444, V4L2_PIX_FMT_ARGB444 },
	{ "XBGR4444", DRM_FORMAT_XBGR4444, V4L2_PIX_FMT_XBGR444 },
	{ "ABGR4444", DRM_FORMAT_ABGR4444, V4L2_PIX_FMT_ABGR444 },
	{ "RGB332", DRM_FORMAT_RGB332, V4L2_PIX_FMT_RGB332 },
	{ "XRGB2101010", DRM_FORMAT_XRGB2101010, 0 },
	{ "ARGB2101010", DRM_FORMAT_ARGB2101010, 0 },
	{ "XBGR2101010", DRM_FORMAT_XBGR2101010, 0 },
	{ "ABGR2101010", DRM_FORMAT_ABGR2101010, 0 },
	{ "GREY", DRM_FORMAT_R8, V4L2_PIX_FMT_GREY },
	{ "Y10", 0, V4L2_PIX_FMT_Y10 },
	{ "Y12", 0, V4L2_PIX_FMT_Y12 },
	{ "Y16", DRM_FORMAT_R16, V4L2_PIX_FMT_Y16 },
	{ "YUYV", DRM_FORMAT_YUYV, V4L2_PIX_FMT_YUYV },
	{ "YVYU", DRM_FORMAT_YVYU, V4L2_PIX_FMT_YVYU },
	{ "UYVY", DRM_FORMAT_UYVY, V4L2_PIX_FMT_UYVY },
	{ "VYUY", DRM_FORMAT_VYUY, V4L2_PIX_FMT_VYUY },
	{ "NV12", DRM_FORMAT_NV12, V4L2_PIX_FMT_NV12 },
	{ "NV21", DRM_FORMAT_NV21, V4L2_PIX_FMT_NV21 },
	{ "NV16", DRM_FORMAT_NV16, V4L2_PIX_FMT_NV16 },
	{ "NV61", DRM_FORMAT_NV61, V4L2_PIX_FMT_NV61 },
	{ "NV24", DRM_FORMAT_NV24, V4L2_PIX_FMT_NV24 },
	{ "NV42", DRM_FORMAT_NV42, V4L2_PIX_FMT_NV42 },
	{ "P010", DRM_FORMAT_P010, 0 },
	{ "YUV420", DRM_FORMAT_YUV420, V4L2_PIX_FMT_YUV420 },
	{ "YVU420", DRM_FORMAT_YVU420, V4L2_PIX_FMT_YVU420 },
	{ "YUV422", DRM_FORMAT_YUV422, V4L2_PIX_FMT_YUV422P },
	{ "YVU422", DRM_FORMAT_YVU422, 0 },
	{ "YUV411", DRM_FORMAT_YUV411, V4L2_PIX_FMT_YUV411P },
	{ "YUV410", DRM_FORMAT_YUV410, V4L2_PIX_FMT_YUV410 },
	{ "YVU410", DRM_FORMAT_YVU410, V4L2_PIX_FMT_YVU410 },
	{ "VUY888", DRM_FORMAT_VUY888, V4L2_PIX_FMT_YUV24 },
	{ "VUYX32", 0, V4L2_PIX_FMT_VUYX32 },
	{ "YUVX32", 0, V4L2_PIX_FMT_YUVX32 },
};

static const char *name_of_code(uint32_t code)
{
	const struct pixels_format *format;
	char name[5] = { 0 };

	memcpy(name, &code, 4);
	name[strcspn(name, " ")] = '\0';
	format = pixels_format_find(name);
	return format ? format->name : "nothing";
}

TEST_F(pixels, codes_of_headers)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		if (codes[i].drm)
			EXPECT_STREQ(codes[i].name, name_of_code(codes[i].drm));
		if (codes[i].v4l2)
			EXPECT_STREQ(codes[i].name, name_of_code(codes[i].v4l2));
	}
}

static int lay_out(const char *name, struct frame *frame, uint64_t size)
{
	frame->format = pixels_format_find(name);
	return frame_lay_out(frame, size, PAGE);
}

TEST_F(pixels, stride_too_short)
{
	struct frame packed = { .width = 5, .height = 1, .stride_count = 1, .strides = { 19 } };
	struct frame pairs = { .width = 5, .height = 2, .stride_count = 1, .strides = { 5 } };
	struct frame second = { .width = 8, .height = 2, .stride_count = 2, .strides = { 8, 7 } };

	EXPECT_EQ(-EINVAL, lay_out("XRGB8888", &packed, ROOM));
	packed.strides[0] = 20;
	EXPECT_EQ(0, lay_out("XRGB8888", &packed, ROOM));
	EXPECT_EQ(-EINVAL, lay_out("NV12", &pairs, ROOM));
	pairs.strides[0] = 6;
	EXPECT_EQ(0, lay_out("NV12", &pairs, ROOM));
	EXPECT_EQ(-EINVAL, lay_out("NV12", &second, ROOM));
	second.strides[1] = 8;
	EXPECT_EQ(0, lay_out("NV12", &second, ROOM));
	packed.strides[0] = 0;
	EXPECT_EQ(-EINVAL, lay_out("XRGB8888", &packed, ROOM));
}

/* Products and sums beyond 64 bits, each in its turn. */
TEST_F(pixels, numbers_too_large)
{
	static const uint64_t large[] = { UINT64_MAX, UINT64_MAX / 2, 1ULL << 63, 1ULL << 44 };
	size_t i, plane;

	for (i = 0; i < ARRAY_SIZE(large); i++) {
		struct frame stride = { .width = 4, .height = PIXELS_MAX_SIDE, .stride_count = 1,
					.strides = { large[i] } };
		struct frame large_side = { .width = PIXELS_MAX_SIDE, .height = PIXELS_MAX_SIDE };

		EXPECT_EQ(-ERANGE, lay_out("YUV420", &stride, ROOM));
		EXPECT_EQ(-ERANGE, lay_out("XRGB16161616", &large_side, ROOM));
		for (plane = 0; plane < MAX_PLANES; plane++) {
			struct frame offset = { .width = 4, .height = 4,
						.offset_count = plane + 1 };

			offset.offsets[plane] = large[i];
			EXPECT_EQ(-ERANGE, lay_out("YUV420", &offset, ROOM));
		}
	}
}

struct guess {
	const char *name;
	uint32_t width, height;
	uint64_t size, stride;
};

/* Buffers have whole pages. Only what the size can't be without is taken for true. */
TEST_F(pixels, guesses)
{
	static const struct guess guesses[] = {
		{ "XRGB8888", 640, 480, 1228800, 2560 },
		{ "XRGB8888", 100, 100, 40960, 400 },
		{ "XRGB8888", 100, 100, 45056, 448 },
		{ "XRGB8888", 100, 100, 53248, 512 },
		{ "XRGB8888", 100, 100, 409600, 4096 },
		{ "XRGB8888", 100, 100, 4096000, 400 },
		{ "RGB888", 1366, 768, 3194880, 4160 },
		{ "NV12", 100, 100, 20480, 128 },
		{ "YUV420", 100, 100, 20480, 128 },
		{ "YUYV", 101, 1, 4096, 204 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(guesses); i++) {
		struct frame frame = { .width = guesses[i].width, .height = guesses[i].height };

		EXPECT_EQ(0, lay_out(guesses[i].name, &frame, guesses[i].size));
		EXPECT_EQ(guesses[i].stride, frame.strides[0])
			TH_LOG("%s in %llu bytes", guesses[i].name,
			       (unsigned long long)guesses[i].size);
	}
}

TEST_F(pixels, bits_and_planes)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(layouts); i++) {
		const struct words *words = &layouts[i];
		const struct pixels_format *format = pixels_format_find(words->name);
		unsigned int plane, bits = 0;

		EXPECT_EQ(planes_of(words), pixels_format_planes(format));
		for (plane = 0; plane < planes_of(words); plane++) {
			struct shape shape = shape_of(words, plane);

			bits += 16 * 8 * shape.bytes / shape.group / shape.down;
		}
		EXPECT_EQ(bits / 16, pixels_format_bits(format))
			TH_LOG("%s", words->name);
	}
}

TEST_HARNESS_MAIN
