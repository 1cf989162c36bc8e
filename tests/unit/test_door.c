/* SPDX-License-Identifier: MIT */
/*
 * The entry points: each goes through the tap exactly once, with its own
 * number and with its arguments in their places, and gives what a tap answers
 * to its caller.
 */
#include <criterion/criterion.h>
#include <os/object.h>
#include <stdlib.h>
#include <string.h>

#include "call_ids.h"
#include "door.h"
#include "fake_engine.h"
#include "taps.h"

static hv_vcpu_t vcpu;
static void *object;
static hv_gic_state_t state;
#define STATE_SIZE 16u
static uint8_t here_bytes[16];
static void *const here = here_bytes;
static uint8_t in_bytes[64];
static void *const in = in_bytes;
static hv_simd_fp_uchar16_t vector;
static _Alignas(64) uint8_t out_bytes[HVT_VALUES_MAX][128];

#define OUT_AT(index) ((void *)out_bytes[index])

enum what {
	W_NONE,
	W_VCPU,
	W_IN,
	W_HOST,
	W_OBJ,
	W_STATE,
	W_OUT,
	W_OUTHOST,
	W_INBUF,
	W_OUTBUF,
	W_VEC,
	W_EXIT
};

struct expected {
	enum what what;
	uint64_t value; /* or size */
};

struct row {
	const char *name;
	int64_t (*call)(void);
	struct expected params[HVT_VALUES_MAX];
};

/* A result or a pointer as one number. */
#define ROW(name, args, ...)                                                   \
	static int64_t call_##name(void)                                       \
	{                                                                      \
		return (int64_t)(intptr_t)name args;                           \
	}
#include "door_calls.h"
#undef ROW

/* clang-format off */
#define NONE      { W_NONE, 0 }
#define VCPU      { W_VCPU, 0 }
#define IN(value) { W_IN, value }
#define HOST      { W_HOST, 0 }
#define OBJ       { W_OBJ, 0 }
#define STATE     { W_STATE, 0 }
#define OUT(size) { W_OUT, size }
#define OUTHOST   { W_OUTHOST, 0 }
#define INBUF(n)  { W_INBUF, n }
#define OUTBUF(n) { W_OUTBUF, n }
#define VEC       { W_VEC, 16 }
#define EXIT      { W_EXIT, 0 }
/* clang-format on */
#define ROW(name, args, ...) { #name, call_##name, { __VA_ARGS__ } },

static const struct row rows[] = {
#include "door_calls.h"
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void set_up(void)
{
	struct hvt_object *o;

	fake_engine_install();
	object = hv_vm_config_create();
	o = hvt_object_create(HVT_OBJECT_GIC_STATE);
	o->u.state.size = STATE_SIZE;
	o->u.state.bytes = calloc(1, STATE_SIZE);
	state = (hv_gic_state_t)o;
	memset(&vector, 0x5c, sizeof(vector));
	for (unsigned i = 0; i < sizeof(in_bytes); i++)
		in_bytes[i] = (uint8_t)(0x40 + i);
}

static void tear_down(void)
{
	hvt_backend_set_tap(NULL);
	os_release(object);
	os_release(state);
}

TestSuite(door, .init = set_up, .fini = tear_down);

static int64_t call_with(const struct hvt_tap *tap, const struct row *row)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;
	int64_t ret;

	/* Some functions end what others need. */
	hvt_backend_set_tap(NULL);
	(void)hv_vm_create(NULL);
	(void)hv_vcpu_create(&id, &exit, NULL);
	memset(&seen, 0, sizeof(seen));
	memset(out_bytes, 0xee, sizeof(out_bytes));
	hvt_backend_set_tap(tap);
	ret = row->call();
	hvt_backend_set_tap(NULL);
	return ret;
}

static bool makes_object(const struct row *row)
{
	return strstr(row->name, "_config_create") ||
		!strcmp(row->name, "hv_gic_state_create");
}

static uint64_t loaded(const void *p, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, p, size);
	return v;
}

