/* SPDX-License-Identifier: MIT */
/*
 * VMMs that read what a guest has written, replayed without a guest. The guest
 * is the fake engine's exits, which write to what it was given for memory.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <libkern/OSCacheControl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call_ids.h"
#include "fake_engine.h"
#include "guest_ram.h"
#include "replay_memory.h"
#include "replay_steps.h"
#include "rng.h"
#include "trace.h"

#define PAGES 16u
#define IPA   0x40000000u

static size_t page;
static uint8_t *ram;
static hv_vcpu_t vcpu;
static struct rng guest_rng;
static bool replaying;

static void memory_set_up(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	set_up();
}

TestSuite(replay_memory, .init = memory_set_up, .fini = tear_down,
		.timeout = 100);

static enum hvt_memory_mode mode = HVT_MEMORY_TOUCHED;

static void record_memory(void (*script)(void))
{
	int why;

	cr_assert_eq(hvt_recording_start(file.path, mode, &why), 0);
	if (why)
		cr_skip("no userfaultfd for this process: %s", strerror(-why));
	script();
	cr_assert_eq(hvt_recording_stop(), 0);
	/* That its memory lies elsewhere now must not matter. */
	mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	replaying = true;
}

static uint8_t *guest_memory(void)
{
	cr_assert_not(replaying);
	return fake.slots[0].host;
}

static void begin(void)
{
	hv_vcpu_exit_t *exit;

	ram = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ram[0] = 1;
	hv_vm_create(NULL);
	hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ | HV_MEMORY_WRITE);
	ram[page] = 2;
	hv_vcpu_create(&vcpu, &exit, NULL);
}

static void end(void)
{
	hv_vcpu_destroy(vcpu);
	hv_vm_destroy();
	munmap(ram, PAGES * page);
}

static void scribble(struct rng *r, uint8_t *memory)
{
	size_t from = rng_below(r, PAGES * page);
	size_t n = rng_bool(r) ? rng_below(r, 64) : rng_below(r, 2 * page);

	if (n > PAGES * page - from)
		n = PAGES * page - from;
	rng_bytes(r, memory + from, n);
}

static void guest_scribbles(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	(void)v;
	exit->reason = HV_EXIT_REASON_CANCELED;
	for (uint64_t n = rng_below(&guest_rng, 4); n; n--)
		scribble(&guest_rng, guest_memory());
	memset(fake.slots[0].dirty, 255, sizeof(fake.slots[0].dirty));
}

/* What it does depends on what it reads, from the first difference on. */
static uint64_t seed, digest;

static void read_and_scribble(void)
{
	struct rng r = rng_from(seed);

	digest = 0;
	begin();
	for (unsigned i = 0; i < test_scale(100, 2000); i++) {
		hv_vcpu_run(vcpu);
		for (uint64_t n = rng_below(&r, 4); n; n--) {
			size_t at = rng_below(&r, PAGES * page - 8);
			uint64_t word;

			memcpy(&word, ram + at, 8);
			digest = digest * 31 + word;
			if (rng_bool(&r))
				ram[at] = (uint8_t)digest;
			r.state ^= digest;
		}
		if (!rng_below(&r, 10))
			scribble(&r, ram);
	}
	end();
}

static void expect_it_reads_the_same(void)
{
	uint64_t recorded;
	struct rng r;

	rng_init(&r);
	seed = rng_next(&r);
	guest_rng = rng_from(rng_next(&r));
	fake.next_exit = guest_scribbles;
	record_memory(read_and_scribble);
	recorded = digest;
	replay(read_and_scribble, PATIENT);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
	cr_assert_eq(digest, recorded);
}

Test(replay_memory, gives_the_vmm_what_it_read)
{
	expect_it_reads_the_same();
}

/* What the guest had written besides is no business of the VMM's. */
Test(replay_memory, gives_it_what_it_read_of_a_recording_of_all_memory)
{
	mode = HVT_MEMORY_FULL;
	expect_it_reads_the_same();
}

/* One turn, in which the replayed VMM does something else. */
static enum { SAME, OTHER_BYTE, OTHER_VALUE, OTHER_IMAGE, NO_READ, MORE } deed;

static void guest_writes(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	exit->reason = HV_EXIT_REASON_CANCELED;
	memset(guest_memory() + 3 * page, v->runs ? 7 : 6, 100);
}

