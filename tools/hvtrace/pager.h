/* SPDX-License-Identifier: MIT */
/* Long output on a terminal goes through the user's pager, as git's does. */
#ifndef HVTRACE_PAGER_H
#define HVTRACE_PAGER_H

#include <stdbool.h>
#include <sys/types.h>

struct pager {
	pid_t pid; /* 0: there is none */
};

/*
 * If standard output is a terminal, makes it the input of $PAGER. Where that
 * cannot be started the output stays as it is.
 */
void pager_start(struct pager *p);

/* Ends the output, and waits until the user has seen enough of it. */
void pager_wait(struct pager *p);

#endif
