/* SPDX-License-Identifier: MIT */
/*
 * Traces that are sound as files, and tell what no VMM can have done: the
 * replay of the guest ends with the event that makes no sense, and lets go of
 * all that it had.
 */
#include <Hypervisor/Hypervisor.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call_ids.h"
#include "fake_engine.h"
#include "files.h"
#include "guest/player.h"
#include "writer.h"

#define AT  0x7f0000000000ull
#define IPA 0x40000000ull
#define MB  (1u << 20)

static struct temp_file file;
static size_t page;
static struct hvt_guest *guest;
static struct hvt_error error;
static const char *page_size, *tick_hz = "1000000";
static uint64_t first; /* the number of the first event */

static struct hvt_event events[64];
static unsigned count;

static void set_up(void)
{
	static char size[16];

	page = (size_t)sysconf(_SC_PAGESIZE);
	snprintf(size, sizeof(size), "%zu", page);
	page_size = size;
	fake_engine_install();
	file = temp_file_create();
}

static void tear_down(void)
{
	hvt_guest_close(guest);
	temp_file_remove(&file);
}

TestSuite(guest_hostile, .init = set_up, .fini = tear_down, .timeout = 60);

static struct hvt_event *add(uint32_t call, enum hvt_event_kind kind,
		uint64_t a, uint64_t b, uint64_t c)
{
	struct hvt_event *e = &events[count++];

	*e = (struct hvt_event){ .call = call, .kind = kind,
		.values = { a, b, c } };
	return e;
}

static struct hvt_event *note(uint32_t call, uint64_t a, uint64_t b, uint64_t c)
{
	return add(call, HVT_EVENT_ENTER, a, b, c);
}

/* Bytes as value i of the last event. */
static void bytes(unsigned i, const void *data, size_t size)
{
	events[count - 1].data = data;
	events[count - 1].data_size = events[count - 1].values[i] = size;
}

/* A call whose effects others notice; *leave of it. */
static struct hvt_event *wide(uint32_t call, uint64_t a, uint64_t b, uint64_t c)
{
	add(call, HVT_EVENT_ENTER, a, b, c);
	return add(call, HVT_EVENT_LEAVE, 0, 0, 0);
}

static void mapped(uint64_t pages)
{
	note(HVT_CALL_MEMORY_MAPPED, AT, pages * page, 1);
}

static void page_contents(uint64_t number, const void *data, size_t size)
{
	note(HVT_CALL_MEMORY_PAGE, number, 0, 0);
	bytes(1, data, size);
}

static void vm_map(uint64_t addr, uint64_t size)
{
	note(HVT_CALL_HV_VM_MAP, addr, IPA, size)->values[3] = HV_MEMORY_READ;
	add(HVT_CALL_HV_VM_MAP, HVT_EVENT_LEAVE, 0, 0, 0);
}

static void write_trace(void)
{
	const struct hvt_info facts[] = { { "memory", "touched" },
		{ "page_size", page_size }, { "tick_hz", tick_hz } };
	struct hvt_writer *w;

	cr_assert_eq(hvt_writer_create(&w, file.path, facts, 3, first), 0);
	for (unsigned i = 0; i < count; i++) {
		int err;

		events[i].number = first + i;
		err = hvt_writer_add(w, &events[i]);
		if (err == -ENOSPC) {
			cr_assert_eq(hvt_writer_cut(w, 0, NULL), 0);
			err = hvt_writer_add(w, &events[i]);
		}
		cr_assert_eq(err, 0, "%d", err);
	}
	cr_assert_eq(hvt_writer_cut(w, 0, NULL), 0);
	cr_assert_eq(hvt_writer_close(w, "finished"), 0);
}

static int play(void)
{
	write_trace();
	cr_assert_eq(hvt_guest_open(&guest, file.path, &error), 0, "%s", error.text);
	return hvt_guest_play(guest, UINT64_MAX, &error);
}

static void close_guest(void)
{
	hvt_guest_close(guest);
	guest = NULL;
	error = (struct hvt_error){ 0 };
}

/* The last event that was added is the one. Then all begins anew. */
static void expect_refusal(void)
{
	int got = play();

	cr_assert_eq(got, -EBADMSG, "%d", got);
	cr_assert_eq(error.code, -EBADMSG);
	cr_assert_eq(error.event, first + count - 1);
	cr_assert_neq(error.text[0], 0);
	cr_assert_null(hvt_guest_divergence(guest));
	/* What follows is not played as if nothing were missing. */
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, NULL), -EBADMSG);
	close_guest();
	count = 0;
}

