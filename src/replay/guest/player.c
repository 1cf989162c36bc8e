/* SPDX-License-Identifier: MIT */
/*
 * The trace plays the VMM. What a thread did between two of its events is not
 * known, and need not be: what reached the guest is a call or a note of memory.
 *
 * A call is made when the trace has its return: whatever stands between entering
 * and returning was done by others meanwhile, and comes first. So at most one
 * call is under way, and a guest that is alone with its VMM is given everything
 * at the exits at which it was. hv_vcpus_exit is not made again: a run that it
 * ended is, cancelled from the beginning.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../page_pool.h"
#include "../replay_memory.h"
#include "judge.h"
#include "keyframe_state.h"
#include "player.h"

#define STALL_MS 10000u
#define HANDLERS_MAX 16u /* in each other, and the call that they are in */
#define SLOWER	 20u /* than when recorded, a guest may be, before it is late */
#define LATE_MS	 3600000u /* but no later; clocks of traces say anything */

static int says(struct hvt_error *e, int code, const struct hvt_event *event,
		const char *text)
{
	if (e) {
		*e = (struct hvt_error){ .code = code,
			.event = event ? event->number : 0 };
		snprintf(e->text, sizeof(e->text), "%s", text);
	}
	return code;
}

static bool copy_call(struct hvt_whole_call *to, const struct hvt_event *from)
{
	uint8_t *bytes = (uint8_t *)(uintptr_t)to->event.data;

	if (from->data_size > to->room) {
		free(bytes);
		bytes = malloc(from->data_size);
		to->room = bytes ? from->data_size : 0;
	}
	to->event = *from;
	to->event.data = bytes;
	if (from->data_size && !bytes)
		return false;
	if (from->data_size)
		memcpy(bytes, from->data, from->data_size);
	return true;
}

/* The state was to be of before the keyframe, when no guest ran. */
static bool is_stale(const struct hvt_guest *g, const struct hvt_event *event)
{
	return event->call == HVT_CALL_HV_GIC_STATE_GET_DATA &&
			event->values[0] < g->play.stale;
}

static bool is_tried(const struct hvt_event *recorded)
{
	const struct hvt_call_schema *schema = hvt_call_schema(recorded->call);

	if (recorded->call == HVT_CALL_HV_VCPU_RUN)
		return true;
	if (recorded->call == HVT_CALL_HV_VCPUS_EXIT)
		return false;
	/* What failed has changed nothing, and its pointers are not known. */
	return strcmp(schema->result, "hv_return_t") ? recorded->result > 0
						     : !recorded->result;
}

/* A call in the hands of its thread. */
struct doing {
	struct hvt_guest *guest;
	struct hvt_event found;
};

/* The guest does not come out by itself. */
static void late(void *context)
{
	struct doing *doing = context;
	hv_vcpu_t vcpu = doing->guest->whole.event.values[0];

	(void)hv_vcpus_exit(&vcpu, 1);
}

static bool was_cancelled(const struct hvt_event *run)
{
	return run->call == HVT_CALL_HV_VCPU_RUN && !run->result &&
			run->values[1] == HV_EXIT_REASON_CANCELED;
}

static int act(void *context)
{
	struct doing *doing = context;
	const struct hvt_event *call = &doing->guest->whole.event;

	if (was_cancelled(call))
		late(context);
	return hvt_plays[call->call](&doing->guest->play, call, &doing->found);
}

/* How long a run may take, by how long it took. */
static unsigned patience(const struct hvt_guest *g, uint64_t ticks)
{
	uint64_t ms = ticks / (g->tick_hz / 1000);
	unsigned late = ms < LATE_MS / SLOWER ? (unsigned)ms * SLOWER : LATE_MS;

	return g->stall_ms < UINT32_MAX - late ? late + g->stall_ms : UINT32_MAX;
}

/* Makes g->whole; *found: what came of it. */
static int make(struct hvt_guest *g, uint64_t ticks, struct hvt_event *found,
		bool *was_late)
{
	const struct hvt_event *call = &g->whole.event;
	struct doing doing = { .guest = g, .found = *call };
	struct hvt_act a = { .act = act, .context = &doing, .late = late };
	int err;

	doing.found.data = NULL;
	doing.found.data_size = 0;
	g->play.in = (void *)(uintptr_t)call->data;
	if (call->call == HVT_CALL_HV_VCPU_RUN)
		a.ms = patience(g, ticks);
	err = hvt_actors_do(&g->actors, call->thread, &a);
	*found = doing.found;
	*was_late = a.was_late;
	g->divergence.ms = a.ms;
	g->status.calls++;
	return err ? err : a.result;
}

