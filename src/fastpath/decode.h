/* SPDX-License-Identifier: MIT */
/* What the files of the decoder share. */
#ifndef HVT_DECODE_H
#define HVT_DECODE_H

#include "fastpath.h"

/* Fields of the ISS of a data abort, put in. */
#define SAS(log2) ((uint32_t)(log2) << 22)
#define SRT(rt)   ((uint32_t)(rt) << 16)

/* Bits 11:10 of loads and stores with a 9-bit offset. */
enum { MODE_UNSCALED, MODE_POST, MODE_UNPRIVILEGED, MODE_PRE };

static inline uint32_t field(uint32_t insn, unsigned low, unsigned width)
{
	return insn >> low & ((1u << width) - 1);
}

static inline int32_t sign_extended(uint32_t value, unsigned width)
{
	return (int32_t)(value << (32 - width)) >> (32 - width);
}

/* An offset register, shifted by log2 of the size or not. */
static inline bool hvt_decode_index(
		uint32_t insn, unsigned log2, struct hvt_access *a)
{
	a->address = HVT_ADDRESS_REGISTER;
	a->rm = (uint8_t)field(insn, 16, 5);
	a->extend = (uint8_t)field(insn, 13, 3);
	a->shift = field(insn, 12, 1) ? (uint8_t)log2 : 0;
	/* Option 0xx with bit 1 clear is not allocated. */
	return field(insn, 14, 1);
}

/*
 * Forms without a syndrome, each called with an instruction of its class; in
 * a are rn and else zeros. False: none of these forms.
 */
bool hvt_decode_exclusive(uint32_t insn, struct hvt_access *a);
bool hvt_decode_tag_or_pair(uint32_t insn, struct hvt_access *a);
bool hvt_decode_atomic(uint32_t insn, struct hvt_access *a);
bool hvt_decode_authenticated(uint32_t insn, struct hvt_access *a);
/* All classes that have no form with a syndrome. */
bool hvt_decode_more(uint32_t insn, struct hvt_access *a);

#endif
