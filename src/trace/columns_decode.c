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

/* What repeats of some events, and where what varies of them is. */
struct shape {
	struct hvt_event event; /* with the numbers of the shape filled in */
	uint32_t events;        /* that have it */
	bool result_varies;
	unsigned vary_count; /* values that vary, by their place */
	uint8_t vary[HVT_VALUES_MAX];
	bool is_size[HVT_VALUES_MAX]; /* and tell of a buffer's bytes */
	struct hvt_input in;          /* its column, as far as not read */
	struct hvt_input *ticks;      /* of its kind, or NULL */
	uint64_t track;               /* but for the thread */
	/* What hvt_map_at() said last, which holds until the map grows. */
	uint64_t *last;
	uint32_t last_thread;
	size_t last_capacity;
};

/*
 * Columns are found first, by skipping through them; then events are made one
 * by one, each from the columns' next values. A segment's events do not fit
 * into a cache near the processor: they are written once, and who looks at them
 * once only takes some at a time.
 */
struct hvt_columns_decoder {
	struct hvt_input in;
	struct hvt_input threads, tokens, enters, leaves, data;
	unsigned token_size;
	uint32_t thread;
	uint64_t run; /* events that thread still has here */
	uint64_t tick;
	uint64_t first;
	uint32_t count, made; /* events in all, and so far */
	struct shape *shapes;
	size_t shape_count, shape_room;
	struct hvt_map last;
	struct hvt_log_point point;
	const struct hvt_calls_text *calls;
};

static bool has_values(const struct shape *s)
{
	return s->result_varies || s->vary_count;
}

/* A parameter of the shape: its number is here, or in the shape's column. */
static bool get_param(struct hvt_columns_decoder *d, struct shape *s, unsigned i,
		const struct hvt_param_schema *param)
{
	struct hvt_event *e = &s->event;

	if (!hvt_shape_carries(e->kind, param))
		return true;
	if (!param->in_shape) {
		s->is_size[s->vary_count] = hvt_shape_is_buffer(param);
		s->vary[s->vary_count++] = (uint8_t)i;
		return true;
	}
	if (!hvt_get_varint(&d->in, &e->values[i]))
		return false;
	if (hvt_shape_is_buffer(param))
		e->data_size = e->values[i];
	return true;
}

static bool get_shape(struct hvt_columns_decoder *d, struct shape *s)
{
	const struct hvt_call_schema *schema;
	struct hvt_event *e = &s->event;
	uint64_t kind, call, result = 0;

	if (!hvt_get_varint(&d->in, &kind) || !hvt_get_varint(&d->in, &call) ||
			kind < HVT_EVENT_CALL || kind > HVT_EVENT_LEAVE ||
			call > UINT32_MAX)
		return false;
	e->kind = (uint32_t)kind;
	e->call = (uint32_t)call;
	schema = hvt_calls_text_find(d->calls, e->call);
	if (!schema || schema->wide != (kind != HVT_EVENT_CALL))
		return false;
	s->result_varies = kind != HVT_EVENT_ENTER && schema->varies;
	if (kind != HVT_EVENT_ENTER && !s->result_varies &&
			!hvt_get_varint(&d->in, &result))
		return false;
	e->result = (int64_t)hvt_unzigzag(result);
	for (unsigned i = 0; i < schema->param_count; i++)
		if (!get_param(d, s, i, &schema->params[i]))
			return false;
	s->track = hvt_shape_track(schema, e);
	if (hvt_shape_has_tick(e->kind))
		s->ticks = e->kind == HVT_EVENT_ENTER ? &d->enters : &d->leaves;
	return e->data_size <= HVT_DATA_MAX;
}

static int get_shapes(struct hvt_columns_decoder *d)
{
	uint64_t n;

	/* Two bytes at least each: what is left bounds the allocation. */
	if (!hvt_get_varint(&d->in, &n) || n > HVT_SHAPES_MAX ||
			n > (uint64_t)(d->in.end - d->in.p) / 2)
		return -EBADMSG;
	if (n > d->shape_room) {
		struct shape *more = realloc(d->shapes, n * sizeof(*more));

		if (!more)
			return -ENOMEM;
		d->shapes = more;
		d->shape_room = n;
	}
	if (n)
		memset(d->shapes, 0, n * sizeof(*d->shapes));
	d->shape_count = n;
	for (size_t i = 0; i < n; i++)
		if (!get_shape(d, &d->shapes[i]))
			return -EBADMSG;
	return 0;
}

