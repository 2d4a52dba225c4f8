// SPDX-License-Identifier: GPL-2.0
/*
 * Pixels in memory.
 *
 * DRM's names tell the bits of a little-endian number from the highest down, and
 * V4L2's the bytes from the first up, so the two run against each other: V4L2's
 * RGB24 is DRM's BGR888. A layout has DRM's name if there is one. Codes of four
 * letters that the two use for different layouts (AYUV, XYUV) aren't known here.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "pixels.h"

/* What devices round strides up to. */
#define STRIDE_ALIGN_MIN	64
#define STRIDE_ALIGN_MAX	4096

/* A component of a pixel that is a number of @bytes bytes. */
#define WORD(bytes, low, width)	\
	{ 0, bytes, (low) / 8, (low) % 8, width, 1, 1 }
#define W1(low, width)	WORD(1, low, width)
#define W2(low, width)	WORD(2, low, width)
#define W3(low, width)	WORD(3, low, width)
#define W4(low, width)	WORD(4, low, width)
#define W8(low, width)	WORD(8, low, width)

/* Chroma of two pixels in four bytes, and the luma between. */
#define LUMA2(first)	{ 0, 2, first, 0, 8, 1, 1 }
#define CHROMA2(first)	{ 0, 4, first, 0, 8, 2, 1 }

/* A plane of luma, or of one kind of chroma. */
#define PLANE(number, across, down)	{ number, 1, 0, 0, 8, across, down }

/* Chroma in pairs, in the second plane. */
#define PAIR(first, across, down)	{ 1, 2, first, 0, 8, across, down }

/* The same with the ten highest of 16 bits used. */
#define HIGH10		{ 0, 2, 0, 6, 10, 1, 1 }
#define HIGH10_PAIR(first)	{ 1, 4, first, 6, 10, 2, 2 }

