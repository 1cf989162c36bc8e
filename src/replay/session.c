/* SPDX-License-Identifier: MIT */
/* Delivery of events; the rule is in session.h. */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"
#include "replay_memory.h"
#include "trace.h"

/* How far the reader may run ahead of the slowest thread. */
#define WINDOW 65536u

int hvt_session_init(struct hvt_session *s, const char *path, unsigned stall_ms,
		struct hvt_error *e)
{
	int err;

	*s = (struct hvt_session){ .stall_ms = stall_ms };
	err = hvt_trace_open(&s->trace, path, e);
	if (!err)
		pthread_mutex_init(&s->lock, NULL);
	return err;
}

void hvt_session_fini(struct hvt_session *s)
{
	for (uint32_t i = 0; i < s->thread_count; i++) {
		hvt_queue_fini(&s->threads[i].due);
		hvt_queue_fini(&s->threads[i].known);
	}
	free(s->threads);
	hvt_trace_close(s->trace);
	pthread_mutex_destroy(&s->lock);
}

/* Those that an instruction causes stay: where one is due it cannot be put off. */
static void block_signals(sigset_t *old)
{
	static const int causes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP,
		SIGSYS };
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		sigdelset(&all, causes[i]);
	pthread_sigmask(SIG_BLOCK, &all, old);
}

/* comes: with a call, 1, or goes on with one, 0. */
static void lock(struct hvt_session *s, unsigned comes)
{
	bool blocks = hvt_inputs_may_be_interrupted();
	sigset_t old;

	if (blocks)
		block_signals(&old);
	s->comers += comes;
	pthread_mutex_lock(&s->lock);
	s->comers -= comes;
	s->blocks = blocks;
	if (blocks)
		s->mask = old;
}

void hvt_session_lock(struct hvt_session *s)
{
	lock(s, 1);
}

void hvt_session_unlock(struct hvt_session *s)
{
	bool blocks = s->blocks;
	sigset_t old = s->mask;

	pthread_mutex_unlock(&s->lock);
	if (blocks)
		pthread_sigmask(SIG_SETMASK, &old, NULL);
}

#define ANY (HVT_WAIT_SLOTS - 1)

static struct hvt_wait_slot *slot_of(struct hvt_session *s, uint32_t thread)
{
	return &s->slots[thread == HVT_WAIT_ANY ? ANY : thread % ANY];
}

static void wake(struct hvt_wait_slot *slot)
{
	if (!slot->waiting)
		return;
	slot->moves++;
	(void)syscall(SYS_futex, &slot->moves, FUTEX_WAKE_PRIVATE, INT_MAX);
}

/* Something came for thread, or left it. */
static void wake_thread(struct hvt_session *s, uint32_t thread)
{
	wake(slot_of(s, thread));
	wake(&s->slots[ANY]);
}

void hvt_session_wake(struct hvt_session *s)
{
	for (unsigned i = 0; i < HVT_WAIT_SLOTS; i++)
		wake(&s->slots[i]);
}

static void set_waits(struct hvt_replay_thread *t, bool waits)
{
	t->waits = waits;
	t->told = t->at_rest = false;
	hvt_rest_over(&t->rest);
}

/*
 * Until there is a move, a signal, or that time of CLOCK_MONOTONIC. No condition
 * variable: a handler must not come into the middle of one, and wait for it again.
 */
static void wait_for_move(struct hvt_session *s, uint32_t thread,
		const struct timespec *until)
{
	struct hvt_wait_slot *slot = slot_of(s, thread);
	uint32_t seen = slot->moves;

	if (thread != HVT_WAIT_ANY)
		set_waits(&s->threads[thread], true);
	slot->waiting++;
	hvt_session_unlock(s);
	(void)syscall(SYS_futex, &slot->moves, FUTEX_WAIT_BITSET_PRIVATE, seen,
			until, NULL, FUTEX_BITSET_MATCH_ANY);
	lock(s, 0);
	slot->waiting--;
}

void hvt_session_bind(struct hvt_session *s, uint32_t thread)
{
	struct hvt_replay_thread *t = &s->threads[thread];

	t->bound = true;
	t->rest.tid = gettid();
	s->bound_count++;
}

void hvt_session_go(struct hvt_session *s, uint32_t thread)
{
	if (thread != HVT_WAIT_ANY)
		set_waits(&s->threads[thread], false);
}

