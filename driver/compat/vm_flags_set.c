// SPDX-License-Identifier: GPL-2.0
/* Whether a VMA's flags are changed by a function. */
#include <linux/mm.h>

void vm_flags_set_probe(struct vm_area_struct *vma);

void vm_flags_set_probe(struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_PFNMAP);
}
