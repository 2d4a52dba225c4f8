// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl frame: what is in a buffer, as a picture. Any exporter's buffer will
 * do that can be mapped. Looking changes nothing: one of ours that has no memory
 * gets none.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/dma-buf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ctl.h"
#include "picture.h"
#include "pixels.h"
#include "print.h"
#include "reference.h"
#include "text.h"

/* As our driver calls itself in fdinfo. */
#define OUR_EXPORTER	"dmabuf-heap"

#define LINE_SIZE	256

enum {
	OPTION_FORMAT = 1, OPTION_SIZE, OPTION_STRIDE, OPTION_OFFSET, OPTION_LIST,
	OPTION_OUTPUT = 'o',
};

struct request {
	struct frame frame;
	const char *output;
	bool wants_list;
};

enum { COL_NAME, COL_BITS, COL_PLANES, COL_ALPHA, COL_ALIASES };

static const struct column format_columns[] = {
	[COL_NAME] = { "FORMAT", COLUMN_TEXT, "name" },
	[COL_BITS] = { "BITS", COLUMN_NUMBER, "bits of a pixel" },
	[COL_PLANES] = { "PLANES", COLUMN_NUMBER, "planes" },
	[COL_ALPHA] = { "ALPHA", COLUMN_FLAG, "whether it can be transparent" },
	[COL_ALIASES] = { "ALSO", COLUMN_TEXT, "other names" },
};

static const struct layout formats_layout = {
	"formats", format_columns,
	sizeof(format_columns) / sizeof(format_columns[0]),
	"FORMAT,BITS,PLANES,ALPHA,ALSO",
};

static enum status formats_print(void)
{
	const struct view view = { .layout = &formats_layout };
	struct table *table = table_new(&formats_layout);
	enum status status;
	size_t i;

	for (i = 0; i < pixels_format_count; i++) {
		const struct pixels_format *format = &pixels_formats[i];
		struct row *row = table_add(table);

		row_set_text(row, COL_NAME, format->name);
		row_set_number(row, COL_BITS, pixels_format_bits(format));
		row_set_number(row, COL_PLANES, pixels_format_planes(format));
		row_set_number(row, COL_ALPHA, pixels_format_has_alpha(format));
		row_set_text(row, COL_ALIASES, format->aliases);
	}
	status = table_print(table, &view);
	table_free(table);
	return status;
}

/* Who has made the dma-buf; false for any other file. */
static bool exporter_read(int fd, char exporter[LINE_SIZE])
{
	char path[64], line[LINE_SIZE];
	bool is_found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!is_found && fgets(line, sizeof(line), file))
		is_found = sscanf(line, "exp_name:\t%255[^\n]", exporter) == 1;
	fclose(file);
	return is_found;
}

/* A map would give a buffer of ours its memory, so ask first whether it has any. */
static enum status heap_check_backed(int fd)
{
	struct dmabuf_heap_buffer_info *info;
	struct dmabuf_heap_buffer *buffer;
	struct dmabuf_heap *heap;
	enum status status;
	int error;

	status = message_heap_open(&heap);
	if (status)
		return status;
	error = dmabuf_heap_buffer_from_fd(heap, fd, &buffer);
	if (error) {
		status = message_call(DBHEAP_CALL_FROM_FD, error, "the buffer");
		goto out;
	}
	error = dmabuf_heap_buffer_info_read(buffer, &info);
	if (error)
		status = message_call(DBHEAP_CALL_QUERY, error, "the buffer");
	else if (info->state == DBHEAP_UNBACKED)
		status = message_error(STATUS_FAILURE, "buffer %" PRIu64 " has no memory yet",
				       info->id);
	if (!error)
		dmabuf_heap_buffer_info_free(info);
	dmabuf_heap_buffer_close(buffer);
out:
	dmabuf_heap_close(heap);
	return status;
}

static enum status frame_place(struct frame *frame, uint64_t size)
{
	bool is_guessed = !frame->stride_count;
	unsigned int plane = 0;
	int error;

