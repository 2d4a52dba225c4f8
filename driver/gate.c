// SPDX-License-Identifier: GPL-2.0
/*
 * Comparing limits with a buffer's state, and writing down who is in the way.
 */
#include <linux/ktime.h>

#include "attachment.h"
#include "backing.h"
#include "buffer.h"
#include "event.h"
#include "gate.h"
#include "machine.h"
#include "trace.h"

/*
 * What a device asks by counting segments: one declaration may count what another
 * cuts, and together they may ask for more than each does.
 */
static void gate_merge_runs(struct heap_buffer *buf, struct heap_merged *merged,
			    const struct heap_attachment *att,
			    const struct heap_attachment *except)
{
	struct heap_limits shape = att->limits;

	if (!dmabuf_heap_limits_has(&shape, DMABUF_HEAP_LIMIT_MAX_SEGMENTS))
		return;
	dmabuf_heap_attachment_shape(buf, att, except, &shape);
	dmabuf_heap_limits_merge_runs(merged, &shape, att->id, buf->length);
}

/**
 * dmabuf_heap_gate_merge() - merge the limits of all attachments
 * @buf: buffer
 * @merged: filled in
 * @except: left out; may be NULL
 *
 * In order of ids, so that on a tie the earlier is the culprit.
 *
 * Context: @buf->lock held.
 */
void dmabuf_heap_gate_merge(struct heap_buffer *buf, struct heap_merged *merged,
			    const struct heap_attachment *except)
{
	struct heap_attachment *att;

	lockdep_assert_held(&buf->lock);
	memset(merged, 0, sizeof(*merged));
	list_for_each_entry(att, &buf->attachments, entry) {
		if (att == except)
			continue;
		dmabuf_heap_limits_merge(merged, &att->limits, att->id, buf->length);
		gate_merge_runs(buf, merged, att, except);
	}
}

/**
 * dmabuf_heap_gate_title() - name an attachment's device for people
 * @att: attachment
 * @title: filled in
 * @size: bytes at @title
 *
 * Context: the buffer's lock held.
 */
void dmabuf_heap_gate_title(const struct heap_attachment *att, char *title, size_t size)
{
	dmabuf_heap_device_title(att->declared ? &att->declared->device : &att->device, title,
				 size);
}

/* Writes down why @att was refused; @id is the attachment that asks for the limit. */
static void report_fill(struct heap_buffer *buf, struct dmabuf_heap_report *report, int error,
			const struct heap_conflict *conflict, const struct heap_attachment *att,
			u64 id)
{
	const struct heap_attachment *culprit = dmabuf_heap_attachment_find(buf, id);

	memset(report, 0, sizeof(*report));
	report->error = -error;
	report->limit = conflict->limit;
	report->wanted = conflict->wanted;
	report->found = conflict->found;
	report->length = buf->length;
	report->runs = buf->placement.runs;
	report->time_ns = ktime_get_ns();
	report->first_map = buf->first_map.kind;
	report->first_map_ns = buf->first_map.time_ns;
	strscpy(report->first_map_by, buf->first_map.by, sizeof(report->first_map_by));
	if (culprit && culprit != att)
		report->attachment = id;
	else
		culprit = att;
	dmabuf_heap_gate_title(culprit, report->device, sizeof(report->device));
	strscpy(report->label, culprit->declared ? culprit->declared->label : culprit->label,
		sizeof(report->label));
}

/* Whether the memory that is there serves an attachment. */
static bool gate_is_suited(struct heap_buffer *buf, const struct heap_limits *limits,
			   struct heap_conflict *conflict)
{
	u64 segments = dmabuf_heap_backing_segments(&buf->backing, limits);

	return dmabuf_heap_limits_suit(limits, &buf->placement, buf->length, segments, conflict);
}

/* Whether this machine has memory for all; @culprit is set to who says not. */
static bool gate_is_feasible(struct heap_buffer *buf, const struct heap_merged *merged,
			     struct heap_conflict *conflict, u64 *culprit)
{
	struct heap_machine machine;

	dmabuf_heap_machine_read(&merged->limits, &machine);
	if (dmabuf_heap_limits_feasible(merged, &machine, buf->length, conflict))
		return true;
	*culprit = conflict->limit == DMABUF_HEAP_LIMIT_MAX_SEGMENTS ?
		   merged->runs_by : merged->set_by[conflict->limit];
	return false;
}

/**
 * dmabuf_heap_gate_check() - whether an attachment may be with these limits
 * @buf: buffer
 * @att: the attachment; may be a member already
 * @asked: its limits; need not be its own yet
 * @flags: DMABUF_HEAP_ATTACHMENT_*, as @asked
 * @merged: set to everybody's limits, with these
 * @report: set to why not
 *
 * While there is no memory, some memory of this machine must suit all. Once there
 * is, it must suit this one.
 *
 * Context: @buf->lock held.
 * Return: 0; HEAP_GATE_MOVE when it may be, once the memory has moved to where it suits
 * @merged; -EOPNOTSUPP, -EBUSY.
 */
