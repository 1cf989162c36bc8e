/* SPDX-License-Identifier: MIT */
#ifndef HVTRACE_GUEST_STATE_H
#define HVTRACE_GUEST_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* What is to be shown of a guest, and when. */
struct guest_state {
	uint64_t at; /* number of an event: what is before it has been done */
	bool wanted; /* is there such a number? */
	bool regs;
	bool no_keyframes; /* run from the beginning */
	uint64_t ipa, size; /* of memory; 0: none */
	bool json;
};

/* NUMBER, and IPA,LENGTH; false if that is not what the text is. */
bool guest_state_parse_at(const char *text, struct guest_state *s);
bool guest_state_parse_memory(const char *text, struct guest_state *s);

/* Replays the guest up to there and shows it: an exit code. */
int guest_state_show(const char *path, const struct guest_state *s);

#endif
