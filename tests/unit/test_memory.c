/* SPDX-License-Identifier: MIT */
/*
 * Guest memory against a model: one entry per unit of some pages. Whatever is
 * asked, and whatever fails, the engine's slots show the guest what the model
 * holds. Units are a page, or so large that regions are kept in whole chunks.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_engine.h"
#include "guest_memory.h"
#include "rng.h"

#define PAGES 96u

struct page {
	uint8_t *host; /* NULL: not mapped */
	hv_memory_flags_t flags;
};

static struct page model[PAGES];
static uint8_t *ram; /* 4 * PAGES units */
static uint64_t page_size, unit, base;

static uint8_t *host_memory(void)
{
	void *p = mmap(NULL, 4 * PAGES * unit, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	cr_assert_neq(p, MAP_FAILED);
	return p;
}

static void set_up(void)
{
	page_size = unit = (uint64_t)sysconf(_SC_PAGESIZE);
	base = 0x80000000;
	ram = host_memory();
	fake_engine_install();
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
}

static void tear_down(void)
{
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(fake_engine_slots_used(), 0);
	munmap(ram, 4 * PAGES * unit);
}

/* Four units are as large as a chunk, and lie across its boundaries. */
static void use_large_units(void)
{
	munmap(ram, 4 * PAGES * unit);
	unit = page_size / 8 * page_size / 4;
	base += page_size;
	ram = host_memory();
}

TestSuite(memory, .init = set_up, .fini = tear_down);

static uint64_t ipa_of(unsigned page)
{
	return base + page * unit;
}

/* What the guest finds at a page by way of the slots. */
static struct page seen_at(unsigned page)
{
	struct page seen = { NULL, 0 };
	unsigned found = 0;

	for (unsigned i = 0; i < FAKE_SLOTS; i++) {
		const struct fake_slot *s = &fake.slots[i];

		if (!s->used || ipa_of(page) < s->ipa ||
			ipa_of(page) >= s->ipa + s->size)
			continue;
		seen.host = s->host + (ipa_of(page) - s->ipa);
		seen.flags = s->flags;
		found++;
	}
	cr_assert_leq(found, 1, "page %u in %u slots", page, found);
	return seen;
}

static void check_slots(void)
{
	uint64_t mapped = 0, in_slots = 0;

	cr_assert_eq(fake.paused, 0);
	for (unsigned i = 0; i < PAGES; i++) {
		struct page seen = seen_at(i);
		bool readable =
			model[i].host && model[i].flags & HV_MEMORY_READ;

		mapped += readable;
		cr_assert_eq(seen.host, readable ? model[i].host : NULL,
			"page %u", i);
		if (readable)
			cr_assert_eq(seen.flags, model[i].flags, "page %u", i);
	}
	for (unsigned i = 0; i < FAKE_SLOTS; i++)
		if (fake.slots[i].used)
			in_slots += fake.slots[i].size;
	cr_assert_eq(in_slots, mapped * unit, "slots beyond the model");
}

struct request {
	enum { MAP, UNMAP, PROTECT } what;
	unsigned page, count;
	uint8_t *host;
	hv_memory_flags_t flags;
};

static struct request random_request(struct rng *r)
{
	struct request q = { .what = rng_below(r, 3) };

	q.page = (unsigned)rng_below(r, PAGES);
	q.count = 1 + (unsigned)rng_below(r, rng_bool(r) ? 4 : PAGES - q.page);
	if (q.count > PAGES - q.page)
		q.count = PAGES - q.page;
	/* Half of what is mapped side by side joins. */
	q.host = ram + (rng_bool(r) ? q.page : rng_below(r, 3 * PAGES)) * unit;
	q.flags = rng_below(r, 8);
	/* Mostly what can succeed: whole pages of the model. */
	if (q.what == MAP && model[q.page].host)
		q.what = rng_bool(r) ? UNMAP : PROTECT;
	return q;
}

static hv_return_t ask(const struct request *q)
{
	uint64_t ipa = ipa_of(q->page), size = q->count * unit;

	switch (q->what) {
	case MAP:
		return hv_vm_map(q->host, ipa, size, q->flags);
	case UNMAP:
		return hv_vm_unmap(ipa, size);
	default:
		return hv_vm_protect(ipa, size, q->flags);
	}
}

/* What the model says to it. */
static bool allowed(const struct request *q)
{
	for (unsigned i = q->page; i < q->page + q->count; i++)
		if (!model[i].host != (q->what == MAP))
			return false;
	return true;
}

static void apply(const struct request *q)
{
	for (unsigned i = 0; i < q->count; i++) {
		struct page *p = &model[q->page + i];

		if (q->what == MAP)
			p->host = q->host + i * unit;
		if (q->what == UNMAP)
			p->host = NULL;
		else
			p->flags = q->flags;
	}
}

static void follow_the_model(void)
{
	struct rng r;
	unsigned done = 0;

	rng_init(&r);
	for (unsigned i = 0; i < 20000; i++) {
		struct request q = random_request(&r);
		bool ok = allowed(&q);

		cr_assert_eq(ask(&q), ok ? HV_SUCCESS : HV_BAD_ARGUMENT,
			"step %u", i);
		if (ok)
			apply(&q);
		done += ok;
		check_slots();
	}
	cr_assert_gt(done, 1000);
	cr_assert_eq(fake.calls[FAKE_PAUSE], fake.calls[FAKE_RESUME]);
}

Test(memory, shows_the_guest_what_the_model_holds)
{
	follow_the_model();
}

Test(memory, shows_it_in_whole_chunks_too)
{
	use_large_units();
	follow_the_model();
}

/* Runs steps in which one call of op fails; returns how many failed. */
static unsigned steps_with_failures(
	struct rng *r, enum fake_op op, int err, hv_return_t code)
{
	unsigned failed = 0;

	for (unsigned i = 0; i < 10000; i++) {
		struct request q = random_request(r);
		bool ok = allowed(&q);
		hv_return_t ret;

		fake_engine_fail(op, 1 + (unsigned)rng_below(r, 4), err);
		ret = ask(&q);
		fake.fail_in = 0;
		if (ret == code && ok) {
			failed++;
		} else {
			cr_assert_eq(ret, ok ? HV_SUCCESS : HV_BAD_ARGUMENT);
			if (ok)
				apply(&q);
		}
		check_slots();
	}
	return failed;
}

/* Every slot can still be had: none was lost on the way. */
static void check_slots_left(void)
{
	unsigned n = 0;

	cr_assert_eq(hv_vm_map(ram, 0, PAGES * page_size, 7),
		fake_engine_slots_used() < fake.slot_limit ? HV_SUCCESS
							   : HV_NO_RESOURCES);
	while (hv_vm_map(ram, ipa_of(PAGES + 2 * n), page_size, 7) ==
		HV_SUCCESS)
		n++;
	cr_assert_eq(fake_engine_slots_used(), fake.slot_limit);
}

Test(memory, stays_whole_when_the_engine_fails_in_the_middle)
{
	struct rng r;

	rng_init(&r);
	cr_assert_gt(steps_with_failures(
			     &r, FAKE_SLOT_SET, -ENOMEM, HV_NO_RESOURCES),
		100);
	fake.slot_limit = 100;
	for (unsigned i = 0; i < 200; i++) {
		fake_engine_fail(FAKE_SLOT_SET, 1, -ENOMEM);
		cr_assert_eq(hv_vm_map(ram, 0, page_size, 7), HV_NO_RESOURCES);
	}
	check_slots_left();
}

Test(memory, stays_whole_when_the_engine_clears_no_slot)
{
	struct rng r;

	rng_init(&r);
	use_large_units();
	cr_assert_gt(steps_with_failures(
			     &r, FAKE_SLOT_CLEAR, -ENOMEM, HV_NO_RESOURCES),
		100);
}

/* Does what is in the model go on from one unit to the next? */
static bool joins(unsigned i)
{
	return model[i].host && model[i + 1].host == model[i].host + unit &&
		model[i + 1].flags == model[i].flags;
}

/* As few slots as can hold the model. */
static unsigned least_slots(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGES; i++)
		n += model[i].host && model[i].flags & HV_MEMORY_READ &&
			!(i && joins(i - 1));
	return n;
}

