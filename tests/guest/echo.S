/* SPDX-License-Identifier: MIT */
/*
 * Sends back what arrives, in capitals, until a newline; waits by reading the
 * flag register. Input is to be handed over with --stdin or through a pipe.
 */
#include "guest.inc"

start:
	const64	x9, UART_BASE
	mov	w10, #0x10		/* LCR_H: FIFOs on */
	str	w10, [x9, #0x2c]
	mov	w10, #0x301		/* CR: port, transmitter, receiver on */
	str	w10, [x9, #0x30]
1:	ldr	w10, [x9, #0x18]
	tbnz	w10, #4, 1b		/* FR: receive FIFO empty */
	ldr	w10, [x9]
	and	w10, w10, #0xff
	sub	w11, w10, #'a'
	cmp	w11, #26
	sub	w12, w10, #32
	csel	w11, w12, w10, lo
	strb	w11, [x9]
	cmp	w10, #'\n'
	b.ne	1b
	psci_hvc PSCI_SYSTEM_OFF
	b	.
