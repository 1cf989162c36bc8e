/* SPDX-License-Identifier: MIT */
/*
 *	int hvt_run_asm(uint64_t id, struct hvt_run *r);  x1: r
 *	int hvt_run_show_asm(struct hvt_run *r);          x0: r
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
#define ESR_WNR            6
#define FSC_BITS           6
#define FOLD_CPSR          0x200c10 /* A32, BTYPE, SS */
#define SCTLR_ENDIAN       0x3000000 /* EE, E0E */
#define IN_RUN_AND_BUSY    0x101

/* Held for the whole function; what else there is holds for some lines. */
#define run    x7
#define page   x9
#define record x10
#define told   x3

/*
 * Comparisons follow each other without a jump: a condition that has failed
 * once stays so to the end of the chain.
 */
func hvt_run_asm
	mov	run, x1
	ldp	w8, w0, [run, #RUN_HINDERED] /* and fd, for the ioctl */
	ldp	page, record, [run, #RUN_PAGE]
	ldr	x13, [run, #RUN_DIRTY]
	cbnz	w8, .Lnot_begun
	ldr	w12, [page, #PAGE_IRQ_LEVEL]
	tbnz	w12, #0, .Lvtimer
.Lvtimer_is_masked:
	cbz	x13, .Lnothing_written

	/* Is what the VMM wrote what KVM will write? */
	ldp	x11, x14, [run, #RUN_FOLD] /* and fold_pc */
	ldr	x12, [record, #RECORD_PC]
	ldr	w15, [record, #RECORD_CPSR]
	ldr	w16, .Lfold_cpsr
	cmp	x13, x11
	ccmp	x12, x14, #0, eq
	and	w15, w15, w16
	ccmp	w15, #0, #0, eq
	b.ne	.Lnot_begun
	tst	x13, #~PC
	b.eq	.Lready

	/* A load: is it a value that KVM can give the register? */
	ldp	x15, x16, [record, #RECORD_SCTLR] /* and esr */
	adr	x14, .Lload_too_much
	ubfx	w11, w16, #16, #5	/* SRT */
	ubfx	w12, w16, #21, #3	/* SAS, SSE */
	ldr	x14, [x14, x12, lsl #3]
	ldr	x11, [record, x11, lsl #3] /* RECORD_REGS is 0 */
	and	w15, w15, #SCTLR_ENDIAN
	tst	x11, x14
	ccmp	w15, #0, #0, eq
	b.ne	.Lnot_begun
	str	x11, [page, #PAGE_MMIO_DATA]
.Lready:
	mov	w11, #IN_RUN_AND_BUSY
	stlrh	w11, [run]
	str	xzr, [record, #RECORD_TOLD]
	stp	xzr, xzr, [run, #RUN_DIRTY] /* and valid */
	ldr	x13, [run, #RUN_WATCH]
	ldar	w2, [x13]		/* 0, what KVM_RUN wants there */
	cbnz	w2, .Lheld

	mov	w1, #KVM_RUN
	mov	w8, #__NR_ioctl
	mrs	x6, cntvct_el0
	svc	#0
	mrs	x5, cntvct_el0

	stlrb	wzr, [run]
	ldar	x14, [x13]		/* pauses, and changes above */
	ldr	x4, [run, #RUN_TICKS]
	ldr	told, [record, #RECORD_TOLD]
	sub	x5, x5, x6
	add	x4, x4, x5
	stp	told, x4, [run, #RUN_VALID]
	orr	w4, w14, w0
	cbnz	w4, .Lfailed

.Lshow:
	ldr	w11, [page, #PAGE_EXIT_REASON]
	cmp	w11, #EXIT_MMIO
	b.ne	.Lcall
	tbz	told, #TOLD_ABORT, .Lreturned

	/* An abort: is the record of it, and is it known what is there? */
	ldp	x12, x13, [record, #RECORD_ESR] /* and far */
	ldr	x11, [page, #PAGE_MMIO_IPA]
	ldr	w15, [page, #PAGE_MMIO_LEN]
	ldrb	w16, [page, #PAGE_MMIO_WRITE]
	ldp	x1, x2, [run, #RUN_EXTENT]
	ldp	x5, x6, [run, #RUN_EXTENT + 16] /* changes, fsc */
	tbz	w12, #ESR_ISV, .Lreturned
	sub	x1, x11, x1
	eor	x4, x11, x13
	ubfx	w3, w12, #22, #2	/* SAS */
	and	x4, x4, #0xfff
	lsr	w15, w15, w3
	ubfx	w3, w12, #ESR_WNR, #1
	cmp	x5, x14, lsr #32
	ccmp	x4, #0, #0, eq
	ccmp	w15, #REASON_EXCEPTION, #0, eq /* 1 */
	ccmp	w3, w16, #0, eq
	ccmp	x1, x2, #2, eq
	b.hs	.Lreturned

	/* Of a load KVM will write the register, too. */
	ldr	x2, [record, #RECORD_PC]
	mov	w5, #PC
	tbnz	w12, #ESR_WNR, .Lstored
	mvn	w3, w12, lsr #16	/* 31 - SRT, modulo 32 */
	lsr	w3, w5, w3
	orr	w5, w5, w3
.Lstored:
	add	x2, x2, #4
	bfi	w12, w6, #0, #FSC_BITS
	stp	x5, x2, [run, #RUN_FOLD]

	/* x12 syndrome, x13 virtual address, x11 IPA; w15: 1, as compared */
.Lshown:
	ldr	x4, [run, #RUN_EXIT]
	strb	wzr, [run, #RUN_BUSY]
	stp	x15, x12, [x4, #EXIT_REASON]
	stp	x13, x11, [x4, #EXIT_VA]
	ret			/* 0: x0 is KVM_RUN's */

.Lnothing_written:
	str	wzr, [page, #PAGE_EXIT_REASON]
	b	.Lready

.Lvtimer:
	ldrb	w12, [run, #RUN_MASKED]
	cbnz	w12, .Lvtimer_is_masked
.Lnot_begun:
	ldr	x16, [run, #RUN_GO_ON]
	mov	x0, run
	mov	w1, #NOT_BEGUN
	br	x16

.Lheld:
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
	mov	w15, #REASON_EXCEPTION
	mov	x11, #0
	mov	x13, #0
	str	xzr, [run, #RUN_FOLD]
	b	.Lshown

.Lfailed:
	str	w0, [run, #RUN_RESULT]
	mov	w1, #RETURNED
	b	.Lgo_on
.Lreturned:
	str	wzr, [run, #RUN_RESULT]
	mov	w1, #RETURNED
.Lgo_on:
	ldr	x16, [run, #RUN_GO_ON]
	str	xzr, [run, #RUN_FOLD]
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
	ldr	x13, [x0, #RUN_WATCH]
	mov	w0, #0
	ldr	told, [run, #RUN_VALID]
	ldar	x14, [x13]
	b	.Lshow
	.size hvt_run_show_asm, . - hvt_run_show_asm

table .Lfold_cpsr, 4
	.word	FOLD_CPSR
endtable .Lfold_cpsr

	/* By SAS and SSE: what must be 0. A sign that is extended, too. */
table .Lload_too_much, 8
	.quad	~0xff, ~0x7f, ~0xffff, ~0x7fff, ~0xffffffff, ~0x7fffffff
	.quad	0, 1 << 63
endtable .Lload_too_much
endfunc hvt_run_asm

notes
