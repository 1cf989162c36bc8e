/* SPDX-License-Identifier: MIT */
/*
 * usage: random_vmm SEED [TURNS]: a VMM and a guest made of random numbers, whose events
 * all happen at exits of the guest: code that computes, and comes out for
 * devices, calls and memory that is or is not there; and a VMM that answers by
 * reading and writing registers and memory, changing the map, and interrupts. All
 * of it depends on SEED and what the guest did alone. The guest is numbers, so
 * that any CPU can have this VMM replayed. At the end it prints a hash of
 * everything the VMM saw, and of the guest's memory.
 */
#include <Hypervisor/Hypervisor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rng.h"

#define RAM      0x40000000ull
#define RAM_SIZE (1ull << 20)
#define VECTORS  (RAM + 0x8000)
#define DATA     (RAM + 0x40000) /* of the guest's loads and stores: */
#define DATA_SIZE 0x8000u
#define WINDOW   0x50000000ull /* comes and goes */
#define WINDOW_SIZE 0x10000u
#define DEVICE   0x09000000ull
#define WORDS    600u
#define TURNS    6u /* of the code, if nobody says how many, */
#define EXITS_MAX 700u /* each of which comes out so often at most */
#define END_CALL 0xffffu

/* Registers that code keeps its hands off. */
enum { TURN = 19, AT_DATA = 20, AT_DEVICE = 21, AT_WINDOW = 22 };

static struct rng rng;
static uint8_t *ram, *window;
static hv_vcpu_t vcpu;
static hv_vcpu_exit_t *exit_of;
static uint64_t seen = 14695981039346656037ull;
static bool window_there;
static bool irq_up;
static uint64_t turns = TURNS;

static void need(hv_return_t ret, const char *what)
{
	if (ret == HV_SUCCESS)
		return;
	fprintf(stderr, "random_vmm: %s: 0x%x\n", what, (unsigned)ret);
	exit(2);
}
#define NEED(call) need((call), #call)

/* FNV-1a. */
static void see(const void *p, size_t size)
{
	const uint8_t *bytes = p;

	for (size_t i = 0; i < size; i++)
		seen = (seen ^ bytes[i]) * 1099511628211ull;
}

/*
 * One number an expression: in which order a compiler takes two of them is its
 * own affair.
 */
static uint32_t below(uint32_t n)
{
	return (uint32_t)rng_below(&rng, n);
}

static uint32_t any_reg(void)
{
	return below(16);
}

/* Data processing of three registers: ADD, SUB, EOR, AND, ORR, MUL, UDIV, ... */
static uint32_t compute(void)
{
	static const uint32_t forms[] = { 0x8b000000, 0xcb000000, 0xca000000,
		0x8a000000, 0xaa000000, 0x9b007c00, 0x9ac00800, 0xab000000,
		0x9ac02000, 0x93c00000, 0x9a800400, 0x1ac04800, 0xba000000 };
	uint32_t form = forms[below(sizeof(forms) / sizeof(*forms))];
	uint32_t rd = any_reg(), rn = any_reg(), rm = any_reg();

	return form | rm << 16 | rn << 5 | rd;
}

static uint32_t move(void)
{
	uint32_t rd = any_reg(), shift = below(4), imm = below(65536);

	return 0xf2800000u | shift << 21 | imm << 5 | rd;
}

/* LDR or STR (unsigned offset) of any size, off a base, up to size bytes. */
static uint32_t access_at(unsigned base, unsigned size)
{
	uint32_t rt = any_reg(), log = below(4), load = below(2);
	uint32_t offset = below(size >> log < 4096 ? size >> log : 4096);

	return 0x39000000u | log << 30 | load << 22 | offset << 10 |
			(uint32_t)base << 5 | rt;
}

/* LDP or STP, and LDR or STR of a Q register: no syndrome comes with them. */
static uint32_t wide_access_at(unsigned base)
{
	uint32_t rt = any_reg(), rt2 = 16 + below(2);
	uint32_t load = below(2) << 22, offset = below(32);

	if (rng_bool(&rng))
		return 0xa9000000u | load | offset << 15 | rt2 << 10 |
				(uint32_t)base << 5 | rt;
	return 0x3d800000u | load | offset << 10 | (uint32_t)base << 5 | rt;
}

