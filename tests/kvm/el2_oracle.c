/* SPDX-License-Identifier: MIT */
/*
 * What hv_vcpu_run tells of a guest's exception against what the architecture
 * says of it: a guest with EL2 runs pieces of code at EL1 and EL0 under traps
 * of its own and reads its ESR_EL2, FAR_EL2, HPFAR_EL2, ELR_EL2 and SPSR_EL2;
 * then the same pieces run in an ordinary VM. What traps as a whole is held to
 * the decoder, too. Skipped where no guest has EL2.
 */
#include "el2_pieces.h"
#include "fastpath.h"
#include "gic_machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { EC_FETCH = 0x20, EC_WATCHPOINT = 0x34 };

/* From the start of RAM: the pieces, and what is beside them. */
#define SLOT	   32u
#define ENTRY	   (RAM + 0x3000)
#define VECTORS_1  (RAM + 0x4000)
#define VECTORS_2  (RAM + 0x4800)
#define ABSENT	   (RAM + 0x10000)
#define GUARDED	   (RAM + 0x20000)
#define DATA	   (RAM + 0x30000)
#define PART	   0x10000ull /* the size of each */
#define TABLES	   (RAM + 0x100000)
#define LOWER_SYNC 8u /* the ninth vector */
#define LEFT_ALONE 0x77u

/*
 * The pieces, and how the guest's hypervisor starts one; the vectors of EL1
 * call, those of EL2 read their syndrome and leave by a store.
 */
#define PIECE_CODE(name, kind, levels, code) \
	".balign 32\n" code "\n hvc #0x77\n"
GUEST(guest_pieces,
	PIECES(PIECE_CODE) KEPT_PIECES(PIECE_CODE) TRAP_PIECES(PIECE_CODE)
	".org guest_pieces + 0x3000\n"
	" msr vbar_el2, x19\n msr elr_el2, x21\n msr spsr_el2, x22\n"
	" msr vttbr_el2, x23\n msr vtcr_el2, x24\n msr hcr_el2, x25\n"
	/* MDCR_EL2.TDE; CPTR_EL2 lets FP and SIMD pass with E2H. */
	" mrs x9, mdcr_el2\n orr x9, x9, #0x100\n msr mdcr_el2, x9\n"
	" mov x9, #0x300000\n msr cptr_el2, x9\n"
	" msr oslar_el1, xzr\n msr mdscr_el1, x27\n isb\n eret\n"
	".org guest_pieces + 0x4000\n .set n, 0\n .rept 16\n"
	" hvc #(0x100 + n)\n .balign 128\n .set n, n + 1\n .endr\n"
	".org guest_pieces + 0x4800\n .set n, 0\n .rept 16\n"
	" msr mdscr_el1, xzr\n mrs x10, esr_el2\n mrs x11, far_el2\n"
	" mrs x12, hpfar_el2\n mrs x13, elr_el2\n mrs x14, spsr_el2\n"
	" mov x9, #n\n str x9, [x28]\n b .\n"
	" .balign 128\n .set n, n + 1\n .endr\n");

struct piece {
	const char *name;
	enum kind kind;
	unsigned levels;
};

#define NUMBER(name, kind, levels, code) N_##name,
#define PIECE(name, kind, levels, code) { #name, kind, levels },
enum { PIECES(NUMBER) COMPARED, BEFORE_KEPT = COMPARED - 1,
	KEPT_PIECES(NUMBER) TRAP_PIECES(NUMBER) PIECE_COUNT };
static const struct piece pieces[] = {
	PIECES(PIECE) KEPT_PIECES(PIECE) TRAP_PIECES(PIECE) };

_Static_assert(PIECE_COUNT * SLOT <= ENTRY - RAM, "pieces overrun the entry");

/* An exception, as one of the two sees it. */
struct told {
	uint64_t esr, far, ipa, pc, cpsr;
};

static struct told truth[PIECE_COUNT][EL1_EL0];

/* What RAM begins with: the code and three tables. */
static _Alignas(8) uint8_t image[TABLES - RAM + 3 * 0x1000];

#define MDSCR_SS  1ull
#define MDSCR_KDE (1ull << 13)
#define MDSCR_MDE (1ull << 15)
#define CPSR_SS	  (1ull << 21)
/* Enabled at EL1 and EL0: all of four bytes; eight, for loads and stores. */
#define BCR (1ull | 3ull << 1 | 15ull << 5)
#define WCR (1ull | 3ull << 1 | 3ull << 3 | 255ull << 5)

