/* SPDX-License-Identifier: MIT */
/*
 * A guest that is played by a trace with all of its memory: what it wrote in a
 * run is what it had written, page by page, though its VMM never looks.
 */
#include <Hypervisor/Hypervisor.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call_ids.h"
#include "fake_engine.h"
#include "files.h"

#define PAGES 8u
#define IPA   0x40000000u
#define RUNS  4u

static struct temp_file file;
static struct hvt_guest *guest;
static struct hvt_error error;
static size_t page;

/* What the guest does in addition when it is played, in its third run. */
static struct {
	size_t offset;
	uint8_t byte;
} deed;

static void tear_down(void)
{
	hvt_guest_close(guest);
	temp_file_remove(&file);
}

TestSuite(written, .fini = tear_down, .timeout = 60);

/* All of a page, two words of another one, and what it has read of a third. */
static void guest_writes(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	static uint8_t bytes[65536];

	memset(bytes, (int)v->runs, page);
	fake_guest_store(IPA + v->runs * page, bytes, page);
	fake_guest_store(IPA + 6 * page + 64 * v->runs, bytes, 8);
	fake_guest_store(IPA + 6 * page + 1024 + 64 * v->runs, bytes, 8);
	if (deed.byte && v->runs == 3)
		fake_guest_store(IPA + deed.offset, &deed.byte, 1);
	*exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_EXCEPTION };
}

static void vmm(void)
{
	uint8_t *ram = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ |
					HV_MEMORY_WRITE), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	for (unsigned i = 0; i < RUNS; i++)
		cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_PAUSE], 0);
	hv_vcpu_destroy(vcpu);
	hv_vm_destroy();
}

static void record(void (*script)(void))
{
	int why;

	page = (size_t)sysconf(_SC_PAGESIZE);
	file = temp_file_create();
	fake_engine_install();
	fake.next_exit = guest_writes;
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_FULL, &why), 0);
	if (why)
		cr_skip("no userfaultfd for this process: %s", strerror(-why));
	script();
	cr_assert_eq(hvt_recording_stop(), 0);
	fake_engine_install();
	fake.next_exit = guest_writes;
}

static int play(size_t offset, uint8_t byte)
{
	deed.offset = offset;
	deed.byte = byte;
	cr_assert_eq(hvt_guest_open(&guest, file.path, &error), 0, "%s", error.text);
	return hvt_guest_play(guest, UINT64_MAX, &error);
}

/* The n-th event of that function, from 0. */
static uint64_t number_of(uint32_t call, unsigned n)
{
	struct hvt_trace *t;
	struct hvt_event e = { 0 };

	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	while (hvt_trace_next(t, &e, NULL) == 1)
		if (e.call == call && !n--)
			break;
	hvt_trace_close(t);
	cr_assert_eq(e.call, call);
	return e.number;
}

static void expect(uint64_t event, size_t offset, uint8_t then, uint8_t now)
{
	const struct hvt_guest_divergence *d = hvt_guest_divergence(guest);

	cr_assert_not_null(d);
	cr_assert_eq(d->what, HVT_DIFFERS_MEMORY);
	cr_assert_eq(d->recorded.number, event);
	cr_assert_eq(d->ipa, IPA + offset / page * page);
	cr_assert_eq(d->offset, offset % page);
	cr_assert_eq(d->recorded.data[d->offset], then);
	cr_assert_eq(d->found.data[d->offset], now);
	cr_assert_eq(d->vcpu, 0);
}

Test(written, is_the_same_again)
{
	record(vmm);
	cr_assert_eq(play(0, 0), 0, "%s", error.text);
	cr_assert_eq(hvt_guest_status(guest).pages, 3 * RUNS);
}

Test(written, differs_in_a_whole_page)
{
	record(vmm);
	cr_assert_eq(play(3 * page + 9, 77), 1);
	expect(number_of(HVT_CALL_MEMORY_GUEST_STORED, 2), 3 * page + 9, 3, 77);
}

Test(written, differs_in_the_second_part_of_a_page)
{
	record(vmm);
	cr_assert_eq(play(6 * page + 1024 + 3 * 64 + 5, 77), 1);
	expect(number_of(HVT_CALL_MEMORY_GUEST_CHANGED, 5),
			6 * page + 1024 + 3 * 64 + 5, 3, 77);
}

Test(written, differs_where_the_trace_has_no_change)
{
	record(vmm);
	cr_assert_eq(play(6 * page + 2048, 77), 1);
	expect(number_of(HVT_CALL_MEMORY_GUEST_CHANGED, 4), 6 * page + 2048, 0, 77);
}

static pthread_barrier_t both;

static void *other_vcpu(void *unused)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;

	(void)unused;
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	hv_vcpu_destroy(vcpu);
	return NULL;
}

static void writes_beside_another(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	uint8_t byte = v->id ? 5 : deed.byte ? deed.byte : 6;

	if (!deed.byte)
		pthread_barrier_wait(&both);
	fake_guest_store(IPA + v->id * page, &byte, 1);
	*exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_EXCEPTION };
	if (!deed.byte)
		pthread_barrier_wait(&both);
}

static void vmm_with_two(void)
{
	uint8_t *ram = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hv_vcpu_exit_t *exit;
	pthread_t other;
	hv_vcpu_t vcpu;

	pthread_barrier_init(&both, NULL, 2);
	fake.next_exit = writes_beside_another;
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ |
					HV_MEMORY_WRITE), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	pthread_create(&other, NULL, other_vcpu, NULL);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	pthread_join(other, NULL);
	/* A log is taken when no vCPU is in the guest. */
	cr_assert_gt(fake.calls[FAKE_PAUSE], 0);
	hv_vcpu_destroy(vcpu);
	hv_vm_destroy();
}

/* The first of them to return tells of both, while the other is still there. */
Test(written, is_not_compared_where_another_vcpu_ran)
{
	record(vmm_with_two);
	fake.next_exit = writes_beside_another;
	cr_assert_eq(play(0, 77), 0, "%s", error.text);
	cr_assert_eq(hvt_guest_status(guest).pages, 0);
}
