/* SPDX-License-Identifier: MIT */
/* Publishing what has bytes or comes to the end of the room, and reading. */
#include "ring.h"

#include <errno.h>
#include <string.h>

#include "format.h"
#include "schema.h"
#include "shape.h"

_Static_assert(sizeof(struct hvt_ring_header) <= HVT_RING_HEADER, "ring header");

/* The values a record of the kind has; *buffer: may it have bytes? */
static unsigned count_values(const struct hvt_call_schema *schema,
		uint32_t kind, bool *buffer)
{
	unsigned n = kind != HVT_EVENT_ENTER && schema->varies;

	*buffer = false;
	for (unsigned i = 0; i < schema->param_count; i++) {
		if (!hvt_shape_carries(kind, &schema->params[i]))
			continue;
		n++;
		*buffer |= hvt_shape_is_buffer(&schema->params[i]);
	}
	return n;
}

static uint64_t padded(uint64_t size)
{
	return (size + 7) & ~7ull;
}

/* Halves of calls, and where a thread begins, have a place. */
static unsigned head_size(uint32_t kind)
{
	return kind == HVT_EVENT_CALL ? HVT_RECORD_CALL_HEAD
				      : HVT_RECORD_HALF_HEAD;
}

uint64_t hvt_ring_event_size(const struct hvt_event *event)
{
	bool buffer;
	unsigned n = count_values(&hvt_call_schemas[event->call], event->kind,
			&buffer);

	return head_size(event->kind) + 8u * n +
			(buffer ? padded(event->data_size) : 0);
}

void hvt_ring_attach(struct hvt_ring *ring, struct hvt_log *log,
		_Atomic uint64_t *counter)
{
	uint64_t head = atomic_load(&ring->header->head);

	/* Who is in the middle of publishing stays there. */
	atomic_store_explicit(&log->limit, 0, memory_order_relaxed);
	log->head = &ring->header->head;
	log->places = counter;
	log->at = ring->bytes + (head & (ring->size - 1));
	log->bias = head - (uint64_t)(uintptr_t)log->at;
}

/* Goes on at the start of the ring; what is left before its end is skipped. */
static void wrap(struct hvt_ring *ring, struct hvt_log *log, uint64_t left)
{
	if (left)
		hvt_log_store(log->at, left);
	log->at = ring->bytes;
	log->bias += ring->size;
}

bool hvt_ring_make_room(
		struct hvt_ring *ring, struct hvt_log *log, uint64_t size)
{
	uint64_t position = (uint64_t)(uintptr_t)log->at + log->bias;
	uint64_t tail = atomic_load_explicit(
			&ring->header->tail, memory_order_acquire);
	uint64_t space = ring->size - (position - tail);
	uint64_t left = (uint64_t)(ring->bytes + ring->size - log->at);

	if (left < size) {
		if (space < left + size)
			return false;
		wrap(ring, log, left);
		space -= left;
		left = ring->size;
	}
	if (space < size)
		return false;
	atomic_store_explicit(&log->limit, (uintptr_t)log->at +
					(space < left ? space : left),
			memory_order_relaxed);
	return true;
}

/* Values, how many they are, and bytes, from at on; where that ends. */
static uint8_t *put_values(uint8_t *at, const struct hvt_event *event,
		const struct hvt_call_schema *schema, unsigned *count)
{
	const uint8_t *values = at;
	bool buffer = false;

	if (event->kind != HVT_EVENT_ENTER && schema->varies) {
		hvt_log_store(at, (uint64_t)event->result);
		at += 8;
	}
	for (unsigned i = 0; i < schema->param_count; i++) {
		if (!hvt_shape_carries(event->kind, &schema->params[i]))
			continue;
		hvt_log_store(at, event->values[i]);
		at += 8;
		buffer |= hvt_shape_is_buffer(&schema->params[i]);
	}
	*count = (unsigned)((at - values) / 8);
	if (!buffer || !event->data_size)
		return at;
	memcpy(at, event->data, event->data_size);
	return at + padded(event->data_size);
}

void hvt_ring_publish(struct hvt_log *log, const struct hvt_event *event)
{
	const struct hvt_call_schema *schema = &hvt_call_schemas[event->call];
	uint8_t *at = log->at, *end;
	unsigned count;

	end = put_values(at + head_size(event->kind), event, schema, &count);
	hvt_log_head(log->bias, at, (unsigned)(end - at), event->call, event->kind,
			count, (int32_t)event->result);
	if (event->kind != HVT_EVENT_CALL) {
		hvt_log_store(at + 24, event->tick);
		hvt_log_place(log, at);
	}
	hvt_log_end(log, log->head, log->bias, end);
}

