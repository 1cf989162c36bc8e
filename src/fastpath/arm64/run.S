/* SPDX-License-Identifier: MIT */
/*
 *	int hvt_run_asm(struct hvt_run *r);       x0: r
 *	int hvt_run_show_asm(struct hvt_run *r);  x0: r
 *
 * As run.h has them; run.c is the twin, and says why. Clobbers x0 to x16 and
 * the flags; no stack, and no call but go_on, at the end. A system call of
 * Linux keeps all registers but x0.
 */
#include <asm/unistd.h>

#include "asm.h"
#include "run_offsets.h"

/* enum hvt_run_end */
#define NOT_BEGUN 0
#define HELD      1
#define RETURNED  2

#define KVM_RUN            0xae80
#define EXIT_HYPERCALL     3
#define EXIT_MMIO          6
#define REASON_EXCEPTION   1
#define EC_HVC64           0x16
#define PC                 0x80000000 /* bit 31 of valid and dirty */
#define TOLD_ESR           62
#define TOLD_ABORT         63
#define ESR_ISV            24
#define ESR_SSE            21
#define ESR_WNR            6
#define ABORT_BITS         0xffffffc0 /* all but the fault status */
#define FOLD_CPSR_LOW      0x0c10 /* A32, BTYPE, */
#define FOLD_CPSR_HIGH     0x0020 /* and SS */
#define SCTLR_ENDIAN       0x3000000 /* EE, E0E */

/* Held for the whole function; what else there is holds for some lines. */
#define run    x7
#define page   x9
#define record x10
#define told   x3