static const struct {
	uint64_t x1, mdscr, cpsr;
} kinds[KIND_COUNT] = {
	[CALL] = { DATA, 0, 0 },
	[BREAK] = { DATA, MDSCR_MDE, 0 },
	[WATCH] = { DATA + 0x40, MDSCR_MDE, 0 },
	[STEP] = { DATA, MDSCR_SS, CPSR_SS },
	[PENDING] = { DATA, MDSCR_SS, 0 },
	[HOLE] = { ABSENT + 0x1230, 0, 0 },
	[READ_ONLY] = { GUARDED + 0x2340, 0, 0 },
	[VOID] = { 0x80001230, 0, 0 },
};

static uint64_t place(unsigned n)
{
	return RAM + n * SLOT;
}

static uint64_t cpsr_of(unsigned n, unsigned el0)
{
	return (el0 ? 0x3c0 : 0x3c5) | kinds[pieces[n].kind].cpsr;
}

/* What is the same for both: the registers of EL1. */
static void prepare(const struct cpu *cpu, unsigned n)
{
	enum kind kind = pieces[n].kind;

	/* W0 is none that KVM takes for a call of its own. */
	for (unsigned i = 0; i < 31; i++)
		set_reg(cpu, HV_REG_X0 + i, 0x1000 + i);
	set_reg(cpu, HV_REG_X1, kinds[kind].x1);
	set_reg(cpu, HV_REG_X3, 6);
	set_sys(cpu, HV_SYS_REG_DBGBVR0_EL1, place(n) + 4);
	set_sys(cpu, HV_SYS_REG_DBGBCR0_EL1, kind == BREAK ? BCR : 0);
	set_sys(cpu, HV_SYS_REG_DBGWVR0_EL1, kinds[WATCH].x1);
	set_sys(cpu, HV_SYS_REG_DBGWCR0_EL1, kind == WATCH ? WCR : 0);
	set_sys(cpu, HV_SYS_REG_VBAR_EL1, VECTORS_1);
	set_sys(cpu, HV_SYS_REG_CPACR_EL1, 3ull << 20);
}

/* Descriptors of stage 2: a table; a page, normal memory, AF. */
#define TABLE(n)  ((TABLES + (n) * 0x1000ull) | 3)
#define PAGE	  (1ull << 10 | 3ull << 8 | 0xfull << 2 | 3)
#define S2_READ	  (1ull << 6)
#define S2_WRITE  (2ull << 6)
/* RES1, 36 bits, inner shareable, write-back, from level 1, 32 bits in. */
#define VTCR (1ull << 31 | 1ull << 16 | 3ull << 12 | 1ull << 10 | \
	1ull << 8 | 1ull << 6 | 32)
/* RW, TRVM, TVM, TTLB, TSW, TSC, TID3, TWE, TWI, VM. */
#define HCR (1ull << 31 | 1ull << 30 | 1ull << 26 | 1ull << 25 | 1ull << 22 | \
	1ull << 19 | 1ull << 18 | 1ull << 14 | 1ull << 13 | 1)

/* Stage 2 of the guest's hypervisor: what the ordinary VM's map is, too. */
static void make_tables(void)
{
	uint64_t *table = (uint64_t *)(void *)(image + (TABLES - RAM));

	table[RAM >> 30] = TABLE(1);
	table[512] = TABLE(2);
	for (unsigned i = 0; i < 512; i++) {
		uint64_t ipa = RAM + i * 0x1000ull;
		uint64_t access = S2_READ |
			(ipa / PART == GUARDED / PART ? 0 : S2_WRITE);

		if (ipa / PART != ABSENT / PART)
			table[1024 + i] = ipa | PAGE | access;
	}
}

/* From EL2 down to the piece and back: what EL2 has read. */
static struct told run_below_el2(struct cpu *cpu, unsigned n, unsigned el0)
{
	prepare(cpu, n);
	set_reg(cpu, HV_REG_X19, VECTORS_2);
	set_reg(cpu, HV_REG_X21, place(n));
	set_reg(cpu, HV_REG_X22, cpsr_of(n, el0));
	set_reg(cpu, HV_REG_X23, TABLE(0) & ~3ull);
	set_reg(cpu, HV_REG_X24, VTCR);
	set_reg(cpu, HV_REG_X25, HCR);
	set_reg(cpu, HV_REG_X27, kinds[pieces[n].kind].mdscr);
	set_reg(cpu, HV_REG_X28, DEVICE);
	set_reg(cpu, HV_REG_PC, ENTRY);
	set_reg(cpu, HV_REG_CPSR, 0x3c9);
	cpu_run(cpu);
	if (EC(cpu->exit->exception.syndrome) != EC_DATA_ABORT ||
		cpu->exit->exception.physical_address != DEVICE ||
		reg(cpu, HV_REG_X9) != LOWER_SYNC) {
		printf("# %s at EL%u: vector %" PRIu64 " syndrome 0x%" PRIx64
		       " pc 0x%" PRIx64 " esr 0x%" PRIx64 "\n",
			pieces[n].name, !el0, reg(cpu, HV_REG_X9),
			cpu->exit->exception.syndrome, reg(cpu, HV_REG_PC),
			reg(cpu, HV_REG_X10));
		claim(false, "el2_takes_an_exception_of_a_lower_level");
	}
	/* HPFAR_EL2: the address of the page from bit 4 on. */
	return (struct told){ .esr = reg(cpu, HV_REG_X10),
		.far = reg(cpu, HV_REG_X11),
		.ipa = (reg(cpu, HV_REG_X12) & 0xfffffffff0) << 8 |
			(reg(cpu, HV_REG_X11) & 0xfff),
		.pc = reg(cpu, HV_REG_X13),
		.cpsr = reg(cpu, HV_REG_X14) };
}

