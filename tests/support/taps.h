/* SPDX-License-Identifier: MIT */
/* Taps that remember the calls they were shown. */
#ifndef HVT_TEST_TAPS_H
#define HVT_TEST_TAPS_H

#include "backend.h"

struct seen_call {
	unsigned enters, leaves;
	struct hvt_event entered, left;
	uint8_t bytes[4096]; /* of the buffer when entered */
};

extern struct seen_call seen;

/* Lets the engine do the call. */
extern const struct hvt_tap watching_tap;

/*
 * Answers with success, with 0x0807060504030201 times (index + 1) for each
 * output, and with answer_size bytes 1, 2, 3, ... for a buffer. A new vCPU
 * gets the id answer_vcpu, a GIC's state the size answer_size.
 */
extern const struct hvt_tap answering_tap;
extern size_t answer_size;    /* 16 */
extern hv_vcpu_t answer_vcpu; /* 5 */

uint64_t answer_at(unsigned index);

#endif
