// SPDX-License-Identifier: GPL-2.0
/*
 * Pictures as PNG files. libpng makes all of one in memory first, so that a file
 * can fail in one way only: when its bytes are written.
 */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "picture.h"

/* The PNG file as it is going to be. */
struct bytes {
	char *data;
	size_t size;
};

static enum status picture_encode(const struct picture *picture, struct bytes *bytes)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = picture->width,
		.height = picture->height,
		.format = picture->has_alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB,
	};
	FILE *file = open_memstream(&bytes->data, &bytes->size);
	bool is_made;

	if (!file)
		return message_error(STATUS_FAILURE, "out of memory");
	is_made = png_image_write_to_stdio(&image, file, 0, picture->colors, 0, NULL);
	if (fclose(file))
		is_made = false;
	if (is_made)
		return STATUS_OK;
	return message_error(STATUS_FAILURE, "libpng makes no picture of that: %s",
			     *image.message ? image.message : "out of memory");
}

enum status picture_write(const struct picture *picture, const char *path)
{
	struct bytes bytes = { 0 };
	enum status status;
	int error;

	status = picture_encode(picture, &bytes);
	if (!status && !strcmp(path, "-")) {
		error = file_write(STDOUT_FILENO, bytes.data, bytes.size);
		if (error)
			status = message_output_lost(-error);
	} else if (!status) {
		error = file_replace(path, bytes.data, bytes.size);
		if (error)
			status = message_error(STATUS_FAILURE, "%s: %s", path, strerror(-error));
	}
	free(bytes.data);
	return status;
}
