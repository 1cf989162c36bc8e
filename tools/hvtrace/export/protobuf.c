/* SPDX-License-Identifier: MIT */
#include "protobuf.h"

#include <string.h>

/* Wire types. */
enum {
	VARINT = 0,
	LENGTH = 2,
};

/* A length is put in so many bytes, however short: 28 bits are enough. */
#define LENGTH_BYTES 4u

void protobuf_reset(struct protobuf *p)
{
	p->used = 0;
	p->depth = 0;
	p->overflow = false;
}

unsigned protobuf_varint(uint64_t value, uint8_t bytes[10])
{
	unsigned n = 0;

	for (; value > 127; value >>= 7)
		bytes[n++] = (uint8_t)(value | 128);
	bytes[n++] = (uint8_t)value;
	return n;
}

static void put(struct protobuf *p, const void *bytes, size_t size)
{
	if (size > PROTOBUF_MAX - p->used) {
		p->overflow = true;
		return;
	}
	memcpy(p->bytes + p->used, bytes, size);
	p->used += size;
}

static void put_varint(struct protobuf *p, uint64_t value)
{
	uint8_t bytes[10];

	put(p, bytes, protobuf_varint(value, bytes));
}

void protobuf_u64(struct protobuf *p, uint32_t field, uint64_t value)
{
	put_varint(p, (uint64_t)field << 3 | VARINT);
	put_varint(p, value);
}

void protobuf_i64(struct protobuf *p, uint32_t field, int64_t value)
{
	protobuf_u64(p, field, (uint64_t)value);
}

/* Strings are UTF-8 there: what is no ASCII is left out. */
void protobuf_string(struct protobuf *p, uint32_t field, const char *text)
{
	size_t size = strlen(text);

	put_varint(p, (uint64_t)field << 3 | LENGTH);
	put_varint(p, size);
	put(p, text, size);
	for (size_t i = 0; !p->overflow && i < size; i++)
		if (p->bytes[p->used - size + i] > 126)
			p->bytes[p->used - size + i] = '?';
}

void protobuf_open(struct protobuf *p, uint32_t field)
{
	static const uint8_t room[LENGTH_BYTES];

	put_varint(p, (uint64_t)field << 3 | LENGTH);
	if (p->depth == PROTOBUF_DEPTH_MAX) {
		p->overflow = true;
		return;
	}
	p->open[p->depth++] = p->used;
	put(p, room, sizeof(room));
}

void protobuf_close(struct protobuf *p)
{
	size_t at, length;

	if (!p->depth || p->overflow) {
		p->overflow = true;
		return;
	}
	at = p->open[--p->depth];
	length = p->used - at - LENGTH_BYTES;
	for (unsigned i = 0; i < LENGTH_BYTES; i++)
		p->bytes[at + i] = (uint8_t)((length >> 7 * i & 127) |
				(i < LENGTH_BYTES - 1 ? 128 : 0));
}

bool protobuf_is_valid(const struct protobuf *p)
{
	return !p->overflow && !p->depth;
}
