/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of driver/limits.c share: random numbers that repeat, and the slow
 * and obvious way to cut memory into segments. Units are those of enum
 * dmabuf_heap_limit_type. Include driver/limits.c before this header.
 */
#ifndef LIMITS_MODEL_H
#define LIMITS_MODEL_H

#define ALL	(~0ULL)
#define TYPES	DMABUF_HEAP_LIMIT_COUNT
#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

/* The numbers of each test begin here: whoever sees one fail sees it again. */
#define MODEL_SEED	0x2545f4914f6cdd1dULL

/* Any number; *@state is not 0 and moves on. */
static inline __u64 model_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x9e3779b97f4a7c15ULL >> 11;
}

static inline __u64 model_below(__u64 *state, __u64 end)
{
	return model_random(state) % end;
}

/* The value that a limit stands for, whether there is one or not. */
static inline __u64 model_value(const struct heap_limits *limits, __u32 type)
{
	if (limits->valid >> type & 1)
		return limits->value[type];
	switch (type) {
	case DMABUF_HEAP_LIMIT_CONTIGUOUS:
	case DMABUF_HEAP_LIMIT_ALIGNMENT:
	case DMABUF_HEAP_LIMIT_CHUNK:
		return 0;
	default:
		return ALL;
	}
}

/*
 * The longest segment: MAX_SEGMENT, and of two GiB at most. Where an aligned one
 * goes into that, the next begins aligned too. All are multiples of @step.
 */
static inline __u64 model_most(const struct heap_limits *limits, __u64 step)
{
	__u64 align = model_value(limits, DMABUF_HEAP_LIMIT_ALIGNMENT);
	__u64 largest = model_value(limits, DMABUF_HEAP_LIMIT_MAX_SEGMENT);
	__u64 most;

	if (largest > 1ULL << 31)
		largest = 1ULL << 31;
	if (!align || align > largest)
		return largest;
	for (most = largest; most % align; most -= step)
		;
	return most;
}

/*
 * Segments of a run, step by step: a step begins a new one where the old is full
 * and where a boundary is.
 */
static inline __u64 model_segments(const struct heap_limits *limits, __u64 addr, __u64 bytes,
				   __u64 step)
{
	__u64 boundary = model_value(limits, DMABUF_HEAP_LIMIT_BOUNDARY);
	__u64 most = model_most(limits, step), segment = most, count = 0, end = addr + bytes;

	for (; addr < end; addr += step) {
		if (segment == most || !(addr & boundary)) {
			segment = 0;
			count++;
		}
		segment += step;
	}
	return count;
}

#endif /* LIMITS_MODEL_H */
