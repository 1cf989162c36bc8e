/* SPDX-License-Identifier: MIT */
/*
 * A VMM and its guest are recorded, then the guest is played again. It is the
 * fake engine's exits, which do what memory and registers say, and in a replay
 * something else if they are to.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call_ids.h"
#include "fake_engine.h"
#include "files.h"
#include "guest/player.h"
#include "guest_ram.h"

#define PAGES	 16u
#define IPA	 0x40000000u
#define RUNS	 5u
#define STALL_MS 100u

static struct temp_file file;
static size_t page;
static uint8_t *ram;
static hv_vcpu_t vcpu;
static struct hvt_guest *guest;
static struct hvt_error error;
static bool replaying;

/* What the guest does otherwise, in its third run. */
static enum deed {
	SAME,
	OTHER_REASON,
	OTHER_SYNDROME,
	OTHER_LEFTOVER, /* in the exit record, where it says nothing */
	OTHER_REGISTER,
	OTHER_PAGE,
	NO_EXIT,
	CALLS_IN_A_RUN,
} deed;

static void set_up(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	fake_engine_install();
	file = temp_file_create();
}

static void tear_down(void)
{
	hvt_guest_close(guest);
	temp_file_remove(&file);
}

TestSuite(guest_replay, .init = set_up, .fini = tear_down, .timeout = 100);

static bool does(enum deed what, const struct hvt_engine_vcpu *v)
{
	return replaying && deed == what && v->runs == 3;
}

static void wait_for_cancel(const struct hvt_engine_vcpu *v)
{
	while (!v->cancels)
		usleep(1000);
}

/* It adds what the VMM gave it to what it has, in memory and a register. */
static void guest_adds(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	uint8_t *memory = fake.slots[0].host;

	memory[3 * page] = (uint8_t)(memory[3 * page] + memory[5 * page] + v->runs);
	v->regs[HV_REG_X1] += v->regs[HV_REG_X0] + memory[3 * page];
	exit->reason = v->runs == 4 ? HV_EXIT_REASON_CANCELED
				    : HV_EXIT_REASON_EXCEPTION;
	exit->exception.syndrome = 0x5a000000u + memory[3 * page];
	exit->exception.virtual_address = v->regs[HV_REG_X1];
	exit->exception.physical_address = v->runs;
	if (does(OTHER_REASON, v))
		exit->reason = HV_EXIT_REASON_CANCELED;
	if (does(OTHER_SYNDROME, v))
		exit->exception.syndrome++;
	if (does(OTHER_REGISTER, v))
		v->regs[HV_REG_X1]++;
	if (does(OTHER_PAGE, v))
		memory[3 * page + 17] = memory[3 * page + 400] = 1;
	if (does(NO_EXIT, v))
		wait_for_cancel(v);
	/* As a signal handler does that comes while the guest runs. */
	if (!replaying && deed == CALLS_IN_A_RUN && v->runs == 2)
		hv_vcpus_exit(&vcpu, 1);
	if (replaying && deed == OTHER_LEFTOVER && v->runs == 4)
		exit->exception.syndrome = 9;
}

/* The code, then a table by which addresses from 1 GB are themselves. */
static uint32_t first_word;

static void load(void)
{
	uint64_t block = IPA | 0x401;

	ram = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert(ram != MAP_FAILED);
	memcpy(ram, &first_word, sizeof(first_word));
	memcpy(ram + 6 * page + 8, &block, sizeof(block));
	ram[5 * page] = 2;
}

