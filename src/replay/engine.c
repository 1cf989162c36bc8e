/* SPDX-License-Identifier: MIT */
/*
 * The tap of a replay: each call of the VMM is matched with the event that is
 * due to its thread, and gets result and outputs from there. After the first
 * divergence every call returns an error, so that the VMM comes to its end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "call_ids.h"
#include "compare.h"
#include "diverge.h"
#include "lenient.h"
#include "replay.h"
#include "replay_memory.h"
#include "session.h"

#define UNBOUND   HVT_WAIT_ANY
#define FINISH_MS 1000u

static struct hvt_session session;
static bool started;
/* Under the lock of the session: */
static bool diverged, stopped;
static uint64_t diverged_at;
static char *report;
static const struct hvt_replay_listener *listener;

static bool keep_going, ignores_inputs;
static uint64_t more_reads, fewer_reads, tolerated_at; /* under the lock, too */

static _Thread_local uint32_t place = UNBOUND;
static pthread_key_t answer_bytes; /* of the thread's last answer */

/* Nothing is matched any more, and nobody waits. */
static void stop(void)
{
	stopped = true;
	hvt_replay_memory_let_go();
	hvt_session_wake(&session);
}

/* The first divergence counts; what follows is its consequence. */
static void diverge(uint64_t event, char *text)
{
	struct hvt_memory_guess guess = hvt_replay_memory_guess();

	if (diverged) {
		free(text);
		return;
	}
	diverged = true;
	diverged_at = event;
	text = report = hvt_diverge_after_guess(text, &guess);
	stop();
	listener->diverged(event, text ? text : "out of memory\n");
}

/* The trace is no good from here on: trouble, which is no divergence. */
static void damaged(const struct hvt_error *e)
{
	if (stopped)
		return;
	stop();
	listener->damaged(e);
}

/*
 * Takes a place among the recorded threads for the calling one: of those not
 * taken whose first call is this one, the place whose call comes first.
 */
static bool take_place(const struct hvt_event *call)
{
	uint64_t best = UINT64_MAX;

	for (uint32_t i = 0; i < session.thread_count; i++) {
		const struct hvt_event *due = hvt_session_due(&session, i);
		int param;

		if (session.threads[i].bound || !due || due->number > best ||
				!hvt_compare(due, call, &param))
			continue;
		best = due->number;
		place = i;
	}
	if (place == UNBOUND)
		return false;
	hvt_session_bind(&session, place);
	return true;
}

/*
 * Was all matched that a cut or damaged trace has? Then the replay is over,
 * and what the VMM would have done next cannot be known.
 */
static bool is_over(void)
{
	const struct hvt_error *cut = &session.cut;

	if (!session.ended || session.outstanding || !cut->code)
		return false;
	if (cut->code != -ENODATA)
		damaged(cut);
	else if (!stopped && listener->over)
		listener->over(session.consumed);
	stop();
	return true;
}

static void diverge_memory(void)
{
	struct hvt_memory_difference d = hvt_replay_memory_difference();

	/* Where none says it, the end of the turn does. */
	if (d.event == UINT64_MAX)
		d.event = session.held.number;
	diverge(d.event, hvt_diverge_memory(&d));
}

/* The same, and whether the VMM wrote what it should not have. */
static void advance(void)
{
	hvt_session_advance(&session);
	if (hvt_replay_memory_has_diverged() && !stopped)
		diverge_memory();
}

/* Nothing moved: a call is missing, or call is one too many. */
static void stall(const struct hvt_event *call)
{
	const struct hvt_event *due = hvt_session_oldest(&session);

	if (hvt_session_waits_for_memory(&session))
		diverge_memory();
	else if (due)
		diverge(due->number, hvt_diverge_stall(due,
					place == UNBOUND ? call : NULL,
					session.stall_ms));
	else
		diverge(session.consumed,
				hvt_diverge_beyond(call, session.consumed));
}

/* The very first call has nobody to wait for: it must be the first event. */
static bool is_first_call_of_all(void)
{
	return !session.bound_count && session.outstanding;
}

/* Nothing will be due any more; but what the VMM reads is known. */
static bool is_read_beyond(const struct hvt_event *call)
{
	const struct hvt_replay_thread *t;

	if (!keep_going || !session.ended || session.cut.code ||
			place == UNBOUND || !hvt_is_read(call))
		return false;
	t = &session.threads[place];
	return hvt_known_find(&t->known, &t->due, call);
}

/* Waits for an event to be due to this thread: NULL if there is none. */
static const struct hvt_event *wait_for_due(const struct hvt_event *call)
{
	uint64_t since = 0;

	while (!stopped) {
		const struct hvt_event *due;

		advance();
		if (stopped)
			break;
		if (place == UNBOUND)
			(void)take_place(call);
		due = place == UNBOUND ? NULL : hvt_session_due(&session, place);
		if (due)
			return due;
		if (place == UNBOUND && is_first_call_of_all())
			return hvt_session_oldest(&session);
		if (is_read_beyond(call))
			break;
		if (!is_over() && !hvt_session_wait(&session, place, &since))
			stall(call);
	}
	return NULL;
}

