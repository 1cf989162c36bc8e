/* SPDX-License-Identifier: MIT */
/*
 * The program, put together for this kernel and these maps. In short:
 *
 *	if (the vCPU's cookie is not known)
 *		return;
 *	record = &map of that client[number of the vCPU];
 *	record->esr, PC and CPSR;
 *	switch (class of the exception):
 *	store:       record->far, and the register that was stored
 *	load:        record->far and sctlr
 *	HVC, SMC:    X0 to X7
 *	record->told = what was copied;
 *
 * It copies what a VMM asks for at such an exit, and no more: the kernel makes
 * eight instructions of each load, which may fault as far as it knows. Each way
 * through it ends with what it has told, one constant. It is run
 * each time that the vCPU is put away, when its thread is scheduled away, too:
 * the last time in KVM_RUN is what counts.
 */
#include "program.h"

#include <string.h>

#include "bpf.h"
#include "fastpath.h"

/* R1 holds the argument list at first. */
enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, STACK };

/*
 * What holds for long. Calls keep R6 to R9 alone, which it costs something to
 * use; all is copied without them.
 */
enum { RECORD = R0, VCPU = R1, ESR = R2 };
enum { NUMBER = R2, NUMBER_KEPT = R6, CLIENT = R7, VCPU_KEPT = R8 };

/* Why there is no record for a run: jumps to the end. */
struct outs {
	size_t from[4], count;
};

static void emit(struct hvt_program *p, struct bpf_insn insn)
{
	if (p->count < HVT_PROGRAM_MAX)
		p->insns[p->count++] = insn;
}

static void load(struct hvt_program *p, uint8_t to, uint8_t from, int16_t at)
{
	emit(p, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_DW,
				.dst_reg = to, .src_reg = from, .off = at });
}

static void store(struct hvt_program *p, uint8_t to, int16_t at, uint8_t from)
{
	emit(p, (struct bpf_insn){ .code = BPF_STX | BPF_MEM | BPF_DW,
				.dst_reg = to, .src_reg = from, .off = at });
}

static void set64(struct hvt_program *p, uint8_t to, uint64_t value, uint8_t kind)
{
	emit(p, (struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM,
				.dst_reg = to, .src_reg = kind,
				.imm = (int32_t)value });
	emit(p, (struct bpf_insn){ .imm = (int32_t)(value >> 32) });
}

/* With a constant; op is BPF_ADD and the like. */
static void alu(struct hvt_program *p, uint8_t op, uint8_t to, int32_t value)
{
	emit(p, (struct bpf_insn){ .code = BPF_ALU64 | op | BPF_K,
				.dst_reg = to, .imm = value });
}

static void alu_reg(struct hvt_program *p, uint8_t op, uint8_t to, uint8_t from)
{
	emit(p, (struct bpf_insn){ .code = BPF_ALU64 | op | BPF_X,
				.dst_reg = to, .src_reg = from });
}

/* Bits 31 to shift of from, moved down. */
static void take_from(struct hvt_program *p, uint8_t to, uint8_t from, int32_t shift)
{
	emit(p, (struct bpf_insn){ .code = BPF_ALU | BPF_MOV | BPF_X,
				.dst_reg = to, .src_reg = from });
	emit(p, (struct bpf_insn){ .code = BPF_ALU | BPF_RSH | BPF_K,
				.dst_reg = to, .imm = shift });
}

/* A jump whose target is where land() is called with what it returns. */
static size_t jump(struct hvt_program *p, uint8_t op, uint8_t reg, int32_t value)
{
	emit(p, (struct bpf_insn){ .code = BPF_JMP | op | BPF_K,
				.dst_reg = reg, .imm = value });
	return p->count - 1;
}

static void land(struct hvt_program *p, size_t from)
{
	p->insns[from].off = (int16_t)(p->count - from - 1);
}

static void copy(struct hvt_program *p, size_t to, int16_t from)
{
	load(p, R5, VCPU, from);
	store(p, RECORD, (int16_t)to, R5);
}

