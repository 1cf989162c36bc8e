/* SPDX-License-Identifier: MIT */
/*
 * Layout of a trace file, format version 0. All integers little-endian.
 *
 *   header   HVT_HEADER_SIZE bytes
 *	0  8  magic "HVTRACE\n"
 *	8  4  version
 *	12 4  length of the facts that follow, at most HVT_FACTS_MAX
 *	16 8  XXH3-64 of bytes 0..15 and the facts
 *   facts    "key\0value\0" pairs
 *   blocks, each HVT_BLOCK_SIZE bytes and a payload
 *	0  4  magic HVT_BLOCK_MAGIC, or HVT_END_MAGIC for the end mark
 *	4  4  length of the payload uncompressed, at most HVT_RAW_MAX
 *	8  4  length of the payload in the file: one zstd frame
 *	12 4  number of events in it
 *	16 8  number of its first event
 *	24 8  XXH3-64 of the payload as it is in the file, seeded with the
 *	      XXH3-64 of bytes 0..23
 *
 * The end mark has no payload; a trace without it was not closed. Version 0
 * is what the project started with; it is not kept readable.
 */
#ifndef HVT_TRACE_FORMAT_H
#define HVT_TRACE_FORMAT_H

#include <stdint.h>
#include <string.h>

#define HVT_FORMAT_VERSION 0u
#define HVT_HEADER_MAGIC   "HVTRACE\n"
#define HVT_HEADER_SIZE    24u
#define HVT_HEADER_HASHED  16u /* of it: what is before the checksum */
#define HVT_FACTS_MAX      (1u << 20)
#define HVT_BLOCK_SIZE     32u
#define HVT_BLOCK_MAGIC    0x42545648u /* "HVTB" */
#define HVT_END_MAGIC      0x45545648u /* "HVTE" */
#define HVT_RAW_TARGET     (64u << 10)
#define HVT_RAW_MAX        (16u << 20)

static inline void hvt_put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline void hvt_put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t hvt_get32(const uint8_t *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v |= (uint32_t)p[i] << (8 * i);
	return v;
}

static inline uint64_t hvt_get64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

#endif
