/* SPDX-License-Identifier: MIT */
/*
 * Every form of load and store that a trapped access can be described for:
 * sizes, sign extension to 32 and 64 bits, XZR, and each way of forming the
 * address. The match register of the clock (offset 4) keeps what is written to
 * it, so it serves as the place to look at; its ID registers give constants.
 */
#include "guest.inc"

.equ MATCH, 4

/* Loads through `insn` and prints X9; X10 is the clock, X11 its match. */
.macro load text, insn:vararg
	mov	x9, #-1
	\insn
	report	"\text", x9
.endm

.macro store text, insn:vararg
	str	wzr, [x11]
	\insn
	ldr	w9, [x11]
	report	"\text", x9
.endm

start:
	const64	x10, RTC_BASE
	add	x11, x10, #MATCH
	const64	x12, 0x1122334489abcdef

	load	"ldrb  id", ldrb w9, [x10, #0xfe0]
	load	"ldrh  id", ldrh w9, [x10, #0xfe0]
	load	"ldr w id", ldr w9, [x10, #0xfe0]
	load	"ldr x id", ldr x9, [x10, #0xfe0]
	load	"ldrb  id byte 5", ldrb w9, [x10, #0xff4]

	const64	x13, 0x80818283
	str	w13, [x11]
	load	"ldrb   ", ldrb w9, [x11]
	load	"ldrsb w", ldrsb w9, [x11]
	load	"ldrsb x", ldrsb x9, [x11]
	load	"ldrh   ", ldrh w9, [x11]
	load	"ldrsh w", ldrsh w9, [x11]
	load	"ldrsh x", ldrsh x9, [x11]
	load	"ldr   w", ldr w9, [x11]
	load	"ldrsw x", ldrsw x9, [x11]
	load	"ldar  w", ldar w9, [x11]
	load	"ldur  w", ldur w9, [x11, #0]
	load	"ldtr  w", ldtr w9, [x11]

	/* Positive values are not extended with ones. */
	const64	x13, 0x41
	str	w13, [x11]
	load	"ldrsb x positive", ldrsb x9, [x11]

	/* The address, formed in each way; no write-back. */
	mov	x14, #1
	mov	x15, #MATCH
	load	"ldr w [reg, reg]", ldr w9, [x10, x15]
	load	"ldr w [reg, reg, lsl 2]", ldr w9, [x10, x14, lsl #2]
	load	"ldr w [reg, w, uxtw 2]", ldr w9, [x10, w14, uxtw #2]

	/* XZR takes the value and keeps nothing: X9 stays all ones. */
	load	"ldr to wzr", ldr wzr, [x11]
	load	"ldr to xzr", ldr xzr, [x10, #0xfe0]
	load	"ldrb to wzr", ldrb wzr, [x11]

	store	"str   w", str w12, [x11]
	store	"strh   ", strh w12, [x11]
	store	"strb   ", strb w12, [x11]
	store	"stlr  w", stlr w12, [x11]
	store	"stur  w", stur w12, [x11, #0]
	store	"str w [reg, reg, lsl 2]", str w12, [x10, x14, lsl #2]

	str	w12, [x11]
	str	wzr, [x11]
	load	"after str wzr", ldr w9, [x11]

	/* 8 bytes: two registers of the serial port at once. */
	const64	x16, UART_BASE
	const64	x13, 0x0000005a00000021
	str	x13, [x16, #0x20]
	load	"str x, low word", ldr w9, [x16, #0x20]
	const64	x16, UART_BASE
	load	"str x, high word", ldr w9, [x16, #0x24]

	/* The highest register that can hold data, and the frame pointer. */
	mov	x30, #0x77
	str	w30, [x11]
	mov	x29, #-1
	ldr	w29, [x11]
	report	"through x30 and x29", x29

	psci_hvc PSCI_SYSTEM_OFF
	b	.
