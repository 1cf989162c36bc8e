/* SPDX-License-Identifier: MIT */
/*
 * A trace for Perfetto. A vCPU's track has slices of two kinds in turn: "guest",
 * a run, and what the VMM did for the exit behind it, named for that. Calls
 * stand on the tracks of threads, accesses on those of devices; interrupt lines
 * and exits a second are counters. Each event of the trace gives one packet on
 * a track of vCPUs or threads, but for the ends of slices.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "look/describe.h"
#include "look/known.h"
#include "look/register_names.h"
#include "perfetto_packets.h"

/* Numbers of tracks: a kind, and which of the kind. */
enum {
	TRACK_VMM = 1,
	TRACK_DEVICES = 2,
	TRACK_INTERRUPTS = 3,
	TRACK_VCPU = 1 << 20,
	TRACK_THREAD = 2 << 20,
	TRACK_DEVICE = 3 << 20,
	TRACK_SPI = 4 << 20,
	TRACK_RATE = 5 << 20,
};

#define TRACKS_EACH 65536u /* of a kind are told apart */
#define RATE_NS	    10000000u

/* Threads have numbers that people see, too: those of vCPUs come first. */
#define TID_OF_VCPU   1u
#define TID_OF_THREAD 100001u

struct rate {
	uint64_t slot, exits;
};

struct perfetto_export {
	struct perfetto p;
	struct exit_tracker tracker;
	uint8_t known[5 * TRACKS_EACH / 8]; /* tracks that were described */
	struct rate rates[TRACKS_EACH];	    /* of vCPUs */
	uint64_t last; /* ns of the event before */
};

/* Is it the first time that the track is used? */
static bool is_new(struct perfetto_export *s, uint64_t kind, uint64_t which)
{
	size_t bit = (size_t)((kind >> 20) - 1) * TRACKS_EACH +
			which % TRACKS_EACH;
	bool known = s->known[bit / 8] >> bit % 8 & 1;

	s->known[bit / 8] |= (uint8_t)(1 << bit % 8);
	return !known;
}

static uint64_t vcpu_track(struct perfetto_export *s, uint64_t vcpu)
{
	uint64_t track = TRACK_VCPU + vcpu % TRACKS_EACH;
	uint64_t which = vcpu % TRACKS_EACH;
	char name[40];

	if (!is_new(s, TRACK_VCPU, vcpu))
		return track;
	snprintf(name, sizeof(name), "vCPU %" PRIu64, which);
	perfetto_thread(&s->p, track, TID_OF_VCPU + (uint32_t)which, name);
	snprintf(name, sizeof(name), "vCPU %" PRIu64 " exits", which);
	perfetto_counter(&s->p, TRACK_RATE + which, TRACK_VMM, name, "exits/s");
	return track;
}

static uint64_t thread_track(struct perfetto_export *s, uint32_t thread)
{
	uint64_t track = TRACK_THREAD + thread % TRACKS_EACH;
	char name[40];

	snprintf(name, sizeof(name), "calls of thread %" PRIu32, thread);
	if (is_new(s, TRACK_THREAD, thread))
		perfetto_thread(&s->p, track, TID_OF_THREAD + thread, name);
	return track;
}

static uint64_t device_track(struct perfetto_export *s,
		const struct device_map *map, const struct device *d)
{
	uint64_t which = (uint64_t)(d - map->list);

	if (is_new(s, TRACK_DEVICE, which))
		perfetto_track(&s->p, TRACK_DEVICE + which, TRACK_DEVICES,
				d->name);
	return TRACK_DEVICE + which;
}

static uint64_t spi_track(struct perfetto_export *s, uint64_t intid)
{
	uint64_t which = intid % TRACKS_EACH;
	char name[40];

	snprintf(name, sizeof(name), "INTID %" PRIu64, intid);
	if (is_new(s, TRACK_SPI, which))
		perfetto_counter(&s->p, TRACK_SPI + which, TRACK_INTERRUPTS,
				name, "level");
	return TRACK_SPI + which;
}

