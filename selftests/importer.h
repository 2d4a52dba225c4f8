/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests of importing drivers share: buffers whose memory suits or doesn't
 * suit them, their records, and what a camera's picture looks like. Lengths are
 * bytes; functions return 0, an fd or a count, or -errno.
 */
#ifndef IMPORTER_H
#define IMPORTER_H

#include <linux/dmabuf-heap.h>

#define IMPORTER_VIVID	"vivid.0"
#define IMPORTER_VGEM	"vgem"

/* The last byte that a 32-bit device reaches. */
#define IMPORTER_4G	0xffffffffULL

/*
 * Imported attachments of a device: how many there are. @record is the first of
 * them and may be NULL.
 */
int importer_records(int heap, int buffer, const char *device,
		     struct dmabuf_heap_attachment_record *record);

/* A backed buffer without attachments above 4 GiB: an fd; -ENOMEM if there is none. */
int importer_buffer_high(int heap, __u64 length);

/* A backed buffer without attachments below 4 GiB, in more than one run: an fd. */
int importer_buffer_scattered(int heap, __u64 length);

/* Different 32-bit pixels in one line of @width pixels: a test picture has many. */
int importer_colours(const void *line, __u32 width);

/* Is every byte of that memory @value? */
int importer_is_filled(const void *memory, __u64 length, unsigned char value);

#endif /* IMPORTER_H */