static void leave(struct hvt_program *p)
{
	alu(p, BPF_MOV, R0, 0);
	emit(p, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

/* Of an exit of whatever class these are told. */
#define TOLD_ALWAYS (HVT_TOLD_ESR | 1ull << HVT_RECORD_PC | \
			1ull << HVT_RECORD_CPSR)

static void leave_told(struct hvt_program *p, uint64_t more)
{
	set64(p, R5, TOLD_ALWAYS | more, 0);
	store(p, RECORD, offsetof(struct hvt_exit_record, told), R5);
	leave(p);
}

static size_t in_record(unsigned reg)
{
	return offsetof(struct hvt_exit_record, regs) + 8 * (size_t)reg;
}

static void copy_x(struct hvt_program *p, const struct hvt_kernel_layout *l,
		unsigned n)
{
	copy(p, in_record(n), (int16_t)(l->regs + 8 * n));
}

/*
 * R4 is the number of a register that was stored: a search that ends at the one
 * to copy. XZR, the last of them, is none.
 */
static void copy_one_of(struct hvt_program *p, const struct hvt_kernel_layout *l,
		unsigned first, unsigned end)
{
	unsigned middle = (first + end) / 2;
	size_t upper;

	if (first == 31) {
		leave_told(p, HVT_TOLD_ABORT);
	} else if (end - first == 1) {
		copy_x(p, l, first);
		leave_told(p, HVT_TOLD_ABORT | 1ull << first);
	} else {
		upper = jump(p, BPF_JGE, R4, (int32_t)middle);
		copy_one_of(p, l, first, middle);
		land(p, upper);
		copy_one_of(p, l, middle, end);
	}
}

static void out(struct hvt_program *p, struct outs *outs, uint8_t op,
		uint8_t reg, int32_t value)
{
	outs->from[outs->count++] = jump(p, op, reg, value);
}

/* What the vCPU has for a cookie: the VMM can have anything written there. */
static void load_cookie(struct hvt_program *p, const struct hvt_kernel_layout *l)
{
	load(p, NUMBER, VCPU, l->run);
	load(p, NUMBER, NUMBER,
		(int16_t)(l->run_s + (int)HVT_RECORD_COOKIE_OFFSET));
}

/* R3 is the one it should be, but for the number. */
static void check_run(struct hvt_program *p, struct outs *outs)
{
	alu_reg(p, BPF_XOR, NUMBER, R3);
	out(p, outs, BPF_JGE, NUMBER, (int32_t)HVT_RECORDS);
}

/* RECORD is the first one. */
static void find_record(struct hvt_program *p)
{
	alu(p, BPF_LSH, NUMBER, __builtin_ctz(HVT_RECORD_STRIDE));
	alu_reg(p, BPF_ADD, RECORD, NUMBER);
}

/* R0 is what the map in R1 has at the index that is on the stack. */
static void look_up(struct hvt_program *p, struct outs *outs)
{
	alu_reg(p, BPF_MOV, R2, STACK);
	alu(p, BPF_ADD, R2, -4);
	emit(p, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL,
				.imm = BPF_FUNC_map_lookup_elem });
	out(p, outs, BPF_JEQ, R0, 0);
}

static void put_index(struct hvt_program *p, uint8_t from)
{
	emit(p, (struct bpf_insn){ .code = BPF_STX | BPF_MEM | BPF_W,
				.dst_reg = STACK, .src_reg = from, .off = -4 });
}

/* The cookie names a client, whose own it must be. */
static void load_clients_cookie(struct hvt_program *p, int cookies)
{
	alu_reg(p, BPF_MOV, CLIENT, NUMBER);
	alu(p, BPF_RSH, CLIENT, HVT_CLIENT_SHIFT);
	alu(p, BPF_AND, CLIENT, HVT_EXIT_CLIENTS - 1);
	alu_reg(p, BPF_MOV, R4, CLIENT);
	alu(p, BPF_LSH, R4, 3);
	set64(p, R3, (uint32_t)cookies, BPF_PSEUDO_MAP_VALUE);
	alu_reg(p, BPF_ADD, R3, R4);
	load(p, R3, R3, 0);
}