/* Refuses what cannot be done with that many slots, and nothing else. */
static void follow_with_slots(unsigned limit)
{
	struct page before[PAGES];
	struct rng r;
	unsigned refused = 0;

	rng_init(&r);
	fake.slot_limit = limit;
	for (unsigned i = 0; i < 20000; i++) {
		struct request q = random_request(&r);
		hv_return_t wanted = HV_BAD_ARGUMENT;

		memcpy(before, model, sizeof(model));
		if (allowed(&q)) {
			apply(&q);
			wanted = least_slots() <= limit ? HV_SUCCESS
							: HV_NO_RESOURCES;
		}
		cr_assert_eq(ask(&q), wanted, "step %u", i);
		if (wanted != HV_SUCCESS)
			memcpy(model, before, sizeof(model));
		refused += wanted == HV_NO_RESOURCES;
		check_slots();
	}
	cr_assert_gt(refused, 100);
}

Test(memory, makes_do_with_as_few_slots_as_can_be)
{
	follow_with_slots(7);
}

Test(memory, makes_do_with_as_few_slots_in_whole_chunks_too)
{
	use_large_units();
	follow_with_slots(9);
}

/* The kernel has no memory even for what it had a moment ago. */
Test(memory, puts_back_later_what_could_not_be_put_back)
{
	struct request whole = { MAP, 0, 16, ram, 7 };
	struct request part = { PROTECT, 4, 4, NULL, 1 };
	struct request other = { MAP, 32, 1, ram, 7 };

	cr_assert_eq(ask(&whole), HV_SUCCESS);
	apply(&whole);
	fake_engine_fail(FAKE_SLOT_SET, 1, -ENOMEM);
	fake.fail_more = 1000;
	cr_assert_eq(ask(&part), HV_NO_RESOURCES);
	cr_assert_eq(fake_engine_slots_used(), 0);
	cr_assert_eq(ask(&other), HV_NO_RESOURCES);
	fake.fail_in = 0;
	cr_assert_eq(ask(&other), HV_SUCCESS);
	apply(&other);
	check_slots();
	cr_assert_eq(fake_engine_slots_used(), 2);
}

