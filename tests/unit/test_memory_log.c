/* SPDX-License-Identifier: MIT */
/*
 * What guests write, in a recording with all of memory: told at the exits of
 * their vCPUs, in order with what the VMM writes, and enough to know memory at
 * any of them.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
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
#define IPA   0x40000000ull
#define ALIAS 0x80000000ull
#define ALL   (HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC)

static struct temp_file file;
static struct hvt_trace *trace;
static struct hvt_image *image;
static struct hvt_event event;
static size_t page;
static uint8_t *ram;
static hv_vcpu_t vcpu;

static void start(int how, int no_logs)
{
	hv_vcpu_exit_t *exit;
	int why;

	page = (size_t)sysconf(_SC_PAGESIZE);
	fake_engine_install();
	fake.no_logs = no_logs;
	file = temp_file_create();
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_FULL, &why), 0);
	if (why && why != no_logs)
		cr_skip("no userfaultfd for this process: %s", strerror(-why));
	ram = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			how | MAP_ANONYMOUS, -1, 0);
	cr_assert(ram != MAP_FAILED);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
}

static void set_up(void)
{
	start(MAP_PRIVATE, 0);
}

static void tear_down(void)
{
	hvt_image_close(image);
	if (trace)
		hvt_trace_close(trace);
	temp_file_remove(&file);
}

TestSuite(memory_log, .init = set_up, .fini = tear_down, .timeout = 60);
/* These begin it themselves. */
TestSuite(memory_log_begun, .fini = tear_down, .timeout = 60);

static void map_at(uint64_t ipa, unsigned first, unsigned count)
{
	cr_assert_eq(hv_vm_map(ram + first * page, ipa + first * page,
			count * page, ALL), HV_SUCCESS);
}

static void run(void)
{
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
}

static uint64_t at(size_t offset)
{
	return (uint64_t)(uintptr_t)ram + offset;
}

/* What the guest does in its next run. */
static struct {
	uint64_t ipa;
	size_t size;
	uint8_t byte;
} will;

static void on_run(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	uint8_t *bytes = malloc(will.size + 1);

	(void)v;
	memset(bytes, will.byte, will.size);
	fake_guest_store(will.ipa, bytes, will.size);
	free(bytes);
	will.size = 0;
	*exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_EXCEPTION };
}

static void run_and_store(uint64_t ipa, uint8_t byte, size_t size)
{
	fake.next_exit = on_run;
	will.ipa = ipa;
	will.byte = byte;
	will.size = size;
	run();
}

/* The next event about memory, or the end of a run. */
static bool next(void)
{
	int got;

	if (!trace)
		cr_assert_eq(hvt_trace_open(&trace, file.path, NULL), 0);
	while ((got = hvt_trace_next(trace, &event, NULL)) == 1)
		if (event.call >= HVT_CALL_MEMORY_PAGE ||
				(event.call == HVT_CALL_HV_VCPU_RUN &&
					event.kind == HVT_EVENT_LEAVE))
			return true;
	cr_assert_eq(got, 0);
	return false;
}

static void expect(uint32_t call, uint64_t first)
{
	cr_assert(next());
	cr_assert_eq(event.call, call, "%u, not %u", event.call, call);
	if (call != HVT_CALL_HV_VCPU_RUN)
		cr_assert_eq(event.values[0], first);
}

static void stop_after_map(void)
{
	cr_assert_eq(hvt_recording_stop(), 0);
	expect(HVT_CALL_MEMORY_MAPPED, at(0));
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
}

Test(memory_log, tells_what_was_written_before_the_run_returns)
{
	map_at(IPA, 0, PAGES);
	run_and_store(IPA + 3 * page, 5, page);
	run_and_store(IPA + 2 * page + 40, 6, 2);
	stop_after_map();
	expect(HVT_CALL_MEMORY_PAGE, 1);
	expect(HVT_CALL_MEMORY_GUEST_STORED, at(3 * page));
	cr_assert_eq(event.values[1], 1);
	cr_assert_eq(event.kind, HVT_EVENT_ENTER);
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	expect(HVT_CALL_MEMORY_GUEST_CHANGED, at(2 * page + 40));
	cr_assert_eq(event.data_size, 8);
	cr_assert_eq(event.data[1], 6);
	cr_assert_eq(event.data[2], 0);
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	cr_assert_not(next());
}