int dmabuf_heap_gate_check(struct heap_buffer *buf, const struct heap_attachment *att,
			   const struct heap_limits *asked, u32 flags,
			   struct heap_merged *merged, struct dmabuf_heap_report *report)
{
	u64 id = att->id ?: dmabuf_heap_attachment_next_id(buf);
	struct heap_limits limits = *asked, shape = *asked;
	struct heap_conflict conflict, busy;
	u64 culprit = id;

	lockdep_assert_held(&buf->lock);
	memset(report, 0, sizeof(*report));
	dmabuf_heap_gate_merge(buf, merged, att);
	dmabuf_heap_attachment_shape(buf, att, NULL, &shape);
	if (!dmabuf_heap_limits_shapable(&shape, buf->length, &conflict))
		goto unsupported;
	if (flags & DMABUF_HEAP_ATTACHMENT_REMAPPED) {
		dmabuf_heap_limits_drop_physical(&limits);
		dmabuf_heap_limits_drop_physical(&shape);
	}
	dmabuf_heap_limits_merge(merged, &limits, id, buf->length);
	dmabuf_heap_limits_merge_runs(merged, &shape, id, buf->length);

	if (buf->state == DMABUF_HEAP_BACKED && gate_is_suited(buf, &shape, &busy))
		return 0;
	if (!gate_is_feasible(buf, merged, &conflict, &culprit))
		goto unsupported;
	if (buf->state == DMABUF_HEAP_UNBACKED)
		return 0;
	if (dmabuf_heap_buffer_can_move(buf))
		return HEAP_GATE_MOVE;
	report_fill(buf, report, -EBUSY, &busy, att, id);
	return -EBUSY;

unsupported:
	report_fill(buf, report, -EOPNOTSUPP, &conflict, att, culprit);
	return -EOPNOTSUPP;
}

/**
 * dmabuf_heap_gate_refuse() - keep the reason of a refusal
 * @buf: buffer
 * @report: the reason
 *
 * For QUERY: an importer has no place for it, and may swallow even the errno.
 *
 * Context: @buf->lock held.
 */
void dmabuf_heap_gate_refuse(struct heap_buffer *buf, const struct dmabuf_heap_report *report)
{
	lockdep_assert_held(&buf->lock);
	spin_lock(&buf->snap);
	buf->conflict = *report;
	spin_unlock(&buf->snap);
	trace_dmabuf_heap_busy(buf->id, report->error, report->limit, report->device);
	dmabuf_heap_event_refused(buf, report);
}

/**
 * dmabuf_heap_gate_pass() - do what dmabuf_heap_gate_check() said of an attachment
 * @buf: buffer
 * @att: attachment
 * @merged: as dmabuf_heap_gate_check() set it
 * @report: the same
 * @ret: what it returned
 *
 * Memory that has to move moves now; a refusal is kept for QUERY. A move that failed is
 * no conflict, and has no report.
 *
 * Context: @buf->lock held; may sleep.
 * Return: 0 when the attachment may be; -EOPNOTSUPP, -EBUSY; -ENOMEM, -EDQUOT, -EINTR of
 * a move.
 */
int dmabuf_heap_gate_pass(struct heap_buffer *buf, const struct heap_attachment *att,
			  const struct heap_merged *merged,
			  const struct dmabuf_heap_report *report, int ret)
{
	char title[DMABUF_HEAP_DEVICE_LEN];

	if (ret == HEAP_GATE_MOVE) {
		dmabuf_heap_gate_title(att, title, sizeof(title));
		return dmabuf_heap_buffer_move(buf, merged, title);
	}
	if (ret)
		dmabuf_heap_gate_refuse(buf, report);
	return ret;
}

/**
 * dmabuf_heap_gate_refuse_sealed() - keep that a driver came to a sealed buffer
 * @buf: buffer
 * @att: record of the importer, which wasn't declared
 *
 * Context: @buf->lock held.
 */
void dmabuf_heap_gate_refuse_sealed(struct heap_buffer *buf, const struct heap_attachment *att)
{
	const struct heap_conflict none = { };
	struct dmabuf_heap_report report;

	report_fill(buf, &report, -EPERM, &none, att, 0);
	dmabuf_heap_gate_refuse(buf, &report);
}

/**
 * dmabuf_heap_gate_refuse_segments() - keep that a map came out in too many segments
 * @buf: buffer
 * @att: record of the importer
 * @most: as many as it takes
 * @found: as many as there are
 *
 * Context: @buf->lock held.
 */
void dmabuf_heap_gate_refuse_segments(struct heap_buffer *buf, const struct heap_attachment *att,
				      u64 most, u64 found)
{
	const struct heap_conflict conflict = {
		.limit = DMABUF_HEAP_LIMIT_MAX_SEGMENTS, .wanted = most, .found = found,
	};
	struct dmabuf_heap_report report;

	report_fill(buf, &report, -EBUSY, &conflict, att, att->id);
	dmabuf_heap_gate_refuse(buf, &report);
}
