/* SPDX-License-Identifier: MIT */
#include "psci.h"

#include <stdbool.h>

#include "power.h"
#include "test.h"

static struct power power;

static struct psci_result call_from(
	unsigned int caller, uint64_t fn, uint64_t a, uint64_t b, uint64_t c)
{
	const struct psci_call call = { caller, { fn, a, b, c } };

	return psci_handle(&power, &call);
}

static int64_t answer(uint64_t fn, uint64_t a, uint64_t b, uint64_t c)
{
	struct psci_result result = call_from(0, fn, a, b, c);

	CHECK_EQ(result.action, PSCI_RETURN);
	return (int64_t)result.value;
}

static void fresh(unsigned int cpus)
{
	uint64_t entry, context;

	power_init(&power, cpus);
	power_cpu_on(&power, 0, 0, 0);
	power_wait_on(&power, 0, &entry, &context);
}

static void answers_queries(void)
{
	fresh(1);
	CHECK_EQ(answer(0x84000000, 0, 0, 0), 0x10001);
	CHECK_EQ(answer(0x80000000, 0, 0, 0), 0x10001);
	CHECK_EQ(answer(0x84000006, 0, 0, 0), 2);
	CHECK_EQ(answer(0x8400000a, 0xc4000003, 0, 0), 0);
	CHECK_EQ(answer(0x8400000a, 0x80000000, 0, 0), 0);
	CHECK_EQ(answer(0x8400000a, 0xc4000002, 0, 0), -1);
	CHECK_EQ(answer(0x84000005, 0, 0, 0), -1);
	CHECK_EQ(answer(0, 0, 0, 0), -1);
	/* The upper half of X0 is not part of the function number. */
	CHECK_EQ(answer(0xffffffff84000000, 0, 0, 0), 0x10001);
}

static void turns_cpus_on(void)
{
	uint64_t entry = 0, context = 0;

	fresh(18);
	CHECK_EQ(answer(0xc4000004, 0x101, 0, 0), 1);
	CHECK_EQ(answer(0xc4000003, 0x101, 0x40001000, 77), 0);
	CHECK_EQ(answer(0xc4000004, 0x101, 0, 0), 2);
	CHECK_EQ(answer(0xc4000003, 0x101, 0x40001000, 77), -5);
	CHECK(power_wait_on(&power, 17, &entry, &context));
	CHECK_EQ(entry, 0x40001000);
	CHECK_EQ(context, 77);
	CHECK_EQ(answer(0xc4000004, 0x101, 0, 0), 0);
	CHECK_EQ(answer(0xc4000003, 0x101, 0, 0), -4);
	CHECK_EQ(answer(0xc4000003, 0x102, 0, 0), -2);
	CHECK_EQ(answer(0xc4000003, 0, 0, 0), -4);
}

static void a_32_bit_call_sees_32_bits(void)
{
	uint64_t entry = 0, context = 0;

	fresh(2);
	CHECK_EQ(answer(0x84000003, 0xffffffff00000001, 0x1111111140000000,
			 0x2222222200000005),
		0);
	power_wait_on(&power, 1, &entry, &context);
	CHECK_EQ(entry, 0x40000000);
	CHECK_EQ(context, 5);
}

static void suspends_only_to_standby(void)
{
	fresh(1);
	CHECK_EQ(answer(0xc4000001, 0, 0, 0), 0);
	CHECK_EQ(answer(0xc4000001, 0x10000, 0, 0), -2);
}

static void notices_the_last_cpu_going_off(void)
{
	uint64_t entry, context;

	fresh(2);
	power_cpu_on(&power, 1, 0, 0);
	CHECK_EQ(call_from(0, 0x84000002, 0, 0, 0).action, PSCI_CPU_OFF);
	power_wait_on(&power, 1, &entry, &context);
	CHECK_EQ(call_from(1, 0x84000002, 0, 0, 0).action, PSCI_ALL_OFF);
}

static void ends_the_machine(void)
{
	fresh(1);
	CHECK_EQ(call_from(0, 0x84000008, 0, 0, 0).action, PSCI_SYSTEM_OFF);
	CHECK_EQ(call_from(0, 0x84000009, 0, 0, 0).action, PSCI_SYSTEM_RESET);
}

static void waiting_ends_when_the_machine_stops(void)
{
	uint64_t entry, context;

	fresh(2);
	power_cpu_on(&power, 1, 0, 0);
	power_stop(&power);
	CHECK(!power_wait_on(&power, 1, &entry, &context));
}

int main(void)
{
	RUN(answers_queries);
	RUN(turns_cpus_on);
	RUN(a_32_bit_call_sees_32_bits);
	RUN(suspends_only_to_standby);
	RUN(notices_the_last_cpu_going_off);
	RUN(ends_the_machine);
	RUN(waiting_ends_when_the_machine_stops);
	return test_result();
}
