/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loading and unloading kernel modules. Functions return 0 or -errno.
 */
#ifndef MODULE_H
#define MODULE_H

/* Loads the file @path with the parameters @args, which may be empty. */
int module_load(const char *path, const char *args);

/*
 * The same for a module of kmod/users by its name; -ENOENT if it isn't built, or where
 * the runner doesn't say, in KMODS, where it would be.
 */
int module_load_user(const char *name, const char *args);

/* -EAGAIN when it is in use. */
int module_unload(const char *name);

/* The last use may be in the middle of its end: waits a second for that. */
int module_unload_wait(const char *name);

#endif /* MODULE_H */
