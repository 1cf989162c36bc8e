/* SPDX-License-Identifier: MIT */
/*
 * SVE: a guest has none, whatever the host has, and its vector registers are
 * its own though the VMM's threads use the longer ones they are the lower part
 * of. With the argument "host" the host must have SVE (the lab's has it with
 * --nested --cpu max,pauth=off); else all holds on any.
 */
#include "conformance.h"

#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>

#ifndef HWCAP_SVE
#define HWCAP_SVE (1ul << 22)
#endif

#define VECTORS (RAM + 0x800)

/* Of CPACR_EL1: FPEN and ZEN, no access is trapped to EL1. */
#define CPACR_ALL (3ull << 20 | 3ull << 16)
#define PFR0_SVE  (15ull << 32)
/* ESR_EL1 of an instruction that there is not: EC 0, IL. */
#define UNDEFINED (1ull << 25)

#define ALL_VECTORS "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20," \
	"21,22,23,24,25,26,27,28,29,30,31"

enum { AT_RDVL = 0x400, AT_ZCR = 0x440, AT_IDS = 0x480 };

GUEST(guest_vectors,
	"1: .irp n," ALL_VECTORS "\n mvn v\\n\\().16b, v\\n\\().16b\n .endr\n"
	"mrs x0, fpcr\n mrs x1, fpsr\n hvc #0\n b 1b\n"
	/* RDVL X0, #1; ZCR_EL1; ID_AA64PFR0_EL1 and ID_AA64ZFR0_EL1. */
	".org guest_vectors + 0x400\n .inst 0x04bf5020\n hvc #1\n"
	".org guest_vectors + 0x440\n mrs x0, s3_0_c1_c2_0\n hvc #1\n"
	".org guest_vectors + 0x480\n"
	"mrs x0, s3_0_c0_c4_0\n mrs x1, s3_0_c0_c4_4\n hvc #1\n"
	".org guest_vectors + 0x800 + 0x200\n hvc #0x99\n");

static bool host_has_sve(void)
{
	return getauxval(AT_HWCAP) & HWCAP_SVE;
}

/* All of this thread's, at full length; the predicates and FFR as well. */
static void dirty_vectors(unsigned value)
{
	if (!host_has_sve())
		return;
	__asm__ volatile(".arch_extension sve\n"
		".irp n," ALL_VECTORS "\n dup z\\n\\().b, %w0\n .endr\n"
		".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
		"ptrue p\\n\\().b\n .endr\n setffr\n"
		:: "r"(value)
		: "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9",
		"v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18",
		"v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",
		"v28", "v29", "v30", "v31", "p0", "p1", "p2", "p3", "p4", "p5",
		"p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13", "p14",
		"p15");
}

static uint8_t pattern(unsigned round, unsigned n, unsigned i)
{
	return (uint8_t)(round * 53 + n * 17 + i + 1);
}

static void set_vectors(const struct cpu *cpu, unsigned round)
{
	hv_simd_fp_uchar16_t value = { 0 };

	for (unsigned n = 0; n < 32; n++) {
		for (unsigned i = 0; i < 16; i++)
			value[i] = pattern(round, n, i);
		NEED(hv_vcpu_set_simd_fp_reg(
			cpu->id, HV_SIMD_FP_REG_Q0 + n, value));
	}
}

static bool vectors_are_inverted(const struct cpu *cpu, unsigned round)
{
	hv_simd_fp_uchar16_t got;
	bool are = true;

	for (unsigned n = 0; n < 32; n++) {
		NEED(hv_vcpu_get_simd_fp_reg(
			cpu->id, HV_SIMD_FP_REG_Q0 + n, &got));
		for (unsigned i = 0; i < 16; i++)
			are &= got[i] == (uint8_t)~pattern(round, n, i);
	}
	return are;
}

static struct cpu start(void)
{
	struct cpu cpu = cpu_start();

