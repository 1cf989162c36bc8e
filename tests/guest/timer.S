/* SPDX-License-Identifier: MIT */
/*
 * Three virtual timer interrupts through the GIC, waited for with WFI. PPI 27
 * is enabled in the redistributor of the first vCPU; the CPU interface is used
 * through its system registers.
 */
#include "guest.inc"

.equ GICD_CTLR, 0x08000000
.equ GICR_WAKER, 0x080a0014
.equ GICR_SGI_FRAME, 0x080b0000

start:
	bl	gic_on
	adr	x9, vectors
	msr	vbar_el1, x9
	isb
	mov	x19, #0			/* interrupts taken */
	bl	arm_timer
	/* Masked in between: else the last one may come just before WFI. */
1:	wfi
	msr	daifclr, #2
	isb
	msr	daifset, #2
	cmp	x19, #3
	b.lo	1b
	report	"interrupts", x19
	psci_hvc PSCI_SYSTEM_OFF
	b	.

gic_on:
	const64	x1, GICD_CTLR
	mov	w2, #0x12		/* ARE_NS, EnableGrp1 */
	str	w2, [x1]
	const64	x1, GICR_WAKER
	str	wzr, [x1]
1:	ldr	w2, [x1]
	tbnz	w2, #2, 1b		/* ChildrenAsleep */
	const64	x1, GICR_SGI_FRAME
	mov	w2, #(1 << 27)
	str	w2, [x1, #0x80]		/* IGROUPR0 */
	str	w2, [x1, #0x100]	/* ISENABLER0 */
	mov	x2, #1
	msr	s3_0_c12_c12_5, x2	/* ICC_SRE_EL1 */
	isb
	mov	x2, #0xff
	msr	s3_0_c4_c6_0, x2	/* ICC_PMR_EL1 */
	mov	x2, #1
	msr	s3_0_c12_c12_7, x2	/* ICC_IGRPEN1_EL1 */
	isb
	ret

/* One millisecond from now. */
arm_timer:
	mrs	x2, cntfrq_el0
	mov	x3, #1000
	udiv	x2, x2, x3
	msr	cntv_tval_el0, x2
	mov	x2, #1
	msr	cntv_ctl_el0, x2
	isb
	ret

interrupt:
	mrs	x20, s3_0_c12_c12_0	/* ICC_IAR1_EL1 */
	report	"interrupt", x20
	add	x19, x19, #1
	msr	cntv_ctl_el0, xzr
	isb
	cmp	x19, #3
	b.hs	1f
	bl	arm_timer
1:	msr	s3_0_c12_c12_1, x20	/* ICC_EOIR1_EL1 */
	eret

	.balign	2048
vectors:
	.balign	128
	b	.
	.balign	128
	b	.
	.balign	128
	b	.
	.balign	128
	b	.
	.balign	128
	b	.			/* current EL, SP_ELx: synchronous */
	.balign	128
	b	interrupt
	.balign	128
	b	.
	.balign	128
	b	.
