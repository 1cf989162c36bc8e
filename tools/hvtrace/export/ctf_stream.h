/* SPDX-License-Identifier: MIT */
/*
 * A stream of the Common Trace Format, 1.8: packets of events whose fields are
 * whole bytes, little-endian (CTF 1.8, 4 to 6). What is in them is said by
 * ctf_metadata.h.
 */
#ifndef HVTRACE_CTF_STREAM_H
#define HVTRACE_CTF_STREAM_H

#include "out.h"

struct ctf_stream {
	struct out *out;
	uint8_t uuid[16];
	uint8_t *packet;
	size_t used, room;
	uint64_t events;       /* in the packet */
	uint64_t packets;      /* before it */
	uint64_t first, last;  /* their timestamps */
	int err;               /* -ENOMEM, or out's */
};

void ctf_stream_init(struct ctf_stream *s, struct out *out,
		const uint8_t uuid[16]);

/* Begins an event; timestamps that go back are those of the one before. */
void ctf_event(struct ctf_stream *s, uint32_t id, uint64_t timestamp);

/* Its fields, in the order in which the metadata has them. */
void ctf_put(struct ctf_stream *s, uint64_t value, unsigned bytes);
void ctf_put_bytes(struct ctf_stream *s, const void *bytes, size_t size);

/* Writes what is left. 0 or -errno of anything since the beginning. */
int ctf_stream_fini(struct ctf_stream *s);

#endif