Test(memory, uses_every_slot_and_says_when_there_is_none)
{
	fake.slot_limit = 8;
	for (unsigned i = 0; i < 8; i++)
		cr_assert_eq(hv_vm_map(ram, ipa_of(2 * i), page_size, 7),
			HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, ipa_of(20), page_size, 7), HV_NO_RESOURCES);
	cr_assert_eq(hv_vm_unmap(ipa_of(6), page_size), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, ipa_of(20), page_size, 7), HV_SUCCESS);
	cr_assert_eq(fake_engine_slots_used(), 8);
}

Test(memory, refuses_what_is_not_whole_pages)
{
	uint64_t odd[] = { 1, 8, page_size / 2, page_size - 1 };

	cr_assert_eq(hv_vm_map(ram, ipa_of(0), 4 * page_size, 7), HV_SUCCESS);
	for (unsigned i = 0; i < 4; i++) {
		cr_assert_eq(
			hv_vm_map(ram, ipa_of(8), odd[i], 7), HV_BAD_ARGUMENT);
		cr_assert_eq(hv_vm_map(ram, ipa_of(8) + odd[i], page_size, 7),
			HV_BAD_ARGUMENT);
		cr_assert_eq(hv_vm_map(ram + odd[i], ipa_of(8), page_size, 7),
			HV_BAD_ARGUMENT);
		cr_assert_eq(hv_vm_unmap(ipa_of(0) + odd[i], page_size),
			HV_BAD_ARGUMENT);
		cr_assert_eq(hv_vm_unmap(ipa_of(0), odd[i]), HV_BAD_ARGUMENT);
		cr_assert_eq(hv_vm_protect(ipa_of(0) + odd[i], page_size, 1),
			HV_BAD_ARGUMENT);
		cr_assert_eq(
			hv_vm_protect(ipa_of(0), odd[i], 1), HV_BAD_ARGUMENT);
	}
	cr_assert_eq(fake_engine_slots_used(), 1);
}

Test(memory, refuses_empty_ranges_unknown_flags_and_no_memory)
{
	cr_assert_eq(hv_vm_map(ram, ipa_of(0), 0, 7), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_map(NULL, ipa_of(0), page_size, 7), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_map(ram, ipa_of(0), page_size, 8), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_map(ram, ipa_of(0), page_size, 1ull << 63),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_map(ram, ipa_of(0), page_size, 7), HV_SUCCESS);
	cr_assert_eq(hv_vm_unmap(ipa_of(0), 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_protect(ipa_of(0), 0, 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_protect(ipa_of(0), page_size, 8), HV_BAD_ARGUMENT);
}

Test(memory, refuses_what_lies_beyond_the_address_size)
{
	uint64_t end = 1ull << 36; /* the default */

	cr_assert_eq(hv_vm_map(ram, end - page_size, page_size, 7), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, end, page_size, 7), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_map(ram, end - 2 * page_size, 3 * page_size, 7),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_map(ram, 0, end + page_size, 7), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_map(ram, 0 - page_size, 2 * page_size, 7),
		HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vm_map(ram, page_size, 0 - page_size, 7), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vm_unmap(end - page_size, 0 - page_size), HV_BAD_ARGUMENT);
	cr_assert_eq(fake_engine_slots_used(), 1);
}

Test(memory, maps_the_same_memory_at_several_addresses)
{
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(hv_vm_map(ram, ipa_of(8 * i), 8 * page_size, 7),
			HV_SUCCESS);
	cr_assert_eq(hv_vm_unmap(ipa_of(0), 32 * page_size), HV_SUCCESS,
		"adjacent mappings at once");
}

Test(memory, pauses_the_guest_while_it_splits)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;

	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, ipa_of(0), 16 * page_size, 7), HV_SUCCESS);
	cr_assert_eq(hv_vm_protect(ipa_of(4), 4 * page_size, 1), HV_SUCCESS);
	cr_assert_eq(hv_vm_unmap(ipa_of(6), 4 * page_size), HV_SUCCESS);
	cr_assert_not(fake.slot_changed_unpaused);
	cr_assert_eq(fake.calls[FAKE_PAUSE], 2);
	cr_assert_eq(fake.calls[FAKE_RESUME], 2);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
}

