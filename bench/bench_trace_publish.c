/* SPDX-License-Identifier: MIT */
/*
 * What recording costs the thread that is recorded: one event to the log,
 * against one tracepoint of LTTng-UST with the same fields. It comes in bursts
 * that a ring has room for, and the thread that writes the trace gets its turn
 * between them; that no one waited for room is shown by the stall time in
 * the trace. scripts/lib/with_lttng gives the tracepoint a session.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "backend.h"
#include "bench.h"
#include "null_engine.h"
#include "scan.h"
#ifdef HVT_BENCH_LTTNG
#include "bench_lttng.h"
#endif

/* A slice is timed; it is so short that few are interrupted. */
#define SLICE   256u
#define SLICES  32u /* in a burst */
#define TARGET  12.0
#define QUARTER 0.25

static struct hvt_recorder *recorder;

/*
 * The writing thread looks every 10 ms, and needs some to write: it gets them
 * after every burst. No sleep: a thread that runs a guest is not cold when it
 * comes to log.
 */
static void let_drain(void *context)
{
	static unsigned slices;
	uint64_t until = bench_now_ns() + 25000000;

	(void)context;
	if (++slices % SLICES)
		return;
	while (bench_now_ns() < until)
		;
}

static void append(const struct hvt_event *event)
{
	struct hvt_event e = *event;

	bench_check(hvt_recorder_append(recorder, &e), "append");
}

/* As the entry points of the API do. */
static void publish_own(void *context, uint64_t count)
{
	(void)context;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t values[] = { 0, i & 31, i };

		if (!hvt_log_call(HVT_CALL_HV_VCPU_GET_REG, 0, values, 3))
			append(&(struct hvt_event){ .kind = HVT_EVENT_CALL,
				.call = HVT_CALL_HV_VCPU_GET_REG,
				.values = { 0, i & 31, i } });
	}
}

/* With the time and a place in the order of all threads. */
static void publish_wide(void *context, uint64_t count)
{
	const uint64_t vcpu = 0;

	(void)context;
	for (uint64_t i = 0; i < count; i++)
		if (!hvt_log_half(HVT_CALL_HV_VCPU_RUN, HVT_EVENT_ENTER, 0,
				    &vcpu, 1))
			append(&(struct hvt_event){ .kind = HVT_EVENT_ENTER,
				.call = HVT_CALL_HV_VCPU_RUN });
}

/* A wide call with bytes goes the long way. */
static void append_bytes(void *context, uint64_t count)
{
	const uint64_t vcpus[] = { 0, 1 };
	struct hvt_event e = { .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_VCPUS_EXIT, .values = { sizeof(vcpus), 2 },
		.data = (const uint8_t *)vcpus, .data_size = sizeof(vcpus) };

	(void)context;
	for (uint64_t i = 0; i < count; i++)
		append(&e);
}

#ifdef HVT_BENCH_LTTNG
static void lttng_event(void *context, uint64_t count)
{
	(void)context;
	for (uint64_t i = 0; i < count; i++)
		lttng_ust_tracepoint(hvt_bench, get_reg,
				HVT_CALL_HV_VCPU_GET_REG, HVT_EVENT_CALL, 0, 0,
				i & 31, i);
}

static bool lttng_is_on(void)
{
	return lttng_ust_tracepoint_enabled(hvt_bench, get_reg);
}
#else
static void lttng_event(void *context, uint64_t count)
{
	(void)context;
	(void)count;
}

static bool lttng_is_on(void)
{
	return false;
}
#endif

static void door(void *context, uint64_t count)
{
	uint64_t value;

	(void)context;
	for (uint64_t i = 0; i < count; i++)
		bench_check((int)hv_vcpu_get_reg(0, HV_REG_X0 + (i & 31),
				&value), "hv_vcpu_get_reg");
}

static void door_run(void *context, uint64_t count)
{
	(void)context;
	for (uint64_t i = 0; i < count; i++)
		bench_check((int)hv_vcpu_run(0), "hv_vcpu_run");
}

static void time_row(struct bench *b, const char *what,
		const struct bench_contender *c, enum bench_bound bound)
{
	bench_row(b, what, "ns", c->best, c->median, bound, TARGET);
}

