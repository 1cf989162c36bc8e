/* SPDX-License-Identifier: MIT */
/*
 * A guest of the fake engine, which counts in a page and a register: it gets
 * keyframes, and is had from them; then from keyframes that somebody made up.
 */
#include <Hypervisor/Hypervisor.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "call_ids.h"
#include "fake_engine.h"
#include "files.h"
#include "guest/keyframe_state.h"
#include "guest/vcpu_state.h"
#include "writer.h"

#define AT    0x7f0000000000ull
#define IPA   0x40000000ull
#define PAGES 8u
#define RUNS  40u

static struct temp_file file;
static size_t page;
static struct hvt_guest *guest;
static struct hvt_guest_start start;
static struct hvt_error error;
static struct hvt_writer *writer;
static uint64_t number, exits[RUNS]; /* events behind each run */
static bool with_gic;

static void guest_counts(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	uint8_t *memory = fake.slots[0].host;

	memory[3 * page]++;
	memory[5 * page] = 7;
	v->regs[HV_REG_X1] += memory[3 * page] + memory[page];
	v->simd[3][9]++;
	if (with_gic) /* priorities of SPIs */
		fake.gic_regs->distributor[0x420 / 4] += 8;
	exit->reason = HV_EXIT_REASON_EXCEPTION;
	exit->exception.syndrome = 0x5a000000u + v->regs[HV_REG_X1];
	exit->exception.virtual_address = 0;
	exit->exception.physical_address = 0;
}

static void add(uint32_t call, enum hvt_event_kind kind, uint64_t a, uint64_t b,
		uint64_t c, uint64_t d)
{
	struct hvt_event e = { .number = number++, .call = call, .kind = kind,
		.values = { a, b, c, d } };

	cr_assert_eq(hvt_writer_add(writer, &e), 0);
}

static void wide(uint32_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	add(call, HVT_EVENT_ENTER, a, b, c, d);
	add(call, HVT_EVENT_LEAVE, a, b, c, d);
}

/* What the VMM has put there: 3 at the beginning of a page. */
static void put_page(void)
{
	uint8_t *contents = calloc(1, page);
	struct hvt_event e = { .number = number++, .call = HVT_CALL_MEMORY_PAGE,
		.kind = HVT_EVENT_ENTER, .values = { 1, page },
		.data = contents, .data_size = page };

	contents[0] = 3;
	cr_assert_eq(hvt_writer_add(writer, &e), 0);
	free(contents);
	add(HVT_CALL_MEMORY_STORED, HVT_EVENT_ENTER, AT + page, 1, 0, 0);
}

static void put_runs(void)
{
	uint64_t x1 = 0;

	for (unsigned i = 0; i < RUNS; i++) {
		uint64_t syndrome;

		x1 += i + 1 + 3;
		syndrome = 0x5a000000u + x1;
		wide(HVT_CALL_HV_VCPU_RUN, 0, HV_EXIT_REASON_EXCEPTION, syndrome,
				0);
		exits[i] = number;
		add(HVT_CALL_HV_VCPU_GET_REG, HVT_EVENT_CALL, 0, HV_REG_X1, x1,
				0);
	}
}

static void put_gic(void)
{
	struct hvt_event e = { .number = number++, .result = 1,
		.call = HVT_CALL_HV_GIC_CONFIG_CREATE, .kind = HVT_EVENT_CALL };

	cr_assert_eq(hvt_writer_add(writer, &e), 0);
	add(HVT_CALL_HV_GIC_CONFIG_SET_DISTRIBUTOR_BASE, HVT_EVENT_CALL, 1,
			0x08000000, 0, 0);
	add(HVT_CALL_HV_GIC_CONFIG_SET_REDISTRIBUTOR_BASE, HVT_EVENT_CALL, 1,
			0x0a000000, 0, 0);
	wide(HVT_CALL_HV_GIC_CREATE, 1, 0, 0, 0);
}

