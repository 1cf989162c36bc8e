/* SPDX-License-Identifier: MIT */
/*
 * Guest memory in a trace: what the VMM had and wrote, put together from the
 * events alone, is what was there.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call_ids.h"
#include "fake_engine.h"
#include "files.h"
#include "guest_ram.h"
#include "rng.h"

#define PAGES 8u
#define IPA   0x40000000u

static struct temp_file file;
static struct hvt_trace *trace;
static struct hvt_event event;
static size_t page;
static uint8_t *ram;
static hv_vcpu_t vcpu;

static void set_up(void)
{
	hv_vcpu_exit_t *exit;
	int why;

	page = (size_t)sysconf(_SC_PAGESIZE);
	fake_engine_install();
	file = temp_file_create();
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_TOUCHED, &why), 0);
	if (why)
		cr_skip("no userfaultfd for this process: %s", strerror(-why));
	ram = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert(ram != MAP_FAILED);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
}

static void tear_down(void)
{
	hvt_trace_close(trace);
	temp_file_remove(&file);
}

TestSuite(memory_recording, .init = set_up, .fini = tear_down, .timeout = 60);

static void map(void)
{
	cr_assert_eq(hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ |
					HV_MEMORY_WRITE), HV_SUCCESS);
}

static void run(void)
{
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
}

/* Where the guest has page n. */
static uint8_t *guest(unsigned n)
{
	return fake.slots[0].host + n * page;
}

/* The next event about memory; false: there is none. */
static bool next(void)
{
	int got;

	if (!trace)
		cr_assert_eq(hvt_trace_open(&trace, file.path, NULL), 0);
	while ((got = hvt_trace_next(trace, &event, NULL)) == 1)
		if (event.call >= HVT_CALL_MEMORY_PAGE)
			return true;
	cr_assert_eq(got, 0);
	return false;
}

static void expect(uint32_t call, uint64_t first)
{
	cr_assert(next());
	cr_assert_eq(event.kind, HVT_EVENT_ENTER);
	cr_assert_eq(event.call, call, "%u", event.call);
	cr_assert_eq(event.values[0], first);
}

static uint64_t at(size_t offset)
{
	return (uint64_t)(uintptr_t)ram + offset;
}

Test(memory_recording, has_the_first_contents_once_each)
{
	memset(ram + page, 5, page);
	memset(ram + 3 * page, 5, page);
	map();
	ram[4 * page + 9] = 1;
	run();
	cr_assert_eq(hvt_recording_stop(), 0);
	expect(HVT_CALL_MEMORY_MAPPED, at(0));
	cr_assert_eq(event.values[1], PAGES * page);
	cr_assert_eq(event.values[2], HVT_RAM_REHOMED);
	expect(HVT_CALL_MEMORY_PAGE, 1);
	cr_assert_eq(event.data_size, page);
	cr_assert_eq(event.data[17], 5);
	expect(HVT_CALL_MEMORY_STORED, at(page));
	cr_assert_eq(event.values[1], 1);
	expect(HVT_CALL_MEMORY_STORED, at(3 * page));
	cr_assert_eq(event.values[1], 1);
	expect(HVT_CALL_MEMORY_CHANGED, at(4 * page + 8));
	cr_assert_eq(event.data_size, 8);
	cr_assert_eq(event.data[1], 1);
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
	cr_assert_not(next());
}

Test(memory_recording, has_what_the_vmm_reads_and_what_it_changes)
{
	map();
	run();
	memset(guest(2), 7, page);
	cr_assert_eq(ram[2 * page], 7);
	ram[2 * page + 100] = 8;
	ram[5 * page] = ram[6 * page];
	run();
	cr_assert_eq(hvt_recording_stop(), 0);
	expect(HVT_CALL_MEMORY_MAPPED, at(0));
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
	expect(HVT_CALL_MEMORY_PAGE, 1);
	expect(HVT_CALL_MEMORY_TOUCHED, at(2 * page));
	cr_assert_eq(event.values[1], 1);
	expect(HVT_CALL_MEMORY_TOUCHED, at(6 * page));
	cr_assert_eq(event.values[1], 0);
	expect(HVT_CALL_MEMORY_TOUCHED, at(5 * page));
	expect(HVT_CALL_MEMORY_CHANGED, at(2 * page + 96));
	cr_assert_eq(event.data_size, 8);
	cr_assert_eq(event.data[4], 8);
	cr_assert_eq(event.data[5], 7);
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
	cr_assert_not(next());
}

static void set_spi(void)
{
	(void)hv_gic_set_spi(32, true);
}

static void protect(void)
{
	(void)hv_vm_protect(IPA, page, HV_MEMORY_READ);
}

