/* SPDX-License-Identifier: MIT */
#include <Hypervisor/Hypervisor.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "call_ids.h"
#include "files.h"
#include "guest/level.h"
#include "guest_ram.h"
#include "writer.h"

#define RET 0xd65f03c0u
#define AT  0x7f0000000000ull

static struct hvt_level level;
static uint64_t number;

static void set_up(void)
{
	level = (struct hvt_level){ .happened.level = 1, .code.level = 1 };
}

static void tear_down(void)
{
	hvt_level_fini(&level);
}

TestSuite(level, .init = set_up, .fini = tear_down, .timeout = 30);

static void see(uint32_t thread, uint32_t call, enum hvt_event_kind kind)
{
	struct hvt_event e = { .number = number++, .thread = thread,
		.call = call, .kind = kind };

	hvt_level_see(&level, &e);
}

static void enter(uint32_t thread)
{
	see(thread, HVT_CALL_HV_VCPU_RUN, HVT_EVENT_ENTER);
}

static void leave(uint32_t thread)
{
	see(thread, HVT_CALL_HV_VCPU_RUN, HVT_EVENT_LEAVE);
}

static void note(uint32_t thread, uint32_t call, uint64_t a, uint64_t b,
		const void *bytes, size_t size)
{
	struct hvt_event e = { .number = number++, .thread = thread,
		.call = call, .kind = HVT_EVENT_ENTER, .values = { a, b },
		.data = bytes, .data_size = size };

	hvt_level_see(&level, &e);
}

static void expect_1(void)
{
	const struct hvt_guest_level *l = hvt_level_found(&level);

	cr_assert_eq(l->level, 1, "%s", l->reason);
}

static void expect_0(uint64_t event, const char *words)
{
	const struct hvt_guest_level *l = hvt_level_found(&level);

	cr_assert_eq(l->level, 0);
	cr_assert_eq(l->event, event, "%s", l->reason);
	cr_assert_not_null(strstr(l->reason, words), "%s", l->reason);
}

Test(level, is_1_where_all_happens_between_runs)
{
	expect_1();
	see(0, HVT_CALL_HV_VM_CREATE, HVT_EVENT_ENTER);
	see(0, HVT_CALL_HV_VM_CREATE, HVT_EVENT_LEAVE);
	for (unsigned i = 0; i < 10; i++) {
		enter(i % 2);
		leave(i % 2);
		see(2, HVT_CALL_HV_GIC_SET_SPI, HVT_EVENT_ENTER);
		see(2, HVT_CALL_HV_GIC_SET_SPI, HVT_EVENT_LEAVE);
		note(0, HVT_CALL_MEMORY_TOUCHED, AT, 0, NULL, 0);
	}
	expect_1();
}

/* They concern their caller alone, and stand too early at most. */
Test(level, is_1_with_whole_calls_beside_a_run)
{
	enter(0);
	see(1, HVT_CALL_HV_VCPU_GET_REG, HVT_EVENT_CALL);
	see(1, HVT_CALL_HV_GIC_SET_SPI, HVT_EVENT_LEAVE);
	expect_1();
}

/* They are the VMM's own, however long it waits for them. */
Test(level, is_1_with_inputs_of_the_vmm_beside_a_run)
{
	enter(0);
	see(1, HVT_CALL_INPUT_READ, HVT_EVENT_ENTER);
	see(1, HVT_CALL_INPUT_READ, HVT_EVENT_LEAVE);
	see(1, HVT_CALL_INPUT_CLOCK, HVT_EVENT_CALL);
	see(1, HVT_CALL_INPUT_POLL, HVT_EVENT_ENTER);
	expect_1();
}

Test(level, is_0_where_two_vcpus_ran_at_once)
{
	enter(0);
	enter(1);
	leave(0);
	leave(1);
	expect_0(1, "two vCPUs ran at once");
}

Test(level, is_0_where_a_call_was_made_beside_a_run)
{
	enter(0);
	see(1, HVT_CALL_HV_GIC_SET_SPI, HVT_EVENT_ENTER);
	expect_0(1, "hv_gic_set_spi while a vCPU ran");
}

