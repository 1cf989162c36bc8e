/* SPDX-License-Identifier: MIT */
/*
 * How every function in assembly begins and ends. Macros only; one function to
 * a file. x18 is the platform's and has no name here that could be used by
 * mistake. Functions that call nothing need no frame, and no CFI but this.
 */
#ifndef HVT_ASM_H
#define HVT_ASM_H

#define x18 x18_is_the_platforms
#define w18 x18_is_the_platforms

/* Hidden, as all of ours is; it may be called by way of a pointer. */
.macro func name
	.section .text.\name, "ax", %progbits
	.balign 64
	.global \name
	.hidden \name
	.type \name, %function
\name:
	.cfi_startproc
	bti c
.endm

.macro endfunc name
	.cfi_endproc
	.size \name, . - \name
.endm

/* Data of a function, behind its end, so that adr always reaches it. */
.macro table name, align
	.balign \align
	.type \name, %object
\name:
.endm

.macro endtable name
	.size \name, . - \name
.endm

/*
 * This object needs no executable stack, and keeps to BTI and PAC. The latter is
 * for those who build all of the library with -mbranch-protection: as it is, its
 * C is not built so, and the linker marks what it makes of both with neither.
 */
.macro notes
	.section .note.gnu.property, "a"
	.balign 8
	.word 4, 16, 5
	.asciz "GNU"
	.word 0xc0000000, 4, 3, 0
	.section .note.GNU-stack, "", %progbits
.endm

#endif
