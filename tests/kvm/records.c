/* SPDX-License-Identifier: MIT */
/*
 * Exit records: who gets them, and that a VMM which gets none sees the same
 * exits. Each VMM is a process of its own, as a process asks once. HVC tells
 * X0 to X7, an access the register that was moved, and both where the guest is.
 */
#include "conformance.h"

#include <hvtrace/hvtrace.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_PATH "/tmp/hvt-records.sock"

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

static void end_helper(void)
{
	kill(helper, SIGTERM);
	waitpid(helper, NULL, 0);
}

/* In a process of its own: bit 0 records, bit 1 its exits were right. */
static int vmm(bool privileged, void (*before_exits)(void))
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		if (!privileged)
			drop_capabilities();
		status = has_records();
		if (before_exits)
			before_exits();
		_exit(status | exits_are_right() << 1);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool start_helper(void)
{
	struct stat st;

	unlink(SOCKET_PATH);
	helper = fork();
	if (!helper) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(HVT_BPF_HELPER, HVT_BPF_HELPER, "--socket", SOCKET_PATH,
			"--group", "root", (char *)NULL);
		_exit(127);
	}
	for (unsigned i = 0; i < 600 && stat(SOCKET_PATH, &st); i++)
		usleep(100000);
	return !stat(SOCKET_PATH, &st);
}

static void kill_helper(void)
{
	kill(helper, SIGKILL);
}

static void with_helper(void)
{
	setenv("HVT_BPF_SOCKET", SOCKET_PATH, 1);
	claim(start_helper(), "the_helper_listens");
	claim_equal((uint64_t)vmm(false, NULL), 3, "a_vmm_gets_records_from_it");
	claim_equal((uint64_t)vmm(false, NULL), 3, "and_so_does_the_next");
	claim_equal((uint64_t)vmm(false, kill_helper), 3,
		"which_outlive_the_helper");
	waitpid(helper, NULL, 0);
	claim_equal((uint64_t)vmm(false, NULL), 2,
		"a_socket_that_was_left_behind_gives_none");
	claim(start_helper(), "the_helper_takes_its_place");
	claim_equal((uint64_t)vmm(false, NULL), 3, "and_serves");
	end_helper();
	claim(access(SOCKET_PATH, F_OK), "it_removes_its_socket");
}

/* Someone who is not the helper: says something, or hangs up. */
static void impostor(const char *says, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = SOCKET_PATH };
	int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	pid_t child;

	unlink(SOCKET_PATH);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
			listen(listener, 1))
		need(HV_ERROR, "listen");
	child = fork();
	if (!child) {
		int client = accept(listener, NULL, NULL);

		(void)send(client, says, strlen(says), 0);
		close(client);
		_exit(0);
	}
	claim_equal((uint64_t)vmm(false, NULL), 2, name);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(listener);
	unlink(SOCKET_PATH);
}

static void switched_off(void)
{
	setenv("HVT_SYNDROME", "decode", 1);
	claim_equal((uint64_t)vmm(true, NULL), 2, "none_if_not_wanted");
	unsetenv("HVT_SYNDROME");
}

int main(void)
{
	claim_equal((uint64_t)vmm(true, NULL), 3, "a_vmm_that_may_has_records");
	switched_off();
	setenv("HVT_BPF_SOCKET", SOCKET_PATH, 1);
	claim_equal((uint64_t)vmm(false, NULL), 2, "one_that_may_not_has_none");
	with_helper();
	impostor("", "who_hangs_up_gives_none");
	impostor("hvtexit1, or so, is what a helper would say here",
		"nor_who_says_something_else");
	return verdict();
}