static void ask_el2(void)
{
	struct cpu cpu = gic_el2_start(image, sizeof(image));

	for (unsigned n = 0; n < PIECE_COUNT; n++)
		for (unsigned el0 = 0; el0 < pieces[n].levels; el0++)
			truth[n][el0] = run_below_el2(&cpu, n, el0);
	cpu_end(&cpu);
	vm_end();
}

static struct told run_plain(struct cpu *cpu, unsigned n, unsigned el0)
{
	const hv_vcpu_exit_exception_t *e = &cpu->exit->exception;

	prepare(cpu, n);
	set_sys(cpu, HV_SYS_REG_MDSCR_EL1, kinds[pieces[n].kind].mdscr);
	set_reg(cpu, HV_REG_PC, place(n));
	set_reg(cpu, HV_REG_CPSR, cpsr_of(n, el0));
	if (cpu_run(cpu) != HV_EXIT_REASON_EXCEPTION)
		return (struct told){ 0 };
	return (struct told){ .esr = e->syndrome, .far = e->virtual_address,
		.ipa = e->physical_address, .pc = reg(cpu, HV_REG_PC),
		.cpsr = reg(cpu, HV_REG_CPSR) };
}

static void tell(const char *who, const struct told *t)
{
	printf("# %s: esr 0x%" PRIx64 " far 0x%" PRIx64 " ipa 0x%" PRIx64
	       " pc 0x%" PRIx64 " cpsr 0x%" PRIx64 "\n",
		who, t->esr, t->far, t->ipa, t->pc, t->cpsr);
}

/* FAR_EL2 and HPFAR_EL2 are of no other exceptions. */
static bool agree(const struct told *a, const struct told *b)
{
	bool abort = EC(b->esr) == EC_DATA_ABORT;

	return a->esr == b->esr && a->pc == b->pc && a->cpsr == b->cpsr &&
		(!abort || a->ipa == b->ipa) &&
		(!(abort || EC(b->esr) == EC_WATCHPOINT) || a->far == b->far);
}

static void compare(struct cpu *cpu, unsigned n, unsigned el0)
{
	struct told plain = run_plain(cpu, n, el0);
	bool same = agree(&plain, &truth[n][el0]);
	char name[80];

	snprintf(name, sizeof(name), "%s_at_el%u_is_as_el2_has_it",
		pieces[n].name, !el0);
	claim(same, name);
	if (same)
		return;
	tell("the library", &plain);
	tell("EL2        ", &truth[n][el0]);
}

/*
 * KVM does not write FAR_EL2 when it gives a watchpoint to a guest's EL2. The
 * CPU writes FAR_EL1, for a guest that has its watchpoints for itself: at EL1
 * that takes MDSCR_EL1.KDE, and PSTATE.D clear.
 */
static void ask_el1_of_watchpoint(struct cpu *cpu, unsigned n, unsigned el0)
{
	uint64_t esr = 0;

	prepare(cpu, n);
	set_sys(cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_MDE | MDSCR_KDE);
	set_reg(cpu, HV_REG_PC, place(n));
	set_reg(cpu, HV_REG_CPSR, el0 ? 0x1c0 : 0x1c5);
	NEED(hv_vcpu_set_trap_debug_exceptions(cpu->id, false));
	cpu_run(cpu);
	NEED(hv_vcpu_set_trap_debug_exceptions(cpu->id, true));
	NEED(hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_ESR_EL1, &esr));
	NEED(hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_FAR_EL1,
		&truth[n][el0].far));
	/* From the same level the class is the next one. */
	claim_equal(esr, truth[n][el0].esr + (el0 ? 0 : 1ull << 26),
		"el1_has_the_syndrome_of_el2");
}