static void vmm(void)
{
	hv_vcpu_exit_t *exit;
	uint64_t x1, pc = 0;

	load();
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ |
					HV_MEMORY_WRITE), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	hv_vcpu_set_reg(vcpu, HV_REG_X0, 17);
	hv_vcpu_set_reg(vcpu, HV_REG_PC, IPA);
	for (unsigned i = 0; i < RUNS; i++) {
		cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
		hv_vcpu_get_reg(vcpu, HV_REG_X1, &x1);
		hv_vcpu_get_reg(vcpu, HV_REG_PC, &pc);
		hv_vcpu_set_reg(vcpu, HV_REG_PC, pc + 4);
		/* What fails must not be in the way. */
		hv_vcpu_set_reg(vcpu, (hv_reg_t)999, 0);
		ram[5 * page] = (uint8_t)(ram[3 * page] + x1);
	}
	hv_vcpu_destroy(vcpu);
	hv_vm_destroy();
}

static void record(void (*script)(void))
{
	int why;

	fake.next_exit = guest_adds;
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_TOUCHED, &why), 0);
	if (why)
		cr_skip("no userfaultfd for this process: %s", strerror(-why));
	script();
	cr_assert_eq(hvt_recording_stop(), 0);
	fake_engine_install();
	fake.next_exit = guest_adds;
	replaying = true;
}

static void open_guest(void)
{
	cr_assert_eq(hvt_guest_open(&guest, file.path, &error), 0, "%s", error.text);
}

static void record_and_open(enum deed what)
{
	record(vmm);
	deed = what;
	open_guest();
}

/* The number of the n-th event of that kind, from 0. */
static uint64_t number_of(uint32_t call, enum hvt_event_kind kind, unsigned n)
{
	struct hvt_trace *t;
	struct hvt_event e = { 0 };

	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	while (hvt_trace_next(t, &e, NULL) == 1)
		if (e.call == call && e.kind == kind && !n--)
			break;
	cr_assert_eq(e.call, call);
	hvt_trace_close(t);
	return e.number;
}

/* The return of the n-th run. */
static uint64_t exit_of(unsigned n)
{
	return number_of(HVT_CALL_HV_VCPU_RUN, HVT_EVENT_LEAVE, n - 1);
}

static uint64_t count_events(void)
{
	struct hvt_trace *t;
	struct hvt_event e;
	uint64_t n = 0;

	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	while (hvt_trace_next(t, &e, NULL) == 1)
		n++;
	hvt_trace_close(t);
	return n;
}

static const struct hvt_guest_divergence *expect_divergence(
		enum hvt_guest_difference what, uint64_t event)
{
	const struct hvt_guest_divergence *d;
	struct hvt_guest_status before;

	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 1, "%s", error.text);
	d = hvt_guest_divergence(guest);
	cr_assert_not_null(d);
	cr_assert_eq(d->what, what, "%d", d->what);
	cr_assert_eq(d->recorded.number, event, "%llu",
			(unsigned long long)d->recorded.number);
	cr_assert_eq(d->found.call, d->recorded.call);
	cr_assert_eq(d->vcpu, 0);
	before = hvt_guest_status(guest);
	cr_assert_eq(before.events, event + 1);
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 1);
	cr_assert_eq(hvt_guest_status(guest).calls, before.calls);
	return d;
}

Test(guest_replay, of_the_same_guest_is_the_same)
{
	struct hvt_guest_status s;

	record_and_open(SAME);
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0, "%s", error.text);
	cr_assert_null(hvt_guest_divergence(guest));
	s = hvt_guest_status(guest);
	cr_assert_eq(s.events, count_events());
	cr_assert_eq(s.exits, RUNS);
	/* Those that failed were not made again. */
	cr_assert_eq(s.calls, 3 + 2 + 4 * RUNS + 2);
	cr_assert_geq(s.pages, 2 * (RUNS - 1));
	cr_assert_not(fake.vm);
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0);
}

Test(guest_replay, goes_through_calls_of_signal_handlers)
{
	record_and_open(CALLS_IN_A_RUN);
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0, "%s",
			error.text);
	cr_assert_eq(hvt_guest_status(guest).events, count_events());
}

/* Where an exit says no more than its reason the rest is not compared. */
Test(guest_replay, does_not_compare_what_an_exit_does_not_say)
{
	record_and_open(OTHER_LEFTOVER);
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0);
}

