/* SPDX-License-Identifier: MIT */
/*
 * A load of a pair from a device: the hardware does not describe it, so the run
 * ends with a register dump and status 1.
 */
#include "guest.inc"

start:
	print	"loading a pair\n"
	const64	x9, RTC_BASE
	ldp	w10, w11, [x9, #0x10]
	print	"this line must not appear\n"
	psci_hvc PSCI_SYSTEM_OFF
	b	.
