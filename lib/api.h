/* SPDX-License-Identifier: MIT */
/*
 * Marks a function as part of the library's interface. All others are hidden by
 * -fvisibility=hidden; those that cross files are named dbheap_, so that the
 * static library stays out of its user's way too.
 */
#ifndef DBHEAP_API_H
#define DBHEAP_API_H

#define DBHEAP_API	__attribute__((visibility("default")))

#endif /* DBHEAP_API_H */