static void one_turn(void)
{
	begin();
	if (replaying && deed == OTHER_IMAGE)
		ram[page + 8] = 3;
	hv_vcpu_run(vcpu);
	if (!replaying || deed != NO_READ)
		ram[5 * page] = ram[3 * page];
	if (replaying && deed == OTHER_BYTE)
		ram[3 * page + 17] = 1;
	if (replaying && deed == OTHER_VALUE)
		ram[5 * page] = 8;
	if (replaying && deed == MORE)
		ram[9 * page + 2] = 1;
	hv_vcpu_run(vcpu);
	end();
}

static void record_and_do(int what, unsigned stall_ms)
{
	fake.next_exit = guest_writes;
	record_memory(one_turn);
	deed = what;
	replay(one_turn, stall_ms);
}

/* The n-th event about memory that is of that kind. */
static uint64_t number_of(uint32_t call, unsigned n)
{
	struct hvt_trace *t;
	struct hvt_event e;

	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	while (hvt_trace_next(t, &e, NULL) == 1)
		if (e.call == call && !n--)
			break;
	hvt_trace_close(t);
	return e.number;
}

Test(replay_memory, of_the_same_is_complete)
{
	record_and_do(SAME, PATIENT);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
}

Test(replay_memory, tells_the_byte_that_was_written_otherwise)
{
	record_and_do(OTHER_BYTE, STALL_MS);
	expect_divergence(number_of(HVT_CALL_MEMORY_TURN, 1), "byte 17, 0x07 in the trace, 0x01");
	cr_assert_not_null(strstr(status.report, "IPA 0x40003000"));
	cr_assert_null(strstr(status.report, "is a guess"));
}

/* Where a change is in the trace (the third) it is the event that differs. */
Test(replay_memory, tells_the_change_that_was_another_one)
{
	record_and_do(OTHER_VALUE, STALL_MS);
	expect_divergence(number_of(HVT_CALL_MEMORY_CHANGED, 2),
			"byte 0, 0x07 in the trace, 0x08");
	cr_assert_not_null(strstr(status.report, "IPA 0x40005000"));
}

Test(replay_memory, tells_another_image)
{
	record_and_do(OTHER_IMAGE, STALL_MS);
	expect_divergence(number_of(HVT_CALL_MEMORY_TURN, 0), "byte 8, 0x00 in the trace, 0x03");
	cr_assert_not_null(strstr(status.report, "IPA 0x40001000"));
}

Test(replay_memory, tells_what_was_not_read)
{
	record_and_do(NO_READ, STALL_MS);
	expect_divergence(number_of(HVT_CALL_MEMORY_TOUCHED, 0), "did not read or write it");
	cr_assert_not_null(strstr(status.report, "IPA 0x40003000"));
}

/* It waits for a turn in which it might have been, and that does not come. */
Test(replay_memory, tells_what_was_written_besides)
{
	record_and_do(MORE, 10000);
	expect_divergence(number_of(HVT_CALL_MEMORY_TURN, 1), "byte 2, 0x00 in the trace, 0x01");
	cr_assert_not_null(strstr(status.report, "events the VMM was given the page at "
			"IPA 0x40009000"));
}

/* In one turn the guest loses its memory and gets it again. */
static void map_again(void)
{
	begin();
	hv_vcpu_run(vcpu);
	ram[5 * page] = 1;
	hv_vm_unmap(IPA, PAGES * page);
	hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ);
	ram[5 * page + 9] = replaying && deed == OTHER_BYTE ? 4 : 3;
	hv_vcpu_run(vcpu);
	end();
}

static void record_and_map_again(int what)
{
	fake.next_exit = guest_writes;
	record_memory(map_again);
	deed = what;
	replay(map_again, STALL_MS);
}

Test(replay_memory, of_memory_that_is_mapped_again_is_complete)
{
	record_and_map_again(SAME);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
}

Test(replay_memory, tells_a_byte_of_memory_that_is_mapped_again)
{
	record_and_map_again(OTHER_BYTE);
	cr_assert(status.diverged);
	cr_assert_not_null(strstr(status.report, "IPA 0x40005000"));
	cr_assert_not_null(strstr(status.report, "byte 9, 0x03 in the trace, "
						 "0x04 from the VMM"));
}

/*
 * As the guest runs another thread of the VMM takes its memory away, gives it back
 * and takes it again: there is no turn of the VMM's between.
 */
static sem_t guest_runs, toggled;

static void guest_is_away(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	guest_writes(v, exit);
	sem_post(&guest_runs);
	sem_wait(&toggled);
}

static void *toggle(void *unused)
{
	if (!replaying)
		sem_wait(&guest_runs);
	for (unsigned i = 0; i < 3; i++) {
		hv_vm_unmap(IPA, PAGES * page);
		hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ);
	}
	if (!replaying)
		sem_post(&toggled);
	return unused;
}