/* CBZ or CBNZ over what follows. */
static uint32_t skip(void)
{
	uint32_t rt = any_reg(), if_not = below(2), words = 2 + below(6);

	return 0xb4000000u | if_not << 24 | words << 5 | rt;
}

static uint32_t call(void)
{
	uint32_t number = below(256) << 5;

	return (below(4) ? 0xd4000002u : 0xd4000001u) | number; /* HVC, SVC */
}

static uint32_t any_word(void)
{
	uint32_t rt = any_reg();

	switch (below(20)) {
	case 0:
		return access_at(AT_DEVICE, 256);
	case 1:
		return call();
	case 2:
		return access_at(AT_WINDOW, WINDOW_SIZE);
	case 3:
	case 4:
		return access_at(AT_DATA, DATA_SIZE);
	case 5:
		return wide_access_at(AT_DATA);
	case 6:
		return skip();
	case 7:
	case 8:
		return move();
	case 9: /* MSR and MRS of TPIDR_EL1 */
		return (below(2) ? 0xd518d080u : 0xd538d080u) | rt;
	default:
		return compute();
	}
}

static void put(uint64_t ipa, uint32_t word)
{
	memcpy(ram + (ipa - RAM), &word, sizeof(word));
}

static void write_code(void)
{
	uint64_t at = RAM;

	for (unsigned i = 0; i < WORDS; i++, at += 4)
		put(at, any_word());
	for (unsigned i = 0; i < 8; i++, at += 4)
		put(at, 0xd503201fu); /* NOP: where skips at the end go */
	put(at, 0xf1000400u | TURN << 5 | TURN); /* SUBS */
	put(at + 4, 0x54000001u | /* B.NE to the start */
			((uint32_t)(0u - (WORDS + 9)) & 0x7ffff) << 5);
	put(at + 8, 0xd4000002u | END_CALL << 5);
	/* Each vector tells by a call, and goes back; an SError ends it. */
	for (unsigned i = 0; i < 16; i++) {
		put(VECTORS + i * 0x80, 0xd4000002u | (0x1000u + i) << 5);
		put(VECTORS + i * 0x80 + 4, 0xd69f03e0u); /* ERET */
	}
}

static void start(void)
{
	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	window = mmap(NULL, WINDOW_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ram == MAP_FAILED || window == MAP_FAILED)
		need(HV_NO_RESOURCES, "mmap");
	write_code();
	for (unsigned i = 0; i < DATA_SIZE; i += 8) {
		uint64_t v = rng_next(&rng);

		memcpy(ram + (DATA - RAM) + i, &v, sizeof(v));
	}
	NEED(hv_vm_create(NULL));
	NEED(hv_vm_map(ram, RAM, RAM_SIZE, HV_MEMORY_READ | HV_MEMORY_WRITE |
			HV_MEMORY_EXEC));
	NEED(hv_vcpu_create(&vcpu, &exit_of, NULL));
	NEED(hv_vcpu_set_reg(vcpu, HV_REG_PC, RAM));
	NEED(hv_vcpu_set_reg(vcpu, HV_REG_CPSR, 0x345)); /* EL1h, IRQ on */
	NEED(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_VBAR_EL1, VECTORS));
	NEED(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_CPACR_EL1, 3ull << 20));
	NEED(hv_vcpu_set_reg(vcpu, HV_REG_X0 + TURN, turns));
	NEED(hv_vcpu_set_reg(vcpu, HV_REG_X0 + AT_DATA, DATA));
	NEED(hv_vcpu_set_reg(vcpu, HV_REG_X0 + AT_DEVICE, DEVICE));
	NEED(hv_vcpu_set_reg(vcpu, HV_REG_X0 + AT_WINDOW, WINDOW));
}

static uint64_t reg(hv_reg_t r)
{
	uint64_t v = 0;

	NEED(hv_vcpu_get_reg(vcpu, r, &v));
	see(&v, sizeof(v));
	return v;
}

static void change_window(void)
{
	hv_memory_flags_t flags = HV_MEMORY_READ;

	if (rng_bool(&rng))
		flags |= HV_MEMORY_WRITE;
	if (!window_there) {
		NEED(hv_vm_map(window, WINDOW, WINDOW_SIZE, flags));
		window_there = true;
	} else if (rng_bool(&rng)) {
		NEED(hv_vm_protect(WINDOW, WINDOW_SIZE, flags));
	} else {
		NEED(hv_vm_unmap(WINDOW, WINDOW_SIZE));
		window_there = false;
	}
}

