/* SPDX-License-Identifier: MIT */
/*
 * Two recordings put side by side: the k-th event of a thread in one belongs to
 * the k-th event of that thread in the other, in whatever order threads came.
 * What waits for its other half is bounded. Pure but for memory.
 */
#ifndef HVTRACE_PAIR_H
#define HVTRACE_PAIR_H

#include <stdbool.h>
#include <stdint.h>

/* Events of a thread that may wait; behind that it has no counterpart. */
#define PAIR_WAITING_MAX (1u << 20)

enum pair_verdict {
	PAIR_SAME,    /* as far as both were seen */
	PAIR_DIFFERS, /* at the events at[0] and at[1] */
	PAIR_ENDS,    /* one side has no more: the other goes on with at[] */
};

struct pair_waiting;

struct pair_thread {
	enum pair_verdict verdict;
	uint64_t count[2]; /* events of each side */
	uint64_t same;     /* pairs that are the same, before any difference */
	uint64_t at[2];    /* UINT64_MAX: that side has none */
	struct pair_waiting *waiting;
};

struct pair {
	struct pair_thread *threads;
	uint32_t count;
};

void pair_init(struct pair *p);
void pair_fini(struct pair *p);

/* An event of side 0 or 1. 0 or -ENOMEM. */
int pair_add(struct pair *p, unsigned side, uint32_t thread, uint64_t number,
		uint64_t digest);

/* Behind the last events of both: what still waits has no counterpart. */
void pair_end(struct pair *p);

/*
 * The thread that differs first, by the number of the event on whichever side
 * has it; NULL: none does.
 */
const struct pair_thread *pair_first(const struct pair *p, uint32_t *thread);

#endif
