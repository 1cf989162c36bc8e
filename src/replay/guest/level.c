/* SPDX-License-Identifier: MIT */
#include "level.h"

#include <Hypervisor/Hypervisor.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../replay_memory.h"
#include "call_ids.h"
#include "guest_ram.h"
#include "played_memory.h"
#include "trace.h"

/* The first reason of each kind counts. */
__attribute__((format(printf, 3, 4)))
static void loses(struct hvt_guest_level *level, const struct hvt_event *event,
		const char *format, ...)
{
	va_list args;

	if (!level->level)
		return;
	level->level = 0;
	level->event = event ? event->number : 0;
	va_start(args, format);
	vsnprintf(level->reason, sizeof(level->reason), format, args);
	va_end(args);
}

const struct hvt_guest_level *hvt_level_found(const struct hvt_level *l)
{
	return l->happened.level ? &l->code : &l->happened;
}

void hvt_level_begin(struct hvt_level *l, const struct hvt_trace *trace)
{
	const char *memory = hvt_trace_info(trace, "memory");

	*l = (struct hvt_level){ .happened.level = 1, .code.level = 1 };
	if (!memory || !strcmp(memory, "none"))
		loses(&l->happened, NULL, "it was recorded without guest memory");
}

void hvt_level_fini(struct hvt_level *l)
{
	hvt_extents_clear(&l->sources);
}

static bool is_running(const struct hvt_level *l, uint32_t thread)
{
	return l->running[thread / 64] >> thread % 64 & 1;
}

static void set_running(struct hvt_level *l, uint32_t thread, bool running)
{
	if (running == is_running(l, thread))
		return;
	l->running[thread / 64] ^= 1ull << thread % 64;
	l->running_count += running ? 1 : -1u;
}

/* Something of another thread, while a vCPU is who knows where in its guest. */
static void see_beside_runs(struct hvt_level *l, const struct hvt_event *event)
{
	const struct hvt_call_schema *schema = hvt_call_schema(event->call);

	if (!l->running_count || event->kind != HVT_EVENT_ENTER ||
			hvt_call_is_input(event->call))
		return;
	/* What a thread does for its own run, as it begins it, is in order. */
	if (l->running_count == 1 && is_running(l, event->thread) &&
			hvt_replay_memory_is_note(event))
		return;
	if (event->call == HVT_CALL_HV_VCPU_RUN)
		loses(&l->happened, event, "two vCPUs ran at once");
	else if (event->call == HVT_CALL_MEMORY_TOUCHED)
		loses(&l->happened, event, "the VMM came to guest memory while a vCPU ran");
	else
		loses(&l->happened, event, "%s while a vCPU ran",
				schema ? schema->name : "an unknown call");
}

static void see_run(struct hvt_level *l, const struct hvt_event *event)
{
	bool entered = event->kind == HVT_EVENT_ENTER;

	set_running(l, event->thread, entered);
	if (!entered && event->result == HV_SUCCESS &&
			event->values[1] == HV_EXIT_REASON_VTIMER_ACTIVATED)
		loses(&l->happened, event, "the virtual timer ended a run");
}

/* Encodings of MRS and MSR (Arm ARM C5.2): direction, CRm, op2, Rt left out. */
#define TIMER_MASK 0xffdff000u
#define TIMER	   0xd51be000u /* op0 3, op1 3, CRn 14: CNT*_EL0, PMEV*_EL0 */
#define READ_MASK  0xffffffe0u
#define CNTFRQ	   0xd53be000u /* does not move */
#define RNDR	   0xd53b2400u
#define RNDRRS	   0xd53b2420u
#define PMCCNTR	   0xd53b9d00u
#define PMXEVCNTR  0xd53b9d40u

/* What the instruction brings in from outside; NULL: nothing. */
static const char *source_of(uint32_t word)
{
	switch (word & READ_MASK) {
	case CNTFRQ:
		return NULL;
	case RNDR:
	case RNDRRS:
		return "a random number";
	case PMCCNTR:
	case PMXEVCNTR:
		return "a performance counter";
	default:
		return (word & TIMER_MASK) == TIMER ? "a counter or timer"
						    : NULL;
	}
}

