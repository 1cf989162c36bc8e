/* SPDX-License-Identifier: MIT */
/*
 * Segments of a trace file: the head as a struct, and the way from a payload
 * to the bytes of a segment and back, checked. docs/FORMAT.md, "Segments".
 */
#ifndef HVT_TRACE_SEGMENT_H
#define HVT_TRACE_SEGMENT_H

#include <sys/types.h>

#include "columns.h"
#include "format.h"

struct hvt_head {
	uint32_t version;
	uint32_t type; /* enum hvt_segment_type */
	uint8_t id[16];
	uint64_t ordinal;    /* of the segment, from 0 */
	uint64_t first;      /* number of the first event */
	uint64_t count;      /* events in it */
	uint64_t first_tick; /* of the first event */
	uint64_t last_tick;
	uint64_t exits;   /* returns of hv_vcpu_run up to its end, all told */
	uint64_t stall;   /* ns that threads waited for room, so far */
	uint32_t raw;     /* bytes of the payload, and compressed */
	uint32_t packed;
	uint64_t hash;    /* of the payload, seeded with chain */
	uint64_t chain;   /* hash of the segment before */
	uint64_t threads; /* bit n: has events of thread n, modulo 64 */
};

/* Bytes from the first of this segment to the first of the next. */
uint64_t hvt_segment_size(const struct hvt_head *head);

/*
 * Head from bytes. 0; -EINVAL: no head of a segment; -EPROTONOSUPPORT: one of
 * another format version (head->version); -EBADMSG: it is damaged.
 */
int hvt_head_decode(const uint8_t bytes[HVT_HEAD_SIZE], struct hvt_head *head);

struct hvt_packer; /* compresses segments, one after the other */

struct hvt_packer *hvt_packer_create(void);
void hvt_packer_destroy(struct hvt_packer *p);

/*
 * The segment of head and payload: raw, packed and hash are filled in. The
 * bytes are valid until the next call. 0 or -ENOMEM.
 */
int hvt_packer_pack(struct hvt_packer *p, struct hvt_head *head,
		const struct hvt_payload *payload, const uint8_t **bytes,
		size_t *size);

/*
 * Decompresses what follows the head, the packed bytes and the tail, into
 * out, which holds head->raw bytes, and checks hash and tail. 0, -EBADMSG or -ENOMEM.
 */
int hvt_segment_unpack(const struct hvt_head *head, const uint8_t *rest,
		uint8_t *out);

#endif
