/* SPDX-License-Identifier: MIT */
/* What may be behind a divergence: guesses, the likeliest first. */
#ifndef HVTRACE_GUESSES_H
#define HVTRACE_GUESSES_H

#include <stdio.h>

#define GUESSES_MAX 8u

struct guesses {
	struct guess {
		const char *name; /* for programs: "clock" */
		unsigned points;
		char why[320];
	} list[GUESSES_MAX];
	unsigned count;
};

/* One more, if there is room. */
__attribute__((format(printf, 4, 5)))
void guesses_add(struct guesses *g, const char *name, unsigned points,
		const char *format, ...);

/* That the trace is not what was recorded, if parts of it are damaged. */
void guesses_add_damage(struct guesses *g, const char *path);

/* Sorts them, and puts them there: as lines, or as the names in a JSON array. */
void guesses_put(FILE *to, struct guesses *g);
void guesses_put_json(FILE *to, struct guesses *g);

#endif
