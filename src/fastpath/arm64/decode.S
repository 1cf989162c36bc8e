/* SPDX-License-Identifier: MIT */
/*
 * bool hvt_decode_access_asm(uint32_t insn, struct hvt_access *access)
 *
 * The twin of hvt_decode_access_c(). Bits 31:22 of an instruction, which have
 * its class, size and opc, select a kind, and that a template: the first eight
 * bytes of the result without the registers' numbers, and in the place of rm
 * what is to be done next. The forms with a syndrome are made here, and what
 * is no load or store is told from one look at the table; the forms without a
 * syndrome are left to the functions in C that the twin calls, too.
 *
 *	w0  insn; result
 *	x1  access; kept
 *	x2-x7 and flags: clobbered. Nothing else, and no stack.
 *	Memory: 16 bytes at x1 at the most; none with result 0, but for what
 *	was left to C.
 */
#include "asm.h"
#include "offsets.h"

#define insn     w0
#define access   x1
#define index    x2
#define facts    x2 /* what was the template: ISS, bytes, address, rn, rm */
#define facts32  w2
#define base     x3
#define offset   w4
#define second   x4 /* shift, extend, offset */
#define size     w5
#define rn       x6
#define t        w7
#define t64      x7

/* In the place of rm of a template; the first one rules out the others. */
#define NEXT_NOT_UNSIGNED  7
#define NEXT_ANY           6 /* none of them: no load or store */
#define NEXT_REGISTER      0
#define NEXT_LITERAL       1
#define NEXT_ORDERED       2
#define NEXT_UNSCALED      3
#define NEXT_MORE          4

