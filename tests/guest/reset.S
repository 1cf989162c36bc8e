/* SPDX-License-Identifier: MIT */
/* Asks for a reset, which ends hvrun with status 3. */
#include "guest.inc"

start:
	print	"asking for a reset\n"
	psci_hvc PSCI_SYSTEM_RESET
	b	.
