/* SPDX-License-Identifier: MIT */
/* Recovery that fails half way: nothing is lost, and it can be tried again. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "files.h"
#include "trace.h"

#define EVENTS 40000u /* more than a segment holds */

static struct temp_file file;
static uint8_t *trace, *log_bytes;
static size_t trace_size, log_size;
static char log_path[48];

/* A recorder is killed; its files are kept, to be recovered many times. */
static void set_up(void)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VCPU_SET_REG };
	pid_t child;

	file = temp_file_create();
	snprintf(log_path, sizeof(log_path), "%s.wal", file.path);
	child = fork();
	if (!child) {
		struct hvt_recorder *r;

		if (hvt_recorder_open(&r, file.path, NULL, 0))
			_exit(1);
		for (unsigned i = 0; i < EVENTS; i++) {
			e.values[2] = i;
			if (hvt_recorder_append(r, &e))
				_exit(1);
		}
		kill(getpid(), SIGKILL);
	}
	cr_assert_eq(waitpid(child, NULL, 0), child);
	trace = file_read(file.path, &trace_size);
	log_bytes = file_read(log_path, &log_size);
}

static void tear_down(void)
{
	free(trace);
	free(log_bytes);
	temp_file_remove(&file);
}

TestSuite(recover, .init = set_up, .fini = tear_down, .timeout = 300);

static void check_trace(void)
{
	struct hvt_event got;
	struct hvt_trace *t;
	struct hvt_error e;

	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0, "%s", e.text);
	for (unsigned i = 0; i < EVENTS; i++) {
		cr_assert_eq(hvt_trace_next(t, &got, &e), 1, "event %u", i);
		cr_assert_eq(got.number, i);
		cr_assert_eq(got.values[2], i);
	}
	cr_assert_eq(hvt_trace_next(t, &got, &e), 0, "%s", e.text);
	hvt_trace_close(t);
}

static unsigned every_fault(enum fault kind, bool lasting, int want)
{
	unsigned n = 0;
	bool struck;

	do {
		struct hvt_error e = { 0 };
		uint64_t events;
		int err;

		file_write(file.path, trace, trace_size);
		file_write(log_path, log_bytes, log_size);
		fault_arm(kind, ++n, lasting);
		err = hvt_trace_recover(file.path, HVT_END_DIED, &events, &e);
		struck = fault_disarm();
		cr_assert(!err || (struck && err == want), "fault %u: %s", n,
			strerror(-err));
		cr_assert_eq(e.code, err);
		cr_assert_eq(e.text[0] != 0, err != 0);
		check_trace();
		cr_assert_eq(hvt_trace_recover(file.path, HVT_END_DIED, &events, &e), 0,
			"fault %u: %s", n, e.text);
		check_trace();
		cr_assert_neq(access(log_path, F_OK), 0);
	} while (struck);
	return n - 1;
}

Test(recover, survives_every_lack_of_memory)
{
	cr_assert_gt(every_fault(FAULT_ALLOC, false, -ENOMEM), 10);
}

Test(recover, survives_every_failing_write)
{
	fault_errno = ENOSPC;
	cr_assert_geq(every_fault(FAULT_WRITE, true, -ENOSPC), 2);
	cr_assert_geq(every_fault(FAULT_SYNC, true, -ENOSPC), 1);
	cr_assert_geq(every_fault(FAULT_TRUNCATE, true, -ENOSPC), 1);
}

Test(recover, survives_every_failing_read_map_and_open)
{
	fault_errno = EIO;
	cr_assert_geq(every_fault(FAULT_READ, false, -EIO), 5);
	fault_errno = ENOMEM;
	cr_assert_geq(every_fault(FAULT_MAP, false, -ENOMEM), 2);
	fault_errno = EMFILE;
	cr_assert_geq(every_fault(FAULT_OPEN, false, -EMFILE), 3);
}
