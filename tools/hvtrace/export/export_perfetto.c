/* SPDX-License-Identifier: MIT */
/*
 * A trace for Perfetto. A vCPU's track has slices of two kinds in turn: "guest",
 * a run, and what the VMM did for the exit behind it, named for that. Calls
 * stand on the tracks of threads, accesses on those of devices; interrupt lines
 * and exits a second are counters. Each event of the trace is one thing on a track
 * of vCPUs or threads, but for the returns of calls that have a beginning.
 *
 * Perfetto puts what begins and ends at one time on a track into each other, and
 * takes an end for that of whatever is open. So a slice is written when its end is
 * known, and things on a thread's track, many of which have the tick of the exit
 * that they are about, stand a ns apart.
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
#include "perfetto_tracks.h"

#define RATE_NS	    10000000u
#define NOTES_MAX   (HVT_VALUES_MAX + 3)

_Static_assert(NOTES_MAX <= PERFETTO_NOTES_MAX, "all that is noted is written");

struct vcpu {
	uint64_t slot, exits; /* in that of the 10 ms */
	uint32_t thread;      /* that has run it last; */
	bool taken;           /* there is one */
};

struct thread {
	uint64_t next;         /* the first free ns on its track */
	struct hvt_event call; /* it has entered, and not left, */
	uint64_t called;       /* at this ns */
	uint64_t run, entered; /* the event of entering a run, and its ns, */
	uint64_t vcpu;         /* of this one, or EXIT_VCPU_UNKNOWN: no run was seen */
	uint64_t place, access; /* the exit's ns on its track, and on the device's */
	uint64_t until;        /* the ns at which another thread runs its vCPU */
	bool calls, runs;      /* it does now */
	bool call_wanted, run_wanted, exit_wanted;
};

struct perfetto_export {
	struct perfetto p;
	struct perfetto_tracks tracks;
	struct exit_tracker tracker;
	struct vcpu vcpus[PERFETTO_TRACKS_EACH];
	struct thread threads[TRACE_THREADS_MAX];
	uint64_t devices[DEVICES_MAX]; /* the first free ns on their tracks */
	uint64_t messages;             /* the first free ns on their track */
	uint64_t last;                 /* ns of the event before */
};

static struct vcpu *vcpu_of(struct perfetto_export *s, uint64_t vcpu)
{
	return &s->vcpus[vcpu % PERFETTO_TRACKS_EACH];
}

/* Where something at that ns has a place of its own. *next: the first free one. */
static uint64_t place_of(uint64_t *next, uint64_t ns)
{
	ns = ns > *next ? ns : *next;
	*next = ns + 1;
	return ns;
}

/* Exits of the last 10 ms, when the next 10 ms begin. */
static void count_exit(struct perfetto_export *s, uint64_t vcpu, uint64_t ns)
{
	struct vcpu *v = vcpu_of(s, vcpu);
	uint64_t slot = ns / RATE_NS, track = perfetto_rate(&s->tracks, vcpu);

	if (slot != v->slot && v->exits) {
		perfetto_count(&s->p, v->slot * RATE_NS, track,
				(int64_t)(v->exits * (1000000000 / RATE_NS)));
		if (slot > v->slot + 1)
			perfetto_count(&s->p, (v->slot + 1) * RATE_NS, track, 0);
	}
	if (slot != v->slot)
		v->exits = 0;
	v->slot = slot;
	v->exits++;
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

/* Before the thread does more, which is before the exit is all known. */
static void place_exit(struct export *x, const struct hvt_event *leave,
		uint64_t ns)
{
	const struct device_map *map = &x->names->devices;
	struct perfetto_export *s = x->state;
	struct thread *t = &s->threads[leave->thread];
	const struct device *d = NULL;

	if (exit_classify(leave) <= EXIT_MMIO_WRITE)
		d = device_map_find(map, leave->values[RUN_IPA]);
	t->access = d ? place_of(&s->devices[d - map->list], ns) : ns;
	/* Where the vCPU stays unknown it is on the track of the thread. */
	t->place = t->vcpu == EXIT_VCPU_UNKNOWN ? place_of(&t->next, ns) : ns;
}

static void put_access(struct export *x, const struct exit *e)
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
	perfetto_event(&s->p, s->threads[e->thread].access,
			perfetto_device(&s->tracks, (unsigned)(d - map->list), d),
			PERFETTO_INSTANT, "device", name, notes,
			e->has_value ? 4 : 3);
}

