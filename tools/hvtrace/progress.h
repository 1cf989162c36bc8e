/* SPDX-License-Identifier: MIT */
/*
 * One line on stderr, overwritten, of how far a long operation is: on a
 * terminal, and unless it was told to be quiet.
 */
#ifndef HVTRACE_PROGRESS_H
#define HVTRACE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct progress {
	const char *what; /* "reading" */
	uint64_t total;   /* 0: not known */
	uint64_t look_at; /* when the clock is looked at again */
	struct timespec began, shown;
	bool on;
};

void progress_begin(struct progress *p, const char *what, uint64_t total,
		bool quiet);
void progress_show(struct progress *p, uint64_t done);

/* The same where looks are rare; path: a file whose size is shown, or NULL. */
void progress_note(struct progress *p, uint64_t done, const char *path);

/* done: so many events of total. Cheap. */
static inline void progress_step(struct progress *p, uint64_t done)
{
	if (done >= p->look_at)
		progress_show(p, done);
}

void progress_end(struct progress *p);

/* Takes the line away, if there is one, before something else is said. */
void progress_clear(void);

#endif