static void touch_memory(void)
{
	size_t at = (DATA - RAM) + below(DATA_SIZE - 64);
	uint64_t value = rng_next(&rng);

	if (rng_bool(&rng))
		see(ram + at, 64);
	if (rng_bool(&rng))
		memcpy(ram + at, &value, 1 + below(8));
	if (!below(4))
		memset(window + below(WINDOW_SIZE - 8), (int)value & 255, 8);
}

static void set_irq(bool up)
{
	irq_up = up;
	NEED(hv_vcpu_set_pending_interrupt(vcpu, HV_INTERRUPT_TYPE_IRQ, up));
}

/* What a VMM may do at an exit. */
static void act(void)
{
	hv_reg_t r = HV_REG_X0 + any_reg();
	uint64_t value = rng_next(&rng);

	switch (below(8)) {
	case 0:
		NEED(hv_vcpu_set_reg(vcpu, r, value));
		break;
	case 1:
		change_window();
		break;
	case 2:
	case 3:
		touch_memory();
		break;
	case 4:
		if (!irq_up)
			set_irq(true);
		break;
	case 5:
		(void)reg(r);
		break;
	default:
		break;
	}
}

static void skip_instruction(void)
{
	uint64_t pc = reg(HV_REG_PC);

	NEED(hv_vcpu_set_reg(vcpu, HV_REG_PC, pc + 4));
}

static void handle_abort(uint64_t syndrome)
{
	unsigned rt = (unsigned)(syndrome >> 16 & 31);
	uint64_t value = rng_next(&rng);

	see(&exit_of->exception.physical_address, sizeof(uint64_t));
	if (syndrome >> 24 & 1 && rt < 31) {
		if (syndrome >> 6 & 1)
			(void)reg(HV_REG_X0 + rt);
		else
			NEED(hv_vcpu_set_reg(vcpu, HV_REG_X0 + rt, value));
	}
	skip_instruction();
}

/* False: the guest is at its end. */
static bool handle_call(uint64_t syndrome)
{
	unsigned number = (unsigned)(syndrome & 0xffff);

	if (number == END_CALL)
		return false;
	if (number >= 0x1000 && irq_up)
		set_irq(false);
	/* A synchronous exception of the guest's goes behind its cause. */
	if (number == 0x1004) {
		uint64_t elr = 0, esr = 0;

		NEED(hv_vcpu_get_sys_reg(vcpu, HV_SYS_REG_ELR_EL1, &elr));
		NEED(hv_vcpu_get_sys_reg(vcpu, HV_SYS_REG_ESR_EL1, &esr));
		if (esr >> 26 != 0x15)
			NEED(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_ELR_EL1,
					elr + 4));
	}
	return true;
}

static bool handle_exit(void)
{
	uint64_t syndrome = exit_of->exception.syndrome;

	if (exit_of->reason != HV_EXIT_REASON_EXCEPTION) {
		fprintf(stderr, "random_vmm: exit %u\n", exit_of->reason);
		exit(2);
	}
	see(&syndrome, sizeof(syndrome));
	switch (syndrome >> 26) {
	case 0x24: /* data abort */
		handle_abort(syndrome);
		return true;
	case 0x16: /* HVC */
		return handle_call(syndrome);
	default:
		fprintf(stderr, "random_vmm: syndrome 0x%llx\n",
				(unsigned long long)syndrome);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	uint64_t exits = 0;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: random_vmm SEED [TURNS]\n");
		return 2;
	}
	rng = rng_from(strtoull(argv[1], NULL, 0));
	if (argc == 3)
		turns = strtoull(argv[2], NULL, 0);
	start();
	do {
		NEED(hv_vcpu_run(vcpu));
		if (!handle_exit())
			break;
		act();
	} while (++exits < EXITS_MAX * turns);
	for (unsigned i = 0; i < 31; i++)
		(void)reg(HV_REG_X0 + i);
	printf("exits %llu seen %016llx ", (unsigned long long)exits,
			(unsigned long long)seen);
	see(ram, RAM_SIZE);
	see(window, WINDOW_SIZE);
	printf("memory %016llx\n", (unsigned long long)seen);
	NEED(hv_vcpu_destroy(vcpu));
	NEED(hv_vm_destroy());
	return 0;
}