static void tolerate(uint64_t *count, uint64_t event)
{
	if (!more_reads && !fewer_reads)
		tolerated_at = event;
	++*count;
}

/* The thread's next event is a read that the VMM leaves out. */
static void skip_read(uint32_t thread)
{
	struct hvt_event read;

	hvt_session_consume(&session, thread, &read);
	hvt_known_note(&session.threads[thread].known, &read);
	free((void *)(uintptr_t)read.data);
	tolerate(&fewer_reads, read.number);
}

/* From what the trace has around here; due: what is instead, or NULL. */
static bool answer_read(const struct hvt_event *call,
		const struct hvt_event *due, struct hvt_event *answer)
{
	const struct hvt_replay_thread *t = &session.threads[place];
	const struct hvt_event *known = hvt_known_find(&t->known, &t->due, call);
	void *bytes = NULL;

	if (!known)
		return false;
	if (known->data_size) {
		bytes = malloc(known->data_size);
		if (!bytes)
			return false;
		memcpy(bytes, known->data, known->data_size);
	}
	*answer = *known;
	answer->data = bytes;
	tolerate(&more_reads, due ? due->number : session.consumed);
	return true;
}

enum reconciled { DIFFERS, ANSWERED, SKIPPED };

/* The call is not what is due. */
static enum reconciled reconcile(const struct hvt_event *call,
		const struct hvt_event *due, struct hvt_event *answer)
{
	bool reads = hvt_is_read(call);

	if (!keep_going || place == UNBOUND)
		return DIFFERS;
	if (hvt_is_read(due) && (!reads || hvt_is_due_behind_reads(
			&session.threads[place].due, call))) {
		skip_read(place);
		return SKIPPED;
	}
	return reads && answer_read(call, due, answer) ? ANSWERED : DIFFERS;
}

static void consume(struct hvt_event *answer)
{
	hvt_session_consume(&session, place, answer);
	if (keep_going)
		hvt_known_note(&session.threads[place].known, answer);
}

/* Matches the call with what is due; false if the replay is over. */
static bool match(struct hvt_event *call, struct hvt_event *answer)
{
	for (;;) {
		const struct hvt_event *due = wait_for_due(call);
		enum reconciled r;
		int param;

		if (!due)
			return !stopped && answer_read(call, NULL, answer);
		if (hvt_compare(due, call, &param))
			break;
		r = reconcile(call, due, answer);
		if (r == ANSWERED)
			return true;
		if (r == SKIPPED)
			continue;
		diverge(due->number, hvt_diverge_call(due, call, param));
		return false;
	}
	consume(answer);
	return true;
}

/*
 * Is it of a signal handler, which has yet to come into the middle of call? No run
 * begins in another one.
 */
static bool is_in_call(const struct hvt_event *due, const struct hvt_event *call)
{
	return due->kind != HVT_EVENT_LEAVE &&
			(due->call != HVT_CALL_HV_VCPU_RUN ||
				call->call != HVT_CALL_HV_VCPU_RUN);
}

/*
 * The return of a call whose entering was matched. In a recording that ended
 * meanwhile it never returned: then it does not here either.
 */
static bool match_return(const struct hvt_event *call, struct hvt_event *answer)
{
	const struct hvt_event *due;
	uint64_t since = 0;

	for (;;) {
		if (stopped)
			return false;
		advance();
		due = hvt_session_due(&session, place);
		if (due && !is_in_call(due, call))
			break;
		if (is_over() || hvt_session_wait(&session, place, &since))
			continue;
		/* With nothing due to anyone it waits for the VMM to end. */
		if (session.outstanding ||
				hvt_session_waits_for_memory(&session))
			stall(NULL);
		since = 0;
	}
	if (due->kind != HVT_EVENT_LEAVE || due->call != call->call) {
		struct hvt_error e = { .code = -EBADMSG, .event = due->number,
			.text = "a call was entered and does not return" };

		damaged(&e);
		return false;
	}
	hvt_session_consume(&session, place, answer);
	return true;
}

static void take_outputs(struct hvt_event *call, const struct hvt_event *answer)
{
	const struct hvt_call_schema *schema = hvt_call_schema(call->call);

	call->result = answer->result;
	for (unsigned i = 0; i < schema->param_count; i++)
		if (!hvt_role_is_input(schema->params[i].role))
			call->values[i] = answer->values[i];
	call->data = answer->data;
	call->data_size = answer->data_size;
}

/*
 * Until the next answer with bytes or the end of the thread. A signal handler may
 * come before they are read: what it calls has none.
 */