void hvt_ring_begin(struct hvt_ring *ring, struct hvt_log *log)
{
	uint8_t *at;

	(void)hvt_ring_make_room(ring, log, HVT_RECORD_HALF_HEAD);
	at = log->at;
	hvt_log_head(log->bias, at, HVT_RECORD_HALF_HEAD, 0, HVT_RECORD_BEGIN,
			0, 0);
	hvt_log_store(at + 24, 0);
	hvt_log_place(log, at);
	log->at = at + HVT_RECORD_HALF_HEAD;
	atomic_store_explicit(log->head, (uint64_t)(uintptr_t)log->at + log->bias,
			memory_order_release);
	/* The recorder may be at its end: what comes next has to ask. */
	atomic_store_explicit(&log->limit, 0, memory_order_relaxed);
}

/* The first words of a record. */
struct words {
	uint32_t size, stamp;
	uint16_t call;
	uint8_t kind, count;
	int32_t result;
	const uint8_t *p;
};

/* The record at *at, what is skipped before it passed over: 1, 0, -EBADMSG. */
static int find_record(const struct hvt_ring *ring, uint64_t *at, uint64_t head,
		struct words *w)
{
	for (;;) {
		uint64_t offset = *at & (ring->size - 1), first, second, room;

		if (*at == head)
			return 0;
		if (head - *at > ring->size || head % 8 || *at % 8)
			return -EBADMSG;
		room = ring->size - offset;
		if (room > head - *at)
			room = head - *at;
		w->p = ring->bytes + offset;
		first = hvt_get64(w->p);
		second = room >= 16 ? hvt_get64(w->p + 8) : 0;
		w->size = (uint32_t)first;
		w->call = (uint16_t)(first >> 32);
		w->kind = (uint8_t)(first >> 48);
		w->count = (uint8_t)(first >> 56);
		w->result = (int32_t)(uint32_t)second;
		w->stamp = (uint32_t)(second >> 32);
		if (w->kind)
			return w->size <= room && w->size % 8 == 0 &&
					w->kind <= HVT_RECORD_BEGIN &&
					w->size >= head_size(w->kind) &&
					w->stamp == (uint32_t)(*at >> 3)
					? 1 : -EBADMSG;
		/* Nothing, up to the end of the ring. */
		if (!offset || w->size != ring->size - offset || w->size > room)
			return -EBADMSG;
		*at += w->size;
	}
}

/* Its event, from the values at p, of which there are size bytes. */
static bool take_event(const struct hvt_ring *ring, const struct words *w,
		const uint8_t *p, uint64_t size, struct hvt_event *e)
{
	const struct hvt_call_schema *schema =
			hvt_calls_text_find(ring->calls, w->call);
	bool buffer;

	if (!schema || schema->wide != (e->kind != HVT_EVENT_CALL) ||
			w->count != count_values(schema, e->kind, &buffer) ||
			size < 8u * w->count)
		return false;
	e->call = w->call;
	e->result = e->kind == HVT_EVENT_ENTER ? 0 : w->result;
	if (e->kind != HVT_EVENT_ENTER && schema->varies) {
		e->result = (int64_t)hvt_get64(p);
		p += 8;
	}
	for (unsigned i = 0; i < schema->param_count; i++) {
		if (!hvt_shape_carries(e->kind, &schema->params[i]))
			continue;
		e->values[i] = hvt_get64(p);
		p += 8;
		if (hvt_shape_is_buffer(&schema->params[i]))
			e->data_size = e->values[i];
	}
	e->data = e->data_size ? p : NULL;
	return e->data_size <= HVT_DATA_MAX &&
			size == 8u * w->count + padded(e->data_size);
}

int hvt_ring_read(const struct hvt_ring *ring, uint64_t at, uint64_t head,
		struct hvt_record *record)
{
	struct words w;
	unsigned words;
	int got = find_record(ring, &at, head, &w);

	if (got != 1)
		return got;
	if (ring->header->thread >= HVT_THREADS_MAX)
		return -EBADMSG;
	*record = (struct hvt_record){ .end = at + w.size };
	record->event.kind = w.kind;
	record->event.thread = ring->header->thread;
	if (w.kind != HVT_EVENT_CALL) {
		record->place = hvt_get64(w.p + 16);
		record->event.tick = hvt_get64(w.p + 24);
	}
	words = head_size(w.kind);
	if (w.kind == HVT_RECORD_BEGIN)
		return w.size == words && !w.count ? 1 : -EBADMSG;
	return take_event(ring, &w, w.p + words, w.size - words, &record->event)
			? 1 : -EBADMSG;
}