/* What is known of an exit. The place of its PC is written to where. */
static unsigned note_exit(const struct export *x, const struct exit *e,
		struct perfetto_note notes[NOTES_MAX],
		char where[STATS_LABEL_MAX])
{
	unsigned n = 0;

	notes[n++] = (struct perfetto_note){ "event", e->number, false, NULL };
	if (e->class == EXIT_FAILED)
		notes[n++] = (struct perfetto_note){ "result",
			(uint32_t)e->result, true,
			hvt_value_name("hv_return_t", (uint32_t)e->result) };
	if (e->class <= EXIT_OTHER)
		notes[n++] = (struct perfetto_note){ "syndrome", e->syndrome,
			true, NULL };
	if (e->class <= EXIT_MMIO_WRITE || e->class == EXIT_ABORT) {
		notes[n++] = (struct perfetto_note){ "ipa", e->ipa, true, NULL };
		notes[n++] = (struct perfetto_note){ "va", e->va, true, NULL };
	}
	if (e->has_value)
		notes[n++] = (struct perfetto_note){ "value", e->value, true,
			NULL };
	if (e->has_x0 && (e->class == EXIT_HVC || e->class == EXIT_SMC))
		notes[n++] = (struct perfetto_note){ "x0", e->x0, true, NULL };
	notes[n++] = (struct perfetto_note){ "calls", e->calls, false, NULL };
	symbols_format(&x->names->symbols, e->pc, where, STATS_LABEL_MAX);
	if (e->has_pc)
		notes[n++] = (struct perfetto_note){ "pc", 0, false, where };
	return n;
}

/*
 * When the VMM was done with an exit; if that is not known, it has no length. A
 * thread may go on with another vCPU when another thread has one with this number,
 * whose run is to begin behind the end.
 */
static uint64_t end_of_exit(const struct export *x, const struct exit *e)
{
	const struct perfetto_export *s = x->state;
	uint64_t until = s->threads[e->thread].until;
	uint64_t left = walk_ns(x->walk, e->left);
	uint64_t end = e->back ? walk_ns(x->walk, e->back) : left;

	if (end < until)
		return end;
	return until > left ? until - 1 : left;
}

/* What the VMM did for an exit, which the thread has left just before. */
static void put_exit(struct export *x, const struct exit *e)
{
	struct perfetto_export *s = x->state;
	struct thread *t = &s->threads[e->thread];
	uint64_t left = walk_ns(x->walk, e->left), track;
	struct perfetto_note notes[NOTES_MAX];
	char name[64], where[STATS_LABEL_MAX];
	unsigned n;

	if (!t->exit_wanted)
		return;
	n = note_exit(x, e, notes, where);
	name_exit(x, e, name, sizeof(name));
	if (e->vcpu == EXIT_VCPU_UNKNOWN) {
		perfetto_event(&s->p, t->place,
				perfetto_thread(&s->tracks, e->thread),
				PERFETTO_INSTANT, "exit", name, notes, n);
		return;
	}
	if (e->class <= EXIT_MMIO_WRITE)
		put_access(x, e);
	track = perfetto_vcpu(&s->tracks, e->vcpu);
	perfetto_event(&s->p, left, track, PERFETTO_BEGIN, "exit", name, notes, n);
	perfetto_event(&s->p, end_of_exit(x, e), track, PERFETTO_END, NULL, NULL,
			NULL, 0);
}

/* The run of a thread, to *end; NULL: its end is not to be seen. */
static void put_guest(struct perfetto_export *s, uint32_t thread,
		enum perfetto_event type, const uint64_t *end)
{
	struct thread *t = &s->threads[thread];
	const struct perfetto_note note = { "event", t->run, false, NULL };
	uint64_t track;

	if (t->runs && t->run_wanted) {
		track = perfetto_vcpu(&s->tracks, t->vcpu);
		perfetto_event(&s->p, t->entered, track, type, "guest", "guest",
				&note, 1);
		if (end)
			perfetto_event(&s->p, *end, track, PERFETTO_END, NULL,
					NULL, NULL, 0);
	}
	t->runs = false;
}

