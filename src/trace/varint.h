/* SPDX-License-Identifier: MIT */
/* Variable-length integers: 7 bits a byte, low ones first (LEB128). */
#ifndef HVT_TRACE_VARINT_H
#define HVT_TRACE_VARINT_H

#include <stdbool.h>
#include <stdint.h>

#define HVT_VARINT_MAX 10u

struct hvt_input {
	const uint8_t *p, *end;
};

static inline uint8_t *hvt_put_varint(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

/* False at the end of the input, and for more than 64 bits. */
static inline bool hvt_get_varint(struct hvt_input *in, uint64_t *v)
{
	/* Most are one byte. */
	if (in->p < in->end && *in->p < 0x80) {
		*v = *in->p++;
		return true;
	}
	*v = 0;
	for (unsigned shift = 0; shift < 64 && in->p < in->end; shift += 7) {
		uint8_t byte = *in->p++;

		/* The tenth byte has room for one bit only. */
		if (shift == 63 && byte > 1)
			return false;
		*v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* Signed differences to unsigned ones, small either way. */
static inline uint64_t hvt_zigzag(uint64_t v)
{
	return v << 1 ^ (v >> 63 ? UINT64_MAX : 0);
}

static inline uint64_t hvt_unzigzag(uint64_t v)
{
	return v >> 1 ^ (v & 1 ? UINT64_MAX : 0);
}

#endif
