/* SPDX-License-Identifier: MIT */
/*
 * Replays step by step: start one of the file, then say how it must have
 * ended. One replay per process: Criterion gives each test its own.
 */
#ifndef HVT_TEST_REPLAY_STEPS_H
#define HVT_TEST_REPLAY_STEPS_H

#include "files.h"
#include "replay.h"

#define STALL_MS 100u
#define PATIENT	 100000u /* where a stall would be a mistake */

extern struct temp_file file;
extern struct hvt_replay_status status;
extern unsigned notified, damages; /* how often the listener was told */
extern struct hvt_error damage;
extern uint64_t progress; /* as was told last */
extern const struct hvt_replay_listener listener;

/* Init and fini of a suite: the fake engine and the file. */
void set_up(void);
void tear_down(void);

void start_replay(unsigned stall_ms);
/* Runs script and records it, or replays it to its end. */
void record(void (*script)(void));
void replay(void (*script)(void), unsigned stall_ms);

void expect_complete(uint64_t events);
void expect_divergence(uint64_t event, const char *words);
/* Damage is trouble, which is neither the same nor a difference. */
void expect_damage(uint64_t event);

#endif