static void expect_same(void)
{
	cr_assert_eq(play(), 0, "%s", error.text);
	close_guest();
	count = 0;
}

static const struct hvt_guest_divergence *expect_divergence(void)
{
	cr_assert_eq(play(), 1, "%s", error.text);
	cr_assert_eq(hvt_guest_divergence(guest)->recorded.number,
			first + count - 1);
	return hvt_guest_divergence(guest);
}

Test(guest_hostile, plays_what_makes_sense)
{
	uint8_t *contents = calloc(1, page);

	contents[3] = 1;
	mapped(2);
	page_contents(1, contents, page);
	note(HVT_CALL_MEMORY_STORED, AT, 1, 0);
	note(HVT_CALL_MEMORY_TOUCHED, AT, 1, 0);
	note(HVT_CALL_MEMORY_CHANGED, AT + page + 8, 0, 0);
	bytes(1, contents, 8);
	note(HVT_CALL_MEMORY_TOUCHED, AT, 1, 0);
	note(HVT_CALL_MEMORY_TURN, 1, 0, 0);
	wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
	vm_map(AT, 2 * page);
	wide(HVT_CALL_HV_VM_DESTROY, 0, 0, 0);
	expect_same();
	expect_same(); /* nothing at all */
	free(contents);
}

Test(guest_hostile, pages_of_other_numbers_or_sizes)
{
	uint8_t *contents = calloc(1, MB);
	const uint64_t numbers[] = { 0, 2, UINT64_MAX, 1ull << 63 };
	const size_t sizes[] = { 0, 1, page / 2, page - 1, page + 1, MB };

	contents[0] = 1;
	for (unsigned i = 0; i < 4; i++) {
		page_contents(numbers[i], contents, page);
		expect_refusal();
	}
	for (unsigned i = 0; i < 6; i++) {
		page_contents(1, contents, sizes[i]);
		expect_refusal();
	}
	page_contents(1, contents, page);
	page_contents(1, contents, page);
	expect_refusal();
	free(contents);
}

Test(guest_hostile, contents_that_were_not_told)
{
	const uint32_t calls[] = { HVT_CALL_MEMORY_STORED,
		HVT_CALL_MEMORY_TOUCHED };
	const uint64_t numbers[] = { 1, 2, UINT64_MAX };

	for (unsigned i = 0; i < 6; i++) {
		mapped(2);
		note(calls[i / 3], AT, numbers[i % 3], 0);
		expect_refusal();
	}
}

static void refuse_place(uint64_t addr, size_t size)
{
	static uint8_t data[MB];

	mapped(2);
	note(HVT_CALL_MEMORY_CHANGED, addr, 0, 0);
	bytes(1, data, size);
	expect_refusal();
}

Test(guest_hostile, places_outside_memory)
{
	const uint64_t places[] = { 0, AT - page, AT + 2 * page, AT + 8,
		AT + page - 1, -(uint64_t)page, UINT64_MAX, AT ^ (1ull << 63) };

	for (unsigned i = 0; i < 16; i++) {
		mapped(2);
		note(i < 8 ? HVT_CALL_MEMORY_STORED : HVT_CALL_MEMORY_TOUCHED,
				places[i % 8], 0, 0);
		expect_refusal();
	}
	note(HVT_CALL_MEMORY_TOUCHED, AT, 0, 0);
	expect_refusal();
}

Test(guest_hostile, changes_beyond_a_page)
{
	refuse_place(AT - 8, 8);
	refuse_place(AT - 8, 16);
	refuse_place(AT + 2 * page, 8);
	refuse_place(AT + 2 * page - 8, 16);
	refuse_place(AT, 0);
	refuse_place(AT, 2 * page + 1);
	refuse_place(AT, MB);
	refuse_place(UINT64_MAX, 1);
	refuse_place(UINT64_MAX - 7, 8);
	/* There is memory: but a change is one of a page. */
	refuse_place(AT + page - 8, 16);
	refuse_place(AT, page + 8);
}