	set_sys(&cpu, HV_SYS_REG_CPACR_EL1, CPACR_ALL);
	set_sys(&cpu, HV_SYS_REG_VBAR_EL1, VECTORS);
	return cpu;
}

struct turns {
	unsigned first;
	bool vectors, kept, status;
};

/* A vCPU of the calling thread, and what became of its registers. */
static void *take_turns(void *arg)
{
	struct turns *turns = arg;
	struct cpu cpu = start();

	*turns = (struct turns){ turns->first, true, true, true };
	for (unsigned round = turns->first; round < turns->first + 50;
			round++) {
		set_vectors(&cpu, round);
		set_reg(&cpu, HV_REG_FPCR, 1u << 24);
		set_reg(&cpu, HV_REG_FPSR, round & 0x1f);
		dirty_vectors(round);
		cpu_run(&cpu);
		dirty_vectors(~round);
		turns->vectors &= vectors_are_inverted(&cpu, round);
		turns->status &= reg(&cpu, HV_REG_X0) == 1u << 24 &&
			reg(&cpu, HV_REG_X1) == (round & 0x1f);
		/* Twice inverted, by a run that sets nothing before. */
		cpu_run(&cpu);
		cpu_run(&cpu);
		turns->kept &= vectors_are_inverted(&cpu, round);
	}
	cpu_end(&cpu);
	return NULL;
}

static void vectors(void)
{
	struct turns turns[2] = { { .first = 0 }, { .first = 1000 } };
	pthread_t thread;

	VM_START(guest_vectors);
	pthread_create(&thread, NULL, take_turns, &turns[1]);
	take_turns(&turns[0]);
	pthread_join(thread, NULL);
	claim(turns[0].vectors && turns[1].vectors,
		"the_guest_sees_and_changes_its_vectors");
	claim(turns[0].kept && turns[1].kept,
		"they_are_kept_while_the_vmm_uses_its_own");
	claim(turns[0].status && turns[1].status, "so_are_fpcr_and_fpsr");
	vm_end();
}

static void is_undefined(struct cpu *cpu, uint64_t offset, const char *name)
{
	set_reg(cpu, HV_REG_PC, RAM + offset);
	set_reg(cpu, HV_REG_CPSR, 0x3c5);
	cpu_run(cpu);
	claim(cpu->exit->exception.syndrome ==
				((uint64_t)EC_HVC << 26 | 1u << 25 | 0x99) &&
			get_sys(cpu, HV_SYS_REG_ESR_EL1) == UNDEFINED &&
			get_sys(cpu, HV_SYS_REG_ELR_EL1) == RAM + offset,
		name);
}

/* Also if the VMM says that there is. */
static void none_for_guests(bool said)
{
	struct cpu cpu;
	uint64_t pfr0;

	VM_START(guest_vectors);
	cpu = start();
	pfr0 = get_sys(&cpu, HV_SYS_REG_ID_AA64PFR0_EL1);
	claim_equal(pfr0 & PFR0_SVE, 0, "the_vmm_sees_none");
	if (said)
		set_sys(&cpu, HV_SYS_REG_ID_AA64PFR0_EL1, pfr0 | 1ull << 32);
	set_reg(&cpu, HV_REG_PC, RAM + AT_IDS);
	cpu_run(&cpu);
	claim_equal(reg(&cpu, HV_REG_X0) & PFR0_SVE, 0, "the_guest_sees_none");
	claim_equal(reg(&cpu, HV_REG_X1), 0, "nor_a_feature_of_it");
	is_undefined(&cpu, AT_RDVL, "its_instructions_are_undefined");
	is_undefined(&cpu, AT_ZCR, "so_are_its_system_registers");
	cpu_end(&cpu);
	vm_end();
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "host"))
		claim(host_has_sve(), "the_host_has_sve");
	vectors();
	none_for_guests(false);
	none_for_guests(true);
	return verdict();
}