/* Exits of the last 10 ms, when the next 10 ms begin. */
static void count_exit(struct perfetto_export *s, uint64_t vcpu, uint64_t ns)
{
	struct rate *r = &s->rates[vcpu % TRACKS_EACH];
	uint64_t slot = ns / RATE_NS, track = TRACK_RATE + vcpu % TRACKS_EACH;

	if (slot != r->slot && r->exits) {
		perfetto_count(&s->p, r->slot * RATE_NS, track,
				(int64_t)(r->exits * (1000000000 / RATE_NS)));
		if (slot > r->slot + 1)
			perfetto_count(&s->p, (r->slot + 1) * RATE_NS, track, 0);
	}
	if (slot != r->slot)
		r->exits = 0;
	r->slot = slot;
	r->exits++;
}

static void name_exit(const struct export *x, const struct exit *e, char *text,
		size_t size)
{
	char detail[40] = "";

	if (e->class <= EXIT_MMIO_WRITE)
		device_label(&x->names->devices, e->ipa, detail,
				sizeof(detail));
	else if ((e->class == EXIT_HVC || e->class == EXIT_SMC) && e->has_x0)
		smccc_function_name(e->x0, detail, sizeof(detail));
	snprintf(text, size, "%s%s%s", exit_class_name(e->class),
			*detail ? " " : "", detail);
}

static void put_access(struct export *x, const struct exit *e, uint64_t ns)
{
	const struct device_map *map = &x->names->devices;
	const struct device *d = device_map_find(map, e->ipa);
	struct perfetto_export *s = x->state;
	const struct perfetto_note notes[] = {
		{ "event", e->number, false, NULL },
		{ "vcpu", e->vcpu, false, NULL }, { "ipa", e->ipa, true, NULL },
		{ "value", e->value, true, NULL } };
	char name[64], reg[40];

	if (!d)
		return;
	device_register_name(d, e->ipa, reg, sizeof(reg));
	snprintf(name, sizeof(name), "%s %s",
			e->class == EXIT_MMIO_WRITE ? "write" : "read",
			*reg ? reg : d->name);
	perfetto_event(&s->p, ns, device_track(s, map, d), PERFETTO_INSTANT,
			"device", name, notes, e->has_value ? 4 : 3);
}

/* What the VMM did for an exit; the last one of a thread has no length. */
static void put_exit(struct export *x, const struct exit *e)
{
	struct perfetto_export *s = x->state;
	uint64_t track = vcpu_track(s, e->vcpu);
	uint64_t left = walk_ns(x->walk, e->left);
	char name[64], place[STATS_LABEL_MAX];
	const struct perfetto_note notes[] = {
		{ "event", e->number, false, NULL },
		{ "syndrome", e->syndrome, true, NULL },
		{ "ipa", e->ipa, true, NULL }, { "va", e->va, true, NULL },
		{ "calls", e->calls, false, NULL }, { "pc", 0, false, place } };

	name_exit(x, e, name, sizeof(name));
	symbols_format(&x->names->symbols, e->pc, place, sizeof(place));
	perfetto_event(&s->p, left, track, PERFETTO_BEGIN, "exit", name, notes,
			e->has_pc ? 6 : 5);
	perfetto_event(&s->p, walk_ns(x->walk, e->back ? e->back : e->left),
			track, PERFETTO_END, NULL, NULL, NULL, 0);
	if (e->class <= EXIT_MMIO_WRITE)
		put_access(x, e, left);
	count_exit(s, e->vcpu, left);
}

static void put_run(struct export *x, const struct hvt_event *e, uint64_t ns)
{
	struct perfetto_export *s = x->state;
	struct perfetto_note note = { "event", e->number, false, NULL };
	uint64_t vcpu = 0;

	exit_tracker_vcpu(&s->tracker, e->thread, &vcpu);
	perfetto_event(&s->p, ns, vcpu_track(s, vcpu),
			e->kind == HVT_EVENT_ENTER ? PERFETTO_BEGIN
						   : PERFETTO_END,
			"guest", "guest", &note,
			e->kind == HVT_EVENT_ENTER ? 1 : 0);
}