static void toggle_as_it_runs(void)
{
	pthread_t thread;

	begin();
	pthread_create(&thread, NULL, toggle, NULL);
	hv_vcpu_run(vcpu);
	pthread_join(thread, NULL);
	digest = ram[3 * page];
	end();
}

Test(replay_memory, of_memory_that_goes_and_comes_as_the_guest_runs_is_complete)
{
	sem_init(&guest_runs, 0, 0);
	sem_init(&toggled, 0, 0);
	fake.next_exit = guest_is_away;
	record_memory(toggle_as_it_runs);
	cr_assert_eq(digest, 7);
	digest = 0;
	replay(toggle_as_it_runs, PATIENT);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
	cr_assert_eq(digest, 7);
}

/* Memory that is followed, where there had been some that was not. */
static void in_place_of_a_file(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	hv_vcpu_exit_t *exit;

	ram = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	hv_vm_create(NULL);
	hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ);
	hv_vm_unmap(IPA, PAGES * page);
	mmap(ram, PAGES * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	hv_vm_map(ram, IPA, PAGES * page, HV_MEMORY_READ | HV_MEMORY_WRITE);
	hv_vcpu_create(&vcpu, &exit, NULL);
	hv_vcpu_run(vcpu);
	digest = ram[3 * page];
	end();
	close(fd);
}

Test(replay_memory, has_what_comes_where_it_was_not_followed)
{
	fake.next_exit = guest_writes;
	record_memory(in_place_of_a_file);
	cr_assert_eq(digest, 7);
	replay(in_place_of_a_file, STALL_MS);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert_eq(digest, 7);
}

/* Code of the guest, of which the VMM has caches cleaned, and reads no byte. */
static void clean_caches(void)
{
	begin();
	hv_vcpu_run(vcpu);
	if (!replaying || deed != NO_READ)
		sys_icache_invalidate(ram + 3 * page + 8, 2 * page);
	hv_vcpu_run(vcpu);
	end();
}

static void record_and_clean_caches(int what)
{
	fake.next_exit = guest_writes;
	record_memory(clean_caches);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_lt(number_of(HVT_CALL_MEMORY_TOUCHED, i),
				number_of(HVT_CALL_MEMORY_TURN, 1));
	deed = what;
	replay(clean_caches, STALL_MS);
}

Test(replay_memory, has_the_pages_whose_caches_are_cleaned)
{
	record_and_clean_caches(SAME);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
}

Test(replay_memory, tells_that_caches_were_not_cleaned)
{
	record_and_clean_caches(NO_READ);
	expect_divergence(number_of(HVT_CALL_MEMORY_TOUCHED, 0),
			"did not read or write it");
}

/*
 * A thread that has a turn taken from it in the middle of what it does: it is busy
 * for as long as that takes. A replay does not hold it up there.
 */
static atomic_bool has_begun, has_run;
static uint8_t second;

static void *be_busy(void *unused)
{
	hv_vcpu_t none = 0;

	ram[3 * page] = 1;
	atomic_store(&has_begun, true);
	while (!replaying && !atomic_load(&has_run))
		;
	ram[3 * page + 1] = second;
	hv_vcpus_exit(&none, 1);
	return unused;
}

static void with_a_busy_thread(void)
{
	pthread_t thread;

	atomic_store(&has_begun, false);
	atomic_store(&has_run, false);
	begin();
	hv_vcpu_run(vcpu);
	pthread_create(&thread, NULL, be_busy, NULL);
	while (!atomic_load(&has_begun))
		usleep(1000);
	hv_vcpu_run(vcpu);
	atomic_store(&has_run, true);
	pthread_join(thread, NULL);
	hv_vcpu_run(vcpu);
	end();
}

/* The turn that was taken: where it ends. */
static uint64_t taken_at(void)
{
	struct hvt_trace *t;
	struct hvt_event e;

	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	do
		cr_assert_eq(hvt_trace_next(t, &e, NULL), 1, "none was");
	while (e.call != HVT_CALL_MEMORY_TURN || e.values[0] != HVT_TURN_TAKEN);
	hvt_trace_close(t);
	return e.number;
}

static void record_and_replay_a_busy_thread(uint8_t then, unsigned stall_ms)
{
	second = 2;
	record_memory(with_a_busy_thread);
	(void)taken_at();
	second = then;
	replay(with_a_busy_thread, stall_ms);
}

Test(replay_memory, of_a_turn_that_was_taken_from_a_thread_is_complete)
{
	record_and_replay_a_busy_thread(2, PATIENT);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
}

