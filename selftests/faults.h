/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Making the kernel refuse this process something, once: its n-th allocation from
 * now on. There are two ways, and a kernel may have both, one or none.
 */
#ifndef FAULTS_H
#define FAULTS_H

enum faults_way {
	FAULTS_MODULE,	/* the heap module's own knob: build it with KNOBS=y */
	FAULTS_KERNEL,	/* fault injection of a kernel built for it */
};

struct faults {
	enum faults_way way;
	int fd;		/* what the count is written to */
};

/* Has the kernel's way refuse whatever it can, without a word. -ENOENT as below. */
int faults_kernel_prepare(void);

/* -ENOENT where this way isn't to be had. */
int faults_open(struct faults *faults, enum faults_way way);
void faults_close(struct faults *faults);

/* The @nth request of this thread fails, from 1. */
int faults_arm(struct faults *faults, unsigned int nth);

/* How many requests were missing; 0 if the one has failed. Negative on error. */
int faults_disarm(struct faults *faults);

#endif /* FAULTS_H */
