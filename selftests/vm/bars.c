// SPDX-License-Identifier: GPL-2.0
/*
 * bars FILE.png: does the picture show vivid's colour bars? They are eight
 * stripes of equal width over the 640x480 pixels at the top left: white, yellow,
 * cyan, green, magenta, red, blue, black, at 75 % of full brightness. vivid writes
 * text over some rows, so each bar is looked at in many, and most have to agree.
 * Exits with 0 when at least six bars are where they belong.
 */
#include <png.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define WIDTH		640
#define HEIGHT		480
#define BARS		8
#define BARS_MIN	6
#define LEVEL		0xbf	/* 75 % */
#define TOLERANCE	0x30

static const struct bar {
	const char *name;
	bool rgb[3];
} bars[BARS] = {
	{ "white", { 1, 1, 1 } },
	{ "yellow", { 1, 1, 0 } },
	{ "cyan", { 0, 1, 1 } },
	{ "green", { 0, 1, 0 } },
	{ "magenta", { 1, 0, 1 } },
	{ "red", { 1, 0, 0 } },
	{ "blue", { 0, 0, 1 } },
	{ "black", { 0, 0, 0 } },
};

static bool pixel_is_bar(const unsigned char *pixel, const struct bar *bar)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (abs(pixel[i] - (bar->rgb[i] ? LEVEL : 0)) > TOLERANCE)
			return false;
	}
	return true;
}

/* How many of the rows show the bar in the middle of its stripe. */
static int bar_rows(const unsigned char *pixels, int stride, int bar)
{
	int x = (2 * bar + 1) * WIDTH / BARS / 2;
	int y, rows = 0;

	for (y = 0; y < HEIGHT; y++)
		rows += pixel_is_bar(pixels + y * stride + x * 3, &bars[bar]);
	return rows;
}

int main(int argc, char **argv)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	unsigned char *pixels;
	int stride, bar, rows, found = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: bars FILE.png\n");
		return 2;
	}
	if (!png_image_begin_read_from_file(&image, argv[1])) {
		fprintf(stderr, "%s: %s\n", argv[1], image.message);
		return 1;
	}
	image.format = PNG_FORMAT_RGB;
	if (image.width < WIDTH || image.height < HEIGHT) {
		fprintf(stderr, "%s: only %ux%u pixels\n", argv[1], image.width, image.height);
		return 1;
	}
	stride = PNG_IMAGE_ROW_STRIDE(image);
	pixels = malloc(PNG_IMAGE_SIZE(image));
	if (!pixels || !png_image_finish_read(&image, NULL, pixels, stride, NULL)) {
		fprintf(stderr, "%s: %s\n", argv[1], image.message);
		return 1;
	}
	for (bar = 0; bar < BARS; bar++) {
		rows = bar_rows(pixels, stride, bar);
		printf("# %s: %d of %d rows\n", bars[bar].name, rows, HEIGHT);
		found += rows > HEIGHT / 2;
	}
	free(pixels);
	return found >= BARS_MIN ? 0 : 1;
}
