/* SPDX-License-Identifier: MIT */
/* Memory by the events of a trace, which may say anything. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "call_ids.h"
#include "memory_image.h"
#include "rng.h"

#define PAGE 4096u
#define AT   0x7f0000000000ull
#define IPA  0x40000000ull

static struct hvt_memory_image m;

static void set_up(void)
{
	cr_assert_eq(hvt_memory_image_init(&m, PAGE), 0);
}

static void tear_down(void)
{
	hvt_memory_image_fini(&m);
}

TestSuite(memory_image, .init = set_up, .fini = tear_down, .timeout = 60);

static int note(uint32_t call, uint64_t a, uint64_t b, uint64_t c)
{
	return hvt_memory_image_see(&m, &(struct hvt_event){ .call = call,
			.kind = HVT_EVENT_ENTER, .values = { a, b, c } });
}

static int bytes(uint32_t call, uint64_t first, const void *data, size_t size)
{
	return hvt_memory_image_see(&m, &(struct hvt_event){ .call = call,
			.kind = HVT_EVENT_ENTER, .values = { first, size },
			.data = data, .data_size = size });
}

static int half(uint32_t call, enum hvt_event_kind kind, uint32_t thread,
		uint64_t a, uint64_t b, uint64_t c)
{
	return hvt_memory_image_see(&m, &(struct hvt_event){ .call = call,
			.kind = kind, .thread = thread, .values = { a, b, c } });
}

static int mapped(uint64_t addr, uint64_t size, uint64_t kind)
{
	return note(HVT_CALL_MEMORY_MAPPED, addr, size, kind);
}

static int vm_map(uint64_t addr, uint64_t ipa, uint64_t size)
{
	int err = half(HVT_CALL_HV_VM_MAP, HVT_EVENT_ENTER, 0, addr, ipa, size);

	return err ? err : half(HVT_CALL_HV_VM_MAP, HVT_EVENT_LEAVE, 0, 0, 0, 0);
}

static int page_of(uint64_t number, uint8_t byte)
{
	uint8_t page[PAGE];

	memset(page, byte, sizeof(page));
	return bytes(HVT_CALL_MEMORY_PAGE, number, page, sizeof(page));
}

static int byte_at(uint64_t ipa)
{
	uint64_t failed;
	uint8_t byte;
	int err = hvt_memory_image_read(&m, ipa, &byte, 1, &failed);

	return err ? err : byte;
}

/* Two pages, with one contents known. */
static void have_memory(void)
{
	cr_assert_eq(mapped(AT, 2 * PAGE, 1), 0);
	cr_assert_eq(vm_map(AT, IPA, 2 * PAGE), 0);
	cr_assert_eq(page_of(1, 5), 0);
}

Test(memory_image, is_what_was_told_last)
{
	have_memory();
	cr_assert_eq(byte_at(IPA), 0);
	cr_assert_eq(note(HVT_CALL_MEMORY_GUEST_STORED, AT, 1, 0), 0);
	cr_assert_eq(bytes(HVT_CALL_MEMORY_CHANGED, AT + 1, "ab", 2), 0);
	cr_assert_eq(bytes(HVT_CALL_MEMORY_GUEST_CHANGED, AT + 2, "c", 1), 0);
	cr_assert_eq(byte_at(IPA), 5);
	cr_assert_eq(byte_at(IPA + 1), 'a');
	cr_assert_eq(byte_at(IPA + 2), 'c');
	cr_assert_eq(byte_at(IPA + 3), 5);
	cr_assert_eq(note(HVT_CALL_MEMORY_STORED, AT, 0, 0), 0);
	cr_assert_eq(byte_at(IPA + 1), 0);
	cr_assert_eq(note(HVT_CALL_MEMORY_TOUCHED, AT, 1, 0), 0);
	cr_assert_eq(byte_at(IPA + 1), 5);
}

