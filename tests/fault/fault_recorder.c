/* SPDX-License-Identifier: MIT */
/*
 * The recorder when memory, disk or threads run out: it says so, and every
 * event that it took can be read, and is there after recovery.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faults.h"
#include "files.h"
#include "rng.h"
#include "trace.h"

#define EVENTS 3000u
#define BYTES  4096u /* of each: 12 MB, several segments */

static uint8_t bytes[EVENTS + BYTES];
static unsigned pace; /* us per 100 events */

static void make_bytes(void)
{
	struct rng r;

	rng_init(&r);
	rng_bytes(&r, bytes, sizeof(bytes));
	pace = 0;
}

TestSuite(recorder, .init = make_bytes, .timeout = 300);

static struct hvt_event make(unsigned i)
{
	return (struct hvt_event){ .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_GIC_SET_STATE,
		.values = { BYTES, BYTES }, .data = bytes + i,
		.data_size = BYTES };
}

/*
 * Records all events: the first error, or 0. *accepted: how many the recorder
 * took before.
 */
static int record_all(const char *path, unsigned *accepted)
{
	struct hvt_recorder *r;
	int err = hvt_recorder_open(&r, path, NULL, 0), last;

	*accepted = 0;
	if (err)
		return err;
	while (!err && *accepted < EVENTS) {
		struct hvt_event e = make(*accepted);

		err = hvt_recorder_append(r, &e);
		*accepted += !err;
		if (pace && *accepted % 100 == 0)
			usleep(pace);
	}
	if (err) {
		struct hvt_event e = make(0);

		cr_assert_eq(hvt_recorder_append(r, &e), err,
			"the error lasts");
	}
	last = hvt_recorder_finish(r);
	if (err)
		cr_assert_eq(last, err);
	hvt_recorder_free(r);
	return last;
}

/* How many events there are: the first ones, unbroken. -1: no trace. */
static int read_all(const char *path, enum hvt_trace_state *state)
{
	struct hvt_event got;
	struct hvt_trace *t;
	struct hvt_error e;
	unsigned n = 0;
	int more;

	if (hvt_trace_open(&t, path, &e))
		return -1;
	*state = hvt_trace_state(t);
	while ((more = hvt_trace_next(t, &got, &e)) == 1) {
		cr_assert_lt(n, EVENTS);
		cr_assert_eq(got.number, n);
		cr_assert_eq(got.data_size, BYTES);
		cr_assert_eq(memcmp(got.data, bytes + n, BYTES), 0);
		n++;
	}
	cr_assert_eq(more, 0, "%s", e.text);
	hvt_trace_close(t);
	return (int)n;
}

static void check_files(const char *path, int err, unsigned accepted)
{
	enum hvt_trace_state state = HVT_TRACE_LIVE;
	int there = read_all(path, &state);
	uint64_t n;

	if (there < 0) {
		cr_assert_eq(accepted, 0);
		cr_assert(err);
		return;
	}
	cr_assert_eq(there, accepted);
	cr_assert_neq(state, HVT_TRACE_LIVE, "nobody writes it any more");
	if (!err)
		cr_assert_eq(state, HVT_TRACE_CLOSED);
	cr_assert_eq(hvt_trace_recover(path, HVT_END_DIED, &n, NULL), 0);
	cr_assert_eq(read_all(path, &state), accepted);
	cr_assert_eq(state, HVT_TRACE_CLOSED);
}

/* Until a run is struck by no fault; returns how many were. */
static unsigned every_fault(enum fault kind, bool lasting, int want, int or)
{
	unsigned n = 0;
	bool struck;

	do {
		struct temp_file f = temp_file_create();
		unsigned accepted;
		int err;

		/* What mkstemp() made is no trace: nor may it stay there. */
		fault_arm(kind, ++n, lasting);
		err = record_all(f.path, &accepted);
		struck = fault_disarm();
		if (!err)
			cr_assert_eq(accepted, EVENTS);
		else
			cr_assert(struck && (err == want || err == or),
				"fault %u: %s", n, strerror(-err));
		check_files(f.path, err, accepted);
		temp_file_remove(&f);
	} while (struck);
	return n - 1;
}

