/* SPDX-License-Identifier: MIT */
/*
 * Numbers and offsets of a trace file and its write-ahead log, format
 * version 1. docs/FORMAT.md is the text; this is its mirror.
 */
#ifndef HVT_TRACE_FORMAT_H
#define HVT_TRACE_FORMAT_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define HVT_FORMAT_VERSION 1u
#define HVT_MAGIC          "HVTRACE\n"

/* A segment: head, payload (one zstd frame), tail. */
#define HVT_HEAD_SIZE  136u
#define HVT_TAIL_SIZE  16u
#define HVT_HEAD_FRAME 0x184d2a50u /* skippable frames of zstd */
#define HVT_TAIL_FRAME 0x184d2a51u

enum hvt_segment_type {
	HVT_SEGMENT_META = 1,   /* facts and schema, text; the first one */
	HVT_SEGMENT_EVENTS = 2,
	HVT_SEGMENT_INDEX = 3,  /* of the event segments since the last */
	HVT_SEGMENT_END = 4,    /* of the index segments; the trace is closed */
	HVT_SEGMENT_FACTS = 5,  /* found out after the recording began */
	HVT_SEGMENT_PAGES = 6,  /* of guest memory, for keyframes behind it */
	HVT_SEGMENT_KEYFRAME = 7,
};

/* Offsets in the head. */
enum {
	HVT_AT_FRAME = 0,
	HVT_AT_FRAME_SIZE = 4,
	HVT_AT_MAGIC = 8,
	HVT_AT_VERSION = 16,
	HVT_AT_TYPE = 20,
	HVT_AT_ID = 24, /* 16 bytes */
	HVT_AT_ORDINAL = 40,
	HVT_AT_FIRST = 48,
	HVT_AT_COUNT = 56,
	HVT_AT_FIRST_TICK = 64,
	HVT_AT_LAST_TICK = 72,
	HVT_AT_EXITS = 80,
	HVT_AT_STALL = 88,
	HVT_AT_RAW = 96,
	HVT_AT_PACKED = 100,
	HVT_AT_HASH = 104,
	HVT_AT_CHAIN = 112,
	HVT_AT_THREADS = 120,
	HVT_AT_HEAD_HASH = 128,
};

/* Limits that a reader may rely on. */
#define HVT_SHAPES_MAX         65536u /* in a segment */
#define HVT_SEGMENT_EVENTS_MAX 32768u
#define HVT_RAW_MAX            (64u << 20)
#define HVT_DATA_MAX           (1u << 20) /* bytes of one event */
#define HVT_THREADS_MAX        4096u

/* An entry of an index: what the head of the segment says. */
#define HVT_INDEX_ENTRY    40u
#define HVT_INDEX_INTERVAL 1024u

/* Little-endian in the file, at any address. */
static inline void hvt_put32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void hvt_put64(uint8_t *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

static inline uint32_t hvt_get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint64_t hvt_get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

#endif
