/* SPDX-License-Identifier: MIT */
/*
 * Columns back to events. The input is hostile: what a number promises is
 * checked against what is there, and an event that cannot be is an error.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "format.h"
#include "map.h"
#include "shape.h"
#include "tickcode.h"

struct shape {
	struct hvt_event event; /* with the numbers of the shape filled in */
	const struct hvt_call_schema *schema;
	uint32_t events, next; /* how many, and where their values begin */
	bool has_vary;
};

struct decoder {
	struct hvt_input in;
	struct hvt_event *events;
	uint32_t count;
	struct shape *shapes;
	size_t shape_count;
	struct hvt_map last;
	struct hvt_log_point *point;
	const struct hvt_calls_text *calls;
};

static bool get_shape(struct decoder *d, struct shape *s)
{
	struct hvt_event *e = &s->event;
	uint64_t kind, call, result = 0;

	if (!hvt_get_varint(&d->in, &kind) || !hvt_get_varint(&d->in, &call) ||
			kind < HVT_EVENT_CALL || kind > HVT_EVENT_LEAVE ||
			call > UINT32_MAX)
		return false;
	e->kind = (uint32_t)kind;
	e->call = (uint32_t)call;
	s->schema = hvt_calls_text_find(d->calls, e->call);
	if (!s->schema || s->schema->wide != (kind != HVT_EVENT_CALL))
		return false;
	s->has_vary = kind != HVT_EVENT_ENTER &&
			s->schema->varies;
	if (kind != HVT_EVENT_ENTER && !s->has_vary &&
			!hvt_get_varint(&d->in, &result))
		return false;
	e->result = (int64_t)hvt_unzigzag(result);
	for (unsigned i = 0; i < s->schema->param_count; i++) {
		const struct hvt_param_schema *param = &s->schema->params[i];

		if (!hvt_shape_carries(e->kind, param))
			continue;
		if (!param->in_shape)
			s->has_vary = true;
		else if (!hvt_get_varint(&d->in, &e->values[i]))
			return false;
		if (hvt_shape_is_buffer(param))
			e->data_size = e->values[i];
	}
	return e->data_size <= HVT_DATA_MAX;
}

static int get_shapes(struct decoder *d)
{
	uint64_t n;

	/* Two bytes at least each: what is left bounds the allocation. */
	if (!hvt_get_varint(&d->in, &n) || n > HVT_SHAPES_MAX ||
			n > (uint64_t)(d->in.end - d->in.p) / 2)
		return -EBADMSG;
	d->shape_count = n;
	d->shapes = calloc(n + 1, sizeof(*d->shapes));
	if (!d->shapes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!get_shape(d, &d->shapes[i]))
			return -EBADMSG;
	return 0;
}

static int get_threads(struct decoder *d, uint32_t *threads)
{
	uint64_t thread, run;

	for (uint32_t i = 0; i < d->count; i += (uint32_t)run) {
		if (!hvt_get_varint(&d->in, &thread) ||
				!hvt_get_varint(&d->in, &run) || !run ||
				run > d->count - i || thread >= HVT_THREADS_MAX)
			return -EBADMSG;
		for (uint64_t k = 0; k < run; k++)
			threads[i + k] = (uint32_t)thread;
	}
	return 0;
}

static int get_tokens(struct decoder *d, const uint32_t *threads,
		uint64_t first, struct shape **used)
{
	unsigned width = d->shape_count > 256 ? 2 : 1;

	if ((size_t)(d->in.end - d->in.p) / width < d->count)
		return -EBADMSG;
	for (uint32_t i = 0; i < d->count; i++) {
		size_t token = d->in.p[0];

		if (width == 2)
			token |= (size_t)d->in.p[1] << 8;
		d->in.p += width;
		if (token >= d->shape_count)
			return -EBADMSG;
		used[i] = &d->shapes[token];
		used[i]->events++;
		d->events[i] = used[i]->event;
		d->events[i].number = first + i;
		d->events[i].thread = threads[i];
	}
	return 0;
}

static int get_tick_deltas(struct decoder *d, uint32_t kind)
{
	for (uint32_t i = 0; i < d->count; i++)
		if (d->events[i].kind == kind &&
				!hvt_get_tick(&d->in, &d->events[i].tick))
			return -EBADMSG;
	return 0;
}

/* An event without a tick of its own has that of the last one before it. */
static int get_ticks(struct decoder *d, uint64_t tick)
{
	int err = get_tick_deltas(d, HVT_EVENT_ENTER);

	if (!err)
		err = get_tick_deltas(d, HVT_EVENT_LEAVE);
	for (uint32_t i = 0; i < d->count && !err; i++) {
		if (hvt_shape_has_tick(d->events[i].kind))
			tick += d->events[i].tick;
		d->events[i].tick = tick;
	}
	return err;
}