Test(memory_image, of_memory_that_comes_anew_is_zeros)
{
	have_memory();
	cr_assert_eq(note(HVT_CALL_MEMORY_STORED, AT, 1, 0), 0);
	cr_assert_eq(mapped(AT, PAGE, 4), 0);
	cr_assert_eq(byte_at(IPA), -EFAULT);
	cr_assert_eq(mapped(AT, PAGE, 2), 0);
	cr_assert_eq(byte_at(IPA), 0);
	cr_assert_eq(bytes(HVT_CALL_MEMORY_GUEST_CHANGED, AT + 9, "x", 1), 0);
	cr_assert_eq(byte_at(IPA + 8), 0);
	cr_assert_eq(byte_at(IPA + 9), 'x');
	cr_assert_eq(mapped(AT, PAGE, 3), 0);
	cr_assert_eq(byte_at(IPA), -ENODATA);
}

Test(memory_image, follows_the_map_of_the_guest)
{
	have_memory();
	cr_assert_eq(note(HVT_CALL_MEMORY_STORED, AT + PAGE, 1, 0), 0);
	cr_assert_eq(vm_map(AT + PAGE, 2 * IPA, PAGE), 0);
	cr_assert_eq(byte_at(2 * IPA), 5);
	half(HVT_CALL_HV_VM_UNMAP, HVT_EVENT_ENTER, 7, IPA, 2 * PAGE, 0);
	cr_assert_eq(byte_at(IPA + PAGE), 5);
	half(HVT_CALL_HV_VM_UNMAP, HVT_EVENT_LEAVE, 7, 0, 0, 0);
	cr_assert_eq(byte_at(IPA + PAGE), -EFAULT);
	cr_assert_eq(byte_at(2 * IPA), 5);
	half(HVT_CALL_HV_VM_DESTROY, HVT_EVENT_ENTER, 7, 0, 0, 0);
	half(HVT_CALL_HV_VM_DESTROY, HVT_EVENT_LEAVE, 7, 0, 0, 0);
	cr_assert_eq(byte_at(2 * IPA), -EFAULT);
}

Test(memory_image, takes_no_page_for_another)
{
	uint8_t page[PAGE] = { 0 };

	have_memory();
	cr_assert_eq(page_of(1, 6), -EBADMSG);
	cr_assert_eq(page_of(3, 6), -EBADMSG);
	cr_assert_eq(bytes(HVT_CALL_MEMORY_PAGE, 2, page, PAGE - 1), -EBADMSG);
	cr_assert_eq(note(HVT_CALL_MEMORY_GUEST_STORED, AT, 2, 0), -EBADMSG);
	cr_assert_eq(note(HVT_CALL_MEMORY_GUEST_STORED, AT, UINT64_MAX, 0),
			-EBADMSG);
	cr_assert_eq(note(HVT_CALL_MEMORY_GUEST_STORED, AT + 1, 1, 0), -EBADMSG);
}

Test(memory_image, takes_nothing_of_memory_that_is_not_there)
{
	static const uint32_t calls[] = { HVT_CALL_MEMORY_TOUCHED,
		HVT_CALL_MEMORY_STORED, HVT_CALL_MEMORY_GUEST_STORED };
	static const uint64_t places[] = { 0, AT - PAGE, AT + 2 * PAGE,
		UINT64_MAX - PAGE + 1 };

	have_memory();
	for (unsigned i = 0; i < 3; i++)
		for (unsigned n = 0; n < 4; n++)
			cr_assert_eq(note(calls[i], places[n], 1, 0), -EBADMSG);
	for (unsigned n = 0; n < 4; n++)
		cr_assert_eq(bytes(HVT_CALL_MEMORY_GUEST_CHANGED, places[n],
				"x", 1), -EBADMSG);
	cr_assert_eq(mapped(AT, PAGE, 4), 0);
	cr_assert_eq(note(HVT_CALL_MEMORY_STORED, AT, 1, 0), -EBADMSG);
}

Test(memory_image, takes_no_change_beyond_a_page)
{
	static const uint8_t much[2 * PAGE];

	have_memory();
	cr_assert_eq(bytes(HVT_CALL_MEMORY_CHANGED, AT + PAGE - 1, much, 2),
			-EBADMSG);
	cr_assert_eq(bytes(HVT_CALL_MEMORY_GUEST_CHANGED, AT, much, 2 * PAGE),
			-EBADMSG);
	cr_assert_eq(bytes(HVT_CALL_MEMORY_GUEST_CHANGED, AT, much, PAGE), 0);
	cr_assert_eq(bytes(HVT_CALL_MEMORY_GUEST_CHANGED, AT, NULL, 0), 0);
}