Test(memory_log, has_contents_once_and_nothing_of_what_has_not_changed)
{
	map_at(IPA, 0, PAGES);
	run_and_store(IPA, 5, page);
	run_and_store(IPA, 5, page);
	run_and_store(IPA + page, 5, page);
	run_and_store(IPA + page, 0, page);
	run_and_store(IPA + 2 * page, 0, page);
	stop_after_map();
	expect(HVT_CALL_MEMORY_PAGE, 1);
	expect(HVT_CALL_MEMORY_GUEST_STORED, at(0));
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	expect(HVT_CALL_MEMORY_GUEST_STORED, at(page));
	cr_assert_eq(event.values[1], 1);
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	expect(HVT_CALL_MEMORY_GUEST_STORED, at(page));
	cr_assert_eq(event.values[1], 0);
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	cr_assert_not(next());
}

/* What the VMM came to by it is a turn of its own. */
static void expect_loss(size_t offset)
{
	expect(HVT_CALL_MEMORY_MAPPED, at(offset));
	cr_assert_eq(event.values[2], HVT_RAM_GONE);
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
}

/* The slot ends, and its log with it, before any run does. */
Test(memory_log, is_read_before_its_slot_is_gone)
{
	static const uint8_t seven = 7;

	map_at(IPA, 0, PAGES);
	run();
	fake_guest_store(IPA + 5 * page, &seven, 1);
	cr_assert_eq(hv_vm_protect(IPA + page, page, HV_MEMORY_READ),
			HV_SUCCESS);
	fake_guest_store(IPA + 6 * page, &seven, 1);
	cr_assert_eq(hv_vm_unmap(IPA + 6 * page, page), HV_SUCCESS);
	fake_guest_store(IPA + 7 * page, &seven, 1);
	cr_assert_eq(hv_vm_unmap(IPA, 6 * page), HV_SUCCESS);
	cr_assert_eq(hv_vm_unmap(IPA + 7 * page, page), HV_SUCCESS);
	cr_assert_not(fake.slot_changed_unpaused);
	stop_after_map();
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	expect(HVT_CALL_MEMORY_GUEST_CHANGED, at(5 * page));
	expect(HVT_CALL_MEMORY_GUEST_CHANGED, at(6 * page));
	expect(HVT_CALL_MEMORY_PAGE, 1);
	expect(HVT_CALL_MEMORY_TOUCHED, at(6 * page));
	expect_loss(6 * page);
	expect_loss(0);
	expect_loss(page);
	expect(HVT_CALL_MEMORY_TOUCHED, at(5 * page));
	expect_loss(2 * page);
	expect(HVT_CALL_MEMORY_GUEST_CHANGED, at(7 * page));
}

Test(memory_log, is_asked_of_memory_that_can_be_written_only)
{
	cr_assert_eq(hv_vm_map(ram, IPA, page, HV_MEMORY_READ), HV_SUCCESS);
	map_at(IPA, 2, 1);
	cr_assert_eq(fake.slots[0].flags, HV_MEMORY_READ);
	cr_assert_eq(fake.slots[1].flags, ALL | HVT_SLOT_LOGS);
	cr_assert_eq(hvt_recording_stop(), 0);
}

/* The guest's part is in what the VMM found, the VMM's in the turn's changes. */
Test(memory_log, is_in_order_with_what_the_vmm_writes)
{
	static const uint8_t nine = 9;

	map_at(IPA, 0, PAGES);
	run_and_store(IPA, 5, 8);
	cr_assert_eq(ram[0], 5);
	ram[8] = 6;
	/* In the turn of the VMM, with its page: as a vCPU that it took out. */
	fake_guest_store(IPA + 16, &nine, 1);
	run_and_store(IPA + 8, 7, 1);
	stop_after_map();
	expect(HVT_CALL_MEMORY_GUEST_CHANGED, at(0));
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	expect(HVT_CALL_MEMORY_PAGE, 1);
	expect(HVT_CALL_MEMORY_TOUCHED, at(0));
	expect(HVT_CALL_MEMORY_CHANGED, at(8));
	cr_assert_eq(event.data[0], 6);
	cr_assert_eq(event.data[8], 9);
	expect(HVT_CALL_MEMORY_TURN, HVT_TURN_CALLED);
	expect(HVT_CALL_MEMORY_GUEST_CHANGED, at(8));
	cr_assert_eq(event.data[0], 7);
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	cr_assert_not(next());
}

