/* SPDX-License-Identifier: MIT */
/*
 * usage: bench_exit_steps PROGRAM ARG...
 *
 * Runs PROGRAM up to a BRK #0x42, steps its thread from there to the next one,
 * and prints how often each instruction was executed in user space:
 *
 *	MODULE ADDRESS COUNT
 *
 * ADDRESS is that of MODULE's symbols. What the kernel does is no step. For
 * bench_exit_hv --steps: an exact count where there is no PMU, as in the lab.
 */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asm/ptrace.h>

#include "bench.h"

#define STEPS_MAX 1000000u /* a loop that stepping keeps from its end */

static pid_t child;

static uint64_t access_pc(const uint64_t *new_pc)
{
	struct user_pt_regs regs;
	struct iovec io = { &regs, sizeof(regs) };

	bench_check(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &io) ? -errno
								      : 0,
			"PTRACE_GETREGSET");
	if (!new_pc)
		return regs.pc;
	regs.pc = *new_pc;
	bench_check(ptrace(PTRACE_SETREGSET, child, NT_PRSTATUS, &io) ? -errno
								      : 0,
			"PTRACE_SETREGSET");
	return regs.pc;
}

/* Goes on by request until the next trap; signals are the child's. */
static int go_on(enum __ptrace_request request)
{
	siginfo_t info;
	long signal = 0;
	int status;

	do {
		if (ptrace(request, child, NULL, signal) ||
				waitpid(child, &status, 0) < 0)
			bench_check(-errno, "ptrace");
		bench_check(WIFSTOPPED(status) ? 0 : -ECHILD, "the program");
		signal = WSTOPSIG(status);
	} while (signal != SIGTRAP);
	bench_check(ptrace(PTRACE_GETSIGINFO, child, NULL, &info) ? -errno : 0,
			"PTRACE_GETSIGINFO");
	return info.si_code;
}

static void run_to_break(void)
{
	uint64_t pc;

	while (go_on(PTRACE_CONT) != TRAP_BRKPT)
		;
	pc = access_pc(NULL) + 4;
	access_pc(&pc);
}

static int by_address(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Where the file that pc is in begins, and its name. */
static uint64_t module_of(uint64_t pc, char name[512])
{
	char path[64], line[1024];
	uint64_t start, end, offset, base = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	maps = fopen(path, "r");
	bench_check(maps ? 0 : -errno, path);
	while (fgets(line, sizeof(line), maps)) {
		name[0] = 0;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64
				" %*s %*s %511s", &start, &end, &offset,
				name) < 3)
			continue;
		if (!offset)
			base = start;
		if (start <= pc && pc < end)
			break;
	}
	fclose(maps);
	return base;
}

static void print(uint64_t *pcs, size_t n)
{
	char name[512];

	qsort(pcs, n, sizeof(*pcs), by_address);
	for (size_t i = 0, next; i < n; i = next) {
		uint64_t base = module_of(pcs[i], name);

		for (next = i; next < n && pcs[next] == pcs[i]; next++)
			;
		printf("%s %" PRIx64 " %zu\n", name[0] ? name : "?",
				pcs[i] - base, next - i);
	}
}

int main(int argc, char **argv)
{
	static uint64_t pcs[STEPS_MAX];
	size_t n = 0;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_exit_steps PROGRAM ARG...\n");
		return 2;
	}
	child = fork();
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(argv[1], argv + 1);
		bench_check(-errno, argv[1]);
	}
	bench_check(child < 0 || waitpid(child, &status, 0) < 0 ? -errno : 0,
			"fork");
	run_to_break();
	do {
		bench_check(n == STEPS_MAX ? -ELOOP : 0, "steps");
		pcs[n++] = access_pc(NULL);
	} while (go_on(PTRACE_SINGLESTEP) != TRAP_BRKPT);
	print(pcs, n - 1); /* the last one is the BRK */
	kill(child, SIGKILL);
	(void)waitpid(child, &status, 0);
	return 0;
}
