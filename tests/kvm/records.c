/* SPDX-License-Identifier: MIT */
/*
 * Exit records: who gets them, and that a VMM which gets none sees the same
 * exits. Each VMM is a process of its own, as a process asks once. HVC tells
 * X0 to X7, an access the register that was moved, and both where the guest is.
 */
#include "conformance.h"
#include "helper_process.h"

#include <errno.h>
#include <hvtrace/hvtrace.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define VMMS 4 /* at once */

GUEST(guest_exits,
	"1: str x3, [x1]\n ldrsh w4, [x1, #2]\n hvc #0x77\n"
	"add x3, x3, #1\n b 1b");

static bool has_records(void)
{
	struct hvt_host_fact fact;

	for (size_t i = 0; hvt_host_fact_at(i, &fact); i++)
		if (!strcmp(fact.name, "exit records"))
			return fact.present;
	return false;
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	if (syscall(SYS_capset, &header, none))
		need(HV_ERROR, "capset");
}

static bool is_abort(const struct cpu *cpu, uint32_t iss, uint64_t address)
{
	const hv_vcpu_exit_exception_t *e = &cpu->exit->exception;

	return cpu->exit->reason == HV_EXIT_REASON_EXCEPTION &&
		(e->syndrome & ~0x3full) == (0x92000000u | iss) &&
		e->virtual_address == address &&
		e->physical_address == address;
}

/* Behind an access: the register that is moved, one that is not, PC; go on. */
static bool regs_are_right(struct cpu *cpu, uint64_t pc, uint64_t x3)
{
	bool right = reg(cpu, HV_REG_PC) == pc && reg(cpu, HV_REG_X3) == x3 &&
		reg(cpu, HV_REG_X1) == DEVICE &&
		(reg(cpu, HV_REG_CPSR) & 0x3ff) == 0x3c5;

	set_reg(cpu, HV_REG_PC, pc + 4);
	return right;
}

static bool round_is_right(struct cpu *cpu, uint64_t x3)
{
	bool right = cpu_run(cpu) == HV_EXIT_REASON_EXCEPTION &&
		is_abort(cpu, 0x1c38040, DEVICE) && regs_are_right(cpu, RAM, x3);

	cpu_run(cpu);
	right &= is_abort(cpu, 0x1640000, DEVICE + 2);
	set_reg(cpu, HV_REG_X4, 0xffff8000u);
	right &= regs_are_right(cpu, RAM + 4, x3);
	cpu_run(cpu);
	right &= cpu->exit->exception.syndrome == 0x5a000077;
	for (unsigned n = 0; n < 8; n++)
		right &= reg(cpu, HV_REG_X0 + n) ==
			(n == 1 ? DEVICE : n == 3 ? x3
				: n == 4 ? 0xffff8000u : 100 + n);
	right &= reg(cpu, HV_REG_PC) == RAM + 12;
	return right;
}

/* What a VMM sees of its guest: the same with and without records. */
static bool exits_are_right(void)
{
	struct cpu cpu;
	bool right = true;

	VM_START(guest_exits);
	cpu = cpu_start();
	for (unsigned n = 0; n < 8; n++)
		set_reg(&cpu, HV_REG_X0 + n, 100 + n);
	set_reg(&cpu, HV_REG_X1, DEVICE);
	for (uint64_t x3 = 103; x3 < 303; x3++)
		right &= round_is_right(&cpu, x3);
	cpu_end(&cpu);
	vm_end();
	return right;
}

static pid_t helper;

/* In a process of its own: bit 0 records, bit 1 its exits were right. */
static pid_t start_vmm(bool privileged, void (*before_exits)(void))
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child)
		return child;
	if (!privileged)
		drop_capabilities();
	status = has_records();
	if (before_exits)
		before_exits();
	_exit(status | exits_are_right() << 1);
}

static int vmm(bool privileged, void (*before_exits)(void))
{
	return helper_wait(start_vmm(privileged, before_exits));
}

static void start_helper(const char *name)
{
	helper = helper_start();
	claim(helper, name);
}

/* And is gone, as far as VMMs can see. */
static void kill_helper(void)
{
	kill(helper, SIGKILL);
	while (helper_connect(HELPER_SOCKET) != -ECONNREFUSED)
		usleep(10000);
}

