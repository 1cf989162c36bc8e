/* SPDX-License-Identifier: MIT */
/*
 * Events to bytes and back. The decoder trusts nothing: every length is
 * checked against what is left, and a function or kind it does not know is an
 * error, never a guess.
 */
#include "record.h"

#include <errno.h>
#include <string.h>

#include "schema.h"

#define VARINT_MAX 10u
#define KIND_BITS  2u

static uint8_t *put_varint(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

static uint64_t zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t v)
{
	return (int64_t)((v >> 1) ^ (v & 1 ? UINT64_MAX : 0));
}

static bool is_buffer(enum hvt_role role)
{
	return role == HVT_ROLE_INBUF || role == HVT_ROLE_OUTBUF ||
			role == HVT_ROLE_VEC;
}

/* Which parameters an event of this kind carries. */
static bool carries(uint32_t kind, enum hvt_role role)
{
	if (kind == HVT_EVENT_CALL)
		return true;
	return hvt_role_is_input(role) == (kind == HVT_EVENT_ENTER);
}

size_t hvt_record_bound(const struct hvt_event *event)
{
	return (4 + HVT_VALUES_MAX) * VARINT_MAX + event->data_size;
}

size_t hvt_record_encode(uint8_t *out, const struct hvt_event *event,
		struct hvt_record_state *state)
{
	const struct hvt_call_schema *schema = hvt_call_schema(event->call);
	size_t bytes = 0;
	uint8_t *p = out;

	p = put_varint(p, (uint64_t)event->thread << KIND_BITS | event->kind);
	p = put_varint(p, event->call);
	p = put_varint(p, zigzag((int64_t)(event->tick - state->tick)));
	state->tick = event->tick;
	if (event->kind != HVT_EVENT_ENTER)
		p = put_varint(p, zigzag(event->result));
	for (unsigned i = 0; i < schema->param_count; i++) {
		if (!carries(event->kind, schema->params[i].role))
			continue;
		p = put_varint(p, event->values[i]);
		/* A buffer may be the other half's: then it is not here. */
		if (is_buffer(schema->params[i].role) && event->values[i])
			bytes = event->data_size;
	}
	if (bytes)
		memcpy(p, event->data, bytes);
	return (size_t)(p - out) + bytes;
}

struct input {
	const uint8_t *p, *end;
};

static bool get_varint(struct input *in, uint64_t *v)
{
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

static bool get_values(struct input *in, struct hvt_event *event,
		const struct hvt_call_schema *schema)
{
	event->data_size = 0;
	for (unsigned i = 0; i < schema->param_count; i++) {
		enum hvt_role role = schema->params[i].role;

		if (!carries(event->kind, role))
			continue;
		if (!get_varint(in, &event->values[i]))
			return false;
		if (is_buffer(role))
			event->data_size = event->values[i];
	}
	if (event->data_size > (size_t)(in->end - in->p))
		return false;
	event->data = event->data_size ? in->p : NULL;
	in->p += event->data_size;
	return true;
}

int64_t hvt_record_decode(const uint8_t *bytes, size_t size,
		struct hvt_event *event, struct hvt_record_state *state)
{
	struct input in = { bytes, bytes + size };
	const struct hvt_call_schema *schema;
	uint64_t head, call, tick, result = 0;

	memset(event->values, 0, sizeof(event->values));
	if (!get_varint(&in, &head) || !get_varint(&in, &call) ||
			!get_varint(&in, &tick))
		return -EBADMSG;
	event->kind = head & ((1u << KIND_BITS) - 1);
	if (head >> KIND_BITS > UINT32_MAX || call > UINT32_MAX)
		return -EBADMSG;
	event->thread = (uint32_t)(head >> KIND_BITS);
	event->call = (uint32_t)call;
	schema = hvt_call_schema(event->call);
	if (!schema || schema->wide != (event->kind != HVT_EVENT_CALL) ||
			!event->kind)
		return -EBADMSG;
	if (event->kind != HVT_EVENT_ENTER && !get_varint(&in, &result))
		return -EBADMSG;
	event->result = unzigzag(result);
	if (!get_values(&in, event, schema))
		return -EBADMSG;
	event->tick = state->tick + (uint64_t)unzigzag(tick);
	state->tick = event->tick;
	return in.p - bytes;
}
