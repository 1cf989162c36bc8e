/* SPDX-License-Identifier: MIT */
/* For how long has nothing moved? */
#ifndef HVT_REPLAY_QUIET_H
#define HVT_REPLAY_QUIET_H

#include <stdbool.h>
#include <stdint.h>

struct hvt_quiet {
	uint64_t steps, since;
};

/* For ns? steps counts what moves; time counts from when it is first asked. */
bool hvt_is_quiet(struct hvt_quiet *q, uint64_t steps, uint64_t ns);

#endif
