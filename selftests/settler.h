/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A settler: a process that makes a user namespace and lives in it, as another id.
 */
#ifndef SETTLER_H
#define SETTLER_H

/* For what is nobody's, with some more ids; and for what root has set up. */
#define SETTLER_MAP_NOBODY	"0 65534 1\n1 100000 10\n"
#define SETTLER_MAP_ROOT	"0 100000 10\n"

/**
 * struct settler - how it goes
 * @owner: user who makes the namespace, 0 to stay
 * @map: its ids, as for uid_map
 * @inside: id to become in there
 * @before: what it does first, out here: 0 or -errno
 * @body: what it does in there: a small number or -errno
 * @arg: of both
 */
struct settler {
	unsigned int owner;
	const char *map;
	unsigned int inside;
	int (*before)(void *arg);
	int (*body)(void *arg);
	void *arg;
};

/* What @body has returned; -EOPNOTSUPP where the user can't make one; or -errno. */
int settler_run(const struct settler *settler);

#endif /* SETTLER_H */