/* What is no function of an API is noted by the recorder: it has no return. */
static bool is_note(const struct hvt_call_schema *s)
{
	return strncmp(s->name, "hv_", 3) != 0 &&
			strncmp(s->name, "mach_", 5) != 0;
}

static void put_call(struct export *x, const struct hvt_event *e, uint64_t ns)
{
	static const enum perfetto_event types[] = {
		[HVT_EVENT_CALL] = PERFETTO_INSTANT,
		[HVT_EVENT_ENTER] = PERFETTO_BEGIN,
		[HVT_EVENT_LEAVE] = PERFETTO_END,
	};
	const struct hvt_call_schema *schema =
			hvt_trace_call(x->walk->trace, e->call);
	struct perfetto_export *s = x->state;
	struct perfetto_note notes[HVT_VALUES_MAX + 2];
	enum perfetto_event type = types[e->kind];
	unsigned n = 0;

	if (is_note(schema))
		type = PERFETTO_INSTANT;

	notes[n++] = (struct perfetto_note){ "event", e->number, false, NULL };
	for (unsigned i = 0; i < schema->param_count; i++)
		if (e->kind == HVT_EVENT_CALL ||
				hvt_role_is_input(schema->params[i].role) ==
						(e->kind == HVT_EVENT_ENTER))
			notes[n++] = (struct perfetto_note){
				schema->params[i].name, e->values[i], true,
				NULL
			};
	if (e->kind != HVT_EVENT_ENTER)
		notes[n++] = (struct perfetto_note){ "result",
			(uint64_t)e->result, true, NULL };
	perfetto_event(&s->p, ns, thread_track(s, e->thread), type,
			call_sort(schema->name), schema->name, notes, n);
	if (e->call == known_calls()->set_spi && e->kind == HVT_EVENT_ENTER)
		perfetto_count(&s->p, ns, spi_track(s, e->values[SPI_INTID]),
				e->values[SPI_LEVEL] != 0);
}

static int begin(struct export *x)
{
	struct perfetto_export *s = x->state = calloc(1, sizeof(*s));
	const char *command = hvt_trace_info(x->walk->trace, "command");
	char name[128];

	if (!s)
		return -ENOMEM;
	exit_tracker_init(&s->tracker);
	perfetto_init(&s->p, x->out);
	snprintf(name, sizeof(name), "VMM %s", command ? command : "");
	perfetto_process(&s->p, TRACK_VMM, name);
	perfetto_track(&s->p, TRACK_DEVICES, TRACK_VMM, "devices");
	perfetto_track(&s->p, TRACK_INTERRUPTS, TRACK_VMM, "interrupts");
	return s->p.err;
}

static int event(struct export *x, const struct hvt_event *e)
{
	struct perfetto_export *s = x->state;
	const struct exit *done;
	uint64_t ns = walk_ns(x->walk, e->tick);
	int err = exit_tracker_add(&s->tracker, e, &done);

	if (err)
		return err;
	if (done)
		put_exit(x, done);
	s->last = ns;
	if (e->call == known_calls()->run)
		put_run(x, e, ns);
	else
		put_call(x, e, ns);
	return s->p.err;
}

static int end(struct export *x)
{
	struct perfetto_export *s = x->state;
	int err, flushed;

	if (!s)
		return 0;
	for (uint32_t i = 0; i < s->tracker.count; i++) {
		const struct exit *e = exit_tracker_rest(&s->tracker, i);

		if (e)
			put_exit(x, e);
	}
	for (uint32_t i = 0; i < TRACKS_EACH; i++)
		if (s->rates[i].exits)
			count_exit(s, i, s->last + RATE_NS);
	exit_tracker_fini(&s->tracker);
	err = perfetto_fini(&s->p);
	flushed = out_flush(x->out);
	free(s);
	x->state = NULL;
	return err ? err : flushed;
}

const struct exporter export_perfetto = {
	.name = "perfetto",
	.begin = begin,
	.event = event,
	.end = end,
};