Test(guest_hostile, memory_in_no_address_space)
{
	const uint64_t pieces[][2] = { { AT, 0 }, { AT, page - 1 },
		{ AT + 1, page }, { AT, UINT64_MAX }, { AT, -(uint64_t)page },
		{ -(uint64_t)page, page }, { 1ull << 52, page },
		{ AT, (1ull << 40) + page } };

	for (unsigned i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		note(HVT_CALL_MEMORY_MAPPED, pieces[i][0], pieces[i][1], 1);
		expect_refusal();
	}
	/* What was no memory of the guest can be gone. */
	note(HVT_CALL_MEMORY_MAPPED, UINT64_MAX, UINT64_MAX, 4);
	expect_same();
}

Test(guest_hostile, more_memory_than_a_process_can_have)
{
	int got;

	for (uint64_t i = 0; i < 60; i++)
		note(HVT_CALL_MEMORY_MAPPED, i << 46, 1ull << 40, 1);
	got = play();
	cr_assert(got == -ENOMEM, "%d", got);
	cr_assert_gt(error.event, 1);
}

Test(guest_hostile, returns_from_calls_that_were_not_entered)
{
	add(HVT_CALL_HV_VM_CREATE, HVT_EVENT_LEAVE, 0, 0, 0);
	expect_refusal();
	wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
	add(HVT_CALL_HV_VM_CREATE, HVT_EVENT_LEAVE, 0, 0, 0);
	expect_refusal();
	add(HVT_CALL_HV_VM_CREATE, HVT_EVENT_ENTER, 0, 0, 0);
	add(HVT_CALL_HV_VM_DESTROY, HVT_EVENT_LEAVE, 0, 0, 0);
	expect_refusal();
	add(HVT_CALL_HV_VM_CREATE, HVT_EVENT_ENTER, 0, 0, 0);
	add(HVT_CALL_HV_VM_CREATE, HVT_EVENT_LEAVE, 0, 0, 0)->thread = 4095;
	expect_refusal();
}

Test(guest_hostile, calls_that_were_entered_too_often)
{
	for (unsigned i = 0; i < 17; i++)
		add(HVT_CALL_HV_VM_CREATE, HVT_EVENT_ENTER, 0, 0, 0);
	expect_refusal();
	/* And those that have no end are never made. */
	add(HVT_CALL_HV_VM_CREATE, HVT_EVENT_ENTER, 0, 0, 0);
	expect_same();
	cr_assert_eq(fake.calls[FAKE_VM_CREATE], 0);
}

Test(guest_hostile, threads_of_large_numbers)
{
	wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0)->thread = 4095;
	events[0].thread = 4095;
	wide(HVT_CALL_HV_VM_DESTROY, 0, 0, 0);
	expect_same();
}

Test(guest_hostile, runs_of_vcpus_that_there_are_not)
{
	const uint64_t vcpus[] = { 0, 63, 64, 1ull << 32, UINT64_MAX };

	for (unsigned i = 0; i < 5; i++) {
		wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
		wide(HVT_CALL_HV_VCPU_RUN, vcpus[i], 0, 0)->values[1] = 1;
		expect_refusal();
	}
}

/* Other calls get the API's own refusal, which is a difference. */
Test(guest_hostile, registers_of_vcpus_that_there_are_not)
{
	const uint64_t vcpus[] = { 0, 63, 64, 1ull << 32, UINT64_MAX };

	for (unsigned i = 0; i < 5; i++) {
		wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
		add(HVT_CALL_HV_VCPU_GET_REG, HVT_EVENT_CALL, vcpus[i], 0, 7);
		cr_assert_eq(expect_divergence()->what, HVT_DIFFERS_RESULT);
		close_guest();
		count = 0;
	}
}

static void make_vcpu(void)
{
	wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
	add(HVT_CALL_HV_VCPU_CREATE, HVT_EVENT_ENTER, 0, 0, 0);
	add(HVT_CALL_HV_VCPU_CREATE, HVT_EVENT_LEAVE, 0, AT, 0);
}

Test(guest_hostile, a_run_after_the_end_of_its_vcpu)
{
	make_vcpu();
	wide(HVT_CALL_HV_VCPU_DESTROY, 0, 0, 0);
	wide(HVT_CALL_HV_VCPU_RUN, 0, 0, 0)->values[1] = 1;
	expect_refusal();
}

