/* SPDX-License-Identifier: MIT */
/* A replay that runs out of memory: told as trouble, never passed over. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_engine.h"
#include "faults.h"
#include "files.h"
#include "replay.h"

#define RUNS 100u

static struct temp_file file;
static unsigned damages, divergences;

static void diverged(uint64_t event, const char *text)
{
	(void)event, (void)text;
	divergences++;
}

static void damaged(const struct hvt_error *e)
{
	damages += e->text[0] != 0;
}

static const struct hvt_replay_listener listener = { .diverged = diverged,
	.damaged = damaged };

/* How many calls succeeded. */
static unsigned script(void)
{
	hv_simd_fp_uchar16_t v = { 0 };
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 0;
	unsigned ok = 0;

	ok += hv_vm_create(NULL) == HV_SUCCESS;
	ok += hv_vcpu_create(&vcpu, &exit, NULL) == HV_SUCCESS;
	for (unsigned i = 0; i < RUNS; i++) {
		ok += hv_vcpu_run(vcpu) == HV_SUCCESS;
		ok += hv_vcpu_set_simd_fp_reg(vcpu, 3, v) == HV_SUCCESS;
		ok += hv_vcpu_get_simd_fp_reg(vcpu, 3, &v) == HV_SUCCESS;
	}
	return ok;
}

#define CALLS (2 + 3 * RUNS)

/*
 * One replay per process, and nothing of Criterion in it. 0: struck and told,
 * 1: not struck, 2: wrong.
 */
static int replay_with_fault(unsigned n)
{
	struct hvt_replay_status status;
	struct hvt_error e = { 0 };
	unsigned ok;
	int err;

	fault_arm(FAULT_ALLOC, n, false);
	hvt_backend_set_engine(NULL);
	err = hvt_replay_start(file.path, 60000, &listener, &e);
	if (err)
		return fault_disarm() && e.code == err ? 0 : 2;
	ok = script();
	hvt_replay_finish(&status);
	if (!fault_disarm())
		return ok == CALLS && status.complete ? 1 : 2;
	return ok < CALLS && damages == 1 && !divergences && !status.diverged &&
			!status.complete
		? 0
		: 2;
}

Test(replay, tells_every_lack_of_memory, .timeout = 100)
{
	unsigned n = 0;
	int status;

	fake_engine_install();
	file = temp_file_create();
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_NONE, NULL), 0);
	cr_assert_eq(script(), CALLS);
	cr_assert_eq(hvt_recording_stop(), 0);
	do {
		pid_t child = fork();

		n++;
		if (!child)
			_exit(replay_with_fault(n));
		cr_assert_eq(waitpid(child, &status, 0), child);
		cr_assert(WIFEXITED(status), "fault %u", n);
		cr_assert_lt(WEXITSTATUS(status), 2, "fault %u", n);
	} while (WEXITSTATUS(status) == 0);
	cr_assert_gt(n, 20);
	temp_file_remove(&file);
}
