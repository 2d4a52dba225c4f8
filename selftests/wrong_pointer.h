/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pointers to where nothing is, to what may only be read, and to what ends too
 * early: to the calls' structs, and in them. All are EFAULT.
 */
#ifndef WRONG_POINTER_H
#define WRONG_POINTER_H

#include "wrong.h"

/* To the structs themselves. */
void wrong_pointers_to_struct(struct subject *on, struct wrong_witness *witness);

/* In ATTACH, QUERY and QUERY_ATTACHMENTS. */
void wrong_pointers_in_struct(struct subject *on, struct wrong_witness *witness);

#endif /* WRONG_POINTER_H */