func hvt_decode_access_asm
	lsr	w2, insn, #22
	adr	base, kinds
	ldrb	w2, [base, index]
	add	base, base, index, lsl #3
	ldr	facts, [base, #1024]
	tbnz	facts, #(ACCESS_RM_BIT + NEXT_NOT_UNSIGNED), .Lother
	/* LDR, STR (unsigned offset): imm12 counts the size. */
	ubfx	offset, insn, #10, #12
	lsr	size, insn, #30
	lsl	offset, offset, size
.Lbase_and_offset:
	ubfx	w6, insn, #5, #5
.Lstore:
	bfi	facts, x0, #ISS_SRT_BIT, #5
	bfi	facts, rn, #ACCESS_RN_BIT, #16 /* and 0 to rm */
	str	facts, [access]
	stp	wzr, offset, [access, #ACCESS_SHIFT]
	mov	w0, #1
	ret

.Lother:
	tbnz	facts, #(ACCESS_RM_BIT + NEXT_REGISTER), .Lregister
	tbz	facts, #(ACCESS_RM_BIT + NEXT_ANY), .Lnone
	tbnz	facts, #(ACCESS_RM_BIT + NEXT_MORE), .Lmore
	tbnz	facts, #(ACCESS_RM_BIT + NEXT_ORDERED), .Lordered
	tbnz	facts, #(ACCESS_RM_BIT + NEXT_UNSCALED), .Lordered_unscaled
	/* LDR (literal): imm19 counts words. */
	sbfx	offset, insn, #5, #19
	lsl	offset, offset, #2
	mov	rn, xzr
	b	.Lstore

	/* Class 111000: whatever has no unsigned offset. */
.Lregister:
	tbnz	insn, #21, .Lregister_offset
	tbz	facts, #ISS_ISV_BIT, .Lnone
	tbnz	insn, #10, .Lwrite_back
	/* LDUR, LDTR and their kin. */
	sbfx	offset, insn, #12, #9
	b	.Lbase_and_offset

	/* The address is Xn or Xn + imm9; of the syndrome, WnR is left. */
.Lwrite_back:
	sbfx	offset, insn, #12, #9
	tst	insn, #0x800
	csel	offset, offset, wzr, ne
	ubfx	w6, insn, #5, #5
	and	w7, facts32, #ISS_WNR
	bfi	facts, t64, #0, #32
	bfi	facts, rn, #ACCESS_RN_BIT, #16
	str	facts, [access]
	stp	wzr, offset, [access, #ACCESS_SHIFT]
	mov	w0, #1
	ret

.Lregister_offset:
	tbz	insn, #11, .Latomic
	tbnz	insn, #10, .Lauthenticated
	/* Option 0xx with bit 1 clear is not allocated. */
	tbz	insn, #14, .Lnone
	tbz	facts, #ISS_ISV_BIT, .Lnone
	lsr	t, insn, #5
	lsr	size, insn, #30
	tst	insn, #0x1000
	and	w4, t, #(7 << ACCESS_EXTEND_BIT) /* from bits 15:13 */
	csel	size, size, wzr, ne
	bfi	facts, x0, #ISS_SRT_BIT, #5
	orr	w4, w4, size
	bfi	facts, t64, #ACCESS_RN_BIT, #5
	ubfx	t, insn, #16, #5
	bfi	facts, t64, #ACCESS_RM_BIT, #8
	orr	facts, facts, #(ADDRESS_REGISTER << ACCESS_ADDRESS_BIT)
	stp	facts, second, [access]
	mov	w0, #1
	ret

	/* LDAPR is among the atomics: a plain load that acquires. */
.Latomic:
	tbnz	insn, #10, .Lauthenticated
	mov	t, #0x2ff0
	ubfx	w6, insn, #10, #14
	cmp	w6, t
	b.ne	.Lleave_atomic
	lsr	size, insn, #30
	adr	base, ldapr
	mov	offset, wzr
	ldr	facts, [base, w5, uxtw #3]
	b	.Lbase_and_offset

	/* LDAPUR, STLUR and their kin. */
.Lordered_unscaled:
	tbnz	insn, #21, .Lleave_tag_or_pair
	tst	insn, #0xc00
	b.ne	.Lleave_tag_or_pair
	tbz	facts, #ISS_ISV_BIT, .Lnone
	sbfx	offset, insn, #12, #9
	b	.Lbase_and_offset

	/* LDAR, STLR; LDLAR, STLLR: bit 15 is AR. */
.Lordered:
	tbnz	insn, #21, .Lleave_exclusive
	ubfx	t, insn, #15, #1
	mov	offset, wzr
	bfi	facts, t64, #ISS_AR_BIT, #1
	b	.Lbase_and_offset

.Lnone:
	mov	w0, wzr
	ret

	/* To those in C, with what they expect in *access. */
.macro leave_to function
	ubfx	w6, insn, #5, #5
	stp	xzr, xzr, [access]
	strb	w6, [access, #ACCESS_RN]
	b	\function
.endm
.Lmore:
	tbnz	facts, #(ACCESS_RM_BIT + NEXT_ORDERED), .Lleave_exclusive
	leave_to hvt_decode_more
.Lleave_exclusive:
	leave_to hvt_decode_exclusive
.Lleave_atomic:
	leave_to hvt_decode_atomic
.Lauthenticated:
	leave_to hvt_decode_authenticated
.Lleave_tag_or_pair:
	leave_to hvt_decode_tag_or_pair
	.hidden hvt_decode_more
	.hidden hvt_decode_exclusive
	.hidden hvt_decode_atomic
	.hidden hvt_decode_authenticated
	.hidden hvt_decode_tag_or_pair
endfunc hvt_decode_access_asm

/* Kinds: the numbers of templates. NONE is no load or store. */
.set NONE, 0
.set MORE, 1
.set EXCLUSIVE, 2
.set UNSIGNED, 3       /* of sixteen, by size and opc, each */
.set REGISTER, 3 + 16
.set UNSCALED, 3 + 32
.set ORDERED, 3 + 48   /* of eight, by size and whether it loads */
.set LITERAL, 3 + 56   /* of four, by opc */

/* The kinds of a class with V (bit 26), by opc: all of them the same. */
.macro same kind
	.byte	\kind, \kind, \kind, \kind
.endm
.macro by_size_and_opc first
	.byte	\first + 4 * top, \first + 4 * top + 1
	.byte	\first + 4 * top + 2, \first + 4 * top + 3
.endm
/* As above, where size and opc say that there is nothing. */
.macro unsigned_offset
	.if	top < 2
	by_size_and_opc UNSIGNED
	.elseif	top == 2
	.byte	UNSIGNED + 8, UNSIGNED + 9, UNSIGNED + 10, NONE
	.else
	.byte	UNSIGNED + 12, UNSIGNED + 13, NONE, NONE
	.endif
.endm
.macro classes from, to, kind
	.rept	\to - \from + 1
	same	\kind
	.endr
.endm

	/* Index: bits 31:22. Bits 29:24 are the class (Arm ARM C4.1.94). */
table kinds, 8
.set top, 0
.rept 4
	classes	0x00, 0x07, NONE
	.byte	EXCLUSIVE, EXCLUSIVE, ORDERED + 2 * top, ORDERED + 2 * top + 1
	classes	0x09, 0x0b, NONE
	classes	0x0c, 0x0d, MORE
	classes	0x0e, 0x14, NONE
	classes	0x15, 0x15, MORE
	classes	0x16, 0x17, NONE
	.if	top < 3
	same	LITERAL + top
	.else
	same	NONE /* PRFM */
	.endif
	by_size_and_opc UNSCALED
	classes	0x1a, 0x1b, NONE
	classes	0x1c, 0x1d, MORE
	classes	0x1e, 0x27, NONE
	classes	0x28, 0x29, MORE
	classes	0x2a, 0x2b, NONE
	classes	0x2c, 0x2d, MORE
	classes	0x2e, 0x37, NONE
	by_size_and_opc REGISTER
	unsigned_offset
	classes	0x3a, 0x3b, NONE
	classes	0x3c, 0x3d, MORE
	classes	0x3e, 0x3f, NONE
	.set	top, top + 1
.endr
endtable kinds

#define NEXT(next)                                                             \
	((1 << NEXT_NOT_UNSIGNED | 1 << NEXT_ANY | 1 << (next)) << ACCESS_RM_BIT)
#define OF_DOUBLEWORDS(bits) ((\log2 / 3) * (bits))
#define AR (1 << ISS_AR_BIT)
.macro template log2, iss, rest=0
	.quad	1 << ISS_ISV_BIT | \log2 << ISS_SAS_BIT | (\iss) | \
		(1 << \log2) << ACCESS_BYTES_BIT | (\rest)
.endm
.macro plain iss, rest=0
	.irp	log2, 0, 1, 2, 3
	template \log2, ISS_WNR | (\iss) | OF_DOUBLEWORDS(ISS_SF), \rest
	template \log2, (\iss) | OF_DOUBLEWORDS(ISS_SF), \rest
	.if	\log2 < 3
	template \log2, ISS_SSE | ISS_SF | (\iss), \rest
	.else
	.quad	\rest
	.endif
	.if	\log2 < 2
	template \log2, ISS_SSE | (\iss), \rest
	.else
	.quad	\rest
	.endif
	.endr
.endm
	/* Index: a kind. */
table templates, 8
	.quad	1 << (ACCESS_RM_BIT + NEXT_NOT_UNSIGNED)
	.quad	NEXT(NEXT_MORE)
	.quad	NEXT(NEXT_MORE) | NEXT(NEXT_ORDERED)
	plain	0
	plain	0, NEXT(NEXT_REGISTER)
	plain	AR, NEXT(NEXT_UNSCALED)
	.irp	log2, 0, 1, 2, 3
	template \log2, ISS_WNR | OF_DOUBLEWORDS(ISS_SF), NEXT(NEXT_ORDERED)
	template \log2, OF_DOUBLEWORDS(ISS_SF), NEXT(NEXT_ORDERED)
	.endr
#define LITERAL_REST (NEXT(NEXT_LITERAL) | ADDRESS_LITERAL << ACCESS_ADDRESS_BIT)
	template 2, 0, LITERAL_REST
	template 3, ISS_SF, LITERAL_REST
	template 2, ISS_SSE | ISS_SF, LITERAL_REST
endtable templates

	/* LDAPR. Index: size. */
table ldapr, 8
	template 0, AR
	template 1, AR
	template 2, AR
	template 3, AR | ISS_SF
endtable ldapr

notes