/* By a signal handler. */
Test(level, is_0_where_the_thread_of_the_run_made_the_call)
{
	enter(5);
	see(5, HVT_CALL_HV_VCPUS_EXIT, HVT_EVENT_ENTER);
	expect_0(1, "hv_vcpus_exit while a vCPU ran");
}

Test(level, is_0_where_a_call_was_made_that_it_does_not_know)
{
	enter(0);
	see(1, 60000, HVT_EVENT_ENTER);
	expect_0(1, "an unknown call");
}

Test(level, is_0_where_the_vmm_came_to_memory_beside_a_run)
{
	enter(0);
	note(1, HVT_CALL_MEMORY_TOUCHED, AT, 0, NULL, 0);
	expect_0(1, "came to guest memory while a vCPU ran");
}

/* The end of a turn, and what was stored in it, is told by who begins to run. */
Test(level, is_1_where_a_run_tells_of_memory_as_it_begins)
{
	enter(0);
	note(0, HVT_CALL_MEMORY_STORED, AT, 0, NULL, 0);
	note(0, HVT_CALL_MEMORY_TURN, 1, 0, NULL, 0);
	expect_1();
	enter(1);
	expect_0(3, "two vCPUs");
}

Test(level, is_0_where_another_run_had_begun)
{
	enter(0);
	leave(0);
	enter(1);
	note(0, HVT_CALL_MEMORY_TURN, 1, 0, NULL, 0);
	expect_0(3, "memory_turn while a vCPU ran");
}

static void end_run(int64_t result, uint64_t reason)
{
	struct hvt_event e = { .number = number++, .result = result,
		.call = HVT_CALL_HV_VCPU_RUN, .kind = HVT_EVENT_LEAVE,
		.values = { 0, reason } };

	enter(0);
	e.number = number++;
	hvt_level_see(&level, &e);
}

Test(level, is_0_where_the_timer_ended_a_run)
{
	end_run(HV_SUCCESS, HV_EXIT_REASON_EXCEPTION);
	end_run(HV_SUCCESS, HV_EXIT_REASON_CANCELED);
	/* One that failed has no reason. */
	end_run(HV_BAD_ARGUMENT, HV_EXIT_REASON_VTIMER_ACTIVATED);
	expect_1();
	end_run(HV_SUCCESS, HV_EXIT_REASON_VTIMER_ACTIVATED);
	expect_0(number - 1, "virtual timer");
}

Test(level, keeps_the_first_reason)
{
	enter(0);
	enter(1);
	note(2, HVT_CALL_MEMORY_TOUCHED, AT, 0, NULL, 0);
	end_run(HV_SUCCESS, HV_EXIT_REASON_VTIMER_ACTIVATED);
	expect_0(1, "two vCPUs");
}

Test(level, is_0_where_memory_was_not_followed)
{
	struct hvt_event e = { .number = 7, .call = HVT_CALL_MEMORY_MAPPED,
		.kind = HVT_EVENT_ENTER,
		.values = { AT, 4096, HVT_RAM_GONE } };

	hvt_level_see(&level, &e);
	expect_1();
	e.values[2] = HVT_RAM_UNTRACKED;
	hvt_level_see(&level, &e);
	expect_0(7, "0x7f0000000000 of the VMM was not followed");
}

/* Runs that have no end, and ends without a run. */
Test(level, counts_no_run_twice)
{
	for (unsigned i = 0; i < 3; i++)
		leave(i);
	cr_assert_eq(level.running_count, 0);
	for (unsigned i = 0; i < 3; i++)
		enter(4095);
	cr_assert_eq(level.running_count, 1);
	leave(4095);
	cr_assert_eq(level.running_count, 0);
}

Test(level, passes_over_threads_that_there_cannot_be)
{
	enter(HVT_LEVEL_THREADS);
	enter(UINT32_MAX);
	leave(UINT32_MAX);
	cr_assert_eq(level.running_count, 0);
	expect_1();
}

