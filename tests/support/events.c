/* SPDX-License-Identifier: MIT */
/*
 * Which parameters an event carries is said here once more, on purpose: it is
 * what the encoder is held to.
 */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "format.h"
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
	e->event.thread = (uint32_t)rng_below(r, HVT_THREADS_MAX);
	if (kind != HVT_EVENT_CALL)
		e->event.tick = rng_any(r);
	/* Codes have 32 bits, times 64. */
	if (kind != HVT_EVENT_ENTER)
		e->event.result = strcmp(schema->result, "uint64_t")
				? (int32_t)(uint32_t)rng_any(r) *
						(rng_bool(r) ? 1ll : -1ll)
				: (int64_t)rng_any(r);
	if (e->event.result == -(int64_t)INT32_MIN)
		e->event.result = 0;
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
			!schema->wide ? HVT_EVENT_CALL
			: rng_bool(r) ? HVT_EVENT_ENTER
				      : HVT_EVENT_LEAVE);
}

/* As a trace brings it back: ticks only where they are asked for. */
bool event_same(const struct hvt_event *a, const struct hvt_event *b, bool ticks)
{
	return a->kind == b->kind && a->thread == b->thread &&
			a->call == b->call && a->result == b->result &&
			(!ticks || a->tick == b->tick) &&
			!memcmp(a->values, b->values, sizeof(a->values)) &&
			a->data_size == b->data_size &&
			(!a->data_size ||
				!memcmp(a->data, b->data, a->data_size));
}

/* Mostly what a VMM does most: runs, with registers in between. */
static void usual(struct rng *r, struct test_event *e)
{
	static const uint32_t calls[] = { HVT_CALL_HV_VCPU_RUN,
		HVT_CALL_HV_VCPU_GET_REG, HVT_CALL_HV_VCPU_SET_REG };
	uint32_t call = calls[rng_below(r, 3)];

	event_of(r, e, call,
			call != HVT_CALL_HV_VCPU_RUN ? HVT_EVENT_CALL
			: rng_bool(r) ? HVT_EVENT_ENTER
				      : HVT_EVENT_LEAVE);
}

void events_make(struct rng *r, struct test_event *events, unsigned count)
{
	uint64_t tick = rng_below(r, 1u << 30);
	uint32_t thread = 0;

	for (unsigned i = 0; i < count; i++) {
		struct test_event *e = &events[i];

		if (rng_below(r, 4))
			usual(r, e);
		else
			event_random(r, e);
		if (!rng_below(r, 3))
			thread = (uint32_t)rng_below(r, 5);
		e->event.number = i;
		e->event.thread = thread;
		if (e->event.kind != HVT_EVENT_CALL)
			tick += rng_below(r, 1ull << rng_below(r, 30));
		e->event.tick = tick;
	}
}

bool tick_near(const struct hvt_event *want, uint64_t got, uint64_t before)
{
	uint64_t gap = want->tick > before ? want->tick - before : 0;
	uint64_t error = want->tick > got ? want->tick - got
					  : got - want->tick;

	if (want->kind == HVT_EVENT_CALL)
		return got == before;
	/* If the one before was rounded up beyond this, that stays. */
	return got >= before && (error <= gap / 16 || got == before);
}

uint64_t trace_write(const char *path, const struct test_event *events,
		unsigned count, unsigned per_segment, bool end, size_t *ends)
{
	static const struct hvt_info fact = { "made_by", "a test" };
	struct hvt_writer *w;
	uint64_t meta;

	need(!hvt_writer_create(&w, path, &fact, 1, 0), path);
	meta = file_size(path);
	for (unsigned i = 0; i < count; i++) {
		need(!hvt_writer_add(w, &events[i].event), path);
		if ((i + 1) % per_segment && i + 1 < count)
			continue;
		need(!hvt_writer_cut(w, 0, NULL), path);
		if (ends)
			*ends++ = file_size(path);
	}
	need(!hvt_writer_close(w, end ? "finished" : NULL), path);
	return meta;
}
