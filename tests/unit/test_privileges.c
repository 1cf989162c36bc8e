/* SPDX-License-Identifier: MIT */
/* What hvtrace-bpf-helper keeps of the capabilities that it is started with. */
#include <criterion/criterion.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privileges.h"

#define ADMIN (1ull << CAP_SYS_ADMIN)
#define CHOWN (1ull << CAP_CHOWN)
#define BPF   (1ull << CAP_BPF)
#define PERF  (1ull << CAP_PERFMON)

static struct __user_cap_header_struct header = {
	.version = _LINUX_CAPABILITY_VERSION_3
};

/* Needs them, so this test is for root. */
static void have(uint64_t caps)
{
	struct __user_cap_data_struct data[2];

	for (unsigned i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(caps >> 32 * i),
			.permitted = (uint32_t)(caps >> 32 * i),
			.inheritable = (uint32_t)(caps >> 32 * i)
		};
	if (syscall(SYS_capset, &header, data))
		cr_skip_test("who runs it has not these capabilities");
}

static void keeps(uint64_t before, uint64_t after)
{
	struct __user_cap_data_struct data[2];

	have(before);
	cr_assert_eq(privileges_drop(), 0);
	cr_assert_eq(syscall(SYS_capget, &header, data), 0);
	for (unsigned i = 0; i < 2; i++) {
		cr_assert_eq(data[i].effective, (uint32_t)(after >> 32 * i));
		cr_assert_eq(data[i].permitted, (uint32_t)(after >> 32 * i));
		cr_assert_eq(data[i].inheritable, 0);
	}
}

Test(privileges, all_but_cap_bpf_go)
{
	keeps(ADMIN | CHOWN | BPF | PERF, BPF);
}

Test(privileges, all_but_cap_sys_admin_go_where_that_is_all)
{
	keeps(ADMIN | CHOWN | PERF, ADMIN);
}

Test(privileges, nothing_is_made_of_nothing)
{
	keeps(CHOWN | PERF, 0);
}