Test(memory_image, takes_no_ranges_that_are_none)
{
	static const uint64_t bad[][2] = { { AT, 0 }, { AT + 1, PAGE },
		{ AT, PAGE + 1 }, { UINT64_MAX - PAGE + 1, 2 * PAGE },
		{ AT, UINT64_MAX - PAGE + 1 } };

	for (unsigned i = 0; i < 5; i++) {
		cr_assert_eq(mapped(bad[i][0], bad[i][1], 1), -EBADMSG);
		cr_assert_eq(vm_map(bad[i][0], IPA, bad[i][1]), -EBADMSG);
		cr_assert_eq(vm_map(AT, bad[i][0], bad[i][1]), -EBADMSG);
	}
	cr_assert_eq(mapped(UINT64_MAX - PAGE + 1, PAGE, 1), 0);
	cr_assert_eq(vm_map(UINT64_MAX - PAGE + 1, UINT64_MAX - PAGE + 1, PAGE),
			0);
	cr_assert_eq(byte_at(UINT64_MAX), 0);
}

Test(memory_image, takes_no_return_of_a_call_that_was_not_entered)
{
	cr_assert_eq(half(HVT_CALL_HV_VM_MAP, HVT_EVENT_LEAVE, 0, 0, 0, 0),
			-EBADMSG);
	cr_assert_eq(half(HVT_CALL_HV_VM_MAP, HVT_EVENT_ENTER, 4096, 0, 0, 0),
			-EBADMSG);
	cr_assert_eq(half(HVT_CALL_HV_VM_UNMAP, HVT_EVENT_ENTER, 1, 0, 0, 0), 0);
	cr_assert_eq(half(HVT_CALL_HV_VM_MAP, HVT_EVENT_LEAVE, 1, 0, 0, 0),
			-EBADMSG);
}

Test(memory_image, has_pages_of_sizes_that_there_are)
{
	struct hvt_memory_image other;
	static const uint64_t bad[] = { 0, 1, 2048, 4097, 12288, 131072,
		UINT64_MAX };

	for (unsigned i = 0; i < 7; i++) {
		cr_assert_eq(hvt_memory_image_init(&other, bad[i]), -EBADMSG);
		hvt_memory_image_fini(&other);
	}
}

static const uint32_t calls[] = { HVT_CALL_MEMORY_PAGE,
	HVT_CALL_MEMORY_TOUCHED, HVT_CALL_MEMORY_STORED,
	HVT_CALL_MEMORY_CHANGED, HVT_CALL_MEMORY_TURN, HVT_CALL_MEMORY_MAPPED,
	HVT_CALL_MEMORY_GUEST_STORED, HVT_CALL_MEMORY_GUEST_CHANGED,
	HVT_CALL_HV_VM_MAP, HVT_CALL_HV_VM_UNMAP, HVT_CALL_HV_VM_DESTROY };

static uint64_t any(struct rng *r)
{
	switch (rng_below(r, 4)) {
	case 0:
		return rng_any(r);
	case 1:
		return rng_below(r, 6);
	default:
		return AT + rng_below(r, 8) * (PAGE / 2);
	}
}

/* Whatever comes: no crash, and no contents from outside. */
Test(memory_image, survives_anything)
{
	static uint8_t data[2 * PAGE];
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < test_scale(20000, 2000000); i++) {
		struct hvt_event e = { .call = calls[rng_below(&r, 11)],
			.kind = (uint32_t)(1 + rng_below(&r, 3)),
			.thread = (uint32_t)rng_below(&r, 3),
			.values = { any(&r), any(&r), any(&r) },
			.data = data };
		uint64_t failed;
		int err;

		if (rng_bool(&r))
			e.data_size = rng_bool(&r) ? PAGE : rng_below(&r, 64);
		if (e.call == HVT_CALL_MEMORY_PAGE && rng_bool(&r))
			e.values[0] = m.pool.count + 1;
		err = hvt_memory_image_see(&m, &e);
		cr_assert(!err || err == -EBADMSG);
		err = hvt_memory_image_read(&m, any(&r), data + PAGE,
				rng_below(&r, PAGE), &failed);
		cr_assert(!err || err == -EFAULT || err == -ENODATA);
	}
}
