/* SPDX-License-Identifier: MIT */
/*
 * Two vCPUs take turns through memory: the first turns the second on, the
 * second prints what it was given and goes off, the first finds it off, turns
 * it on once more, and ends the machine while the second one runs.
 *
 * The vCPUs do not use a device or PSCI at the same time, so that every run
 * makes the same API calls, but for a host that is so busy that the second's
 * going off takes longer than a pause: it is asked for again. Needs --smp 2.
 */
#include "guest.inc"

/* Waits until the word at X20 is `value`; both vCPUs only spin in RAM. */
.macro await value
1:	ldar	w9, [x20]
	cmp	w9, #\value
	b.ne	1b
.endm

.macro tell value
	mov	w9, #\value
	stlr	w9, [x20]
.endm

start:
	const64	x20, SHARED_PAGE
	str	wzr, [x20]
	print	"first: turning the second on\n"
	bl	second_on
	report	"first: CPU_ON gave", x0
	tell	1
	await	2
2:	bl	pause
	mov	x1, #1
	mov	x2, #0
	psci_hvc PSCI_AFFINITY_INFO
	cbz	x0, 2b
	report	"first: AFFINITY_INFO gave", x0
	bl	second_on
	report	"first: CPU_ON gave", x0
	tell	1
	await	2
	bl	pause
	print	"first: switching the machine off\n"
	psci_hvc PSCI_SYSTEM_OFF
	b	.

second_on:
	mov	x1, #1
	adr	x2, second
	const64	x3, 0x1234
	const64	x0, PSCI_CPU_ON
	hvc	#0
	ret

/* Long enough for the other one to be done with the VMM: 10 ms. */
pause:
	mrs	x0, cntfrq_el0
	mov	x1, #100
	udiv	x0, x0, x1
	isb
	mrs	x1, cntvct_el0
	add	x1, x1, x0
1:	isb
	mrs	x0, cntvct_el0
	cmp	x0, x1
	b.lo	1b
	ret

second:
	mov	x21, x0
	const64	x20, SHARED_PAGE
	await	1
	report	"second: context", x21
	mrs	x9, mpidr_el1
	report	"second: mpidr", x9
	ldr	w22, [x20, #4]
	add	w9, w22, #1
	str	w9, [x20, #4]
	tell	2
	cbnz	w22, 2f
	psci_hvc PSCI_CPU_OFF
2:	b	2b
