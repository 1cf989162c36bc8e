/* SPDX-License-Identifier: MIT */
/* Encoding events by columns; columns_decode.c is the way back. */
#include "columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "format.h"
#include "grow.h"
#include "map.h"
#include "shape.h"
#include "tickcode.h"

#define VARY_MAX   (1 + HVT_VALUES_MAX)

/* A part smaller than this is not worth a block of its own. */
#define PART_MIN 512u

struct shape {
	uint64_t numbers[HVT_SHAPE_MAX];
	unsigned count;
	uint32_t events;
};

/* What is left of an event when its shape is named. */
struct rest {
	uint32_t thread;
	uint16_t shape;
	uint8_t vary_count;
	uint32_t vary; /* index of its first difference */
	uint64_t tick;
};

struct bytes {
	uint8_t *p;
	size_t size, capacity;
};

struct hvt_columns {
	struct rest rests[HVT_SEGMENT_EVENTS_MAX];
	uint64_t *vary; /* differences, zigzag, in the order of events */
	uint32_t count, vary_count;
	size_t vary_capacity;
	struct shape *shapes;
	size_t shape_count, shape_capacity;
	struct hvt_map by_hash; /* hash of a shape -> its index plus one */
	struct hvt_map last;    /* track -> last value */
	struct bytes data, payload;
	struct hvt_payload out;
};

struct hvt_columns *hvt_columns_create(void)
{
	return calloc(1, sizeof(struct hvt_columns));
}

void hvt_columns_destroy(struct hvt_columns *c)
{
	if (!c)
		return;
	hvt_map_fini(&c->by_hash);
	hvt_map_fini(&c->last);
	free(c->vary);
	free(c->shapes);
	free(c->data.p);
	free(c->payload.p);
	free(c);
}

uint32_t hvt_columns_count(const struct hvt_columns *c)
{
	return c->count;
}

size_t hvt_columns_bytes(const struct hvt_columns *c)
{
	return c->data.size + 8u * c->vary_count + 8u * c->count;
}

static int reserve(struct bytes *b, size_t more)
{
	uint8_t *p = hvt_grow(b->p, &b->capacity, b->size + more, 4096, 1);

	if (!p)
		return -ENOMEM;
	b->p = p;
	return 0;
}

static int reserve_vary(struct hvt_columns *c)
{
	uint64_t *p = hvt_grow(c->vary, &c->vary_capacity,
			c->vary_count + VARY_MAX, 65536, sizeof(*p));

	if (!p)
		return -ENOMEM;
	c->vary = p;
	return 0;
}

static int reserve_shape(struct hvt_columns *c)
{
	struct shape *p = hvt_grow(c->shapes, &c->shape_capacity,
			c->shape_count + 1, 256, sizeof(*p));

	if (!p)
		return -ENOMEM;
	c->shapes = p;
	return 0;
}

static void take_shape(struct shape *s, const struct hvt_event *event,
		const struct hvt_call_schema *schema)
{
	s->count = 0;
	s->events = 0;
	s->numbers[s->count++] = event->kind;
	s->numbers[s->count++] = event->call;
	if (event->kind != HVT_EVENT_ENTER && !schema->varies)
		s->numbers[s->count++] = hvt_zigzag((uint64_t)event->result);
	for (unsigned i = 0; i < schema->param_count; i++)
		if (schema->params[i].in_shape &&
				hvt_shape_carries(
					event->kind, &schema->params[i]))
			s->numbers[s->count++] = event->values[i];
}

/* Index of the shape, entered if it is new; or -errno. */
static int find_shape(struct hvt_columns *c, const struct shape *s)
{
	size_t size = s->count * sizeof(s->numbers[0]);
	uint64_t hash = XXH3_64bits(s->numbers, size) >> 1;

	for (;; hash++) {
		uint64_t *index = hvt_map_at(&c->by_hash, hash);

		if (!index)
			return -ENOMEM;
		if (*index) {
			const struct shape *old = &c->shapes[*index - 1];

			if (old->count == s->count &&
					!memcmp(old->numbers, s->numbers, size))
				return (int)(*index - 1);
			continue; /* two shapes of one hash: the next place */
		}
		if (c->shape_count == HVT_SHAPES_MAX)
			return -ENOSPC;
		if (reserve_shape(c))
			return -ENOMEM;
		c->shapes[c->shape_count] = *s;
		*index = ++c->shape_count;
		return (int)(*index - 1);
	}
}

