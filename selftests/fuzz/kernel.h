/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel as a whole: what it has logged, the module and its counters, memory
 * that leaked. Functions return 0 or -errno unless they say otherwise.
 */
#ifndef KERNEL_H
#define KERNEL_H

/* From now on: what the log gets is looked at. An fd. */
int kernel_log_open(void);

/*
 * Reads what the log has got since, and shows each splat with the lines after it.
 * Returns how many there were, less those that are known to be others' (kernel.c).
 */
int kernel_log_splats(int log);

/* Waits until no buffer, page or record is left; -ETIMEDOUT if one stays. */
int kernel_counters_wait(void);

/* Takes the module out and puts it in again, from the build folder. */
int kernel_module_reload(void);

/* Looks for leaked memory, twice. Shows and returns how many the module left. */
int kernel_leaks(void);

/* Shows where the tasks of a process group are in the kernel. */
void kernel_tasks_show(int group);

#endif /* KERNEL_H */