static int ensure_thread(struct hvt_session *s, uint32_t thread)
{
	struct hvt_replay_thread *more;

	if (thread < s->thread_count)
		return 0;
	if (thread >= HVT_THREADS_MAX)
		return -EBADMSG;
	more = realloc(s->threads, (thread + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	memset(more + s->thread_count, 0,
			(thread + 1 - s->thread_count) * sizeof(*more));
	s->threads = more;
	s->thread_count = thread + 1;
	return 0;
}

static int deliver(struct hvt_session *s, const struct hvt_event *event)
{
	int err = ensure_thread(s, event->thread);

	if (!err)
		err = hvt_queue_push(&s->threads[event->thread].due, event);
	if (!err) {
		s->outstanding++;
		s->halves += event->kind != HVT_EVENT_CALL;
		s->threads[event->thread].told = true;
		wake_thread(s, event->thread);
	}
	return err;
}

static bool is_barrier(const struct hvt_event *event)
{
	return event->kind == HVT_EVENT_LEAVE &&
			event->call == HVT_CALL_HV_VCPU_RUN;
}

/* No event may be left out: after one that cannot be delivered comes none. */
static void end_at(struct hvt_session *s, const struct hvt_event *event,
		int err)
{
	s->ended = true;
	s->cut = (struct hvt_error){ .code = err, .event = event->number };
	if (err == -EBADMSG)
		snprintf(s->cut.text, sizeof(s->cut.text),
				"there is no thread %" PRIu32, event->thread);
	else
		snprintf(s->cut.text, sizeof(s->cut.text), "out of memory");
	hvt_session_wake(s);
}

/* What it says of guest memory cannot be. */
static void end_at_note(struct hvt_session *s, uint64_t number, int err)
{
	s->ended = true;
	s->cut = (struct hvt_error){ .code = err, .event = number };
	snprintf(s->cut.text, sizeof(s->cut.text), "guest memory: %s",
			err == -EBADMSG ? "it contradicts itself"
					: strerror(-err));
	hvt_session_wake(s);
}

/* The end of a turn is held: false: the VMM has not come so far. */
static bool end_turn(struct hvt_session *s)
{
	int done = hvt_replay_memory_turn();

	if (!done || hvt_replay_memory_has_diverged())
		return false;
	s->holding = false;
	if (done < 0)
		end_at_note(s, s->held.number, done);
	s->consumed++;
	wake(&s->slots[ANY]);
	return true;
}

/* Events about memory concern no thread: they are taken in as they come. */
static void take_note(struct hvt_session *s, const struct hvt_event *event)
{
	int err;

	if (hvt_replay_memory_is_turn(event)) {
		s->held = *event;
		s->holding = true;
		s->polled = false;
		return;
	}
	err = hvt_replay_memory_note(event);
	if (err)
		end_at_note(s, event->number, err);
	s->consumed++;
}

bool hvt_session_waits_for_memory(const struct hvt_session *s)
{
	return s->holding && !s->halves && hvt_replay_memory_is_turn(&s->held);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t now_ms(void)
{
	return now_ns() / 1000000u;
}

static bool is_going(const struct hvt_session *s, uint32_t thread)
{
	const struct hvt_replay_thread *t = &s->threads[thread];

	return t->bound && !t->at_rest &&
			(!t->waits || hvt_session_due(s, thread));
}

/* One that was told of an event may yet want the lock, for which it sleeps, too. */
static bool is_at_rest(struct hvt_replay_thread *t, uint64_t now)
{
	return !(t->waits && t->told) && hvt_rest_look(&t->rest, now);
}

/* Do all threads but that one wait in a call, or rest? Mostly none is going. */
static bool others_rest(struct hvt_session *s, uint32_t thread)
{
	bool all = true;
	uint64_t now = 0;

	for (uint32_t i = 0; i < s->thread_count; i++) {
		if (i == thread || !is_going(s, i))
			continue;
		if (!now)
			now = now_ns();
		all &= is_at_rest(&s->threads[i], now);
	}
	if (!all || s->comers)
		return false;
	for (uint32_t i = 0; i < s->thread_count && now; i++)
		if (i != thread && is_going(s, i))
			s->threads[i].at_rest = true;
	return true;
}

/* The return of a run is held, and nothing that was recorded before it is due. */
static bool waits_for_rest(const struct hvt_session *s)
{
	return s->holding && !s->halves && !hvt_replay_memory_is_turn(&s->held);
}

/* Takes the next event from the trace; false: none for now. */
static bool next_event(struct hvt_session *s, struct hvt_event *event)
{
	int got;

	if (s->holding && s->halves)
		return false;
	if (s->holding && hvt_replay_memory_is_turn(&s->held)) {
		if (!end_turn(s))
			return false;
	} else if (s->holding) {
		if (!others_rest(s, s->held.thread))
			return false;
		s->holding = false;
		*event = s->held;
		return true;
	}
	if (s->ended || s->outstanding >= WINDOW)
		return false;
	got = hvt_trace_next(s->trace, event, &s->cut);
	/* It breaks off: its VMM went on, or was killed there. */
	if (!got && !hvt_trace_is_whole(s->trace))
		s->cut = (struct hvt_error){ .code = -ENODATA };
	if (got != 1) {
		s->ended = true;
		hvt_session_wake(s);
		return false;
	}
	if (!is_barrier(event) || (!s->halves && others_rest(s, event->thread)))
		return true;
	/* A run's return has no bytes: nothing to copy. */
	s->held = *event;
	s->holding = true;
	s->polled = false;
	return false;
}

void hvt_session_advance(struct hvt_session *s)
{
	struct hvt_event event;

	while (next_event(s, &event)) {
		int err;

		if (hvt_replay_memory_is_note(&event)) {
			take_note(s, &event);
			continue;
		}
		if (s->ignores_inputs && hvt_call_is_input(event.call)) {
			s->consumed++;
			continue;
		}
		err = deliver(s, &event);
		if (err)
			end_at(s, &event, err);
	}
	/* What the VMM does besides calls wakes nobody: who waits is to look. */
	if (s->polled || (!hvt_session_waits_for_memory(s) && !waits_for_rest(s)))
		return;
	s->polled = true;
	if (waits_for_rest(s))
		wake_thread(s, s->held.thread);
	else
		hvt_session_wake(s);
}

const struct hvt_event *hvt_session_due(
		const struct hvt_session *s, uint32_t thread)
{
	return thread < s->thread_count
			? hvt_queue_peek(&s->threads[thread].due)
			: NULL;
}

void hvt_session_consume(struct hvt_session *s, uint32_t thread,
		struct hvt_event *event)
{
	hvt_queue_take(&s->threads[thread].due, event);
	s->outstanding--;
	s->halves -= event->kind != HVT_EVENT_CALL;
	s->consumed++;
	/* It leaves the call, or begins one: then it waits for its return. */
	if (event->kind != HVT_EVENT_ENTER)
		hvt_session_go(s, thread);
	hvt_replay_memory_moved(s->consumed);
	if (s->progress && s->consumed % HVT_SESSION_STRIDE == 0)
		s->progress(s->consumed);
	/* A handler may have taken what the call that it came into waits for. */
	wake_thread(s, thread);
	hvt_session_advance(s);
	if (s->ended && !s->outstanding)
		hvt_session_wake(s);
}

const struct hvt_event *hvt_session_oldest(const struct hvt_session *s)
{
	const struct hvt_event *oldest = NULL;

	for (uint32_t i = 0; i < s->thread_count; i++) {
		const struct hvt_event *e = hvt_session_due(s, i);

		if (e && (!oldest || e->number < oldest->number))
			oldest = e;
	}
	return !oldest && s->holding ? &s->held : oldest;
}

/*
 * Of what it does besides calls the VMM does not tell. Who waits for a rest looks in
 * the time of a recorded call or two; the others if that one is in a signal handler.
 */
#define MEMORY_NS	  1000000u
#define OWN_REST_NS	  100000u
#define OTHERS_REST_NS 20000000u

static struct timespec when_to_look(const struct hvt_session *s, uint32_t thread,
		uint64_t until_ms)
{
	uint64_t when = until_ms * 1000000u, soon = when;

	if (hvt_session_waits_for_memory(s))
		soon = now_ns() + MEMORY_NS;
	else if (waits_for_rest(s))
		soon = now_ns() + (s->held.thread == thread ? OWN_REST_NS
							    : OTHERS_REST_NS);
	if (soon < when)
		when = soon;
	return (struct timespec){ .tv_sec = (time_t)(when / 1000000000u),
		.tv_nsec = (long)(when % 1000000000u) };
}

bool hvt_session_wait(struct hvt_session *s, uint32_t thread, uint64_t *since)
{
	uint64_t before = s->consumed, until;
	struct timespec t;

	if (!*since)
		*since = now_ms();
	until = *since + s->stall_ms;
	t = when_to_look(s, thread, until);
	wait_for_move(s, thread, &t);
	if (s->consumed == before && now_ms() >= until)
		return false;
	if (s->consumed != before)
		*since = 0;
	return true;
}
