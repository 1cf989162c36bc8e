/* SPDX-License-Identifier: MIT */
/*
 * Behind an access to a device a VMM may do anything: step PC or not, write
 * the register or another one, raise an SError, be canceled in between. Whatever
 * it does, and whether the library leaves the end of the access to KVM or not
 * (HVT_FASTPATH=off), the guest goes on alike. Two processes do the same at
 * random, and tell what they see.
 */
#include "conformance.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"

#define SLOTS      256u
#define SLOT_WORDS 5u
#define SLOT_AT    0x1000u
#define VECTORS_AT 0x800u
#define ROUNDS     test_scale(4000, 200000)
#define SCTLR_EE   (1ull << 25)

GUEST(guest_none, "b .");

static struct rng rng;
static struct cpu cpu;
static uint32_t insns[SLOTS];

/* A load or store with an immediate offset (Arm ARM C4.1.94), base X1. */
static uint32_t make_access(void)
{
	uint32_t size = (uint32_t)rng_below(&rng, 4), opc;

	do
		opc = (uint32_t)rng_below(&rng, 4);
	while (opc + (size >= 2) + (size == 3) > 3);
	/* X1 stays the base. */
	return size << 30 | 0x39000000u | opc << 22 |
		(uint32_t)rng_below(&rng, 64) << 10 | 1u << 5 |
		(uint32_t)(2 + rng_below(&rng, 30));
}

/* Where PC may come to, it leaves the guest at once; so does its SError. */
static void make_code(uint8_t *ram)
{
	const uint32_t handler[] = { 0xd4000062, /* hvc #3 */
		0x17ffffff /* b to that */ };

	memcpy(ram + VECTORS_AT + 0x380, handler, sizeof(handler));
	for (unsigned i = 0; i < SLOTS; i++) {
		const uint32_t code[SLOT_WORDS] = { make_access(),
			0xd4000022, /* hvc #1 */
			0xd4000042, /* hvc #2 */
			0xb9000020, /* str w0, [x1] */
			0x17ffffff /* b to that */ };

		insns[i] = code[0];
		memcpy(ram + SLOT_AT + i * sizeof(code), code, sizeof(code));
	}
}

static void set_up_regs(uint64_t pc)
{
	for (unsigned n = 0; n < 31; n++)
		set_reg(&cpu, HV_REG_X0 + n, rng_next(&rng));
	/* No function of the firmware's. */
	set_reg(&cpu, HV_REG_X0, rng_below(&rng, 1u << 31));
	set_reg(&cpu, HV_REG_X1, DEVICE);
	set_reg(&cpu, HV_REG_PC, pc);
	/* SS and BTYPE are cleared by an instruction; A masks SErrors. */
	set_reg(&cpu, HV_REG_CPSR, 0x2c5 | rng_below(&rng, 16) << 28 |
			rng_below(&rng, 2) << 8 |
			(rng_below(&rng, 4) ? 0 : rng_below(&rng, 4) << 10) |
			(rng_below(&rng, 8) ? 0 : 1u << 21));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_SCTLR_EL1,
		0x30d00800 | (rng_below(&rng, 4) ? 0 : SCTLR_EE)));
}

/* What the register of an access is to get: as KVM would, or not. */
static uint64_t make_value(uint32_t insn)
{
	uint64_t value = rng_next(&rng);
	unsigned bits = 8u << (insn >> 30), opc = insn >> 22 & 3;

	if (rng_below(&rng, 3) == 0)
		return value;
	if (bits < 64)
		value &= (1ull << bits) - 1;
	if (opc >= 2 && value >> (bits - 1))
		value |= ~0ull << bits;
	return opc == 3 ? (uint32_t)value : value;
}

