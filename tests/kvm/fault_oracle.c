/* SPDX-License-Identifier: MIT */
#include "fault_oracle.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int make_map(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = sizeof(struct fault);
	attr.max_entries = 1;
	attr.map_flags = BPF_F_MMAPABLE;
	return bpf(BPF_MAP_CREATE, &attr);
}

#define LOAD(to, from, at)                                                     \
	{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = to, .src_reg = from,  \
		.off = at }
#define STORE(to, from, at)                                                    \
	{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = to, .src_reg = from,  \
		.off = at }
#define COPY(n) LOAD(BPF_REG_3, BPF_REG_1, 8 * n), \
	STORE(BPF_REG_2, BPF_REG_3, 8 * n)

/* Copies the four arguments into the map's value and counts. */
static int load_program(int map)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_2,
			.src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map },
		{ 0 },
		COPY(0), COPY(1), COPY(2), COPY(3),
		LOAD(BPF_REG_3, BPF_REG_2, offsetof(struct fault, count)),
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_3,
			.imm = 1 },
		STORE(BPF_REG_2, BPF_REG_3, offsetof(struct fault, count)),
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
	attr.insns = (uintptr_t)program;
	attr.insn_cnt = sizeof(program) / sizeof(program[0]);
	attr.license = (uintptr_t) "Dual MIT/GPL";
	return bpf(BPF_PROG_LOAD, &attr);
}

static int attach(int program)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.name = (uintptr_t) "kvm_guest_fault";
	attr.raw_tracepoint.prog_fd = (unsigned)program;
	return bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

const volatile struct fault *fault_oracle(const char **why)
{
	int map = make_map(), program;
	void *p;

	*why = strerror(errno);
	if (map < 0)
		return NULL;
	program = load_program(map);
	/* Attached for as long as this process has it open. */
	if (program < 0 || attach(program) < 0) {
		*why = strerror(errno);
		return NULL;
	}
	p = mmap(NULL, sizeof(struct fault), PROT_READ, MAP_SHARED, map, 0);
	*why = strerror(errno);
	return p == MAP_FAILED ? NULL : p;
}
