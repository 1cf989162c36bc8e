/* SPDX-License-Identifier: MIT */
/*
 * Which parameters an event carries is said here once more, on purpose: it is
 * what the encoder is held to.
 */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "record.h"
#include "writer.h"

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

bool role_is_buffer(enum hvt_role role)
{
	return role == HVT_ROLE_INBUF || role == HVT_ROLE_OUTBUF ||
		role == HVT_ROLE_VEC;
}

bool kind_carries(uint32_t kind, enum hvt_role role)
{
	bool out = role == HVT_ROLE_OUT || role == HVT_ROLE_OUTHOST ||
		role == HVT_ROLE_OUTBUF || role == HVT_ROLE_EXIT;

	return kind == HVT_EVENT_CALL || out == (kind == HVT_EVENT_LEAVE);
}

void event_of(struct rng *r, struct test_event *e, uint32_t call,
	enum hvt_event_kind kind)
{
	const struct hvt_call_schema *schema = hvt_call_schema(call);

	memset(e, 0, sizeof(*e));
	e->event.call = call;
	e->event.kind = kind;
	e->event.thread = (uint32_t)rng_any(r);
	e->event.tick = rng_any(r);
	if (kind != HVT_EVENT_ENTER)
		e->event.result = (int64_t)rng_any(r) * (rng_bool(r) ? 1 : -1);
	for (unsigned i = 0; i < schema->param_count; i++) {
		enum hvt_role role = schema->params[i].role;

		if (!kind_carries(kind, role))
			continue;
		e->event.values[i] = rng_any(r);
		if (!role_is_buffer(role))
			continue;
		e->event.values[i] = rng_below(r, EVENT_BYTES + 1);
		e->event.data_size = e->event.values[i];
		e->event.data = e->event.data_size ? e->bytes : NULL;
		rng_bytes(r, e->bytes, e->event.data_size);
	}
}

void event_random(struct rng *r, struct test_event *e)
{
	const struct hvt_call_schema *schema;
	uint32_t call;

	do {
		call = (uint32_t)rng_below(r, hvt_call_limit());
		schema = hvt_call_schema(call);
	} while (!schema);
	event_of(r, e, call,
		!schema->wide	      ? HVT_EVENT_CALL
			: rng_bool(r) ? HVT_EVENT_ENTER
				      : HVT_EVENT_LEAVE);
}

bool event_same(
	const struct hvt_event *a, const struct hvt_event *b, bool ticks)
{
	return a->kind == b->kind && a->thread == b->thread &&
		a->call == b->call && a->result == b->result &&
		(!ticks || a->tick == b->tick) &&
		!memcmp(a->values, b->values, sizeof(a->values)) &&
		a->data_size == b->data_size &&
		(!a->data_size || !memcmp(a->data, b->data, a->data_size));
}

static size_t file_size(const char *path)
{
	struct stat st;

	need(!stat(path, &st), path);
	return (size_t)st.st_size;
}

void trace_write(const char *path, const struct test_event *events,
	unsigned count, unsigned per_block, bool end, size_t *ends)
{
	static const struct hvt_info fact = { "made_by", "a test" };
	struct hvt_writer *w;
	uint8_t *raw = malloc(per_block * (EVENT_BYTES + 128));

	need(raw && !hvt_writer_open(&w, path, &fact, 1), path);
	for (unsigned i = 0; i < count;) {
		struct hvt_record_state state = { 0 };
		unsigned first = i, n = 0;
		size_t size = 0;

		for (; n < per_block && i < count; n++, i++)
			size += hvt_record_encode(
				raw + size, &events[i].event, &state);
		need(!hvt_writer_block(w, raw, size, n, first), path);
		if (ends)
			*ends++ = file_size(path);
	}
	need(!hvt_writer_close(w, end, count), path);
	free(raw);
}
