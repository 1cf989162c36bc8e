/* SPDX-License-Identifier: MIT */
#include "ctf_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC	     0xc1fc1fc1u
#define PACKET_BYTES 65536u /* one is written when it has so many */

/* Offsets in a packet of what is known at its end only. */
enum {
	AT_FIRST = 24,
	AT_LAST = 32,
	AT_CONTENT = 40,
	AT_SIZE = 48,
};

void ctf_stream_init(struct ctf_stream *s, struct out *out,
		const uint8_t uuid[16])
{
	*s = (struct ctf_stream){ .out = out };
	memcpy(s->uuid, uuid, sizeof(s->uuid));
}

static bool make_room(struct ctf_stream *s, size_t size)
{
	size_t room = s->room ? s->room : (size_t)2 * PACKET_BYTES;
	uint8_t *more;

	while (room - s->used < size)
		room *= 2;
	if (room == s->room)
		return true;
	more = s->err ? NULL : realloc(s->packet, room);
	if (!more) {
		s->err = s->err ? s->err : -ENOMEM;
		return false;
	}
	s->packet = more;
	s->room = room;
	return true;
}

void ctf_put_bytes(struct ctf_stream *s, const void *bytes, size_t size)
{
	if (!size || !make_room(s, size))
		return;
	memcpy(s->packet + s->used, bytes, size);
	s->used += size;
}

void ctf_put(struct ctf_stream *s, uint64_t value, unsigned bytes)
{
	uint8_t le[8];

	for (unsigned i = 0; i < 8; i++)
		le[i] = (uint8_t)(value >> 8 * i);
	ctf_put_bytes(s, le, bytes);
}

/* Header and context, as the metadata has them. */
static void begin_packet(struct ctf_stream *s)
{
	ctf_put(s, MAGIC, 4);
	ctf_put_bytes(s, s->uuid, sizeof(s->uuid));
	ctf_put(s, 0, 4);
	for (unsigned i = 0; i < 4; i++)
		ctf_put(s, 0, 8);
	ctf_put(s, s->packets, 8);
	ctf_put(s, 0, 8); /* events discarded: none ever are */
}

static void patch(struct ctf_stream *s, size_t at, uint64_t value)
{
	size_t end = s->used;

	s->used = at;
	ctf_put(s, value, 8);
	s->used = end;
}

static void end_packet(struct ctf_stream *s)
{
	if (!s->events || s->err)
		return;
	patch(s, AT_FIRST, s->first);
	patch(s, AT_LAST, s->last);
	patch(s, AT_CONTENT, s->used * 8);
	patch(s, AT_SIZE, s->used * 8);
	out_bytes(s->out, s->packet, s->used);
	s->err = s->out->err;
	s->packets++;
	s->events = 0;
	s->used = 0;
}

void ctf_event(struct ctf_stream *s, uint32_t id, uint64_t timestamp)
{
	if (timestamp < s->last)
		timestamp = s->last;
	if (s->used >= PACKET_BYTES)
		end_packet(s);
	if (!s->events++) {
		begin_packet(s);
		s->first = timestamp;
	}
	s->last = timestamp;
	ctf_put(s, id, 4);
	ctf_put(s, timestamp, 8);
}

int ctf_stream_fini(struct ctf_stream *s)
{
	int err;

	end_packet(s);
	err = out_flush(s->out);
	free(s->packet);
	s->packet = NULL;
	return s->err ? s->err : err;
}