Test(guest_replay, tells_another_exit)
{
	const struct hvt_guest_divergence *d;

	record_and_open(OTHER_REASON);
	d = expect_divergence(HVT_DIFFERS_OUTPUT, exit_of(3));
	cr_assert_eq(d->param, 1);
	cr_assert_eq(d->recorded.values[1], HV_EXIT_REASON_EXCEPTION);
	cr_assert_eq(d->found.values[1], HV_EXIT_REASON_CANCELED);
}

Test(guest_replay, tells_another_syndrome)
{
	const struct hvt_guest_divergence *d;

	record_and_open(OTHER_SYNDROME);
	d = expect_divergence(HVT_DIFFERS_OUTPUT, exit_of(3));
	cr_assert_eq(d->param, 2);
	cr_assert_eq(d->found.values[2], d->recorded.values[2] + 1);
	cr_assert_eq(d->recorded.values[0], 0);
}

Test(guest_replay, tells_another_register)
{
	const struct hvt_guest_divergence *d;

	record_and_open(OTHER_REGISTER);
	d = expect_divergence(HVT_DIFFERS_OUTPUT,
			number_of(HVT_CALL_HV_VCPU_GET_REG, HVT_EVENT_CALL, 4));
	cr_assert_eq(d->param, 2);
	cr_assert_eq(d->recorded.values[1], HV_REG_X1);
	cr_assert_eq(d->found.values[2], d->recorded.values[2] + 1);
}

Test(guest_replay, tells_another_page)
{
	const struct hvt_guest_divergence *d;
	uint64_t touched;

	record_and_open(OTHER_PAGE);
	/* In each turn it comes to the page it reads, then that it writes. */
	touched = number_of(HVT_CALL_MEMORY_TOUCHED, HVT_EVENT_ENTER, 4);
	d = expect_divergence(HVT_DIFFERS_MEMORY, touched);
	cr_assert_eq(d->ipa, IPA + 3 * page);
	cr_assert_eq(d->offset, 17);
	cr_assert_eq(d->differing, 2);
	cr_assert_eq(d->recorded.data_size, page);
	cr_assert_eq(d->found.data_size, page);
	cr_assert_eq(d->recorded.data[17], 0);
	cr_assert_eq(d->found.data[17], 1);
	cr_assert_eq(d->recorded.data[0], d->found.data[0]);
}

Test(guest_replay, tells_that_there_is_no_exit)
{
	const struct hvt_guest_divergence *d;

	record_and_open(NO_EXIT);
	guest->stall_ms = STALL_MS;
	d = expect_divergence(HVT_DIFFERS_NO_EXIT, exit_of(3));
	cr_assert_geq(d->ms, STALL_MS);
}

Test(guest_replay, tells_a_call_that_fails_now)
{
	const struct hvt_guest_divergence *d;

	record_and_open(SAME);
	fake_engine_fail(FAKE_VCPU_RUN, 3, -EIO);
	d = expect_divergence(HVT_DIFFERS_RESULT, exit_of(3));
	cr_assert_eq(d->param, -1);
	cr_assert_eq(d->recorded.result, HV_SUCCESS);
	cr_assert_eq((hv_return_t)d->found.result, HV_ERROR);
}

/* Nothing is left of a guest that did not come to its end. */
Test(guest_replay, ends_what_it_began)
{
	record_and_open(SAME);
	cr_assert_eq(hvt_guest_play(guest, exit_of(2), &error), 0);
	cr_assert(fake.vm);
	cr_assert(fake.vcpus[0].exists);
	hvt_guest_close(guest);
	cr_assert_not(fake.vm);
	cr_assert_not(fake.vcpus[0].exists);
	open_guest();
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0);
}

Test(guest_replay, stops_before_any_event)
{
	uint64_t count;

	record_and_open(SAME);
	count = count_events();
	for (uint64_t i = 0; i <= count; i++) {
		cr_assert_eq(hvt_guest_play(guest, i, &error), 0, "%s", error.text);
		cr_assert_eq(hvt_guest_status(guest).events, i);
		/* What has been done is not done again. */
		cr_assert_eq(hvt_guest_play(guest, i / 2, &error), 0);
	}
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0);
	cr_assert_eq(hvt_guest_status(guest).exits, RUNS);
}