static void keep_bytes(void *bytes)
{
	if (!bytes)
		return;
	free(pthread_getspecific(answer_bytes));
	pthread_setspecific(answer_bytes, bytes);
}

/* What the call did to guest memory; recorded: where that was, then. */
static bool follow_memory(const struct hvt_event *call, uint64_t recorded,
		int64_t result)
{
	struct hvt_error e = { .event = session.consumed };

	if (result != HV_SUCCESS)
		return true;
	if (call->call == HVT_CALL_HV_VM_DESTROY)
		hvt_replay_memory_reset();
	if (call->call == HVT_CALL_HV_VM_MAP)
		e.code = hvt_replay_memory_map(recorded,
				(void *)(uintptr_t)call->values[0],
				call->values[1], call->values[2]);
	if (!e.code)
		return true;
	snprintf(e.text, sizeof(e.text), "guest memory: %s", strerror(-e.code));
	damaged(&e);
	return false;
}

static bool replay_enter(const struct hvt_tap *tap, struct hvt_event *call)
{
	struct hvt_event answer;
	uint64_t recorded;
	bool ok;

	(void)tap;
	call->kind = HVT_EVENT_ENTER;
	hvt_session_lock(&session);
	ok = match(call, &answer);
	if (ok && answer.kind == HVT_EVENT_ENTER) {
		free((void *)answer.data);
		recorded = answer.values[0];
		ok = match_return(call, &answer) &&
				follow_memory(call, recorded, answer.result);
	}
	hvt_session_go(&session, place);
	hvt_session_unlock(&session);
	if (ok) {
		keep_bytes((void *)answer.data);
		take_outputs(call, &answer);
	} else {
		hvt_backend_refuse(call);
	}
	return false;
}

static void replay_leave(const struct hvt_tap *tap, struct hvt_event *call)
{
	(void)tap;
	(void)call;
}

static const struct hvt_tap tap = { .enter = replay_enter,
	.leave = replay_leave };

int hvt_replay_start(const char *path, unsigned stall_ms,
		const struct hvt_replay_listener *told, struct hvt_error *e)
{
	int err = hvt_session_init(&session, path, stall_ms, e);

	if (err)
		return err;
	err = -pthread_key_create(&answer_bytes, free);
	if (err)
		*e = (struct hvt_error){ .code = err, .text = "out of memory" };
	else
		err = hvt_replay_memory_start(session.trace, path, e);
	if (err) {
		hvt_session_fini(&session);
		return err;
	}
	listener = told;
	session.ignores_inputs = ignores_inputs;
	session.progress = told->progress;
	started = true;
	hvt_backend_set_tap(&tap);
	return 0;
}

bool hvt_replay_has_inputs(void)
{
	const char *inputs = hvt_trace_info(session.trace, "inputs");

	return !ignores_inputs && inputs && !strcmp(inputs, "all");
}

bool hvt_replay_has_buffers(void)
{
	const char *buffers = hvt_trace_info(session.trace, "buffers");

	return buffers && !strcmp(buffers, "whole");
}

void hvt_replay_ignore_inputs(void)
{
	ignores_inputs = true;
}

void hvt_replay_keep_going(void)
{
	keep_going = true;
}

/* What the VMM did not do any more. */
static void skip_reads_left(void)
{
	for (uint32_t i = 0; i < session.thread_count; i++)
		while (hvt_session_due(&session, i) &&
				hvt_is_read(hvt_session_due(&session, i)))
			skip_read(i);
}

/*
 * The process ends while other threads may be about to make calls that they
 * had made by then when recorded: they get a moment for each.
 */
static void wait_for_others(void)
{
	uint64_t since = 0;

	if (session.stall_ms > FINISH_MS)
		session.stall_ms = FINISH_MS;
	do
		advance();
	while (hvt_session_oldest(&session) && !stopped &&
			hvt_session_wait(&session, HVT_WAIT_ANY, &since));
}

void hvt_replay_finish(struct hvt_replay_status *status)
{
	const struct hvt_event *due;

	*status = (struct hvt_replay_status){ 0 };
	if (!started)
		return;
	hvt_session_lock(&session);
	if (keep_going && !stopped)
		skip_reads_left();
	wait_for_others();
	due = hvt_session_oldest(&session);
	if (due && !stopped && hvt_session_waits_for_memory(&session))
		diverge_memory();
	else if (due && !stopped)
		diverge(due->number, hvt_diverge_short(due));
	status->diverged = diverged;
	status->event = diverged ? diverged_at : session.consumed;
	status->consumed = session.consumed;
	status->complete = !stopped && !session.cut.code;
	status->report = report;
	status->more = more_reads;
	status->fewer = fewer_reads;
	status->tolerated_at = tolerated_at;
	hvt_session_unlock(&session);
	hvt_replay_memory_stop();
}

void hvt_replay_in_child(void)
{
	hvt_replay_memory_in_child();
}
