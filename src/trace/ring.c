/* SPDX-License-Identifier: MIT */
/* Publishing and reading ring events. */
#include "ring.h"

#include <errno.h>
#include <string.h>

#include "format.h"
#include "shape.h"

_Static_assert(sizeof(struct hvt_ring_header) <= HVT_RING_HEADER, "ring header");
_Static_assert(sizeof(struct hvt_ring_event) == 40, "on disk");

/* An event is in one piece: what is left at the end may have to be skipped. */
static uint64_t needed(const struct hvt_ring *ring, uint64_t head, uint64_t size)
{
	uint64_t left = ring->size - (head & (ring->size - 1));

	return left < size ? left + size : size;
}

bool hvt_ring_look_for_room(struct hvt_ring *ring, uint64_t size)
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

/* At most six stores; memcpy() would be a call. */
static void put_values(uint64_t *out, const uint64_t *values, unsigned count)
{
	switch (count) {
	case 6:
		out[5] = values[5]; /* fall through */
	case 5:
		out[4] = values[4]; /* fall through */
	case 4:
		out[3] = values[3]; /* fall through */
	case 3:
		out[2] = values[2]; /* fall through */
	case 2:
		out[1] = values[1]; /* fall through */
	case 1:
		out[0] = values[0];
	}
}

/* Goes on at the start of the ring, and marks what is left before its end. */
__attribute__((cold, noinline))
static struct hvt_ring_event *wrap(const struct hvt_ring *ring, uint64_t *head)
{
	uint64_t left = ring->size - (*head & (ring->size - 1));
	struct hvt_ring_event *e = (void *)(ring->bytes + ring->size - left);

	e->size = (uint32_t)left;
	e->kind = 0;
	*head += left;
	return (void *)ring->bytes;
}

void hvt_ring_publish(struct hvt_ring *ring, _Atomic uint64_t *counter,
		struct hvt_event *event)
{
	unsigned count = hvt_call_schemas[event->call].param_count;
	uint64_t size = hvt_ring_event_size(event);
	uint64_t head = atomic_load_explicit(
			&ring->header->head, memory_order_relaxed);
	uint64_t at = head & (ring->size - 1);
	struct hvt_ring_event *e = (void *)(ring->bytes + at);

	if (ring->size - at < size)
		e = wrap(ring, &head);
	e->size = (uint32_t)size;
	e->call = (uint16_t)event->call;
	e->kind = (uint8_t)event->kind;
	e->count = (uint8_t)count;
	e->tick = event->tick;
	e->result = event->result;
	e->data_size = event->data_size;
	put_values((uint64_t *)(e + 1), event->values, count);
	if (event->data_size)
		memcpy((uint8_t *)(e + 1) + 8u * count, event->data,
				event->data_size);
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

/*
 * A thread leaves all it has at hand in the ring; an event is what its kind
 * carries of that, here as in a segment. False: it has other bytes than it
 * says.
 */
static bool strip(struct hvt_event *event)
{
	const struct hvt_call_schema *schema = hvt_call_schema(event->call);
	uint64_t data_size = 0;

	if (event->kind == HVT_EVENT_CALL)
		event->tick = 0;
	if (event->kind == HVT_EVENT_ENTER)
		event->result = 0;
	for (unsigned i = 0; i < schema->param_count; i++) {
		if (!hvt_shape_carries(event->kind, &schema->params[i]))
			event->values[i] = 0;
		else if (hvt_shape_is_buffer(&schema->params[i]))
			data_size = event->values[i];
	}
	if (data_size && data_size != event->data_size)
		return false;
	event->data_size = data_size;
	if (!data_size)
		event->data = NULL;
	return true;
}

int hvt_ring_peek(const struct hvt_ring *ring, uint64_t at,
		struct hvt_event *event, uint64_t *next)
{
	uint64_t head = atomic_load_explicit(
			&ring->header->head, memory_order_acquire);
	struct hvt_ring_event e;
	const uint8_t *p;
	uint64_t offset;

	for (;;) {
		if (at == head)
			return 0;
		if (head - at > ring->size || head % 8 || at % 8)
			return -EBADMSG;
		offset = at & (ring->size - 1);
		p = ring->bytes + offset;
		memcpy(&e, p, ring->size - offset < sizeof(e) ? 8 : sizeof(e));
		/* It may be overwritten at any time: checked is the copy. */
		atomic_signal_fence(memory_order_acquire);
		if (e.kind)
			break;
		if (offset == 0)
			return -EBADMSG;
		at += ring->size - offset;
	}
	if (ring->size - offset < sizeof(e) ||
			!is_sound(&e, ring->size - offset) ||
			e.size > head - at ||
			ring->header->thread >= HVT_THREADS_MAX)
		return -EBADMSG;
	*event = (struct hvt_event){ .number = e.number, .tick = e.tick,
		.kind = e.kind, .thread = ring->header->thread,
		.call = e.call, .result = e.result,
		.data_size = e.data_size };
	memcpy(event->values, p + sizeof(e), 8u * e.count);
	if (e.data_size)
		event->data = p + sizeof(e) + 8u * e.count;
	*next = at + e.size;
	return strip(event) ? 1 : -EBADMSG;
}