const struct pixels_format pixels_formats[] = {
	{ "XRGB8888", "XR24 XBGR32 BGR32 BGR4", PIXELS_RGB,
	  { W4(16, 8), W4(8, 8), W4(0, 8) } },
	{ "ARGB8888", "AR24 ABGR32", PIXELS_RGB,
	  { W4(16, 8), W4(8, 8), W4(0, 8), W4(24, 8) } },
	{ "XBGR8888", "XB24 RGBX32", PIXELS_RGB,
	  { W4(0, 8), W4(8, 8), W4(16, 8) } },
	{ "ABGR8888", "AB24 RGBA32", PIXELS_RGB,
	  { W4(0, 8), W4(8, 8), W4(16, 8), W4(24, 8) } },
	{ "RGBX8888", "RX24 BGRX32", PIXELS_RGB,
	  { W4(24, 8), W4(16, 8), W4(8, 8) } },
	{ "RGBA8888", "RA24 BGRA32", PIXELS_RGB,
	  { W4(24, 8), W4(16, 8), W4(8, 8), W4(0, 8) } },
	{ "BGRX8888", "BX24 XRGB32 RGB32 RGB4", PIXELS_RGB,
	  { W4(8, 8), W4(16, 8), W4(24, 8) } },
	{ "BGRA8888", "BA24 ARGB32", PIXELS_RGB,
	  { W4(8, 8), W4(16, 8), W4(24, 8), W4(0, 8) } },
	{ "RGB888", "RG24 BGR24 BGR3", PIXELS_RGB,
	  { W3(16, 8), W3(8, 8), W3(0, 8) } },
	{ "BGR888", "BG24 RGB24 RGB3", PIXELS_RGB,
	  { W3(0, 8), W3(8, 8), W3(16, 8) } },
	{ "RGB565", "RG16 RGBP", PIXELS_RGB, { W2(11, 5), W2(5, 6), W2(0, 5) } },
	{ "BGR565", "BG16", PIXELS_RGB, { W2(0, 5), W2(5, 6), W2(11, 5) } },
	{ "XRGB1555", "XR15 XRGB555 RGB555 RGBO", PIXELS_RGB,
	  { W2(10, 5), W2(5, 5), W2(0, 5) } },
	{ "ARGB1555", "AR15 ARGB555", PIXELS_RGB,
	  { W2(10, 5), W2(5, 5), W2(0, 5), W2(15, 1) } },
	{ "XBGR1555", "XB15 XBGR555", PIXELS_RGB,
	  { W2(0, 5), W2(5, 5), W2(10, 5) } },
	{ "ABGR1555", "AB15 ABGR555", PIXELS_RGB,
	  { W2(0, 5), W2(5, 5), W2(10, 5), W2(15, 1) } },
	{ "RGBX5551", "RX15 RGBX555", PIXELS_RGB,
	  { W2(11, 5), W2(6, 5), W2(1, 5) } },
	{ "RGBA5551", "RA15 RGBA555", PIXELS_RGB,
	  { W2(11, 5), W2(6, 5), W2(1, 5), W2(0, 1) } },
	{ "BGRX5551", "BX15 BGRX555", PIXELS_RGB,
	  { W2(1, 5), W2(6, 5), W2(11, 5) } },
	{ "BGRA5551", "BA15 BGRA555", PIXELS_RGB,
	  { W2(1, 5), W2(6, 5), W2(11, 5), W2(0, 1) } },
	{ "XRGB4444", "XR12 XRGB444 RGB444 R444", PIXELS_RGB,
	  { W2(8, 4), W2(4, 4), W2(0, 4) } },
	{ "ARGB4444", "AR12 ARGB444", PIXELS_RGB,
	  { W2(8, 4), W2(4, 4), W2(0, 4), W2(12, 4) } },
	{ "XBGR4444", "XB12 XBGR444", PIXELS_RGB,
	  { W2(0, 4), W2(4, 4), W2(8, 4) } },
	{ "ABGR4444", "AB12 ABGR444", PIXELS_RGB,
	  { W2(0, 4), W2(4, 4), W2(8, 4), W2(12, 4) } },
	{ "RGB332", "RGB8 RGB1", PIXELS_RGB, { W1(5, 3), W1(2, 3), W1(0, 2) } },
	{ "XRGB2101010", "XR30", PIXELS_RGB,
	  { W4(20, 10), W4(10, 10), W4(0, 10) } },
	{ "ARGB2101010", "AR30", PIXELS_RGB,
	  { W4(20, 10), W4(10, 10), W4(0, 10), W4(30, 2) } },
	{ "XBGR2101010", "XB30", PIXELS_RGB,
	  { W4(0, 10), W4(10, 10), W4(20, 10) } },
	{ "ABGR2101010", "AB30", PIXELS_RGB,
	  { W4(0, 10), W4(10, 10), W4(20, 10), W4(30, 2) } },
	{ "XRGB16161616", "XR48", PIXELS_RGB,
	  { W8(32, 16), W8(16, 16), W8(0, 16) } },
	{ "XBGR16161616", "XB48", PIXELS_RGB,
	  { W8(0, 16), W8(16, 16), W8(32, 16) } },
	{ "GREY", "R8 Y8 Y800", PIXELS_GREY, { W1(0, 8) } },
	{ "Y10", "R10", PIXELS_GREY, { W2(0, 10) } },
	{ "Y12", "R12", PIXELS_GREY, { W2(0, 12) } },
	{ "Y16", "R16", PIXELS_GREY, { W2(0, 16) } },
	{ "YUYV", "YUY2", PIXELS_YCBCR, { LUMA2(0), CHROMA2(1), CHROMA2(3) } },
	{ "YVYU", "", PIXELS_YCBCR, { LUMA2(0), CHROMA2(3), CHROMA2(1) } },
	{ "UYVY", "", PIXELS_YCBCR, { LUMA2(1), CHROMA2(0), CHROMA2(2) } },
	{ "VYUY", "", PIXELS_YCBCR, { LUMA2(1), CHROMA2(2), CHROMA2(0) } },
	{ "NV12", "", PIXELS_YCBCR, { PLANE(0, 1, 1), PAIR(0, 2, 2), PAIR(1, 2, 2) } },
	{ "NV21", "", PIXELS_YCBCR, { PLANE(0, 1, 1), PAIR(1, 2, 2), PAIR(0, 2, 2) } },
	{ "NV16", "", PIXELS_YCBCR, { PLANE(0, 1, 1), PAIR(0, 2, 1), PAIR(1, 2, 1) } },
	{ "NV61", "", PIXELS_YCBCR, { PLANE(0, 1, 1), PAIR(1, 2, 1), PAIR(0, 2, 1) } },
	{ "NV24", "", PIXELS_YCBCR, { PLANE(0, 1, 1), PAIR(0, 1, 1), PAIR(1, 1, 1) } },
	{ "NV42", "", PIXELS_YCBCR, { PLANE(0, 1, 1), PAIR(1, 1, 1), PAIR(0, 1, 1) } },
	{ "P010", "", PIXELS_YCBCR, { HIGH10, HIGH10_PAIR(0), HIGH10_PAIR(2) } },
	{ "YUV420", "YU12 I420 IYUV", PIXELS_YCBCR,
	  { PLANE(0, 1, 1), PLANE(1, 2, 2), PLANE(2, 2, 2) } },
	{ "YVU420", "YV12", PIXELS_YCBCR,
	  { PLANE(0, 1, 1), PLANE(2, 2, 2), PLANE(1, 2, 2) } },
	{ "YUV422", "YU16 YUV422P 422P I422", PIXELS_YCBCR,
	  { PLANE(0, 1, 1), PLANE(1, 2, 1), PLANE(2, 2, 1) } },
	{ "YVU422", "YV16", PIXELS_YCBCR,
	  { PLANE(0, 1, 1), PLANE(2, 2, 1), PLANE(1, 2, 1) } },
	{ "YUV411", "YU11 YUV411P 411P", PIXELS_YCBCR,
	  { PLANE(0, 1, 1), PLANE(1, 4, 1), PLANE(2, 4, 1) } },
	{ "YUV410", "YUV9", PIXELS_YCBCR,
	  { PLANE(0, 1, 1), PLANE(1, 4, 4), PLANE(2, 4, 4) } },
	{ "YVU410", "YVU9", PIXELS_YCBCR,
	  { PLANE(0, 1, 1), PLANE(2, 4, 4), PLANE(1, 4, 4) } },
	{ "VUY888", "VU24 YUV24 YUV3", PIXELS_YCBCR, { W3(0, 8), W3(8, 8), W3(16, 8) } },
	{ "VUYX32", "VUYX XYUV8888", PIXELS_YCBCR, { W4(16, 8), W4(8, 8), W4(0, 8) } },
	{ "YUVX32", "YUVX", PIXELS_YCBCR, { W4(0, 8), W4(8, 8), W4(16, 8) } },
};

