/* SPDX-License-Identifier: MIT */
/*
 * PSCI by SMC: the exit leaves PC on the instruction, so a VMM that forgets to
 * step over it makes the first call for ever.
 */
#include "guest.inc"

start:
	const64	x0, 0x84000000
	smc	#0
	report	"PSCI version by SMC", x0
	const64	x0, PSCI_SYSTEM_OFF
	smc	#0
	b	.