static int add_vary(struct hvt_columns *c, struct rest *r, uint64_t track,
		uint64_t value)
{
	uint64_t *last = hvt_map_at(&c->last, track);

	if (!last)
		return -ENOMEM;
	c->vary[c->vary_count++] = hvt_zigzag(value - *last);
	*last = value;
	r->vary_count++;
	return 0;
}

static int add_values(struct hvt_columns *c, struct rest *r,
		const struct hvt_event *event,
		const struct hvt_call_schema *schema)
{
	uint64_t track = hvt_shape_track(schema, event);
	int err = reserve_vary(c);

	r->vary = c->vary_count;
	if (!err && event->kind != HVT_EVENT_ENTER &&
			schema->varies)
		err = add_vary(c, r, track, (uint64_t)event->result);
	for (unsigned i = 0; i < schema->param_count && !err; i++)
		if (!schema->params[i].in_shape &&
				hvt_shape_carries(
					event->kind, &schema->params[i]))
			err = add_vary(c, r, track, event->values[i]);
	return err;
}

/* Only the bytes of a buffer that this kind of event carries. */
static int add_data(struct hvt_columns *c, const struct hvt_event *event,
		const struct hvt_call_schema *schema)
{
	for (unsigned i = 0; i < schema->param_count; i++) {
		const struct hvt_param_schema *param = &schema->params[i];

		if (!hvt_shape_is_buffer(param) || !event->values[i] ||
				!hvt_shape_carries(event->kind, param))
			continue;
		if (reserve(&c->data, event->data_size))
			return -ENOMEM;
		memcpy(c->data.p + c->data.size, event->data,
				event->data_size);
		c->data.size += event->data_size;
	}
	return 0;
}

int hvt_columns_add(struct hvt_columns *c, const struct hvt_event *event)
{
	const struct hvt_call_schema *schema = hvt_call_schema(event->call);
	struct rest *r = &c->rests[c->count];
	struct shape shape;
	int index;

	if (c->count == HVT_SEGMENT_EVENTS_MAX ||
			(c->count && c->data.size + event->data_size >
						HVT_RAW_MAX / 4))
		return -ENOSPC;
	take_shape(&shape, event, schema);
	index = find_shape(c, &shape);
	if (index < 0)
		return index;
	*r = (struct rest){ .thread = event->thread, .shape = (uint16_t)index,
		.tick = event->tick };
	if (add_values(c, r, event, schema) || add_data(c, event, schema))
		return -ENOMEM;
	c->shapes[index].events++;
	c->count++;
	return 0;
}

static void put(struct hvt_columns *c, uint64_t v)
{
	uint8_t *p = c->payload.p + c->payload.size;

	c->payload.size += (size_t)(hvt_put_varint(p, v) - p);
}

/* Ends a part here, unless it is too small or the last one must be kept. */
static void cut(struct hvt_columns *c)
{
	struct hvt_payload *out = &c->out;
	size_t begin = out->parts ? out->ends[out->parts - 1] : 0;

	if (c->payload.size - begin >= PART_MIN &&
			out->parts < HVT_PARTS_MAX - 1)
		out->ends[out->parts++] = c->payload.size;
}

static void put_shapes(struct hvt_columns *c)
{
	put(c, c->shape_count);
	for (size_t i = 0; i < c->shape_count; i++)
		for (unsigned k = 0; k < c->shapes[i].count; k++)
			put(c, c->shapes[i].numbers[k]);
}

static void put_threads(struct hvt_columns *c)
{
	uint32_t run;

	for (uint32_t i = 0; i < c->count; i += run) {
		run = 1;
		while (i + run < c->count &&
				c->rests[i + run].thread == c->rests[i].thread)
			run++;
		put(c, c->rests[i].thread);
		put(c, run);
	}
}