/* Such code among bytes of addr: how many from there the first is; size: none. */
static size_t find_source(uint64_t addr, const uint8_t *bytes, size_t size,
		uint32_t *word)
{
	/* A part of a page may begin within a word. */
	for (size_t at = (size_t)(-addr & 3); at + 4 <= size; at += 4) {
		memcpy(word, bytes + at, sizeof(*word));
		if (source_of(*word))
			return at;
	}
	return size;
}

static void has_source(struct hvt_level *l, const struct hvt_event *event,
		uint64_t addr, uint32_t word)
{
	loses(&l->code, event, "the guest has code that takes %s (instruction "
			"%08" PRIx32 ", in memory at 0x%" PRIx64 " of the VMM)",
			source_of(word), word, addr);
}

/* The VMM put these bytes into guest memory. */
static void see_changed(struct hvt_level *l, const struct hvt_event *event)
{
	uint64_t addr = event->values[0];
	uint32_t word;
	size_t at = find_source(addr, event->data, event->data_size, &word);

	if (at < event->data_size)
		has_source(l, event, addr + at, word);
}

/* Contents are told once, before the first event that has to do with them. */
static void see_contents(struct hvt_level *l, const struct hvt_event *event)
{
	uint32_t word;
	size_t at = find_source(0, event->data, event->data_size, &word);

	if (at < event->data_size &&
			hvt_extents_set(&l->sources, event->values[0], 1,
				(uint64_t)at << 32 | word, event->number))
		loses(&l->code, event, "it is not known whether the guest has "
				"code that reads a clock: out of memory");
}

/* And these are in guest memory by the VMM now. */
static void see_stored(struct hvt_level *l, const struct hvt_event *event)
{
	const struct hvt_extent_of *source =
			hvt_extents_find(&l->sources, event->values[1]);

	if (source)
		has_source(l, event, event->values[0] + (source->value >> 32),
				(uint32_t)source->value);
}

static void see_memory(struct hvt_level *l, const struct hvt_event *event)
{
	switch (event->call) {
	case HVT_CALL_MEMORY_PAGE:
		see_contents(l, event);
		break;
	case HVT_CALL_MEMORY_STORED:
		see_stored(l, event);
		break;
	case HVT_CALL_MEMORY_CHANGED:
		see_changed(l, event);
		break;
	case HVT_CALL_MEMORY_MAPPED:
		if (event->values[2] == HVT_RAM_UNTRACKED)
			loses(&l->happened, event, "memory at 0x%" PRIx64 " of the VMM was "
					"not followed", event->values[0]);
		break;
	default:
		break;
	}
}

void hvt_level_see(struct hvt_level *l, const struct hvt_event *event)
{
	if (event->thread >= HVT_LEVEL_THREADS)
		return;
	see_beside_runs(l, event);
	if (event->call == HVT_CALL_HV_VCPU_RUN)
		see_run(l, event);
	else
		see_memory(l, event);
}

int hvt_level_create(struct hvt_level **level, const struct hvt_trace *trace)
{
	*level = malloc(sizeof(**level));
	if (!*level)
		return -ENOMEM;
	hvt_level_begin(*level, trace);
	return 0;
}

bool hvt_level_is_settled(const struct hvt_level *l)
{
	return !l->happened.level;
}

void hvt_level_destroy(struct hvt_level *l)
{
	hvt_level_fini(l);
	free(l);
}

int hvt_trace_guest_level(struct hvt_trace *trace,
		struct hvt_guest_level *level, struct hvt_error *e)
{
	struct hvt_event event;
	struct hvt_level *l;
	int got = hvt_level_create(&l, trace);

	if (got)
		return got;
	got = hvt_trace_rewind(trace, e);
	if (!got)
		got = 1;
	while (got > 0 && !hvt_level_is_settled(l)) {
		got = hvt_trace_next(trace, &event, e);
		if (got > 0)
			hvt_level_see(l, &event);
	}
	*level = *hvt_level_found(l);
	hvt_level_destroy(l);
	return got < 0 && got != -ENODATA ? got : 0;
}
