/* SPDX-License-Identifier: MIT */
/*
 * Is a thread of the VMM, which is in the VMM's own code, at rest: has it done all
 * that it does by itself, and sleeps? Linux tells the state of any thread of the
 * process (proc(5), /proc/self/task/TID/stat).
 */
#ifndef HVT_REPLAY_REST_H
#define HVT_REPLAY_REST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct hvt_rest {
	pid_t tid;
	bool looked;	   /* once, since it went on: */
	uint64_t since_ms;
	uint64_t cpu_ns;   /* what it had had of the CPUs by then */
};

/* It goes on from here. */
void hvt_rest_over(struct hvt_rest *r);

/*
 * True: it sleeps, or is no more, or cannot be looked at; or it is one that does not
 * rest: it has had 10 ms of a CPU since the first look, or two seconds without.
 * now_ms: by a clock that goes on.
 */
bool hvt_rest_look(struct hvt_rest *r, uint64_t now_ms);

#endif
