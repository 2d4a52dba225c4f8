/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pixels in memory: which layouts there are, where a frame's rows lie, and what
 * colours are there. One table of layouts drives all of it. Sizes and offsets are
 * bytes, width and height are pixels. Only computes, and reads nothing that
 * frame_lay_out() hasn't found to be inside.
 */
#ifndef DMABUF_CTL_PIXELS_H
#define DMABUF_CTL_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIXELS_PLANES	3

/* Longest side of a frame; PNG readers take no longer one. */
#define PIXELS_MAX_SIDE	1000000

enum pixels_model {
	PIXELS_RGB,
	PIXELS_YCBCR,
	PIXELS_GREY,
};

/*
 * Where a component's samples are: the first one of a row is @bits wide, from bit
 * @shift of the little-endian number that begins at byte @first, the next one
 * @step bytes behind. One serves @across pixels of @down rows. No bits: there is
 * no such component.
 */
struct pixels_component {
	uint8_t plane;
	uint8_t step;
	uint8_t first;
	uint8_t shift;
	uint8_t bits;
	uint8_t across;
	uint8_t down;
};

/* Red, green, blue or Y, Cb, Cr, and in both alpha; or grey alone. */
#define PIXELS_COMPONENTS	4
#define PIXELS_ALPHA		3

struct pixels_format {
	const char *name;
	const char *aliases;	/* one blank between them */
	enum pixels_model model;
	struct pixels_component components[PIXELS_COMPONENTS];
};

extern const struct pixels_format pixels_formats[];
extern const size_t pixels_format_count;

/**
 * pixels_format_find() - a layout by name
 * @name: its name or one of its aliases, in letters of either size
 *
 * Return: the layout, or NULL.
 */
const struct pixels_format *pixels_format_find(const char *name);

/**
 * pixels_format_has_alpha() - whether a frame can be transparent
 * @format: the layout
 *
 * Return: true if so.
 */
bool pixels_format_has_alpha(const struct pixels_format *format);

/**
 * pixels_format_planes() - how many planes a frame has
 * @format: the layout
 *
 * Return: 1 to PIXELS_PLANES.
 */
unsigned int pixels_format_planes(const struct pixels_format *format);

/**
 * pixels_format_bits() - what a pixel takes
 * @format: the layout
 *
 * Return: bits, as an average over all pixels and planes.
 */
unsigned int pixels_format_bits(const struct pixels_format *format);

/**
 * struct frame - a frame in a buffer
 * @format: its layout
 * @width: pixels of a row, 1 to PIXELS_MAX_SIDE
 * @height: rows, 1 to PIXELS_MAX_SIDE
 * @stride_count: how many strides are given
 * @offset_count: how many offsets are given
 * @strides: bytes from one row to the next, of each plane
 * @offsets: where each plane begins in the buffer
 * @rows: bytes of one row, of each plane; written by frame_lay_out()
 */
struct frame {
	const struct pixels_format *format;
	uint32_t width;
	uint32_t height;
	unsigned int stride_count;
	unsigned int offset_count;
	uint64_t strides[PIXELS_PLANES];
	uint64_t offsets[PIXELS_PLANES];
	uint64_t rows[PIXELS_PLANES];
};

/**
 * frame_stride_min() - the first plane's stride if nothing is put between rows
 * @frame: its format and width are set
 *
 * Return: bytes. A row has whole groups of pixels that share a sample.
 */
uint64_t frame_stride_min(const struct frame *frame);

/**
 * frame_lay_out() - work out what isn't given, and whether all lies inside
 * @frame: strides and offsets that aren't given are written
 * @size: bytes of the buffer
 * @page: what buffers' sizes are rounded up to
 *
 * The first offset is 0. A first stride is guessed: the minimum, or that rounded
 * up to a multiple of 64, 128 ... or 4096, the first with which the frame ends in
 * the buffer's last page; if there is none, the minimum. Other planes have a stride in proportion
 * and follow one another without a gap.
 *
 * Return: 0; -EINVAL for a stride shorter than a row, -ERANGE when the frame
 * doesn't end inside the buffer.
 */
int frame_lay_out(struct frame *frame, uint64_t size, uint64_t page);

/**
 * frame_pixel_size() - bytes of a pixel that was read
 * @frame: the frame
 *
 * Return: 4 for red, green, blue and alpha, 3 without alpha.
 */
size_t frame_pixel_size(const struct frame *frame);

/**
 * frame_read() - a frame's colours
 * @frame: frame_lay_out() has found it inside
 * @memory: the buffer
 * @colors: written: frame_pixel_size() bytes for each pixel, row by row
 *
 * Y, Cb and Cr are those of BT.601 in limited range. A sample that several pixels
 * share is used for each of them as it is.
 */
void frame_read(const struct frame *frame, const uint8_t *memory, uint8_t *colors);

#endif
