/* SPDX-License-Identifier: MIT */
#include "replay_steps.h"

#include <criterion/criterion.h>
#include <string.h>

#include "fake_engine.h"

struct temp_file file;
struct hvt_replay_status status;
unsigned notified, damages;
struct hvt_error damage;
uint64_t progress;

void set_up(void)
{
	fake_engine_install();
	file = temp_file_create();
}

void tear_down(void)
{
	temp_file_remove(&file);
}

static void on_divergence(uint64_t event, const char *text)
{
	(void)event;
	cr_assert_neq(text[0], 0);
	notified++;
}

static void on_damage(const struct hvt_error *e)
{
	damage = *e;
	damages++;
}

static void on_progress(uint64_t consumed)
{
	cr_assert_gt(consumed, progress);
	progress = consumed;
}

const struct hvt_replay_listener listener = { .diverged = on_divergence,
	.damaged = on_damage, .progress = on_progress };

void start_replay(unsigned stall_ms)
{
	struct hvt_error e;

	/* Without an engine, answers can come from nowhere but the trace. */
	hvt_backend_set_engine(NULL);
	cr_assert_eq(hvt_replay_start(file.path, stall_ms, &listener, &e), 0,
		"%s", e.text);
}

void record(void (*script)(void))
{
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_NONE, NULL), 0);
	script();
	cr_assert_eq(hvt_recording_stop(), 0);
}

void replay(void (*script)(void), unsigned stall_ms)
{
	start_replay(stall_ms);
	script();
	hvt_replay_finish(&status);
}

void expect_complete(uint64_t events)
{
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
	cr_assert_eq(status.consumed, events);
	cr_assert_eq(status.event, events);
	cr_assert_null(status.report);
	cr_assert_eq(notified + damages, 0);
}

void expect_divergence(uint64_t event, const char *words)
{
	cr_assert(status.diverged);
	cr_assert_not(status.complete);
	cr_assert_eq(status.event, event, "%s", status.report);
	cr_assert_not_null(strstr(status.report, words), "%s", status.report);
	cr_assert_eq(notified, 1);
	cr_assert_eq(damages, 0);
}

void expect_damage(uint64_t event)
{
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert_not(status.complete);
	cr_assert_eq(notified, 0);
	cr_assert_eq(damages, 1);
	cr_assert_eq(damage.event, event);
	cr_assert_neq(damage.text[0], 0);
}