/* A replay then knows where among the thread's calls the turn ended. */
static void has_the_turn_in(void (*call)(void), uint32_t id)
{
	map();
	run();
	ram[page] = 1;
	call();
	cr_assert_eq(hvt_recording_stop(), 0);
	expect(HVT_CALL_MEMORY_MAPPED, at(0));
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
	expect(HVT_CALL_MEMORY_TOUCHED, at(page));
	cr_assert_eq(hvt_trace_next(trace, &event, NULL), 1);
	cr_assert_eq(event.call, id);
	cr_assert_eq(event.kind, HVT_EVENT_ENTER);
	expect(HVT_CALL_MEMORY_CHANGED, at(page));
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
	cr_assert_eq(hvt_trace_next(trace, &event, NULL), 1);
	cr_assert_eq(event.call, id);
	cr_assert_eq(event.kind, HVT_EVENT_LEAVE);
}

Test(memory_recording, ends_a_turn_in_a_call_about_an_interrupt)
{
	has_the_turn_in(set_spi, HVT_CALL_HV_GIC_SET_SPI);
}

Test(memory_recording, ends_a_turn_in_a_call_about_memory)
{
	has_the_turn_in(protect, HVT_CALL_HV_VM_PROTECT);
}

Test(memory_recording, says_what_it_does_not_follow)
{
	FILE *self = fopen("/proc/self/exe", "re");
	void *text = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			fileno(self), 0);

	cr_assert_eq(hv_vm_map(text, IPA, page, HV_MEMORY_READ), HV_SUCCESS);
	run();
	cr_assert_eq(hvt_recording_stop(), 0);
	expect(HVT_CALL_MEMORY_MAPPED, (uintptr_t)text);
	cr_assert_eq(event.values[2], HVT_RAM_UNTRACKED);
	cr_assert_not(next());
}

Test(memory_recording, lets_go_of_what_is_unmapped)
{
	uint8_t *six;

	map();
	six = guest(6);
	run();
	cr_assert_eq(hv_vm_unmap(IPA, 4 * page), HV_SUCCESS);
	ram[page] = 1;
	*six = 2;
	run();
	cr_assert_eq(hv_vm_unmap(IPA + 4 * page, 4 * page), HV_SUCCESS);
	ram[5 * page] = 1;
	run();
	cr_assert_eq(munmap(ram, PAGES * page), 0);
	cr_assert_eq(hvt_recording_stop(), 0);
	expect(HVT_CALL_MEMORY_MAPPED, at(0));
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
	expect(HVT_CALL_MEMORY_MAPPED, at(0));
	cr_assert_eq(event.values[2], HVT_RAM_GONE);
	cr_assert_eq(event.values[1], 4 * page);
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
	/* What is there then is the VMM's, whenever it looks. */
	expect(HVT_CALL_MEMORY_PAGE, 1);
	cr_assert_eq(event.data[0], 2);
	expect(HVT_CALL_MEMORY_TOUCHED, at(6 * page));
	expect(HVT_CALL_MEMORY_MAPPED, at(4 * page));
	cr_assert_eq(event.values[2], HVT_RAM_GONE);
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
	cr_assert_not(next());
}

/* The pages of a trace, and memory as its events say it is. */
static uint8_t *pages[1u << 16], *model;

static uint8_t *model_at(uint64_t addr)
{
	cr_assert_lt(addr - at(0), PAGES * page);
	return model + (addr - at(0));
}

static void set_page(uint8_t *p, uint64_t number)
{
	if (number)
		memcpy(p, pages[number], page);
	else
		memset(p, 0, page);
}

static void apply(void)
{
	if (event.call == HVT_CALL_MEMORY_PAGE) {
		pages[event.values[0]] = malloc(page);
		memcpy(pages[event.values[0]], event.data, page);
	} else if (event.call == HVT_CALL_MEMORY_TOUCHED ||
			event.call == HVT_CALL_MEMORY_STORED) {
		set_page(model_at(event.values[0]), event.values[1]);
	} else if (event.call == HVT_CALL_MEMORY_CHANGED) {
		memcpy(model_at(event.values[0]), event.data, event.data_size);
	}
}

/* Random bytes, few or many, at a random place. */
static void scribble(struct rng *r, uint8_t *memory)
{
	size_t from = rng_below(r, PAGES * page);
	size_t n = rng_bool(r) ? rng_below(r, 64) : rng_below(r, 2 * page);

	if (n > PAGES * page - from)
		n = PAGES * page - from;
	for (size_t i = 0; i < n; i++)
		if (rng_below(r, 4))
			memory[from + i] = (uint8_t)rng_next(r);
}

/* At the end the VMM looks at all: so the guest's part is told, too. */
Test(memory_recording, is_enough_to_have_the_memory)
{
	unsigned turns = test_scale(60, 1000);
	volatile uint8_t sum = 0;
	struct rng r;

	rng_init(&r);
	model = calloc(1, PAGES * page);
	map();
	for (unsigned i = 0; i < turns; i++) {
		run();
		scribble(&r, guest(0)); /* as if it had, in the run */
		for (uint64_t n = rng_below(&r, 4); n; n--)
			scribble(&r, ram);
	}
	run();
	for (unsigned i = 0; i < PAGES; i++)
		sum += ram[i * page];
	run();
	cr_assert_eq(hvt_recording_stop(), 0);
	while (next())
		apply();
	cr_assert_eq(memcmp(model, ram, PAGES * page), 0);
}
