/* SPDX-License-Identifier: MIT */
/* The short way of a run: what it shows, what it leaves to KVM, where it ends. */
#include <criterion/criterion.h>
#include <linux/kvm.h>
#include <string.h>

#include "fastpath.h"

#define PC   (1ull << HVT_RECORD_PC)
#define CODE 0x40001000ull
#define IPA  0x09000018ull
#define FAR  0xffff800008000018ull

/* A store of W5: class, IL, ISV, 4 bytes, register, direction. */
#define STORE                                                                  \
	(HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL | HVT_ESR_ISV | 2u << 22 | \
	 5u << 16 | HVT_ESR_WNR)
#define LOAD  (STORE & ~HVT_ESR_WNR)
#define TRANSLATION (HVT_FSC_TRANSLATION | HVT_FSC_LEVEL3)

static struct kvm_run *page;
static struct hvt_exit_record record;
static hv_vcpu_exit_t shown;
static struct hvt_run run;
static struct hvt_run_watch watch;
static int ended; /* the end that go_on was told, or -1 */

static int go_on(struct hvt_run *r, enum hvt_run_end end)
{
	cr_assert_eq(r, &run);
	ended = (int)end;
	return 77;
}

/* As it is behind an exit for a store by a guest at CODE. */
static void set_up(void)
{
	static _Alignas(struct kvm_run) uint8_t room[4096];

	page = (void *)room;
	memset(room, 0, sizeof(room));
	record = (struct hvt_exit_record){ .esr = STORE | 0x07, .far = FAR };
	record.regs[HVT_RECORD_PC] = CODE;
	record.regs[HVT_RECORD_CPSR] = 0x3c5;
	record.regs[5] = 0x1234;
	page->exit_reason = KVM_EXIT_MMIO;
	page->mmio.phys_addr = IPA;
	page->mmio.len = 4;
	page->mmio.is_write = 1;
	memset(&shown, 0x55, sizeof(shown));
	atomic_store(&watch.pauses, 0);
	atomic_store(&watch.changes, 3);
	ended = -1;
	run = (struct hvt_run){ .fd = -1, .page = page, .record = &record,
		.exit = &shown, .values = record.regs, .watch = &watch,
		.go_on = go_on, .busy = true,
		.valid = HVT_TOLD_ESR | HVT_TOLD_ABORT | PC | 1u << 5 |
				1ull << HVT_RECORD_CPSR,
		.extent = { 0x09000000, 0x1000, 3, TRANSLATION } };
}

TestSuite(run, .init = set_up);

Test(run, shows_an_abort_as_its_record_has_it)
{
	cr_assert_eq(hvt_run_show(&run), 0);
	cr_assert_eq(ended, -1);
	cr_assert_eq(shown.reason, HV_EXIT_REASON_EXCEPTION);
	cr_assert_eq(shown.exception.syndrome, STORE | TRANSLATION);
	cr_assert_eq(shown.exception.virtual_address, FAR);
	cr_assert_eq(shown.exception.physical_address, IPA);
	cr_assert_not(run.busy);
	cr_assert_eq(run.fold, PC);
	cr_assert_eq(run.fold_pc, CODE + 4);
}

Test(run, shows_hvc_with_its_immediate)
{
	page->exit_reason = KVM_EXIT_HYPERCALL;
	memset(&page->hypercall, 0, sizeof(page->hypercall));
	record.esr = HVT_ESR_EC(HVT_EC_HVC64) | HVT_ESR_IL | 0xbeef;
	run.fold = PC;
	cr_assert_eq(hvt_run_show(&run), 0);
	cr_assert_eq(shown.exception.syndrome, record.esr);
	cr_assert_eq(shown.exception.virtual_address, 0);
	cr_assert_eq(shown.exception.physical_address, 0);
	cr_assert_eq(run.fold, 0);
}

static void is_left_to_the_engine(const char *why)
{
	run.fold = PC;
	cr_expect_eq(hvt_run_show(&run), 77, "%s", why);
	cr_expect_eq(ended, HVT_RUN_RETURNED, "%s", why);
	cr_expect(run.busy, "%s", why);
	cr_expect_eq(shown.reason, 0x55555555, "%s", why);
	cr_expect_eq(run.result, 0, "%s", why);
	cr_expect_eq(run.fold, 0, "%s", why);
	set_up();
}

Test(run, leaves_an_abort_that_it_is_not_sure_of_to_the_engine)
{
	run.valid &= ~HVT_TOLD_ABORT;
	is_left_to_the_engine("no record");
	record.far += 8;
	is_left_to_the_engine("a record of another address");
	record.esr &= ~HVT_ESR_ISV;
	is_left_to_the_engine("no register");
	record.esr &= ~HVT_ESR_WNR;
	is_left_to_the_engine("KVM says it was a store");
	page->mmio.is_write = 0;
	is_left_to_the_engine("KVM says it was a load");
	page->mmio.len = 8;
	is_left_to_the_engine("KVM says it was longer");
	run.extent.size = 0x18;
	is_left_to_the_engine("nothing is known of the address");
	run.extent.start += 0x1000;
	is_left_to_the_engine("another is known");
	atomic_store(&watch.changes, 4);
	is_left_to_the_engine("the map has changed");
	page->exit_reason = KVM_EXIT_INTR;
	is_left_to_the_engine("another exit");
}