static void write_trace(bool closed)
{
	char size[16];
	const struct hvt_info facts[] = { { "memory", "touched" },
		{ "page_size", size }, { "tick_hz", "1000000" } };

	snprintf(size, sizeof(size), "%zu", page);
	number = 0;
	cr_assert_eq(hvt_writer_create(&writer, file.path, facts, 3, 0), 0);
	add(HVT_CALL_MEMORY_MAPPED, HVT_EVENT_ENTER, AT, PAGES * page, 1, 0);
	put_page();
	wide(HVT_CALL_HV_VM_CREATE, 0, 0, 0, 0);
	if (with_gic)
		put_gic();
	wide(HVT_CALL_HV_VM_MAP, AT, IPA, PAGES * page, HV_MEMORY_READ);
	wide(HVT_CALL_HV_VCPU_CREATE, 0, 0, 0, 0);
	put_runs();
	wide(HVT_CALL_HV_VCPU_DESTROY, 0, 0, 0, 0);
	wide(HVT_CALL_HV_VM_DESTROY, 0, 0, 0, 0);
	cr_assert_eq(hvt_writer_cut(writer, 0, NULL), 0);
	cr_assert_eq(hvt_writer_close(writer, closed ? "finished" : NULL), 0);
}

static void set_up(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	fake_engine_install();
	fake.next_exit = guest_counts;
	file = temp_file_create();
	write_trace(true);
}

static void tear_down(void)
{
	hvt_guest_close(guest);
	temp_file_remove(&file);
}

TestSuite(keyframes, .init = set_up, .fini = tear_down, .timeout = 60);

static void close_guest(void)
{
	hvt_guest_close(guest);
	guest = NULL;
}

/* One behind every tenth run. */
static void add_keyframes(void)
{
	struct hvt_keyframes *k;

	cr_assert_eq(hvt_keyframes_open(&k, file.path, &error), 0, "%s",
			error.text);
	cr_assert_eq(hvt_guest_open(&guest, file.path, &error), 0);
	for (unsigned i = 9; i < RUNS; i += 10) {
		cr_assert_eq(hvt_guest_play(guest, exits[i], &error), 0);
		cr_assert_eq(hvt_keyframes_add(k, guest, &error), 0, "%s",
				error.text);
	}
	close_guest();
	cr_assert_eq(hvt_keyframes_close(k, true, &error), 0);
}

static void open_at(uint64_t event)
{
	cr_assert_eq(hvt_guest_open_at(&guest, file.path, event, &start, &error),
			0, "%s", error.text);
}

static void expect_same_to_the_end(void)
{
	cr_assert_eq(hvt_guest_play(guest, UINT64_MAX, &error), 0, "%s",
			error.text);
	cr_assert_eq(hvt_guest_status(guest).events, number);
	close_guest();
}

static off_t size_of_file(void)
{
	struct stat st;

	cr_assert_eq(stat(file.path, &st), 0);
	return st.st_size;
}

static void tell(const struct hvt_error *e, void *context)
{
	(void)context;
	cr_assert(false, "%s", e->text);
}

static void expect_sound(void)
{
	struct hvt_verdict v;
	struct hvt_trace *t;

	cr_assert_eq(hvt_trace_open(&t, file.path, &error), 0);
	cr_assert_eq(hvt_trace_verify(t, &v, tell, NULL), 0);
	cr_assert_eq(v.events, number);
	hvt_trace_close(t);
}

Test(keyframes, leave_the_trace_a_sound_one)
{
	off_t size;

	add_keyframes();
	expect_sound();
	size = size_of_file();
	/* Those that were there go. */
	add_keyframes();
	cr_assert_eq(size_of_file(), size);
}

