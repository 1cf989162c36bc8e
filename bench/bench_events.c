/* SPDX-License-Identifier: MIT */
/* Traces to measure with. */
#include "bench_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REG_PC              31u /* HV_REG_PC */
#define MADE_UP_EXITS       40000u
#define MADE_UP_EXITS_SMOKE 200u

bool bench_is_exit(const struct hvt_event *event)
{
	return event->kind == HVT_EVENT_LEAVE &&
			event->call == HVT_CALL_HV_VCPU_RUN;
}

static void append(struct hvt_recorder *r, uint32_t kind, uint32_t call,
		uint64_t selector, uint64_t value)
{
	struct hvt_event e = { .kind = kind, .call = call,
		.values = { 0, selector, value } };

	bench_check(hvt_recorder_append(r, &e), "append");
}

/* Entered, left for a device register, which is read, and the PC moved on. */
static void append_exit(struct hvt_recorder *r, uint64_t i)
{
	uint64_t pc = 0xffff800010080000u + (i * 2654435761u >> 8 & 0xfff) * 4;
	struct hvt_event leave = { .kind = HVT_EVENT_LEAVE,
		.call = HVT_CALL_HV_VCPU_RUN,
		.values = { 0, 1, 0x93810045, 0, 0x9000018 } };

	append(r, HVT_EVENT_ENTER, HVT_CALL_HV_VCPU_RUN, 0, 0);
	bench_check(hvt_recorder_append(r, &leave), "append");
	append(r, HVT_EVENT_CALL, HVT_CALL_HV_VCPU_SET_REG, i % 31, i & 0xff);
	append(r, HVT_EVENT_CALL, HVT_CALL_HV_VCPU_GET_REG, REG_PC,
			pc);
	append(r, HVT_EVENT_CALL, HVT_CALL_HV_VCPU_SET_REG, REG_PC,
			pc + 4);
}

static void make_up(const char *path, uint64_t exits)
{
	struct hvt_recorder *r;

	bench_check(hvt_recorder_open(&r, path, NULL, 0), path);
	for (uint64_t i = 0; i < exits; i++)
		append_exit(r, i);
	bench_check(hvt_recorder_finish(r), path);
	hvt_recorder_free(r);
}

const char *bench_trace_path(const struct bench *b)
{
	const char *path = b->operand;

	if (path)
		return path;
	if (!b->smoke && !access(HVT_BENCH_TRACE, R_OK))
		return HVT_BENCH_TRACE;
	path = bench_path(b, "made_up.hvt");
	if (!b->smoke)
		fprintf(stderr, "bench: no trace given and scripts/demo has "
				"left none: measuring one made up\n");
	make_up(path, b->smoke ? MADE_UP_EXITS_SMOKE : MADE_UP_EXITS);
	return path;
}

static void keep(struct bench_events *e, const struct hvt_event *event)
{
	struct hvt_event *mine = &e->events[e->count++];

	*mine = *event;
	e->exits += bench_is_exit(event);
	if (!event->data_size)
		return;
	mine->data = malloc(event->data_size);
	bench_check(mine->data ? 0 : -1, "no memory");
	memcpy((void *)(uintptr_t)mine->data, event->data, event->data_size);
}

void bench_load(struct bench_events *e, const char *path, uint64_t limit)
{
	struct hvt_trace *t;
	struct hvt_error error;
	struct hvt_event event;
	uint64_t capacity = 0;
	int got;

	*e = (struct bench_events){ 0 };
	bench_check(hvt_trace_open(&t, path, &error), path);
	while ((got = hvt_trace_next(t, &event, &error)) == 1 &&
			e->count < limit) {
		if (e->count == capacity) {
			capacity = capacity ? 2 * capacity : 65536;
			e->events = realloc(e->events,
					capacity * sizeof(*e->events));
			bench_check(e->events ? 0 : -1, "no memory");
		}
		keep(e, &event);
	}
	bench_check(got < 0 ? got : 0, path);
	hvt_trace_close(t);
}

void bench_unload(struct bench_events *e)
{
	for (uint64_t i = 0; i < e->count; i++)
		if (e->events[i].data_size)
			free((void *)(uintptr_t)e->events[i].data);
	free(e->events);
}
