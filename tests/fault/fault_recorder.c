/* SPDX-License-Identifier: MIT */
/* The recorder when memory, disk or threads run out. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "faults.h"
#include "files.h"
#include "trace.h"

#define EVENTS 9000u /* some 300 KB: several blocks */

static struct test_event events[EVENTS];

static void make_events(void)
{
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < EVENTS; i++)
		event_random(&r, &events[i]);
}

TestSuite(recorder, .init = make_events, .timeout = 100);

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
		struct hvt_event e = events[*accepted].event;

		err = hvt_recorder_append(r, &e);
		*accepted += !err;
		/* The flusher gets to see several blocks. */
		if (*accepted % 1000 == 0)
			usleep(1000);
	}
	if (err)
		cr_assert_eq(hvt_recorder_append(r, &events[0].event), err,
			"the error lasts");
	last = hvt_recorder_finish(r);
	if (err)
		cr_assert_eq(last, err);
	hvt_recorder_free(r);
	return last;
}

/* What the file holds is the beginning of what was appended, unbroken. */
static unsigned check_readable(const char *path, int err)
{
	struct hvt_event got;
	struct hvt_trace *t;
	struct hvt_error e;
	unsigned n = 0;
	int more;

	/* Not even the header was written: then there is no trace. */
	if (hvt_trace_open(&t, path, &e)) {
		cr_assert_neq(err, 0);
		return 0;
	}
	while ((more = hvt_trace_next(t, &got, &e)) == 1) {
		cr_assert_lt(n, EVENTS);
		cr_assert(event_same(&events[n++].event, &got, false));
	}
	cr_assert_eq(more, err ? -ENODATA : 0, "%s", e.text);
	hvt_trace_close(t);
	return n;
}

/* Until a run is struck by no fault; returns how many were. */
static unsigned every_fault(enum fault kind, bool lasting, int want, int or)
{
	unsigned n = 0;
	bool struck;

	do {
		struct temp_file f = temp_file_create();
		unsigned accepted, read;
		int err;

		fault_arm(kind, ++n, lasting);
		err = record_all(f.path, &accepted);
		struck = fault_disarm();
		if (!err)
			cr_assert_eq(accepted, EVENTS);
		else
			cr_assert(struck && (err == want || err == or), "%s",
				strerror(-err));
		read = check_readable(f.path, err);
		cr_assert_leq(read, EVENTS);
		if (!err)
			cr_assert_eq(read, EVENTS);
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
	cr_assert_gt(every_fault(FAULT_WRITE, true, -ENOSPC, 0), 3);
	fault_errno = EIO;
	cr_assert_gt(every_fault(FAULT_WRITE, false, -EIO, 0), 3);
}

Test(recorder, tells_a_failing_open)
{
	struct temp_file f = temp_file_create();
	unsigned accepted;

	/* The first one is /proc/self/cmdline: a fact that is left out. */
	fault_errno = EMFILE;
	fault_arm(FAULT_OPEN, 2, false);
	cr_assert_eq(record_all(f.path, &accepted), -EMFILE);
	cr_assert(fault_disarm());
	fault_arm(FAULT_OPEN, 1, false);
	cr_assert_eq(record_all(f.path, &accepted), 0);
	cr_assert(fault_disarm());
	temp_file_remove(&f);
}

/* Where close tells that data was lost (NFS, quotas). */
Test(recorder, tells_a_failing_close)
{
	struct temp_file f = temp_file_create();
	unsigned accepted;

	fault_errno = EIO;
	fault_arm(FAULT_CLOSE, 2, false);
	cr_assert_eq(record_all(f.path, &accepted), -EIO);
	cr_assert(fault_disarm());
	temp_file_remove(&f);
}

Test(recorder, finishes_writes_that_were_short_or_interrupted)
{
	for (enum fault kind = FAULT_SHORT; kind <= FAULT_INTR; kind++) {
		struct temp_file f = temp_file_create();
		unsigned accepted;

		fault_arm(kind, 0, false);
		cr_assert_eq(record_all(f.path, &accepted), 0);
		cr_assert(fault_disarm());
		cr_assert_eq(check_readable(f.path, 0), EVENTS);
		temp_file_remove(&f);
	}
}

/* A disk that fills in the middle of a block: the part is cut off again. */
Test(recorder, leaves_no_partial_block_behind)
{
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r;
	size_t size, header;
	uint8_t *bytes;

	cr_assert_eq(hvt_recorder_open(&r, f.path, NULL, 0), 0);
	bytes = file_read(f.path, &header);
	free(bytes);
	for (unsigned i = 0; i < 100; i++)
		cr_assert_eq(hvt_recorder_append(r, &events[i].event), 0);
	/* First half a block, then nothing more. */
	fault_errno = ENOSPC;
	fault_half_then_fail();
	cr_assert_eq(hvt_recorder_finish(r), -ENOSPC);
	cr_assert(fault_disarm());
	hvt_recorder_free(r);
	bytes = file_read(f.path, &size);
	free(bytes);
	cr_assert_eq(size, header);
	temp_file_remove(&f);
}
