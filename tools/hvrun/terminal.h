/* SPDX-License-Identifier: MIT */
/*
 * The user's terminal: raw while the guest runs, and as it was afterwards,
 * whatever the end. One terminal per process.
 */
#ifndef HVRUN_TERMINAL_H
#define HVRUN_TERMINAL_H

#include <stdbool.h>

/* Standard input is a terminal and we are in its foreground. */
bool terminal_is_ours(void);

/* Every byte typed reaches the guest. Registers the restoring at exit. */
void terminal_make_raw(void);

/* Harmless when nothing was changed, or twice. Async-signal-safe. */
void terminal_restore(void);

#endif