Test(memory_log, that_cannot_be_read_may_have_anything)
{
	map_at(IPA, 0, PAGES);
	run();
	fake.fail_op = FAKE_SLOT_DIRTY;
	fake.fail_err = -ENOMEM;
	fake.fail_in = 1;
	run_and_store(IPA + 6 * page, 5, 1);
	stop_after_map();
	expect(HVT_CALL_HV_VCPU_RUN, 0);
	expect(HVT_CALL_MEMORY_GUEST_CHANGED, at(6 * page));
}

static const char *fact(const char *key)
{
	if (!trace)
		cr_assert_eq(hvt_trace_open(&trace, file.path, NULL), 0);
	return hvt_trace_info(trace, key);
}

Test(memory_log_begun, that_cannot_be_had_leaves_what_the_vmm_touches)
{
	start(MAP_PRIVATE, -EINVAL);
	map_at(IPA, 0, PAGES);
	run();
	cr_assert_eq(fake.slots[0].flags, ALL);
	cr_assert_eq(hvt_recording_stop(), 0);
	cr_assert_str_eq(fact("memory"), "touched");
	cr_assert_str_eq(fact("memory_error"), strerror(EINVAL));
	cr_assert_eq(hvt_image_open(&image, file.path, NULL), -EOPNOTSUPP);
}

/* Memory at the end of the trace, or of what was recorded before event to. */
static void look(uint64_t to)
{
	struct hvt_error e = { 0 };

	if (!image)
		cr_assert_eq(hvt_image_open(&image, file.path, &e), 0);
	if (to == UINT64_MAX)
		cr_assert_eq(hvt_image_go(image, to, &e), -ERANGE, "%s", e.text);
	else
		cr_assert_eq(hvt_image_go(image, to, &e), 0, "%s", e.text);
}

static int byte_at(uint64_t ipa)
{
	uint64_t failed = 0;
	uint8_t byte = 0;
	int err = hvt_image_read(image, ipa, &byte, 1, &failed);

	cr_assert(!err || failed == ipa);
	return err ? err : byte;
}

Test(memory_log, of_memory_at_two_places_is_of_both)
{
	map_at(IPA, 0, PAGES);
	map_at(ALIAS, 2, 3);
	run_and_store(ALIAS + 3 * page, 5, 1);
	run_and_store(IPA + 4 * page, 6, 1);
	cr_assert_eq(hvt_recording_stop(), 0);
	look(UINT64_MAX);
	cr_assert_eq(byte_at(IPA + 3 * page), 5);
	cr_assert_eq(byte_at(ALIAS + 4 * page), 6);
	cr_assert_eq(byte_at(ALIAS + 5 * page), -EFAULT);
	cr_assert_eq(byte_at(ALIAS + 4 * page + 1), 0);
}

/* The same file at two addresses of the VMM. */
Test(memory_log_begun, of_shared_memory_is_of_all_its_places)
{
	uint8_t *first, *second;
	int fd;

	start(MAP_SHARED, 0);
	fd = memfd_create("memory", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(fd, (off_t)(3 * page)), 0);
	first = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	second = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			(off_t)page);
	cr_assert_eq(hv_vm_map(first, IPA, 2 * page, ALL), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(second, ALIAS, 2 * page, ALL), HV_SUCCESS);
	run_and_store(IPA + page, 5, 1);
	run_and_store(ALIAS + 1, 6, 1);
	second[2] = 7;
	run();
	cr_assert_eq(hvt_recording_stop(), 0);
	look(UINT64_MAX);
	cr_assert_eq(byte_at(ALIAS), 5);
	cr_assert_eq(byte_at(IPA + page + 1), 6);
	cr_assert_eq(byte_at(IPA + page + 2), 7);
	cr_assert_eq(byte_at(ALIAS + page), 0);
}