Test(keyframes, are_begun_at_instead_of_the_beginning)
{
	add_keyframes();
	for (unsigned i = 0; i < RUNS; i++) {
		open_at(exits[i]);
		cr_assert_eq(start.refused, 0, "%s", start.why.text);
		cr_assert_eq(start.is_keyframe, i >= 9);
		if (i >= 9)
			cr_assert_eq(start.event, exits[i - (i - 9) % 10]);
		cr_assert_eq(hvt_guest_status(guest).exits, 0);
		cr_assert_eq(hvt_guest_play(guest, exits[i], &error), 0);
		cr_assert_leq(hvt_guest_status(guest).exits, 10);
		expect_same_to_the_end();
	}
}

Test(keyframes, are_the_state_that_running_comes_to)
{
	struct hvt_guest_regs a, b;
	uint8_t *one = malloc(PAGES * page), *other = malloc(PAGES * page);

	add_keyframes();
	cr_assert_eq(hvt_guest_open(&guest, file.path, &error), 0);
	cr_assert_eq(hvt_guest_play(guest, exits[24], &error), 0);
	cr_assert_eq(hvt_guest_regs(guest, 0, &a), 0);
	cr_assert_eq(hvt_guest_read(guest, IPA, one, PAGES * page), 0);
	close_guest();
	open_at(exits[24]);
	cr_assert_eq(hvt_guest_is_keyframe(guest, &error), 1, "%s", error.text);
	cr_assert_eq(hvt_guest_play(guest, exits[24], &error), 0);
	cr_assert_eq(hvt_guest_is_keyframe(guest, &error), -ENOENT);
	cr_assert_eq(hvt_guest_regs(guest, 0, &b), 0);
	cr_assert_eq(hvt_guest_read(guest, IPA, other, PAGES * page), 0);
	cr_assert_eq(memcmp(&a, &b, sizeof(a)), 0);
	cr_assert_eq(memcmp(one, other, PAGES * page), 0);
	cr_assert_eq(fake.vcpus[0].simd[3][9], 25);
	free(one);
	free(other);
}

Test(keyframes, have_the_gic)
{
	uint32_t *priorities;

	with_gic = true;
	write_trace(true);
	add_keyframes();
	priorities = &fake.gic_regs->distributor[0x420 / 4];
	open_at(exits[24]);
	cr_assert(start.is_keyframe, "%s", start.why.text);
	cr_assert_eq(*priorities, 20 * 8);
	cr_assert_eq(hvt_guest_is_keyframe(guest, &error), 1, "%s", error.text);
	*priorities ^= 0x80;
	cr_assert_eq(hvt_guest_is_keyframe(guest, &error), 0);
	*priorities ^= 0x80;
	expect_same_to_the_end();
	cr_assert_eq(*priorities, RUNS * 8);
}

/* And a state that differs is told: of a register, and of a page. */
Test(keyframes, are_told_from_another_state)
{
	add_keyframes();
	open_at(exits[9]);
	fake.vcpus[0].simd[3][1] ^= 1;
	cr_assert_eq(hvt_guest_is_keyframe(guest, &error), 0);
	fake.vcpus[0].simd[3][1] ^= 1;
	cr_assert_eq(hvt_guest_is_keyframe(guest, &error), 1);
	fake.slots[0].host[7 * page + 5] = 1;
	cr_assert_eq(hvt_guest_is_keyframe(guest, &error), 0);
	fake.slots[0].host[7 * page + 5] = 0;
	fake.slots[0].host[3 * page] ^= 1;
	cr_assert_eq(hvt_guest_is_keyframe(guest, &error), 0);
}

Test(keyframes, do_not_touch_the_trace_before_they_are_there)
{
	off_t size = size_of_file();
	struct hvt_keyframes *k, *second;

	cr_assert_eq(hvt_keyframes_open(&k, file.path, &error), 0);
	cr_assert_eq(hvt_keyframes_open(&second, file.path, &error), -EBUSY);
	cr_assert_eq(hvt_guest_open(&guest, file.path, &error), 0);
	cr_assert_eq(hvt_guest_play(guest, exits[5], &error), 0);
	cr_assert_eq(hvt_keyframes_add(k, guest, &error), 0);
	cr_assert_eq(size_of_file(), size);
	expect_sound();
	cr_assert_eq(hvt_keyframes_close(k, false, &error), 0);
	cr_assert_eq(size_of_file(), size);
	close_guest();
	open_at(UINT64_MAX);
	cr_assert_not(start.is_keyframe);
	expect_same_to_the_end();
}

