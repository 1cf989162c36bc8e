/* SPDX-License-Identifier: MIT */
/* Devices by address, and the names of their registers. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "exit_events.h"
#include "look/describe.h"
#include "look/register_names.h"

static struct device_map map;

static void expect_register(uint64_t address, const char *want)
{
	const struct device *d = device_map_find(&map, address);
	char text[40];

	cr_assert(d);
	device_register_name(d, address, text, sizeof(text));
	cr_assert_str_eq(text, want);
}

static void expect_label(uint64_t address, const char *want)
{
	char text[40];

	device_label(&map, address, text, sizeof(text));
	cr_assert_str_eq(text, want);
}

Test(devices, are_read_from_text)
{
	cr_assert_eq(device_map_parse(&map,
			"# a machine\n"
			"uart 0x9000000 0x1000 pl011\n"
			"\n"
			"  box\t4096 16   # without names\n"
			"disk 0xa000000 0x200 virtio-mmio"), 0);
	cr_assert_eq(map.count, 3);
	expect_label(0x9000018, "uart");
	expect_label(0x100f, "box");
	expect_label(0x1010, "0x1000");
	expect_label(0xa0001ff, "disk");
	expect_label(0xa000200, "0xa000000");
	expect_register(0x9000018, "UARTFR");
	expect_register(0x1008, "");
	expect_register(0xa000050, "QueueNotify");
	expect_register(0xa000104, "Config+0x4");
}

Test(devices, in_bad_text_are_told_by_line)
{
	static const char *const texts[] = { "uart", "uart 1", "uart x 1",
		"uart 1 0", "uart 1 1 teapot", "uart 1 1 pl011 more",
		"uart -1 1" };
	char text[400];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		snprintf(text, sizeof(text), "# first\n%s\n", texts[i]);
		cr_assert_eq(device_map_parse(&map, text), 2, "%s", texts[i]);
	}
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = 0;
	cr_assert_eq(device_map_parse(&map, text), 1);
}

Test(devices, that_are_too_many_are_refused)
{
	for (unsigned i = 0; i < DEVICES_MAX; i++)
		cr_assert(device_map_add(&map, "d", i, 1, DEVICE_PLAIN));
	cr_assert_not(device_map_add(&map, "d", 1, 1, DEVICE_PLAIN));
	cr_assert_eq(map.count, DEVICES_MAX);
}

Test(devices, of_the_gic_are_learnt_from_its_calls)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = known_calls()->set_distributor_base,
		.values = { 1, 0x8000000 } };

	device_map_learn(&map, &e);
	e.call = known_calls()->set_redistributor_base;
	e.values[1] = 0x80a0000;
	device_map_learn(&map, &e);
	e.call = known_calls()->set_msi_base;
	e.values[1] = 0x8080000;
	e.result = HV_BAD_ARGUMENT;
	device_map_learn(&map, &e);
	cr_assert_eq(map.count, 2);
	expect_register(0x8000104, "GICD_ISENABLER1");
	expect_register(0x8006100, "GICD_IROUTER32");
	expect_register(0x80a0014 + 0x20000, "GICR_WAKER");
	expect_register(0x80a0000 + 0x10100, "GICR_ISENABLER0");
}

static void expect_name(void (*name)(uint64_t, char *, size_t), uint64_t value,
		const char *want)
{
	char text[40];

	name(value, text, sizeof(text));
	cr_assert_str_eq(text, want);
}

Test(devices, have_registers_and_functions_of_known_names)
{
	char text[40];

	expect_name(gicd_register_name, 0x4f0, "GICD_IPRIORITYR60");
	expect_name(gicd_register_name, 0x1000, "");
	expect_name(gicm_register_name, 0x40, "GICM_SET_SPI_NSR");
	expect_name(pl031_register_name, 0x0c, "RTCCR");
	expect_name(smccc_function_name, 0x84000000, "PSCI_VERSION");
	expect_name(smccc_function_name, 0xc4000003, "PSCI_CPU_ON");
	expect_name(smccc_function_name, 0x04000003, "0x4000003");
	expect_name(smccc_function_name, 0xffff0000c4000003, "PSCI_CPU_ON");
	sys_register_name(0xc65d, text, sizeof(text));
	cr_assert_str_eq(text, "ICC_SGI1R_EL1");
	sys_register_name(0xc080, text, sizeof(text));
	cr_assert_str_eq(text, "SCTLR_EL1");
	sys_register_name(0xdb23, text, sizeof(text));
	cr_assert_str_eq(text, "S3_3_C6_C4_3");
	gic_value_name("hv_gic_icv_reg_t", HV_GIC_ICV_REG_PMR_EL1, text,
		sizeof(text));
	cr_assert_str_eq(text, "ICV_PMR_EL1");
	gic_value_name("hv_gic_ich_reg_t", HV_GIC_ICH_REG_LR3_EL2, text,
		sizeof(text));
	cr_assert_str_eq(text, "ICH_LR3");
	gic_value_name("hv_reg_t", 0, text, sizeof(text));
	cr_assert_str_eq(text, "");
}

static void expect_exit(struct hvt_event e, const char *want)
{
	char text[128];

	describe_exit(&map, &e, text, sizeof(text));
	cr_assert_str_eq(text, want);
}

Test(devices, are_in_what_is_said_of_exits)
{
	struct hvt_event failed = run_leave(0, 0, 0, 0, 0);

	device_map_parse(&map, "uart 0x9000000 0x1000 pl011\n");
	expect_exit(run_leave(0, 0, 0, ESR_WRITE_W3, 0x9000000),
		"mmio write 4 bytes, uart UARTDR, from W3");
	expect_exit(run_leave(0, 0, 0, 0x933f8007, 0x9000004 + 0x100),
		"mmio read 1 byte signed, uart+0x104, to XZR");
	expect_exit(run_leave(0, 0, 0, 0x92000047, 0x1234000),
		"data abort, translation fault, level 3, 0x1234000, by a store");
	expect_exit(run_leave(0, 0, 0, ESR_HVC | 5, 0), "HVC #5");
	expect_exit(run_leave(0, 0, 0, 0x5e000000, 0), "SMC #0");
	expect_exit(run_leave(0, 0, 0, ESR_WFI | 1, 0), "WFE");
	expect_exit(run_leave(0, 0, 0, 0xf200f000, 0), "BRK #0xf000");
	expect_exit(run_leave(0, 0, 0, 0xca000022, 0), "software step");
	expect_exit(run_leave(0, 0, 0, 0x623a3076, 0),
		"sysreg write ICC_SGI1R_EL1, X3");
	expect_exit(run_end(0, 0, 0, HV_EXIT_REASON_CANCELED), "canceled");
	expect_exit(run_end(0, 0, 0, HV_EXIT_REASON_VTIMER_ACTIVATED),
		"virtual timer");
	failed.result = HV_ERROR;
	expect_exit(failed, "failed");
}