/* vCPUs that there are now, and whose, whatever the trace says of them. */
static void follow_vcpus(struct hvt_guest *g, const struct hvt_event *found)
{
	uint64_t vcpu = found->values[0];

	if (found->result != HV_SUCCESS || vcpu >= HVT_PLAYED_VCPUS)
		return;
	if (found->call == HVT_CALL_HV_VCPU_CREATE) {
		g->owners[vcpu] = found->thread;
		g->divergence.vcpu = (int)vcpu;
	}
	if (found->call == HVT_CALL_HV_VCPU_DESTROY) {
		g->owners[vcpu] = HVT_NOBODY;
		g->play.exits[vcpu] = NULL;
	}
}

static void follow_gic(struct hvt_guest *g, const struct hvt_event *found)
{
	if (found->result != HV_SUCCESS)
		return;
	if (found->call == HVT_CALL_HV_GIC_CREATE)
		g->has_gic = true;
	if (found->call == HVT_CALL_HV_VM_DESTROY)
		g->has_gic = false;
}

static int diverged(struct hvt_guest *g, const struct hvt_event *found)
{
	struct hvt_guest_divergence *d = &g->divergence;
	const struct hvt_event *recorded = &g->whole.event;
	size_t size = recorded->data_size + found->data_size;
	uint8_t *bytes = size ? malloc(size) : NULL;

	g->diverged = true;
	d->recorded = *recorded;
	d->found = *found;
	g->bytes = bytes;
	if (!bytes) {
		d->recorded.data_size = d->found.data_size = 0;
		return 1;
	}
	if (recorded->data_size)
		memcpy(bytes, recorded->data, recorded->data_size);
	if (found->data_size)
		memcpy(bytes + recorded->data_size, found->data,
				found->data_size);
	d->recorded.data = bytes;
	d->found.data = bytes + recorded->data_size;
	return 1;
}

/* Where the memory of a call that has mapped some is in the guest. */
static int follow_map(struct hvt_guest *g)
{
	const uint64_t *v = g->whole.event.values;
	struct hvt_memory_piece piece = { v[0], v[1], v[2], NULL };

	return hvt_memory_map_add(&g->map, &piece);
}

/* What came of the call that g->whole is, with the outputs it had. */
static int judge(struct hvt_guest *g, const struct hvt_event *found, bool was_late)
{
	const struct hvt_event *recorded = &g->whole.event;

	if (recorded->call == HVT_CALL_HV_VCPU_RUN) {
		g->divergence.vcpu = (int)recorded->values[0];
		g->status.exits++;
	}
	if (was_late)
		g->divergence.what = HVT_DIFFERS_NO_EXIT;
	if (was_late || !hvt_judge_call(recorded, found, &g->divergence))
		return diverged(g, found);
	return recorded->call == HVT_CALL_HV_VM_MAP ? follow_map(g) : 0;
}

/* A page is not what event says; recorded: what it was. */
static int page_differs(struct hvt_guest *g, const struct hvt_event *event,
		uint64_t addr, const uint8_t *recorded, const uint8_t *found)
{
	const struct hvt_memory_piece *piece = hvt_memory_map_then(&g->map, addr);
	struct hvt_event now = *event;

	now.data = recorded;
	now.data_size = g->memory.pages.page_size;
	(void)hvt_judge_page(recorded, found, now.data_size, &g->divergence);
	g->divergence.ipa = piece ? piece->ipa + addr - piece->recorded
				  : UINT64_MAX;
	if (!copy_call(&g->whole, &now))
		return -ENOMEM;
	now.data = found;
	return diverged(g, &now);
}

/* What the guest wrote in a run, where the trace has that. */
static int compare_written(struct hvt_guest *g)
{
	size_t size = g->memory.pages.page_size;
	const uint8_t *recorded, *found;
	uint64_t addr;

	while (hvt_written_next(&g->written, &addr, &recorded)) {
		struct hvt_guest_divergence d;

		found = hvt_space_find(&g->memory.space, addr, size);
		if (!found)
			return -EBADMSG;
		g->status.pages++;
		if (!hvt_judge_page(recorded, found, size, &d))
			return page_differs(g, hvt_written_note(&g->written,
					d.offset), addr, recorded, found);
	}
	return 0;
}