static void tell(const char *what)
{
	uint64_t hash = 0xcbf29ce484222325;
	const hv_vcpu_exit_exception_t *e = &cpu.exit->exception;

	for (unsigned n = 0; n < 31; n++)
		hash = (hash ^ reg(&cpu, HV_REG_X0 + n)) * 0x100000001b3;
	printf("%s reason %u %" PRIx64 " %" PRIx64 " %" PRIx64 " pc %" PRIx64
	       " cpsr %" PRIx64 " elr %" PRIx64 " x %" PRIx64 "\n",
		what, cpu.exit->reason, e->syndrome, e->virtual_address,
		e->physical_address, reg(&cpu, HV_REG_PC),
		reg(&cpu, HV_REG_CPSR), get_sys(&cpu, HV_SYS_REG_ELR_EL1), hash);
}

static void cancel(void)
{
	NEED(hv_vcpus_exit(&cpu.id, 1));
	cpu_run(&cpu);
	tell("canceled");
}

static void act(uint64_t pc, uint32_t insn)
{
	unsigned rt = insn & 31, other = 2 + (unsigned)rng_below(&rng, 29);

	switch (rng_below(&rng, 13)) {
	case 0:
		set_reg(&cpu, HV_REG_X0 + other, rng_next(&rng));
		break;
	case 1:
		printf("x%u %" PRIx64 "\n", other, reg(&cpu, HV_REG_X0 + other));
		break;
	case 2:
		set_reg(&cpu, HV_REG_PC, pc + 4 * rng_below(&rng, 3));
		break;
	case 3:
		set_reg(&cpu, HV_REG_CPSR, 0x3c5 | rng_below(&rng, 16) << 28);
		break;
	case 4:
		NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_TPIDR_EL1, pc));
		break;
	case 5:
		cancel();
		break;
	case 6:
	case 7:
	case 8:
		if (rt != 31)
			set_reg(&cpu, HV_REG_X0 + rt, make_value(insn));
		break;
	case 9:
		NEED(hv_vcpu_set_serror(cpu.id, true));
		break;
	default:
		set_reg(&cpu, HV_REG_PC, pc + 4);
		break;
	}
}

static int child(uint64_t seed)
{
	unsigned rounds = ROUNDS;

	rng = rng_from(seed);
	make_code(VM_START(guest_none));
	cpu = cpu_start();
	set_sys(&cpu, HV_SYS_REG_VBAR_EL1, RAM + VECTORS_AT);
	for (unsigned i = 0; i < rounds; i++) {
		unsigned slot = (unsigned)rng_below(&rng, SLOTS);
		uint64_t pc = RAM + SLOT_AT + 4 * SLOT_WORDS * slot;

		not_lost();
		set_up_regs(pc);
		cpu_run(&cpu);
		tell("access");
		for (uint64_t n = 1 + rng_below(&rng, 5); n; n--)
			act(pc, insns[slot]);
		cpu_run(&cpu);
		tell("then");
	}
	cpu_end(&cpu);
	vm_end();
	return 0;
}

static FILE *start(const char *self, const char *mode, uint64_t seed)
{
	char command[4200];

	snprintf(command, sizeof(command),
		"HVT_FASTPATH=%s exec '%s' %" PRIu64, mode, self, seed);
	return popen(command, "r");
}

int main(int argc, char **argv)
{
	char with[256], without[256] = "";
	unsigned lines = 0;
	uint64_t seed;
	FILE *on, *off;

	if (argc > 1)
		return child(strtoull(argv[1], NULL, 10));
	rng_init(&rng);
	seed = rng_next(&rng);
	on = start(argv[0], "on", seed);
	off = start(argv[0], "off", seed);
	while (fgets(with, sizeof(with), on)) {
		if (!fgets(without, sizeof(without), off) ||
			strcmp(with, without) != 0)
			break;
		lines++;
		without[0] = 0;
	}
	if (without[0])
		printf("# line %u\n# on:  %s# off: %s", lines, with, without);
	claim(feof(on) && !without[0] && !fgets(without, sizeof(without), off),
		"a_guest_sees_no_difference");
	claim(lines > 2 * ROUNDS, "in_all_rounds");
	claim(!pclose(on), "with_it_all_goes_well");
	claim(!pclose(off), "without_it_too");
	return verdict();
}