Test(keyframes, are_not_for_a_trace_that_was_not_closed)
{
	struct hvt_keyframes *k;

	write_trace(false);
	cr_assert_eq(hvt_keyframes_open(&k, file.path, &error), -EAGAIN);
	cr_assert_neq(error.text[0], 0);
}

static void expect_it_is_not_written(const char *path)
{
	struct hvt_keyframes *k;
	char bytes[8] = { 0 };
	int fd;

	cr_assert_eq(hvt_keyframes_open(&k, file.path, &error), -EEXIST);
	fd = open(path, O_RDONLY);
	cr_assert_eq(read(fd, bytes, sizeof(bytes)), 5);
	cr_assert_str_eq(bytes, "other");
	close(fd);
}

/* In a folder that others write to, too, it is they who may have put it there. */
Test(keyframes, are_not_written_to_the_file_of_somebody_else)
{
	char copy[sizeof(file.path) + 16], other[sizeof(file.path) + 16];
	FILE *f;

	snprintf(copy, sizeof(copy), "%s.indexing", file.path);
	snprintf(other, sizeof(other), "%s.other", file.path);
	f = fopen(other, "w");
	cr_assert_eq(fwrite("other", 1, 5, f), 5);
	fclose(f);
	cr_assert_eq(symlink(other, copy), 0);
	expect_it_is_not_written(other);
	cr_assert_eq(unlink(copy), 0);
	cr_assert_eq(link(other, copy), 0);
	expect_it_is_not_written(other);
	cr_assert_eq(unlink(other), 0);
	if (!chown(copy, 1, 1))
		expect_it_is_not_written(copy);
	cr_assert_eq(unlink(copy), 0);
	add_keyframes();
	expect_sound();
}

/* The keyframe behind run 20, to be made another; and its writer. */
static struct hvt_keyframe frame;
static struct hvt_keyframe_writer *frames;

static void begin_forgery(void)
{
	uint8_t *contents = calloc(1, page);
	uint64_t stored[2];

	contents[0] = 20;
	cr_assert_eq(hvt_keyframe_writer_open(&frames, file.path), 0);
	cr_assert_eq(hvt_keyframe_writer_page(frames, contents, &stored[0]), 0);
	contents[0] = 7;
	cr_assert_eq(hvt_keyframe_writer_page(frames, contents, &stored[1]), 0);
	free(contents);
	cr_assert_eq(hvt_guest_open(&guest, file.path, &error), 0);
	cr_assert_eq(hvt_guest_play(guest, exits[19], &error), 0);
	cr_assert_eq(hvt_keyframe_take(guest, &frame), 0);
	close_guest();
	hvt_keyframe_add_page(&frame, AT + page, 1, page);
	hvt_keyframe_add_page(&frame, AT + 3 * page, stored[0], page);
	hvt_keyframe_add_page(&frame, AT + 5 * page, stored[1], page);
}

static void end_forgery(bool good)
{
	cr_assert_eq(hvt_keyframe_writer_add(frames, &frame), 0);
	hvt_keyframe_fini(&frame);
	cr_assert_eq(hvt_keyframe_writer_close(frames, true), 0);
	open_at(UINT64_MAX);
	cr_assert_eq(start.is_keyframe, good, "%s", start.why.text);
	cr_assert_eq(start.refused, !good);
	cr_assert(good || start.why.text[0]);
	expect_same_to_the_end();
}

Test(keyframes, that_are_right_are_taken)
{
	begin_forgery();
	end_forgery(true);
}