static void copy_stored(struct hvt_program *p, const struct hvt_kernel_layout *l)
{
	size_t valid = jump(p, BPF_JSET, ESR, (int32_t)HVT_ESR_ISV);

	leave_told(p, HVT_TOLD_ABORT);
	land(p, valid);
	take_from(p, R4, ESR, 16);
	alu(p, BPF_AND, R4, 31);
	copy_one_of(p, l, 0, 32);
}

static void copy_abort(struct hvt_program *p, const struct hvt_kernel_layout *l)
{
	size_t stored;

	copy(p, offsetof(struct hvt_exit_record, far), l->far);
	stored = jump(p, BPF_JSET, ESR, (int32_t)HVT_ESR_WNR);
	copy(p, offsetof(struct hvt_exit_record, sctlr), l->sctlr);
	leave_told(p, HVT_TOLD_ABORT);
	land(p, stored);
	copy_stored(p, l);
}

static void copy_call(struct hvt_program *p, const struct hvt_kernel_layout *l)
{
	for (unsigned n = 0; n < 8; n++)
		copy_x(p, l, n);
	leave_told(p, 0xff);
}

static void copy_state(struct hvt_program *p, const struct hvt_kernel_layout *l)
{
	size_t hvc, smc, abort;

	load(p, ESR, VCPU, l->esr);
	store(p, RECORD, offsetof(struct hvt_exit_record, esr), ESR);
	copy(p, in_record(HVT_RECORD_PC), l->pc);
	copy(p, in_record(HVT_RECORD_CPSR), l->pstate);
	take_from(p, R4, ESR, 26);
	abort = jump(p, BPF_JEQ, R4, HVT_EC_DABT_LOWER);
	hvc = jump(p, BPF_JEQ, R4, HVT_EC_HVC64);
	smc = jump(p, BPF_JEQ, R4, HVT_EC_SMC64);
	leave_told(p, 0);
	land(p, hvc);
	land(p, smc);
	copy_call(p, l);
	land(p, abort);
	copy_abort(p, l);
}

static void begin(struct hvt_program *p, const struct hvt_kernel_layout *l)
{
	memset(p, 0, sizeof(*p));
	load(p, VCPU, R1, 0);
	load_cookie(p, l);
}

static void end(struct hvt_program *p, const struct outs *outs)
{
	for (size_t i = 0; i < outs->count; i++)
		land(p, outs->from[i]);
	leave(p);
}

void hvt_program_assemble(struct hvt_program *p,
		const struct hvt_kernel_layout *layout, int map,
		uint64_t cookie)
{
	struct outs outs = { .count = 0 };

	begin(p, layout);
	set64(p, R3, cookie, 0);
	check_run(p, &outs);
	set64(p, RECORD, (uint32_t)map, BPF_PSEUDO_MAP_VALUE);
	find_record(p);
	copy_state(p, layout);
	end(p, &outs);
}

void hvt_program_assemble_shared(struct hvt_program *p,
		const struct hvt_kernel_layout *layout, int clients,
		int cookies)
{
	struct outs outs = { .count = 0 };

	begin(p, layout);
	load_clients_cookie(p, cookies);
	check_run(p, &outs);
	alu_reg(p, BPF_MOV, VCPU_KEPT, VCPU);
	alu_reg(p, BPF_MOV, NUMBER_KEPT, NUMBER);
	put_index(p, CLIENT);
	set64(p, R1, (uint32_t)clients, BPF_PSEUDO_MAP_FD);
	look_up(p, &outs);
	/* Its only element, in which all its records are. */
	alu(p, BPF_MOV, R3, 0);
	put_index(p, R3);
	alu_reg(p, BPF_MOV, R1, R0);
	look_up(p, &outs);
	alu_reg(p, BPF_MOV, VCPU, VCPU_KEPT);
	alu_reg(p, BPF_MOV, NUMBER, NUMBER_KEPT);
	find_record(p);
	copy_state(p, layout);
	end(p, &outs);
}