Test(recorder, survives_every_lack_of_memory)
{
	cr_assert_gt(every_fault(FAULT_ALLOC, false, -ENOMEM, -EAGAIN), 10);
}

Test(recorder, tells_every_failing_write)
{
	fault_errno = ENOSPC;
	/* Facts, events, index and end; of events the more the less they wait. */
	cr_assert_geq(every_fault(FAULT_WRITE, true, -ENOSPC, 0), 3);
	fault_errno = EIO;
	cr_assert_geq(every_fault(FAULT_WRITE, false, -EIO, 0), 3);
}

Test(recorder, tells_a_disk_without_room_for_its_log)
{
	fault_errno = ENOSPC;
	/* Its head, and a ring; the thread does without further ones. */
	cr_assert_geq(every_fault(FAULT_FALLOCATE, true, -ENOSPC, 0), 2);
	fault_errno = ENOSPC;
	cr_assert_eq(every_fault(FAULT_TRUNCATE, true, -ENOSPC, 0), 1);
}

Test(recorder, does_without_allocating_where_a_file_system_cannot)
{
	struct temp_file f = temp_file_create();
	unsigned accepted;

	fault_errno = EOPNOTSUPP;
	fault_arm(FAULT_FALLOCATE, 1, true);
	cr_assert_eq(record_all(f.path, &accepted), 0);
	cr_assert(fault_disarm());
	check_files(f.path, 0, EVENTS);
	temp_file_remove(&f);
}

Test(recorder, tells_every_failing_map)
{
	fault_errno = ENOMEM;
	/*
	 * The head of the log, the thread's places, the ring for it and for the
	 * writer's; and further rings, if the writer is late.
	 */
	cr_assert_geq(every_fault(FAULT_MAP, false, -ENOMEM, 0), 4);
}

Test(recorder, tells_every_failing_sync)
{
	pace = 12000; /* 0.36 s: a few syncs, of the log and of the trace */
	fault_errno = EIO;
	cr_assert_geq(every_fault(FAULT_SYNC, false, -EIO, 0), 2);
}

Test(recorder, tells_a_failing_open)
{
	fault_errno = EMFILE;
	/*
	 * /proc/self/cmdline and a log that may be there, which it does
	 * without; the trace and its log.
	 */
	cr_assert_eq(every_fault(FAULT_OPEN, false, -EMFILE, 0), 4);
}

/* Where close tells that data was lost (NFS, quotas). */
Test(recorder, tells_a_failing_close)
{
	fault_errno = EIO;
	cr_assert_geq(every_fault(FAULT_CLOSE, false, -EIO, 0), 2);
}

Test(recorder, tells_that_its_log_is_still_there)
{
	fault_errno = EIO;
	/* Before there is a new one, which then cannot be made; and in the end. */
	cr_assert_eq(every_fault(FAULT_UNLINK, false, -EIO, 0), 2);
}

Test(recorder, finishes_writes_that_were_short_or_interrupted)
{
	for (enum fault kind = FAULT_SHORT; kind <= FAULT_INTR; kind++) {
		struct temp_file f = temp_file_create();
		unsigned accepted;

		fault_arm(kind, 0, false);
		cr_assert_eq(record_all(f.path, &accepted), 0);
		cr_assert(fault_disarm());
		check_files(f.path, 0, EVENTS);
		temp_file_remove(&f);
	}
}

/* A disk that fills in the middle of a segment: the part is cut off again. */
Test(recorder, leaves_no_partial_segment_behind)
{
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r;
	size_t meta;

	cr_assert_eq(hvt_recorder_open(&r, f.path, NULL, 0), 0);
	meta = file_size(f.path);
	for (unsigned i = 0; i < 100; i++) {
		struct hvt_event e = make(i);

		cr_assert_eq(hvt_recorder_append(r, &e), 0);
	}
	fault_errno = ENOSPC;
	fault_half_then_fail();
	cr_assert_eq(hvt_recorder_finish(r), -ENOSPC);
	cr_assert(fault_disarm());
	hvt_recorder_free(r);
	cr_assert_eq(file_size(f.path), meta);
	check_files(f.path, -ENOSPC, 100);
	temp_file_remove(&f);
}
