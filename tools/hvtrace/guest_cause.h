/* SPDX-License-Identifier: MIT */
/* Why a guest may have diverged: guesses, the likeliest first. */
#ifndef HVTRACE_GUEST_CAUSE_H
#define HVTRACE_GUEST_CAUSE_H

#include <hvtrace/hvtrace.h>

enum guest_cause {
	CAUSE_DAMAGE,  /* the trace is not what was recorded */
	CAUSE_CLOCK,   /* the guest took something from outside */
	CAUSE_PLACE,   /* something happened to it somewhere in its code */
	CAUSE_HOST,    /* this host is not like the one that recorded */
	CAUSE_EARLIER, /* an event before says other than what was done */
	CAUSE_EVENT,   /* this event does, or the guest is not deterministic */
	CAUSES
};

struct guest_guess {
	enum guest_cause cause;
	unsigned points;
	char why[320];
};

/* Fills list, of CAUSES places, and returns how many are likely at all. */
unsigned guest_guess(const struct hvt_guest *guest, const char *path,
		struct guest_guess *list);

const char *guest_cause_name(enum guest_cause cause);

#endif