const size_t pixels_format_count = sizeof(pixels_formats) / sizeof(pixels_formats[0]);

static bool list_has(const char *list, const char *name)
{
	size_t length = strlen(name);

	while (*list) {
		size_t end = strcspn(list, " ");

		if (end == length && !strncasecmp(list, name, end))
			return true;
		list += end + strspn(list + end, " ");
	}
	return false;
}

const struct pixels_format *pixels_format_find(const char *name)
{
	size_t i;

	for (i = 0; i < pixels_format_count; i++)
		if (!strcasecmp(pixels_formats[i].name, name) ||
		    list_has(pixels_formats[i].aliases, name))
			return &pixels_formats[i];
	return NULL;
}

bool pixels_format_has_alpha(const struct pixels_format *format)
{
	return format->components[PIXELS_ALPHA].bits;
}

unsigned int pixels_format_planes(const struct pixels_format *format)
{
	unsigned int i, last = 0;

	for (i = 0; i < PIXELS_COMPONENTS; i++)
		if (format->components[i].plane > last)
			last = format->components[i].plane;
	return last + 1;
}

static uint64_t round_up(uint64_t number, uint64_t unit)
{
	return (number + unit - 1) / unit * unit;
}

/* Bytes of one row of a plane: what its most demanding component spans. */
static uint64_t plane_row(const struct pixels_format *format, unsigned int plane, uint64_t width)
{
	uint64_t longest = 0;
	unsigned int i;

	for (i = 0; i < PIXELS_COMPONENTS; i++) {
		const struct pixels_component *component = &format->components[i];
		uint64_t row;

		if (!component->bits || component->plane != plane)
			continue;
		row = round_up(width, component->across) / component->across * component->step;
		if (row > longest)
			longest = row;
	}
	return longest;
}