static void check_inputs(const struct row *row, const struct hvt_event *e)
{
	for (unsigned i = 0; i < HVT_VALUES_MAX; i++) {
		const struct expected *p = &row->params[i];
		uint64_t want = p->value;

		switch (p->what) {
		case W_VCPU:
			want = vcpu;
			break;
		case W_HOST:
			want = (uintptr_t)here;
			break;
		case W_OBJ:
			want = hvt_object_serial(object);
			break;
		case W_STATE:
			want = hvt_object_serial(state);
			break;
		case W_IN:
		case W_INBUF:
		case W_VEC:
			break;
		default:
			continue;
		}
		cr_assert_eq(
			e->values[i], want, "%s, parameter %u", row->name, i);
		if (p->what == W_INBUF)
			cr_assert(e->data_size == want &&
				!memcmp(seen.bytes, in, want));
		if (p->what == W_VEC)
			cr_assert(e->data_size == 16 &&
				!memcmp(seen.bytes, &vector, 16));
	}
}

Test(door, has_93_functions_each_with_a_number_of_its_own)
{
	bool taken[HVT_CALL_LIMIT] = { false };

	cr_assert_eq(ROWS, 93);
	for (unsigned i = 0; i < ROWS; i++) {
		int64_t ret = call_with(&answering_tap, &rows[i]);

		if (makes_object(&rows[i]))
			os_release((void *)ret);
		cr_assert_eq(seen.enters, 1, "%s", rows[i].name);
		cr_assert_lt(seen.entered.call, HVT_CALL_LIMIT);
		cr_assert_str_eq(
			hvt_call_schema(seen.entered.call)->name, rows[i].name);
		cr_assert_not(taken[seen.entered.call]);
		taken[seen.entered.call] = true;
	}
}

Test(door, shows_live_calls_to_the_tap_before_and_after)
{
	unsigned succeeded = 0;

	vcpu = 0;
	for (unsigned i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		int64_t ret = call_with(&watching_tap, row);

		cr_assert_eq(seen.enters, 1, "%s", row->name);
		cr_assert_eq(seen.leaves, 1, "%s", row->name);
		cr_assert_eq(seen.left.call, seen.entered.call);
		check_inputs(row, &seen.entered);
		if (makes_object(row)) {
			cr_assert_eq((uint64_t)seen.left.result,
				hvt_object_serial((void *)ret));
			os_release((void *)ret);
			continue;
		}
		cr_assert_eq(seen.left.result, ret, "%s", row->name);
		for (unsigned k = 0; k < HVT_VALUES_MAX && !ret; k++) {
			size_t size = row->params[k].value;

			if (row->params[k].what == W_OUT)
				cr_assert_eq(seen.left.values[k],
					loaded(OUT_AT(k), size));
			if (row->params[k].what == W_OUTBUF)
				cr_assert(seen.left.data == OUT_AT(k) &&
					seen.left.data_size == size);
			if (row->params[k].what == W_OUTHOST)
				cr_assert_eq(seen.left.values[k],
					loaded(OUT_AT(k), 8));
		}
		succeeded += !ret;
		if (!ret && !strcmp(row->name, "hv_vm_allocate"))
			hv_vm_deallocate((void *)loaded(OUT_AT(0), 8), 0x10000);
	}
	cr_assert_gt(succeeded, 20);
}

static void check_outputs(const struct row *row)
{
	const hv_vcpu_exit_t *x = hvt_exit_record(vcpu);

	for (unsigned i = 0; i < HVT_VALUES_MAX; i++) {
		const struct expected *p = &row->params[i];
		uint64_t want = answer_at(i), got = loaded(OUT_AT(i), 8);

		if (p->what == W_OUT && !strcmp(row->name, "hv_vcpu_create"))
			cr_assert_eq(got, 5);
		else if (p->what == W_OUT &&
			!strcmp(row->name, "hv_gic_state_get_size"))
			cr_assert_eq(got, STATE_SIZE);
		else if (p->what == W_OUT && p->value == 1)
			cr_assert_eq(loaded(OUT_AT(i), 1), 1, "%s", row->name);
		else if (p->what == W_OUT)
			cr_assert_eq(loaded(OUT_AT(i), p->value),
				p->value == 8 ? want : (uint32_t)want, "%s",
				row->name);
		if (p->what == W_OUTBUF)
			for (unsigned k = 0; k < p->value; k++)
				cr_assert_eq(out_bytes[i][k], k + 1, "%s",
					row->name);
		/* Not a byte beyond what the type has. */
		if (p->what == W_OUT || p->what == W_OUTBUF)
			cr_assert_eq(
				out_bytes[i][p->value], 0xee, "%s", row->name);
	}
	if (strcmp(row->name, "hv_vcpu_run"))
		return;
	cr_assert_eq(x->reason, (uint32_t)answer_at(1));
	cr_assert_eq(x->exception.syndrome, answer_at(2));
	cr_assert_eq(x->exception.virtual_address, answer_at(3));
	cr_assert_eq(x->exception.physical_address, answer_at(4));
}