Test(memory_log, has_nothing_of_memory_that_is_not_followed)
{
	FILE *self = fopen("/proc/self/exe", "re");
	void *text = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			fileno(self), 0);

	fclose(self);
	cr_assert_eq(hv_vm_map(text, IPA, page, ALL), HV_SUCCESS);
	run_and_store(IPA, 5, 1);
	cr_assert_eq(hvt_recording_stop(), 0);
	look(UINT64_MAX);
	cr_assert_eq(byte_at(IPA), -ENODATA);
	cr_assert_eq(byte_at(IPA + page), -EFAULT);
}

/* Memory as it was at the ends of runs. */
#define RUNS_MAX 2000u
static uint8_t *then[RUNS_MAX];
static bool there[RUNS_MAX][PAGES];
static unsigned runs;
static bool mapped[PAGES];
static uint8_t scratch[3 * 65536];

static void scribble(struct rng *r)
{
	uint64_t first = rng_below(r, PAGES);
	size_t from = rng_below(r, page), n = rng_below(r, page - from) + 1;

	if (rng_bool(r))
		n = 1 + rng_below(r, 16) % (page - from);
	rng_bytes(r, scratch, n);
	if (!mapped[first])
		return;
	if (rng_bool(r))
		fake_guest_store(IPA + first * page + from, scratch, n);
	else
		memcpy(ram + first * page + from, scratch, n);
}

static void remap(struct rng *r)
{
	uint64_t n = rng_below(r, PAGES);

	if (!mapped[n])
		map_at(IPA, (unsigned)n, 1);
	else if (rng_bool(r))
		cr_assert_eq(hv_vm_unmap(IPA + n * page, page), HV_SUCCESS);
	else
		cr_assert_eq(hv_vm_protect(IPA + n * page, page, ALL),
				HV_SUCCESS);
	for (unsigned i = 0; i < FAKE_SLOTS; i++)
		if (fake.slots[i].used && IPA + n * page - fake.slots[i].ipa <
				fake.slots[i].size) {
			mapped[n] = true;
			return;
		}
	mapped[n] = false;
}

static struct rng *guests;

/* In a run: what guest and VMM do there, then all of it as it is then. */
static void on_random_run(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	(void)v;
	for (uint64_t n = rng_below(guests, 6); n; n--) {
		uint64_t p = rng_below(guests, PAGES);

		rng_bytes(guests, scratch, 32);
		if (mapped[p])
			fake_guest_store(IPA + p * page + rng_below(guests,
					page - 32), scratch, 32);
	}
	then[runs] = calloc(PAGES, page);
	for (unsigned i = 0; i < FAKE_SLOTS; i++)
		if (fake.slots[i].used)
			memcpy(then[runs] + (fake.slots[i].ipa - IPA),
					fake.slots[i].host, fake.slots[i].size);
	memcpy(there[runs], mapped, sizeof(mapped));
	runs++;
	*exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_EXCEPTION };
}

static void compare(unsigned n)
{
	uint8_t *now = malloc(page);
	uint64_t failed;

	look(event.number);
	for (unsigned i = 0; i < PAGES; i++) {
		int err = hvt_image_read(image, IPA + i * page, now, page,
				&failed);

		cr_assert_eq(err, there[n][i] ? 0 : -EFAULT);
		if (!err)
			cr_assert_eq(memcmp(now, then[n] + i * page, page), 0,
					"run %u page %u", n, i);
	}
	free(now);
}

Test(memory_log, is_enough_to_have_memory_at_every_exit)
{
	unsigned count = test_scale(150, RUNS_MAX), n = 0;
	struct rng r;

	rng_init(&r);
	guests = &r;
	fake.next_exit = on_random_run;
	for (unsigned i = 0; i < count; i++) {
		for (uint64_t k = rng_below(&r, 4); k; k--)
			remap(&r);
		for (uint64_t k = rng_below(&r, 4); k; k--)
			scribble(&r);
		run();
	}
	cr_assert_eq(hvt_recording_stop(), 0);
	while (next())
		if (event.call == HVT_CALL_HV_VCPU_RUN)
			compare(n++);
	cr_assert_eq(n, count);
}
