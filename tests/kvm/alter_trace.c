/* SPDX-License-Identifier: MIT */
/*
 * usage: alter_trace guest|vmm|hostile SEED TRACE ALTERED: copies a trace with one thing
 * changed, and prints the number of the event at which a replay must find it, and
 * what it was. guest: something that the guest did, for the replay of the guest;
 * vmm: something that the VMM did, for that of the VMM. hostile: an input of the
 * VMM's becomes what no call returns.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rng.h"
#include "trace.h"
#include "writer.h"

enum what { OUTPUT, EXIT, PAGE_FOUND, WRITTEN, INPUT, STORED, CHANGED, DROPPED, MOVED,
	TOO_LONG, TOO_SHORT, RESULT };

static const char *const names[] = { [OUTPUT] = "output", [EXIT] = "exit",
	[PAGE_FOUND] = "page-found", [INPUT] = "input", [STORED] = "stored",
	[CHANGED] = "changed", [DROPPED] = "dropped", [MOVED] = "moved",
	[WRITTEN] = "written", [TOO_LONG] = "too-long",
	[TOO_SHORT] = "too-short", [RESULT] = "result" };

#define LONG_SIZE 200000u

struct copy {
	struct hvt_event *events; /* with bytes of their own */
	size_t count, room;
};

static void fail(const char *what)
{
	fprintf(stderr, "alter_trace: %s\n", what);
	exit(2);
}

static void keep(struct copy *c, const struct hvt_event *event)
{
	struct hvt_event *to;

	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 4096;
		c->events = realloc(c->events, c->room * sizeof(*c->events));
		if (!c->events)
			fail("out of memory");
	}
	to = &c->events[c->count++];
	*to = *event;
	if (!event->data_size)
		return;
	to->data = malloc(event->data_size);
	if (!to->data)
		fail("out of memory");
	memcpy((void *)(uintptr_t)to->data, event->data, event->data_size);
}

static void read_all(struct copy *c, struct hvt_trace *trace)
{
	struct hvt_event event;
	struct hvt_error e;
	int got;

	while ((got = hvt_trace_next(trace, &event, &e)) == 1)
		keep(c, &event);
	if (got < 0)
		fail(e.text);
}

static bool is_call(const struct hvt_event *e, uint32_t call, uint32_t kind)
{
	return e->call == call && e->kind == kind;
}

/* Contents that only the event behind them has to do with. */
static bool is_page_of(const struct copy *c, size_t i, uint32_t call)
{
	const struct hvt_event *e = c->events;

	if (!is_call(&e[i], HVT_CALL_MEMORY_PAGE, HVT_EVENT_ENTER) ||
			i + 1 >= c->count || e[i + 1].call != call)
		return false;
	for (size_t j = i + 2; j < c->count; j++)
		if ((e[j].call == HVT_CALL_MEMORY_TOUCHED ||
				    e[j].call == HVT_CALL_MEMORY_STORED ||
				    e[j].call == HVT_CALL_MEMORY_GUEST_STORED) &&
				e[j].values[1] == e[i].values[0])
			return false;
	return true;
}

static bool can(const struct copy *c, size_t i, enum what what)
{
	const struct hvt_event *e = &c->events[i];

	switch (what) {
	case OUTPUT:
		return is_call(e, HVT_CALL_HV_VCPU_GET_REG, HVT_EVENT_CALL);
	case EXIT:
		return is_call(e, HVT_CALL_HV_VCPU_RUN, HVT_EVENT_LEAVE);
	case PAGE_FOUND:
		return is_page_of(c, i, HVT_CALL_MEMORY_TOUCHED);
	case WRITTEN:
		return is_call(e, HVT_CALL_MEMORY_GUEST_CHANGED,
				HVT_EVENT_ENTER);
	case INPUT:
	case DROPPED:
		return is_call(e, HVT_CALL_HV_VCPU_SET_REG, HVT_EVENT_CALL);
	case STORED:
		return is_page_of(c, i, HVT_CALL_MEMORY_STORED);
	case CHANGED:
		return is_call(e, HVT_CALL_MEMORY_CHANGED, HVT_EVENT_ENTER);
	case MOVED:
		return i && is_call(e, HVT_CALL_HV_VCPU_SET_PENDING_INTERRUPT,
					    HVT_EVENT_CALL) &&
				e[-1].kind == HVT_EVENT_CALL &&
				e[-1].thread == e->thread;
	case TOO_LONG:
		return is_call(e, HVT_CALL_INPUT_READ, HVT_EVENT_LEAVE) ||
				is_call(e, HVT_CALL_INPUT_RANDOM, HVT_EVENT_CALL);
	case TOO_SHORT:
		return is_call(e, HVT_CALL_INPUT_POLL, HVT_EVENT_LEAVE);
	case RESULT:
		return hvt_call_is_input(e->call) && e->kind != HVT_EVENT_ENTER;
	}
	return false;
}