func hvt_run_asm
	ldr	x8, [x0, #RUN_ATTENTION] /* fd above it */
	ldp	page, record, [x0, #RUN_PAGE]
	cbnz	w8, .Lnot_begun
	ldrb	w11, [x0, #RUN_CANCEL]
	ldr	w12, [page, #PAGE_IRQ_LEVEL]
	ldr	x13, [x0, #RUN_DIRTY]
	cbnz	w11, .Lnot_begun
	tbnz	w12, #0, .Lvtimer
.Lvtimer_is_masked:
	cbz	x13, .Lnothing_written

	/* Is what the VMM wrote what KVM will write? */
	ldrb	w11, [x0, #RUN_ARMED]
	ldr	x12, [record, #RECORD_PC]
	ldr	x14, [x0, #RUN_FOLD_PC]
	ldr	w15, [record, #RECORD_CPSR]
	ldr	w16, [record, #RECORD_ESR]
	cbz	w11, .Lnot_begun
	mov	w11, #FOLD_CPSR_LOW
	movk	w11, #FOLD_CPSR_HIGH, lsl #16
	cmp	x12, x14
	b.ne	.Lnot_begun
	tst	w15, w11
	b.ne	.Lnot_begun
	eor	x13, x13, #PC		/* without it: what was loaded */
	tbz	w16, #ESR_WNR, .Lload
	cbnz	x13, .Lnot_begun
.Lready:
	mov	w11, #1
	mov	run, x0
	strb	w11, [run, #RUN_BUSY]
	str	xzr, [record, #RECORD_TOLD]
	stp	xzr, xzr, [run, #RUN_DIRTY] /* and valid */
	add	x12, run, #RUN_IN_RUN
	ldr	x13, [run, #RUN_PAUSES]
	stlrb	w11, [x12]
	ldar	w14, [x13]
	cbnz	w14, .Lheld

	lsr	x0, x8, #32
	mov	w1, #KVM_RUN
	mov	x2, #0
	mov	w8, #__NR_ioctl
	mrs	x6, cntvct_el0
	svc	#0
	mrs	x5, cntvct_el0

	stlrb	wzr, [x12]
	ldar	w14, [x13]
	ldr	x4, [run, #RUN_VALID + 8]
	ldr	told, [record, #RECORD_TOLD]
	sub	x5, x5, x6
	add	x4, x4, x5
	stp	told, x4, [run, #RUN_VALID]
	orr	w14, w14, w0
	cbnz	w14, .Lfailed

.Lshow:
	ldr	w11, [page, #PAGE_EXIT_REASON]
	cmp	w11, #EXIT_MMIO
	b.ne	.Lcall
	tbz	told, #TOLD_ABORT, .Lreturned

	/* An abort: is the record of it? */
	ldr	x11, [page, #PAGE_MMIO_IPA]
	ldp	x12, x13, [record, #RECORD_ESR] /* and far */
	ldr	w15, [page, #PAGE_MMIO_LEN]
	ldrb	w16, [page, #PAGE_MMIO_WRITE]
	eor	x14, x11, x13
	tst	x14, #0xfff
	b.ne	.Lreturned
	tbz	w12, #ESR_ISV, .Lreturned
	mov	w2, #1
	ubfx	w1, w12, #22, #2	/* SAS */
	lsl	w2, w2, w1
	ubfx	w1, w12, #ESR_WNR, #1
	cmp	w2, w15
	ccmp	w1, w16, #0, eq
	b.ne	.Lreturned

	/* Is it known what is there? */
	ldp	x1, x2, [run, #RUN_EXTENT]
	ldr	x4, [run, #RUN_CHANGES]
	ldp	x5, x6, [run, #RUN_EXTENT + 16] /* changes, fsc */
	sub	x1, x11, x1
	ldar	x4, [x4]
	cmp	x1, x2
	ccmp	x4, x5, #0, lo
	b.ne	.Lreturned

	ldr	x2, [record, #RECORD_PC]
	mov	w5, #REASON_EXCEPTION	/* 1, and true */
	and	w12, w12, #ABORT_BITS
	orr	x12, x12, x6
	add	x2, x2, #4
	strb	w5, [run, #RUN_ARMED]
	str	x2, [run, #RUN_FOLD_PC]

.Lshown:
	/* x12 syndrome, x13 virtual address, x11 IPA; w5 REASON_EXCEPTION */
	ldr	x4, [run, #RUN_EXIT]
	strb	wzr, [run, #RUN_BUSY]
	str	w5, [x4]
	stp	x12, x13, [x4, #EXIT_SYNDROME]
	str	x11, [x4, #EXIT_IPA]
	ret			/* 0: x0 is KVM_RUN's */

.Lnothing_written:
	str	wzr, [page, #PAGE_EXIT_REASON]
	b	.Lready

	/* Of a load: into the register, and a value that KVM can give it? */
.Lload:
	ubfx	w11, w16, #16, #5	/* SRT */
	cmp	w11, #31
	b.eq	.Lload_nothing
	mov	x14, #1
	ldr	w15, [record, #RECORD_SCTLR]
	lsl	x14, x14, x11
	add	x11, record, x11, lsl #3
	ldr	x11, [x11, #RECORD_REGS]
	cmp	x13, x14
	b.ne	.Lnot_begun
	tst	w15, #SCTLR_ENDIAN
	b.ne	.Lnot_begun
	/* Does it fit? A sign bit that is extended must not be set. */
	ubfx	w12, w16, #22, #2
	ubfx	w14, w16, #ESR_SSE, #1
	mov	w13, #8
	lsl	w12, w13, w12
	sub	w12, w12, w14
	cmp	w12, #64
	b.eq	.Lfits
	lsr	x14, x11, x12
	cbnz	x14, .Lnot_begun
.Lfits:
	str	x11, [page, #PAGE_MMIO_DATA]
	b	.Lready
.Lload_nothing:
	cbz	x13, .Lready
	b	.Lnot_begun

.Lvtimer:
	ldrb	w12, [x0, #RUN_MASKED]
	cbnz	w12, .Lvtimer_is_masked
.Lnot_begun:
	ldr	x16, [x0, #RUN_GO_ON]
	mov	w1, #NOT_BEGUN
	br	x16

.Lheld:
	strb	wzr, [run, #RUN_ARMED]
	mov	w1, #HELD
	b	.Lgo_on

.Lcall:
	/* HVC; the class tells it from SMC. */
	cmp	w11, #EXIT_HYPERCALL
	b.ne	.Lreturned
	ldr	x12, [record, #RECORD_ESR]
	ldr	w14, [page, #PAGE_CALL_FLAGS]
	tbz	told, #TOLD_ESR, .Lreturned
	ubfx	w13, w12, #26, #6
	cmp	w13, #EC_HVC64
	b.ne	.Lreturned
	tbnz	w14, #0, .Lreturned
	mov	w4, #0xffff
	movk	w4, #0xfe00, lsl #16
	and	w12, w12, w4
	mov	w5, #REASON_EXCEPTION
	mov	x11, #0
	mov	x13, #0
	strb	wzr, [run, #RUN_ARMED]
	b	.Lshown

.Lfailed:
	str	w0, [run, #RUN_RESULT]
	strb	wzr, [run, #RUN_ARMED]
	mov	w1, #RETURNED
	b	.Lgo_on
.Lreturned:
	str	wzr, [run, #RUN_RESULT]
	strb	wzr, [run, #RUN_ARMED]
	mov	w1, #RETURNED
.Lgo_on:
	ldr	x16, [run, #RUN_GO_ON]
	mov	x0, run
	br	x16

	/* hvt_run_show_asm(): the same from where KVM_RUN has returned 0. */
	.global hvt_run_show_asm
	.hidden hvt_run_show_asm
	.type hvt_run_show_asm, %function
hvt_run_show_asm:
	bti	c
	mov	run, x0
	ldp	page, record, [x0, #RUN_PAGE]
	mov	w0, #0
	ldr	told, [run, #RUN_VALID]
	b	.Lshow
endfunc hvt_run_asm

notes
