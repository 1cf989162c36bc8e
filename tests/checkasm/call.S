/* SPDX-License-Identifier: MIT */
/*
 * uint64_t checkasm_trampoline(const uint64_t args[8],
 *	const struct checkasm_kept *before, struct checkasm_kept *after,
 *	const void *function)
 *
 * Calls function as C may call it at the worst: all that it must keep has
 * values from *before, all that it must not rely on has junk. What it left is
 * put into *after. Nothing here relies on the function having kept anything:
 * where the frame is lies in memory.
 */
#include "../../src/fastpath/arm64/asm.h"

#define KEPT_X      0
#define KEPT_D      88
#define KEPT_FPCR   152
#define KEPT_SP     160
#define KEPT_ABOVE  168
#define ABOVE_SIZE  64
#define FRAME_SIZE  176
#define FRAME_AFTER 160
#define FRAME_FPCR  168
#define DIRT        4096 /* bytes of stack below the function's */

.macro each_pair op, x, d, at_x, at_d
	\op	x19, x20, [\x, #(\at_x + 0)]
	\op	x21, x22, [\x, #(\at_x + 16)]
	\op	x23, x24, [\x, #(\at_x + 32)]
	\op	x25, x26, [\x, #(\at_x + 48)]
	\op	x27, x28, [\x, #(\at_x + 64)]
	\op	d8, d9, [\d, #(\at_d + 0)]
	\op	d10, d11, [\d, #(\at_d + 16)]
	\op	d12, d13, [\d, #(\at_d + 32)]
	\op	d14, d15, [\d, #(\at_d + 48)]
.endm

.macro copy_above from, to
	.irp	at, 0, 16, 32, 48
	ldp	x12, x13, [\from, #\at]
	stp	x12, x13, [\to, #\at]
	.endr
.endm

func checkasm_trampoline
	stp	x29, x30, [sp, #-FRAME_SIZE]!
	each_pair stp, sp, sp, 16, 96
	mrs	x9, fpcr
	str	x2, [sp, #FRAME_AFTER]
	str	x9, [sp, #FRAME_FPCR]
	adrp	x9, checkasm_frame
	mov	x10, sp
	str	x10, [x9, :lo12:checkasm_frame]
	ldr	x11, [x1, #KEPT_X]
	mov	x12, #(DIRT / 16)
1:	stp	x11, x9, [x10, #-16]!
	subs	x12, x12, #1
	b.ne	1b
	sub	sp, sp, #ABOVE_SIZE
	add	x10, x1, #KEPT_ABOVE
	mov	x11, sp
	copy_above x10, x11
	ldr	x10, [x1, #KEPT_FPCR]
	msr	fpcr, x10
	mov	x16, x3
	mov	x17, x0
	each_pair ldp, x1, x1, KEPT_X, KEPT_D
	ldr	x29, [x1, #(KEPT_X + 80)]
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	mvn	x\n, x19
	.endr
	msr	nzcv, x20
	dup	v0.2d, x21
	dup	v16.2d, x22
	ldp	x0, x1, [x17, #0]
	ldp	x2, x3, [x17, #16]
	ldp	x4, x5, [x17, #32]
	ldp	x6, x7, [x17, #48]
	blr	x16

	adrp	x9, checkasm_frame
	ldr	x9, [x9, :lo12:checkasm_frame]
	ldr	x10, [x9, #FRAME_AFTER]
	each_pair stp, x10, x10, KEPT_X, KEPT_D
	str	x29, [x10, #(KEPT_X + 80)]
	mrs	x11, fpcr
	str	x11, [x10, #KEPT_FPCR]
	sub	x11, x9, #ABOVE_SIZE
	mov	x12, sp
	sub	x12, x12, x11
	str	x12, [x10, #KEPT_SP]
	add	x10, x10, #KEPT_ABOVE
	copy_above x11, x10
	mov	sp, x9
	ldr	x9, [sp, #FRAME_FPCR]
	msr	fpcr, x9
	each_pair ldp, sp, sp, 16, 96
	ldp	x29, x30, [sp], #FRAME_SIZE
	ret
endfunc checkasm_trampoline

	.local checkasm_frame
	.comm checkasm_frame, 8, 8
notes