/* What was skipped of the input since it was at from. */
static struct hvt_input column(const struct hvt_columns_decoder *d, const uint8_t *from)
{
	return (struct hvt_input){ from, d->in.p };
}

static bool get_run(struct hvt_input *in, uint32_t left, uint64_t *thread,
		uint64_t *run)
{
	return hvt_get_varint(in, thread) && hvt_get_varint(in, run) && *run &&
			*run <= left && *thread < HVT_THREADS_MAX;
}

static bool find_threads(struct hvt_columns_decoder *d)
{
	const uint8_t *from = d->in.p;
	uint64_t thread, run;

	for (uint32_t i = 0; i < d->count; i += (uint32_t)run)
		if (!get_run(&d->in, d->count - i, &thread, &run))
			return false;
	d->threads = column(d, from);
	return true;
}

static inline size_t get_token(struct hvt_input *in, unsigned size)
{
	size_t token = in->p[0];

	if (size == 2)
		token |= (size_t)in->p[1] << 8;
	in->p += size;
	return token;
}

static bool find_tokens(struct hvt_columns_decoder *d)
{
	const uint8_t *from = d->in.p;

	d->token_size = d->shape_count > 256 ? 2 : 1;
	if ((size_t)(d->in.end - from) / d->token_size < d->count)
		return false;
	for (uint32_t i = 0; i < d->count; i++) {
		size_t token = get_token(&d->in, d->token_size);

		if (token >= d->shape_count)
			return false;
		d->shapes[token].events++;
	}
	d->tokens = column(d, from);
	return true;
}

static bool find_ticks(struct hvt_columns_decoder *d, uint32_t kind,
		struct hvt_input *ticks)
{
	const uint8_t *from = d->in.p;
	uint64_t delta, n = 0;

	for (size_t i = 0; i < d->shape_count; i++)
		if (d->shapes[i].event.kind == kind)
			n += d->shapes[i].events;
	while (n--)
		if (!hvt_get_tick(&d->in, &delta))
			return false;
	*ticks = column(d, from);
	return true;
}

/*
 * Skips n numbers by their last bytes, which alone have no high bit. That each
 * is one is seen when it is read.
 */
static bool skip_numbers(struct hvt_input *in, uint64_t n)
{
	const uint64_t high = 0x8080808080808080u;

	while (n >= 8 && in->end - in->p >= 8) {
		uint64_t word;

		memcpy(&word, in->p, sizeof(word));
		n -= (unsigned)__builtin_popcountll(~word & high);
		in->p += 8;
	}
	for (; n; in->p++) {
		if (in->p == in->end)
			return false;
		n -= !(*in->p & 0x80);
	}
	return true;
}

static bool find_values(struct hvt_columns_decoder *d)
{
	for (size_t i = 0; i < d->shape_count; i++) {
		struct shape *s = &d->shapes[i];
		const uint8_t *from = d->in.p;
		uint64_t each = s->vary_count + s->result_varies;

		if (!skip_numbers(&d->in, each * s->events))
			return false;
		s->in = column(d, from);
	}
	return true;
}

/* An event without a tick of its own has that of the last one before it. */
static bool make_tick(struct hvt_columns_decoder *d, const struct shape *s)
{
	uint64_t delta;

	if (!s->ticks)
		return true;
	if (!hvt_get_tick(s->ticks, &delta))
		return false;
	d->tick += delta;
	return true;
}

static uint64_t *last_of(struct hvt_columns_decoder *d, struct shape *s, uint32_t thread)
{
	if (s->last && s->last_thread == thread &&
			s->last_capacity == d->last.capacity)
		return s->last;
	s->last = hvt_map_at(&d->last, (uint64_t)thread << 48 | s->track);
	s->last_thread = thread;
	s->last_capacity = d->last.capacity;
	return s->last;
}

/* Values are differences to the last one of their track. */
static int make_values(struct hvt_columns_decoder *d, struct shape *s, struct hvt_event *e)
{
	uint64_t *last = last_of(d, s, e->thread), now, v;

	if (!last)
		return -ENOMEM;
	now = *last;
	if (s->result_varies) {
		if (!hvt_get_varint(&s->in, &v))
			return -EBADMSG;
		now += hvt_unzigzag(v);
		e->result = (int64_t)now;
	}
	for (unsigned i = 0; i < s->vary_count; i++) {
		if (!hvt_get_varint(&s->in, &v))
			return -EBADMSG;
		now += hvt_unzigzag(v);
		e->values[s->vary[i]] = now;
		if (s->is_size[i])
			e->data_size = now;
	}
	*last = now;
	return 0;
}

