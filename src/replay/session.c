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

void hvt_session_lock(struct hvt_session *s)
{
	bool blocks = hvt_inputs_may_be_interrupted();
	sigset_t old;

	if (blocks)
		block_signals(&old);
	pthread_mutex_lock(&s->lock);
	s->blocks = blocks;
	if (blocks)
		s->mask = old;
}

void hvt_session_unlock(struct hvt_session *s)
{
	bool blocks = s->blocks;
	sigset_t old = s->mask;

	pthread_mutex_unlock(&s->lock);
	if (blocks)
		pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void hvt_session_wake(struct hvt_session *s)
{
	s->moves++;
	if (s->waiting)
		(void)syscall(SYS_futex, &s->moves, FUTEX_WAKE_PRIVATE, INT_MAX);
}

/*
 * Until there is a move, a signal, or that time of CLOCK_MONOTONIC. No condition
 * variable: a handler must not come into the middle of one, and wait for it again.
 */
static void wait_for_move(struct hvt_session *s, const struct timespec *until)
{
	uint32_t seen = s->moves;

	s->waiting++;
	hvt_session_unlock(s);
	(void)syscall(SYS_futex, &s->moves, FUTEX_WAIT_BITSET_PRIVATE, seen,
			until, NULL, FUTEX_BITSET_MATCH_ANY);
	hvt_session_lock(s);
	s->waiting--;
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
		hvt_session_wake(s);
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
	hvt_session_wake(s);
	return true;
}

/* Events about memory concern no thread: they are taken in as they come. */
static void take_note(struct hvt_session *s, const struct hvt_event *event)
{
	int err;

	if (hvt_replay_memory_is_turn(event)) {
		s->held = *event;
		s->holding = true;
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
	if (!is_barrier(event) || !s->halves)
		return true;
	/* A run's return has no bytes: nothing to copy. */
	s->held = *event;
	s->holding = true;
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
	hvt_replay_memory_moved(s->consumed);
	if (s->progress && s->consumed % HVT_SESSION_STRIDE == 0)
		s->progress(s->consumed);
	hvt_session_wake(s);
	hvt_session_advance(s);
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

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

bool hvt_session_wait(struct hvt_session *s, uint64_t *since)
{
	uint64_t before = s->consumed, until, wake;
	struct timespec t;

	if (!*since)
		*since = now_ms();
	until = *since + s->stall_ms;
	/* Of what it writes to memory the VMM does not tell. */
	wake = hvt_session_waits_for_memory(s) ? now_ms() + 1 : until;
	t.tv_sec = (time_t)(wake / 1000u);
	t.tv_nsec = (long)(wake % 1000u) * 1000000L;
	wait_for_move(s, &t);
	if (s->consumed == before && now_ms() >= until)
		return false;
	if (s->consumed != before)
		*since = 0;
	return true;
}