/* The VMM stores the word; what is said of it. */
static const char *said_of(uint32_t word)
{
	uint32_t code[] = { RET, word };

	set_up();
	note(0, HVT_CALL_MEMORY_CHANGED, AT, 8, code, sizeof(code));
	return hvt_level_found(&level)->level
			? NULL : hvt_level_found(&level)->reason;
}

static void expect_source(uint32_t word, const char *words)
{
	const char *said = said_of(word);

	if (!words) {
		cr_assert_null(said, "%08x: %s", word, said);
		return;
	}
	cr_assert_not_null(said, "%08x", word);
	cr_assert_not_null(strstr(said, words), "%08x: %s", word, said);
}

/* As an assembler has them. */
Test(level, knows_code_that_takes_something_from_outside)
{
	expect_source(0xd53be040, "a counter or timer"); /* mrs x0, cntvct_el0 */
	expect_source(0xd53be05e, "a counter or timer"); /* mrs x30, cntvct_el0 */
	expect_source(0xd53be02b, "a counter or timer"); /* mrs x11, cntpct_el0 */
	expect_source(0xd53be0c3, "a counter or timer"); /* mrs x3, cntvctss_el0 */
	expect_source(0xd51be340, "a counter or timer"); /* msr cntv_cval_el0, x0 */
	expect_source(0xd51be322, "a counter or timer"); /* msr cntv_ctl_el0, x2 */
	expect_source(0xd53be201, "a counter or timer"); /* mrs x1, cntp_tval_el0 */
	expect_source(0xd53b2400, "a random number");	 /* mrs x0, rndr */
	expect_source(0xd53b243f, "a random number");	 /* mrs xzr, rndrrs */
	expect_source(0xd53b9d07, "a performance counter"); /* mrs x7, pmccntr_el0 */
	expect_source(0xd53b9d49, "a performance counter"); /* mrs x9, pmxevcntr_el0 */
}

Test(level, knows_code_that_takes_nothing)
{
	expect_source(0xd53be000, NULL); /* mrs x0, cntfrq_el0 */
	expect_source(0xd53be01f, NULL); /* mrs xzr, cntfrq_el0 */
	expect_source(0xd538d080, NULL); /* mrs x0, tpidr_el1 */
	expect_source(0xd53b4200, NULL); /* mrs x0, nzcv */
	expect_source(0xd5033fdf, NULL); /* isb */
	expect_source(0, NULL);
	expect_source(UINT32_MAX, NULL);
}

Test(level, says_where_the_code_is)
{
	const char *said = said_of(0xd53be040);

	cr_assert_not_null(strstr(said, "instruction d53be040"), "%s", said);
	cr_assert_not_null(strstr(said, "at 0x7f0000000004 of"), "%s", said);
}

static void store(uint64_t page, uint64_t stored, const void *code, size_t size)
{
	note(0, HVT_CALL_MEMORY_PAGE, page, size, code, size);
	note(0, HVT_CALL_MEMORY_STORED, AT, stored, NULL, 0);
}

Test(level, looks_for_code_in_pages_that_the_vmm_stored)
{
	static uint32_t code[1024];

	code[1023] = 0xd53be040;
	/* The guest had it: the VMM came to it. */
	note(0, HVT_CALL_MEMORY_PAGE, 1, sizeof(code), code, sizeof(code));
	note(0, HVT_CALL_MEMORY_TOUCHED, AT, 1, NULL, 0);
	expect_1();
	store(2, 0, code, sizeof(code));
	expect_1();
	store(3, 3, code, sizeof(code));
	expect_0(5, "at 0x7f0000000ffc");
}

/* Contents are told once: the guest had them first, and another page after. */
Test(level, looks_for_code_in_pages_that_were_told_of_earlier)
{
	const uint32_t clock[] = { RET, 0xd53be040 }, other[] = { RET, RET };

	note(0, HVT_CALL_MEMORY_PAGE, 1, sizeof(clock), clock, sizeof(clock));
	note(0, HVT_CALL_MEMORY_GUEST_STORED, AT, 1, NULL, 0);
	store(2, 2, other, sizeof(other));
	expect_1();
	note(0, HVT_CALL_MEMORY_STORED, AT + 4096, 1, NULL, 0);
	expect_0(4, "instruction d53be040, in memory at 0x7f0000001004");
}

