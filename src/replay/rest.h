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
	uint64_t since_ns; /* when, */
	uint64_t cpu_ns;   /* and what it had had of the CPUs by then */
	bool slept;	   /* when it was looked at last: */
	uint64_t slept_ns, slept_cpu_ns;
};

/* It goes on from here. */
void hvt_rest_over(struct hvt_rest *r);

/*
 * True: it is no more, or cannot be looked at, or sleeps: it did for 80 us, as who
 * waits for a page of guest memory sleeps, too, but not so long. Or it is one
 * that does not rest: it has had 10 ms of a CPU since the first look, or half a
 * second without. now_ns: by a clock that goes on.
 */
bool hvt_rest_look(struct hvt_rest *r, uint64_t now_ns);

#endif