/* What it writes then is in the trace behind the turn. */
Test(replay_memory, tells_what_such_a_thread_wrote_otherwise)
{
	record_and_replay_a_busy_thread(3, 3000);
	cr_assert(status.diverged);
	cr_assert_gt(status.event, taken_at());
	cr_assert_not_null(strstr(status.report, "byte 1, 0x02 in the trace, 0x03"));
}

/*
 * A thread writes guest memory to a file, and sleeps. Its pages are granted before
 * the call, which may take its time: nothing else has the turn go on as long.
 */
static sem_t released;

static void *write_out(void *sum)
{
	atomic_store(&has_begun, replaying);
	hvt_ram_will_touch(ram + 3 * page, 2 * page);
	usleep(replaying ? 100000 : 0);
	*(unsigned *)sum = ram[3 * page] + ram[4 * page];
	hvt_ram_has_touched();
	atomic_store(&has_begun, true);
	sem_wait(&released);
	return NULL;
}

static void with_a_writer(void)
{
	unsigned sum = 0;
	pthread_t thread;

	sem_init(&released, 0, 0);
	atomic_store(&has_begun, false);
	begin();
	hv_vcpu_run(vcpu);
	pthread_create(&thread, NULL, write_out, &sum);
	while (!atomic_load(&has_begun))
		usleep(1000);
	hv_vcpu_run(vcpu);
	hv_vcpu_run(vcpu);
	sem_post(&released);
	pthread_join(thread, NULL);
	digest = sum;
	end();
}

Test(replay_memory, of_a_turn_for_a_call_lasts_as_long_as_that)
{
	uint64_t recorded;

	fake.next_exit = guest_writes;
	record_memory(with_a_writer);
	recorded = digest;
	cr_assert_neq(recorded, 0);
	replay(with_a_writer, 1500);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
	cr_assert_eq(digest, recorded);
	cr_assert_not(hvt_replay_memory_guess().made);
}

/*
 * A device with a thread: it gets a number through memory, adds to it what the
 * guest has written, by a system call, and tells of it by a call.
 */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned asked, done;
	bool stop;
	int pipe[2];
} device;

static bool wait_for_work(void)
{
	bool stop;

	pthread_mutex_lock(&device.lock);
	while (device.asked == device.done && !device.stop)
		pthread_cond_wait(&device.moved, &device.lock);
	stop = device.asked == device.done;
	pthread_mutex_unlock(&device.lock);
	return !stop;
}

static void *serve(void *unused)
{
	uint32_t number;
	hv_vcpu_t none = 0;

	(void)unused;
	while (wait_for_work()) {
		memcpy(&number, ram + 3 * page, sizeof(number));
		number += ram[2 * page];
		cr_assert_eq(write(device.pipe[1], &number, 4), 4);
		cr_assert_eq(read(device.pipe[0], ram + 6 * page + 4, 4), 4);
		hv_vcpus_exit(&none, 1);
		pthread_mutex_lock(&device.lock);
		device.done++;
		pthread_mutex_unlock(&device.lock);
	}
	return NULL;
}

/* The guest runs, or is kept from it. */
static sem_t turn;

static void pause_guest(enum fake_op op)
{
	if (op == FAKE_PAUSE)
		sem_wait(&turn);
	else if (op == FAKE_RESUME)
		sem_post(&turn);
}

static void guest_asks(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	uint32_t n = (uint32_t)rng_next(&guest_rng);

	(void)v;
	exit->reason = HV_EXIT_REASON_CANCELED;
	sem_wait(&turn);
	memcpy(guest_memory() + 3 * page, &n, sizeof(n));
	guest_memory()[2 * page]++;
	sem_post(&turn);
}

static void ask(void)
{
	pthread_mutex_lock(&device.lock);
	device.asked++;
	pthread_cond_signal(&device.moved);
	pthread_mutex_unlock(&device.lock);
}

static void with_a_device(void)
{
	pthread_t thread;

	pthread_mutex_init(&device.lock, NULL);
	pthread_cond_init(&device.moved, NULL);
	device.asked = device.done = 0;
	device.stop = false;
	cr_assert_eq(pipe(device.pipe), 0);
	begin();
	pthread_create(&thread, NULL, serve, NULL);
	for (unsigned i = 0; i < test_scale(100, 2000); i++) {
		hv_vcpu_run(vcpu);
		ask();
		if (i % 3 == 0)
			digest += ram[7 * page];
	}
	pthread_mutex_lock(&device.lock);
	device.stop = true;
	pthread_cond_signal(&device.moved);
	pthread_mutex_unlock(&device.lock);
	pthread_join(thread, NULL);
	hv_vcpu_run(vcpu);
	memcpy(&digest, ram + 6 * page, sizeof(digest));
	end();
}

