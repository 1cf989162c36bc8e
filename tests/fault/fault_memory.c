/* SPDX-License-Identifier: MIT */
/* A change of guest memory for which memory runs out: refused, and undone. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_engine.h"
#include "faults.h"

#define PAGES 64u
#define RAM   0x40000000ull

static uint64_t page;
static uint8_t *ram;

static void set_up(void)
{
	page = (uint64_t)sysconf(_SC_PAGESIZE);
	ram = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(ram, MAP_FAILED);
}

TestSuite(memory, .init = set_up);

/* Some regions, so that changes have much to do, and as many slots. */
static void start(void)
{
	fake_engine_install();
	fake.slot_limit = PAGES / 2;
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, RAM, PAGES / 2 * page, 7), HV_SUCCESS);
	for (unsigned i = 0; i < PAGES / 2; i += 2)
		cr_assert_eq(
			hv_vm_protect(RAM + i * page, page, 5), HV_SUCCESS);
}

static hv_return_t change(unsigned what)
{
	switch (what) {
	case 0:
		return hv_vm_map(ram, RAM + PAGES * page, page, 2);
	case 1:
		return hv_vm_unmap(RAM + page, 20 * page);
	case 2:
		return hv_vm_protect(RAM + page, 20 * page, 7);
	default: /* has to join what there is */
		return hv_vm_map(ram + PAGES / 2 * page, RAM + PAGES / 2 * page,
			page, 7);
	}
}

/* One change whose n-th allocation fails: true if one was to. */
static bool change_with_fault(unsigned what, unsigned n)
{
	static struct fake_slot before[FAKE_SLOTS];
	hv_return_t result;
	bool struck;

	start();
	memcpy(before, fake.slots, sizeof(before));
	fault_arm(FAULT_ALLOC, n, false);
	result = change(what);
	struck = fault_disarm();
	cr_assert_eq(result, struck ? HV_NO_RESOURCES : HV_SUCCESS,
		"change %u, allocation %u", what, n);
	if (struck)
		cr_assert_arr_eq(before, fake.slots, sizeof(before));
	if (struck)
		cr_assert_eq(change(what), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	return struck;
}

Test(memory, is_as_it_was_when_a_change_runs_out_of_memory, .timeout = 100)
{
	for (unsigned what = 0; what < 4; what++) {
		unsigned n = 1;

		while (change_with_fault(what, n))
			n++;
		cr_assert_gt(n, 1);
	}
}

/* The table of slots is made with the first region of a VM. */
Test(memory, starts_again_when_the_first_region_ran_out_of_memory)
{
	hv_return_t result;
	unsigned n = 1;
	bool struck;

	fake_engine_install();
	do {
		cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
		fault_arm(FAULT_ALLOC, n++, false);
		result = hv_vm_map(ram, RAM, page, 7);
		struck = fault_disarm();
		cr_assert_eq(result, struck ? HV_NO_RESOURCES : HV_SUCCESS);
		cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	} while (struck);
	cr_assert_gt(n, 3);
}