/* What the last segment of events says. */
static void stall_row(struct bench *b, const char *what, const char *path,
		enum bench_bound bound)
{
	struct hvt_head head;
	uint64_t offset = 0, stall = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	bench_check(fd < 0, path);
	while (!hvt_scan_head(fd, offset, &head)) {
		stall = head.stall;
		offset += hvt_segment_size(&head);
	}
	close(fd);
	bench_row(b, what, "ns", (double)stall, (double)stall, bound, 0);
}

static void ratio_row(struct bench *b, const char *what,
		const struct bench_contender *ours,
		const struct bench_contender *lttng)
{
	if (lttng_is_on())
		bench_row(b, what, "", ours->best / lttng->best,
				ours->median / lttng->median, BENCH_AT_MOST,
				QUARTER);
	else
		bench_missing(b, what, "no session: run scripts/lib/with_lttng");
}

static void compare_publishing(struct bench *b, uint64_t slice)
{
	const char *path = bench_path(b, "publish.hvt");
	struct bench_contender c[] = {
		{ .name = "own", .prepare = let_drain, .run = publish_own },
		{ .name = "wide", .prepare = let_drain, .run = publish_wide },
		{ .name = "bytes", .prepare = let_drain, .run = append_bytes },
		{ .name = "lttng", .prepare = let_drain, .run = lttng_event },
	};

	bench_check(hvt_recorder_open(&recorder, path, NULL, 0), path);
	bench_compare(b, c, lttng_is_on() ? 4 : 3, slice);
	bench_check(hvt_recorder_finish(recorder), "finish");
	hvt_recorder_free(recorder);
	time_row(b, "publish, hv_vcpu_get_reg", &c[0], BENCH_AT_MOST);
	time_row(b, "publish, entering hv_vcpu_run, with time", &c[1],
			BENCH_FREE);
	time_row(b, "publish, entering hv_vcpus_exit, with bytes", &c[2],
			BENCH_FREE);
	if (lttng_is_on())
		time_row(b, "LTTng-UST tracepoint, as the first", &c[3],
				BENCH_FREE);
	ratio_row(b, "publish / LTTng-UST", &c[0], &c[3]);
	stall_row(b, "publish, waited for room", path, BENCH_AT_MOST);
	(void)unlink(path);
}

/* A call through the door, listened to or not; what is added is ours. */
static void compare_doors(struct bench *b, uint64_t slice)
{
	const char *path = bench_path(b, "door.hvt");
	struct bench_contender off[] = {
		{ .name = "get_reg", .run = door },
		{ .name = "run", .run = door_run },
	}, on[] = {
		{ .name = "get_reg", .prepare = let_drain, .run = door },
		{ .name = "run", .prepare = let_drain, .run = door_run },
	};

	null_engine_start();
	bench_compare(b, off, 2, slice);
	bench_check(hvt_recording_start(path, HVT_MEMORY_NONE, NULL), path);
	bench_compare(b, on, 2, slice);
	bench_check(hvt_recording_stop(), "stop");
	time_row(b, "hv_vcpu_get_reg, not recorded", &off[0], BENCH_FREE);
	time_row(b, "hv_vcpu_get_reg, recorded", &on[0], BENCH_FREE);
	bench_row(b, "  recording it adds", "ns", on[0].best - off[0].best,
			on[0].median - off[0].median, BENCH_FREE, 0);
	time_row(b, "hv_vcpu_run, not recorded", &off[1], BENCH_FREE);
	time_row(b, "hv_vcpu_run, recorded (two events)", &on[1], BENCH_FREE);
	/* At a hundred million calls a second the disk has a say in it. */
	stall_row(b, "recorded calls, waited for room", path, BENCH_FREE);
	(void)unlink(path);
}

int main(int argc, char **argv)
{
	struct bench b;

	bench_begin(&b, "trace_publish", argc, argv);
	if (!b.smoke)
		b.rounds *= SLICES;
	compare_publishing(&b, SLICE);
	compare_doors(&b, SLICE);
	return bench_end(&b);
}
