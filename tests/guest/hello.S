/* SPDX-License-Identifier: MIT */
/* Prints one line, byte by byte, and switches the machine off by HVC. */
#include "guest.inc"

start:
	print	"hello from EL1\n"
	psci_hvc PSCI_SYSTEM_OFF
	b	.