static bool is_mapped(uint64_t ipa)
{
	struct hvt_extent extent;

	hvt_memory_extent(ipa, &extent);
	cr_assert_eq(ipa != UINT64_MAX, hvt_extent_has(&extent, ipa,
				&hvt_run_watch.changes));
	return extent.fsc == (HVT_FSC_PERMISSION | HVT_FSC_LEVEL3);
}

Test(memory, tells_what_is_mapped_where)
{
	cr_assert_not(is_mapped(ipa_of(0)));
	cr_assert_eq(hv_vm_map(ram, ipa_of(1), 4 * page_size, 5), HV_SUCCESS);
	cr_assert_not(is_mapped(ipa_of(1) - 1));
	cr_assert(is_mapped(ipa_of(1)));
	cr_assert(is_mapped(ipa_of(5) - 1));
	cr_assert_not(is_mapped(ipa_of(5)));
	cr_assert_eq(hv_vm_protect(ipa_of(2), page_size, 2), HV_SUCCESS);
	cr_assert(is_mapped(ipa_of(2)));
	cr_assert_eq(hv_vm_unmap(ipa_of(3), page_size), HV_SUCCESS);
	cr_assert_not(is_mapped(ipa_of(3) + 8));
	cr_assert_not(is_mapped(UINT64_MAX));
}

Test(memory, tells_how_far_what_it_tells_is_true)
{
	struct hvt_extent at;

	cr_assert_eq(hv_vm_map(ram, ipa_of(2), 2 * page_size, 5), HV_SUCCESS);
	hvt_memory_extent(ipa_of(1), &at);
	cr_assert_eq(at.start, 0);
	cr_assert_eq(at.size, ipa_of(2));
	hvt_memory_extent(ipa_of(3), &at);
	cr_assert_eq(at.start, ipa_of(2));
	cr_assert_eq(at.size, 2 * page_size);
	cr_assert(hvt_extent_has(&at, ipa_of(2), &hvt_run_watch.changes));
	cr_assert_not(hvt_extent_has(&at, ipa_of(2) - 1, &hvt_run_watch.changes));
	cr_assert_not(hvt_extent_has(&at, ipa_of(4), &hvt_run_watch.changes));
	cr_assert_eq(hv_vm_unmap(ipa_of(2), page_size), HV_SUCCESS);
	cr_assert_not(hvt_extent_has(&at, ipa_of(3), &hvt_run_watch.changes));
	hvt_memory_extent(ipa_of(4), &at);
	cr_assert_eq(at.start, ipa_of(4));
	cr_assert_eq(at.size, UINT64_MAX - ipa_of(4));
}

Test(memory, reads_what_the_guest_could_read)
{
	uint64_t value = 0, wanted = 0x1122334455667788;

	memcpy(ram + 2 * page_size - 8, &wanted, 8);
	cr_assert_not(hvt_memory_read(ipa_of(0), &value, 8));
	cr_assert_eq(hv_vm_map(ram, ipa_of(0), 2 * page_size, 1), HV_SUCCESS);
	cr_assert(hvt_memory_read(ipa_of(2) - 8, &value, 8));
	cr_assert_eq(value, wanted);
	cr_assert_not(hvt_memory_read(ipa_of(2) - 7, &value, 8));
	cr_assert_not(hvt_memory_read(ipa_of(2), &value, 8));
	cr_assert_not(hvt_memory_read(UINT64_MAX - 3, &value, 8));
	cr_assert_eq(hv_vm_protect(ipa_of(0), 2 * page_size, 6), HV_SUCCESS);
	cr_assert_not(hvt_memory_read(ipa_of(0), &value, 8));
}

Test(memory, does_nothing_without_a_vm)
{
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, ipa_of(0), page_size, 7), HV_NO_DEVICE);
	cr_assert_eq(hv_vm_unmap(ipa_of(0), page_size), HV_NO_DEVICE);
	cr_assert_eq(hv_vm_protect(ipa_of(0), page_size, 7), HV_NO_DEVICE);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
}

Test(memory, starts_empty_in_the_next_vm)
{
	cr_assert_eq(hv_vm_map(ram, ipa_of(0), page_size, 7), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vm_unmap(ipa_of(0), page_size), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_map(ram, ipa_of(0), page_size, 7), HV_SUCCESS);
}