Test(guest_hostile, a_run_by_another_thread)
{
	make_vcpu();
	wide(HVT_CALL_HV_VCPU_RUN, 0, 0, 0)->values[1] = 1;
	events[count - 1].thread = events[count - 2].thread = 1;
	cr_assert_eq(expect_divergence()->what, HVT_DIFFERS_RESULT);
}

/* It is another one that there is now, and has to go. */
Test(guest_hostile, a_vcpu_of_another_number)
{
	make_vcpu();
	events[count - 1].values[0] = 5;
	cr_assert_eq(expect_divergence()->what, HVT_DIFFERS_OUTPUT);
	cr_assert(fake.vcpus[0].exists);
	close_guest();
	cr_assert_not(fake.vcpus[0].exists);
	cr_assert_not(fake.vm);
}

Test(guest_hostile, a_vm_that_ends_before_its_vcpus)
{
	make_vcpu();
	wide(HVT_CALL_HV_VM_DESTROY, 0, 0, 0);
	cr_assert_eq(expect_divergence()->what, HVT_DIFFERS_RESULT);
	close_guest();
	cr_assert_not(fake.vm);
	cr_assert_not(fake.vcpus[0].exists);
}

Test(guest_hostile, objects_that_there_are_not)
{
	const uint64_t serials[] = { 1, 1ull << 20, 1ull << 32, UINT64_MAX };

	for (unsigned i = 0; i < 4; i++) {
		wide(HVT_CALL_HV_VM_CREATE, serials[i], 0, 0);
		expect_refusal();
		wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
		wide(HVT_CALL_HV_VCPU_CREATE, 0, 0, 0);
		events[count - 2].values[2] = serials[i];
		expect_refusal();
		add(HVT_CALL_HV_GIC_STATE_GET_DATA, HVT_EVENT_CALL,
				serials[i], 0, 0);
		expect_refusal();
	}
}

Test(guest_hostile, objects_of_another_kind)
{
	add(HVT_CALL_HV_GIC_CONFIG_CREATE, HVT_EVENT_CALL, 0, 0, 0)->result = 7;
	wide(HVT_CALL_HV_VM_CREATE, 7, 0, 0);
	cr_assert_eq(expect_divergence()->what, HVT_DIFFERS_RESULT);
}

Test(guest_hostile, objects_of_numbers_that_none_has)
{
	const int64_t serials[] = { (1 << 20) + 1, INT64_MAX };

	for (unsigned i = 0; i < 2; i++) {
		add(HVT_CALL_HV_VM_CONFIG_CREATE, HVT_EVENT_CALL, 0, 0, 0)
				->result = serials[i];
		expect_refusal();
	}
	add(HVT_CALL_HV_VM_CONFIG_CREATE, HVT_EVENT_CALL, 0, 0, 0)->result = 1;
	add(HVT_CALL_HV_GIC_CONFIG_CREATE, HVT_EVENT_CALL, 0, 0, 0)->result = 1;
	expect_refusal();
	/* What was not made is not made now. */
	add(HVT_CALL_HV_VM_CONFIG_CREATE, HVT_EVENT_CALL, 0, 0, 0)->result = 0;
	add(HVT_CALL_HV_VM_CONFIG_CREATE, HVT_EVENT_CALL, 0, 0, 0)->result = -1;
	expect_same();
}

Test(guest_hostile, guest_memory_that_the_trace_does_not_have)
{
	wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
	vm_map(AT, page);
	expect_refusal();
	mapped(2);
	wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
	vm_map(AT + page, 2 * page);
	expect_refusal();
	mapped(2);
	wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
	vm_map(AT, UINT64_MAX);
	expect_refusal();
}

static void make_gic(void)
{
	add(HVT_CALL_HV_GIC_CONFIG_CREATE, HVT_EVENT_CALL, 0, 0, 0)->result = 1;
	add(HVT_CALL_HV_GIC_CONFIG_SET_DISTRIBUTOR_BASE, HVT_EVENT_CALL, 1,
			0x08000000, 0);
	add(HVT_CALL_HV_GIC_CONFIG_SET_REDISTRIBUTOR_BASE, HVT_EVENT_CALL, 1,
			0x0a000000, 0);
	wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0);
	wide(HVT_CALL_HV_GIC_CREATE, 1, 0, 0);
}