/* Rows of a plane that serve one of its rows' samples; the same for all of it. */
static unsigned int plane_down(const struct pixels_format *format, unsigned int plane)
{
	unsigned int i;

	for (i = 0; i < PIXELS_COMPONENTS; i++)
		if (format->components[i].bits && format->components[i].plane == plane)
			return format->components[i].down;
	return 1;
}

/* Pixels of a row that belong together. */
static unsigned int format_group(const struct pixels_format *format)
{
	unsigned int i, group = 1;

	for (i = 0; i < PIXELS_COMPONENTS; i++)
		if (format->components[i].across > group)
			group = format->components[i].across;
	return group;
}

unsigned int pixels_format_bits(const struct pixels_format *format)
{
	const unsigned int width = 16;	/* a multiple of all groups, across and down */
	unsigned int plane, bits = 0;

	for (plane = 0; plane < pixels_format_planes(format); plane++)
		bits += (unsigned int)plane_row(format, plane, width) * 8 *
			(width / plane_down(format, plane));
	return bits / (width * width);
}

uint64_t frame_stride_min(const struct frame *frame)
{
	return plane_row(frame->format, 0,
			 round_up(frame->width, format_group(frame->format)));
}

/* A later plane's stride is to the first one's as their rows are. */
static bool plane_set_stride(struct frame *frame, unsigned int plane)
{
	unsigned int group = format_group(frame->format);
	uint64_t first = plane_row(frame->format, 0, group);
	uint64_t own = plane_row(frame->format, plane, group);
	uint64_t product;

	if (__builtin_mul_overflow(frame->strides[0], own, &product))
		return false;
	frame->strides[plane] = product / first + !!(product % first);
	return true;
}

/* Where the plane's last row ends, and where the next plane would begin. */
static bool plane_end(const struct frame *frame, unsigned int plane, uint64_t *end, uint64_t *next)
{
	unsigned int down = plane_down(frame->format, plane);
	uint64_t rows = round_up(frame->height, down) / down;
	uint64_t last;

	return !__builtin_mul_overflow(frame->strides[plane], rows - 1, &last) &&
	       !__builtin_add_overflow(last, frame->offsets[plane], &last) &&
	       !__builtin_add_overflow(last, frame->rows[plane], end) &&
	       !__builtin_add_overflow(last, frame->strides[plane], next);
}

/*
 * All that follows from the first stride; false if it is beyond all numbers. @next
 * is the end with what is behind the last row.
 */
static bool frame_set_planes(struct frame *frame, uint64_t *end, uint64_t *next)
{
	uint64_t own_end;
	unsigned int plane;

	*end = *next = 0;
	for (plane = 0; plane < pixels_format_planes(frame->format); plane++) {
		frame->rows[plane] = plane_row(frame->format, plane, frame->width);
		if (plane && plane >= frame->stride_count && !plane_set_stride(frame, plane))
			return false;
		if (plane >= frame->offset_count)
			frame->offsets[plane] = *next;
		if (!plane_end(frame, plane, &own_end, next))
			return false;
		if (own_end > *end)
			*end = own_end;
	}
	return true;
}

