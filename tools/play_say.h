/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the user is told: steps on stdout, one sentence each, and errors on
 * stderr.
 */
#ifndef PLAY_SAY_H
#define PLAY_SAY_H

/**
 * say_quiet() - from now on, say no steps
 */
void say_quiet(void);

/**
 * say_step() - tell what was just done, as one sentence
 * @format: as for printf(), without a newline
 */
void say_step(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * say_error() - tell what went wrong, as one sentence
 * @format: as for printf(), without a newline or full stop; %m is errno in words
 *
 * Return: -1, for callers that fail with it.
 */
int say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* PLAY_SAY_H */