Test(replay_memory, of_a_device_thread_is_complete)
{
	uint64_t recorded;
	struct rng r;

	rng_init(&r);
	guest_rng = rng_from(rng_next(&r));
	sem_init(&turn, 0, 1);
	fake.on_call = pause_guest;
	fake.next_exit = guest_asks;
	record_memory(with_a_device);
	recorded = digest;
	replay(with_a_device, PATIENT);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
	cr_assert_eq(digest, recorded);
}

/* Traces that contradict themselves. */

static void make(const struct hvt_event *events, unsigned count)
{
	char size[16];
	const struct hvt_info facts[] = { { "memory", "touched" },
		{ "page_size", size } };
	struct hvt_recorder *r;

	snprintf(size, sizeof(size), "%zu", page);
	cr_assert_eq(hvt_recorder_open(&r, file.path, facts, 1), 0);
	for (unsigned i = 0; i < count; i++) {
		struct hvt_event e = events[i];

		e.kind = HVT_EVENT_ENTER;
		cr_assert_eq(hvt_recorder_append(r, &e), 0);
	}
	cr_assert_eq(hvt_recorder_finish(r), 0);
	hvt_recorder_free(r);
}

/* The first turn is read before the VMM asks for anything, and told when it does. */
static void expect_refusal(const struct hvt_event *events, unsigned count)
{
	make(events, count);
	start_replay(STALL_MS);
	cr_assert_eq(hv_vm_create(NULL), HV_ERROR);
	hvt_replay_finish(&status);
	expect_damage(0);
}

Test(replay_memory, refuses_a_page_that_is_not_there)
{
	expect_refusal(&(struct hvt_event){ .call = HVT_CALL_MEMORY_TOUCHED,
			.values = { 16 * page, 1 } }, 1);
}

Test(replay_memory, refuses_a_page_between_pages)
{
	expect_refusal(&(struct hvt_event){ .call = HVT_CALL_MEMORY_TOUCHED,
			.values = { 16 * page + 8, 0 } }, 1);
}

Test(replay_memory, refuses_a_page_twice_in_a_turn)
{
	struct hvt_event e = { .call = HVT_CALL_MEMORY_TOUCHED,
		.values = { 16 * page, 0 } };
	struct hvt_event events[] = { e, e };

	expect_refusal(events, 2);
}

Test(replay_memory, refuses_the_loss_of_parts_of_pages)
{
	struct hvt_event e = { .call = HVT_CALL_MEMORY_MAPPED,
		.values = { 16 * page + 100, page - 100, HVT_RAM_GONE } };

	make(&e, 1);
	start_replay(STALL_MS);
	(void)hv_vm_create(NULL);
	hvt_replay_finish(&status);
	expect_damage(0);
}

static void expect_page_refusal(uint64_t number, size_t size)
{
	uint8_t *bytes = calloc(1, size);
	struct hvt_event e = { .call = HVT_CALL_MEMORY_PAGE,
		.values = { number, size }, .data = bytes, .data_size = size };

	expect_refusal(&e, 1);
	free(bytes);
}

Test(replay_memory, refuses_pages_out_of_order)
{
	expect_page_refusal(2, page);
}

Test(replay_memory, refuses_pages_that_are_too_short)
{
	expect_page_refusal(1, page / 2);
}

Test(replay_memory, refuses_pages_that_are_too_long)
{
	expect_page_refusal(1, 2 * page);
}

/* A VMM that gets as far as that finds out. */
static void expect_damage_by(const struct hvt_event *what)
{
	struct hvt_event events[] = {
		{ .call = HVT_CALL_HV_VM_CREATE }, *what,
		{ .call = HVT_CALL_MEMORY_TURN, .values = { 1 } },
	};

	make(events, 3);
	start_replay(STALL_MS);
	cr_assert_eq(hv_vm_create(NULL), HV_ERROR);
	hvt_replay_finish(&status);
	expect_damage(1);
}

Test(replay_memory, refuses_bytes_beyond_a_page)
{
	uint8_t bytes[64] = { 1 };

	expect_damage_by(&(struct hvt_event){ .call = HVT_CALL_MEMORY_CHANGED,
			.values = { 17 * page - 32, 64 },
			.data = bytes, .data_size = 64 });
}

Test(replay_memory, refuses_to_store_a_page_that_is_not_there)
{
	expect_damage_by(&(struct hvt_event){ .call = HVT_CALL_MEMORY_STORED,
			.values = { 17 * page, 1 } });
}