Test(guest_replay, tells_registers_where_it_stands)
{
	struct hvt_guest_regs regs;

	record_and_open(SAME);
	cr_assert_eq(hvt_guest_regs(guest, 0, &regs), -ENOENT);
	cr_assert_eq(hvt_guest_play(guest, exit_of(3) + 1, &error), 0);
	cr_assert_eq(hvt_guest_regs(guest, 0, &regs), 0);
	cr_assert_eq(regs.x[0], 17);
	cr_assert_eq(regs.x[1], fake.vcpus[0].regs[HV_REG_X1]);
	cr_assert_eq(regs.pc, IPA + 8);
	cr_assert_eq(regs.vbar_el1, HV_SYS_REG_VBAR_EL1); /* the fake's */
	cr_assert_eq(hvt_guest_regs(guest, 1, &regs), -ENOENT);
	cr_assert_eq(hvt_guest_regs(guest, UINT32_MAX, &regs), -ENOENT);
	fake_engine_fail(FAKE_GET_SYS_REG, 1, -EIO);
	cr_assert_eq(hvt_guest_regs(guest, 0, &regs), -EIO);
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0);
	cr_assert_eq(hvt_guest_regs(guest, 0, &regs), -ENOENT);
}

Test(guest_replay, reads_memory_where_it_stands)
{
	uint8_t bytes[64], *p = bytes;

	record_and_open(SAME);
	cr_assert_eq(hvt_guest_read(guest, IPA, p, 4), -EFAULT);
	cr_assert_eq(hvt_guest_play(guest, exit_of(1), &error), 0);
	cr_assert_eq(hvt_guest_read(guest, IPA + 5 * page, p, 1), 0);
	cr_assert_eq(p[0], 2);
	cr_assert_eq(hvt_guest_play(guest, exit_of(1) + 1, &error), 0);
	/* 0 + 2 + 1, at the end of a page and the beginning of the next one. */
	cr_assert_eq(hvt_guest_read(guest, IPA + 3 * page - 1, p, 2), 0);
	cr_assert_eq(p[0], 0);
	cr_assert_eq(p[1], 3);
	cr_assert_eq(hvt_guest_read(guest, IPA - 1, p, 2), -EFAULT);
	cr_assert_eq(hvt_guest_read(guest, IPA + PAGES * page - 1, p, 1), 0);
	cr_assert_eq(hvt_guest_read(guest, IPA + PAGES * page - 1, p, 2), -EFAULT);
	cr_assert_eq(hvt_guest_read(guest, UINT64_MAX, p, 2), -EFAULT);
	cr_assert_eq(hvt_guest_read(guest, UINT64_MAX, p, 0), 0);
}

Test(guest_replay, translates_by_the_tables_of_the_guest)
{
	/* 39 bits in pages of 4 KB: the first table has an entry a GB. */
	struct hvt_guest_regs regs = { .sctlr_el1 = 1, .tcr_el1 = 25,
		.ttbr0_el1 = IPA + 6 * page };
	uint64_t ipa;

	record_and_open(SAME);
	cr_assert_eq(hvt_guest_play(guest, exit_of(1), &error), 0);
	cr_assert_eq(hvt_guest_translate(guest, &regs, IPA + 0x1234, &ipa), 0);
	cr_assert_eq(ipa, IPA + 0x1234);
	cr_assert_eq(hvt_guest_translate(guest, &regs, 0x1234, &ipa), -EFAULT);
	regs.ttbr0_el1 = 0;
	cr_assert_eq(hvt_guest_translate(guest, &regs, IPA, &ipa), -EFAULT);
	regs.sctlr_el1 = 0;
	cr_assert_eq(hvt_guest_translate(guest, &regs, 0x1234, &ipa), 0);
	cr_assert_eq(ipa, 0x1234);
}