Test(level, looks_for_words_where_words_are)
{
	const uint32_t word = 0xd53be040;
	uint8_t bytes[16] = { 0 };

	/* From a byte between words: the word is at the next multiple of 4. */
	memcpy(bytes + 3, &word, 4);
	note(0, HVT_CALL_MEMORY_CHANGED, AT + 2, 0, bytes, sizeof(bytes));
	expect_1();
	note(0, HVT_CALL_MEMORY_CHANGED, AT + 1, 0, bytes, 6);
	expect_1();
	note(0, HVT_CALL_MEMORY_CHANGED, AT + 1, 0, bytes, 7);
	expect_0(2, "at 0x7f0000000004");
}

/* The sanitizers look that no byte before or behind is read. */
Test(level, looks_at_no_byte_that_is_not_there)
{
	static uint8_t big[65536 + 4];

	for (size_t size = 0; size < 9; size++)
		for (uint64_t addr = 0; addr < 4; addr++)
			note(0, HVT_CALL_MEMORY_CHANGED, -addr, size,
					big + sizeof(big) - size, size);
	note(0, HVT_CALL_MEMORY_CHANGED, AT, 0, NULL, 0);
	store(1, 1, NULL, 0);
	store(2, 2, big, sizeof(big));
	store(3, 3, big, 3);
	expect_1();
}

/* What happened is told rather than what may. */
Test(level, tells_what_happened_first)
{
	(void)said_of(0xd53be040);
	end_run(HV_SUCCESS, HV_EXIT_REASON_VTIMER_ACTIVATED);
	expect_0(number - 1, "virtual timer");
	cr_assert_eq(level.code.level, 0);
}

/* A trace of a run, and of another one if two are wanted. */
static struct hvt_trace *make(const struct temp_file *file, const char *memory,
		bool two)
{
	const struct hvt_info facts[] = { { "memory", memory } };
	struct hvt_trace *trace;
	struct hvt_writer *w;

	cr_assert_eq(hvt_writer_create(&w, file->path, facts, memory != NULL, 0), 0);
	for (uint32_t i = 0; i < (two ? 4 : 2); i++) {
		struct hvt_event e = { .number = i, .tick = i, .thread = i % 2,
			.call = HVT_CALL_HV_VCPU_RUN, .kind = HVT_EVENT_ENTER };

		if (!two)
			e.thread = 0;
		if (i >= (two ? 2 : 1))
			e.kind = HVT_EVENT_LEAVE;
		cr_assert_eq(hvt_writer_add(w, &e), 0);
	}
	cr_assert_eq(hvt_writer_cut(w, 0, NULL), 0);
	cr_assert_eq(hvt_writer_close(w, "finished"), 0);
	cr_assert_eq(hvt_trace_open(&trace, file->path, NULL), 0);
	return trace;
}

static struct hvt_guest_level level_of(const char *memory, bool two)
{
	struct temp_file file = temp_file_create();
	struct hvt_trace *trace = make(&file, memory, two);
	struct hvt_guest_level found[2];
	struct hvt_event event;

	/* From wherever it is read. */
	cr_assert_eq(hvt_trace_guest_level(trace, &found[0], NULL), 0);
	(void)hvt_trace_next(trace, &event, NULL);
	cr_assert_eq(hvt_trace_guest_level(trace, &found[1], NULL), 0);
	cr_assert_eq(found[0].level, found[1].level);
	cr_assert_eq(found[0].event, found[1].event);
	hvt_trace_close(trace);
	temp_file_remove(&file);
	return found[0];
}

Test(level, of_a_trace_is_told)
{
	cr_assert_eq(level_of("touched", false).level, 1);
	cr_assert_eq(level_of("touched", true).level, 0);
	cr_assert_eq(level_of("touched", true).event, 1);
}

Test(level, of_a_trace_without_memory_is_0)
{
	struct hvt_guest_level l = level_of(NULL, false);

	cr_assert_eq(l.level, 0);
	cr_assert_not_null(strstr(l.reason, "without guest memory"));
	cr_assert_eq(level_of("none", true).level, 0);
}