static void put_tokens(struct hvt_columns *c)
{
	bool wide = c->shape_count > 256;

	for (uint32_t i = 0; i < c->count; i++) {
		c->payload.p[c->payload.size++] = (uint8_t)c->rests[i].shape;
		if (wide)
			c->payload.p[c->payload.size++] =
					(uint8_t)(c->rests[i].shape >> 8);
	}
}

/*
 * Entering and returning have columns of their own: how long a VMM takes and
 * how long a guest runs are two distributions.
 */
static void put_ticks(struct hvt_columns *c, uint32_t kind)
{
	uint64_t last = c->count ? c->rests[0].tick : 0;
	uint64_t limit = c->count ? c->rests[c->count - 1].tick : 0;
	uint8_t scratch[HVT_TICK_MAX];

	for (uint32_t i = 0; i < c->count; i++) {
		const struct shape *s = &c->shapes[c->rests[i].shape];
		uint8_t *end;

		if (!hvt_shape_has_tick((uint32_t)s->numbers[0]))
			continue;
		end = hvt_put_tick(scratch, c->rests[i].tick, limit, &last);
		if (s->numbers[0] != kind)
			continue;
		memcpy(c->payload.p + c->payload.size, scratch,
				(size_t)(end - scratch));
		c->payload.size += (size_t)(end - scratch);
	}
}

/* Values of one shape after the other, each shape's in the order of events. */
static int put_values(struct hvt_columns *c)
{
	uint32_t *order = calloc(c->count + 1u, sizeof(*order));
	uint32_t *next = calloc(c->shape_count + 1, sizeof(*next));

	if (!order || !next) {
		free(order);
		free(next);
		return -ENOMEM;
	}
	for (size_t i = 1; i < c->shape_count; i++)
		next[i] = next[i - 1] + c->shapes[i - 1].events;
	for (uint32_t i = 0; i < c->count; i++)
		order[next[c->rests[i].shape]++] = i;
	for (uint32_t i = 0; i < c->count; i++) {
		const struct rest *r = &c->rests[order[i]];

		if (i && r->shape != c->rests[order[i - 1]].shape)
			cut(c);
		for (unsigned k = 0; k < r->vary_count; k++)
			put(c, c->vary[r->vary + k]);
	}
	free(order);
	free(next);
	return 0;
}

static void clear(struct hvt_columns *c)
{
	c->count = c->vary_count = 0;
	c->shape_count = 0;
	c->data.size = 0;
	hvt_map_clear(&c->by_hash);
	hvt_map_clear(&c->last);
}

static int put_all(struct hvt_columns *c, const struct hvt_log_point *point)
{
	int err;

	c->payload.size = (size_t)(hvt_log_point_encode(point, c->payload.p) -
			c->payload.p);
	put_shapes(c);
	put_threads(c);
	cut(c);
	put_tokens(c);
	cut(c);
	put_ticks(c, HVT_EVENT_ENTER);
	cut(c);
	put_ticks(c, HVT_EVENT_LEAVE);
	cut(c);
	err = put_values(c);
	cut(c);
	if (c->data.size && !err)
		memcpy(c->payload.p + c->payload.size, c->data.p, c->data.size);
	c->payload.size += c->data.size;
	return err;
}

int hvt_columns_finish(struct hvt_columns *c,
		const struct hvt_log_point *point, struct hvt_payload *payload)
{
	size_t numbers = 4 + 4u * c->count + c->vary_count +
			c->shape_count * HVT_SHAPE_MAX;
	int err;

	c->payload.size = 0; /* reserve() goes by what is used */
	c->out.parts = 0;
	err = reserve(&c->payload, numbers * HVT_VARINT_MAX + c->data.size +
				hvt_log_point_bound(point));
	if (!err)
		err = put_all(c, point);
	if (err)
		return err;
	c->out.bytes = c->payload.p;
	c->out.size = c->payload.size;
	c->out.ends[c->out.parts++] = c->payload.size;
	*payload = c->out;
	clear(c);
	return 0;
}
