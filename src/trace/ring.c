/* SPDX-License-Identifier: MIT */
/* Publishing and reading ring events. */
#include "ring.h"

#include <errno.h>
#include <string.h>

#include "format.h"
#include "schema.h"

_Static_assert(sizeof(struct hvt_ring_header) <= HVT_RING_HEADER, "ring header");
_Static_assert(sizeof(struct hvt_ring_event) == 40, "on disk");

uint64_t hvt_ring_event_size(const struct hvt_event *event)
{
	const struct hvt_call_schema *schema = hvt_call_schema(event->call);

	return sizeof(struct hvt_ring_event) + 8u * schema->param_count +
			((event->data_size + 7) & ~7ull);
}

/* An event is in one piece: what is left at the end may have to be skipped. */
static uint64_t needed(const struct hvt_ring *ring, uint64_t head, uint64_t size)
{
	uint64_t left = ring->size - (head & (ring->size - 1));

	return left < size ? left + size : size;
}

bool hvt_ring_has_room(struct hvt_ring *ring, uint64_t size)
{
	uint64_t head = atomic_load_explicit(
			&ring->header->head, memory_order_relaxed);
	uint64_t need = needed(ring, head, size);

	if (head + need - ring->tail_seen <= ring->size)
		return true;
	ring->tail_seen = atomic_load_explicit(
			&ring->header->tail, memory_order_acquire);
	return head + need - ring->tail_seen <= ring->size;
}

void hvt_ring_publish(struct hvt_ring *ring, _Atomic uint64_t *counter,
		struct hvt_event *event)
{
	const struct hvt_call_schema *schema = hvt_call_schema(event->call);
	uint64_t size = hvt_ring_event_size(event);
	uint64_t head = atomic_load_explicit(
			&ring->header->head, memory_order_relaxed);
	uint64_t at = head & (ring->size - 1);
	struct hvt_ring_event *e = (void *)(ring->bytes + at);

	if (ring->size - at < size) {
		e->size = (uint32_t)(ring->size - at);
		e->kind = 0;
		head += ring->size - at;
		e = (void *)ring->bytes;
	}
	e->size = (uint32_t)size;
	e->call = (uint16_t)event->call;
	e->kind = (uint8_t)event->kind;
	e->count = (uint8_t)schema->param_count;
	e->tick = event->tick;
	e->result = event->result;
	e->data_size = event->data_size;
	memcpy(e + 1, event->values, 8u * schema->param_count);
	if (event->data_size)
		memcpy((uint8_t *)(e + 1) + 8u * schema->param_count,
				event->data, event->data_size);
	/* Last, so that the order of numbers is that of publishing. */
	event->number = atomic_fetch_add_explicit(
			counter, 1, memory_order_relaxed);
	e->number = event->number;
	atomic_store_explicit(&ring->header->head, head + size,
			memory_order_release);
}

static bool is_sound(const struct hvt_ring_event *e, uint64_t room)
{
	const struct hvt_call_schema *schema = hvt_call_schema(e->call);

	return e->size >= sizeof(*e) && e->size <= room && e->size % 8 == 0 &&
			e->kind <= HVT_EVENT_LEAVE && schema &&
			e->count == schema->param_count &&
			schema->wide == (e->kind != HVT_EVENT_CALL) &&
			e->data_size <= HVT_DATA_MAX &&
			e->size == sizeof(*e) + 8u * e->count +
					((e->data_size + 7) & ~7ull);
}

int hvt_ring_peek(const struct hvt_ring *ring, uint64_t at,
		struct hvt_event *event, uint64_t *next)
{
	uint64_t head = atomic_load_explicit(
			&ring->header->head, memory_order_acquire);
	const struct hvt_ring_event *e;
	uint64_t offset;

	for (;;) {
		if (at == head)
			return 0;
		if (head - at > ring->size || head % 8 || at % 8)
			return -EBADMSG;
		offset = at & (ring->size - 1);
		e = (const void *)(ring->bytes + offset);
		if (e->kind)
			break;
		if (offset == 0)
			return -EBADMSG;
		at += ring->size - offset;
	}
	if (ring->size - offset < sizeof(*e) ||
			!is_sound(e, ring->size - offset) ||
			e->size > head - at)
		return -EBADMSG;
	*event = (struct hvt_event){ .number = e->number, .tick = e->tick,
		.kind = e->kind, .thread = ring->header->thread,
		.call = e->call, .result = e->result,
		.data_size = e->data_size };
	memcpy(event->values, e + 1, 8u * e->count);
	if (e->data_size)
		event->data = (const uint8_t *)(e + 1) + 8u * e->count;
	*next = at + e->size;
	return 1;
}