/* A call whose thread entered it earlier, at tick entered. */
static int play_call(struct hvt_guest *g, uint64_t entered)
{
	const struct hvt_event *call = &g->whole.event;
	struct hvt_event found;
	bool was_late;
	int err;

	if (call->call >= HVT_CALL_LIMIT || !hvt_plays[call->call] ||
			!is_tried(call) || is_stale(g, call))
		return 0;
	if (call->number < g->keyframe) {
		err = hvt_mapped_note(&g->mapped, call);
		if (!err && call->call == HVT_CALL_HV_VM_MAP)
			err = follow_map(g);
		if (err || hvt_keyframe_covers(call->call))
			return err;
	}
	err = make(g, call->tick - entered, &found, &was_late);
	if (err)
		return err;
	follow_vcpus(g, &found);
	follow_gic(g, &found);
	err = judge(g, &found, was_late);
	return !err && call->call == HVT_CALL_HV_VCPU_RUN ? compare_written(g)
							  : err;
}

/* The innermost that is open; NULL: none is. */
static struct hvt_entered *find_open(struct hvt_entered *in)
{
	if (!in || !in->open)
		return NULL;
	while (in->inner && in->inner->open)
		in = in->inner;
	return in;
}

static int play_enter(struct hvt_guest *g, const struct hvt_event *event)
{
	struct hvt_entered **at = &g->entered[event->thread], *in;
	unsigned depth = 0;

	for (; *at && (*at)->open; at = &(*at)->inner)
		if (++depth == HANDLERS_MAX)
			return -EBADMSG;
	in = *at;
	if (!in)
		in = *at = calloc(1, sizeof(*in));
	if (!in)
		return -ENOMEM;
	if (!copy_call(&in->call, event))
		return -ENOMEM;
	in->open = true;
	return 0;
}

/* Inputs of entering, results and outputs of returning: the whole call. */
static bool join(struct hvt_whole_call *whole, const struct hvt_event *enter,
		const struct hvt_event *leave)
{
	const struct hvt_call_schema *schema = hvt_call_schema(leave->call);
	const struct hvt_event *bytes = leave->data_size ? leave : enter;

	if (!copy_call(whole, bytes))
		return false;
	whole->event.number = leave->number;
	whole->event.kind = HVT_EVENT_CALL;
	whole->event.tick = leave->tick;
	whole->event.result = leave->result;
	for (unsigned i = 0; i < schema->param_count; i++)
		whole->event.values[i] =
				hvt_role_is_input(schema->params[i].role)
				? enter->values[i] : leave->values[i];
	return true;
}

static int play_leave(struct hvt_guest *g, const struct hvt_event *event)
{
	struct hvt_entered *in = find_open(g->entered[event->thread]);

	if (!in || in->call.event.call != event->call ||
			!hvt_call_schema(event->call))
		return -EBADMSG;
	in->open = false;
	if (!join(&g->whole, &in->call.event, event))
		return -ENOMEM;
	return play_call(g, in->call.event.tick);
}

static int play_note(struct hvt_guest *g, const struct hvt_event *event)
{
	const uint8_t *recorded, *found;
	int err;

	/* What there is of memory, and of contents, has to be known. */
	if (event->number < g->keyframe &&
			event->call != HVT_CALL_MEMORY_PAGE &&
			event->call != HVT_CALL_MEMORY_MAPPED)
		return 0;
	err = hvt_guest_memory_note(&g->memory, event, &recorded, &found);

	if (event->call == HVT_CALL_MEMORY_TOUCHED)
		g->status.pages++;
	return err <= 0 ? err : page_differs(g, event, event->values[0],
			recorded, found);
}

static bool runs_alone(const struct hvt_guest *g, const struct hvt_event *event)
{
	const struct hvt_entered *in = g->entered[event->thread];

	return in && in->open && g->level.running_count == 1 &&
			in->call.event.call == HVT_CALL_HV_VCPU_RUN;
}

static int play_event(struct hvt_guest *g, const struct hvt_event *event)
{
	int err;

	if (event->thread >= HVT_ACTORS_MAX)
		return -EBADMSG;
	hvt_level_see(&g->level, event);
	err = hvt_written_see(&g->written, event, runs_alone(g, event));
	if (err)
		return err;
	if (hvt_replay_memory_is_note(event))
		return play_note(g, event);
	switch (event->kind) {
	case HVT_EVENT_ENTER:
		return play_enter(g, event);
	case HVT_EVENT_LEAVE:
		return play_leave(g, event);
	default:
		if (!copy_call(&g->whole, event))
			return -ENOMEM;
		return play_call(g, event->tick);
	}
}

/* The next event: 1; 0 there is none; -errno. */
static int play_next(struct hvt_guest *g, struct hvt_error *e)
{
	struct hvt_event event;
	int got = hvt_trace_next(g->trace, &event, e);

	if (got <= 0)
		return got == -ENODATA ? 0 : got;
	if (event.number != g->status.events)
		return says(e, -EBADMSG, &event, "the events before it are not "
				"there, and its guest is what they made it");
	got = play_event(g, &event);
	if (got < 0)
		return says(e, got, &event, got == -EBADMSG
				? "this cannot follow what is before it"
				: "no more memory or threads");
	g->status.events = event.number + 1;
	return 1;
}