static void flip_byte(struct rng *rng, struct hvt_event *e)
{
	uint8_t *bytes = (uint8_t *)(uintptr_t)e->data;

	bytes[rng_below(rng, e->data_size)] ^= 1u << rng_below(rng, 8);
}

static void resize(struct hvt_event *e, size_t size)
{
	e->data = calloc(1, size);
	if (!e->data)
		fail("out of memory");
	e->data_size = size;
	e->values[e->call == HVT_CALL_INPUT_RANDOM ? 0 : 1] = size;
}

static void drop(struct copy *c, size_t i)
{
	c->count--;
	memmove(&c->events[i], &c->events[i + 1],
			(c->count - i) * sizeof(*c->events));
	for (; i < c->count; i++)
		c->events[i].number--;
}

static void swap(struct hvt_event *a, struct hvt_event *b)
{
	struct hvt_event t = *a;
	uint64_t number = a->number;

	*a = *b;
	*b = t;
	b->number = a->number;
	a->number = number;
}

/* The event at which it must be found. */
static uint64_t alter(struct copy *c, size_t i, enum what what, struct rng *rng)
{
	struct hvt_event *e = &c->events[i];
	uint64_t number = e->number;

	switch (what) {
	case OUTPUT:
	case INPUT:
		e->values[2] ^= 1ull << rng_below(rng, 64);
		return number;
	case EXIT:
		e->values[2] ^= 1ull << rng_below(rng, 25);
		return number;
	case PAGE_FOUND:
	case STORED:
		flip_byte(rng, e);
		return number + 1;
	case WRITTEN:
	case CHANGED:
		flip_byte(rng, e);
		return number;
	case DROPPED:
		drop(c, i);
		return number;
	case MOVED:
		swap(e - 1, e);
		return number - 1;
	case TOO_LONG:
	case TOO_SHORT:
		resize(e, what == TOO_LONG ? LONG_SIZE : 1);
		return number;
	case RESULT:
		e->result = (int32_t)rng_below(rng, 1u << 31);
		return number;
	}
	return 0;
}

static size_t pick(const struct copy *c, enum what what, struct rng *rng)
{
	size_t count = 0, nth;

	for (size_t i = 0; i < c->count; i++)
		count += can(c, i, what);
	if (!count)
		return SIZE_MAX;
	nth = rng_below(rng, count);
	for (size_t i = 0; i < c->count; i++)
		if (can(c, i, what) && !nth--)
			return i;
	return SIZE_MAX;
}

/* One of those that go by the word; SIZE_MAX: the trace has none. */
static size_t choose(const struct copy *c, const char *word, struct rng *rng,
		enum what *what)
{
	static const enum what lists[][5] = {
		{ OUTPUT, EXIT, PAGE_FOUND, WRITTEN },
		{ INPUT, STORED, CHANGED, DROPPED, MOVED },
		{ TOO_LONG, TOO_SHORT, RESULT },
	};
	static const unsigned counts[] = { 4, 5, 3 };
	unsigned list = !strcmp(word, "guest") ? 0 : !strcmp(word, "vmm") ? 1 : 2;
	size_t i = SIZE_MAX;

	for (unsigned n = 0; n < 100 && i == SIZE_MAX; n++) {
		*what = lists[list][rng_below(rng, counts[list])];
		i = pick(c, *what, rng);
	}
	return i;
}

static void write_all(const struct copy *c, const struct hvt_trace *trace,
		const char *path)
{
	struct hvt_info facts[64];
	struct hvt_writer *w;
	size_t count = 0;

	for (size_t at = 0; count < 64 && hvt_trace_info_at(trace, at,
			&facts[count].key, &facts[count].value); at++)
		count += strcmp(facts[count].key, "ended") != 0;
	if (hvt_writer_create(&w, path, facts, count, 0))
		fail("cannot write");
	for (size_t i = 0; i < c->count; i++) {
		int err = hvt_writer_add(w, &c->events[i]);

		if (err && (hvt_writer_cut(w, 0, NULL) ||
				hvt_writer_add(w, &c->events[i])))
			fail("cannot write an event");
	}
	if (hvt_writer_cut(w, 0, NULL) || hvt_writer_close(w, "finished"))
		fail("cannot write the end");
}

int main(int argc, char **argv)
{
	struct copy copy = { 0 };
	struct hvt_trace *trace;
	struct hvt_error e;
	enum what what;
	struct rng rng;
	size_t i;

	if (argc != 5)
		fail("usage: alter_trace guest|vmm|hostile SEED TRACE ALTERED");
	rng = rng_from(strtoull(argv[2], NULL, 10));
	if (hvt_trace_open(&trace, argv[3], &e))
		fail(e.text);
	read_all(&copy, trace);
	i = choose(&copy, argv[1], &rng, &what);
	if (i == SIZE_MAX)
		fail("nothing to alter");
	printf("%" PRIu64 " %s\n", alter(&copy, i, what, &rng), names[what]);
	write_all(&copy, trace, argv[4]);
	hvt_trace_close(trace);
	return 0;
}
