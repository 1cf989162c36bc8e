/* SPDX-License-Identifier: MIT */
/* Events as text: exact lines, and never a byte beyond the buffer. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <Hypervisor/Hypervisor.h>

#include "call_ids.h"
#include "events.h"

static void expect(const struct hvt_event *e, const char *want)
{
	char text[512];
	size_t n = hvt_event_format(e, text, sizeof(text));

	cr_assert_str_eq(text, want);
	cr_assert_eq(n, strlen(want));
}

Test(format_event, shows_inputs_and_outputs_of_a_call)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VCPU_GET_REG,
		.values = { 3, HV_REG_PC, 0x40001000 } };

	expect(&e,
		"hv_vcpu_get_reg(vcpu=3, reg=PC) = HV_SUCCESS "
		"value=0x40001000");
	e.result = HV_BAD_ARGUMENT;
	expect(&e, "hv_vcpu_get_reg(vcpu=3, reg=PC) = HV_BAD_ARGUMENT");
	e.result = (int32_t)0xfae9400a;
	expect(&e, "hv_vcpu_get_reg(vcpu=3, reg=PC) = 0xfae9400a");
}

Test(format_event, shows_the_two_halves_of_a_wide_call)
{
	struct hvt_event e = { .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_VM_MAP,
		.values = { 0x7f0000000000, 0x80000000, 0x4000, 7 } };

	expect(&e,
		"hv_vm_map(addr=0x7f0000000000, ipa=0x80000000, "
		"size=0x4000, flags=7) ...");
	e.kind = HVT_EVENT_LEAVE;
	expect(&e, "hv_vm_map(...) = HV_SUCCESS");
}

Test(format_event, shows_the_exit_of_a_run)
{
	struct hvt_event e = { .kind = HVT_EVENT_LEAVE,
		.call = HVT_CALL_HV_VCPU_RUN,
		.values = { 0, HV_EXIT_REASON_EXCEPTION, 0x93870045, 0xffff0000,
			9 } };

	expect(&e,
		"hv_vcpu_run(...) = HV_SUCCESS reason=EXCEPTION "
		"syndrome=0x93870045 virtual_address=0xffff0000 "
		"physical_address=9");
}

Test(format_event, shows_objects_and_times)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VM_CONFIG_CREATE,
		.result = 4 };

	expect(&e, "hv_vm_config_create() = #4");
	e.result = 0;
	expect(&e, "hv_vm_config_create() = NULL");
	e.call = HVT_CALL_MACH_ABSOLUTE_TIME;
	e.result = 1234567890123;
	expect(&e, "mach_absolute_time() = 1234567890123");
	e = (struct hvt_event){ .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_VM_CREATE };
	expect(&e, "hv_vm_create(config=NULL) ...");
	e.values[0] = 7;
	expect(&e, "hv_vm_create(config=#7) ...");
}

Test(format_event, shows_the_first_bytes_of_a_buffer)
{
	uint8_t bytes[17] = { 0, 1, 2, 0xff };
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VCPU_SET_SIMD_FP_REG,
		.values = { 0, 1, 4 },
		.data = bytes,
		.data_size = 4 };

	expect(&e,
		"hv_vcpu_set_simd_fp_reg(vcpu=0, reg=1, value=4 bytes "
		"000102ff) = HV_SUCCESS");
	e.values[2] = e.data_size = 17;
	expect(&e,
		"hv_vcpu_set_simd_fp_reg(vcpu=0, reg=1, value=17 bytes "
		"000102ff000000000000000000000000...) = HV_SUCCESS");
}

Test(format_event, shows_the_number_of_an_unknown_function)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 150 };

	expect(&e, "call 150");
}

Test(format_event, cuts_at_the_size_and_tells_the_full_length)
{
	struct rng r;
	struct test_event e;

	rng_init(&r);
	for (int i = 0; i < 2000; i++) {
		char whole[1024];
		size_t n, size;
		char *text;

		event_random(&r, &e);
		n = hvt_event_format(&e.event, whole, sizeof(whole));
		cr_assert_eq(n, strlen(whole));
		size = rng_below(&r, n + 3);
		text = malloc(size ? size : 1);
		cr_assert_eq(
			hvt_event_format(&e.event, text, size), n, "%s", whole);
		if (size)
			cr_assert(!strncmp(text, whole, size - 1) &&
				strlen(text) == (n < size ? n : size - 1));
		free(text);
	}
	cr_assert_gt(hvt_event_format(&e.event, NULL, 0), 0);
}
