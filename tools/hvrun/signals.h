/* SPDX-License-Identifier: MIT */
/* Signals that end the run, turned into an orderly stop. */
#ifndef HVRUN_SIGNALS_H
#define HVRUN_SIGNALS_H

struct machine;

/* Call before any thread exists: they inherit the mask. */
void signals_block(void);

/* Starts the thread that waits for them. 0 or -errno. */
int signals_start(struct machine *machine);

#endif
