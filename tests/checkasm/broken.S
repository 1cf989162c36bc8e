/* SPDX-License-Identifier: MIT */
/*
 * Functions that each do one thing that a function must not do: they are what
 * the harness is tested with. Their argument is a place to write 16 bytes to.
 */
#include "../../src/fastpath/arm64/asm.h"

func checkasm_good
	stp	x0, x0, [x0]
	mov	w0, #1
	ret
endfunc checkasm_good

.irp	n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
func checkasm_breaks_x\n
	add	x\n, x\n, #1
	ret
endfunc checkasm_breaks_x\n
.endr

.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
func checkasm_breaks_d\n
	fmov	x1, d\n
	eor	x1, x1, #0x8000000000000000
	fmov	d\n, x1
	ret
endfunc checkasm_breaks_d\n
.endr

func checkasm_breaks_fpcr
	mrs	x1, fpcr
	eor	x1, x1, #0x400000
	msr	fpcr, x1
	ret
endfunc checkasm_breaks_fpcr

func checkasm_breaks_sp
	sub	sp, sp, #16
	ret
endfunc checkasm_breaks_sp

func checkasm_breaks_stack
	str	xzr, [sp, #8]
	ret
endfunc checkasm_breaks_stack

func checkasm_breaks_memory_behind
	ldrb	w1, [x0, #16]
	mvn	w1, w1
	strb	w1, [x0, #16]
	ret
endfunc checkasm_breaks_memory_behind

func checkasm_breaks_memory_before
	ldrb	w1, [x0, #-1]
	mvn	w1, w1
	strb	w1, [x0, #-1]
	ret
endfunc checkasm_breaks_memory_before

notes