static bool get_vary(struct decoder *d, struct hvt_event *e,
		const struct hvt_call_schema *schema)
{
	/* Differences now; resolve() adds them up in the order of events. */
	if (e->kind != HVT_EVENT_ENTER && schema->varies) {
		uint64_t v;

		if (!hvt_get_varint(&d->in, &v))
			return false;
		e->result = (int64_t)hvt_unzigzag(v);
	}
	for (unsigned i = 0; i < schema->param_count; i++) {
		if (schema->params[i].in_shape ||
				!hvt_shape_carries(e->kind, &schema->params[i]))
			continue;
		if (!hvt_get_varint(&d->in, &e->values[i]))
			return false;
		e->values[i] = hvt_unzigzag(e->values[i]);
	}
	return true;
}

static int get_values(struct decoder *d, struct shape **used, uint32_t *order)
{
	uint32_t at = 0;

	for (size_t i = 0; i < d->shape_count; i++) {
		d->shapes[i].next = at;
		at += d->shapes[i].events;
	}
	for (uint32_t i = 0; i < d->count; i++)
		order[used[i]->next++] = i;
	for (uint32_t i = 0; i < d->count; i++)
		if (!get_vary(d, &d->events[order[i]], used[order[i]]->schema))
			return -EBADMSG;
	return 0;
}

static bool resolve(struct decoder *d, struct hvt_event *e,
		const struct hvt_call_schema *schema)
{
	uint64_t *last = hvt_map_at(&d->last, hvt_shape_track(schema, e));

	if (!last)
		return false;
	if (e->kind != HVT_EVENT_ENTER && schema->varies) {
		*last += (uint64_t)e->result;
		e->result = (int64_t)*last;
	}
	for (unsigned i = 0; i < schema->param_count; i++) {
		if (schema->params[i].in_shape ||
				!hvt_shape_carries(e->kind, &schema->params[i]))
			continue;
		*last += e->values[i];
		e->values[i] = *last;
		if (hvt_shape_is_buffer(&schema->params[i]))
			e->data_size = e->values[i];
	}
	return true;
}

static int resolve_all(struct decoder *d, struct shape **used)
{
	for (uint32_t i = 0; i < d->count; i++)
		if (used[i]->has_vary &&
				!resolve(d, &d->events[i], used[i]->schema))
			return -ENOMEM;
	return 0;
}

/* The rest is the bytes of the buffers, all of it. */
static int get_data(struct decoder *d)
{
	for (uint32_t i = 0; i < d->count; i++) {
		struct hvt_event *e = &d->events[i];

		if (!e->data_size)
			continue;
		if (e->data_size > HVT_DATA_MAX ||
				e->data_size > (size_t)(d->in.end - d->in.p))
			return -EBADMSG;
		e->data = d->in.p;
		d->in.p += e->data_size;
	}
	return d->in.p == d->in.end ? 0 : -EBADMSG;
}

static int decode(struct decoder *d, uint64_t first, uint64_t base_tick)
{
	size_t n = d->count + 1u;
	uint32_t *numbers = calloc(n, sizeof(*numbers));
	struct shape **used = calloc(n, sizeof(struct shape *));
	int err = numbers && used ? hvt_log_point_decode(d->point, &d->in)
				  : -ENOMEM;

	if (!err)
		err = get_shapes(d);
	if (!err)
		err = get_threads(d, numbers);
	if (!err)
		err = get_tokens(d, numbers, first, used);
	if (!err)
		err = get_ticks(d, base_tick);
	if (!err)
		err = get_values(d, used, numbers);
	if (!err)
		err = resolve_all(d, used);
	if (!err)
		err = get_data(d);
	free(numbers);
	free(used);
	return err;
}

int hvt_columns_decode(struct hvt_decoded *out, const uint8_t *payload,
		size_t size, uint32_t count, uint64_t first, uint64_t base_tick)
{
	struct decoder d = { .in = { payload, payload + size },
		.count = count, .point = &out->point, .calls = out->calls };
	int err;

	out->count = 0;
	if (count > HVT_SEGMENT_EVENTS_MAX)
		return -EBADMSG;
	if (count > out->capacity) {
		struct hvt_event *more = realloc(
				out->events, count * sizeof(*more));

		if (!more)
			return -ENOMEM;
		out->events = more;
		out->capacity = count;
	}
	d.events = out->events;
	err = decode(&d, first, base_tick);
	free(d.shapes);
	hvt_map_fini(&d.last);
	if (!err)
		out->count = count;
	return err;
}

void hvt_decoded_fini(struct hvt_decoded *d)
{
	free(d->events);
	hvt_log_point_fini(&d->point);
	*d = (struct hvt_decoded){ 0 };
}