int hvt_guest_play(struct hvt_guest *g, uint64_t to, struct hvt_error *e)
{
	int got = 1;

	while (!g->diverged && !g->trouble.code && g->status.events < to && got) {
		struct hvt_error trouble = { 0 };

		got = play_next(g, &trouble);
		if (got >= 0)
			continue;
		g->trouble = trouble;
		g->trouble.code = got;
	}
	if (g->trouble.code && e)
		*e = g->trouble;
	return g->trouble.code ? g->trouble.code : g->diverged;
}

static uint64_t number_of(const struct hvt_trace *trace, const char *key)
{
	const char *text = hvt_trace_info(trace, key);

	return text ? strtoull(text, NULL, 10) : 0;
}

static int begin_memory(struct hvt_guest *g, struct hvt_error *e)
{
	size_t size = hvt_recorded_page_size(g->trace);
	int err;

	if (!size)
		return says(e, -EBADMSG, NULL, "there is no size of pages in it");
	err = hvt_guest_memory_init(&g->memory, size);
	if (err == -EINVAL)
		return says(e, -EOPNOTSUPP, NULL, "it was recorded with smaller "
				"pages than this host has");
	if (!err)
		err = hvt_written_init(&g->written, g->trace, size);
	return err ? says(e, err, NULL, "out of memory") : 0;
}

/* Can this host play the trace? */
static int begin(struct hvt_guest *g, struct hvt_error *e)
{
	int err;

	hvt_level_begin(&g->level, g->trace);
	g->tick_hz = number_of(g->trace, "tick_hz");
	if (g->tick_hz < 1000)
		return says(e, -EBADMSG, NULL, "it does not say how fast its "
				"clock is");
	if (!hvt_level_found(&g->level)->level)
		return says(e, -EOPNOTSUPP, NULL, "it was recorded without "
				"guest memory: hvtrace record --memory touched "
				"has it");
	err = begin_memory(g, e);
	if (err)
		return err;
	g->play.space = &g->memory.space;
	err = hvt_actors_init(&g->actors);
	return err ? says(e, err, NULL, "no more threads") : 0;
}

int hvt_guest_open(struct hvt_guest **guest, const char *path,
		struct hvt_error *e)
{
	struct hvt_guest *g = calloc(1, sizeof(*g));
	int err;

	*guest = NULL;
	if (!g)
		return says(e, -ENOMEM, NULL, "out of memory");
	for (unsigned i = 0; i < HVT_PLAYED_VCPUS; i++)
		g->owners[i] = HVT_NOBODY;
	g->divergence.vcpu = -1;
	g->stall_ms = STALL_MS;
	err = hvt_trace_open(&g->trace, path, e);
	if (!err)
		err = begin(g, e);
	if (err) {
		if (g->trace)
			hvt_trace_close(g->trace);
		hvt_guest_memory_fini(&g->memory);
		hvt_written_fini(&g->written);
		free(g);
		return err;
	}
	*guest = g;
	return 0;
}

static int destroy_vcpu(void *context)
{
	const hv_vcpu_t *vcpu = context;

	return (int)hv_vcpu_destroy(*vcpu);
}

static void end_vm(struct hvt_guest *g)
{
	for (hv_vcpu_t i = 0; i < HVT_PLAYED_VCPUS; i++) {
		struct hvt_act a = { .act = destroy_vcpu, .context = &i };

		if (g->owners[i] != HVT_NOBODY)
			(void)hvt_actors_do(&g->actors, g->owners[i], &a);
	}
	(void)hv_vm_destroy();
}

static void free_entered(struct hvt_entered *in)
{
	while (in) {
		struct hvt_entered *inner = in->inner;

		free((void *)(uintptr_t)in->call.event.data);
		free(in);
		in = inner;
	}
}

void hvt_guest_close(struct hvt_guest *g)
{
	if (!g)
		return;
	end_vm(g);
	hvt_actors_fini(&g->actors);
	hvt_play_fini(&g->play);
	hvt_memory_map_fini(&g->map);
	hvt_mapped_fini(&g->mapped);
	hvt_guest_memory_fini(&g->memory);
	hvt_written_fini(&g->written);
	hvt_level_fini(&g->level);
	for (uint32_t i = 0; i < HVT_ACTORS_MAX; i++)
		free_entered(g->entered[i]);
	free((void *)(uintptr_t)g->whole.event.data);
	free(g->bytes);
	hvt_trace_close(g->trace);
	free(g);
}
