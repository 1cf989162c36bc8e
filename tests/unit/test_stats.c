/* SPDX-License-Identifier: MIT */
/* Exits in groups, and how much is kept of them. */
#include <criterion/criterion.h>
#include <string.h>

#include "exit_events.h"
#include "look/stats.h"

static struct stats_names names;
static struct stats stats;
static uint64_t number, tick;

static void begin(const char *by)
{
	enum stats_by keys[STATS_PARTS_MAX];
	unsigned n = 0;

	for (const char *p = by; *p; n++) {
		size_t length = strcspn(p, ",");

		keys[n] = stats_by_parse(p, length);
		cr_assert_neq(keys[n], BY_COUNT);
		p += length + (p[length] == ',');
	}
	device_map_parse(&names.devices, "uart 0x9000000 0x1000 pl011\n");
	cr_assert_eq(stats_init(&stats, &names, keys, n), 0);
}

static void add(struct hvt_event e)
{
	e.number = number++;
	e.tick = tick++;
	cr_assert_eq(stats_add(&stats, &e), 0);
}

static void add_exit(uint32_t thread, uint64_t syndrome, uint64_t ipa,
		uint64_t x0, uint64_t pc)
{
	add(run_enter(0, thread, 0, thread));
	add(run_leave(0, thread, 0, syndrome, ipa));
	add(reg_call(0, thread, true, HV_REG_X0, x0));
	add(reg_call(0, thread, true, HV_REG_PC, pc));
}

static void fini(void)
{
	stats_fini(&stats);
}

TestSuite(stats, .fini = fini);

static void expect(unsigned row, const char *label, uint64_t count)
{
	cr_assert_lt(row, stats.table.count);
	cr_assert_str_eq(stats.table.rows[row]->label[0], label);
	cr_assert_eq(stats.table.rows[row]->guest.count, count);
}

Test(stats, tell_exits_apart_by_what_they_were_about)
{
	begin("exit");
	for (unsigned i = 0; i < 3; i++)
		add_exit(0, ESR_WRITE_W3, 0x9000000 + 4 * i, 0, 0x100);
	add_exit(0, ESR_HVC, 0, 0x84000000, 0x200);
	add_exit(0, ESR_HVC, 0, 0x84000000, 0x200);
	add_exit(1, ESR_READ_W3, 0x1234567, 0, 0x300);
	cr_assert_eq(stats_end(&stats), 0);
	expect(0, "mmio write uart", 3);
	expect(1, "hvc PSCI_VERSION", 2);
	expect(2, "mmio read 0x1234000", 1);
	cr_assert_eq(stats.table.count, 3);
	cr_assert_eq(stats.exits, 6);
	cr_assert_eq(stats.reg_calls, 12);
	cr_assert_eq(stats.vcpus.count, 2);
	/* What no run followed has no time in the VMM. */
	cr_assert_eq(stats.table.rows[1]->vmm.count, 1);
	cr_assert_eq(stats.table.rows[0]->vmm.sum, 9);
}

/* Rows have labels of their own, too. */
Test(stats, tell_exits_of_one_class_apart)
{
	struct hvt_event failed = run_leave(0, 0, 0, 0, 0);

	begin("exit");
	add_exit(0, 0xf2000001, 0, 0, 0);
	add_exit(0, 0xf2000002, 0, 0, 0);
	add_exit(0, 0xfc000000, 0, 0, 0);
	add_exit(0, 0x28000000, 0, 0, 0);
	add_exit(0, ESR_WFI, 0, 0, 0);
	add_exit(0, ESR_WFI | 1, 0, 0, 0);
	add_exit(0, 0x5e000000, 0, 0xc4000003, 0);
	failed.result = HV_DENIED;
	add(run_enter(0, 0, 0, 0));
	add(failed);
	cr_assert_eq(stats_end(&stats), 0);
	cr_assert_eq(stats.table.count, 8);
	expect(0, "BRK #0x1", 1);
	expect(1, "BRK #0x2", 1);
	expect(2, "WFE", 1);
	expect(3, "WFI", 1);
	expect(4, "exception class 0x3f", 1);
	expect(5, "exception class 0xa", 1);
	expect(6, "failed HV_DENIED", 1);
	expect(7, "smc PSCI_CPU_ON", 1);
}

Test(stats, group_by_several_things_at_once)
{
	struct stats_row *row;

	begin("vcpu,class,pc");
	add_exit(5, ESR_HVC, 0, 1, 0x40);
	add_exit(5, ESR_HVC, 0, 2, 0x40);
	add_exit(5, ESR_HVC, 0, 2, 0x44);
	cr_assert_eq(stats_end(&stats), 0);
	cr_assert_eq(stats.table.count, 2);
	row = stats.table.rows[0];
	cr_assert_str_eq(row->label[0], "5");
	cr_assert_str_eq(row->label[1], "hvc");
	cr_assert_str_eq(row->label[2], "0x40");
	cr_assert_eq(row->guest.count, 2);
}

Test(stats, keep_so_many_rows_and_no_more)
{
	uint64_t sum = 0;

	begin("address");
	for (uint64_t i = 0; i < STATS_ROWS_MAX + 100; i++)
		add_exit(0, ESR_WRITE_W3, i << 12, 0, 0);
	cr_assert_eq(stats_end(&stats), 0);
	cr_assert_eq(stats.table.count, STATS_ROWS_MAX);
	expect(0, "(other)", 101);
	for (uint32_t i = 0; i < stats.table.count; i++)
		sum += stats.table.rows[i]->guest.count;
	cr_assert_eq(sum, stats.exits);
}

Test(stats, go_on_behind_a_restart_in_the_middle_of_an_exit)
{
	begin("class");
	add(run_enter(0, 0, 0, 3));
	add(run_leave(0, 0, 0, ESR_HVC, 0));
	stats_sort(&stats);
	cr_assert_eq(stats_restart(&stats), 0);
	cr_assert_eq(stats.exits, 0);
	add(run_enter(0, 0, 0, 3));
	cr_assert_eq(stats_end(&stats), 0);
	expect(0, "hvc", 1);
	cr_assert_eq(stats.first_tick, 2);
}

Test(stats, have_the_hottest_with_names)
{
	struct stats_top top[4];

	begin("class");
	add_exit(0, ESR_WRITE_W3, 0x9000018, 0, 0x1000);
	add_exit(0, ESR_READ_W3, 0x9000018, 0, 0x1000);
	add_exit(0, ESR_READ_W3, 0xb000000, 0, 0x2000);
	cr_assert_eq(stats_end(&stats), 0);
	cr_assert_eq(stats_top_addresses(&stats, top, 4), 2);
	cr_assert_str_eq(top[0].label, "uart UARTFR");
	cr_assert_eq(top[0].count, 2);
	cr_assert_str_eq(top[1].label, "");
	cr_assert_eq(stats_top_pcs(&stats, top, 1), 1);
	cr_assert_str_eq(top[0].label, "0x1000");
}