static bool make_data(struct hvt_columns_decoder *d, struct hvt_event *e)
{
	if (e->data_size > HVT_DATA_MAX ||
			e->data_size > (size_t)(d->data.end - d->data.p))
		return false;
	e->data = d->data.p;
	d->data.p += e->data_size;
	return true;
}

static int make_event(struct hvt_columns_decoder *d, struct hvt_event *e)
{
	struct shape *s = &d->shapes[get_token(&d->tokens, d->token_size)];
	uint64_t thread;
	int err;

	if (!d->run) {
		if (!get_run(&d->threads, d->count - d->made, &thread, &d->run))
			return -EBADMSG;
		d->thread = (uint32_t)thread;
	}
	d->run--;
	*e = s->event;
	e->number = d->first + d->made++;
	e->thread = d->thread;
	if (!make_tick(d, s))
		return -EBADMSG;
	e->tick = d->tick;
	err = has_values(s) ? make_values(d, s, e) : 0;
	if (!err && e->data_size && !make_data(d, e))
		err = -EBADMSG;
	return err;
}

struct hvt_columns_decoder *hvt_columns_decoder_create(
		const struct hvt_calls_text *calls)
{
	struct hvt_columns_decoder *d = calloc(1, sizeof(*d));

	if (d)
		d->calls = calls;
	return d;
}

void hvt_columns_decoder_destroy(struct hvt_columns_decoder *d)
{
	if (!d)
		return;
	free(d->shapes);
	hvt_map_fini(&d->last);
	hvt_log_point_fini(&d->point);
	free(d);
}

int hvt_columns_begin(struct hvt_columns_decoder *d, const uint8_t *payload,
		size_t size, uint32_t count, uint64_t first, uint64_t base_tick)
{
	int err;

	d->in = (struct hvt_input){ payload, payload + size };
	d->tick = base_tick;
	d->first = first;
	d->count = d->made = 0;
	d->run = 0;
	hvt_map_clear(&d->last);
	if (count > HVT_SEGMENT_EVENTS_MAX)
		return -EBADMSG;
	d->count = count;
	err = hvt_log_point_decode(&d->point, &d->in);
	if (!err)
		err = get_shapes(d);
	if (err)
		return err;
	if (!find_threads(d) || !find_tokens(d) ||
			!find_ticks(d, HVT_EVENT_ENTER, &d->enters) ||
			!find_ticks(d, HVT_EVENT_LEAVE, &d->leaves) ||
			!find_values(d))
		return -EBADMSG;
	d->data = d->in;
	return 0;
}

int hvt_columns_more(struct hvt_columns_decoder *d, struct hvt_event *events,
		uint32_t max, uint32_t *count)
{
	uint32_t left = d->count - d->made, n = left < max ? left : max;

	*count = 0;
	for (uint32_t i = 0; i < n; i++) {
		int err = make_event(d, &events[i]);

		if (err)
			return err;
	}
	/* The rest is the bytes of the buffers, all of it. */
	if (n == left && d->data.p != d->data.end)
		return -EBADMSG;
	*count = n;
	return 0;
}

static int reserve(struct hvt_decoded *out, uint32_t count)
{
	struct hvt_event *more;

	if (!out->decoder)
		out->decoder = hvt_columns_decoder_create(out->calls);
	if (!out->decoder)
		return -ENOMEM;
	if (count <= out->capacity || count > HVT_SEGMENT_EVENTS_MAX)
		return 0;
	more = realloc(out->events, count * sizeof(*more));
	if (!more)
		return -ENOMEM;
	out->events = more;
	out->capacity = count;
	return 0;
}

int hvt_columns_decode(struct hvt_decoded *out, const uint8_t *payload,
		size_t size, uint32_t count, uint64_t first, uint64_t base_tick)
{
	uint32_t made = 0;
	int err = reserve(out, count);

	out->count = 0;
	if (!err)
		err = hvt_columns_begin(out->decoder, payload, size, count,
				first, base_tick);
	if (!err)
		err = hvt_columns_more(
				out->decoder, out->events, count, &made);
	out->count = made;
	return err;
}

void hvt_decoded_fini(struct hvt_decoded *d)
{
	free(d->events);
	hvt_columns_decoder_destroy(d->decoder);
	*d = (struct hvt_decoded){ 0 };
}