/* The exception of EL2's is a call; the library's is the one behind it. */
static void kept_call(struct cpu *cpu, unsigned n, unsigned class,
	unsigned immediate)
{
	struct told plain = run_plain(cpu, n, 0);
	char name[80];

	snprintf(name, sizeof(name), "el2_is_told_of_%s", pieces[n].name);
	claim_equal(truth[n][0].esr, (uint64_t)class << 26 | 1u << 25 |
			immediate, name);
	snprintf(name, sizeof(name), "kvm_goes_on_behind_%s", pieces[n].name);
	claim_equal(plain.esr, (uint64_t)EC_HVC << 26 | 1u << 25 | LEFT_ALONE,
		name);
}

/* EL2 has the fault; KVM gives it to EL1, whose vector calls. */
static void kept_fetch(struct cpu *cpu, unsigned el0)
{
	const struct told *el2 = &truth[N_kept_fetch][el0];
	struct told plain = run_plain(cpu, N_kept_fetch, el0);

	claim_equal(el2->esr, (uint64_t)EC_FETCH << 26 | 1u << 25 | 7,
		"el2_is_told_of_a_fetch");
	claim_equal(el2->ipa, kinds[HOLE].x1, "and_of_where");
	claim_equal(plain.esr, (uint64_t)EC_HVC << 26 | 1u << 25 |
			(el0 ? 0x108 : 0x104), "kvm_gives_the_fetch_to_el1");
}

/* Of an access that it has decoded itself KVM does not tell the level. */
static void kept_level(struct cpu *cpu, unsigned el0)
{
	struct told *el2 = &truth[N_kept_level][el0];
	struct told plain = run_plain(cpu, N_kept_level, el0);

	claim_equal(el2->esr & 0x3f, 5, "el2_has_the_level_of_the_table");
	claim_equal(plain.esr & 0x3f, 7, "the_library_says_level_3");
	el2->esr |= 3;
	claim(agree(&plain, el2), "all_else_is_as_el2_has_it");
}

/*
 * The decoder has the syndrome from the instruction alone. PC is at it, or
 * behind it if it is HVC.
 */
static void compare_decoded(unsigned n, unsigned el0)
{
	const struct told *el2 = &truth[n][el0];
	uint64_t at = el2->pc - RAM - (EC(el2->esr) == EC_HVC ? 4 : 0);
	uint64_t esr = 0;
	uint32_t insn;
	char name[80];
	bool same;

	memcpy(&insn, image + at, sizeof(insn));
	snprintf(name, sizeof(name), "%s_at_el%u_is_decoded_as_el2_has_it",
		pieces[n].name, !el0);
	same = hvt_decode_trap(insn, &esr) && esr == el2->esr;
	claim(same, name);
	if (!same)
		printf("# decoded: esr 0x%" PRIx64 " EL2: 0x%" PRIx64 "\n",
			esr, el2->esr);
}

static void compare_all_decoded(void)
{
	for (unsigned n = 0; n < PIECE_COUNT; n++)
		for (unsigned el0 = 0; el0 < pieces[n].levels; el0++)
			if (pieces[n].kind == CALL)
				compare_decoded(n, el0);
}

static void compare_all(struct cpu *cpu)
{
	for (unsigned n = 0; n < COMPARED; n++) {
		for (unsigned el0 = 0; el0 < pieces[n].levels; el0++) {
			if (pieces[n].kind == WATCH)
				ask_el1_of_watchpoint(cpu, n, el0);
			compare(cpu, n, el0);
		}
	}
}

static void ask_library(void)
{
	struct cpu cpu;

	(void)vm_start(image, sizeof(image));
	NEED(hv_vm_unmap(ABSENT, PART));
	NEED(hv_vm_protect(GUARDED, PART, HV_MEMORY_READ));
	cpu = cpu_start();
	NEED(hv_vcpu_set_trap_debug_exceptions(cpu.id, true));
	compare_all(&cpu);
	kept_call(&cpu, N_kept_smc_1, EC_SMC, 1);
	claim_equal(reg(&cpu, HV_REG_X0), UINT64_MAX, "with_its_answer_in_x0");
	kept_call(&cpu, N_kept_hvc, EC_HVC, 5);
	kept_call(&cpu, N_kept_smc, EC_SMC, 0);
	for (unsigned el0 = 0; el0 < EL1_EL0; el0++) {
		kept_fetch(&cpu, el0);
		kept_level(&cpu, el0);
	}
	cpu_end(&cpu);
	vm_end();
}

int main(void)
{
	bool supported = false;

	NEED(hv_vm_config_get_el2_supported(&supported));
	if (!supported) {
		printf("skip el2_oracle # no guest here can have EL2\n");
		return 0;
	}
	memcpy(image, guest_pieces, (size_t)(guest_pieces_end - guest_pieces));
	make_tables();
	ask_el2();
	compare_all_decoded();
	ask_library();
	return verdict();
}