/* Fewer bytes than the length says, and bytes that are no state. */
Test(guest_hostile, states_of_a_gic_that_are_none)
{
	static uint8_t data[MB];
	const uint64_t lengths[] = { 33, UINT64_MAX };

	for (unsigned i = 0; i < 2; i++) {
		make_gic();
		note(HVT_CALL_HV_GIC_SET_STATE, 0, lengths[i], 0);
		bytes(0, data, 32);
		add(HVT_CALL_HV_GIC_SET_STATE, HVT_EVENT_LEAVE, 0, 0, 0);
		expect_refusal();
	}
	for (size_t size = 0; size <= MB; size = size ? size * 32 : 1) {
		make_gic();
		note(HVT_CALL_HV_GIC_SET_STATE, 0, size, 0);
		bytes(0, data, size);
		add(HVT_CALL_HV_GIC_SET_STATE, HVT_EVENT_LEAVE, 0, 0, 0);
		cr_assert_eq(expect_divergence()->what, HVT_DIFFERS_RESULT);
		close_guest();
		count = 0;
	}
}

Test(guest_hostile, bytes_of_other_lengths_than_a_call_takes)
{
	static uint8_t data[MB];
	const size_t sizes[] = { 0, 8, 15 };

	for (unsigned i = 0; i < 3; i++) {
		make_vcpu();
		add(HVT_CALL_HV_VCPU_SET_SME_STATE, HVT_EVENT_CALL, 0, 0, 0);
		bytes(1, data, i ? 1 : 0);
		expect_refusal();
		make_vcpu();
		add(HVT_CALL_HV_VCPU_SET_SME_ZA_REG, HVT_EVENT_CALL, 0, 0,
				sizes[i] + 1);
		bytes(1, data, sizes[i]);
		expect_refusal();
		make_vcpu();
		add(HVT_CALL_HV_VCPU_GET_SME_ZA_REG, HVT_EVENT_CALL, 0, 0,
				i ? UINT64_MAX : MB + 1);
		bytes(1, data, MB);
		expect_refusal();
	}
}

static void expect_no_start(const char *words)
{
	int err;

	write_trace();
	err = hvt_guest_open(&guest, file.path, &error);
	cr_assert(err == -EBADMSG || err == -EOPNOTSUPP, "%d", err);
	cr_assert_null(guest);
	cr_assert_not_null(strstr(error.text, words), "%s", error.text);
}

Test(guest_hostile, pages_of_no_size)
{
	const char *sizes[] = { "0", "", "x", "-1", "-4096", "4097", "12288",
		"131072", "1099511627776", "9223372036854775808",
		"18446744073709551616", "-9223372036854775808" };

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		page_size = sizes[i];
		expect_no_start("no size of pages");
	}
	page_size = "2048";
	expect_no_start("smaller pages");
}

Test(guest_hostile, clocks_that_go_too_slow_or_too_fast)
{
	const char *slow[] = { "", "0", "-0", "999", "x" };

	for (unsigned i = 0; i < 5; i++) {
		tick_hz = slow[i];
		expect_no_start("how fast its clock is");
	}
	for (unsigned i = 0; i < 2; i++) {
		tick_hz = i ? "1000" : "18446744073709551615";
		make_vcpu();
		wide(HVT_CALL_HV_VCPU_RUN, 0, 0, 0)->tick = UINT64_MAX;
		/* The fake's first exit. */
		events[count - 1].values[1] = HV_EXIT_REASON_EXCEPTION;
		events[count - 1].values[2] = 0x5a000001;
		events[count - 1].values[3] = 0x1000;
		events[count - 1].values[4] = 0x2000;
		expect_same();
	}
}

/* Else a guest that spins is waited for as long as a trace says that it ran. */
Test(guest_hostile, waits_no_more_than_an_hour_for_a_run)
{
	tick_hz = "1000";
	make_vcpu();
	wide(HVT_CALL_HV_VCPU_RUN, 0, 0, 0)->tick = UINT64_MAX;
	cr_assert_leq(expect_divergence()->ms, 3610000);
}

/* A part that was cut out: its guest is not there yet. */
Test(guest_hostile, a_trace_without_its_beginning)
{
	first = 10;
	add(HVT_CALL_HV_VCPU_GET_REG, HVT_EVENT_CALL, 0, 0, 0);
	expect_refusal();
}
