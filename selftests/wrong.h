/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Wrong calls: for every argument of every call, each way to get it wrong, with
 * all else right, and the one error that must come of it. Here are wrong values;
 * wrong_fd.h and wrong_pointer.h have the rest.
 */
#ifndef WRONG_H
#define WRONG_H

#include "subject.h"

/* Is told of each wrong call that was made; errors are positive numbers. */
struct wrong_witness {
	void (*saw)(struct wrong_witness *witness, const char *what, int want, int got);
};

/* Tells it; @rc is what the call returned, 0 or -errno. */
void wrong_tell(struct wrong_witness *witness, const char *what, int want, int rc);

/* Numbers of calls that there aren't, and the right ones on other files. */
void wrong_numbers(struct subject *on, struct wrong_witness *witness);

/* Values of the structs' fields, fds and pointers aside. */
void wrong_fields(struct subject *on, struct wrong_witness *witness);

/* Names and labels. */
void wrong_texts(struct subject *on, struct wrong_witness *witness);

/* Requirements behind ATTACH's pointer. */
void wrong_limits(struct subject *on, struct wrong_witness *witness);

#endif /* WRONG_H */