static void many_at_once(void)
{
	pid_t vmms[VMMS];
	unsigned right = 0;

	for (unsigned i = 0; i < VMMS; i++)
		vmms[i] = start_vmm(false, NULL);
	for (unsigned i = 0; i < VMMS; i++)
		right += helper_wait(vmms[i]) == 3;
	claim_equal(right, VMMS, "vmms_do_not_see_each_other");
}

static void with_helper(void)
{
	start_helper("the_helper_listens");
	claim_equal((uint64_t)vmm(false, NULL), 3, "a_vmm_gets_records_from_it");
	claim_equal((uint64_t)vmm(true, NULL), 3, "and_so_does_one_that_may");
	many_at_once();
	claim_equal((uint64_t)vmm(false, kill_helper), 3,
		"a_vmm_sees_no_difference_when_the_helper_dies");
	(void)helper_wait(helper);
	claim_equal((uint64_t)vmm(false, NULL), 2,
		"a_socket_that_was_left_behind_gives_none");
	start_helper("the_helper_takes_its_place");
	claim_equal((uint64_t)vmm(false, NULL), 3, "and_serves");
	kill(helper, SIGTERM);
	(void)helper_wait(helper);
	claim(access(HELPER_SOCKET, F_OK), "it_removes_its_socket");
}

/* A map that is none of those: whose values have that size, with flags. */
static int make_map(enum bpf_map_type type, uint32_t size, uint32_t flags,
	bool frozen)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = 4;
	attr.value_size = size;
	attr.max_entries = 1;
	attr.map_flags = flags;
	fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		need(HV_ERROR, "BPF_MAP_CREATE");
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	if (frozen && syscall(SYS_bpf, BPF_MAP_FREEZE, &attr, sizeof(attr)))
		need(HV_ERROR, "BPF_MAP_FREEZE");
	return fd;
}

/* As the helper would say it, with that map. */
static void say(int client, int map)
{
	static const struct {
		char magic[8];
		uint64_t cookie;
		uint32_t stride, records;
	} answer = { .magic = "hvtexit1", .cookie = 1 << 20, .stride = 512,
		.records = 64 };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec data = { (void *)&answer, sizeof(answer) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &map, sizeof(map));
	(void)sendmsg(client, &message, MSG_NOSIGNAL);
}

/* Someone who is not the helper; without a map he hangs up. */
static void impostor(int map, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = HELPER_SOCKET };
	int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	pid_t child;

	unlink(HELPER_SOCKET);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
			listen(listener, 1))
		need(HV_ERROR, "listen");
	child = fork();
	if (!child) {
		int client = accept(listener, NULL, NULL);

		if (map >= 0)
			say(client, map);
		if (map >= 0)
			pause();
		_exit(0);
	}
	claim_equal((uint64_t)vmm(false, NULL), 2, name);
	kill(child, SIGKILL);
	(void)helper_wait(child);
	close(listener);
	unlink(HELPER_SOCKET);
	if (map >= 0)
		close(map);
}

/* The library's tests have those that do not even say it right. */
static void impostors(void)
{
	const enum bpf_map_type array = BPF_MAP_TYPE_ARRAY;

	impostor(-1, "who_hangs_up_gives_none");
	impostor(make_map(array, 4096, BPF_F_MMAPABLE, false),
		"nor_who_has_a_smaller_map");
	impostor(make_map(array, 32768, 0, false),
		"nor_one_that_cannot_be_mapped");
	impostor(make_map(array, 32768, BPF_F_MMAPABLE, true),
		"nor_one_that_cannot_be_written");
	impostor(make_map(BPF_MAP_TYPE_HASH, 32768, 0, false),
		"nor_one_of_another_kind");
	impostor(make_map(array, 32768, BPF_F_MMAPABLE, false),
		"nor_the_right_map_with_nobody_who_writes_there");
}

static void switched_off(void)
{
	setenv("HVT_SYNDROME", "decode", 1);
	claim_equal((uint64_t)vmm(true, NULL), 2, "none_if_not_wanted");
	unsetenv("HVT_SYNDROME");
}

int main(void)
{
	setenv("HVT_BPF_SOCKET", HELPER_SOCKET, 1);
	unlink(HELPER_SOCKET);
	claim_equal((uint64_t)vmm(true, NULL), 3, "a_vmm_that_may_has_records");
	switched_off();
	claim_equal((uint64_t)vmm(false, NULL), 2, "one_that_may_not_has_none");
	with_helper();
	impostors();
	return verdict();
}
