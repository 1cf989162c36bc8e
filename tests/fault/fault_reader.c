/* SPDX-License-Identifier: MIT */
/* The reader when memory runs out or the disk fails. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "faults.h"
#include "files.h"

#define EVENTS 200u

static struct test_event events[EVENTS];
static struct temp_file file;

static void set_up(void)
{
	struct rng r;

	rng_init(&r);
	events_make(&r, events, EVENTS);
	file = temp_file_create();
	trace_write(file.path, events, EVENTS, 20, true, NULL);
}

static void tear_down(void)
{
	temp_file_remove(&file);
}

TestSuite(reader, .init = set_up, .fini = tear_down);

static int read_all(struct hvt_error *e, unsigned *n)
{
	struct hvt_event got;
	struct hvt_trace *t;
	int more = hvt_trace_open(&t, file.path, e);

	*n = 0;
	if (more)
		return more;
	while ((more = hvt_trace_next(t, &got, e)) == 1)
		cr_assert(event_same(&events[(*n)++].event, &got, false));
	hvt_trace_close(t);
	return more;
}

static void *make_part(void *context)
{
	(void)context;
	return malloc(1);
}

static int add_to_part(void *part, const struct hvt_event *got, size_t count)
{
	(void)part;
	return count && event_same(&events[got->number].event, got, false)
			? 0 : -EPROTO;
}

static int end_part(void *part, void *context)
{
	(void)part;
	++*(unsigned *)context;
	return 0;
}

/* What is told of a failing disk is told by reading on. */
static int read_parts(unsigned *parts)
{
	static const struct hvt_part_ops ops = { make_part, add_to_part,
		end_part, free };
	struct hvt_trace *t;
	int err = hvt_trace_open(&t, file.path, NULL);

	*parts = 0;
	if (err)
		return err;
	err = hvt_trace_read_parts(t, UINT64_MAX, 1, &ops, parts);
	hvt_trace_close(t);
	return err;
}

Test(reader, makes_parts_of_what_can_be_read)
{
	static const enum fault kinds[] = { FAULT_ALLOC, FAULT_READ };

	fault_errno = EIO;
	for (size_t i = 0; i < 2; i++) {
		unsigned count = 0, parts, before = 0;
		bool struck;
		int err;

		do {
			fault_arm(kinds[i], ++count, false);
			err = read_parts(&parts);
			struck = fault_disarm();
			cr_assert(!err || struck);
			cr_assert_geq(parts, err ? 0 : before);
			before = parts;
		} while (struck);
		cr_assert_eq(parts, EVENTS / 20);
		cr_assert_gt(count, 4);
	}
}

static unsigned every_fault(enum fault kind, int want)
{
	unsigned count = 0, n;
	bool struck;

	do {
		struct hvt_error e = { 0 };
		int err;

		fault_arm(kind, ++count, false);
		err = read_all(&e, &n);
		struck = fault_disarm();
		cr_assert_eq(err, struck ? want : 0, "fault %u: %s", count,
			strerror(-err));
		cr_assert_eq(e.code, err, "fault %u", count);
		cr_assert_eq(e.text[0] != 0, err != 0);
		cr_assert_leq(n, EVENTS);
		if (err && n)
			cr_assert_eq(e.event, n);
	} while (struck);
	cr_assert_eq(n, EVENTS);
	return count - 1;
}

/* Nothing is wrong with the trace: it must not be called damaged. */
Test(reader, tells_lack_of_memory_from_damage)
{
	cr_assert_gt(every_fault(FAULT_ALLOC, -ENOMEM), 4);
}

Test(reader, tells_a_failing_disk_from_damage)
{
	fault_errno = EIO;
	cr_assert_gt(every_fault(FAULT_READ, -EIO), 10);
}

Test(reader, tells_a_failing_open)
{
	struct hvt_error e;
	unsigned n;

	fault_errno = EMFILE;
	fault_arm(FAULT_OPEN, 1, false);
	cr_assert_eq(read_all(&e, &n), -EMFILE);
	cr_assert(fault_disarm());
}

Test(reader, finishes_reads_that_were_short_or_interrupted)
{
	for (enum fault kind = FAULT_SHORT; kind <= FAULT_INTR; kind++) {
		struct hvt_error e;
		unsigned n;

		fault_arm(kind, 0, false);
		cr_assert_eq(read_all(&e, &n), 0);
		cr_assert(fault_disarm());
		cr_assert_eq(n, EVENTS);
	}
}
