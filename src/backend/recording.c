/* SPDX-License-Identifier: MIT */
/*
 * The recorder's tap: every call goes to the log. Calls that others can
 * notice are logged before the engine does them and again after, the rest
 * once, after. When the log cannot be written any more the VMM is stopped by
 * HV_ERROR from every call: it must not run on unrecorded.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "door.h"
#include "memory_recording.h"
#include "guest_ram.h"
#include "recording.h"
#include "trace.h"

static struct hvt_recorder *recorder;
static enum hvt_memory_mode mode;
static _Atomic int failure;
static _Atomic bool closed;          /* the trace is, or is about to be */
static _Thread_local bool finishing; /* this thread closes the trace */

/*
 * The process is ending, and its trace is closed. A call that an other thread
 * still makes never returns, as one that the end of the process overtakes: to
 * answer it with an error would change how the VMM ends. Inputs go on, as the
 * thread may be one that the end of the process waits for.
 */
static void stop_thread(uint32_t call)
{
	if (finishing || hvt_call_is_input(call))
		return;
	for (;;)
		pause();
}

static void (*on_failure)(int err);

static void fail(int err)
{
	int none = 0;

	if (atomic_compare_exchange_strong(&failure, &none, err) && on_failure)
		on_failure(err);
}

void hvt_recording_on_failure(void (*told)(int err))
{
	on_failure = told;
}

bool hvt_recording_append(struct hvt_event *event)
{
	int err = hvt_recorder_append(recorder, event);

	if (err == -ESHUTDOWN)
		stop_thread(event->call);
	else if (err)
		fail(err);
	return !err;
}

static bool record_enter(const struct hvt_tap *tap, struct hvt_event *event)
{
	(void)tap;
	event->kind = HVT_EVENT_ENTER;
	if (closed)
		stop_thread(event->call);
	if (failure || closed ||
			(hvt_call_schema(event->call)->wide &&
				!hvt_recording_append(event))) {
		hvt_backend_refuse(event);
		return false;
	}
	if (hvt_memory_is_recorded && hvt_call_schema(event->call)->wide)
		hvt_ram_called();
	return true;
}

static void record_leave(const struct hvt_tap *tap, struct hvt_event *event)
{
	(void)tap;
	event->kind = hvt_call_schema(event->call)->wide ? HVT_EVENT_LEAVE
							 : HVT_EVENT_CALL;
	/* First: a turn that ends while the thread waits there is in the call. */
	if (hvt_memory_is_recorded)
		hvt_ram_returning();
	if (!hvt_recording_append(event))
		hvt_backend_refuse(event);
}

static const struct hvt_tap tap = { .only_logs = true,
	.only_logs_wide = true,
	.enter = record_enter,
	.leave = record_leave };

/* Guest memory has its part in runs, and in all calls that others notice. */
static const struct hvt_tap memory_tap = { .only_logs = true,
	.enter = record_enter,
	.leave = record_leave };

int64_t hvt_door_append(uint32_t call, unsigned kind, int64_t result,
		const uint64_t *values, unsigned count)
{
	struct hvt_event event = { .kind = kind, .call = call,
		.result = result };

	if (closed)
		stop_thread(call);
	memcpy(event.values, values, count * sizeof(*values));
	if (!hvt_recording_append(&event))
		hvt_backend_refuse(&event);
	return event.result;
}

/*
 * Facts of the trace: the mode, why it is not the one asked for, whether there are
 * inputs, and whether with these buffers are told of.
 */
static int open_recorder(const char *path, enum hvt_memory_mode memory, int why)
{
	static const char *const modes[] = { "none", "touched", "full" };
	struct hvt_info facts[5] = { { "memory", modes[memory] } };
	size_t count = 1;

	if (why)
		facts[count++] = (struct hvt_info){ "memory_error",
			strerror(-why) };
	count += hvt_inputs_facts(facts + count);
	if (memory && !hvt_inputs_missing())
		facts[count++] = (struct hvt_info){ "buffers", "whole" };
	return hvt_recorder_open(&recorder, path, facts, count);
}

int hvt_recording_start(const char *path, enum hvt_memory_mode memory,
		int *memory_error)
{
	int why = hvt_memory_recording_start(&memory);
	int err = open_recorder(path, memory, why);

	mode = memory;

	if (memory_error)
		*memory_error = why;
	if (err) {
		hvt_memory_recording_stop();
		return err;
	}
	closed = false;
	finishing = false;
	hvt_backend_set_tap(memory ? &memory_tap : &tap);
	return 0;
}

enum hvt_memory_mode hvt_recording_memory(void)
{
	return mode;
}

/* The tap stays: no call is done unlogged. */
int hvt_recording_stop(void)
{
	closed = true;
	finishing = true;
	hvt_memory_recording_stop();
	return recorder ? hvt_recorder_finish(recorder) : 0;
}

void hvt_recording_on_progress(void (*told)(uint64_t events))
{
	hvt_recorder_on_progress(recorder, told);
}

void hvt_recording_disown(void)
{
	if (recorder)
		hvt_recorder_disown(recorder);
	if (hvt_memory_is_recorded)
		hvt_ram_in_child();
}
