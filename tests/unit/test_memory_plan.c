/* SPDX-License-Identifier: MIT */
/*
 * What changes of guest memory cost: slots, and guest memory that is taken
 * away for a moment. Nothing here is about time, but for the test that would
 * not end if a change took time for every region there is.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_engine.h"
#include "rng.h"

#define CHUNKS 16u
#define MANY   200000u
#define RAM    0x40000000ull

static uint64_t page, chunk;
static uint8_t *ram;

static void set_up(void)
{
	page = (uint64_t)sysconf(_SC_PAGESIZE);
	chunk = page / 8 * page;
	ram = mmap(NULL, CHUNKS * chunk, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	cr_assert_neq(ram, MAP_FAILED);
	fake_engine_install();
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
}

static void tear_down(void)
{
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	munmap(ram, CHUNKS * chunk);
}

TestSuite(memory_plan, .init = set_up, .fini = tear_down);

static void map_ram(void)
{
	cr_assert_eq(hv_vm_map(ram, RAM, CHUNKS * chunk, 7), HV_SUCCESS);
	cr_assert_eq(fake_engine_slots_used(), 1);
}

static void protect(uint64_t n, hv_memory_flags_t flags)
{
	cr_assert_eq(hv_vm_protect(RAM + n * page, page, flags), HV_SUCCESS);
}

/* Page by page from the first to the last, or back. */
static void protect_all(bool upwards, hv_memory_flags_t flags)
{
	uint64_t pages = CHUNKS * chunk / page;

	fake.cleared = 0;
	for (uint64_t i = 0; i < pages; i++) {
		protect(upwards ? i : pages - 1 - i, flags);
		cr_assert_leq(fake_engine_slots_used(), 6);
	}
	cr_assert_leq(fake.cleared / pages, 2 * chunk,
		"guest memory taken away by a step");
	cr_assert_eq(fake_engine_slots_used(), 1);
}

Test(memory_plan, goes_through_memory_page_by_page_and_back)
{
	map_ram();
	for (unsigned way = 0; way < 4; way++) {
		protect_all(way & 1, 5);
		protect_all(way & 2, 7);
	}
}

/* As when pages are unprotected as they are written. */
Test(memory_plan, comes_back_to_one_slot_from_any_order)
{
	uint64_t pages = CHUNKS * chunk / page;
	struct rng r;

	rng_init(&r);
	map_ram();
	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < 100; i++)
			protect(rng_below(&r, pages), 5);
		cr_assert_eq(hv_vm_protect(RAM, CHUNKS * chunk, 7), HV_SUCCESS);
		cr_assert_eq(fake_engine_slots_used(), 1);
	}
}

Test(memory_plan, takes_away_little_when_unmapping_page_by_page)
{
	uint64_t pages = CHUNKS * chunk / page;

	map_ram();
	fake.cleared = 0;
	for (uint64_t i = 0; i < pages; i++)
		cr_assert_eq(hv_vm_unmap(RAM + i * page, page), HV_SUCCESS);
	cr_assert_leq(fake.cleared / pages, 2 * chunk);
	cr_assert_eq(fake_engine_slots_used(), 0);
}

Test(memory_plan, does_not_touch_neighbours_that_stay_apart)
{
	uint64_t half = CHUNKS / 2 * chunk;

	cr_assert_eq(hv_vm_map(ram, RAM, half, 7), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, RAM + half, half, 7), HV_SUCCESS);
	cr_assert_eq(hv_vm_protect(RAM + half, half, 5), HV_SUCCESS);
	cr_assert_eq(fake.cleared, half);
}

Test(memory_plan, pauses_nobody_to_map_or_to_unmap_a_whole)
{
	map_ram();
	cr_assert_eq(
		hv_vm_map(ram, RAM + CHUNKS * chunk, chunk, 5), HV_SUCCESS);
	cr_assert_eq(hv_vm_unmap(RAM, CHUNKS * chunk), HV_SUCCESS);
	cr_assert_eq(hv_vm_protect(RAM + CHUNKS * chunk, chunk, 0), HV_SUCCESS);
	cr_assert_eq(hv_vm_protect(RAM + CHUNKS * chunk, chunk, 7), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_PAUSE], 0);
	cr_assert_eq(hv_vm_protect(RAM + CHUNKS * chunk, page, 5), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_PAUSE], 1);
}

Test(memory_plan, changes_nothing_to_flags_that_are_the_same)
{
	map_ram();
	cr_assert_eq(hv_vm_protect(RAM + chunk, page, 7), HV_SUCCESS);
	cr_assert_eq(hv_vm_protect(RAM, CHUNKS * chunk, 7), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_SLOT_CLEAR], 0);
	cr_assert_eq(fake.calls[FAKE_SLOT_SET], 1);
}

/* A number below a power of two, each once. */
static uint64_t shuffled(unsigned i)
{
	return (uint64_t)i * 0x9e3779b1u % (1u << 18);
}

/* KVM's slots are far fewer, but memory that is not readable needs none. */
Test(memory_plan, bears_hundreds_of_thousands_of_regions)
{
	for (unsigned i = 0; i < MANY; i++)
		cr_assert_eq(hv_vm_map(ram, 2 * shuffled(i) * page, page, 2),
			HV_SUCCESS);
	for (unsigned i = 0; i < MANY; i++)
		cr_assert_eq(hv_vm_protect(2 * shuffled(i) * page, page, 4),
			HV_SUCCESS);
	for (unsigned i = 0; i < MANY; i++)
		cr_assert_eq(
			hv_vm_unmap(2 * shuffled(i) * page, page), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_SLOT_SET], 0);
}

/* Joined when slots run out, and so again and again. */
Test(memory_plan, holds_what_was_mapped_in_more_parts_than_there_are_slots)
{
	unsigned pages = (unsigned)(CHUNKS * chunk / page);

	fake.slot_limit = 64;
	for (unsigned i = 0; i < pages; i++)
		cr_assert_eq(hv_vm_map(ram + i * page, RAM + i * page, page, 7),
			HV_SUCCESS);
	cr_assert_leq(fake_engine_slots_used(), 64);
	cr_assert_eq(hv_vm_protect(RAM, CHUNKS * chunk, 5), HV_SUCCESS);
	cr_assert_eq(fake_engine_slots_used(), 1);
}

/* A slot of KVM's has less than 2^31 pages. */
Test(memory_plan, maps_more_than_a_slot_can_hold)
{
	hv_vm_config_t config = hv_vm_config_create();
	uint64_t size = 5ull << 42;
	uint8_t *huge = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	cr_assert_neq(huge, MAP_FAILED);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	fake.max_ipa_bits = 48;
	cr_assert_eq(hv_vm_config_set_ipa_size(config, 48), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(config), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(huge, 0, size, 7), HV_SUCCESS);
	cr_assert_eq(fake_engine_slots_used(), 5);
	cr_assert_eq(hv_vm_protect(page, page, 5), HV_SUCCESS);
	cr_assert_eq(hv_vm_unmap(0, size), HV_SUCCESS);
	os_release(config);
	munmap(huge, size);
}
