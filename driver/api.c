// SPDX-License-Identifier: GPL-2.0
/*
 * The calls for other modules: see linux/dmabuf-heap-kernel.h. They are those of
 * ioctl.c without a process: same checks, same work.
 */
#include <linux/dma-buf.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/dmabuf-heap-kernel.h>

#include "attachment.h"
#include "buffer.h"
#include "check.h"
#include "compat/compat.h"
#include "export.h"
#include "memory.h"
#include "registry.h"

/* The buffer behind a dma-buf, NULL if it isn't one of ours. */
static struct heap_buffer *api_buffer(struct dma_buf *dmabuf)
{
	return dmabuf->ops == &dmabuf_heap_export_ops ? dmabuf->priv : NULL;
}

struct dma_buf *dmabuf_heap_kernel_create(u64 length, u32 flags, int file_flags,
					  const char *name)
{
	struct heap_buffer *buf;
	int ret;

	if (file_flags & O_CLOEXEC)
		return ERR_PTR(-EINVAL);
	ret = dmabuf_heap_check_create(length, flags, file_flags, name ?: "");
	if (ret)
		return ERR_PTR(ret);
	buf = dmabuf_heap_buffer_create(PAGE_ALIGN(length), flags, file_flags, name ?: "",
					&dmabuf_heap_export_ops);
	if (IS_ERR(buf))
		return ERR_CAST(buf);
	/* The caller's reference keeps it from going before this returns. */
	dmabuf_heap_registry_add(buf);
	return buf->dmabuf;
}
EXPORT_SYMBOL_NS_GPL(dmabuf_heap_kernel_create, DMABUF_HEAP_NS);

/* Fills in @to, which is zero. The caller keeps the device: nothing is pinned. */
static int declaration_read(const struct dmabuf_heap_declaration *from,
			    struct heap_declaration *to)
{
	int ret;

	ret = dmabuf_heap_check_attach(from->access, from->label ?: "", from->dev, from->limits);
	if (!ret && from->limits)
		ret = dmabuf_heap_check_requirement(from->limits, &to->requirement);
	if (ret)
		return ret;
	to->access = from->access;
	strscpy(to->label, from->label ?: "", sizeof(to->label));
	if (!from->dev)
		to->device.flags = DMABUF_HEAP_ATTACHMENT_NO_DEVICE;
	else if (!dmabuf_heap_device_describe(&to->device, from->dev))
		ret = -ENODEV;
	return ret;
}

int dmabuf_heap_kernel_attach(struct dma_buf *dmabuf, const struct dmabuf_heap_declaration *what,
			      u64 *id, struct dmabuf_heap_report *report)
{
	struct heap_buffer *buf = api_buffer(dmabuf);
	struct heap_declaration *declaration;
	struct dmabuf_heap_answer *answer;
	u64 made;
	int ret;

	if (!buf)
		return -EINVAL;
	answer = dmabuf_heap_alloc(sizeof(*answer));
	declaration = dmabuf_heap_alloc(sizeof(*declaration));
	ret = -ENOMEM;
	if (!answer || !declaration)
		goto free;
	ret = declaration_read(what, declaration);
	if (ret)
		goto free;
	ret = dmabuf_heap_attachment_declare(buf, declaration, answer, &made);
	if (id)
		*id = made;
free:
	if (report && answer)
		*report = answer->report;
	else if (report)
		memset(report, 0, sizeof(*report));
	kfree(declaration);
	kfree(answer);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(dmabuf_heap_kernel_attach, DMABUF_HEAP_NS);

int dmabuf_heap_kernel_detach(struct dma_buf *dmabuf, u64 id)
{
	struct heap_buffer *buf = api_buffer(dmabuf);

	return buf ? dmabuf_heap_attachment_detach(buf, id) : -EINVAL;
}
EXPORT_SYMBOL_NS_GPL(dmabuf_heap_kernel_detach, DMABUF_HEAP_NS);

int dmabuf_heap_kernel_seal(struct dma_buf *dmabuf)
{
	struct heap_buffer *buf = api_buffer(dmabuf);

	return buf ? dmabuf_heap_buffer_seal(buf) : -EINVAL;
}
EXPORT_SYMBOL_NS_GPL(dmabuf_heap_kernel_seal, DMABUF_HEAP_NS);

int dmabuf_heap_kernel_commit(struct dma_buf *dmabuf)
{
	struct heap_buffer *buf = api_buffer(dmabuf);

	return buf ? dmabuf_heap_buffer_back(buf, DMABUF_HEAP_FIRST_COMMIT) : -EINVAL;
}
EXPORT_SYMBOL_NS_GPL(dmabuf_heap_kernel_commit, DMABUF_HEAP_NS);