	error = frame_lay_out(frame, size, (uint64_t)sysconf(_SC_PAGESIZE));
	if (error == -EINVAL) {
		while (frame->strides[plane] >= frame->rows[plane])
			plane++;
		return message_error(STATUS_USAGE, "a row of %u pixels in %s has %" PRIu64
				     " bytes in plane %u, more than its stride of %" PRIu64,
				     frame->width, frame->format->name, frame->rows[plane], plane,
				     frame->strides[plane]);
	}
	if (error)
		return message_error(STATUS_FAILURE,
				     "%ux%u pixels in %s from byte %" PRIu64
				     " on with a stride of %" PRIu64
				     " end beyond the buffer's %" PRIu64 " bytes",
				     frame->width, frame->height, frame->format->name,
				     frame->offsets[0], frame->strides[0], size);
	if (is_guessed && frame->strides[0] != frame_stride_min(frame))
		fprintf(stderr, PROGRAM_NAME ": guessed from the buffer's size: --stride %" PRIu64
			"\n", frame->strides[0]);
	return STATUS_OK;
}

/* Waiting for fences is cut short by any signal, and then begins anew. */
static int buffer_sync(int fd, uint64_t stage)
{
	struct dma_buf_sync sync = { .flags = DMA_BUF_SYNC_READ | stage };
	int rc;

	do {
		rc = ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
	} while (rc && (errno == EINTR || errno == EAGAIN));
	return rc ? -errno : 0;
}

static enum status buffer_read(int fd, const uint8_t *memory, const struct frame *frame,
			       uint8_t *colors)
{
	int error = buffer_sync(fd, DMA_BUF_SYNC_START);

	if (!error) {
		frame_read(frame, memory, colors);
		error = buffer_sync(fd, DMA_BUF_SYNC_END);
	}
	if (error)
		return message_error(STATUS_FAILURE, "the buffer can't be synced: %s",
				     strerror(-error));
	return STATUS_OK;
}

static enum status frame_take(struct frame *frame, int fd, const char *exporter, uint8_t **colors)
{
	off_t size = lseek(fd, 0, SEEK_END);
	enum status status;
	void *memory;

	if (size <= 0 || (uintmax_t)size > SIZE_MAX)
		return message_error(STATUS_FAILURE, "the buffer doesn't tell its size");
	status = frame_place(frame, (uint64_t)size);
	if (status)
		return status;
	*colors = text_allocate((size_t)frame->width * frame->height, frame_pixel_size(frame));
	memory = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return message_error(STATUS_FAILURE, "a buffer of %s can't be mapped: %s",
				     exporter, strerror(errno));
	status = buffer_read(fd, memory, frame, *colors);
	munmap(memory, (size_t)size);
	return status;
}

static enum status frame_save(struct request *request, int fd, const char *exporter)
{
	struct frame *frame = &request->frame;
	struct picture picture = {
		.width = frame->width,
		.height = frame->height,
		.has_alpha = pixels_format_has_alpha(frame->format),
	};
	uint8_t *colors = NULL;
	enum status status;

	status = frame_take(frame, fd, exporter, &colors);
	picture.colors = colors;
	if (!status)
		status = picture_write(&picture, request->output);
	free(colors);
	return status;
}

static enum status frame_show(struct request *request, const struct reference *reference)
{
	char exporter[LINE_SIZE];
	enum status status;
	int fd;

	status = reference_open_fd(reference, &fd);
	if (status)
		return status;
	if (!exporter_read(fd, exporter))
		status = message_error(STATUS_NOT_FOUND, "fd %d of process %d is no dma-buf",
				       reference->fd, reference->pid);
	else if (!strcmp(exporter, OUR_EXPORTER))
		status = heap_check_backed(fd);
	if (!status)
		status = frame_save(request, fd, exporter);
	close(fd);
	return status;
}

static enum status size_read(struct frame *frame, const struct invocation *invocation)
{
	const char *text = invocation->argument, *divider = strchr(text, 'x');
	char first[TEXT_NUMBER_SIZE];
	uint64_t width, height;

	if (!divider || (size_t)(divider - text) >= sizeof(first))
		goto refuse;
	memcpy(first, text, (size_t)(divider - text));
	first[divider - text] = '\0';
	if (!text_number_read(first, PIXELS_MAX_SIDE, &width) || !width ||
	    !text_number_read(divider + 1, PIXELS_MAX_SIDE, &height) || !height)
		goto refuse;
	frame->width = (uint32_t)width;
	frame->height = (uint32_t)height;
	return STATUS_OK;
refuse:
	return invocation_misused(invocation, "\"%s\" is no size in pixels (such as 640x480)",
				  text);
}