static void enter(struct perfetto_export *s, const struct hvt_event *e,
		uint64_t ns, bool wanted)
{
	struct thread *t = &s->threads[e->thread];
	struct vcpu *v = vcpu_of(s, e->values[RUN_VCPU]);

	put_guest(s, e->thread, PERFETTO_INSTANT, NULL);
	if (v->taken && v->thread != e->thread &&
			s->threads[v->thread].until > ns)
		s->threads[v->thread].until = ns;
	v->thread = e->thread;
	v->taken = true;
	t->vcpu = e->values[RUN_VCPU];
	t->run = e->number;
	t->entered = ns;
	t->runs = true;
	t->run_wanted = wanted;
}

static void take_run(struct export *x, const struct hvt_event *e, uint64_t ns,
		bool wanted)
{
	struct perfetto_export *s = x->state;
	struct thread *t = &s->threads[e->thread];

	if (e->kind == HVT_EVENT_ENTER) {
		enter(s, e, ns, wanted);
		return;
	}
	put_guest(s, e->thread, PERFETTO_BEGIN, &ns);
	t->exit_wanted = wanted;
	place_exit(x, e, ns);
	t->until = UINT64_MAX;
	if (wanted && t->vcpu != EXIT_VCPU_UNKNOWN)
		count_exit(s, t->vcpu, ns);
}

/* What is no function of an API is noted by the recorder: it has no return. */
static bool is_note(const struct hvt_call_schema *s)
{
	return strncmp(s->name, "hv_", 3) != 0 &&
			strncmp(s->name, "mach_", 5) != 0;
}