Test(door, gives_what_a_tap_answers_and_leaves_the_engine_alone)
{
	vcpu = 0x11;
	for (unsigned i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		unsigned before = 0, after = 0;
		int64_t ret;

		answer_size = 16;
		for (unsigned k = 0; k < HVT_VALUES_MAX; k++)
			if (row->params[k].what == W_OUTBUF)
				answer_size = row->params[k].value;
		/* What the preparation asks of the engine comes first. */
		(void)call_with(NULL, &rows[0]);
		for (unsigned k = 0; k < FAKE_OPS; k++)
			before += fake.calls[k];
		ret = call_with(&answering_tap, row);
		for (unsigned k = 0; k < FAKE_OPS; k++)
			after += fake.calls[k];
		cr_assert_eq(before, after, "%s", row->name);
		cr_assert_eq(seen.enters, 1, "%s", row->name);
		cr_assert_eq(seen.leaves, 0, "%s", row->name);
		check_inputs(row, &seen.entered);
		if (makes_object(row)) {
			cr_assert_eq(hvt_object_serial((void *)ret), 77);
			os_release((void *)ret);
			continue;
		}
		cr_assert_eq(ret, HV_SUCCESS, "%s", row->name);
		check_outputs(row);
		if (!strcmp(row->name, "hv_vcpu_create"))
			cr_assert_eq(loaded(OUT_AT(1), 8),
				(uintptr_t)hvt_exit_record(5));
		if (!strcmp(row->name, "hv_vm_allocate"))
			cr_assert_eq(
				hv_vm_deallocate(
					(void *)loaded(OUT_AT(0), 8), 0x10000),
				HV_SUCCESS);
	}
}

static bool refuse(const struct hvt_tap *tap, struct hvt_event *event)
{
	(void)tap;
	event->result = HV_ERROR;
	for (unsigned i = 0; i < HVT_VALUES_MAX; i++)
		event->values[i] = 0x99;
	return false;
}

Test(door, touches_no_output_of_a_call_that_failed)
{
	static const struct hvt_tap refusing_tap = { .enter = refuse };

	uint8_t untouched[128];

	memset(untouched, 0xee, sizeof(untouched));
	vcpu = 0x11;
	memset(hvt_exit_record(vcpu), 0x77, sizeof(hv_vcpu_exit_t));
	for (unsigned i = 0; i < ROWS; i++) {
		int64_t ret = call_with(&refusing_tap, &rows[i]);

		if (makes_object(&rows[i]))
			cr_assert_eq(ret, 0);
		else
			cr_assert_eq(ret, HV_ERROR, "%s", rows[i].name);
		for (unsigned k = 0; k < HVT_VALUES_MAX; k++)
			cr_assert_eq(memcmp(out_bytes[k], untouched, 128), 0,
				"%s", rows[i].name);
	}
	cr_assert_eq(
		hvt_exit_record(vcpu)->exception.syndrome, 0x7777777777777777);
}

Test(door, takes_no_vcpu_number_from_a_tap_that_has_no_record)
{
	struct row create = { "hv_vcpu_create", call_hv_vcpu_create,
		{ { W_NONE, 0 } } };

	answer_vcpu = HVT_VCPU_MAX;
	cr_assert_eq(call_with(&answering_tap, &create), HV_ERROR);
	answer_vcpu = HVT_VCPU_MAX - 1;
	cr_assert_eq(call_with(&answering_tap, &create), HV_SUCCESS);
}

/* The VMM's buffer is as large as it was told. */
Test(door, takes_no_size_of_a_state_from_a_tap_but_its_own)
{
	size_t size = 0;

	hvt_backend_set_tap(&answering_tap);
	answer_size = STATE_SIZE + 1;
	cr_assert_eq(hv_gic_state_get_size(state, &size), HV_ERROR);
	cr_assert_eq(size, 0);
	answer_size = STATE_SIZE;
	cr_assert_eq(hv_gic_state_get_size(state, &size), HV_SUCCESS);
	cr_assert_eq(size, STATE_SIZE);
}

Test(door, gives_a_replayed_state_the_size_that_the_tap_tells)
{
	hv_gic_state_t replayed;

	hvt_backend_set_tap(&answering_tap);
	replayed = hv_gic_state_create();
	cr_assert_eq(hvt_gic_state_size(replayed), answer_at(0));
	os_release(replayed);
}