/* A number for each plane, as many as are given. */
static enum status planes_read(uint64_t numbers[PIXELS_PLANES], unsigned int *count,
			       const struct invocation *invocation, const char *what)
{
	char *list = text_copy(invocation->argument), *rest = list, *one;
	bool is_good = true;

	*count = 0;
	while (is_good && (one = strsep(&rest, ",")))
		is_good = *count < PIXELS_PLANES &&
			  text_number_read(one, UINT64_MAX, &numbers[(*count)++]);
	free(list);
	if (is_good)
		return STATUS_OK;
	return invocation_misused(invocation, "\"%s\" is no %s in bytes, nor one for each plane",
				  invocation->argument, what);
}

static enum status format_read(struct frame *frame, const char *name)
{
	frame->format = pixels_format_find(name);
	if (frame->format)
		return STATUS_OK;
	return message_error(STATUS_USAGE, "there is no format \"%s\" (see " PROGRAM_NAME
			     " frame --list-formats)", name);
}

static enum status request_option(void *into, int option, struct invocation *invocation)
{
	struct request *request = into;
	struct frame *frame = &request->frame;

	switch (option) {
	case OPTION_FORMAT:
		return format_read(frame, invocation->argument);
	case OPTION_SIZE:
		return size_read(frame, invocation);
	case OPTION_STRIDE:
		return planes_read(frame->strides, &frame->stride_count, invocation, "stride");
	case OPTION_OFFSET:
		return planes_read(frame->offsets, &frame->offset_count, invocation, "offset");
	case OPTION_LIST:
		request->wants_list = true;
		return STATUS_OK;
	default:
		request->output = invocation->argument;
		return STATUS_OK;
	}
}

/* A stride too many may mean that the format isn't the one that is meant. */
static enum status planes_check(const struct frame *frame, const struct invocation *invocation)
{
	unsigned int planes = pixels_format_planes(frame->format);

	if (frame->stride_count <= planes && frame->offset_count <= planes)
		return STATUS_OK;
	return invocation_misused(invocation, "%s has %u plane%s, fewer than --stride or --offset",
				  frame->format->name, planes, planes == 1 ? "" : "s");
}

/* What every call needs, but for one that only wants to see the formats. */
static enum status request_check(const struct request *request,
				 const struct invocation *invocation,
				 struct reference *reference)
{
	const char *missing = !request->frame.format ? "--format" :
			      !request->frame.width ? "--size" :
			      !request->output ? "--output" : NULL;
	enum status status;

	status = invocation_check_operands(invocation, 1, "a buffer");
	if (status)
		return status;
	if (!reference_read(invocation->argv[0], reference))
		return invocation_misused(invocation, "\"%s\" is not PID:FD", invocation->argv[0]);
	if (!reference->is_fd)
		return message_error(STATUS_USAGE,
				     "an id can't reach what is in a buffer, PID:FD can (see "
				     PROGRAM_NAME " holders %s)", invocation->argv[0]);
	if (missing)
		return invocation_misused(invocation, "frame wants %s", missing);
	if (!strcmp(request->output, "-") && isatty(STDOUT_FILENO))
		return invocation_misused(invocation, "a terminal can't show a PNG file");
	return planes_check(&request->frame, invocation);
}

static enum status frame_run(struct invocation *invocation)
{
	struct request request = { 0 };
	struct reference reference;
	enum status status;

	if (!invocation_read(invocation, request_option, &request, &status))
		return status;
	if (request.wants_list)
		return formats_print();
	status = request_check(&request, invocation, &reference);
	return status ? status : frame_show(&request, &reference);
}

static const struct option_entry options[] = {
	{ OPTION_FORMAT, "format", "FORMAT", "how its pixels lie: XR24, NV12, YUYV ..." },
	{ OPTION_SIZE, "size", "WxH", "its width and height in pixels" },
	{ OPTION_STRIDE, "stride", "BYTES,...", "from one row to the next, of each plane" },
	{ OPTION_OFFSET, "offset", "BYTES,...", "where each plane begins in the buffer" },
	{ OPTION_OUTPUT, "output", "FILE", "the PNG file to write; - is standard output" },
	{ OPTION_LIST, "list-formats", NULL, "say which formats there are" },
};

const struct command command_frame = {
	.name = "frame",
	.arguments = "PID:FD --format FORMAT --size WxH -o FILE [OPTION]...",
	.summary = "Make a picture of what is in a buffer",
	.notes = "PID:FD, or /proc/PID/fd/FD, is a process that has the buffer open and the fd\n"
		 "there. Strides and offsets of planes that aren't given follow from the one\n"
		 "before; the first stride is guessed from the buffer's size.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = frame_run,
};