Test(guest_replay, tells_its_level)
{
	record_and_open(SAME);
	cr_assert_eq(hvt_guest_level(guest)->level, 1);
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0);
	cr_assert_eq(hvt_guest_level(guest)->level, 1, "%s",
			hvt_guest_level(guest)->reason);
}

Test(guest_replay, tells_its_level_by_the_code_of_the_guest)
{
	first_word = 0xd53be040; /* mrs x0, cntvct_el0 */
	record_and_open(SAME);
	cr_assert_eq(hvt_guest_play(guest, exit_of(1), &error), 0);
	cr_assert_eq(hvt_guest_level(guest)->level, 0);
	cr_assert_not_null(strstr(hvt_guest_level(guest)->reason, "d53be040"));
}

/* Memory in pieces, taken away, and mapped where it was not; SIMD; the GIC. */
static void vmm_with_more(void)
{
	hv_gic_config_t config = hv_gic_config_create();
	static uint8_t bytes[1u << 20];
	hv_vcpu_exit_t *exit;
	hv_simd_fp_uchar16_t v = { 1, 2, 3 };
	hv_gic_state_t state;
	size_t size = 0;

	load();
	hv_vm_create(NULL);
	hv_gic_config_set_distributor_base(config, 0x08000000);
	hv_gic_config_set_redistributor_base(config, 0x0a000000);
	cr_assert_eq(hv_gic_create(config), HV_SUCCESS);
	hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ | HV_MEMORY_WRITE);
	hv_vcpu_create(&vcpu, &exit, NULL);
	hv_vcpu_set_simd_fp_reg(vcpu, HV_SIMD_FP_REG_Q7, v);
	hv_vcpu_get_simd_fp_reg(vcpu, HV_SIMD_FP_REG_Q7, &v);
	hv_vcpu_run(vcpu);
	hv_vm_unmap(IPA, PAGES * page);
	ram[5 * page] = 9;
	hv_vm_map(ram, 2 * IPA, PAGES * page, HV_MEMORY_READ | HV_MEMORY_WRITE);
	hv_vcpu_run(vcpu);
	state = hv_gic_state_create();
	cr_assert_not_null(state);
	cr_assert_eq(hv_gic_state_get_size(state, &size), HV_SUCCESS);
	cr_assert_leq(size, sizeof(bytes));
	cr_assert_eq(hv_gic_state_get_data(state, bytes), HV_SUCCESS);
	cr_assert_eq(hv_gic_set_state(bytes, size), HV_SUCCESS);
	os_release(state);
	ram[5 * page]++;
	hv_vcpu_run(vcpu);
	hv_vcpu_destroy(vcpu);
	hv_vm_destroy();
	os_release(config);
}

Test(guest_replay, of_objects_and_bytes_is_the_same)
{
	record(vmm_with_more);
	open_guest();
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0, "%s", error.text);
	cr_assert_eq(hvt_guest_status(guest).exits, 3);
}

/* Bytes that a call gives out, and a register, by what the engine has. */
Test(guest_replay, tells_a_state_that_is_another_one)
{
	const struct hvt_guest_divergence *d;
	uint64_t data;

	record(vmm_with_more);
	open_guest();
	data = number_of(HVT_CALL_HV_GIC_STATE_GET_DATA, HVT_EVENT_CALL, 0);
	cr_assert_eq(hvt_guest_play(guest, exit_of(2) + 1, &error), 0);
	fake.gic_regs->distributor[0x420 / 4] ^= 0xff00;
	d = expect_divergence(HVT_DIFFERS_OUTPUT, data);
	cr_assert_eq(d->param, 1);
	cr_assert_eq(d->differing, 1);
	cr_assert_eq(d->recorded.data_size, d->found.data_size);
	cr_assert_neq(d->recorded.data[d->offset], d->found.data[d->offset]);
}