Test(run, leaves_calls_that_are_no_hvc_to_the_engine)
{
	const uint64_t hvc = HVT_ESR_EC(HVT_EC_HVC64) | HVT_ESR_IL;

	page->exit_reason = KVM_EXIT_HYPERCALL;
	record.esr = hvc;
	memset(&page->hypercall, 0, sizeof(page->hypercall));
	page->hypercall.longmode = 1;
	is_left_to_the_engine("SMC by its flag");
	page->exit_reason = KVM_EXIT_HYPERCALL;
	memset(&page->hypercall, 0, sizeof(page->hypercall));
	record.esr = HVT_ESR_EC(HVT_EC_SMC64) | HVT_ESR_IL;
	is_left_to_the_engine("SMC by its class");
	page->exit_reason = KVM_EXIT_HYPERCALL;
	memset(&page->hypercall, 0, sizeof(page->hypercall));
	record.esr = hvc;
	run.valid &= ~HVT_TOLD_ESR;
	is_left_to_the_engine("no record");
}

/* The VMM has handled the access: PC, and Xt of a load, are written. */
static void handle(uint64_t esr, uint64_t value)
{
	record.esr = esr;
	page->mmio.is_write = !!(esr & HVT_ESR_WNR);
	page->mmio.len = 1u << HVT_ESR_SAS(esr);
	run.fold = 0;
	cr_assert_eq(hvt_run_show(&run), 0);
	run.dirty = PC;
	record.regs[HVT_RECORD_PC] = CODE + 4;
	if (esr & HVT_ESR_WNR || HVT_ESR_SRT(esr) == 31)
		return;
	run.dirty |= 1ull << HVT_ESR_SRT(esr);
	record.regs[HVT_ESR_SRT(esr)] = value;
}

Test(run, leaves_to_kvm_what_kvm_would_do)
{
	uint64_t loaded;

	handle(STORE, 0);
	cr_assert_eq(hvt_run_folded(&run), PC);
	set_up();
	handle(LOAD, 0xfedcba98);
	cr_assert_eq(hvt_run_folded(&run), PC | 1u << 5);
	memcpy(&loaded, page->mmio.data, sizeof(loaded));
	cr_assert_eq(loaded, 0xfedcba98);
	set_up();
	handle(LOAD | 1u << 22, UINT64_MAX); /* 8 bytes */
	cr_assert_eq(hvt_run_folded(&run), PC | 1u << 5);
	set_up();
	handle(LOAD | 31u << 16, 0);
	cr_assert_eq(hvt_run_folded(&run), PC);
	set_up();
	handle(LOAD | HVT_ESR_SSE, 0x7fffffff);
	cr_assert_eq(hvt_run_folded(&run), PC | 1u << 5);
}

Test(run, writes_by_itself_what_kvm_would_not)
{
	handle(STORE, 0);
	record.regs[HVT_RECORD_PC] += 4;
	cr_assert_eq(hvt_run_folded(&run), 0, "PC is elsewhere");
	handle(STORE, 0);
	run.dirty = 0;
	cr_assert_eq(hvt_run_folded(&run), 0, "PC was not written");
	handle(STORE, 0);
	run.fold = 0;
	cr_assert_eq(hvt_run_folded(&run), 0, "something came between");
	for (unsigned bit = 4; bit < 22; bit++) {
		if (!(0x200c10 >> bit & 1))
			continue;
		set_up();
		handle(STORE, 0);
		record.regs[HVT_RECORD_CPSR] |= 1u << bit;
		cr_assert_eq(hvt_run_folded(&run), 0, "CPSR bit %u", bit);
	}
	set_up();
	handle(LOAD, 0x1ffffffff);
	cr_assert_eq(hvt_run_folded(&run), 0, "more than was loaded");
	handle(LOAD | HVT_ESR_SSE, 0x80000000);
	cr_assert_eq(hvt_run_folded(&run), 0, "a sign, which KVM loses");
	handle(LOAD, 1);
	record.sctlr = 1u << 25;
	cr_assert_eq(hvt_run_folded(&run), 0, "big-endian");
	record.sctlr = 1u << 24;
	cr_assert_eq(hvt_run_folded(&run), 0, "big-endian at EL0");
}

static void is_not_begun(const char *why)
{
	const struct hvt_run before = run;

	cr_expect_eq(hvt_run(0, &run), 77, "%s", why);
	cr_expect_eq(ended, HVT_RUN_NOT_BEGUN, "%s", why);
	cr_expect_not(memcmp(&run, &before, sizeof(run)), "%s", why);
	set_up();
	run.busy = false;
}

Test(run, does_not_begin_what_is_more_than_a_run)
{
	is_not_begun("it is busy");
	run.attention = HVT_ATTEND_LINES;
	is_not_begun("there is more to do");
	atomic_store(&run.cancel, true);
	is_not_begun("it is cancelled");
	run.dirty = 1u << 7;
	is_not_begun("a register is to be written");
	handle(STORE, 0);
	run.dirty |= 1u << 7;
	is_not_begun("one more than KVM does");
}

Test(run, is_held_by_a_pause)
{
	run.busy = false;
	atomic_store(&watch.pauses, 1);
	run.valid = PC;
	cr_assert_eq(hvt_run(0, &run), 77);
	cr_assert_eq(ended, HVT_RUN_HELD);
	cr_assert(run.in_run);
	cr_assert(run.busy);
	cr_assert_not(run.valid);
	cr_assert_not(page->exit_reason);
}

Test(run, tells_what_kvm_refuses)
{
	run.busy = false;
	cr_assert_eq(hvt_run(0, &run), 77);
	cr_assert_eq(ended, HVT_RUN_RETURNED);
	cr_assert_eq(run.result, -9, "EBADF: there is no such descriptor");
	cr_assert_not(run.in_run);
	cr_assert_not(run.valid);
	cr_assert(run.busy);
}