/* Of a parameter, which is not to be taken for what is noted of each event. */
static const char *name_of(const struct hvt_param_schema *p)
{
	static const char *const others[][2] = {
		{ "event", "parameter event" },
		{ "result", "parameter result" },
		{ "returned", "parameter returned" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(p->name, others[i][0]))
			return others[i][1];
	return p->name;
}

static unsigned note_values(const struct hvt_call_schema *schema,
		const struct hvt_event *e, struct perfetto_note *notes)
{
	unsigned n = 0;

	for (unsigned i = 0; i < schema->param_count; i++) {
		const struct hvt_param_schema *p = &schema->params[i];

		if (e->kind == HVT_EVENT_CALL || hvt_role_is_input(p->role) ==
				(e->kind == HVT_EVENT_ENTER))
			notes[n++] = (struct perfetto_note){ name_of(p),
				e->values[i], true,
				hvt_value_name(p->type, e->values[i]) };
	}
	return n;
}

/* Of a return; success goes without saying. How many notes: one, or none. */
static unsigned note_result(const struct hvt_call_schema *schema,
		const struct hvt_event *e, struct perfetto_note *note)
{
	bool is_code = !strcmp(schema->result, "hv_return_t");
	uint64_t result = is_code ? (uint32_t)e->result : (uint64_t)e->result;

	*note = (struct perfetto_note){ "result", result, is_code,
		is_code ? hvt_value_name(schema->result, result) : NULL };
	return is_code && !result ? 0 : 1;
}

/* The call that a thread has entered; e: its return, NULL: that is not seen. */
static void put_slice(struct export *x, uint32_t thread,
		const struct hvt_event *e, enum perfetto_event type)
{
	struct perfetto_export *s = x->state;
	struct thread *t = &s->threads[thread];
	const struct hvt_call_schema *schema =
			hvt_trace_call(x->walk->trace, t->call.call);
	struct perfetto_note notes[NOTES_MAX] = {
		{ "event", t->call.number, false, NULL } };
	uint64_t track = perfetto_thread(&s->tracks, thread);
	unsigned n = 1 + note_values(schema, &t->call, notes + 1);

	if (e) {
		n += note_values(schema, e, notes + n);
		n += note_result(schema, e, notes + n);
		notes[n++] = (struct perfetto_note){ "returned", e->number,
			false, NULL };
	}
	perfetto_event(&s->p, t->called, track, type, call_sort(schema->name),
			schema->name, notes, n);
	if (e)
		perfetto_event(&s->p, place_of(&t->next, walk_ns(x->walk, e->tick)),
				track, PERFETTO_END, NULL, NULL, NULL, 0);
}

static void put_instant(struct export *x, const struct hvt_event *e, uint64_t ns)
{
	struct perfetto_export *s = x->state;
	const struct hvt_call_schema *schema =
			hvt_trace_call(x->walk->trace, e->call);
	struct perfetto_note notes[NOTES_MAX] = {
		{ "event", e->number, false, NULL } };
	unsigned n = 1 + note_values(schema, e, notes + 1);

	if (e->kind != HVT_EVENT_ENTER && !is_note(schema))
		n += note_result(schema, e, notes + n);
	perfetto_event(&s->p, place_of(&s->threads[e->thread].next, ns),
			perfetto_thread(&s->tracks, e->thread), PERFETTO_INSTANT,
			call_sort(schema->name), schema->name, notes, n);
}

/* That a call was entered of which the return is not to be seen. */
static void forget_call(struct export *x, uint32_t thread,
		enum perfetto_event type)
{
	struct perfetto_export *s = x->state;
	struct thread *t = &s->threads[thread];

	if (t->calls && t->call_wanted)
		put_slice(x, thread, NULL, type);
	t->calls = false;
}

static void take_call(struct export *x, const struct hvt_event *e, uint64_t ns,
		bool wanted)
{
	struct perfetto_export *s = x->state;
	struct thread *t = &s->threads[e->thread];

	if (e->kind == HVT_EVENT_ENTER &&
			!is_note(hvt_trace_call(x->walk->trace, e->call))) {
		forget_call(x, e->thread, PERFETTO_INSTANT);
		t->call = *e;
		t->called = place_of(&t->next, ns);
		t->calls = true;
		t->call_wanted = wanted;
	} else if (e->kind == HVT_EVENT_LEAVE && t->calls &&
			t->call.call == e->call) {
		if (wanted || t->call_wanted)
			put_slice(x, e->thread, e, PERFETTO_BEGIN);
		t->calls = false;
	} else if (wanted) {
		put_instant(x, e, ns);
	}
}

/* What the VMM raised, at the time when it did. */
static void put_interrupt(struct perfetto_export *s, const struct hvt_event *e,
		uint64_t ns)
{
	const struct perfetto_note note = { "event", e->number, false, NULL };
	char name[40];

	if (e->kind == HVT_EVENT_LEAVE)
		return;
	if (e->call == known_calls()->set_spi)
		perfetto_count(&s->p, ns,
				perfetto_line(&s->tracks, e->values[SPI_INTID]),
				e->values[SPI_LEVEL] != 0);
	if (e->call != known_calls()->send_msi)
		return;
	snprintf(name, sizeof(name), "INTID %" PRIu64, e->values[MSI_INTID]);
	perfetto_event(&s->p, place_of(&s->messages, ns),
			perfetto_messages(&s->tracks), PERFETTO_INSTANT, "irq",
			name, &note, 1);
}

static int begin(struct export *x)
{
	struct perfetto_export *s = x->state = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	exit_tracker_init(&s->tracker);
	for (unsigned i = 0; i < TRACE_THREADS_MAX; i++)
		s->threads[i].vcpu = EXIT_VCPU_UNKNOWN;
	perfetto_init(&s->p, x->out);
	perfetto_tracks_init(&s->tracks, &s->p,
			hvt_trace_info(x->walk->trace, "command"));
	return s->p.err;
}

static int take(struct export *x, const struct hvt_event *e, bool wanted)
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
		take_run(x, e, ns, wanted);
	else
		take_call(x, e, ns, wanted);
	if (wanted)
		put_interrupt(s, e, ns);
	return s->p.err;
}

static int event(struct export *x, const struct hvt_event *e)
{
	return take(x, e, true);
}

static int passed(struct export *x, const struct hvt_event *e)
{
	return take(x, e, false);
}

/* What had begun is open where the trace ends, and is told of where some is missing. */
static void forget(struct export *x, enum perfetto_event type)
{
	struct perfetto_export *s = x->state;

	for (uint32_t i = 0; i < s->tracker.count; i++) {
		put_guest(s, i, type, NULL);
		forget_call(x, i, type);
	}
}

static void gap(struct export *x)
{
	struct perfetto_export *s = x->state;

	forget(x, PERFETTO_INSTANT);
	exit_tracker_gap(&s->tracker);
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
	forget(x, PERFETTO_BEGIN);
	for (uint32_t i = 0; i < PERFETTO_TRACKS_EACH; i++)
		if (s->vcpus[i].exits)
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
	.passed = passed,
	.gap = gap,
	.end = end,
};
