// SPDX-License-Identifier: GPL-2.0
/* Whether a range is allocated by flags instead of a migrate type. */
#include <linux/gfp.h>

int acr_flags_probe(void);

int acr_flags_probe(void)
{
	return alloc_contig_range(0, 1, ACR_FLAGS_NONE, GFP_KERNEL);
}