static void frame_guess_stride(struct frame *frame, uint64_t size, uint64_t page)
{
	uint64_t least = frame_stride_min(frame);
	uint64_t align, end, next;

	for (align = STRIDE_ALIGN_MIN / 2; align <= STRIDE_ALIGN_MAX; align *= 2) {
		frame->strides[0] = align < STRIDE_ALIGN_MIN ? least : round_up(least, align);
		if (frame_set_planes(frame, &end, &next) && end <= size &&
		    (next >= size || size - next < page))
			return;
	}
	frame->strides[0] = least;
}

int frame_lay_out(struct frame *frame, uint64_t size, uint64_t page)
{
	uint64_t end, next;
	unsigned int plane;

	if (!frame->stride_count)
		frame_guess_stride(frame, size, page);
	if (!frame_set_planes(frame, &end, &next))
		return -ERANGE;
	for (plane = 0; plane < pixels_format_planes(frame->format); plane++)
		if (frame->strides[plane] < frame->rows[plane])
			return -EINVAL;
	return end <= size ? 0 : -ERANGE;
}

size_t frame_pixel_size(const struct frame *frame)
{
	return pixels_format_has_alpha(frame->format) ? 4 : 3;
}

/* One sample as a part of the largest that it can be, 0 to 1. */
static double sample_read(const struct frame *frame, const struct pixels_component *component,
			  const uint8_t *memory, uint32_t x, uint32_t y)
{
	const uint8_t *bytes = memory + frame->offsets[component->plane] +
			       frame->strides[component->plane] * (y / component->down) +
			       (uint64_t)(x / component->across) * component->step +
			       component->first;
	uint32_t mask = (1u << component->bits) - 1;
	uint32_t number = 0;
	unsigned int i;

	for (i = 0; 8 * i < component->shift + component->bits; i++)
		number |= (uint32_t)bytes[i] << 8 * i;
	return (double)(number >> component->shift & mask) / mask;
}

static uint8_t color_round(double part)
{
	return part <= 0 ? 0 : part >= 1 ? 255 : (uint8_t)(part * 255 + 0.5);
}

/* @codes holds Y, Cb and Cr as codes of 8 bits, which may have fractions. */
static void color_from_ycbcr(const double codes[3], uint8_t *color)
{
	const double red = 0.299, blue = 0.114, green = 1 - red - blue;
	double y = (codes[0] - 16) / 219;
	double cb = (codes[1] - 128) / 112 * (1 - blue);
	double cr = (codes[2] - 128) / 112 * (1 - red);

	color[0] = color_round(y + cr);
	color[1] = color_round(y - (cb * blue + cr * red) / green);
	color[2] = color_round(y + cb);
}

/* A sample of n bits has the code of its 8 highest, and the others as a fraction. */
static double sample_code(double part, unsigned int bits)
{
	return part * ((1u << bits) - 1) / (1u << (bits - 8));
}

static void pixel_read(const struct frame *frame, const uint8_t *memory, uint32_t x, uint32_t y,
		       uint8_t *color)
{
	const struct pixels_component *components = frame->format->components;
	bool is_grey = frame->format->model == PIXELS_GREY;
	double samples[PIXELS_COMPONENTS];
	unsigned int i;

	for (i = 0; i < PIXELS_COMPONENTS && components[i].bits; i++)
		samples[i] = sample_read(frame, &components[i], memory, x, y);
	if (frame->format->model == PIXELS_YCBCR) {
		for (i = 0; i < 3; i++)
			samples[i] = sample_code(samples[i], components[i].bits);
		color_from_ycbcr(samples, color);
	} else {
		for (i = 0; i < 3; i++)
			color[i] = color_round(samples[is_grey ? 0 : i]);
	}
	if (components[PIXELS_ALPHA].bits)
		color[PIXELS_ALPHA] = color_round(samples[PIXELS_ALPHA]);
}

void frame_read(const struct frame *frame, const uint8_t *memory, uint8_t *colors)
{
	uint32_t x, y;

	for (y = 0; y < frame->height; y++)
		for (x = 0; x < frame->width; x++) {
			pixel_read(frame, memory, x, y, colors);
			colors += frame_pixel_size(frame);
		}
}