static void wrong_register(unsigned how)
{
	struct hvt_keyframe_reg *r = &frame.regs[40];

	switch (how) {
	case 0:
		r->vcpu = 1;
		break;
	case 1:
		r->vcpu = UINT16_MAX;
		break;
	case 2:
		r->kind = 77;
		break;
	case 3:
		r->number = UINT32_MAX;
		break;
	case 4: /* twice */
		frame.regs[41] = *r;
		break;
	case 5:
		frame.reg_count--;
		break;
	case 6:
		frame.reg_count = 0;
		break;
	default:
		cr_assert_eq(hvt_keyframe_add_reg(&frame, r), 0);
	}
}

Test(keyframes, of_other_registers_are_refused)
{
	for (unsigned how = 0; how < 8; how++) {
		begin_forgery();
		wrong_register(how);
		end_forgery(false);
	}
}

Test(keyframes, of_other_memory_are_refused)
{
	const struct hvt_keyframe_extent wrong[] = {
		{ AT + PAGES * page, 1, 1 }, { AT + 7 * page, 1, 2 },
		{ AT + 7 * page + 8, 1, 1 }, { AT + 7 * page, 2, 1 },
		{ AT + 7 * page, 1ull << 62, 1 },
		{ AT + 7 * page, 3 | HVT_KEYFRAME_PAGE, 1 },
		{ AT + 7 * page, UINT64_MAX, 1 }, { AT + 7 * page, 0, 1 },
		{ AT + 7 * page, HVT_KEYFRAME_PAGE, 1 },
		{ AT + 5 * page, 1, 1 }, { AT + 5 * page + 8, 1, 1 },
		{ 0, 1, 1 }, { AT + 7 * page, 1, 0 },
		{ AT + 7 * page, 1, UINT64_MAX }, { AT + 7 * page, 1, 1ull << 52 },
		{ UINT64_MAX - page + 1, 1, 1 },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		begin_forgery();
		cr_assert_eq(hvt_keyframe_add_page(&frame, AT + 6 * page, 1,
				page), 0);
		frame.extents[frame.extent_count - 1] = wrong[i];
		end_forgery(false);
	}
}

Test(keyframes, of_no_such_place_are_refused)
{
	const uint64_t events[] = { 0, 3, number - 1, number, number + 1,
		UINT64_MAX - 1 };

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		begin_forgery();
		frame.event = events[i];
		end_forgery(false);
	}
}

Test(keyframes, of_another_gic_are_refused)
{
	begin_forgery();
	frame.gic = calloc(1, 100);
	frame.gic_size = 100;
	end_forgery(false);
	with_gic = true;
	write_trace(true);
	begin_forgery();
	end_forgery(true);
	begin_forgery();
	frame.gic_size = 0;
	end_forgery(false);
	begin_forgery();
	frame.gic_size--;
	end_forgery(false);
	begin_forgery();
	memset(frame.gic, 0xff, frame.gic_size);
	end_forgery(false);
}

Test(keyframes, whose_registers_cannot_be_written_are_refused)
{
	begin_forgery();
	fake_engine_fail(FAKE_SET_SIMD, 1, -EIO);
	end_forgery(false);
}

/* One byte of each segment of theirs: earlier ones, or the beginning, do. */
Test(keyframes, that_are_damaged_are_passed_over)
{
	off_t before = size_of_file(), after;
	uint8_t byte;

	add_keyframes();
	after = size_of_file();
	for (off_t at = before; at < after; at += 61) {
		FILE *f = fopen(file.path, "r+");

		cr_assert_not_null(f);
		cr_assert_eq(pread(fileno(f), &byte, 1, at), 1);
		byte ^= 0x10;
		cr_assert_eq(pwrite(fileno(f), &byte, 1, at), 1);
		if (!hvt_guest_open_at(&guest, file.path, exits[35], &start,
				    &error))
			cr_assert_eq(hvt_guest_play(guest, exits[39], &error), 0,
					"%lld: %s", (long long)at, error.text);
		close_guest();
		byte ^= 0x10;
		cr_assert_eq(pwrite(fileno(f), &byte, 1, at), 1);
		fclose(f);
	}
}
