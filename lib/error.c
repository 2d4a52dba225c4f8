// SPDX-License-Identifier: MIT
/*
 * What an error of a function means, as a sentence.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "dmabuf-heap.h"
#include "text.h"

#define ANY_CALL	(-1)

struct error_sentence {
	int call;
	int error;
	const char *sentence;
};

/* A function's own meaning comes before the one for all. */
static const struct error_sentence sentences[] = {
	{ DBHEAP_CALL_OPEN, ENOENT,
	  "there is no such device node: is the module dmabuf-heap loaded?" },
	{ DBHEAP_CALL_OPEN, ENXIO,
	  "the device node has no driver: is the module dmabuf-heap loaded?" },
	{ DBHEAP_CALL_OPEN, ENODEV,
	  "the device node has no driver: is the module dmabuf-heap loaded?" },
	{ DBHEAP_CALL_OPEN, EACCES, "this user may not open the device node" },
	{ DBHEAP_CALL_OPEN, EPERM, "this user may not open the device node" },
	{ DBHEAP_CALL_OPEN, ENOTTY, "the device node is not dmabuf-heap's" },

	{ DBHEAP_CALL_CREATE, EINVAL,
	  "the length is 0, or the name is longer than 31 bytes or has control characters" },
	{ DBHEAP_CALL_CREATE, EOPNOTSUPP,
	  "the buffer is larger than all memory of this machine" },
	{ DBHEAP_CALL_CREATE, EDQUOT,
	  "the administrator allows no more buffers, to this user or all" },

	{ DBHEAP_CALL_FROM_FD, EINVAL,
	  "the fd is no buffer made by dmabuf-heap" },

	{ DBHEAP_CALL_ATTACH, EINVAL,
	  "access, label or a limit is not valid, or there is neither a device nor a limit" },
	{ DBHEAP_CALL_ATTACH, ENODEV, "this is no device that does DMA" },
	{ DBHEAP_CALL_ATTACH, EPERM,
	  "the buffer is sealed: no further device is let in" },
	{ DBHEAP_CALL_ATTACH, EBUSY,
	  "the buffer already has memory that this device can't use" },
	{ DBHEAP_CALL_ATTACH, EOPNOTSUPP,
	  "no memory of this machine could serve all devices attached" },
	{ DBHEAP_CALL_ATTACH, ENOSPC, "the buffer has too many attachments" },
	{ DBHEAP_CALL_ATTACH, EDQUOT,
	  "the buffer would have to move, and the administrator allows no more memory" },

	{ DBHEAP_CALL_DETACH, ENOENT, "the buffer has no such attachment" },
	{ DBHEAP_CALL_DETACH, EBUSY,
	  "the attachment is a driver's own, and only the driver can end it" },
	{ DBHEAP_CALL_DETACH, EPERM,
	  "only the buffer's creator may take an attachment back" },

	{ DBHEAP_CALL_COMMIT, EOPNOTSUPP,
	  "no memory of this machine could serve all devices attached" },

	{ DBHEAP_CALL_SEAL, EPERM, "only the buffer's creator may seal it" },

	{ DBHEAP_CALL_QUERY, ENOENT,
	  "there is no such buffer, or it belongs to another user" },

	{ DBHEAP_CALL_MAP, EINVAL,
	  "the bytes lie beyond the buffer's end, or there are none" },
	{ DBHEAP_CALL_MAP, EACCES,
	  "the buffer's fd is read-only, so it can't be mapped writable" },

	{ DBHEAP_CALL_SYNC, EINVAL, "neither read nor write was asked for" },

	{ DBHEAP_CALL_BYTES, EINVAL, "the bytes lie beyond the buffer's end" },
	{ DBHEAP_CALL_BYTES, EACCES,
	  "the buffer's fd is read-only, so it can't be written" },

	{ DBHEAP_CALL_WAIT, EINVAL,
	  "neither read nor write was asked for, or the time-out is below -1" },
	{ DBHEAP_CALL_WAIT, ETIMEDOUT,
	  "a device was still using the buffer when the time was up" },

	{ DBHEAP_CALL_FENCE, EINVAL,
	  "neither read nor write was asked for, or the fd is no sync_file" },
	{ DBHEAP_CALL_FENCE, ENOTTY,
	  "the running kernel can't exchange fences with a dma-buf (Linux 6.0 can)" },

	{ DBHEAP_CALL_WATCH, EINVAL,
	  "the running module doesn't know all of these events" },
	{ DBHEAP_CALL_WATCH, ENOSPC, "this user is watching too often already" },
	{ DBHEAP_CALL_WATCH, EACCES, "this user may not open the device node" },
	{ DBHEAP_CALL_WATCH, ENOENT, "the device node is not there any more" },

	{ ANY_CALL, EACCES, "the buffer's fd is read-only" },
	{ ANY_CALL, EDQUOT,
	  "the administrator allows no more memory behind buffers, to this user or all" },
	{ ANY_CALL, EBADF, "the fd is not open" },
	{ ANY_CALL, EFAULT, "a pointer leads nowhere" },
	{ ANY_CALL, EINTR, "a signal came while waiting" },
	{ ANY_CALL, EINVAL, "an argument is not valid" },
	{ ANY_CALL, EMFILE, "this process has too many files open" },
	{ ANY_CALL, ENFILE, "the system has too many files open" },
	{ ANY_CALL, ENOMEM, "not enough memory is free now" },
	{ ANY_CALL, ENOTTY, "the running module doesn't know this call" },
	{ ANY_CALL, E2BIG,
	  "the running module is older than this library and lacks what was asked" },
};

static const char *sentence_find(int call, int error)
{
	size_t i;

	for (i = 0; i < sizeof(sentences) / sizeof(*sentences); i++)
		if (sentences[i].error == error &&
		    (sentences[i].call == call ||
		     sentences[i].call == ANY_CALL))
			return sentences[i].sentence;
	return NULL;
}

DBHEAP_API size_t dmabuf_heap_error_explain(enum dbheap_call call, int error,
					    char *text, size_t size)
{
	const char *sentence = sentence_find(call, abs(error));
	struct dbheap_text to;
	char other[128];

	if (!sentence) {
		if (strerror_r(abs(error), other, sizeof(other)))
			strcpy(other, "unknown error");
		sentence = other;
	}
	dbheap_text_begin(&to, text, size);
	dbheap_text_add(&to, "%s", sentence);
	return to.length;
}
