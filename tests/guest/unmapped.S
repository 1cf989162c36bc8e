/* SPDX-License-Identifier: MIT */
/*
 * Accesses where no device is: reads give zero, writes vanish, and each address
 * is reported once however often it is used.
 */
#include "guest.inc"

start:
	const64	x9, 0x0a000000
	mov	x10, #-1
	ldr	w10, [x9]
	str	w10, [x9]
	ldr	w10, [x9]
	report	"nothing there", x10
	strb	w10, [x9, #0x100]
	psci_hvc PSCI_SYSTEM_OFF
	b	.
