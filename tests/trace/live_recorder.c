/* SPDX-License-Identifier: MIT */
/*
 * usage: live_recorder TRACE
 *
 * Records exits of a vCPU: as many as each line of standard input says, telling
 * when they are logged; closes the trace at its end.
 */
#include <Hypervisor/Hypervisor.h>
#include <inttypes.h>
#include <stdio.h>

#include "trace.h"

static int append(struct hvt_recorder *r, uint32_t kind)
{
	struct hvt_event e = { .kind = kind, .call = HVT_CALL_HV_VCPU_RUN,
		.values = { 0, HV_EXIT_REASON_EXCEPTION, 0x93830047, 0,
			0x9000000 } };

	return hvt_recorder_append(r, &e);
}

int main(int argc, char **argv)
{
	struct hvt_recorder *r;
	unsigned n;
	int err;

	if (argc != 2 || hvt_recorder_open(&r, argv[1], NULL, 0))
		return 2;
	while (scanf("%u", &n) == 1) {
		for (unsigned i = 0; i < n; i++)
			if (append(r, HVT_EVENT_ENTER) ||
				append(r, HVT_EVENT_LEAVE))
				return 2;
		printf("logged %u\n", n);
		fflush(stdout);
	}
	err = hvt_recorder_finish(r);
	hvt_recorder_free(r);
	return err ? 2 : 0;
}
